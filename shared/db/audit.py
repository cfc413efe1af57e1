"""Check on any database that what must hold does hold: counters, ends, shipments, numbers, history, events."""

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from uuid import UUID

from psycopg import Connection, sql
from psycopg import errors as pg
from psycopg.pq import TransactionStatus
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


#: Gets a rule with what breaks it.
Look = Callable[[str, Iterator[Finding]], int]


@dataclass(frozen=True)
class Audited:
    """How much there was to look at."""

    workspaces: int
    jobs: int
    items: int
    reports: int
    events: int


class UnknownRuleError(Exception):
    """There is no such rule."""


@dataclass(frozen=True)
class Scope:
    """What of a database is looked at: all of it, or a part.

    `since` leaves out jobs that have ended and not changed since then. `minutes` is how late the schedules may be that
    publish events and end dispatches. `rules` are names; none are all. While hand-overs are off, it is nobody's turn.
    """

    workspace_id: UUID | None = None
    since: datetime | None = None
    minutes: int = DEFAULT_MINUTES
    rules: Sequence[str] = ()
    hand_overs_are_off: bool = False


def audit(
    conn: Connection,
    *,
    workspace_id: UUID | None = None,
    minutes: int = DEFAULT_MINUTES,
    hand_overs_are_off: bool = False,
) -> list[Finding]:
    """Return everything that breaks a rule, of one workspace or of all, as the database is at one moment.

    For a database of some thousand rows: its statements are planned once a connection, for no parameters. The
    connection's role is robot_jobs_system or may become it.

    Raises:
        AuditRoleError: it may not; without that role nothing would be found, whatever is wrong.
    """
    scope = Scope(workspace_id, minutes=minutes, hand_overs_are_off=hand_overs_are_off)
    found: list[Finding] = []
    with _as_system(conn, "force_generic_plan"), conn.cursor(row_factory=class_row(Finding)) as cursor:
        for statement in _statements().values():
            found += cursor.execute(statement, _row(scope), prepare=True)
    return sorted(found, key=lambda each: (each.kind, str(each.workspace_id), each.subject_id, each.sentence))


def audit_by_rule(conn: Connection, scope: Scope) -> Generator[tuple[str, Iterator[Finding]]]:
    """Give each rule of audit.sql with what breaks it, as it is read; all as the database is at one moment.

    A connection that has a transaction open gives its own view; one that has none only reads, also on a replica.

    Raises:
        AuditRoleError: the role may not become robot_jobs_system.
        UnknownRuleError: the scope names a rule that there is not.
    """
    rules = _rules(scope)
    with _as_system(conn, "force_custom_plan"):
        yield from _each(conn, rules, scope)


def audit_side_by_side(first: Connection, second: Connection, scope: Scope, look: Look) -> int:
    """Have each rule looked at on whichever of two idle connections is free, and return the sum of what `look` gave.

    `look` gets a rule with what breaks it, as it is read, and is called in two threads. All is as the database is at
    one moment, as with `audit_by_rule`: the second connection takes the first one's snapshot, also on a replica.

    Raises:
        AuditRoleError: the role may not become robot_jobs_system.
        UnknownRuleError: the scope names a rule that there is not.
    """
    # Of a list's iterator each thread gets what the other one has not.
    rules = iter(list(_rules(scope)))
    with _as_system(first, "force_custom_plan"), ThreadPoolExecutor(1) as pool:
        [(snapshot,)] = first.execute("SELECT pg_export_snapshot()").fetchall()

        def beside() -> int:
            with _as_system(second, "force_custom_plan", snapshot):
                return sum(look(*each) for each in _each(second, rules, scope))

        other = pool.submit(beside)
        try:
            mine = sum(look(*each) for each in _each(first, rules, scope))
        finally:
            # Where this one failed, the other one begins no more.
            list(rules)
        return mine + other.result()


def _rules(scope: Scope) -> Iterable[str]:
    if unknown := set(scope.rules) - _statements().keys():
        raise UnknownRuleError(f"There is no rule {', '.join(sorted(unknown))}.")
    return scope.rules or _statements()


def _each(conn: Connection, rules: Iterable[str], scope: Scope) -> Iterator[tuple[str, Iterator[Finding]]]:
    for rule in rules:
        with conn.cursor(row_factory=class_row(Finding)) as cursor:
            yield rule, cursor.stream(_statements()[rule], _row(scope))


def _row(scope: Scope) -> Mapping[str, object]:
    return {
        "workspace_id": scope.workspace_id,
        "since": scope.since,
        "minutes": scope.minutes,
        "are_off": scope.hand_overs_are_off,
        **_shapes(),
    }


def count_audited(conn: Connection, *, workspace_id: UUID | None = None) -> Audited:
    """Return how much an audit looks at.

    Raises:
        AuditRoleError: the connection's role may not become robot_jobs_system.
    """
    with _as_system(conn, "auto"), conn.cursor(row_factory=class_row(Audited)) as cursor:
        [counts] = cursor.execute(_COUNT, {"workspace_id": workspace_id}).fetchall()
    return counts


@contextmanager
def _as_system(conn: Connection, plans: str, snapshot: str | None = None) -> Iterator[None]:
    """Open a transaction, or a savepoint, with the role and the planner's settings of an audit; then set them back."""
    is_first = conn.info.transaction_status == TransactionStatus.IDLE
    with conn.transaction():
        try:
            if is_first:
                conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            if snapshot:
                conn.execute(sql.SQL("SET TRANSACTION SNAPSHOT {}").format(snapshot))
            before = conn.execute(_SHOW).fetchone()
            conn.execute(_SET, (ROLE, plans, *_PLANNING))
        except (pg.InsufficientPrivilege, pg.InvalidParameterValue) as error:
            raise AuditRoleError(
                f"{conn.info.user} may not act as {ROLE}, which sees every workspace: connect as {ROLE}, or run"
                f" GRANT {ROLE} TO {conn.info.user} once."
            ) from error
        yield
        conn.execute(_SET, before)


@cache
def _statements() -> Mapping[str, bytes]:
    """Return the statement of each rule, by its name, with the names before it that it needs; its parts are in one."""
    text = re.sub(
        r"^ *--.*\n", "", Path(__file__).with_name("audit.sql").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    named, _, branches = text.partition("\n), finding (")
    names = dict(_NAMED.findall(named + "\n)"))
    rules: dict[str, list[str]] = {}
    for branch in re.split(
        r"^    UNION ALL\n", branches[branches.index("    SELECT ") :].rpartition("\n)\n")[0], flags=re.MULTILINE
    ):
        [kind] = re.findall(r"^    SELECT '(\w+)', ", branch, re.MULTILINE)
        rules.setdefault(kind, []).append(branch)
    return {kind: _with_names("    UNION ALL\n".join(parts), names).encode() for kind, parts in rules.items()}


def _with_names(rule: str, names: Mapping[str, str]) -> str:
    needed: set[str] = set()
    looked_at = rule
    while more := {name for name in names if re.search(rf"\b(FROM|JOIN) {name}\b", looked_at)} - needed:
        needed |= more
        looked_at = "".join(names[name] for name in more)
    named = ", ".join(f"{name}{body}\n)" for name, body in names.items() if name in needed)
    return f"WITH {named}, finding (kind, workspace_id, subject_id, sentence) AS (\n{rule})\nSELECT * FROM finding"


#: A name before the rules, and what it stands for.
_NAMED = re.compile(r"^(?:WITH |\), )(\w+)( AS (?:NOT )?MATERIALIZED \(\n.*?)\n(?=\))", re.MULTILINE | re.DOTALL)


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


# Rules read whole tables and find next to nothing, of which the planner knows nothing: what they remember of a table
# has room, and two processors may share a table.
_PLANNING = ("256MB", "2", "0", "off")
_SHOW = """
SELECT current_setting('role'), current_setting('plan_cache_mode'), current_setting('work_mem'),
       current_setting('hash_mem_multiplier'), current_setting('parallel_tuple_cost'), current_setting('jit')
"""
_SET = """
SELECT set_config('role', %s, true), set_config('plan_cache_mode', %s, true), set_config('work_mem', %s, true),
       set_config('hash_mem_multiplier', %s, true), set_config('parallel_tuple_cost', %s, true),
       set_config('jit', %s, true)
"""

_COUNT = """
SELECT (SELECT count(DISTINCT workspace_id) FROM robot_jobs
         WHERE workspace_id = coalesce(%(workspace_id)s, workspace_id)) AS workspaces,
       (SELECT count(*) FROM robot_jobs WHERE workspace_id = coalesce(%(workspace_id)s, workspace_id)) AS jobs,
       (SELECT count(*) FROM robot_job_items WHERE workspace_id = coalesce(%(workspace_id)s, workspace_id)) AS items,
       (SELECT count(*) FROM robot_job_item_reports
         WHERE workspace_id = coalesce(%(workspace_id)s, workspace_id)) AS reports,
       (SELECT count(*) FROM outbox WHERE workspace_id = coalesce(%(workspace_id)s, workspace_id)) AS events
"""
