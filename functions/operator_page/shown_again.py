"""A page that answered a form, shown again in the other language with what was typed; nothing is done a second time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from functions.operator_page.session import language_cookie
from functions.operator_page.visit import LANGUAGES, here

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from aws_lambda_powertools.shared.cookies import Cookie

#: The field of a language switch that sends a form's fields again, to the address that they came to.
SWITCH = "_language"
#: These answer a form and only show, unless one of these buttons was pressed.
_SHOWS = ("/app/ship/preview",)
CHANGES = ("correct", "place", "check")
#: Fields that are typed again: a page never holds them.
SECRET = ("password",)


def kept_fields() -> Iterator[tuple[str, str]]:
    """Give the fields of the form that this page answers, as its language switch sends them again."""
    for name, values in here().form.items():
        if name not in {SWITCH, *SECRET, *CHANGES}:
            yield from ((name, value) for value in values)


def choose() -> Cookie | None:
    """Answer in the language that a switch on such a page asks for, and return its cookie; None: it is no switch."""
    visit = here()
    language = visit.field(SWITCH)
    if visit.method != "POST" or language not in LANGUAGES:
        return None
    visit.language = language
    return language_cookie(visit, language)


def ways(request: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Give the requests that show the page again: as it was asked for where that only shows, else by GET.

    What was typed is in the visit's form still, so that pages show it. A form's address that has no page is shown as
    the one above it: `/app/jobs/…/pause` as the job.
    """
    visit = here()
    path = visit.path.partition("?")[0]
    if path in _SHOWS:
        yield request
        return
    context = request["requestContext"]
    got = {**context, "http": {**context["http"], "method": "GET"}}
    while path.startswith("/app"):
        visit.path = path
        yield {**request, "rawPath": path, "rawQueryString": "", "requestContext": got}
        path = path.rpartition("/")[0]
