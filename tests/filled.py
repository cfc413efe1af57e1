"""A database as it is after years: 200 workspaces, one of which has a fifth of everything."""

import re
from uuid import UUID

from psycopg import Connection

#: What there is at full size; two items an order, five reports an order.
ORDERS = 1_000_000
WORKSPACES = 200


def fill(owner: Connection, orders: int) -> None:
    """Insert so many orders and what belongs to them, past the checks that need other tables, and analyse it.

    Raises:
        psycopg.Error: the tables are not those of the migrations.
    """
    owner.execute("SET session_replication_role = replica")
    owner.execute("SET synchronous_commit = off")
    owner.execute("SET maintenance_work_mem = '256MB'")
    # An index of texts is made far sooner than it is kept up to date.
    rows = owner.execute("SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY(%s)", [list(_SEARCHES)])
    indexes = rows.fetchall()
    assert len(indexes) == len(_SEARCHES)
    for name, _ in indexes:
        owner.execute(f"DROP INDEX {name}".encode())
    owner.execute(_NUMBERED)
    for statement in _FILL:
        owner.execute(_written(statement, orders).encode())
    for _, definition in indexes:
        owner.execute(definition.encode())
    owner.execute("RESET session_replication_role")
    owner.execute("VACUUM ANALYZE")


def workspace_id(number: int) -> UUID:
    """Return the id of a workspace; 0 is the large one."""
    return UUID(f"01a00000-0000-7000-8000-{number:012x}")


def order_id(number: int) -> UUID:
    """Return the id of an order, from 1; each fifth is one of the large workspace."""
    return UUID(f"01a00000-0000-7000-8002-{number:012x}")


def item_id(number: int, place: int) -> UUID:
    """Return the id of an order's first item (0), which failed, or of its second (1)."""
    return UUID(f"01a00000-0000-7000-8004-{2 * number + place:012x}")


_SEARCHES = ("orders_search", "contacts_search")


#: What the statements below have in common.
_WORDS = {
    "$workspace": "$id0(CASE WHEN n % 5 = 0 THEN 0 ELSE 1 + n % 199 END)",
    # 250 orders of the large workspace to a job; one job for each of the others, as long as they are small.
    "$job": "CASE WHEN n % 5 = 0 THEN n / 1250 * 1000 ELSE n / 62500 * 1000 + 1 + n % 199 END",
    "$at": "(timestamptz '2026-01-01 00:00Z' + n * interval '13 seconds')",
    # Guides come later, to most.
    "$guided": "(n < $orders * 0.85 AND n % 89 <> 0 AND $shipped)",
    # The newest tenth is not shipped yet, and but a few of the older ones.
    "$shipped": "(n < $orders * 0.9 AND n % 97 <> 0)",
    "$every": "generate_series(1, $orders) AS n",
}
_ID = re.compile(r"\$id(\d)\(")


def _written(statement: str, orders: int) -> str:
    for word, meaning in _WORDS.items():
        statement = statement.replace(word, meaning)
    return _ID.sub(r"pg_temp.numbered('\1', ", statement.replace("$orders", str(orders)))


_NUMBERED = """
CREATE FUNCTION pg_temp.numbered(kind text, number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
RETURN ('01a00000-0000-7000-800' || kind || '-' || lpad(to_hex(number), 12, '0'))::uuid
"""

_FILL = (
    """
    INSERT INTO contacts (id, workspace_id, name, phone)
    SELECT $id1(n), $workspace,
           (ARRAY['Luz Marina', 'José Arcadio', 'Úrsula', 'Diana Carolina', 'Andrés', 'Natalia', 'Iván'])[1 + n % 7]
           || ' ' ||
           (ARRAY['Ospina', 'Buendía', 'Iguarán', 'Peñaranda', 'Zúñiga', 'Mosquera', 'Rojas', 'Díaz', 'Ñustes',
                  'Cárdenas', 'Restrepo'])[1 + n % 11],
           '3' || lpad((n::bigint * 7919 % 1000000000)::text, 9, '0')
      FROM $every
    """,
    """
    INSERT INTO orders (id, workspace_id, contact_id, name, tracking_number, carrier_guide_number, shipping_city,
                        shipping_department, shipping_address, stage_id, created_at)
    SELECT $id2(n), $workspace, $id1(n), 'A-' || lpad(n::text, 7, '0'),
           CASE WHEN $shipped THEN '7' || lpad(n::text, 10, '0') END,
           CASE WHEN $guided THEN 'G' || lpad((n::bigint * 31)::text, 10, '0') END,
           CASE WHEN n % 4999 = 0 THEN 'Mitú' ELSE (ARRAY['Bogotá', 'Medellín', 'Cali', 'Cúcuta'])[1 + n % 4] END,
           'Antioquia', 'Calle 10 # 43-12', (ARRAY['new', 'confirmed', 'won'])[1 + n % 3], $at
      FROM $every
    """,
    """
    INSERT INTO robot_jobs (id, workspace_id, carrier, status, total_items, success_count, error_count, completed_at,
                            created_at)
    SELECT DISTINCT ON (job) $id3(job), $workspace, 'coordinadora', 'completed', 500, 250, 250, $at, $at
      FROM (SELECT n, $job AS job FROM $every) AS numbered
     ORDER BY job, n
    """,
    """
    INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, status, item_count, claimed_at,
                                      accepted_at, deadline_at, closed_at)
    SELECT id, number, workspace_id, carrier, 'closed', 500, created_at, created_at, created_at, created_at
      FROM robot_jobs, generate_series(1, 2) AS number
    """,
    # Each order failed in one item; in another it was shipped, or it failed again.
    """
    INSERT INTO robot_job_items (id, workspace_id, job_id, order_id, status, dispatch, shipment, holds, tracking_number,
                                 error_type, error_message, completed_at, closed_by, created_at)
    SELECT $id4(2 * n + place), $workspace, $id3($job), $id2(n),
           CASE WHEN is_made THEN 'success' ELSE 'error' END, place + 1, CASE WHEN is_made THEN 'made' ELSE 'none' END,
           is_made, CASE WHEN is_made THEN '7' || lpad(n::text, 10, '0') END, CASE WHEN NOT is_made THEN 'portal' END,
           CASE WHEN NOT is_made THEN 'La dirección no es válida' END, $at, 'robot', $at
      FROM $every, generate_series(0, 1) AS place, LATERAL (SELECT place = 1 AND $shipped AS is_made) AS made
    """,
    """
    INSERT INTO robot_job_item_attempts (item_id, dispatch, job_id, workspace_id, value_sent, claimed_at)
    SELECT $id4(2 * n + place), place + 1, $id3($job), $workspace, '{"ciudad": "CALI (VALLE)"}', $at
      FROM $every, generate_series(0, 1) AS place
    """,
    """
    INSERT INTO robot_job_item_reports (workspace_id, item_id, dispatch, status, error_type, error_message, outcome,
                                        received_at)
    SELECT $workspace, $id4(2 * n + said % 2), 1 + said % 2, 'error', 'portal', 'La dirección no es válida',
           'recorded', $at
      FROM $every, generate_series(1, 5) AS said
    """,
)
