"""A carrier's list of cities as CSV."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.domain import refusal_page as page
from shared.domain.refusals import RefusedError
from shared.domain.validation import require_text
from shared.intake.csv_rows import csv_rows
from shared.intake.notes import FileRefusedError
from shared.logistics import Unreadable, clean_line, find_department, normalise, quoted

HEADER = ["city", "department_abbrev", "supports_cod"]
MAX_CSV = 10_000_000
MAX_CITY = 200
MAX_ABBREVIATION = 40
_NAMED_LINES = 10
_TRUE = frozenset({"TRUE", "T", "YES", "Y", "SI", "S", "1"})
_FALSE = frozenset({"FALSE", "F", "NO", "N", "0"})


@dataclass(frozen=True)
class CoverageRow:
    """A city of the list: as it is looked for, and as the carrier writes it."""

    city: str
    carrier_city: str
    department_abbrev: str
    supports_cod: bool


class _BadLineError(Exception):
    """The line is no city of the list."""


def parse_coverage(text: object) -> list[CoverageRow]:
    """Return the cities of a CSV text with the header `city,department_abbrev,supports_cod`.

    Raises:
        RefusedError: it is no such text, or has a bad line; each bad line is named in the details.
    """
    checked = require_text(text, "The CSV", at_most=MAX_CSV).removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
    cities: dict[tuple[str, str], tuple[int, CoverageRow]] = {}
    bad: list[tuple[int, str]] = []
    rows = csv_rows(checked)
    try:
        header = next(rows, None)
        if header is None or [name.strip() for name in header.cells] != HEADER:
            raise page.wrong_csv_header(",".join(HEADER), lines=[])
        for row in rows:
            try:
                city = _city(row.cells)
                first, _ = cities.setdefault((city.city, city.department_abbrev), (row.line, city))
                if first != row.line:
                    bad.append((row.line, f"the city is on line {first} already"))
            except _BadLineError as error:
                bad.append((row.line, str(error)))
    except FileRefusedError as error:
        bad += [(note.line or 1, note.why) for note in error.notes]
    if bad:
        raise _refusal(bad)
    if not cities:
        raise page.empty_csv(lines=[])
    return [city for _, city in cities.values()]


def _city(fields: Sequence[str]) -> CoverageRow:
    if len(fields) != len(HEADER):
        raise _BadLineError(f"it has {len(fields)} fields, not {len(HEADER)}")
    carrier_city, department, supports_cod = (_cell(field) for field in fields)
    city = normalise(carrier_city)
    if not city or len(carrier_city) > MAX_CITY:
        raise _BadLineError(f"the city must have 1 to {MAX_CITY} characters")
    abbreviation = _abbreviation(department)
    if not 1 <= len(abbreviation) <= MAX_ABBREVIATION:
        raise _BadLineError(f"the department must have 1 to {MAX_ABBREVIATION} characters")
    answer = normalise(supports_cod)
    if answer not in _TRUE | _FALSE:
        raise _BadLineError("supports_cod must be true or false")
    return CoverageRow(city, carrier_city.upper(), abbreviation, answer in _TRUE)


def _cell(text: str) -> str:
    line = clean_line(text)
    if isinstance(line, Unreadable):
        raise _BadLineError(f"{quoted(text)} {line.why}")
    return " ".join(line.split())


def _abbreviation(department: str) -> str:
    """Return a carrier's abbreviation as it stands, and that of a department whose name is written out."""
    written = normalise(department)
    known = find_department(written)
    return written if known is None or written in known.abbreviations else known.abbreviations[0]


def _refusal(bad: list[tuple[int, str]]) -> RefusedError:
    named = "; ".join(f"line {line}: {why}" for line, why in bad[:_NAMED_LINES])
    more = f"; and {len(bad) - _NAMED_LINES} more" if len(bad) > _NAMED_LINES else ""
    return page.invalid_csv(named, more, lines=[{"line": line, "error": why} for line, why in bad])
