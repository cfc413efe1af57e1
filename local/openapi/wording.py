"""What the examples of problems say, by code."""

from typing import Any

_JOB = "0198c0de-0000-7000-8000-000000000010"
_ITEM = "0198c0de-0000-7000-8000-000000000022"
_ORDER = "0198c0de-0000-7000-8000-000000000031"

SENTENCES = {
    "batch_too_large": "The orders make 5200000 bytes for the robot, which takes at most 5000000; submit them in "
    "smaller batches.",
    "body_too_large": "The body has more than 1 MB; send less at once.",
    "carrier_config_not_found": "coordinadora has not been configured; set its configuration first.",
    "carrier_not_configured": "coordinadora is not ready: the portal's password is missing. Complete its configuration "
    "first.",
    "carrier_not_found": "There is no such carrier; use coordinadora.",
    "contact_ids_taken": "These contact ids are not free. Use others.",
    "contact_not_found": "The contact is not one of this workspace; create it first.",
    "duplicate_ids": f"order_ids has ids twice: {_ORDER}. Name each once.",
    "duplicate_job": "This idempotency key was used for another job.",
    "idempotency_keys_differ": "The Idempotency-Key header and idempotencyKey differ; send one of them, or the same in "
    "both.",
    "internal_error": "Something went wrong here and was logged; the X-Request-Id of this answer finds it.",
    "invalid_callback_secret": "The callback secret is not valid.",
    "invalid_cursor": "The cursor is not one of this list; start again without it.",
    "invalid_input": "limit: Input should be less than or equal to 500. Correct it and send the request again.",
    "invalid_items": f"These are not failed items of the job: {_ITEM}.",
    "invalid_json": "The body is not valid JSON at character 17; correct it and send it again.",
    "invalid_number": "total_value must have at most 2 decimals.",
    "invalid_robot_url": "robotUrl must begin with https://.",
    "invalid_text": "name holds a character that can't be stored; remove it.",
    "invalid_transition": "A job that is completed can't be processing.",
    "invalid_value": "custom_fields has 60000 bytes; at most 50000 are allowed.",
    "job_not_found": "There is no such job.",
    "no_ids": "order_ids is empty; name at least one.",
    "no_workspace": "The token names no workspace; ask for one with a workspace_id.",
    "nothing_to_retry": "The job has no failed items.",
    "nothing_to_ship": "None of the orders can be shipped; see the reason of each.",
    "order_ids_taken": f"These order ids are not free: {_ORDER}. Use others.",
    "order_in_open_job": "Orders are in a job that is still open.",
    "order_not_found": "There is no such order.",
    "orders_not_found": f"These orders are not known: {_ORDER}. Import them first.",
    "report_not_understood": "status must be success or error.",
    "too_many_cities": "10001 cities; ask for at most 10000 at once.",
    "too_many_ids": "order_ids has 10001 ids; at most 10000 are allowed.",
    "try_again": "The database was busy and nothing was changed; send the request again.",
    "unsupported_media_type": "The body must be JSON; send it with Content-Type: application/json.",
}
MEMBERS: dict[str, dict[str, Any]] = {
    "batch_too_large": {"bytes": 5_200_000, "maxBytes": 5_000_000},
    "carrier_not_configured": {"carrier": "coordinadora"},
    "duplicate_ids": {"ids": [_ORDER]},
    "duplicate_job": {"existingJobId": _JOB},
    "invalid_input": {"errors": [{"field": "limit", "message": "Input should be less than or equal to 500"}]},
    "invalid_items": {"itemIds": [_ITEM]},
    "nothing_to_ship": {
        "rejected": [{"orderId": _ORDER, "code": "city_not_covered", "reason": "Coordinadora does not go to Macondo."}]
    },
    "order_ids_taken": {"orderIds": [_ORDER]},
    "order_in_open_job": {"orders": [{"orderId": _ORDER, "jobId": _JOB}]},
    "orders_not_found": {"orderIds": [_ORDER]},
}
