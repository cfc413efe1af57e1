"""Templates, and what each of them can say."""

from functools import cache
from http import HTTPStatus
from pathlib import Path

from aws_lambda_powertools.event_handler import Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from functions.operator_page import formats
from functions.operator_page.assets import asset_url
from functions.operator_page.csrf import FIELD, ticket
from functions.operator_page.items import shown_status, words_of_items
from functions.operator_page.language import gettext, ngettext, said_by_code, said_of
from functions.operator_page.shown_again import SWITCH, kept_fields
from functions.operator_page.visit import can, here
from shared.carriers.carrier import is_login_failure
from shared.logistics import is_odd_amount

TEXT_HTML = "text/html; charset=utf-8"
_TEMPLATES = Path(__file__).with_name("templates")


def render(template: str, **values: object) -> str:
    """Return a template with these values, in the visitor's language."""
    visit = here()
    known = {
        "visit": visit,
        "visitor": visit.visitor,
        "url": visit.url,
        "ticket": ticket(),
        "ticket_field": FIELD,
        "switch_field": SWITCH,
        "kept_fields": kept_fields,
    }
    return _environment().get_template(template).render(known | values)


def page(template: str, *, status: HTTPStatus = HTTPStatus.OK, **values: object) -> Response[str]:
    """Return a page made of a template."""
    return Response(status_code=status, content_type=TEXT_HTML, body=render(template, **values))


@cache
def _environment() -> Environment:
    # Each value is escaped; a missing one is a mistake.
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined] # of the extension
    environment.globals.update(
        asset=asset_url,
        minutes=formats.minutes_until,
        can=can,
        shown_status=shown_status,
        words_of_items=words_of_items,
        said_of=said_of,
        said_by_code=said_by_code,
    )
    environment.tests |= {"login_failure": is_login_failure, "odd_amount": is_odd_amount}
    environment.filters.update(
        money=formats.money,
        written=formats.written,
        when=formats.when,
        clock=formats.clock,
        number=formats.number,
        iso=formats.iso,
    )
    return environment
