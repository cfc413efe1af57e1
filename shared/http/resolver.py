"""What every HTTP function shares: validation, problems, request ids, one log line a request."""

import json
import re
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.http.answers import conditional
from shared.http.body import read_json, refuse_large_body, refuse_other_media_types, with_text_body
from shared.http.errors import problem_of
from shared.http.no_route import problem_of_no_route, refuse_without_route
from shared.http.problems import ProblemError
from shared.logs import logger

REQUEST_ID_HEADER = "X-Request-Id"
_REQUEST_ID = re.compile(r"[\w.:/+=@-]{1,128}", re.ASCII)


class Api(APIGatewayHttpResolver):
    """A function's routes of the HTTP API; `json_bodies=False` leaves the bodies to the routes."""

    def __init__(self, *, json_bodies: bool = True) -> None:
        super().__init__(
            enable_validation=True,
            # An answer that does not fit its model is our mistake, not the caller's.
            response_validation_error_http_code=HTTPStatus.INTERNAL_SERVER_ERROR,
            json_body_deserializer=read_json,
            # UTF-8 as it is: escapes would make a page of messages three times as large.
            serializer=partial(json.dumps, ensure_ascii=False, separators=(",", ":")),
        )
        self._json_bodies = json_bodies
        self.exception_handler([ProblemError, Exception])(_answer_error)
        self.exception_handler(NotFoundError)(self._answer_no_route)

    def resolve(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Answer an HTTP API event (payload format 2.0); every refusal and error becomes a problem."""
        request = with_text_body(dict(event)) if self._json_bodies else dict(event)
        # The resolver's patterns know but some characters, and a path may hold any; its parameters are ids and names.
        request["rawPath"] = quote(request["rawPath"])
        request_id = _request_id(request)
        logger.set_correlation_id(request_id)
        if job_id := (request.get("pathParameters") or {}).get("jobId"):
            logger.append_keys(job_id=job_id)
        try:
            refuse_without_route(request)
            if self._json_bodies:
                refuse_other_media_types(dict(event))
            refuse_large_body(request)
            answer = conditional(request, super().resolve(request, context))
        except ProblemError as refused:
            answer = _lambda_answer(refused.problem.response())
        answer["headers"][REQUEST_ID_HEADER] = request_id
        http = request["requestContext"]["http"]
        logger.info("answered", method=http["method"], path=http["path"], status=answer["statusCode"])
        return answer

    def prepare(self) -> None:
        """Make the validators of every route, which its first request would otherwise wait for."""
        for route in self.routes:
            _ = route.body_field  # of its parameters, too: it is found through them

    @property
    def routes(self) -> list[Route]:
        """The routes that this function answers."""
        return [*self._static_routes, *self._dynamic_routes]

    def _answer_no_route(self, _error: NotFoundError) -> Response[str]:
        return problem_of_no_route(self.current_event.http_method, self.current_event.path).response()


def _answer_error(error: Exception) -> Response[str]:
    problem = problem_of(error)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("request failed", exc_info=error)
    return problem.response()


def _lambda_answer(response: Response[str]) -> dict[str, Any]:
    headers = {"Content-Type": response.content_type, **response.headers}
    return {
        "statusCode": response.status_code,
        "headers": headers,
        "body": response.body,
        "isBase64Encoded": False,
    }


def _request_id(event: dict[str, Any]) -> str:
    """Return the caller's request id where it is one, else API Gateway's."""
    for name, value in (event.get("headers") or {}).items():
        if name.lower() == REQUEST_ID_HEADER.lower() and _REQUEST_ID.fullmatch(value):
            return str(value)
    return str(event["requestContext"].get("requestId", ""))
