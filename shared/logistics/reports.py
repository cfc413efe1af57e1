"""Numbers that a robot reports, of which none may be lost and none made up."""

from shared.logistics.characters import REPLACEMENT, reported_line
from shared.logistics.placeholders import is_placeholder


def read_reported_number(text: str) -> str | None:
    """Return a reported number or id on one line, without format characters and with full-width signs narrow.

    None where it is missing: empty, a placeholder (`undefined`), or with a letter that was lost (U+FFFD).
    """
    line = reported_line(text)
    return None if not line or REPLACEMENT in line or is_placeholder(line) else line
