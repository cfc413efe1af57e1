"""Examples of requests and answers: the requests are those of `events/`."""

import json
from pathlib import Path
from typing import Any

from pydantic.alias_generators import to_camel

from local.openapi import ids
from local.openapi.refused import rejected_order
from shared.domain.jobs.lookups import NO_NUMBER
from shared.domain.orders.models import COLUMNS

_EVENTS = Path(__file__).parents[2] / "events"
_AT = "2025-08-19T05:48:21.204113Z"
_WORKSPACE, _JOB, _CONTACT = str(ids.WORKSPACE), str(ids.JOB), str(ids.CONTACT)
_ITEM, _FAILED_ITEM = str(ids.ITEM), str(ids.FAILED_ITEM)
_ORDER, _OTHER_ORDER = str(ids.ORDER), str(ids.OTHER_ORDER)

#: Operation → the sample event whose body is its example.
_REQUESTS = {
    "submit": {"submit": "submit_job"},
    "look_up": {"some": "submit_job_guides"},
    "update_job": {"end": "manage_jobs_patch"},
    "retry_job": {"some": "manage_jobs_retry"},
    "settle_job": {"one": "manage_jobs_settle"},
    "put_config": {"all": "manage_carriers_put_config"},
    "validate_coverage": {"three": "manage_carriers_coverage_validate"},
    "import_orders": {"three": "manage_orders_import"},
    "check_orders": {"two": "manage_orders_check"},
    "update_order": {"some": "manage_orders_patch"},
    "put_activation": {"byStage": "manage_orders_put_client_activation"},
    "receive": {"shipped": "receive_callback_success", "failed": "receive_callback_error"},
}
#: Values of path and query parameters.
PARAMETERS = {
    "jobId": _JOB,
    "itemId": _ITEM,
    "orderId": _ORDER,
    "carrier": "coordinadora",
    "limit": 50,
    "search": "med",
}

_JOB_RESOURCE = {
    "id": _JOB,
    "workspaceId": _WORKSPACE,
    "kind": "shipment",
    "carrier": "coordinadora",
    "status": "processing",
    "totalItems": 3,
    "successCount": 1,
    "errorCount": 0,
    "idempotencyKey": "2025-08-19-lote-1",
    "startedAt": _AT,
    "completedAt": None,
    "createdAt": _AT,
    "updatedAt": _AT,
    "priority": "normal",
    "waveSize": 25,
    "pausedAt": None,
    "pausedReason": None,
}
_PROGRESS = {
    "waiting": None,
    "wave": {"dispatch": 1, "size": 3, "reported": 1, "handedOverAt": _AT, "deadlineAt": "2025-08-19T06:02:51.204113Z"},
    "estimatedEndAt": "2025-08-19T05:51:27.204113Z",
}
_COUNTS = {
    "pending": 0,
    "processing": 2,
    "success": 1,
    "error": 0,
    "unsettled": 0,
    "second": 0,
    "byErrorType": {},
    "noGuide": 0,
}
_ITEM_RESOURCE: dict[str, Any] = {
    "id": _ITEM,
    "jobId": _JOB,
    "orderId": _ORDER,
    "orderName": "A-1001",
    "status": "success",
    "shipment": "made",
    "trackingNumber": "52830019274",
    "otherNumbers": [],
    "voidedAt": None,
    "validatedCity": "BOGOTA (C/MARCA)",
    "valueSent": {"nombres": "Valentina", "apellidos": "Rojas Cárdenas", "ciudad": "BOGOTA (C/MARCA)"},
    "errorType": None,
    "errorMessage": None,
    "retryCount": 0,
    "attemptCount": 1,
    "lastRetryAt": None,
    "startedAt": _AT,
    "completedAt": _AT,
    "createdAt": _AT,
    "updatedAt": _AT,
}
_CONFIG = {
    "carrier": "coordinadora",
    "portalUsername": "tienda.sabana",
    "hasPassword": True,
    "robotUrl": "https://robot.example.com",
    "isEnabled": True,
    "personalDataRetentionDays": 90,
    "waveSize": 25,
    "stopAfterErrors": 5,
    "guideLookupHours": 2,
    "guidesRefusedAt": None,
    "shipmentDefaults": {
        "declaredValue": 60000,
        "weightKg": 1,
        "heightCm": 10,
        "lengthCm": 20,
        "widthCm": 15,
        "reference": "Tienda Sabana",
        "units": 1,
        "email": "despachos@example.com",
    },
    "createdAt": _AT,
    "updatedAt": _AT,
}
_ORDER_RESOURCE = {to_camel(column): None for column in COLUMNS} | {
    "id": _ORDER,
    "workspaceId": _WORKSPACE,
    "name": "A-1001",
    "totalValue": 189900,
    "prepaid": False,
    "trackingNumber": "52830019274",
    "shippingAddress": "Calle 72 # 10-34, apto 502",
    "shippingCity": "Bogotá",
    "shippingDepartment": "Bogotá D.C.",
    "email": "valentina.rojas@example.com",
    "stageId": "confirmado",
    "customFields": {"canal": "instagram"},
    "contactId": _CONTACT,
    "contact": {
        "id": _CONTACT,
        "name": "Valentina Rojas Cárdenas",
        "phone": "+57 310 452 8817",
        "email": "valentina.rojas@example.com",
        "identification": "1020745318",
        "isClient": False,
    },
    "otherNumbers": [],
    "createdAt": _AT,
    "updatedAt": _AT,
}
_SHIPMENT = {
    "jobId": _JOB,
    "itemId": _ITEM,
    "carrier": "coordinadora",
    "trackingNumber": "52830019274",
    "shipment": "made",
    "at": _AT,
}
_ORDER_DETAIL = _ORDER_RESOURCE | {
    "shipments": [_SHIPMENT],
    "items": [{"jobId": _JOB, "itemId": _ITEM, "status": "success", "createdAt": _AT}],
    "guideAskedAt": None,
}
_ATTEMPT = {
    "dispatch": 1,
    "handedOverAt": _AT,
    "outcome": "accepted",
    "valueSent": _ITEM_RESOURCE["valueSent"],
    "reports": [
        {
            "receivedAt": _AT,
            "source": "robot",
            "status": "success",
            "trackingNumber": "52830019274",
            "errorType": None,
            "errorMessage": None,
            "outcome": "recorded",
        }
    ],
}
_ACTIVATION = {
    "isEnabled": True,
    "allAreClients": False,
    "activationStageIds": ["entregado"],
    "createdAt": _AT,
    "updatedAt": _AT,
}
_CITY = {
    "city": "Bogotá",
    "department": "Bogotá D.C.",
    "orderId": _ORDER,
    "isValid": True,
    "carrierCity": "BOGOTA",
    "departmentAbbrev": "C/MARCA",
    "supportsCod": True,
    "code": None,
    "reason": None,
    "suggestions": [],
}
#: Operation → what it answers.
ANSWERS: dict[str, dict[str, Any]] = {
    "submit": {
        "jobId": _JOB,
        "itemCount": 1,
        "items": [{"itemId": _ITEM, "orderId": _ORDER}],
        "rejected": [
            {
                "orderId": _OTHER_ORDER,
                "itemId": None,
                "code": rejected_order().code.value,
                "reason": rejected_order().reason,
                "jobId": None,
                "trackingNumber": None,
                "suggestions": [{"city": "FUNDACION", "department": "Magdalena"}],
            }
        ],
    },
    "look_up": {
        "jobId": _JOB,
        "itemCount": 1,
        "items": [{"itemId": _ITEM, "orderId": _ORDER}],
        "rejected": [
            {
                "orderId": _OTHER_ORDER,
                "itemId": None,
                "code": "no_tracking_number",
                "reason": NO_NUMBER,
                "jobId": None,
                "trackingNumber": None,
                "suggestions": [],
            }
        ],
    },
    "list_jobs": {"jobs": [_JOB_RESOURCE], "nextCursor": None},
    "get_job": {"job": _JOB_RESOURCE | {"counts": _COUNTS} | _PROGRESS, "items": [_ITEM_RESOURCE], "nextCursor": None},
    "get_item": {"item": _ITEM_RESOURCE, "attempts": [_ATTEMPT]},
    "update_job": {"jobId": _JOB},
    "pause_job": {"jobId": _JOB},
    "resume_job": {"jobId": _JOB},
    "retry_job": {
        "retriedCount": 1,
        "itemIds": [_FAILED_ITEM],
        "skipped": [
            {
                "orderId": _OTHER_ORDER,
                "itemId": _ITEM,
                "code": "already_shipped",
                "reason": "The order has tracking number 52830019274; ship it once more only by a new job with"
                " allowReshipment.",
                "jobId": _JOB,
                "trackingNumber": "52830019274",
                "suggestions": [],
            }
        ],
    },
    "settle_job": {"settledCount": 1, "items": [{"itemId": _FAILED_ITEM, "status": "success", "shipment": "made"}]},
    "cancel_job": {"cancelledCount": 2},
    "get_config": _CONFIG,
    "put_config": _CONFIG,
    "get_coverage": {"totalCities": 1122, "codCities": 987, "activeCities": 1105},
    "search_cities": {
        "cities": [
            {"city": "MEDELLIN", "department": "Antioquia", "departmentAbbrev": "ANT", "supportsCod": True},
            {"city": "MEDINA", "department": "Cundinamarca", "departmentAbbrev": "C/MARCA", "supportsCod": False},
        ]
    },
    "validate_coverage": {"results": [_CITY], "validCount": 1, "invalidCount": 0},
    "import_orders": {"imported": 3},
    "check_orders": {
        "new": 1,
        "changed": 1,
        "unchanged": 0,
        "lookalikes": [
            {
                "index": 1,
                "orderId": _OTHER_ORDER,
                "code": "same_phone_and_address",
                "reason": "Order A-1001 goes to the same phone and address, and was shipped on 2025-08-19 with number"
                " 52830019274.",
                "likeOrderId": _ORDER,
                "jobId": _JOB,
                "trackingNumber": "52830019274",
            }
        ],
    },
    "list_activity": {
        "entries": [
            {
                "id": "0198c0de-0000-7000-8000-000000000081",
                "at": _AT,
                "actor": "laura.gomez@example.com",
                "source": "api",
                "action": "job_retried",
                "jobId": _JOB,
                "orderId": None,
                "details": {"items": 1, "skipped": 0},
            }
        ],
        "nextCursor": None,
    },
    "list_orders": {"orders": [_ORDER_RESOURCE], "nextCursor": None},
    "get_order": _ORDER_DETAIL,
    "update_order": _ORDER_DETAIL,
    "get_activation": _ACTIVATION,
    "put_activation": _ACTIVATION,
    "receive": {"received": True},
    "openapi": {"openapi": "3.1.0", "info": {"title": "Robot jobs", "version": "0.1.0"}},
}


def request_examples(operation: str) -> dict[str, Any]:
    """Return the examples of an operation's body, by name."""
    samples = {name: _EVENTS / f"{event}.json" for name, event in _REQUESTS.get(operation, {}).items()}
    events = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in samples.items()}
    return {name: {"value": json.loads(event["body"])} for name, event in events.items()}
