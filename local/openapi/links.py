"""How operations lead to one another: what one answers, another takes."""

from typing import Any

_JOB = {"jobId": "$response.body#/jobId"}
_SAME_JOB = {"jobId": "$request.path.jobId"}
_SAME_ORDER = {"orderId": "$request.path.orderId"}
_SAME_CARRIER = {"carrier": "$request.path.carrier"}


def _link(operation: str, parameters: dict[str, str], **more: object) -> dict[str, Any]:
    return {"operationId": operation, "parameters": parameters, **more}


#: Operation → status → link.
LINKS: dict[str, dict[str, dict[str, Any]]] = {
    "import_orders": {
        "200": {
            "firstOrder": _link("get_order", {"orderId": "$request.body#/orders/0/id"}),
            "change": _link("update_order", {"orderId": "$request.body#/orders/0/id"}),
            "submission": _link("submit", {}, requestBody={"orderIds": ["$request.body#/orders/0/id"]}),
        }
    },
    "submit": {
        "201": {
            "job": _link("get_job", _JOB),
            "end": _link("update_job", _JOB),
            "retry": _link("retry_job", _JOB),
            "cancellation": _link("cancel_job", _JOB),
        }
    },
    "list_jobs": {
        "200": {
            "nextPage": _link("list_jobs", {"cursor": "$response.body#/nextCursor"}),
            "newest": _link("get_job", {"jobId": "$response.body#/jobs/0/id"}),
        }
    },
    "get_job": {
        "200": {"nextPage": _link("get_job", _SAME_JOB | {"cursor": "$response.body#/nextCursor"})},
    },
    "list_orders": {
        "200": {
            "nextPage": _link("list_orders", {"cursor": "$response.body#/nextCursor"}),
            "newest": _link("get_order", {"orderId": "$response.body#/orders/0/id"}),
        }
    },
    "get_order": {
        "200": {
            "item": _link(
                "get_item", {"jobId": "$response.body#/items/0/jobId", "itemId": "$response.body#/items/0/itemId"}
            )
        }
    },
    "cancel_job": {"202": {"job": _link("get_job", _SAME_JOB), "retry": _link("retry_job", _SAME_JOB)}},
    "update_order": {"200": {"order": _link("get_order", _SAME_ORDER)}},
    "put_config": {"200": {"config": _link("get_config", _SAME_CARRIER)}},
}
