"""Write the contacts of orders, set-based."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from shared.domain import refusal_page as page
from shared.domain.context import DomainContext
from shared.domain.ids import uuid7
from shared.domain.orders import sql

_COLUMNS = ("name", "phone", "email", "identification")


@dataclass(frozen=True)
class ContactChange:
    """What an order says of its contact: the id where it names one, and the columns to set."""

    order_id: UUID
    contact_id: UUID | None
    fields: Mapping[str, str | None]


def write_contacts(
    conn: Connection, ctx: DomainContext, changes: Iterable[ContactChange], present: Mapping[UUID, UUID | None]
) -> dict[UUID, UUID]:
    """Make or change the contacts and return the contact of each order; `present` is the one that an order has now.

    Where several orders say something of one contact, the last one's word stands.

    Raises:
        RefusedError: an id is in use by another workspace.
    """
    contact_of: dict[UUID, UUID] = {}
    wanted: dict[UUID, dict[str, str | None]] = {}
    for change in changes:
        contact_id = change.contact_id or present.get(change.order_id) or uuid7()
        contact_of[change.order_id] = contact_id
        wanted.setdefault(contact_id, {}).update(change.fields)
    if wanted:
        _upsert(conn, ctx, wanted)
    return contact_of


def _upsert(conn: Connection, ctx: DomainContext, wanted: Mapping[UUID, Mapping[str, str | None]]) -> None:
    row = {"workspace_id": ctx.workspace_id}
    inserted = {id_ for (id_,) in conn.execute(sql.INSERT_CONTACTS, row | _columns(wanted))}
    known = [id_ for id_ in wanted if id_ not in inserted]
    if not known:
        return
    cursor = conn.cursor(row_factory=dict_row)
    before = {each.pop("id"): each for each in cursor.execute(sql.LOCK_CONTACTS, row | {"contact_ids": known})}
    taken = [id_ for id_ in known if id_ not in before]
    if taken:
        raise page.contact_ids_taken(contact_ids=taken)
    after = {id_: before[id_] | dict(wanted[id_]) for id_ in known}
    changed = {id_: fields for id_, fields in after.items() if fields != before[id_]}
    if changed:
        conn.execute(sql.UPDATE_CONTACTS, row | _columns(changed))


def _columns(contacts: Mapping[UUID, Mapping[str, str | None]]) -> dict[str, object]:
    return {"id": list(contacts)} | {
        column: [fields.get(column) for fields in contacts.values()] for column in _COLUMNS
    }
