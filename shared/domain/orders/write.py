"""Write changes of orders, set-based: the way of one order and of a thousand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from shared.domain.activation import mark_clients
from shared.domain.context import DomainContext
from shared.domain.orders import sql
from shared.domain.orders.check import COLUMNS
from shared.domain.orders.contacts import ContactChange, write_contacts
from shared.domain.orders.events import change_events, changed_columns

Row = Mapping[str, object]


@dataclass(frozen=True)
class OrderChange:
    """The columns to set of one order, and what to write of its contact."""

    order_id: UUID
    fields: Row
    contact: ContactChange | None


def lock_orders(conn: Connection, ctx: DomainContext, order_ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Return the workspace's orders among these as they are, and keep them so until the transaction ends."""
    row = {"workspace_id": ctx.workspace_id, "order_ids": list(order_ids)}
    found = conn.cursor(row_factory=dict_row).execute(sql.LOCK_ORDERS, row)
    return {each.pop("id"): each for each in found}


def write_orders(
    conn: Connection,
    ctx: DomainContext,
    changes: Sequence[OrderChange],
    before: Mapping[UUID, Row],
    new_ids: frozenset[UUID] = frozenset(),
) -> None:
    """Carry out the changes of locked orders and tell what really changed; nothing is told of new ones.

    Raises:
        RefusedError: a contact's id is in use by another workspace.
    """
    present = {order_id: _contact_id(row) for order_id, row in before.items()}
    contact_of = write_contacts(conn, ctx, [each.contact for each in changes if each.contact], present)
    changed: list[tuple[UUID, Row, Row]] = []
    for change in changes:
        old = before[change.order_id]
        after = {**old, **change.fields}
        if change.order_id in contact_of:
            after["contact_id"] = contact_of[change.order_id]
        if changed_columns(old, after):
            changed.append((change.order_id, old, after))
    shared = {"workspace_id": ctx.workspace_id}
    if changed:
        conn.execute(sql.UPDATE_ORDERS, shared | columns_of({id_: after for id_, _, after in changed}))
    if events := change_events(ctx, [each for each in changed if each[0] not in new_ids]):
        detail_types, details = zip(*events, strict=True)
        conn.execute(sql.INSERT_EVENTS, shared | {"detail_types": list(detail_types), "details": list(details)})
    mark_clients(conn, ctx, [(_contact_id(after), after["stage_id"]) for _, _, after in changed])


def columns_of(rows: Mapping[UUID, Row]) -> dict[str, object]:
    """Return rows as one list a column, as the statements take them."""
    columns: dict[str, object] = {column: [row[column] for row in rows.values()] for column in COLUMNS}
    columns["custom_fields"] = [json.dumps(row["custom_fields"]) for row in rows.values()]
    return {"id": list(rows)} | columns


def _contact_id(row: Row) -> UUID | None:
    contact_id = row["contact_id"]
    return contact_id if isinstance(contact_id, UUID) else None
