"""Calls a handler as API Gateway does, with the claims that its authorizer has verified."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


class LambdaContext:
    """What Powertools' Logger reads of an invocation's context."""

    function_name = "function"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:function"
    aws_request_id = "52fdfc07-2182-454f-963f-5f0f9a621d72"


@dataclass(frozen=True)
class Answer:
    """A handler's answer, with the headers in lower case and the body parsed."""

    status: int
    headers: Mapping[str, str]
    text: str | None

    @property
    def json(self) -> Any:
        return json.loads(self.text or "null")


def http_event(  # noqa: PLR0913 - a request has as many parts
    method: str,
    path: str,
    *,
    workspace: UUID | str | None = None,
    body: object = None,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, object] | None = None,
    claims: Mapping[str, str] | None = None,
    is_base64: bool = False,
) -> dict[str, Any]:
    """Return an HTTP API event (payload format 2.0); a body that is no text is sent as JSON."""
    all_claims = {
        "sub": "operator-1",
        **({"workspace_id": str(workspace)} if workspace else {}),
        **(claims or {}),
    }
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "&".join(f"{name}={value}" for name, value in (query or {}).items()),
        "headers": {"content-type": "application/json", **(headers or {})},
        **({"queryStringParameters": {name: str(value) for name, value in query.items()}} if query else {}),
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "authorizer": {"jwt": {"claims": all_claims, "scopes": None}},
            "domainName": "api.example.com",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "t",
            },
            "requestId": "gateway-request-id",
            "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": 1767225600000,
        },
        **({} if body is None else {"body": body if isinstance(body, str) else json.dumps(body)}),
        "isBase64Encoded": is_base64,
    }


def call(handler: Handler, method: str, path: str, **request: Any) -> Answer:
    """Call a handler with the request that `http_event` makes."""
    answer = handler(http_event(method, path, **request), LambdaContext())
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    return Answer(answer["statusCode"], headers, answer.get("body"))


def assert_problem(answer: Answer, status: int, code: str) -> Any:
    """Return the problem document after checking that it is one, of this status and code."""
    assert (answer.status, answer.json.get("code")) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json
    assert document["status"] == status
    assert document["type"] == f"urn:robot-jobs:problem:{code}"
    assert document["title"]
    assert document["detail"]
    return document
