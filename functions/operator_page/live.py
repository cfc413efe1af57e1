"""Parts of a page that are asked for again and again: not sent again while nothing has moved."""

import hashlib
from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response
from markupsafe import Markup

from functions.operator_page.html import TEXT_HTML, render
from functions.operator_page.visit import here

_PLACE_OF_ETAG = "@etag@"


def fragment(template: str, **values: object) -> tuple[Markup, str]:
    """Return a part of a page, and its ETag, which it has in its own text."""
    text = render(template, **values)
    etag = hashlib.sha256(text.encode()).hexdigest()[:32]
    return Markup(text.replace(_PLACE_OF_ETAG, etag)), etag  # noqa: S704 - every value in it was escaped


def live(template: str, **values: object) -> Response[str]:
    """Answer a part of a page, or 304 where the browser has it as it is."""
    text, etag = fragment(template, **values)
    headers = {"ETag": f'"{etag}"', "Cache-Control": "private, no-cache"}
    if here().headers.get("if-none-match", "").strip('W/"') == etag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers, body="")
    return Response(status_code=HTTPStatus.OK, content_type=TEXT_HTML, headers=headers, body=str(text))
