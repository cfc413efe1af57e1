"""Workspaces can be spread over several databases: no constraint but keys of their own rows spans two of them."""

import re
from collections.abc import Callable
from uuid import UUID

from psycopg import Connection

from shared.db.outbox import lock_waiting, take_unpublished
from shared.db.transaction import system_transaction
from shared.domain import DomainContext, expire_dispatches
from shared.domain.ids import uuid7
from tests.dump import tables_of_workspaces
from tests.factories import hand_over, make_carrier_config, make_job

#: What is unique without the workspace: ids that the program makes, or that rows of one workspace have in common.
OWN_IDS = {"id", "job_id", "item_id", "order_id", "dispatch"}


def test_what_is_unique_is_so_within_a_workspace_or_by_ids_of_its_own(owner: Connection, database: str) -> None:
    """Naive: a key over all workspaces, which two databases can't hold together."""
    assert database
    for table in tables_of_workspaces(owner):
        for (definition,) in owner.execute(
            "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass AND indisunique", [table]
        ):
            [columns] = re.findall(r"USING btree \(([^)]*)\)", definition)
            named = set(columns.split(", "))
            assert "workspace_id" in named or named <= OWN_IDS, definition


def test_what_refers_to_another_row_refers_within_the_workspace_or_by_the_item(
    owner: Connection, database: str
) -> None:
    assert database
    definitions = [
        definition
        for table in tables_of_workspaces(owner)
        for (definition,) in owner.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
            [table],
        )
    ]
    assert len(definitions) > 5
    for definition in definitions:
        assert re.match(r"FOREIGN KEY \((workspace_id, \w+|item_id)\)", definition), definition


def test_what_runs_by_itself_takes_each_workspace_for_itself(
    fresh_database: str, owner: Connection, as_system: Callable[[], None]
) -> None:
    """One database of two workspaces is left as two databases of one are: each is dealt with in its own transaction."""
    assert fresh_database
    workspaces = sorted(uuid7() for _ in range(2))
    for workspace_id in workspaces:
        ctx = DomainContext(workspace_id, "test")
        make_carrier_config(owner, workspace_id)
        hand_over(ctx, make_job(owner, ctx))
    owner.execute("UPDATE robot_job_dispatches SET deadline_at = now()")
    as_system()
    with owner.transaction(force_rollback=True):
        # Somebody works on the first: the other does not wait for it.
        owner.execute(_HOLD_LINE, [workspaces[0]])
        assert expire_dispatches().closed_items == 1
    assert expire_dispatches().closed_items == 1
    assert ended(owner) == set(workspaces)
    with system_transaction() as conn:
        waiting = lock_waiting(conn, UUID(int=0), limit=1)
        assert waiting.workspace_ids == workspaces[:1]
        rows = take_unpublished(conn, waiting.workspace_ids).rows
    assert rows
    assert all(str(workspaces[0]) in row.detail for row in rows)


def ended(owner: Connection) -> set[UUID]:
    """Return the workspaces whose job has ended."""
    return {each for (each,) in owner.execute("SELECT workspace_id FROM robot_jobs WHERE completed_at IS NOT NULL")}


_HOLD_LINE = "SELECT pg_advisory_xact_lock(hashtextextended(%s::uuid::text, 7315064201))"
