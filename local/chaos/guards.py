"""The guards that a run can be made without: what they prevent must then be found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True)
class Edit:
    """What a file of the layer says, and what it says without the guard."""

    file: str
    guarded: str
    unguarded: str


#: Each by the naive way that it is there against.
GUARDS: dict[str, tuple[Edit, ...]] = {
    # A redelivered message calls the robot again.
    "claim": (
        Edit(
            "shared/domain/jobs/wave.py",
            'if found.status != "waiting":',
            'if found.status not in ("waiting", "claimed"):',
        ),
        Edit(
            "shared/domain/jobs/wave_sql.py",
            "AND workspace_id = %(workspace_id)s AND status = 'waiting'\n",
            "AND workspace_id = %(workspace_id)s AND status IN ('waiting', 'claimed')\n",
        ),
        Edit(
            "shared/domain/jobs/wave_sql.py",
            "SELECT id, dispatch, job_id, workspace_id, value_sent FROM sent\n",
            "SELECT id, dispatch, job_id, workspace_id, value_sent FROM sent ON CONFLICT DO NOTHING\n",
        ),
    ),
    # Events are kept in memory and sent after the commit.
    "outbox": (
        Edit(
            "shared/db/transaction.py",
            '            conn.execute("COMMIT")\n',
            "            taken = []\n"
            '            if begin == "BEGIN":\n'
            '                taken = conn.execute("UPDATE outbox SET published_at = now() WHERE created_at = now()'
            ' AND published_at IS NULL RETURNING detail_type, detail::text").fetchall()\n'
            '            conn.execute("COMMIT")\n'
            "        from shared.aws.bus import Entry, put_entries\n"
            "        put_entries([Entry(*row) for row in taken])\n",
        ),
    ),
    # Every report counts, whatever the item is.
    "status": (
        Edit(
            "shared/domain/jobs/record_sql.py",
            "WHEN status = 'success' AND NOT is_success THEN 'recorded'",
            "WHEN status IN ('success', 'error') THEN 'recorded'",
        ),
        Edit(
            "shared/domain/jobs/counting.py",
            "FILTER (WHERE status = 'success' AND old_status <> 'success')",
            "FILTER (WHERE status = 'success')",
        ),
        Edit(
            "shared/domain/jobs/counting.py",
            "FILTER (WHERE status = 'error' AND old_status <> 'error')\n"
            "               - count(*) FILTER (WHERE status = 'success' AND old_status = 'error')",
            "FILTER (WHERE status = 'error')",
        ),
    ),
    # What was not published right after its commit is not published.
    "relay": (
        Edit(
            "shared/workflow/relay.py",
            "    with system_transaction() as conn:\n        waiting = lock_waiting(",
            "    return Published(0, 0, has_more=False), None\n"
            "    with system_transaction() as conn:\n        waiting = lock_waiting(",
        ),
    ),
    # Whoever clicks, the order is handed over.
    "shipped": (
        Edit(
            "shared/domain/jobs/parcels.py",
            "WHEN by_number.number IS NOT NULL OR other.status = 'success' THEN 'already_shipped'",
            "WHEN true THEN NULL",
        ),
    ),
    # A message that comes starts its wave, whether or not it is its turn.
    "turn": (Edit("shared/domain/jobs/wave.py", "if not found.is_called:", "if False:"),),
    # Nothing ends what the robot does not report.
    "deadline": (Edit("shared/domain/jobs/expire.py", "    if not overdue:\n", "    if True:\n"),),
}


class GuardNotFoundError(Exception):
    """The code does not read as it did; what is edited in its copy must follow it."""


def remove_guard(name: str, layer: Path) -> None:
    """Take a guard out of a copy of the layer.

    Raises:
        GuardNotFoundError: the code no longer reads as expected.
    """
    edit_layer(GUARDS[name], layer)


def edit_layer(edits: Iterable[Edit], layer: Path) -> None:
    """Change files of a copy of the layer.

    Raises:
        GuardNotFoundError: the code no longer reads as expected.
    """
    for edit in edits:
        file = layer / edit.file
        code = file.read_text()
        if edit.guarded not in code:
            raise GuardNotFoundError(f"{edit.file} does not say {edit.guarded!r}")
        file.write_text(code.replace(edit.guarded, edit.unguarded))
