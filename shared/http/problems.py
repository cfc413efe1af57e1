"""Every refusal over HTTP is a problem document (RFC 9457)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from pydantic.alias_generators import to_camel

from shared.sentences import Sentence

CONTENT_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Problem:
    """One problem document; `members` are the details beside the five standard ones."""

    status: HTTPStatus
    code: str
    detail: str
    members: Mapping[str, object] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    #: What `detail` was made of, for who says it in another language.
    sentence: Sentence | None = field(default=None, compare=False, repr=False)

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


def api_spelling(field_name: str) -> str:
    """Return a field's name as the API spells it: `orders.0.totalValue` for `orders.0.total_value`."""
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), field_name)


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
        return value.isoformat().replace("+00:00", "Z")
    return float(value) if isinstance(value, Decimal) else value
