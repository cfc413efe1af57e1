"""Where HTTP meets the domain: the caller's context, and the one table from refusals to statuses."""

from http import HTTPStatus
from typing import TypeVar

from aws_lambda_powertools.event_handler import Response

from shared.domain import DomainResult, ErrorCode, Failure, RetryableDatabaseError
from shared.http import refusal_page as page
from shared.http.problems import Problem, ProblemError, api_spelling
from shared.http.resolver import Api
from shared.logs import logger

T = TypeVar("T")

_STATUS_BY_CODE = {
    ErrorCode.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    ErrorCode.NOT_FOUND: HTTPStatus.NOT_FOUND,
    ErrorCode.CONFLICT: HTTPStatus.CONFLICT,
}
#: What a request's body names and this workspace does not have is bad input; what its path names, not found.
_STATUS_BY_REASON = {
    "orders_not_found": HTTPStatus.UNPROCESSABLE_ENTITY,
    "contact_not_found": HTTPStatus.UNPROCESSABLE_ENTITY,
}


class DomainApi(Api):
    """The routes of a function that calls the domain."""

    def __init__(self) -> None:
        super().__init__()
        self.exception_handler(RetryableDatabaseError)(_answer_busy)


def data_of(result: DomainResult[T]) -> T:
    """Return the data of a domain result.

    Raises:
        ProblemError: the call was refused; the problem carries the failure's details.
    """
    if result.success:
        return result.data
    raise ProblemError(problem_of_failure(result))


def problem_of_failure(failure: Failure) -> Problem:
    """Return the problem that tells a caller of a domain's refusal."""
    status = _STATUS_BY_REASON.get(failure.reason, _STATUS_BY_CODE[failure.code])
    sentence = failure.sentence.text(api_spelling) if failure.sentence else failure.error
    return Problem(status, failure.reason, sentence, failure.details, sentence=failure.sentence)


def _answer_busy(error: RetryableDatabaseError) -> Response[str]:
    logger.warning("database busy", exc_info=error)
    return page.try_again().problem.response()
