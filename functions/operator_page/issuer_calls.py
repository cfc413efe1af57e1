"""Calls of the issuer, which stands in a parameter: no redirects, a few seconds, JSON objects."""

import json
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import urllib3

from functions.operator_page.issuer_errors import IssuerError

_TIMEOUT = urllib3.Timeout(connect=3, read=7)


def get_json(url: str) -> dict[str, Any]:
    """Return the object that the issuer has there.

    Raises:
        IssuerError: it does not answer with one.
    """
    return _call("GET", url, None)


def post_form(url: str, form: dict[str, str]) -> dict[str, Any]:
    """Return the object that the issuer answers a form with.

    Raises:
        IssuerError: it does not answer with one.
    """
    return _call("POST", url, urlencode(form))


def _call(method: str, url: str, body: str | None) -> dict[str, Any]:
    headers = {"Accept": "application/json"}
    if body is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        # Without retries there are no redirects, either.
        answer = _pool().request(method, url, timeout=_TIMEOUT, retries=False, headers=headers, body=body)
        found = json.loads(answer.data)
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        # What was sent stays out of it: it may be a code or a secret.
        raise IssuerError(f"{method} {url}: {type(error).__name__}") from None
    if answer.status != HTTPStatus.OK or not isinstance(found, dict):
        said = found.get("error") if isinstance(found, dict) else None
        raise IssuerError(f"{method} {url}: {answer.status} {said}")
    return found


@cache
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager()
