"""Texts that callers send, in the form in which they are stored; the reader of texts decides what they mean."""

from shared.domain import refusal_page as page
from shared.domain.validation import optional_text, require_text
from shared.logistics import FieldKind, Unreadable, clean_line, is_placeholder, read_sent_field


def require_sent(value: object, name: str, kind: FieldKind | None, *, at_most: int, at_least: int = 0) -> str:
    """Return a text of one line as it is stored, of `at_least` to `at_most` characters.

    Its characters are those of `clean_line`; a kind also refuses placeholders, and knows what a table tool made of
    digits.

    Raises:
        RefusedError: it is no text, too short or too long as stored, or not understood.
    """
    if not isinstance(value, str):
        raise page.no_text(name)
    read = clean_line(value) if kind is None else read_sent_field(value, kind)
    if isinstance(read, Unreadable):
        raise page.unreadable_text(name, read.why)
    return require_text(read, name, at_most=at_most, at_least=at_least)


def optional_sent(value: object, name: str, kind: FieldKind | None, *, at_most: int, at_least: int = 0) -> str | None:
    """Return None or a text as `require_sent` does."""
    return None if value is None else require_sent(value, name, kind, at_most=at_most, at_least=at_least)


def optional_key(value: object, name: str, *, at_most: int) -> str | None:
    """Return None or a key of the caller's own making, to the letter: two keys that differ in anything are two.

    Raises:
        RefusedError: it is no text that can be stored, empty, too long, or a placeholder, which others would send too.
    """
    key = optional_text(value, name, at_least=1, at_most=at_most)
    if key is not None and is_placeholder(_cleaned(key)):
        raise page.unreadable_text(name, f"{key} stands for no value; send a key of your own, or none")
    return key


def _cleaned(text: str) -> str:
    read = clean_line(text)
    return text if isinstance(read, Unreadable) else read
