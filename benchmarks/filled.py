"""A database as it is in a busy week: every rule of the audit holds, and 200 workspaces have work under way.

An order failed in one job and was shipped in the next; the newest tenth is open. One workspace has a fifth of it all.
"""

import re
from uuid import UUID

from psycopg import Connection

#: At full size: 1,900,000 items that have ended and 100,000 that are open, two reports and two events an ended order.
ORDERS = 1_000_000
#: A workspace's share differs; the first has a fifth.
WORKSPACES = 200
_PER_JOB = 100


def fill(owner: Connection, orders: int) -> None:
    """Insert so many orders and what belongs to them, past the checks that need other tables, and analyse it.

    Raises:
        psycopg.Error: the tables are not those of the migrations.
    """
    owner.execute("SET session_replication_role = replica")
    owner.execute("SET synchronous_commit = off")
    owner.execute("SET maintenance_work_mem = '512MB'")
    # An index is made far sooner than it is kept up to date.
    indexes = owner.execute(_INDEXES).fetchall()
    for name, _ in indexes:
        owner.execute(f"DROP INDEX {name}".encode())
    owner.execute(_NUMBERED)
    owner.execute(_GROUPS.replace("$groups", str(orders // _PER_JOB)).encode())
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
    """Return the id of an order, from 1; the first hundred are of the large workspace."""
    return UUID(f"01a00000-0000-7000-8002-{number:012x}")


def job_id(number: int) -> UUID:
    """Return the id of a job: 0 has the first hundred orders and failed, 1 shipped them."""
    return UUID(f"01a00000-0000-7000-8003-{number:012x}")


_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
 WHERE schemaname = 'public' AND tablename <> 'carrier_coverage'
   AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)
"""

_NUMBERED = """
CREATE FUNCTION pg_temp.numbered(kind text, number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
RETURN ('01a00000-0000-7000-800' || kind || '-' || lpad(to_hex(number), 12, '0'))::uuid
"""

# A group of a hundred orders: of one workspace, in one job that failed and one that shipped; or in one that is open, of
# which the workspace's first has a wave with the robot and the others wait.
_GROUPS = """
CREATE TEMPORARY TABLE batch AS
SELECT g, pg_temp.numbered('0', place) AS workspace_id, g >= $groups * 0.9 AS is_open,
       g >= $groups * 0.9 AND row_number() OVER (PARTITION BY place, g >= $groups * 0.9 ORDER BY g) = 1 AS is_out,
       now() - interval '6 days 12 hours' + g * (interval '6 days' / $groups) AS at
  FROM (SELECT g, CASE WHEN g % 5 = 0 THEN 0 ELSE 1 + g % 199 END AS place
          FROM generate_series(0, $groups - 1) AS g) AS numbered
"""

_WORDS = {
    "$each_order": "batch CROSS JOIN LATERAL generate_series(g * 100 + 1, g * 100 + 100) AS n",
    "$each_job": "batch CROSS JOIN generate_series(0, 1) AS place",
    "$is_there": "(NOT is_open OR place = 1)",
    "$number": "('7' || lpad(n::text, 10, '0'))",
    "$began": "(at + place * interval '1 hour')",
    "$ended": "(at + place * interval '1 hour' + interval '30 minutes')",
    # What the robot has is never overdue, nor silent: the database is kept.
    "$later": "(now() + interval '10 years')",
    "$value": """'{"ciudad": "CALI (VALLE)", "nombres": "Luz Marina", "direccion": "Calle 10 # 43-12"}'""",
}
_ID = re.compile(r"\$id(\d)\(")


def _written(statement: str, orders: int) -> str:
    for word, meaning in _WORDS.items():
        statement = statement.replace(word, meaning)
    return _ID.sub(r"pg_temp.numbered('\1', ", statement.replace("$orders", str(orders)))


_FILL = (
    """
    INSERT INTO carrier_configs (workspace_id, carrier, portal_username, portal_password_sealed, robot_url)
    SELECT DISTINCT workspace_id, 'coordinadora', 'tienda', 'sealed', 'https://robot.example.com' FROM batch
    """,
    """
    INSERT INTO contacts (id, workspace_id, name, phone)
    SELECT $id1(n), workspace_id,
           (ARRAY['Luz Marina', 'José Arcadio', 'Úrsula', 'Diana Carolina', 'Andrés', 'Natalia', 'Iván'])[1 + n % 7]
           || ' ' ||
           (ARRAY['Ospina', 'Buendía', 'Iguarán', 'Peñaranda', 'Zúñiga', 'Mosquera', 'Rojas', 'Díaz', 'Ñustes',
                  'Cárdenas', 'Restrepo'])[1 + n % 11],
           '3' || lpad((n::bigint * 7919 % 1000000000)::text, 9, '0')
      FROM $each_order
    """,
    """
    INSERT INTO orders (id, workspace_id, contact_id, name, tracking_number, shipping_city, shipping_department,
                        shipping_address, stage_id, created_at)
    SELECT $id2(n), workspace_id, $id1(n), 'A-' || lpad(n::text, 7, '0'), CASE WHEN NOT is_open THEN $number END,
           (ARRAY['Bogotá', 'Medellín', 'Cali', 'Cúcuta'])[1 + n % 4],
           'Antioquia', 'Calle ' || n % 170 || ' # 43-12', (ARRAY['new', 'confirmed', 'won'])[1 + n % 3], at
      FROM $each_order
    """,
    """
    INSERT INTO robot_jobs (id, workspace_id, carrier, status, total_items, success_count, error_count, started_at,
                            completed_at, created_at, wave_size)
    SELECT $id3(2 * g + place), workspace_id, 'coordinadora',
           CASE WHEN is_out THEN 'processing' WHEN is_open THEN 'pending' WHEN place = 0 THEN 'failed'
                ELSE 'completed' END,
           100, CASE WHEN NOT is_open THEN 100 * place ELSE 0 END,
           CASE WHEN NOT is_open THEN 100 - 100 * place ELSE 0 END,
           CASE WHEN is_out OR NOT is_open THEN $began END, CASE WHEN NOT is_open THEN $ended END, $began,
           CASE WHEN is_open THEN 25 ELSE 100 END
      FROM $each_job
     WHERE $is_there
    """,
    """
    INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, status, item_count, claimed_at,
                                      accepted_at, deadline_at, closed_at, called_at, parked_at, robot_url, created_at)
    SELECT $id3(2 * g + place), 1, workspace_id, 'coordinadora',
           CASE WHEN is_out THEN 'accepted' WHEN is_open THEN 'waiting' ELSE 'closed' END,
           CASE WHEN is_open THEN 25 ELSE 100 END,
           CASE WHEN is_out THEN $later WHEN NOT is_open THEN $began END,
           CASE WHEN is_out THEN $later WHEN NOT is_open THEN $began END,
           CASE WHEN is_out THEN $later WHEN NOT is_open THEN $began + interval '3 hours' END,
           CASE WHEN NOT is_open THEN $ended END, CASE WHEN is_out OR NOT is_open THEN $began END,
           CASE WHEN is_open AND NOT is_out THEN $began END,
           CASE WHEN is_out OR NOT is_open THEN 'https://robot.example.com' END, $began
      FROM $each_job
     WHERE $is_there
    """,
    """
    INSERT INTO robot_job_items (id, workspace_id, job_id, order_id, status, dispatch, shipment, holds, tracking_number,
                                 value_sent, error_type, error_message, started_at, completed_at, closed_by, created_at)
    SELECT $id4(2 * n + place), workspace_id, $id3(2 * g + place), $id2(n),
           CASE WHEN is_sent THEN 'processing' WHEN is_open THEN 'pending' WHEN place = 0 THEN 'error'
                ELSE 'success' END,
           CASE WHEN NOT is_open OR is_first THEN 1 END,
           CASE WHEN is_sent THEN 'possible' WHEN NOT is_open AND place = 1 THEN 'made' ELSE 'none' END, place = 1,
           CASE WHEN NOT is_open AND place = 1 THEN $number END, $value,
           CASE WHEN place = 0 THEN 'portal' END, CASE WHEN place = 0 THEN 'La dirección no es válida' END,
           CASE WHEN is_sent OR NOT is_open THEN $began END, CASE WHEN NOT is_open THEN $ended END,
           CASE WHEN NOT is_open THEN 'robot' END, $began
      FROM $each_order
     CROSS JOIN LATERAL (SELECT n - g * 100 <= 25 AS is_first) AS first
     CROSS JOIN LATERAL (SELECT is_out AND is_first AS is_sent) AS sent
     CROSS JOIN generate_series(0, 1) AS place
     WHERE $is_there
    """,
    """
    INSERT INTO robot_job_item_attempts (item_id, dispatch, job_id, workspace_id, value_sent, claimed_at)
    SELECT id, dispatch, job_id, workspace_id, value_sent, started_at FROM robot_job_items WHERE started_at IS NOT NULL
    """,
    """
    INSERT INTO robot_job_item_reports (workspace_id, item_id, dispatch, status, tracking_number, error_type,
                                        error_message, outcome, received_at)
    SELECT workspace_id, $id4(2 * n + place), 1, CASE WHEN place = 1 THEN 'success' ELSE 'error' END,
           CASE WHEN place = 1 THEN $number END, CASE WHEN place = 0 THEN 'portal' END,
           CASE WHEN place = 0 THEN 'La dirección no es válida' END,
           CASE WHEN said = 0 THEN 'recorded' ELSE 'duplicate' END, $ended
      FROM $each_order
     CROSS JOIN generate_series(0, 1) AS place
     CROSS JOIN generate_series(0, 1) AS said
     WHERE NOT is_open
    """,
    """
    INSERT INTO outbox (workspace_id, detail_type, detail, attempts, next_attempt_at, published_at, created_at)
    SELECT workspace_id, 'robot/job.submitted',
           json_build_object('jobId', $id3(2 * g + place), 'workspaceId', workspace_id, 'carrier', 'coordinadora',
                             'dispatch', 1, 'orders', '[]'::json, 'ordersOmitted', 100),
           1, $began, $began, $began
      FROM $each_job
     WHERE $is_there
    """,
    """
    INSERT INTO outbox (workspace_id, detail_type, detail, attempts, next_attempt_at, published_at, created_at)
    SELECT workspace_id, 'robot/job.completed',
           json_build_object('jobId', $id3(2 * g + place), 'workspaceId', workspace_id,
                             'status', CASE WHEN place = 1 THEN 'completed' ELSE 'failed' END,
                             'dispatch', 1, 'successCount', 100 * place, 'errorCount', 100 - 100 * place),
           1, $ended, $ended, $ended
      FROM $each_job
     WHERE NOT is_open
    """,
    """
    INSERT INTO outbox (workspace_id, detail_type, detail, attempts, next_attempt_at, published_at, created_at)
    SELECT workspace_id, told.detail_type, told.detail, 1, at + interval '90 minutes', at + interval '90 minutes',
           at + interval '90 minutes'
      FROM $each_order
     CROSS JOIN LATERAL (VALUES
           ('automation/field.changed',
            json_build_object('workspaceId', workspace_id, 'entityType', 'order', 'entityId', $id2(n),
                              'fieldName', 'tracking_number', 'previousValue', null, 'newValue', $number,
                              'contactId', $id1(n), 'cascadeDepth', 0)),
           ('automation/robot.coord.completed',
            json_build_object('workspaceId', workspace_id, 'orderId', $id2(n), 'trackingNumber', $number,
                              'carrier', 'coordinadora', 'contactId', $id1(n), 'shippingCity', 'Cali',
                              'cascadeDepth', 0))) AS told (detail_type, detail)
     WHERE NOT is_open
    """,
    """
    INSERT INTO activity (id, workspace_id, at, actor, source, action, job_id)
    SELECT $id5(2 * g + place), workspace_id, $began, 'ana@example.com', 'api', 'job_submitted', $id3(2 * g + place)
      FROM $each_job
     WHERE $is_there
    """,
)
