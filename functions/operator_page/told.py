"""What happened, told in words: what was sent, and what a command changed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from functions.operator_page.formats import money, number
from functions.operator_page.language import _, gettext, said_of
from functions.operator_page.words import COUNTS, FIELDS, SENT, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from shared import domain

_PESOS = frozenset({"totalConIva", "valorDeclarado"})


def told_sent(sent: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Give what the carrier's form was filled in with: each field's name, and its value as people write it."""
    known = [name for name in SENT if name in sent]
    for name in (*known, *(name for name in sent if name not in SENT)):
        yield gettext(SENT.get(name, name)), _value(name, sent[name])


def _value(name: str, value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return money(value) if name in _PESOS else number(value)
    return "" if value is None else str(value)


def said_fields(fields: Sequence[str], names: Mapping[str, str] = FIELDS) -> str:
    """Return the names of fields as people know them."""
    return ", ".join(dict.fromkeys(gettext(names.get(each, each)) for each in fields))


def told_values(fields: Mapping[str, tuple[object, object]]) -> Iterator[tuple[str, str, str]]:
    """Give each field's name, what it is and what it would be, as people write that; empty where it has no text."""
    for name, (before, after) in fields.items():
        yield said_fields([name]), _written(name, before), _written(name, after)


def _written(name: str, value: object) -> str:
    if name == "prepaid":
        return _("prepaid") if value else _("cash on delivery")
    if name == "total_value":
        return money(value if isinstance(value, Decimal | int | float) else None)
    return str(value) if isinstance(value, str | int) else ""


def told_changes(entry: domain.ActivityEntry) -> str:
    """Return what a command changed, as far as its entry says: names and counts, and no values of people."""
    details = entry.details
    if fields := details.get("fields"):
        return said_fields(fields, FIELDS if entry.action == "order_changed" else SETTINGS)
    items = details.get("items")
    # A settlement counts its items by what was found of them.
    counts = {**details, **(items if isinstance(items, dict) else {})}
    told = [
        f"{gettext(said)}: {number(count)}"
        for name, said in COUNTS.items()
        if isinstance(count := counts.get(name), int) and count
    ]
    if entry.action == "job_prioritised":
        told.append(said_of("priority", details.get("priority")))
    return ", ".join(told)
