"""Where the page is, as a browser sees it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.carriers.carrier import Carrier


def portal_url(carrier: Carrier) -> str:
    """Return where people look a shipment up: the carrier's portal, or what stands for it in this deployment."""
    return os.environ.get("CARRIER_PORTAL_URL") or carrier.portal_url


def public_url(event: dict[str, Any]) -> str:
    """Return the API's address without a slash at its end; what a caller writes into a Host header does not count."""
    context = event["requestContext"]
    given = os.environ.get("PUBLIC_API_URL", "")
    if given:
        return given.replace("{apiId}", str(context["apiId"]))
    return f"https://{context['domainName']}"
