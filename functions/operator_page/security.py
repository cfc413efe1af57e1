"""Headers that hold for every answer."""

from http import HTTPStatus
from typing import Any

from functions.operator_page.visit import here

#: No inline script or style, nothing from elsewhere, in nobody's frame.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def with_security_headers(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the answer with what browsers are told to hold it to."""
    if answer["statusCode"] == HTTPStatus.NOT_MODIFIED:
        # The page that it is about has them.
        return answer
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        **answer["headers"],
    }
    if here().origin.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return {**answer, "headers": headers}
