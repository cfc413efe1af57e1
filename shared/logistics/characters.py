"""The characters of texts from outside: one form for what looks the same, and none that nobody sees.

Passwords don't come here: they are taken as they are.
"""

import re
import unicodedata

from shared.logistics.unreadable import TextCode, Unreadable

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
#: Nearly every text: composed Latin letters, digits, signs and the space. Nothing in it is to be removed or composed.
_COMPOSED_LATIN = re.compile(r"[ -~\u00a1-\u00ac\u00ae-\u02af]*")
_LINE_BREAKS = re.compile(r"\r\n|[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
#: The full-width forms of `!` to `~`.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def clean_line(text: str) -> str | Unreadable:
    """Return a text of one line as it is stored: NFC, trimmed, without format characters, line breaks as spaces.

    Refused is a text in which a letter was lost before it came to us (U+FFFD), or with what no database holds.
    """
    if _COMPOSED_LATIN.fullmatch(text):
        return text.strip()
    line = _visible(_LINE_BREAKS.sub(" ", text)).strip()
    return _refused(line) or line


def clean_text(text: str) -> str | Unreadable:
    """Return a text of several lines as `clean_line` does, with its line breaks."""
    whole = _visible(text).strip()
    return _refused(whole) or whole


def id_form(line: str) -> str:
    """Return a cleaned name or external id as an id is derived from it: inner white space is one space."""
    return " ".join(line.split())


def reported_text(text: str) -> str:
    """Return a robot's text as it is stored, refusing nothing: what a robot says is never said again.

    As `clean_text`, but U+FFFD stays, half surrogate pairs become U+FFFD, and NUL goes.
    """
    return _visible(_SURROGATE.sub(REPLACEMENT, text.replace("\0", ""))).strip()


def reported_line(text: str) -> str:
    """Return a robot's text as `reported_text` does, on one line, with single spaces and full-width signs narrow.

    An id or a number that a robot sends comes with a byte order mark, or from a form that was typed in full width.
    """
    return " ".join(reported_text(text).translate(_FULL_WIDTH).split())


def _visible(text: str) -> str:
    if _COMPOSED_LATIN.fullmatch(text):
        return text
    kept = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return unicodedata.normalize("NFC", kept)


def _refused(text: str) -> Unreadable | None:
    if REPLACEMENT in text:
        return Unreadable(
            TextCode.LOST_CHARACTER,
            "has letters that were lost when it was saved or sent (\N{REPLACEMENT CHARACTER});"
            " take it from its source again, in UTF-8",
        )
    if "\0" in text or _SURROGATE.search(text):
        return Unreadable(TextCode.INVALID_TEXT, "holds a character that can't be stored; remove it")
    return None
