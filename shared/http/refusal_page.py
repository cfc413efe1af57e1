"""Every refusal that HTTP has beside the domain's, once: status, code, sentence, details; written as they are there."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Generic, ParamSpec

from shared.http.problems import Problem, ProblemError, api_spelling
from shared.sentences import Wording

P = ParamSpec("P")


class Refusal(Generic[P]):
    """An entry of the page: called with its values, it gives the error to raise."""

    def __init__(self, status: HTTPStatus, wording: Wording[P], headers: Mapping[str, str]) -> None:
        self.status = status
        self.wording = wording
        self.code = wording.code
        self._headers = headers

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> ProblemError:
        """Return the error of this refusal.

        Raises:
            TypeError: a value is missing, or is none that this refusal has.
        """
        sentence, details = self.wording.fill(*args, **kwargs)
        said = sentence.text(api_spelling)
        return ProblemError(Problem(self.status, self.code, said, details, self._headers, sentence))


def refusal(
    status: HTTPStatus, template: str, *, code: str | None = None, headers: Mapping[str, str] | None = None
) -> Callable[[Callable[P, None]], Refusal[P]]:
    """Make an entry of the page out of a function without a body: its parameters are the entry's values."""

    def entry(parameters: Callable[P, None]) -> Refusal[P]:
        return Refusal(status, Wording(code, template, parameters), headers or {})

    return entry


# --- Any route ----------------------------------------------------------------------------------------------------
@refusal(HTTPStatus.BAD_REQUEST, "The body is not valid JSON{where}; correct it and send it again.")
def invalid_json(where: str, /) -> None: ...


@refusal(HTTPStatus.FORBIDDEN, "The token names no workspace; ask for one with a workspace_id.")
def no_workspace() -> None: ...


@refusal(HTTPStatus.NOT_FOUND, "There is no such route; GET /openapi.json has them.")
def route_not_found() -> None: ...


@refusal(HTTPStatus.METHOD_NOT_ALLOWED, "This route answers {allowed}.")
def method_not_allowed(allowed: str, /) -> None: ...


@refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body has more than 1 MB; send less at once.")
def body_too_large() -> None: ...


@refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body must be JSON; send it with Content-Type: application/json.")
def unsupported_media_type() -> None: ...


@refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "{field}: {message}{more}. Correct it and send the request again.")
def invalid_input(field: str, message: str, more: str, /, *, errors: Sequence[Mapping[str, str]]) -> None: ...


@refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "The body must be a JSON object, as in {{…}}.", code="invalid_input")
def no_json_object() -> None: ...


@refusal(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "Something went wrong here and was logged; the X-Request-Id of this answer finds it.",
)
def internal_error() -> None: ...


@refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The database was busy and nothing was changed; send the request again.",
    headers={"Retry-After": "1"},
)
def try_again() -> None: ...


# --- One route ----------------------------------------------------------------------------------------------------
@refusal(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "The Idempotency-Key header and `idempotency_key` differ; send one of them, or the same in both.",
)
def idempotency_keys_differ() -> None: ...


@refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "Give `order_ids` or `order_refs`: one of them, not both.")
def ids_or_refs() -> None: ...


@refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "{why}")
def invalid_robot_url(why: str, /) -> None: ...


@refusal(HTTPStatus.UNAUTHORIZED, "{why}")
def invalid_callback_secret(why: str, /) -> None: ...


@refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "{why}")
def report_not_understood(why: str, /) -> None: ...


@refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "`status` must be success or error.", code="report_not_understood")
def status_not_understood() -> None: ...


@refusal(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "The report could not be passed on; send it again.",
    code="try_again",
    headers={"Retry-After": "5"},
)
def report_not_passed_on() -> None: ...
