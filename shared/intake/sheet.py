"""What a reader of cells passes over in a workbook's XML: which sheets are seen, formulas, merged cells, hidden rows.

Source: ECMA-376 part 1, 18.2 (workbook) and 18.3 (worksheet).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from posixpath import join, normpath
from typing import NamedTuple
from xml.parsers import expat

_BOOK = "xl/workbook.xml"
_LINKS = "xl/_rels/workbook.xml.rels"
_ADDRESS = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_TEXT_IN_QUOTES = re.compile(r'"(?:[^"]|"")*"')
_TRUE = frozenset({"1", "true"})
#: What in a cell says that something stands in it: a value, a text, a formula.
_CONTENT = frozenset({"v", "is", "f"})
Attributes = Mapping[str, str]


class Place(NamedTuple):
    """A cell's row and column, both counted from 0."""

    row: int
    column: int


@dataclass
class Sheet:
    """What a sheet has beside its values. Rows are its lines, 1 being the first."""

    #: The last row and column that have a cell with content; 0 where none has.
    height: int = 0
    width: int = 0
    #: By place, but for those that are a text in quotes, which is how a table tool keeps digits.
    formulas: dict[Place, str] = field(default_factory=dict)
    #: Cells whose formula had no answer; a reader of values finds them empty.
    errors: set[Place] = field(default_factory=set)
    merged: list[tuple[int, str]] = field(default_factory=list)
    #: Rows with content that nobody sees.
    hidden: list[int] = field(default_factory=list)


def visible_sheets(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Return the part of each worksheet that is not hidden, by its name, in their order.

    Raises:
        ValueError: the workbook can't be read.
        KeyError: it names a part that is not there.
    """
    links: dict[str, str] = {}
    shown: list[tuple[str, str]] = []

    def on_link(_tag: str, attributes: Attributes) -> None:
        if attributes.get("Type", "").endswith("/worksheet"):
            links[attributes["Id"]] = normpath(join("xl", attributes["Target"])).lstrip("/")

    def on_sheet(tag: str, attributes: Attributes) -> None:
        if tag == "sheet" and attributes.get("state", "visible") == "visible":
            # Whatever prefix the relationships' namespace has here.
            id_ = next((value for name, value in attributes.items() if name.endswith(":id")), "")
            shown.append((attributes["name"], id_))

    _parse(parts[_LINKS], on_link)
    _parse(parts[_BOOK], on_sheet)
    return {name: links[id_] for name, id_ in shown if id_ in links}


def scan_sheet(xml: bytes) -> Sheet:
    """Return what a sheet has beside its values.

    Raises:
        ValueError: it can't be read.
    """
    scan = _Scan()
    _parse(xml, scan.start, scan.end, scan.text)
    return scan.sheet


class _Scan:
    """Follows a sheet's elements; a sheet has hundreds of thousands, so that little is done at each."""

    def __init__(self) -> None:
        self.sheet = Sheet()
        self._row = self._column = -1
        self._address: str | None = None
        #: The cell furthest right of the row that something stands in.
        self._last: Place | str | None = None
        self._is_hidden = False
        self._formula: list[str] | None = None

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "c":
            self._column += 1
            self._address = attributes.get("r")
            if attributes.get("t") == "e":
                self.sheet.errors.add(self._place())
        elif tag in _CONTENT:
            self._stands_here()
            # A shared formula has its text in one cell alone.
            self._formula = [] if tag == "f" else None
        elif tag == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._column = -1
            self._is_hidden = attributes.get("hidden") in _TRUE
        elif tag == "mergeCell":
            first, _, last = attributes.get("ref", "").partition(":")
            self.sheet.merged.append((_place(first).row + 1, f"{first} to {last or first}"))

    def end(self, tag: str) -> None:
        if tag == "row":
            self._end_row()
        elif tag == "f" and self._formula is not None:
            formula = "".join(self._formula)
            if not _TEXT_IN_QUOTES.fullmatch(formula):
                self.sheet.formulas[self._place()] = formula
            self._formula = None

    def text(self, text: str) -> None:
        if self._formula is not None:
            self._formula.append(text)

    def _stands_here(self) -> None:
        address, last = self._address, self._last
        if not address:
            self._last = Place(self._row, self._column)
        # In one row, a longer address is further right, and so is a later one that is as long.
        elif not isinstance(last, str) or (len(address), address) > (len(last), last):
            self._last = address

    def _place(self) -> Place:
        place = _place(self._address) if self._address else Place(self._row, self._column)
        self._column = place.column
        return place

    def _end_row(self) -> None:
        if self._last is None:
            return
        last = _place(self._last) if isinstance(self._last, str) else self._last
        self._last = None
        sheet = self.sheet
        sheet.height, sheet.width = max(sheet.height, last.row + 1), max(sheet.width, last.column + 1)
        if self._is_hidden:
            sheet.hidden.append(last.row + 1)


class _LocalNames(dict[str, str]):
    """Names without the prefixes of their namespaces; a file has few, and many of each."""

    def __missing__(self, name: str) -> str:
        self[name] = local = name.rpartition(":")[2]
        return local


def _parse(
    xml: bytes,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Read XML, element by element; names come without their namespaces.

    Raises:
        ValueError: it is none, or has entities of its own.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    local = _LocalNames()

    def on_start(name: str, attributes: dict[str, str]) -> None:
        start(local[name], attributes)

    parser.StartElementHandler = on_start
    if end is not None:
        parser.EndElementHandler = lambda name: end(local[name])
    if text is not None:
        parser.CharacterDataHandler = text
    parser.EntityDeclHandler = _no_entities
    try:
        parser.ParseFile(BytesIO(xml))
    except expat.ExpatError as error:
        raise ValueError(str(error)) from error


def _no_entities(*_declared: object) -> None:
    raise ValueError("an entity of its own")


def _place(address: str) -> Place:
    found = _ADDRESS.fullmatch(address)
    if found is None:
        raise ValueError(f"{address} is no cell")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return Place(int(found[2]) - 1, column - 1)
