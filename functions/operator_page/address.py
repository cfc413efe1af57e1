"""Where the page is, as a browser sees it."""

import os
from typing import Any


def public_url(event: dict[str, Any]) -> str:
    """Return the API's address without a slash at its end; what a caller writes into a Host header does not count."""
    context = event["requestContext"]
    given = os.environ.get("PUBLIC_API_URL", "")
    if given:
        return given.replace("{apiId}", str(context["apiId"]))
    return f"https://{context['domainName']}"
