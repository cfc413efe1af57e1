"""What a person says of shipments in a form, in boxes and in a pasted list: all of it is understood, or none."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from functions.operator_page.forms import FormError
from functions.operator_page.ids import id_of
from functions.operator_page.items import shown_status
from functions.operator_page.language import _
from functions.operator_page.visit import ctx, here
from shared import domain
from shared.http.domain_api import data_of
from shared.logistics import Unreadable, clean_line, id_form, normalise, read_tracking_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from uuid import UUID

#: In a list, what says that a shipment is not there; whatever else is no number is not understood.
_NOT_THERE = frozenset(map(normalise, ("no", "no está", "no existe", "not there")))
#: Between the two cells of a line; without any of these, a blank is.
_SEPARATORS = ("\t", ";", ",")
#: Lines that a refusal names.
_MOST_NAMED = 10


class SharedNumberError(FormError):
    """Two orders have one number, and nobody said that they may."""


class _Said:
    """What was said of items: of each one thing, and each number of one item."""

    def __init__(self, *, allows_shared_number: bool) -> None:
        self.settlements: dict[UUID, domain.Settlement] = {}
        self._allows_shared_number = allows_shared_number
        self._items: dict[str, UUID] = {}

    def take(self, item_id: UUID, number: str | None, *, is_there: bool) -> bool:
        """Take what was said of an item; False: it contradicts what was said before."""
        settlement = domain.Settlement(item_id, shipped=is_there, tracking_number=number)
        is_first_s = number is None or self._items.setdefault(number, item_id) == item_id
        return self.settlements.setdefault(item_id, settlement) == settlement and (
            is_first_s or self._allows_shared_number
        )


def reference_of(item: domain.RobotJobItem) -> str:
    """Return what the portal knows an item by."""
    sent: dict[str, Any] = item.value_sent or {}
    return str(sent.get("referencia") or item.order_name or item.order_id)


def read_said(job_id: UUID, searched: Sequence[domain.RobotJobItem]) -> list[domain.Settlement]:
    """Return what the form says of the items that are searched for.

    Raises:
        FormError: something is not understood, or contradicts something else; then nothing is to be recorded.
    """
    visit = here()
    said = _Said(allows_shared_number=bool(visit.field("shared")))
    _take_boxes(said, job_id, {item.id: reference_of(item) for item in searched})
    if pasted := visit.field("pasted"):
        _take_lines(said, pasted, data_of(domain.get_job_with_items(ctx(), job_id)).items)
    return list(said.settlements.values())


def read_voided(job_id: UUID) -> dict[UUID, list[domain.Settlement]]:
    """Return the shipments that the form says were cancelled at the carrier, by their jobs, the form's own first."""
    voided: dict[UUID, dict[UUID, domain.Settlement]] = {job_id: {}}
    for value in _fields("voided").values():
        job, _blank, item = value.partition(" ")
        voided.setdefault(id_of(job), {})[id_of(item)] = domain.Settlement(id_of(item), voided=True)
    return {job: list(settlements.values()) for job, settlements in voided.items()}


def _fields(kind: str) -> dict[str, str]:
    """Return what was typed into the fields of a kind, by the id that each is of."""
    visit = here()
    ids = (name.removeprefix(f"{kind}-") for name in visit.form if name.startswith(f"{kind}-"))
    return {id_: typed for id_ in ids if (typed := visit.field(f"{kind}-{id_}"))}


def _take_boxes(said: _Said, job_id: UUID, references: Mapping[UUID, str]) -> None:
    numbers = _fields("number")
    boxes = {id_: box for id_, box in _fields("said").items() if box in {"shipped", "not"}}
    half_said = {id_of(id_): number for id_, number in numbers.items() if boxes.get(id_) != "shipped"}
    if half_said:
        raise FormError(_half_said(job_id, half_said, references))
    for id_, box in boxes.items():
        item_id, number = id_of(id_), _number(numbers.get(id_, ""))
        if not said.take(item_id, number, is_there=box == "shipped"):
            why = _("Number {number} is said of two orders. Look again; nothing was recorded.")
            raise SharedNumberError(why.format(number=number))


def _half_said(job_id: UUID, numbers: Mapping[UUID, str], references: Mapping[UUID, str]) -> str:
    """Say of which items a number was typed, and not that it is there: it must not be passed over."""
    gone = [item_id for item_id in numbers if item_id not in references]
    if not gone:
        why = _("A number was typed for {references}, but not that it is there. Say so, or leave the number out.")
        return why.format(references=", ".join(references[item_id] for item_id in numbers))
    items = [data_of(domain.get_job_item(ctx(), domain.GetJobItemParams(job_id, id_))).item for id_ in gone]
    named = ", ".join(f"{reference_of(item)} ({numbers[item.id]})" for item in items)
    return _(
        "Of these nobody asks any more, and the typed number was not recorded: {named}. Open the order and compare."
    ).format(named=named)


def _number(text: str) -> str | None:
    number = read_tracking_number(text)
    if isinstance(number, Unreadable) or (text and number is None):
        why = _("“{text}” is no number of the portal. Write the number alone, which has digits and no blank.")
        raise FormError(why.format(text=text[:40]))
    return number


def _take_lines(said: _Said, pasted: str, items: Sequence[domain.RobotJobItem]) -> None:
    named = _by_name(items)
    searched = {item.id for item in items if shown_status(item) == "unsettled"}
    unread = [line for line in _lines(pasted) if not _take_line(said, line, named, searched)]
    if unread:
        why = _(
            "These lines of the list are not understood, and nothing was recorded: {lines}. Write one order a line, by"
            " a name that no other has, and its number or “no”; nothing twice."
        )
        raise FormError(why.format(lines="; ".join(unread[:_MOST_NAMED])))


def _take_line(said: _Said, line: str, named: Mapping[str, set[UUID]], searched: AbstractSet[UUID]) -> bool:
    cells = _cells(line)
    ids = named.get(_key(cells[0]), set())
    if len(cells) != 2 or len(ids) != 1 or not ids <= searched:  # noqa: PLR2004 - a name and a number
        return False
    [item_id] = ids
    if normalise(cells[1]) in _NOT_THERE:
        return said.take(item_id, None, is_there=False)
    number = read_tracking_number(cells[1])
    return isinstance(number, str) and said.take(item_id, number, is_there=True)


def _by_name(items: Iterable[domain.RobotJobItem]) -> dict[str, set[UUID]]:
    """Return the items by all that a list may call them: several orders may have one name, or one reference."""
    named: dict[str, set[UUID]] = defaultdict(set)
    for item in items:
        for name in (reference_of(item), item.order_name or "", str(item.id), str(item.order_id)):
            named[_key(name)].add(item.id)
    return {key: ids for key, ids in named.items() if key}


def _key(name: str) -> str:
    line = clean_line(name)
    return "" if isinstance(line, Unreadable) else id_form(line).casefold()


def _lines(pasted: str) -> Iterator[str]:
    return filter(None, map(str.strip, pasted.splitlines()))


def _cells(line: str) -> list[str]:
    separator = next((each for each in _SEPARATORS if each in line), None)
    return [cell.strip() for cell in (line.split(separator) if separator else line.split(maxsplit=1))]
