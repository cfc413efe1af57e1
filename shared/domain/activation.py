"""When a workspace's contacts count as clients: all of them, or those whose orders reach certain stages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from shared.domain import refusal_page as page
from shared.domain.context import DomainContext
from shared.domain.function import domain_function, domain_query
from shared.domain.refusals import RefusedError
from shared.domain.texts import require_sent

MAX_STAGES = 200
MAX_STAGE_ID = 1_000


@dataclass(frozen=True)
class ClientActivation:
    """A workspace's rule; without one nothing is activated, and the times are None."""

    is_enabled: bool = False
    all_are_clients: bool = False
    activation_stage_ids: Sequence[str] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True)
class UpsertClientActivationParams:
    """What to set; None keeps what is there."""

    is_enabled: bool | None = None
    all_are_clients: bool | None = None
    activation_stage_ids: Sequence[str] | None = None


@dataclass(frozen=True)
class BackfilledClients:
    """How many contacts became clients."""

    marked_count: int


@domain_query
def get_client_activation(conn: Connection, ctx: DomainContext) -> ClientActivation:
    """Return the workspace's rule, or a disabled one where none was set."""
    row = {"workspace_id": ctx.workspace_id}
    found = conn.cursor(row_factory=class_row(ClientActivation)).execute(_SELECT, row).fetchone()
    return found or ClientActivation()


@domain_function
def upsert_client_activation(
    conn: Connection, ctx: DomainContext, params: UpsertClientActivationParams
) -> ClientActivation:
    """Set what is given and keep the rest; it holds for orders written from now on. Refused: bad values (`INVALID`)."""
    if not isinstance(params, UpsertClientActivationParams):
        raise page.unexpected_value("The rule", "UpsertClientActivationParams")
    for name in ("is_enabled", "all_are_clients"):
        value = getattr(params, name)
        if value is not None and not isinstance(value, bool):
            raise page.unexpected_value(name, "true or false")
    row = {
        "workspace_id": ctx.workspace_id,
        "is_enabled": params.is_enabled,
        "all_are_clients": params.all_are_clients,
        "stage_ids": _checked_stages(params.activation_stage_ids),
    }
    conn.execute(_INSERT, row)
    [activation] = conn.cursor(row_factory=class_row(ClientActivation)).execute(_UPDATE, row).fetchall()
    return activation


@domain_function
def backfill_clients(conn: Connection, ctx: DomainContext) -> BackfilledClients:
    """Mark every contact that the workspace's rule makes a client; a client stays one."""
    [(count,)] = conn.execute(_BACKFILL, {"workspace_id": ctx.workspace_id}).fetchall()
    return BackfilledClients(count)


def mark_clients(
    conn: Connection, ctx: DomainContext, contacts_and_stages: Sequence[tuple[UUID | None, object]]
) -> None:
    """Mark the contacts of orders that were just written, where the stage or the rule makes them clients."""
    present = [(contact_id, stage_id) for contact_id, stage_id in contacts_and_stages if contact_id is not None]
    if present:
        row = {
            "workspace_id": ctx.workspace_id,
            "contact_ids": [contact_id for contact_id, _ in present],
            "stage_ids": [stage_id for _, stage_id in present],
        }
        conn.execute(_MARK, row)


def _checked_stages(stage_ids: object) -> list[str] | None:
    if stage_ids is None:
        return None
    if not isinstance(stage_ids, list | tuple) or len(stage_ids) > MAX_STAGES:
        raise too_many_stages()
    checked = [require_sent(each, "Each stage id", None, at_least=1, at_most=MAX_STAGE_ID) for each in stage_ids]
    return list(dict.fromkeys(checked))


def too_many_stages() -> RefusedError:
    """Return the refusal of what is no list of stages, or too long a one."""
    return page.unexpected_value("activation_stage_ids", f"a list of at most {MAX_STAGES} stage ids")


_SELECT = """
SELECT is_enabled, all_are_clients, activation_stage_ids, created_at, updated_at
  FROM client_activation
 WHERE workspace_id = %(workspace_id)s
"""

# A rule with the schema's defaults, where there is none yet.
_INSERT = """
INSERT INTO client_activation (workspace_id) VALUES (%(workspace_id)s) ON CONFLICT (workspace_id) DO NOTHING
"""

# What is given is set, what is null is kept.
_UPDATE = """
UPDATE client_activation
   SET is_enabled = coalesce(%(is_enabled)s, is_enabled),
       all_are_clients = coalesce(%(all_are_clients)s, all_are_clients),
       activation_stage_ids = coalesce(%(stage_ids)s::text[], activation_stage_ids),
       updated_at = now()
 WHERE workspace_id = %(workspace_id)s
RETURNING is_enabled, all_are_clients, activation_stage_ids, created_at, updated_at
"""

# Every contact that the rule makes a client. Locked by id, as everyone locks contacts.
_BACKFILL = """
WITH found AS (
    SELECT contact.id
      FROM contacts AS contact
      JOIN client_activation AS activation
        ON activation.workspace_id = contact.workspace_id AND activation.is_enabled
     WHERE contact.workspace_id = %(workspace_id)s AND NOT contact.is_client
       AND (activation.all_are_clients
            OR contact.id IN (SELECT orders.contact_id
                                FROM orders
                                JOIN client_activation AS rule
                                  ON rule.workspace_id = orders.workspace_id
                                 AND orders.stage_id = ANY(rule.activation_stage_ids)
                               WHERE orders.workspace_id = %(workspace_id)s))
     ORDER BY contact.id
       FOR NO KEY UPDATE OF contact
), marked AS (
    UPDATE contacts SET is_client = true, updated_at = now() FROM found WHERE contacts.id = found.id
    RETURNING contacts.id
)
SELECT count(*) FROM marked
"""

# The contacts of these orders that the rule makes clients.
_MARK = """
WITH found AS (
    SELECT contact.id
      FROM contacts AS contact
      JOIN client_activation AS activation
        ON activation.workspace_id = contact.workspace_id AND activation.is_enabled
     WHERE contact.workspace_id = %(workspace_id)s AND NOT contact.is_client
       AND EXISTS (SELECT FROM unnest(%(contact_ids)b::uuid[], %(stage_ids)b::text[]) AS written (contact_id, stage_id)
                    WHERE written.contact_id = contact.id
                      AND (activation.all_are_clients
                           OR written.stage_id = ANY(activation.activation_stage_ids)))
     ORDER BY contact.id
       FOR NO KEY UPDATE OF contact
)
UPDATE contacts SET is_client = true, updated_at = now() FROM found WHERE contacts.id = found.id
"""
