"""Reads an HTTP API event (payload format 2.0)."""

import base64
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

from functions.operator_page.address import public_url
from functions.operator_page.session import LANGUAGE_COOKIE, read_session
from functions.operator_page.uploaded import read_multipart
from functions.operator_page.visit import LANGUAGES, Visit

#: A settlement of 1,000 items has three fields each.
_MAX_FIELDS = 20_000
_FORM = "application/x-www-form-urlencoded"


def read_visit(event: dict[str, Any]) -> Visit:
    """Return the request of an event; a session that is over, or none of ours, is none."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    cookies = dict(_cookies(event, headers))
    address = urlsplit(public_url(event))
    query = event.get("rawQueryString") or ""
    visit = Visit(
        origin=f"{address.scheme}://{address.netloc}",
        base=address.path.rstrip("/"),
        path=event["rawPath"] + (f"?{query}" if query else ""),
        method=event["requestContext"]["http"]["method"],
        query={name: values[-1] for name, values in parse_qs(query, keep_blank_values=True).items()},
        headers=headers,
        cookies=cookies,
        body=_body(event),
        language=_language(cookies),
        visitor=read_session(cookies),
    )
    if visit.method == "POST":
        _read_form(visit)
    return visit


def _cookies(event: dict[str, Any], headers: dict[str, str]) -> list[tuple[str, str]]:
    lines = event.get("cookies") or headers.get("cookie", "").split(";")
    pairs = (line.strip().partition("=") for line in lines)
    return [(name, value) for name, _, value in pairs if name]


def _body(event: dict[str, Any]) -> bytes:
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        return base64.b64decode(body)
    return str(body).encode(errors="surrogateescape")


def _read_form(visit: Visit) -> None:
    """Read the form that the body holds; what is none has no fields, and so no ticket."""
    kind = visit.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        form = read_multipart(visit.body, kind)
        visit.form, visit.files = form.fields, form.files
    elif kind.startswith(_FORM):
        # A form that can't be read is none.
        with suppress(UnicodeDecodeError, ValueError):
            visit.form = parse_qs(visit.body.decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS)


def _language(cookies: dict[str, str]) -> str:
    chosen = cookies.get(LANGUAGE_COOKIE)
    return chosen if chosen in LANGUAGES else LANGUAGES[0]
