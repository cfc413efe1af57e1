"""Money, numbers and times as Colombia writes them."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from functions.operator_page.visit import here

#: Source: Ley 16 de 1993 was the last summer time; a fixed offset needs no database of zones, which a runtime may lack.
_BOGOTA = timezone(timedelta(hours=-5), "America/Bogota")
#: Where there is no value.
NOTHING = "\N{EN DASH}"
_PATTERNS = {"es": "d MMM y, HH:mm", "en": "d MMM y, HH:mm"}
_LOCALES = {"es": "es_CO", "en": "en"}


def money(value: Decimal | float | None) -> str:
    """Return pesos, `$ 89.900`; centavos only where there are some."""
    return NOTHING if value is None else f"$\N{NO-BREAK SPACE}{number(value)}"


def number(value: Decimal | float) -> str:
    """Return a number with Colombia's separators, in either language: `1.234,5`."""
    # Not every request writes a number, and reading the locale's data takes longer than the rest of a small page.
    from babel.numbers import format_decimal  # noqa: PLC0415

    return format_decimal(value, format="#,##0.##", locale="es_CO")


def written(value: Decimal | float | str | None) -> str:
    """Return a value as a form has it, and takes it back: without zeros behind, which would be read as thousands."""
    if value is None:
        return ""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def when(at: datetime) -> str:
    """Return a day and time in Bogotá."""
    from babel.dates import format_datetime  # noqa: PLC0415 - as above

    language = here().language
    return format_datetime(at.astimezone(_BOGOTA), _PATTERNS[language], locale=_LOCALES[language])


def clock(at: datetime) -> str:
    """Return a time of day in Bogotá, as `14:05`."""
    return f"{at.astimezone(_BOGOTA):%H:%M}"


def file_time(at: datetime) -> str:
    """Return a day and time in Bogotá as a file's name takes it, as `2026-11-27-1405`."""
    return f"{at.astimezone(_BOGOTA):%Y-%m-%d-%H%M}"


def iso(at: datetime) -> str:
    """Return a time for a machine."""
    return at.isoformat()


def minutes_until(at: datetime | None) -> int | None:
    """Return the whole minutes until then, one at least; None where nobody knows when."""
    if at is None:
        return None
    return max(1, round((at - datetime.now(UTC)).total_seconds() / 60))
