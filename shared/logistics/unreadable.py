"""What became of a text that is not understood: a code for programs, and words for the person who can correct it."""

from dataclasses import dataclass
from enum import StrEnum


class TextCode(StrEnum):
    """Why a text from outside was refused. The names are stable; callers and tests go by them."""

    LOST_CHARACTER = "lost_character"
    INVALID_TEXT = "invalid_text"
    SPREADSHEET_ERROR = "spreadsheet_error"
    FORMULA = "formula"
    DATE_CELL = "date_cell"
    PLACEHOLDER = "placeholder"
    LOST_DIGITS = "lost_digits"
    INVALID_NUMBER = "invalid_number"
    INVALID_AMOUNT = "invalid_amount"
    INVALID_UNITS = "invalid_units"
    INVALID_PHONE = "invalid_phone"
    FOREIGN_PHONE = "foreign_phone"
    TWO_PHONES = "two_phones"
    INVALID_IDENTIFICATION = "invalid_identification"
    UNKNOWN_DEPARTMENT = "unknown_department"
    AMBIGUOUS_DEPARTMENT = "ambiguous_department"


@dataclass(frozen=True)
class Unreadable:
    """A text that is not understood without doubt. It is refused by name, never guessed at and never cut."""

    code: TextCode
    #: What is wrong and what to do, without its subject and full stop: `is no amount in pesos …; write 89900`.
    why: str
    #: What may have been meant, as it should be written.
    suggestions: tuple[str, ...] = ()

    def about(self, subject: str) -> str:
        """Return the sentence about a subject: `orders.1.totalValue`, `line 3, total_value (A-7)`."""
        return f"{subject} {self.why}."


def quoted(text: str, at_most: int = 40) -> str:
    """Return a text from outside as a sentence can show it: in quotes, on one line, its beginning only."""
    return f'"{excerpt(text, at_most)}"'


def excerpt(text: str, at_most: int = 40) -> str:
    """Return the beginning of a text from outside, on one line."""
    one_line = " ".join(text.split())
    return f"{one_line[:at_most]}…" if len(one_line) > at_most else one_line
