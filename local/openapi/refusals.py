"""Every refusal of each operation: its status and the codes that its problem may have."""

import json
from typing import Any

from local.openapi.refused import example_of
from shared.http.problems import CONTENT_TYPE

#: Status → the stable codes of the problem.
Refusals = dict[int, tuple[str, ...]]

#: What a domain function says of a value that the schema lets through.
_TEXTS = ("invalid_text",)
_VALUES = ("invalid_text", "invalid_number", "invalid_value")

_OWN: dict[str, Refusals] = {
    "submit": {
        409: ("duplicate_job", "order_in_open_job"),
        422: (
            "orders_not_found",
            "nothing_to_ship",
            "carrier_not_configured",
            "batch_too_large",
            "idempotency_keys_differ",
            "no_ids",
            "too_many_ids",
            "duplicate_ids",
            *_TEXTS,
        ),
    },
    "list_jobs": {422: ("invalid_cursor", *_TEXTS)},
    "get_job": {404: ("job_not_found",), 422: ("invalid_cursor",)},
    "update_job": {404: ("job_not_found",), 409: ("invalid_transition",)},
    "retry_job": {
        404: ("job_not_found",),
        422: ("nothing_to_retry", "invalid_items", "no_ids", "too_many_ids", "duplicate_ids"),
    },
    "settle_job": {
        404: ("job_not_found",),
        409: ("nothing_to_settle", "hand_over_not_over", "number_in_use"),
        422: ("invalid_items", "invalid_settlement", "no_ids", "too_many_ids", *_TEXTS),
    },
    "cancel_job": {404: ("job_not_found",), 409: ("invalid_transition",)},
    "get_config": {404: ("carrier_not_found", "carrier_config_not_found"), 422: _TEXTS},
    "put_config": {404: ("carrier_not_found",), 422: ("invalid_robot_url", "invalid_text", "invalid_number")},
    "get_coverage": {404: ("carrier_not_found",), 422: _TEXTS},
    "validate_coverage": {404: ("carrier_not_found",), 422: ("too_many_cities", *_TEXTS)},
    "import_orders": {
        422: (
            "order_ids_taken",
            "contact_ids_taken",
            "contact_not_found",
            "no_ids",
            "too_many_ids",
            "duplicate_ids",
            *_VALUES,
        )
    },
    "get_order": {404: ("order_not_found",)},
    "update_order": {
        404: ("order_not_found",),
        409: ("number_in_use",),
        422: ("contact_ids_taken", "contact_not_found", *_VALUES),
    },
    "get_activation": {},
    "put_activation": {422: ("invalid_text", "invalid_value")},
    "receive": {401: ("invalid_callback_secret",), 422: ("report_not_understood",)},
    "openapi": {},
}
_WITH_LARGE_BODIES = frozenset({"submit", "import_orders", "receive"})

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


def refusals_of(name: str, operation: dict[str, Any]) -> Refusals:
    """Return what an operation's problems may be, by status; those that every operation has included."""
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
    for status, codes in _OWN[name].items():
        found[status] = (*found.get(status, ()), *codes)
    return dict(sorted(found.items()))


def refusal_responses(name: str, operation: dict[str, Any]) -> dict[str, Any]:
    """Return the responses of an operation's refusals, API Gateway's own included."""
    refusals = refusals_of(name, operation)
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
