"""What CloudFormation is told of a custom resource."""

import json
from typing import Any

import urllib3

from shared.redaction import without_tokens

_PHYSICAL_ID = "migrations"
_TIMEOUT_S = 10
_TRIES = 3
#: CloudFormation takes 4 kB in all.
_MAX_REASON = 1000


def tell(event: dict[str, Any], data: dict[str, Any], failure: Exception | None = None) -> dict[str, Any]:
    """Put the outcome where CloudFormation waits for it, and return it; who invokes directly gives no such place.

    Raises:
        urllib3.exceptions.HTTPError: the place does not answer, three times.
    """
    if "ResponseURL" in event:
        body = json.dumps(
            {
                "Status": "FAILED" if failure else "SUCCESS",
                "Reason": _reason(failure),
                "PhysicalResourceId": _PHYSICAL_ID,
                **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
                "Data": data,
            }
        )
        # The address is signed for a request without a content type.
        urllib3.request(
            *("PUT", event["ResponseURL"]),
            body=body.encode(),
            headers={"Content-Type": ""},
            timeout=_TIMEOUT_S,
            retries=_TRIES - 1,
        )
    return data


def _reason(failure: Exception | None) -> str:
    if failure is None:
        return "The database is up to date."
    said = without_tokens(str(failure)).strip().partition("\n")[0]
    return f"The database was not migrated: {said}"[:_MAX_REASON]
