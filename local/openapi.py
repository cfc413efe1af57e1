"""The API's description: every function has its own routes, so they are put together here, from the code."""

import inspect
import json
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.event_handler.openapi.models import APIKey, APIKeyIn, HTTPBearer, SecurityScheme

from shared.http.description import DOCUMENT
from shared.http.problems import CONTENT_TYPE

if TYPE_CHECKING:
    from shared.http.resolver import Api

FUNCTIONS = ("submit_job", "manage_jobs", "manage_carriers", "manage_orders", "receive_callback")

_SECURITY: dict[str, SecurityScheme] = {
    "jwt": HTTPBearer(bearerFormat="JWT", description="A token of the API's issuer; each route names its scope."),
    "callbackSecret": APIKey(
        name="X-Callback-Secret", in_=APIKeyIn.header, description="What the robot got with the hand-over."
    ),
}
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
_PROBLEM_RESPONSE = {
    "description": "The request was refused.",
    "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
#: Powertools describes errors of its own; this API answers problems instead.
_NOT_OURS = ("HTTPValidationError", "ValidationError", "ResponseValidationError")


def openapi_document() -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of all functions' routes."""
    paths: dict[str, dict[str, Any]] = {}
    schemas: dict[str, Any] = {"Problem": _PROBLEM}
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
            "description": "Hands batches of orders to a shipping robot and records what became of each.",
        },
        "servers": [{"url": "/"}],
        "paths": dict(sorted(paths.items())),
        "components": {
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
    good = {status: answer for status, answer in operation["responses"].items() if status < "400"}
    return {
        **operation,
        "summary": inspect.getdoc(route.func),
        "operationId": route.func.__name__,
        "responses": {**good, "default": _PROBLEM_RESPONSE},
    }


if __name__ == "__main__":
    DOCUMENT.write_text(document_text(), encoding="utf-8")
