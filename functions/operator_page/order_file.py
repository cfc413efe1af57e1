"""A file of orders on its way in: read anew at each step, since nothing but the file itself is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from functions.operator_page.visit import ctx
from shared import domain, intake
from shared.domain.orders.models import MAX_IMPORT
from shared.http.domain_api import data_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID


_FIELDS = {
    "externalId": "external_id",
    "name": "name",
    "totalValue": "total_value",
    "prepaid": "prepaid",
    "units": "units",
    "shippingAddress": "shipping_address",
    "shippingCity": "shipping_city",
    "shippingDepartment": "shipping_department",
    "email": "email",
    "carrier": "carrier",
}


@dataclass
class Checked:
    """What an import of a file's orders would do."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    #: The orders that look like another one, each with why.
    alike: list[tuple[intake.OrderRow, domain.Lookalike]] = field(default_factory=list)
    #: The orders that it would change, each with what.
    changes: list[tuple[intake.OrderRow, domain.ChangedOrder]] = field(default_factory=list)
    #: Orders that could be shipped as they would be then, and those that could not, each with why.
    shippable: int = 0
    unshippable: list[tuple[intake.OrderRow, domain.UnshippableOrder]] = field(default_factory=list)
    #: Orders that were shipped, may have been, or are in a job.
    taken: int = 0
    #: The orders that the workspace has already, and that wait to be shipped.
    waiting_ids: list[UUID] = field(default_factory=list)


def read(upload: domain.Upload) -> intake.OrderFile | intake.RefusedFile:
    """Return the orders of a file that is kept, or all that is wrong with it."""
    return intake.read_order_file(upload.content, ctx().workspace_id, upload.mapping)


def check(rows: Sequence[intake.OrderRow]) -> Checked:
    """Ask what an import would do; nothing is written.

    Raises:
        ProblemError: the import would be refused.
    """
    checked = Checked()
    for step in steps(rows):
        found = data_of(domain.check_import(ctx(), to_import(step)))
        checked.new += found.orders.new
        checked.changed += found.orders.changed
        checked.unchanged += found.orders.unchanged
        checked.alike += [(step[each.index], each) for each in found.orders.lookalikes]
        checked.changes += [(step[each.index], each) for each in found.orders.changes]
        checked.shippable += found.shippable
        checked.unshippable += [(step[each.index], each) for each in found.unshippable]
        checked.taken += found.taken
        checked.waiting_ids += found.waiting_ids
    return checked


def check_again(upload: domain.Upload) -> Checked:
    """Ask of a file that was imported what waits to be shipped of it, and what has to be corrected before.

    Raises:
        ProblemError: the file can't be imported any more.
    """
    found = read(upload)
    return check(found.orders) if isinstance(found, intake.OrderFile) else Checked()


@dataclass
class Imported:
    """What an import, or a step of it, did."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    #: New orders that look like another one, and that nobody confirmed.
    left_out: int = 0


def import_step(rows: Sequence[intake.OrderRow], confirmed: Sequence[UUID]) -> Imported:
    """Import a step's rows, but for new ones that look like another order and were not confirmed; return what it did.

    It can be repeated: what is there already is as the file says.

    Raises:
        ProblemError: the step was refused, and nothing of it was written.
    """
    checked = data_of(domain.check_orders(ctx(), to_import(rows)))
    alike = {rows[each.index].id for each in checked.lookalikes}
    taken = [row for row in rows if row.id not in alike or row.id in confirmed]
    if taken:
        data_of(domain.import_orders(ctx(), to_import(taken)))
    left_out = len(rows) - len(taken)
    return Imported(checked.new - left_out, checked.changed, checked.unchanged, left_out)


def steps(rows: Sequence[intake.OrderRow]) -> Iterator[Sequence[intake.OrderRow]]:
    """Give the rows in steps of as many as one import takes."""
    return (rows[start : start + MAX_IMPORT] for start in range(0, len(rows), MAX_IMPORT))


def to_import(rows: Sequence[intake.OrderRow]) -> domain.ImportOrdersParams:
    """Return what the domain is to import."""
    return domain.ImportOrdersParams([_order(row) for row in rows])


def _order(row: intake.OrderRow) -> domain.ImportOrder:
    columns: dict[str, Any] = {_FIELDS[name]: value for name, value in row.body.items() if name in _FIELDS}
    if contact := row.body.get("contact"):
        columns["contact"] = domain.ContactParams(**contact)
    if len(row.known_ids) > 1:
        columns["former_ids"] = row.known_ids
    if row.reference is None:
        return domain.ImportOrder(id=row.id, **columns)
    # Its id is the domain's affair: it may have come by another way, with an id of its own.
    return domain.ImportOrder(**columns | {"external_id": row.reference})
