"""Write the contacts of orders, set-based."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row

from shared.domain import refusal_page as page
from shared.domain.context import DomainContext
from shared.domain.ids import uuid7
from shared.domain.orders.models import ContactParams
from shared.domain.texts import optional_sent, require_sent
from shared.domain.unset import UNSET
from shared.domain.validation import require_uuid
from shared.logistics import FieldKind

_COLUMNS = ("name", "phone", "email", "identification")
_KINDS = {"phone": FieldKind.NUMBER, "email": FieldKind.TEXT, "identification": FieldKind.NUMBER}
_MAX_TEXT = 1_000


@dataclass(frozen=True)
class ContactChange:
    """What an order says of its contact: the id where it names one, and the columns to set."""

    order_id: UUID
    contact_id: UUID | None
    fields: Mapping[str, str | None]


def contact_change(order_id: UUID, contact: object) -> ContactChange | None:
    """Check what an order says of its contact and bring it into the columns' form; None where that is UNSET.

    Raises:
        RefusedError: it is no contact, or a value can't be one of its column.
    """
    if contact is UNSET:
        return None
    if not isinstance(contact, ContactParams):
        raise page.unexpected_value("contact", "ContactParams")
    name = require_sent(contact.name, "contact.name", FieldKind.NAME, at_least=1, at_most=_MAX_TEXT)
    given = {"phone": contact.phone, "email": contact.email, "identification": contact.identification}
    fields: dict[str, str | None] = {"name": name}
    for column, value in given.items():
        if value is not UNSET:
            fields[column] = optional_sent(value, f"contact.{column}", _KINDS[column], at_most=_MAX_TEXT)
    contact_id = None if contact.id is None else require_uuid(contact.id, "contact.id")
    return ContactChange(order_id, contact_id, fields)


@dataclass(frozen=True)
class WrittenContacts:
    """The contact of each order, and which of them are new or have changed."""

    contact_of: Mapping[UUID, UUID]
    changed_ids: frozenset[UUID]


def write_contacts(
    conn: Connection, ctx: DomainContext, changes: Iterable[ContactChange], present: Mapping[UUID, UUID | None]
) -> WrittenContacts:
    """Make or change the contacts and return them; `present` is the one that an order has now.

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
    return WrittenContacts(contact_of, _upsert(conn, ctx, wanted) if wanted else frozenset())


def _upsert(conn: Connection, ctx: DomainContext, wanted: Mapping[UUID, Mapping[str, str | None]]) -> frozenset[UUID]:
    row = {"workspace_id": ctx.workspace_id}
    inserted = {id_ for (id_,) in conn.execute(_INSERT, row | _columns(wanted))}
    known = [id_ for id_ in wanted if id_ not in inserted]
    if not known:
        return frozenset(inserted)
    cursor = conn.cursor(row_factory=dict_row)
    before = {each.pop("id"): each for each in cursor.execute(_LOCK, row | {"contact_ids": known})}
    taken = [id_ for id_ in known if id_ not in before]
    if taken:
        raise page.contact_ids_taken(contact_ids=taken)
    after = {id_: before[id_] | dict(wanted[id_]) for id_ in known}
    changed = {id_: fields for id_, fields in after.items() if fields != before[id_]}
    if changed:
        conn.execute(_UPDATE, row | _columns(changed))
    return frozenset(inserted | set(changed))


def _columns(contacts: Mapping[UUID, Mapping[str, str | None]]) -> dict[str, object]:
    return {"id": list(contacts)} | {
        column: [fields.get(column) for fields in contacts.values()] for column in _COLUMNS
    }


# Contacts that no workspace has yet.
_INSERT = """
INSERT INTO contacts (id, workspace_id, name, phone, email, identification)
SELECT new.id, %(workspace_id)s, new.name, new.phone, new.email, new.identification
  FROM unnest(%(id)b::uuid[], %(name)b::text[], %(phone)b::text[], %(email)b::text[], %(identification)b::text[])
       AS new (id, name, phone, email, identification)
 ORDER BY new.id
    ON CONFLICT (id) DO NOTHING
RETURNING id
"""

# Contacts as they are, kept so until the transaction ends.
_LOCK = """
SELECT id, name, phone, email, identification
  FROM contacts
 WHERE id = ANY(%(contact_ids)b::uuid[]) AND workspace_id = %(workspace_id)s
 ORDER BY id
   FOR NO KEY UPDATE
"""

# Whole rows: what was not changed is written as it was read under the lock.
_UPDATE = """
UPDATE contacts
   SET name = new.name, phone = new.phone, email = new.email, identification = new.identification,
       updated_at = now()
  FROM unnest(%(id)b::uuid[], %(name)b::text[], %(phone)b::text[], %(email)b::text[], %(identification)b::text[])
       AS new (id, name, phone, email, identification)
 WHERE contacts.id = new.id AND contacts.workspace_id = %(workspace_id)s
"""
