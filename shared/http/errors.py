"""The problem for whatever a route raised."""

from collections.abc import Sequence

from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError

from shared.http import refusal_page as page
from shared.http.problems import Problem, ProblemError

#: A body can be wrong in ten thousand places; the first ones tell what is wrong.
MAX_ERRORS = 20


def problem_of(error: Exception) -> Problem:
    """Return the problem for whatever a route raised; of an unexpected error it tells nothing."""
    if isinstance(error, ProblemError):
        return error.problem
    if isinstance(error, RequestValidationError):
        return _of_input(error).problem
    return page.internal_error().problem


def _of_input(error: RequestValidationError) -> ProblemError:
    # What was sent stays out of the answer: it may be a password.
    errors = [{"field": _field_of(each["loc"]), "message": each["msg"]} for each in error.errors()]
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    return page.invalid_input(errors[0]["field"], errors[0]["message"], more, errors=errors[:MAX_ERRORS])


def _field_of(location: Sequence[object]) -> str:
    """Return a field's name as the caller knows it: `orders.0.totalValue`, not `body.orders.0.totalValue`."""
    return ".".join(str(part) for part in location[1:]) or str(location[0])
