"""Write orders, set-based: the way of one that is changed and of a thousand that are imported.

Lock order: orders by id, contacts by id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from shared.domain import refusal_page as page
from shared.domain.activation import mark_clients
from shared.domain.activity_log import log_activity, log_changes
from shared.domain.context import DomainContext
from shared.domain.function import domain_function
from shared.domain.orders.columns import Kind, listed, unnested
from shared.domain.orders.contacts import ContactChange, contact_change, write_contacts
from shared.domain.orders.events import Row, changed_columns, emit_changes
from shared.domain.orders.identity import identified, label_of, refuse_external_id_in_use
from shared.domain.orders.models import (
    COLUMNS,
    IMPORTABLE,
    ImportedOrders,
    ImportOrder,
    ImportOrdersParams,
    Order,
    UpdateOrderParams,
)
from shared.domain.orders.numbers import refuse_numbers_in_use
from shared.domain.orders.read import read_order
from shared.domain.refusals import RefusedError
from shared.domain.unset import UNSET
from shared.domain.validation import require_flag, require_uuid

_NEW_ORDER: Row = {name: kind.initial for name, kind in COLUMNS.items()}


@dataclass(frozen=True)
class OrderChange:
    """The columns to set of one order, and what to write of its contact."""

    order_id: UUID
    fields: Row
    contact: ContactChange | None


@domain_function
def update_order(conn: Connection, ctx: DomainContext, params: UpdateOrderParams) -> Order:
    """Change what is given and return the order; automations are told of each field that really changed.

    Refused: an unknown order (`NOT_FOUND`); values that can't be right, a contact that is not the workspace's
    (`INVALID`), an externalId that another order has (`INVALID`); a tracking number that another order has, unless that
    is allowed (`CONFLICT`).
    """
    if not isinstance(params, UpdateOrderParams):
        raise page.unexpected_value("The change", "UpdateOrderParams")
    order_id = require_uuid(params.order_id, "order_id")
    if params.contact is not UNSET and params.contact_id is not UNSET:
        raise page.two_contacts()
    change = _change(order_id, params, COLUMNS)
    before = _lock(conn, ctx, [order_id])
    if not before:
        raise page.order_not_found(order_id=order_id)
    number = change.fields.get("tracking_number")
    if isinstance(number, str) and not require_flag(params.allow_shared_number, "allow_shared_number"):
        refuse_numbers_in_use(conn, ctx, {order_id: number})
    external_id = change.fields.get("external_id")
    if isinstance(external_id, str):
        refuse_external_id_in_use(conn, ctx, order_id, external_id)
    if fields := _write(conn, ctx, [change], before).get(order_id):
        log_activity(conn, ctx, "order_changed", order_id=order_id, fields=fields)
    return read_order(conn, ctx, order_id)


@domain_function
def import_orders(conn: Connection, ctx: DomainContext, params: ImportOrdersParams) -> ImportedOrders:
    """Make the orders that the workspace does not have and change those that it has, contacts included.

    Automations are told of changes as `update_order` tells them, and nothing of new orders. Refused: no orders or
    more than 1,000, an id or externalId twice or another order's, values that can't be right (`INVALID`).
    """
    changes = changes_of(conn, ctx, params)
    order_ids = [change.order_id for change in changes]
    whole = {change.order_id: {**_NEW_ORDER, **change.fields} for change in changes}
    new_ids = _insert(conn, ctx, whole)
    known_ids = [id_ for id_ in order_ids if id_ not in new_ids]
    before = _lock(conn, ctx, known_ids) if known_ids else {}
    _refuse_taken([id_ for id_ in known_ids if id_ not in before])
    now = before | {id_: whole[id_] for id_ in order_ids if id_ in new_ids}
    written = _write(conn, ctx, changes, now, new_ids)
    changed = {order_id: fields for order_id, fields in written.items() if order_id not in new_ids}
    if changed:
        log_changes(conn, ctx, changed)
    if new_ids or changed:
        log_activity(conn, ctx, "orders_imported", new=len(new_ids), changed=len(changed))
    return ImportedOrders(len(changes))


def changes_of(conn: Connection, ctx: DomainContext, params: ImportOrdersParams) -> list[OrderChange]:
    """Return what an import says of each of its orders, checked, and under the id that each is written.

    Raises:
        RefusedError: the orders can't be told apart, or a value can't be one of its column.
    """
    if not isinstance(params, ImportOrdersParams) or not isinstance(params.orders, list | tuple):
        raise page.unexpected_value("The orders", "a list in ImportOrdersParams")
    if not all(isinstance(order, ImportOrder) for order in params.orders):
        raise page.unexpected_value("Each of orders", "an ImportOrder")
    order_ids = identified(conn, ctx, params.orders)
    return [_change_of_many(*each) for each in zip(count(), order_ids, params.orders, strict=False)]


def _change(order_id: UUID, params: UpdateOrderParams | ImportOrder, columns: Mapping[str, Kind]) -> OrderChange:
    """Check what the params set, and say it in the columns' form.

    Raises:
        RefusedError: a value can't be one of its column.
    """
    given = {name: value for name in columns if (value := getattr(params, name)) is not UNSET}
    fields = {name: columns[name].checked(value, name) for name, value in given.items()}
    if params.contact is None:
        return OrderChange(order_id, fields | {"contact_id": None}, None)
    return OrderChange(order_id, fields, contact_change(order_id, params.contact))


def _change_of_many(position: int, order_id: UUID, order: ImportOrder) -> OrderChange:
    """Return the change of an order of a list, as `_change` does.

    Raises:
        RefusedError: a value can't be one of its column; named are its place, and the order by its name or id.
    """
    try:
        return _change(order_id, order, IMPORTABLE)
    except RefusedError as error:
        raise error.within(f"orders.{position}", page.OF_ORDER, order=label_of(order, order_id)) from error


def _refuse_taken(order_ids: list[UUID]) -> None:
    if order_ids:
        raise page.order_ids_taken(order_ids=order_ids)


def _insert(conn: Connection, ctx: DomainContext, rows: Mapping[UUID, Row]) -> frozenset[UUID]:
    """Insert what no workspace has, without contacts, and return the ids; an insert decides it, not a read."""
    row = {"workspace_id": ctx.workspace_id} | _arrays(rows, IMPORTABLE)
    return frozenset(id_ for (id_,) in conn.execute(_INSERT, row))


def _lock(conn: Connection, ctx: DomainContext, order_ids: Sequence[UUID]) -> dict[UUID, Row]:
    """Return the workspace's orders among these as they are, and keep them so until the transaction ends."""
    row = {"workspace_id": ctx.workspace_id, "order_ids": list(order_ids)}
    found = conn.cursor(row_factory=dict_row).execute(_LOCK, row)
    return {each.pop("id"): each for each in found}


def _write(
    conn: Connection,
    ctx: DomainContext,
    changes: Sequence[OrderChange],
    before: Mapping[UUID, Row],
    new_ids: frozenset[UUID] = frozenset(),
) -> dict[UUID, list[str]]:
    """Carry out the changes of locked orders, tell what really changed but of new ones, and return each one's fields.

    Raises:
        RefusedError: a contact's id is in use by another workspace.
    """
    present = {order_id: _contact_id(row) for order_id, row in before.items()}
    contacts = write_contacts(conn, ctx, [each.contact for each in changes if each.contact], present)
    changed: list[tuple[UUID, Row, Row]] = []
    fields: dict[UUID, list[str]] = {}
    for change in changes:
        old = before[change.order_id]
        after = {**old, **change.fields}
        contact_id = contacts.contact_of.get(change.order_id)
        if contact_id is not None:
            after["contact_id"] = contact_id
        if names := changed_columns(old, after):
            changed.append((change.order_id, old, after))
        if contact_id in contacts.changed_ids:
            names = [*names, "contact"]
        if names:
            fields[change.order_id] = names
    if changed:
        row = {"workspace_id": ctx.workspace_id} | _arrays({id_: after for id_, _, after in changed}, COLUMNS)
        conn.execute(_UPDATE, row)
    emit_changes(conn, ctx, [each for each in changed if each[0] not in new_ids])
    mark_clients(conn, ctx, [(_contact_id(after), after["stage_id"]) for _, _, after in changed])
    return fields


def _arrays(rows: Mapping[UUID, Row], columns: Mapping[str, Kind]) -> dict[str, object]:
    """Return rows as one list a column, as the statements take them."""
    arrays: dict[str, object] = {"id": list(rows)}
    for name, kind in columns.items():
        arrays[name] = kind.written([row[name] for row in rows.values()])
    return arrays


def _contact_id(row: Row) -> UUID | None:
    contact_id = row["contact_id"]
    return contact_id if isinstance(contact_id, UUID) else None


# Orders that no workspace has yet. One that is being inserted elsewhere is waited for.
_INSERT = f"""
INSERT INTO orders (id, workspace_id, {listed(IMPORTABLE, "{}")})
SELECT new.id, %(workspace_id)s, {listed(IMPORTABLE, "new.{}")}
  FROM unnest(%(id)b::uuid[], {unnested(IMPORTABLE)})
       AS new (id, {listed(IMPORTABLE, "{}")})
 ORDER BY new.id
    ON CONFLICT (id) DO NOTHING
RETURNING id
"""

# Orders as they are, kept so until the transaction ends.
_LOCK = f"""
SELECT id, {listed(COLUMNS, "{}")}
  FROM orders
 WHERE id = ANY(%(order_ids)b::uuid[]) AND workspace_id = %(workspace_id)s
 ORDER BY id
   FOR NO KEY UPDATE
"""

# Whole rows: what was not changed is written as it was read under the lock. A number that changes here was written by
# hand: reports write theirs elsewhere.
_UPDATE = f"""
UPDATE orders
   SET {listed(COLUMNS, "{0} = new.{0}")}, updated_at = now(),
       number_by_hand = orders.number_by_hand OR orders.tracking_number IS DISTINCT FROM new.tracking_number
  FROM unnest(%(id)b::uuid[], {unnested(COLUMNS)})
       AS new (id, {listed(COLUMNS, "{}")})
 WHERE orders.id = new.id AND orders.workspace_id = %(workspace_id)s
"""
