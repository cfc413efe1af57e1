"""Every refusal over HTTP is a problem document (RFC 9457)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import NoReturn
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from pydantic.alias_generators import to_camel

CONTENT_TYPE = "application/problem+json"
#: A body can be wrong in ten thousand places; the first ones tell what is wrong.
MAX_ERRORS = 20


@dataclass(frozen=True)
class Problem:
    """One problem document; `members` are the details beside the five standard ones."""

    status: HTTPStatus
    code: str
    detail: str
    members: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response[str]:
        """Return the HTTP response that carries this problem."""
        document = {
            **_members(self.members),
            "type": f"urn:robot-jobs:problem:{self.code}",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
            "code": self.code,
        }
        return Response(
            status_code=self.status.value,
            content_type=CONTENT_TYPE,
            body=json.dumps(document, ensure_ascii=False),
            headers=dict(self.headers),
        )


class ProblemError(Exception):
    """The request is refused with a problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def refuse(status: HTTPStatus, code: str, detail: str, **members: object) -> NoReturn:
    """Refuse the request with this problem.

    Raises:
        ProblemError: always.
    """
    raise ProblemError(Problem(status, code, detail, members))


def problem_of(error: Exception) -> Problem:
    """Return the problem for whatever a route raised; of an unexpected error it tells nothing."""
    if isinstance(error, ProblemError):
        return error.problem
    if isinstance(error, RequestValidationError):
        return _problem_of_input(error)
    return Problem(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "internal_error",
        "Something went wrong here and was logged; the X-Request-Id of this answer finds it.",
    )


def _problem_of_input(error: RequestValidationError) -> Problem:
    # What was sent stays out of the answer: it may be a password.
    errors = [{"field": _field_of(each["loc"]), "message": each["msg"]} for each in error.errors()]
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid_input",
        f"{errors[0]['field']}: {errors[0]['message']}{more}. Correct it and send the request again.",
        {"errors": errors[:MAX_ERRORS]},
    )


def _field_of(location: Sequence[object]) -> str:
    """Return a field's name as the caller knows it: `orders.0.totalValue`, not `body.orders.0.totalValue`."""
    return ".".join(str(part) for part in location[1:]) or str(location[0])


def _members(details: Mapping[str, object]) -> dict[str, object]:
    return {to_camel(str(name)): _json_value(value) for name, value in details.items()}


def _json_value(value: object) -> object:
    if isinstance(value, Mapping):
        return _members(value)
    if is_dataclass(value) and not isinstance(value, type):
        return _members({each.name: getattr(value, each.name) for each in fields(value)})
    if isinstance(value, list | tuple | set | frozenset):
        return [_json_value(inner) for inner in value]
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
