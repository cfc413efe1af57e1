"""Check on any database that what must hold does hold: counters, ends, shipments, numbers, history, events."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from uuid import UUID

from psycopg import Connection
from psycopg import errors as pg
from psycopg.rows import class_row

from shared.events import ALL_EVENTS

#: Sees every workspace. The owner of the tables, where it is no superuser, sees none: to it, all would seem well.
ROLE = "robot_jobs_system"
#: How late the schedules that publish events and end dispatches may be.
DEFAULT_MINUTES = 15


class AuditRoleError(Exception):
    """The connection's role may not act as robot_jobs_system, which sees every workspace."""


@dataclass(frozen=True)
class Finding:
    """Something that must never be so: the rule, whose, the id of what it is about, and what is seen."""

    kind: str
    workspace_id: UUID
    subject_id: str
    sentence: str


@dataclass(frozen=True)
class Audited:
    """How much there was to look at."""

    workspaces: int
    jobs: int
    items: int
    reports: int
    events: int


def audit(
    conn: Connection,
    *,
    workspace_id: UUID | None = None,
    minutes: int = DEFAULT_MINUTES,
    hand_overs_are_off: bool = False,
) -> list[Finding]:
    """Return everything that breaks a rule, of one workspace or of all, as the database is at one moment.

    The rules are in audit.sql. Events that are not published, and dispatches that are not ended, `minutes` after
    they should be count as broken too. While hand-overs are off, it is nobody's turn. The connection's role is
    robot_jobs_system or may become it.

    Raises:
        AuditRoleError: it may not; without that role nothing would be found, whatever is wrong.
    """
    row = {"workspace_id": workspace_id, "minutes": minutes, "are_off": hand_overs_are_off, **_shapes()}
    with _as_system(conn), conn.cursor(row_factory=class_row(Finding)) as cursor:
        return cursor.execute(_statement(), row, prepare=True).fetchall()


def count_audited(conn: Connection, *, workspace_id: UUID | None = None) -> Audited:
    """Return how much an audit looks at.

    Raises:
        AuditRoleError: the connection's role may not become robot_jobs_system.
    """
    with _as_system(conn), conn.cursor(row_factory=class_row(Audited)) as cursor:
        [counts] = cursor.execute(_COUNT, {"workspace_id": workspace_id}).fetchall()
    return counts


@contextmanager
def _as_system(conn: Connection) -> Iterator[None]:
    """Open a transaction, or a savepoint, with the role and the planner's settings of an audit; then set them back."""
    with conn.transaction():
        try:
            [(role, nested_loops)] = conn.execute(_SHOW).fetchall()
            conn.execute(_SET, {"role": ROLE, "nested_loops": "off"})
        except (pg.InsufficientPrivilege, pg.InvalidParameterValue) as error:
            raise AuditRoleError(
                f"{conn.info.user} may not act as {ROLE}, which sees every workspace: connect as {ROLE}, or run"
                f" GRANT {ROLE} TO {conn.info.user} once."
            ) from error
        yield
        conn.execute(_SET, {"role": role, "nested_loops": nested_loops})


@cache
def _statement() -> bytes:
    return Path(__file__).with_name("audit.sql").read_bytes()


@cache
def _shapes() -> Mapping[str, object]:
    """Return the members of every event's detail, one an entry, as the event models have them."""
    members = [
        (detail_type, field.alias or name, field.is_required())
        for detail_type, model in ALL_EVENTS.items()
        for name, field in model.model_fields.items()
    ]
    detail_types, names, required = zip(*members, strict=True)
    return {"detail_types": list(detail_types), "members": list(names), "required": list(required)}


_SHOW = "SELECT current_setting('role'), current_setting('enable_nestloop')"

# Until the transaction ends. Every rule joins whole tables, of which the planner believes that few rows remain:
# without this it compares each row with each.
_SET = "SELECT set_config('role', %(role)s, true), set_config('enable_nestloop', %(nested_loops)s, true)"

_COUNT = """
SELECT (SELECT count(DISTINCT workspace_id) FROM robot_jobs
         WHERE workspace_id = coalesce(%(workspace_id)s, workspace_id)) AS workspaces,
       (SELECT count(*) FROM robot_jobs WHERE workspace_id = coalesce(%(workspace_id)s, workspace_id)) AS jobs,
       (SELECT count(*) FROM robot_job_items WHERE workspace_id = coalesce(%(workspace_id)s, workspace_id)) AS items,
       (SELECT count(*) FROM robot_job_item_reports
         WHERE workspace_id = coalesce(%(workspace_id)s, workspace_id)) AS reports,
       (SELECT count(*) FROM outbox WHERE workspace_id = coalesce(%(workspace_id)s, workspace_id)) AS events
"""
