"""What the page says, by its catalogue: the same walk goes in either language, and a text that is gone is named."""

from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

_CATALOGUE = Path(__file__).parents[3] / "functions/operator_page/locales/es/LC_MESSAGES/page.po"


def said(language: str, text: str, **values: object) -> str:
    """Return a text of the page in a language, with its values; of one and many, what fits `num`.

    Raises:
        AssertionError: the page has no such text, or not in this language.
    """
    message = _catalogue().get(text)
    assert message is not None, f"the page does not say {text!r} any more"
    forms = message.id if language == "en" else message.string
    assert forms, f"{text!r} is not translated"
    form = forms if isinstance(forms, str) else forms[0 if values.get("num") == 1 else -1]
    return form % values if values else form


@cache
def _catalogue() -> Catalog:
    with _CATALOGUE.open("rb") as file:
        return read_po(file, locale="es")
