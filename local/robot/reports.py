"""What a report says of one order."""

from __future__ import annotations

from typing import Literal

Report = dict[str, str | bool]
ErrorType = Literal["validation", "portal", "unknown"]


def shipped(item_id: str, number: str) -> Report:
    """The order was shipped, under this number."""
    return {"itemId": item_id, "status": "success", "trackingNumber": number}


def failed(item_id: str, error_type: ErrorType, words: str) -> Report:
    """The order failed, as far as the robot knows."""
    return {"itemId": item_id, "status": "error", "errorType": error_type, "errorMessage": words}


def looked_up(item_id: str, guide: str | None) -> Report:
    """The portal's list was read; a guide that is not there yet is no error."""
    report: Report = {"itemId": item_id, "status": "success", "guideFound": guide is not None}
    return report if guide is None else report | {"trackingNumber": guide}
