"""One text of a row, a request or a person, read by the kind of field that it stands in."""

from enum import Enum, auto

from shared.logistics.characters import clean_line
from shared.logistics.placeholders import is_placeholder, is_spreadsheet_error
from shared.logistics.table_numbers import formula_text, plain_number
from shared.logistics.unreadable import TextCode, Unreadable, quoted


class FieldKind(Enum):
    """What a text is for, which decides what of it a table tool or a program may have written."""

    #: A person or an order: it may be called Null, and its digits may have come through a table tool.
    NAME = auto()
    #: Phone, identification, external id, department: `undefined` is no value, and digits are those of a table tool.
    NUMBER = auto()
    #: Email, address, city: `undefined` is no value, and digits stand as they are.
    TEXT = auto()


def read_field(text: str, kind: FieldKind) -> str | Unreadable | None:
    """Return a text of one line as it is stored; None where there is none, or only a placeholder that can't be one.

    A cell that a program left empty; of a request that a program sends, `read_sent_field` refuses it.
    """
    line = clean_line(text)
    if isinstance(line, Unreadable):
        return line
    if is_spreadsheet_error(line):
        return Unreadable(
            TextCode.SPREADSHEET_ERROR,
            f"is {quoted(line)}, a spreadsheet's error; correct its formula and save it again",
        )
    value = formula_text(line) if kind is FieldKind.TEXT else plain_number(line)
    if isinstance(value, str) and kind is not FieldKind.NAME and is_placeholder(value):
        return None
    return value or None


def read_sent_field(text: str, kind: FieldKind) -> str | Unreadable:
    """Return a text of a request as `read_field` does, but refuse a placeholder: its program meant something else.

    An empty text stays one.
    """
    value = read_field(text, kind)
    if value is not None:
        return value
    line = clean_line(text)
    if line == "" or isinstance(line, Unreadable):
        return line
    why = f"is {quoted(line)}, which a program writes where it has no value; send the value, or leave the field out"
    return Unreadable(TextCode.PLACEHOLDER, why)
