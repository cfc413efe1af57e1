"""The page's two languages: its sentences, and those of the domain's refusals."""

import gettext as catalogues
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from functions.operator_page.visit import here
from shared.http.problems import Problem
from shared.sentences import Sentence

if TYPE_CHECKING:
    from datetime import datetime

_LOCALES = Path(__file__).with_name("locales")
#: Reasons whose own words name a job or an order by its id; the page has a link in its place.
_TOLD_BY_ID = ("already_shipped", "shipment_unsettled", "order_in_open_job")
#: What a person is told where a field of a form is meant.
_DOMAIN = "page"


def N_(text: str) -> str:  # noqa: N802 - as gettext's users write it
    """Mark a text for translation; whoever shows it translates it."""
    return text


def gettext(text: str) -> str:
    """Return a text in the visitor's language."""
    return _catalogue(here().language).gettext(text)


_ = gettext


def ngettext(one: str, many: str, count: int) -> str:
    """Return the text for one, or for so many."""
    return _catalogue(here().language).ngettext(one, many, count)


@cache
def _catalogue(language: str) -> catalogues.NullTranslations:
    return catalogues.translation(_DOMAIN, _LOCALES, [language], fallback=language == "en")


def said_of(kind: str, word: str | None) -> str:
    """Return what a state is called: `said_of("job", "completed")`; a word that nothing is known of, as it is."""
    from functions.operator_page.words import WORDS  # noqa: PLC0415 - it marks its texts with N_

    return "" if word is None else gettext(WORDS[kind].get(word, word))


def said_by_code(code: str, reason: str) -> str:
    """Return a reason in the visitor's language: in English the domain's own, with its names and numbers."""
    from functions.operator_page.words import REASONS  # noqa: PLC0415 - as above

    if code not in REASONS or (here().language == "en" and code not in _TOLD_BY_ID):
        return reason
    return gettext(REASONS[code])


def refusal_text(problem: Problem) -> str:
    """Return a refusal's sentence in the visitor's language; where it has no values, the sentence whole."""
    if problem.code == "hand_over_not_over":
        from functions.operator_page.formats import when  # noqa: PLC0415 - it formats for this visitor

        until = when(cast("datetime", problem.members["over_at"]))
        return gettext("The robot may still make the shipment until {until}. Look again then.").format(until=until)
    if problem.sentence is None:
        return said_by_code(problem.code, gettext(problem.detail))
    template = gettext(problem.sentence.template)
    values: dict[str, object] = {
        name: gettext(value) if isinstance(value, str) and value else value
        for name, value in problem.sentence.values.items()
    }
    return Sentence(template, values).text(_field_name)


def _field_name(name: str) -> str:
    from functions.operator_page.words import FIELDS, SETTINGS  # noqa: PLC0415 - as above

    last = name.rpartition(".")[2]
    return gettext(FIELDS.get(last) or SETTINGS.get(last, name))
