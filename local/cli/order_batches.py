"""A file's orders at the API: imported in batches and submitted, each named as the operator knows it."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from local.cli.api import MAX_ORDERS_PER_IMPORT
from local.cli.errors import ApiError, CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from local.cli.api import RobotJobsApi
    from local.cli.models import Submission
    from shared.intake import OrderRow

_PLACE = re.compile(r"\borders\.(\d+)\b")


def import_rows(api: RobotJobsApi, rows: Sequence[OrderRow]) -> int:
    """Create or update a file's orders, and return how many they are.

    Raises:
        CommandError: the API refused a batch; the text says which lines were written before it.
    """
    imported = 0
    for start in range(0, len(rows), MAX_ORDERS_PER_IMPORT):
        batch = rows[start : start + MAX_ORDERS_PER_IMPORT]
        try:
            imported += api.import_orders([_body(row) for row in batch])
        except CommandError as error:
            raise CommandError(_stopped(error, rows[:start], batch)) from error
    return imported


def submit_rows(
    rows: Sequence[OrderRow], submit: Callable[[list[UUID]], Submission]
) -> tuple[Submission, dict[UUID, str]]:
    """Submit a file's orders under the ids that they have, and return the names of those ids, too.

    Raises:
        CommandError: the API refused; orders are named as in the file.
    """
    if not rows:
        return submit([]), {}
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


def _body(row: OrderRow) -> dict[str, Any]:
    former = [str(id_) for id_ in row.known_ids if id_ != row.id]
    return row.body | {"formerIds": [str(id_) for id_ in row.known_ids]} if former else row.body


def _label(row: OrderRow) -> str:
    return f"{row.name or row.id} (line {row.line})"


def _span(rows: Sequence[OrderRow]) -> str:
    first, last = rows[0], rows[-1]
    if first is last:
        return f"line {first.line} ({first.name or first.id})"
    return f"lines {first.line} to {last.line} ({first.name or first.id} to {last.name or last.id})"


def _stopped(error: CommandError, before: Sequence[OrderRow], batch: Sequence[OrderRow]) -> str:
    names = {row.id: _label(row) for row in batch} | {id_: _label(row) for row in batch for id_ in row.known_ids}
    said = _named(error, names) if isinstance(error, ApiError) else error
    place = _PLACE.search(str(error)) if isinstance(error, ApiError) else None
    lines = [str(said).rstrip(".") + "."]
    if place and int(place[1]) < len(batch):
        lines.append(f"That is {_label(batch[int(place[1])])}.")
    is_refused = isinstance(error, ApiError) and error.status < HTTPStatus.INTERNAL_SERVER_ERROR
    lines.append(f"Not written: {_span(batch)} and what follows." if is_refused else f"Not sure: {_span(batch)}.")
    lines.append(f"Written before: {len(before)} orders, {_span(before)}." if before else "Nothing was written before.")
    lines.append("Import the whole file again after that: an order that was written is not made twice.")
    return "\n  ".join(lines)


def _named(error: ApiError, names: dict[UUID, str]) -> CommandError:
    """Return the API's refusal with the orders that it is about, by the names that the file gives them."""
    details = error.members
    about = [(str(each.get("orderId")), each) for each in _objects(details.get("rejected") or details.get("orders"))]
    about += [(str(id_), {}) for id_ in _texts(details.get("orderIds") or details.get("ids"))]
    by_text = {str(id_): name for id_, name in names.items()}
    lines = [str(error)]
    for order_id, each in about:
        why = f": {each['reason']} ({each['code']})" if "reason" in each else ""
        lines.append(f"  {by_text.get(order_id, order_id)}{why}")
    return CommandError("\n".join(lines))


def _objects(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
