"""Answers that a caller asks for again and again are given once."""

import hashlib
from http import HTTPStatus
from typing import TypeVar

from aws_lambda_powertools.event_handler import Response, content_types

from shared.http.models import Resource

R = TypeVar("R", bound=Resource)


def unless_unchanged(resource: R, if_none_match: str | None) -> Response[R]:
    """Return the resource with its ETag, or 304 where the caller has it already.

    Source: RFC 9110, section 13.1.2: If-None-Match compares weakly, and `*` stands for anything.
    """
    digest = hashlib.sha256(resource.model_dump_json(by_alias=True).encode()).hexdigest()
    etag = f'"{digest[:32]}"'
    known = {candidate.strip().removeprefix("W/") for candidate in (if_none_match or "").split(",")}
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if etag in known or "*" in known:
        # Without a content type the validation of answers passes over it: there is no body.
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(
        status_code=HTTPStatus.OK, content_type=content_types.APPLICATION_JSON, headers=headers, body=resource
    )
