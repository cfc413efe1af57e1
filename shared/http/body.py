"""Bodies are JSON objects in UTF-8."""

import base64
import binascii
import json
import math
import re
from http import HTTPStatus
from typing import Any, NoReturn

from shared.http.problems import refuse

MAX_BODY_BYTES = 1_000_000
_JSON_TYPE = re.compile(r"application/([\w.-]+\+)?json", re.ASCII | re.IGNORECASE)
#: These take what API Gateway lets through: thousands of orders, or a report that must not be lost.
UNLIMITED_ROUTES = frozenset({"POST /orders", "POST /robot-jobs", "POST /robot-callbacks"})


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
        refuse(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "body_too_large",
            "The body has more than 1 MB; send less at once.",
        )


def refuse_other_media_types(event: dict[str, Any]) -> None:
    """Refuse a body that says that it is something else than JSON; one that says nothing is taken for JSON.

    Raises:
        ProblemError: the content type is another one.
    """
    said = [value for name, value in (event.get("headers") or {}).items() if name.lower() == "content-type"]
    if event.get("body") and said and not _JSON_TYPE.fullmatch(said[0].partition(";")[0].strip()):
        refuse(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "The body must be JSON; send it with Content-Type: application/json.",
        )


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
        _refuse_json(error)
    if not isinstance(value, dict):
        refuse(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_input", "The body must be a JSON object, as in {…}.")
    return value


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError("a number is out of range")
    return number


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _refuse_json(error: Exception) -> NoReturn:
    where = f" at character {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
    refuse(
        HTTPStatus.BAD_REQUEST,
        "invalid_json",
        f"The body is not valid JSON{where}; correct it and send it again.",
    )
