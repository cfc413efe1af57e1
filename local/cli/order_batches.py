"""A file's orders at the API: checked and imported in batches and submitted, each named as the operator knows it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import UUID

from local.cli.api import MAX_ORDERS_PER_IMPORT
from local.cli.errors import ApiError, CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from local.cli.api import RobotJobsApi
    from local.cli.models import Submission
    from shared.intake import OrderRow

_PLACE = re.compile(r"\borders\.(\d+)\b")


@dataclass
class CheckedRows:
    """What an import of a file's orders would do, and which of them look like another order, and why."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    lookalikes: list[tuple[OrderRow, str]] = field(default_factory=list)


def check_rows(api: RobotJobsApi, rows: Sequence[OrderRow]) -> CheckedRows:
    """Ask what an import of a file's orders would do; nothing is written.

    Raises:
        CommandError: the API would refuse a batch; orders are named as in the file.
    """
    checked = CheckedRows()
    for batch in _batches(rows):
        try:
            found = api.check_orders([_body(row) for row in batch])
        except ApiError as error:
            raise CommandError(f"{_said_of(error, batch)}\n  Nothing was written.") from error
        checked.new += found.new
        checked.changed += found.changed
        checked.unchanged += found.unchanged
        checked.lookalikes += [(batch[each.index], each.reason) for each in found.lookalikes]
    return checked


def import_rows(
    api: RobotJobsApi, rows: Sequence[OrderRow], advance: Callable[[int], object] = lambda _count: None
) -> int:
    """Create or update a file's orders, and return how many they are; `advance` is told of each batch that is written.

    Raises:
        CommandError: the API refused a batch; the text says which lines were written before it.
    """
    imported = 0
    for number, batch in enumerate(_batches(rows)):
        try:
            imported += api.import_orders([_body(row) for row in batch])
        except CommandError as error:
            raise CommandError(_stopped(error, rows[: number * MAX_ORDERS_PER_IMPORT], batch)) from error
        advance(len(batch))
    return imported


def submit_rows(
    rows: Sequence[OrderRow],
    submit: Callable[[list[UUID]], Submission],
    submit_refs: Callable[[list[str]], Submission] | None = None,
) -> tuple[Submission, dict[UUID, str]]:
    """Submit a file's orders under the ids that they have, and return the names of those ids, too.

    Where all of them are known by what the shop calls them, and `submit_refs` is there, they are submitted by that.

    Raises:
        CommandError: the API refused; orders are named as in the file.
    """
    if not rows:
        return submit([]), {}
    refs = [row.reference for row in rows if row.reference]
    if submit_refs and len(refs) == len(rows):
        names = {id_: _label(row) for row in rows for id_ in row.known_ids}
        try:
            return submit_refs(refs), names
        except ApiError as error:
            raise _named(error, names, {row.reference or "": _label(row) for row in rows}) from error
    ways = [list(row.known_ids) for row in rows]
    while True:
        names = {ids[0]: _label(row) for row, ids in zip(rows, ways, strict=True)}
        try:
            return submit([ids[0] for ids in ways]), names
        except ApiError as error:
            # Nothing was made: who imported the order under another of its ids has it there.
            missing = _texts(error.members.get("orderIds")) if error.code == "orders_not_found" else []
            others = [ids for ids in ways if str(ids[0]) in missing and len(ids) > 1]
            if not others:
                raise _named(error, names) from error
            for ids in others:
                del ids[0]


def told_apart(orders: Sequence[str]) -> tuple[list[UUID], list[str]]:
    """The ids among what a person calls orders, and what the shop calls the others."""
    ids: list[UUID] = []
    refs: list[str] = []
    for order in orders:
        try:
            ids.append(UUID(order))
        except ValueError:
            refs.append(order)
    return ids, refs


def _batches(rows: Sequence[OrderRow]) -> Iterator[Sequence[OrderRow]]:
    return (rows[start : start + MAX_ORDERS_PER_IMPORT] for start in range(0, len(rows), MAX_ORDERS_PER_IMPORT))


def _body(row: OrderRow) -> dict[str, Any]:
    former = [str(id_) for id_ in row.known_ids]
    body = row.body if len(former) < 2 else row.body | {"formerIds": former}  # noqa: PLR2004 - one is its own
    if row.reference is None:
        return body
    # Its id is the API's affair: it may have come by another way, with an id of its own.
    return {name: value for name, value in body.items() if name != "id"} | {"externalId": row.reference}


def _label(row: OrderRow) -> str:
    return f"{row.name or row.id} (line {row.line})"


def _span(rows: Sequence[OrderRow]) -> str:
    first, last = rows[0], rows[-1]
    if first is last:
        return f"line {first.line} ({first.name or first.id})"
    return f"lines {first.line} to {last.line} ({first.name or first.id} to {last.name or last.id})"


def _stopped(error: CommandError, before: Sequence[OrderRow], batch: Sequence[OrderRow]) -> str:
    lines = [_said_of(error, batch) if isinstance(error, ApiError) else str(error).rstrip(".") + "."]
    is_refused = isinstance(error, ApiError) and error.status < HTTPStatus.INTERNAL_SERVER_ERROR
    lines.append(f"Not written: {_span(batch)} and what follows." if is_refused else f"Not sure: {_span(batch)}.")
    lines.append(f"Written before: {len(before)} orders, {_span(before)}." if before else "Nothing was written before.")
    lines.append("Import the whole file again after that: an order that was written is not made twice.")
    return "\n  ".join(lines)


def _said_of(error: ApiError, batch: Sequence[OrderRow]) -> str:
    """What the API refused of a batch, by the names and lines of the file."""
    names = {id_: _label(row) for row in batch for id_ in (row.id, *row.known_ids)}
    lines = [str(_named(error, names, {row.reference or "": _label(row) for row in batch})).rstrip(".") + "."]
    place = _PLACE.search(str(error))
    if place and int(place[1]) < len(batch):
        lines.append(f"That is {_label(batch[int(place[1])])}.")
    return "\n  ".join(lines)


def _named(error: ApiError, names: dict[UUID, str], refs: Mapping[str, str] | None = None) -> CommandError:
    """Return the API's refusal with the orders that it is about, by the names that the file gives them."""
    details = error.members
    about = [(str(each.get("orderId")), each) for each in _objects(details.get("rejected") or details.get("orders"))]
    about += [(str(id_), {}) for id_ in _texts(details.get("orderIds") or details.get("ids"))]
    about += [(ref, {}) for ref in _texts(details.get("orderRefs") or details.get("refs"))]
    by_text = {**(refs or {}), **{str(id_): name for id_, name in names.items()}}
    lines = [str(error)]
    for order_id, each in about:
        why = f": {each['reason']} ({each['code']})" if "reason" in each else ""
        lines.append(f"  {by_text.get(order_id, order_id)}{why}")
    return CommandError("\n".join(lines))


def _objects(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
