"""The API's description: every function has its own routes, so they are put together here, from the code."""

import inspect
import json
from http import HTTPStatus
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.event_handler.openapi.models import APIKey, APIKeyIn, HTTPBearer, SecurityScheme

from local.openapi.examples import ANSWERS, PARAMETERS, request_examples
from local.openapi.links import LINKS
from local.openapi.refusals import refusal_responses

if TYPE_CHECKING:
    from shared.http.resolver import Api

FUNCTIONS = ("submit_job", "manage_jobs", "manage_carriers", "manage_orders", "receive_callback")

_SECURITY: dict[str, SecurityScheme] = {
    "jwt": HTTPBearer(bearerFormat="JWT", description="A token of the API's issuer; each route names its scope."),
    "callbackSecret": APIKey(
        name="X-Callback-Secret", in_=APIKeyIn.header, description="What the robot got with the hand-over."
    ),
}
_DESCRIPTION = """Hands batches of orders to a shipping robot and records what became of each.

Every refusal is a problem document (RFC 9457) whose `code` is stable; only API Gateway's own answers (401, 403, 429 and
some of 413 and 5xx) are not. What is no route is `route_not_found` (404), a method that a path does not take
`method_not_allowed` (405, with Allow). An `X-Request-Id` is taken over, and given where there is none.
"""
_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. The refusal's details are further members.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence that a person can act on."},
        "code": {"type": "string", "description": "The stable name of the refusal."},
    },
    "additionalProperties": True,
}
_GATEWAY_MESSAGE = {
    "type": "object",
    "title": "GatewayMessage",
    "description": "What API Gateway answers itself: a token that is not valid, a missing scope, too many requests.",
    "required": ["message"],
    "properties": {"message": {"type": "string"}},
}
_REQUEST_ID = {
    "description": "The X-Request-Id of the request, or one that was made for it; the log has it too.",
    "schema": {"type": "string", "minLength": 1},
}
_ETAG = {"description": "Changes with the answer; send it back as If-None-Match.", "schema": {"type": "string"}}
_LOCATION = {"description": "Where the job is.", "schema": {"type": "string", "format": "uri-reference"}}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "ETags of answers that the caller has; 304 where the present one is among them.",
    "schema": {"type": "string"},
}
#: Powertools describes errors of its own; this API answers problems instead.
_NOT_OURS = ("HTTPValidationError", "ValidationError", "ResponseValidationError")


def openapi_document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of all functions' routes."""
    paths: dict[str, dict[str, Any]] = {}
    schemas: dict[str, Any] = {"Problem": _PROBLEM, "GatewayMessage": _GATEWAY_MESSAGE}
    for name in FUNCTIONS:
        api: Api = import_module(f"functions.{name}.app").app
        part = api.get_openapi_schema(security_schemes=_SECURITY)
        described = json.loads(part.model_dump_json(by_alias=True, exclude_none=True))
        for route in api.routes:
            operation = described["paths"][route.openapi_path][route.method.lower()]
            paths.setdefault(route.openapi_path, {})[route.method.lower()] = _operation(operation, route)
        schemas |= described["components"]["schemas"]
    for name in _NOT_OURS:
        schemas.pop(name, None)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Robot jobs",
            "version": version("robot-jobs"),
            "description": _DESCRIPTION,
        },
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "headers": {"RequestId": _REQUEST_ID},
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                name: scheme.model_dump(mode="json", by_alias=True, exclude_none=True)
                for name, scheme in _SECURITY.items()
            },
        },
    }


def document_text() -> str:
    """Return the document as the file holds it."""
    return json.dumps(openapi_document(), indent=1, ensure_ascii=False) + "\n"


def _operation(operation: dict[str, Any], route: Route) -> dict[str, Any]:
    name = route.func.__name__
    described = {**operation, "summary": inspect.getdoc(route.func), "operationId": name}
    parameters = [_parameter(each) for each in operation.get("parameters", [])]
    answers = {status: answer for status, answer in operation["responses"].items() if status < "400"}
    ((status, answer),) = answers.items()
    headers: dict[str, Any] = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
    if route.method == "GET":
        parameters.append(_IF_NONE_MATCH)
        headers["ETag"] = _ETAG
        answers["304"] = {"description": "The caller has it already.", "headers": headers}
    if name == "submit":
        headers = {**headers, "Location": _LOCATION}
    content = {"application/json": {**answer["content"]["application/json"], "example": ANSWERS[name]}}
    answers[status] = {"description": HTTPStatus(int(status)).phrase, "headers": headers, "content": content}
    if status in LINKS.get(name, {}):
        answers[status]["links"] = LINKS[name][status]
    if parameters:
        described["parameters"] = parameters
    if "requestBody" in operation:
        body = _without_null(operation["requestBody"]["content"]["application/json"])
        with_examples = {"application/json": {**body, "examples": request_examples(name)}}
        described["requestBody"] = {**operation["requestBody"], "content": with_examples}
    described["responses"] = {**answers, **refusal_responses(route.func, described)}
    return described


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    described = _without_null(parameter)
    if parameter["name"] in PARAMETERS:
        described["example"] = PARAMETERS[parameter["name"]]
    if parameter["name"] == "idempotency-key":
        described |= {"name": "Idempotency-Key", "example": "2025-08-19-lote-1"}
    return described


def _without_null(described: dict[str, Any]) -> dict[str, Any]:
    """Return a parameter or a body as it travels: there is no null, it is left out instead."""
    schema = described["schema"]
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return dict(described)
    return {**described, "schema": {**{name: value for name, value in schema.items() if name != "anyOf"}, **kinds[0]}}
