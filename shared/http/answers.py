"""Answers that callers ask for again and again, and answers that may grow large."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

from shared.http.models import Resource

R = TypeVar("R", bound=Resource)

#: Source: Lambda's limit is 6,291,556 bytes; the rest is for headers.
MAX_ANSWER_BYTES = 6_000_000
_GUESS = re.compile(r'"estimatedEndAt":"[^"]*"')


def fits(resource: Resource) -> bool:
    """Tell whether an answer can leave a Lambda function, where it travels as a JSON text inside JSON."""
    return len(json.dumps(resource.model_dump_json(by_alias=True), ensure_ascii=False).encode()) < MAX_ANSWER_BYTES


def largest_page(limit: int, read: Callable[[int], R]) -> R:
    """Return the page of at most `limit` that can leave; `limit` says how many at most, and its cursor leads on."""
    while True:
        page = read(limit)
        if limit == 1 or fits(page):
            return page
        limit //= 2


def conditional(event: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a GET with its ETag, or 304 without a body where the caller has it already.

    A guess at a job's end is not in its ETag, which is weak then: it moves while nothing else does.

    Source: RFC 9110, section 13.1.2: If-None-Match compares weakly, and `*` stands for anything; 8.8.1 on weak ones.
    """
    if event["requestContext"]["http"]["method"] != "GET" or answer["statusCode"] != 200:  # noqa: PLR2004 - HTTP's OK
        return answer
    body, guesses = _GUESS.subn("", answer["body"])
    etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    headers = {**answer["headers"], "ETag": f"W/{etag}" if guesses else etag, "Cache-Control": "private, no-cache"}
    asked = ",".join(value for name, value in event["headers"].items() if name.lower() == "if-none-match")
    known = {candidate.strip().removeprefix("W/") for candidate in asked.split(",")}
    if etag in known or "*" in known:
        del headers["Content-Type"]
        return {**answer, "statusCode": 304, "headers": headers, "body": ""}
    return {**answer, "headers": headers}
