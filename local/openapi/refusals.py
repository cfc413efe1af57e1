"""Every refusal of each operation: its status and the codes that its problem may have."""

import json
from collections.abc import Callable
from typing import Any

from local.openapi.reach import reachable_codes
from local.openapi.refused import example_of
from shared.http.problems import CONTENT_TYPE

#: Status → the stable codes of the problem.
Refusals = dict[int, tuple[str, ...]]

#: What the shape of a request refuses before the domain would: UUIDs, words of a list, the size of a page.
_REFUSED_BEFORE = frozenset({"invalid_id", "invalid_choice", "invalid_limit"})
#: The same of one operation: its bodies hold no such value, or its route gives it itself.
_REFUSED_BEFORE_BY = {
    "submit": {"invalid_value", "invalid_number"},
    "update_job": {"invalid_text"},
    "cancel_job": {"invalid_text"},
    "put_config": {"invalid_value"},
    "validate_coverage": {"invalid_value"},
    "search_cities": {"invalid_value"},
    "check_orders": {"contact_not_found"},
}
#: What a constraint of the database refuses, and what the kind of a column says of a value: no name in the code leads
#: there.
_BY_CONSTRAINT = {
    "import_orders": {"contact_not_found", "invalid_number"},
    "check_orders": {"invalid_number"},
    "update_order": {"contact_not_found", "invalid_number"},
}
_WITH_LARGE_BODIES = frozenset({"submit", "import_orders", "check_orders", "receive"})

_TITLES = {
    400: "The body is no JSON.",
    401: "There is no valid token.",
    403: "The token lacks the route's scope, or a workspace.",
    404: "This workspace has no such thing, whether or not another one has.",
    409: "The present state does not allow it.",
    413: "The body is too large.",
    415: "The body says that it is something else than JSON.",
    422: "What was sent can't be right, or names what this workspace does not have.",
    429: "Too many requests; send it again later.",
    500: "Something went wrong on this side, and was logged.",
    503: "Nothing was done; send the request again.",
}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}
_REQUEST_ID = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
#: What API Gateway answers itself, before a function is asked.
_OF_THE_GATEWAY = {
    "application/json": {
        "schema": {"$ref": "#/components/schemas/GatewayMessage"},
        "example": {"message": "Unauthorized"},
    }
}


def refusals_of(route: Callable[..., object], operation: dict[str, Any]) -> Refusals:
    """Return what an operation's problems may be, by status; those that every operation has included."""
    name = route.__name__
    found: Refusals = {500: ("internal_error",)}
    if name != "openapi":
        found[503] = ("try_again",)
    has_token = any("jwt" in each for each in operation.get("security", []))
    if has_token:
        found[403] = ("no_workspace",)
        found[422] = ("invalid_input",)
    if "requestBody" in operation and has_token:
        found |= {400: ("invalid_json",), 415: ("unsupported_media_type",)}
        if name not in _WITH_LARGE_BODIES:
            found[413] = ("body_too_large",)
    own = reachable_codes(route) - _REFUSED_BEFORE - _REFUSED_BEFORE_BY.get(name, set()) | _BY_CONSTRAINT.get(
        name, set()
    )
    for code in sorted(own):
        status = example_of(name, code).status.value
        found[status] = (*found.get(status, ()), code)
    return dict(sorted(found.items()))


def refusal_responses(route: Callable[..., object], operation: dict[str, Any]) -> dict[str, Any]:
    """Return the responses of an operation's refusals, API Gateway's own included."""
    name = route.__name__
    refusals = refusals_of(route, operation)
    responses: dict[str, Any] = {str(status): _response(name, status, codes) for status, codes in refusals.items()}
    by_the_gateway = [429, 500, 503]
    if any("jwt" in each for each in operation.get("security", [])):
        by_the_gateway += [401, 403]
    if name in _WITH_LARGE_BODIES:
        by_the_gateway.append(413)
    for status in by_the_gateway:
        response = responses.setdefault(str(status), {"description": _TITLES[status], "content": {}})
        response["content"] = {**response["content"], **_OF_THE_GATEWAY}
    return dict(sorted(responses.items()))


def _response(name: str, status: int, codes: tuple[str, ...]) -> dict[str, Any]:
    schema = {
        "allOf": [
            {"$ref": "#/components/schemas/Problem"},
            {
                "properties": {
                    "status": {"type": "integer", "enum": [status]},
                    "code": {"type": "string", "enum": list(codes)},
                }
            },
        ]
    }
    examples = {code: {"value": json.loads(example_of(name, code).response().body or "")} for code in codes}
    return {
        "description": _TITLES[status],
        "headers": _REQUEST_ID | (_RETRY_AFTER if status == 503 else {}),  # noqa: PLR2004 - HTTP's own number
        "content": {CONTENT_TYPE: {"schema": schema, "examples": examples}},
    }
