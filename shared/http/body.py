"""Bodies are JSON objects in UTF-8."""

import base64
import binascii
import json
import math
import re
from typing import Any, NoReturn

from shared.http import refusal_page as page

MAX_BODY_BYTES = 1_000_000
_JSON_TYPE = re.compile(r"application/([\w.-]+\+)?json", re.ASCII | re.IGNORECASE)
#: These take what API Gateway lets through: thousands of orders, or a report that must not be lost.
UNLIMITED_ROUTES = frozenset({"POST /orders", "POST /order-checks", "POST /robot-jobs", "POST /robot-callbacks"})


def body_size(event: dict[str, Any]) -> int:
    """Return the bytes of a request's body, decoded."""
    body: str = event.get("body") or ""
    if event.get("isBase64Encoded"):
        return len(body) * 3 // 4
    return len(body.encode(errors="surrogatepass"))


def refuse_large_body(event: dict[str, Any]) -> None:
    """Refuse a body of more than 1 MB, on the routes that have that limit.

    Raises:
        ProblemError: the body is too large.
    """
    http = event["requestContext"]["http"]
    if f"{http['method']} {event['rawPath']}" not in UNLIMITED_ROUTES and body_size(event) > MAX_BODY_BYTES:
        raise page.body_too_large()


def refuse_other_media_types(event: dict[str, Any]) -> None:
    """Refuse a body that says that it is something else than JSON; one that says nothing is taken for JSON.

    Raises:
        ProblemError: the content type is another one.
    """
    said = [value for name, value in (event.get("headers") or {}).items() if name.lower() == "content-type"]
    if event.get("body") and said and not _JSON_TYPE.fullmatch(said[0].partition(";")[0].strip()):
        raise page.unsupported_media_type()


def with_text_body(event: dict[str, Any]) -> dict[str, Any]:
    """Return the event with its body as text, and without its content type: it is JSON."""
    headers = {name: value for name, value in (event.get("headers") or {}).items() if name.lower() != "content-type"}
    body = event.get("body")
    if body and event.get("isBase64Encoded"):
        try:
            # Bytes that are no UTF-8 become lone surrogates, which read_json refuses.
            body = base64.b64decode(body).decode(errors="surrogateescape")
        except (binascii.Error, ValueError):
            body = "\0"  # No JSON either.
    return {**event, "headers": headers, "body": body, "isBase64Encoded": False}


def read_json(text: str) -> dict[str, Any]:
    """Return the JSON object that a body holds.

    Raises:
        ProblemError: 400 where it is no JSON, 422 where it is no object.
    """
    try:
        value = json.loads(text, parse_float=_finite, parse_constant=_no_constant)
        # Half of a surrogate pair can be written in JSON, and stored nowhere.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        where = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        raise page.invalid_json(where) from error
    if not isinstance(value, dict):
        raise page.no_json_object()
    return value


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError("a number is out of range")
    return number


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
