"""From an HTTP API event to a page: sessions, forms, refusals, headers."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.operator_page import csrf, refused, shown_again
from functions.operator_page.incoming import read_visit
from functions.operator_page.security import with_security_headers
from functions.operator_page.visit import begin, here
from shared.domain import RetryableDatabaseError
from shared.http.problems import ProblemError
from shared.logs import logger

#: What is answered to who has not signed in.
OPEN = ("/app/static/", "/app/sign-in", "/app/signed-in", "/app/signed-out", "/app/language")
#: Begins and ends without a session, or is no command of a signed-in person.
_WITHOUT_TICKET = ("/app/language",)


class PageApi(APIGatewayHttpResolver):
    """The routes of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.exception_handler(RetryableDatabaseError)(refused.busy)
        self.exception_handler([ProblemError, Exception])(refused.failed)
        self.exception_handler(NotFoundError)(refused.no_page)

    def resolve(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Answer an HTTP API event (payload format 2.0) with a page, a part of one, or a way to another one."""
        request = dict(event)
        visit = read_visit(request)
        begin(visit)
        logger.set_correlation_id(str(request["requestContext"].get("requestId", "")))
        if visit.visitor:
            logger.append_keys(workspace_id=str(visit.visitor.workspace_id))
        switched = shown_again.choose()
        if refusal := _refusal(len(visit.body)):
            answer = _lambda_answer(refusal)
        elif switched:
            answer = self._show_again(request, context)
        else:
            answer = super().resolve(request, context)
        if switched:
            answer["cookies"] = [*answer.get("cookies", ()), str(switched)]
        answer = with_security_headers(answer)
        logger.info("answered", method=visit.method, path=request["rawPath"], status=answer["statusCode"])
        return answer

    def _show_again(self, request: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        answers = (super(PageApi, self).resolve(each, context) for each in shown_again.ways(request))
        return next(answer for answer in answers if answer["statusCode"] != HTTPStatus.NOT_FOUND)


def _refusal(size: int) -> Response[str] | None:
    """Return why the request is not looked at; None: it is."""
    visit = here()
    path = visit.path.partition("?")[0]
    if path.startswith(OPEN):
        is_free = visit.method == "GET" or path in _WITHOUT_TICKET
        return None if is_free or csrf.fits() else refused.forged()
    if visit.visitor is None:
        return refused.signed_out()
    if visit.method == "POST" and size > csrf.MAX_BODY_BYTES:
        return refused.too_large()
    if visit.method == "POST" and not csrf.fits():
        return refused.forged()
    return None


def _lambda_answer(response: Response[str]) -> dict[str, Any]:
    return {
        "statusCode": response.status_code,
        "headers": _headers(response),
        "cookies": [str(cookie) for cookie in response.cookies],
        "body": response.body,
        "isBase64Encoded": False,
    }


def _headers(response: Response[str]) -> dict[str, str]:
    return {name: value if isinstance(value, str) else ", ".join(value) for name, value in response.headers.items()}
