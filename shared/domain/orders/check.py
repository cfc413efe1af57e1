"""Check an import before it is made: what it would do, and which orders may have been entered twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from shared.domain.context import DomainContext
from shared.domain.function import domain_query
from shared.domain.orders.columns import listed
from shared.domain.orders.contacts import ContactChange
from shared.domain.orders.events import changed_columns
from shared.domain.orders.lookalikes import Lookalike, NewOrder, find_lookalikes
from shared.domain.orders.models import COLUMNS, ImportOrdersParams
from shared.domain.orders.write import OrderChange, changes_of

Row = Mapping[str, object]


@dataclass(frozen=True)
class ChangedOrder:
    """An order that an import would change: its place among those given, which fields, and the number that it has."""

    index: int
    order_id: UUID
    #: Each field with what it is and what it would be; nothing of a contact's, which has several.
    fields: Mapping[str, tuple[object, object]]
    tracking_number: str | None


@dataclass(frozen=True)
class CheckedOrders:
    """How many orders an import would make and leave as they are, which it would change, and which look like others."""

    new: int
    unchanged: int
    lookalikes: list[Lookalike]
    changes: list[ChangedOrder]

    @property
    def changed(self) -> int:
        """How many orders it would change."""
        return len(self.changes)


@domain_query
def check_orders(conn: Connection, ctx: DomainContext, params: ImportOrdersParams) -> CheckedOrders:
    """Tell what `import_orders` would do with these orders, and write nothing.

    Only new orders are compared with others: what is known has been asked about before. Refused: what the import would
    refuse, but for ids that another workspace has, which only writing tells.
    """
    return check_changes(conn, ctx, changes_of(conn, ctx, params))


def check_changes(conn: Connection, ctx: DomainContext, changes: Sequence[OrderChange]) -> CheckedOrders:
    """Tell what an import of these changes would do, and which of the new orders look like another one."""
    present = _read(conn, ctx, [change.order_id for change in changes])
    new = [_new(*each) for each in enumerate(changes) if each[1].order_id not in present]
    known = [(index, change) for index, change in enumerate(changes) if change.order_id in present]
    compared = (_compared(index, change, present[change.order_id]) for index, change in known)
    changed = [each for each in compared if each.fields]
    unchanged = len(known) - len(changed)
    return CheckedOrders(len(new), unchanged, find_lookalikes(conn, ctx, new), changed)


def _read(conn: Connection, ctx: DomainContext, order_ids: Sequence[UUID]) -> dict[UUID, Row]:
    row = {"workspace_id": ctx.workspace_id, "order_ids": list(order_ids)}
    found = conn.cursor(row_factory=dict_row).execute(_SELECT_PRESENT, row)
    return {each.pop("id"): each for each in found}


def _compared(index: int, change: OrderChange, present: Row) -> ChangedOrder:
    number = present["tracking_number"]
    fields = _changed_fields(change, present)
    return ChangedOrder(index, change.order_id, fields, number if isinstance(number, str) else None)


def _changed_fields(change: OrderChange, present: Row) -> dict[str, tuple[object, object]]:
    after = {**present, **change.fields}
    fields: dict[str, tuple[object, object]] = {
        column: (present[column], after[column]) for column in changed_columns(present, after)
    }
    contact = change.contact
    if contact is not None and _is_other_contact(contact, present):
        fields["contact"] = (None, None)
    return fields


def _is_other_contact(contact: ContactChange, present: Row) -> bool:
    if contact.contact_id not in {None, present["contact_id"]}:
        return True
    return any(present[f"contact_{column}"] != value for column, value in contact.fields.items())


def _new(index: int, change: OrderChange) -> NewOrder:
    fields: Row = {**change.fields, "phone": change.contact.fields.get("phone") if change.contact else None}
    name, address, phone = (
        value if isinstance(value := fields.get(column), str) else None
        for column in ("name", "shipping_address", "phone")
    )
    return NewOrder(index, change.order_id, name, address, phone)


# Orders as they are, with their contacts.
_SELECT_PRESENT = f"""
SELECT orders.id, {listed(COLUMNS, "orders.{}")}, contact.name AS contact_name, contact.phone AS contact_phone,
       contact.email AS contact_email, contact.identification AS contact_identification
  FROM orders
  LEFT JOIN contacts AS contact
         ON contact.id = orders.contact_id AND contact.workspace_id = %(workspace_id)s
 WHERE orders.id = ANY(%(order_ids)b::uuid[]) AND orders.workspace_id = %(workspace_id)s
"""
