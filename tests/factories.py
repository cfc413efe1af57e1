"""Rows that tests begin with, written past the program as the owner."""

from contextvars import ContextVar
from typing import Any, TypeVar
from uuid import UUID

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.sql import SQL, Identifier, Placeholder
from psycopg.types.json import Jsonb

from shared.domain import (
    CreatedJob,
    CreateRobotJobParams,
    DispatchRef,
    DomainContext,
    DomainResult,
    Failure,
    HandOver,
    JobWithItems,
    LookUpGuidesParams,
    RobotJobItem,
    UpdateJobItemResultParams,
    claim_dispatch,
    create_robot_job,
    get_job_with_items,
    look_up_guides,
    note_accepted,
    update_job_item_result,
)
from shared.domain.ids import uuid7s
from shared.words import JobKind

T = TypeVar("T")


def make_orders(owner: Connection, workspace_id: UUID, count: int = 1, **columns: Any) -> list[UUID]:
    """Insert orders that can be shipped to Medellín, and return their ids."""
    ids = uuid7s(count)
    contact_id = uuid7s(1)[0]
    owner.execute(
        "INSERT INTO contacts (id, workspace_id, name, phone, identification) "
        "VALUES (%s, %s, 'Luz Marina Ospina', '3004567890', '43567890')",
        [contact_id, workspace_id],
    )
    row = {
        "contact_id": contact_id,
        "name": "Pedido",
        "total_value": 85000,
        "prepaid": True,
        "carrier": None,
        "tracking_number": None,
        "shipping_address": "Calle 10 # 43-12",
        "shipping_city": "Medellín",
        "shipping_department": "Antioquia",
        "email": "luz@example.com",
        "stage_id": None,
        "custom_fields": Jsonb({}),
    } | columns
    names = ["id", "workspace_id", *row]
    statement = SQL("INSERT INTO orders ({}) VALUES ({})").format(
        SQL(", ").join(map(Identifier, names)), SQL(", ").join(map(Placeholder, names))
    )
    with owner.cursor() as cursor:
        cursor.executemany(statement, [row | {"id": id_, "workspace_id": workspace_id} for id_ in ids])
    return ids


def in_next_wave(owner: Connection, job: CreatedJob, item_id: UUID) -> int:
    """Put an item into a wave of its own, as if the one before were over, and return the wave's number."""
    [(dispatch,)] = owner.execute(
        "UPDATE robot_jobs SET dispatch = dispatch + 1 WHERE id = %s RETURNING dispatch", [job.job_id]
    ).fetchall()
    owner.execute(
        "INSERT INTO robot_job_dispatches (job_id, dispatch, workspace_id, carrier, item_count)"
        " SELECT id, dispatch, workspace_id, carrier, 1 FROM robot_jobs WHERE id = %s",
        [job.job_id],
    )
    owner.execute(
        "UPDATE robot_job_dispatches SET status = 'closed' WHERE job_id = %s AND dispatch < %s", [job.job_id, dispatch]
    )
    owner.execute(
        "UPDATE robot_job_items SET dispatch = CASE WHEN id = %s THEN %s::int END"
        " WHERE job_id = %s AND status = 'pending'",
        [item_id, dispatch, job.job_id],
    )
    return int(dispatch)


def make_carrier_config(owner: Connection, workspace_id: UUID, **columns: Any) -> None:
    """Insert a complete configuration of Coordinadora."""
    row = {
        "portal_username": "tienda",
        "portal_password_sealed": "c2VhbGVk",
        "robot_url": "https://robot.example.com",
        "is_enabled": True,
    } | columns
    owner.execute(
        "INSERT INTO carrier_configs (workspace_id, carrier, portal_username, portal_password_sealed, robot_url,"
        " is_enabled) VALUES (%(workspace_id)s, 'coordinadora', %(portal_username)s, %(portal_password_sealed)s,"
        " %(robot_url)s, %(is_enabled)s)",
        row | {"workspace_id": workspace_id},
    )


#: What `make_job` makes jobs of; the fixture `kind` has a test run for each.
KIND: ContextVar[JobKind] = ContextVar("kind", default="shipment")


def make_lookup(owner: Connection, ctx: DomainContext, items: int = 1, number: str = "P", **params: Any) -> CreatedJob:
    """Create a lookup of new orders that have the numbers P-0, P-1 and so on."""
    order_ids = make_orders(owner, ctx.workspace_id, items)
    for place, order_id in enumerate(order_ids):
        owner.execute(
            "UPDATE orders SET tracking_number = %s, number_by_hand = true WHERE id = %s",
            [f"{number}-{place}", order_id],
        )
    wave_size = params.pop("wave_size", None)
    if wave_size is not None:
        # A lookup has the workspace's own.
        owner.execute(
            "UPDATE carrier_configs SET wave_size = %s WHERE workspace_id = %s", [wave_size, ctx.workspace_id]
        )
    return look_up(owner, ctx, order_ids, **params)


def look_up(owner: Connection, ctx: DomainContext, order_ids: list[UUID], **params: Any) -> CreatedJob:
    """Create a lookup of these orders through the domain; an account is made where there is none."""
    if owner.execute("SELECT FROM carrier_configs WHERE workspace_id = %s", [ctx.workspace_id]).fetchone() is None:
        make_carrier_config(owner, ctx.workspace_id)
    made = data_of(look_up_guides(ctx, LookUpGuidesParams(order_ids, **params)))
    return CreatedJob(made.job_id, made.item_count, made.items)


def make_job(owner: Connection, ctx: DomainContext, items: int = 1, **params: Any) -> CreatedJob:
    """Create a job of new orders through the domain, of the kind that the test is run for."""
    if KIND.get() == "guide_lookup":
        return make_lookup(owner, ctx, items, **params)
    order_ids = make_orders(owner, ctx.workspace_id, items)
    result = create_robot_job(ctx, CreateRobotJobParams(order_ids=order_ids, **params))
    assert result.success, result
    return result.data


def make_job_of(ctx: DomainContext, order_ids: list[UUID], **params: Any) -> CreatedJob:
    """Create a job of these orders through the domain."""
    return data_of(create_robot_job(ctx, CreateRobotJobParams(order_ids=order_ids, **params)))


def events_of(owner: Connection, workspace_id: UUID, detail_type: str) -> list[dict[str, Any]]:
    """Return the details of the workspace's events of a type, in the order of the outbox."""
    rows = owner.execute(
        "SELECT detail FROM outbox WHERE workspace_id = %s AND detail_type = %s ORDER BY id",
        [workspace_id, detail_type],
    )
    return [detail for (detail,) in rows]


def data_of(result: DomainResult[T]) -> T:
    """Return the data of a call that must have succeeded."""
    assert result.success, result
    return result.data


def failure_of(result: DomainResult[Any], code: str, reason: str) -> Failure:
    """Return the failure of a call that must have been refused in this way, with a sentence."""
    assert not result.success, result
    assert (result.code, result.reason) == (code, reason), result
    assert len(result.error.split()) > 1, result
    assert result.error.endswith("."), result
    return result


def read_job(ctx: DomainContext, job: CreatedJob) -> JobWithItems:
    """Return the job and its items as they are now."""
    return data_of(get_job_with_items(ctx, job.job_id))


def read_item(ctx: DomainContext, job: CreatedJob, index: int = 0) -> RobotJobItem:
    """Return one item as it is now."""
    return read_job(ctx, job).items[index]


def report_success(ctx: DomainContext, item_id: UUID, number: str | None = "T-1", dispatch: int | None = None) -> str:
    """Report a shipment and return the report's outcome."""
    params = UpdateJobItemResultParams(item_id, "success", tracking_number=number, dispatch=dispatch)
    return data_of(update_job_item_result(ctx, params)).outcome


def report_error(ctx: DomainContext, item_id: UUID, message: str = "no", dispatch: int | None = None) -> str:
    """Report an error of the portal and return the report's outcome."""
    params = UpdateJobItemResultParams(item_id, "error", error_type="portal", error_message=message, dispatch=dispatch)
    return data_of(update_job_item_result(ctx, params)).outcome


def make_ended_job(owner: Connection, ctx: DomainContext, *results: str) -> CreatedJob:
    """Create a job with one item a result ("success" or "error"), each reported."""
    job = make_job(owner, ctx, items=len(results))
    for number, (item, result) in enumerate(zip(job.items, results, strict=True)):
        if result == "success":
            report_success(ctx, item.item_id, f"T-{number}")
        else:
            report_error(ctx, item.item_id)
    return job


def claim(ctx: DomainContext, job: CreatedJob, dispatch: int = 1) -> HandOver:
    """Claim a hand-over that must be there to claim."""
    claimed = data_of(claim_dispatch(ctx, DispatchRef(job.job_id, dispatch)))
    assert isinstance(claimed, HandOver), claimed
    return claimed


def make_due(owner: Connection, job: CreatedJob) -> None:
    """Let the time pass until a wave that was refused for now is to be tried again."""
    owner.execute(
        "UPDATE robot_job_dispatches SET next_attempt_at = now() WHERE job_id = %s AND status = 'waiting'", [job.job_id]
    )


def hand_over(ctx: DomainContext, job: CreatedJob, dispatch: int = 1) -> DispatchRef:
    """Claim a hand-over and note that the robot accepted it."""
    claim(ctx, job, dispatch)
    ref = DispatchRef(job.job_id, dispatch)
    data_of(note_accepted(ctx, ref))
    return ref


def row_of_dispatch(owner: Connection, job: CreatedJob, dispatch: int = 1) -> dict[str, Any]:
    """Return the row of a hand-over."""
    rows = owner.cursor(row_factory=dict_row).execute(
        "SELECT * FROM robot_job_dispatches WHERE job_id = %s AND dispatch = %s", [job.job_id, dispatch]
    )
    [row] = rows.fetchall()
    return row


def rows_of(owner: Connection, workspace_id: UUID) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything that the workspace has, to see that a refused call left nothing behind."""
    queries = {
        "orders": "SELECT id, carrier, tracking_number, updated_at FROM orders WHERE workspace_id = %s ORDER BY id",
        "jobs": "SELECT * FROM robot_jobs WHERE workspace_id = %s ORDER BY id",
        "items": "SELECT * FROM robot_job_items WHERE workspace_id = %s ORDER BY id",
        "dispatches": "SELECT * FROM robot_job_dispatches WHERE workspace_id = %s ORDER BY job_id, dispatch",
        "reports": "SELECT * FROM robot_job_item_reports WHERE workspace_id = %s ORDER BY id",
        "outbox": "SELECT id, detail_type FROM outbox WHERE workspace_id = %s ORDER BY id",
    }
    return {name: owner.execute(query, [workspace_id]).fetchall() for name, query in queries.items()}


def assert_agreement(owner: Connection, workspace_id: UUID) -> None:
    """Check that counters, items, orders, history and events tell the same story."""
    wrong = owner.execute(_DISAGREEMENTS, {"workspace_id": workspace_id}).fetchall()
    assert wrong == []


# What must never be seen, whatever happened before.
_DISAGREEMENTS = """
WITH counted AS (
    SELECT job.*, count(item.id) AS items,
           count(*) FILTER (WHERE item.status = 'success') AS successes,
           count(*) FILTER (WHERE item.status = 'error') AS errors
      FROM robot_jobs AS job LEFT JOIN robot_job_items AS item ON item.job_id = job.id
     WHERE job.workspace_id = %(workspace_id)s
     GROUP BY job.id
)
SELECT 'counters and items' AS what, id FROM counted
 WHERE (total_items, success_count, error_count) <> (items, successes, errors)
UNION ALL
SELECT 'an ended job has open items, or the other way round', id FROM counted
 WHERE (status IN ('completed', 'failed')) <> (successes + errors = total_items)
UNION ALL
SELECT 'a job without its dispatch', id FROM counted
 WHERE NOT EXISTS (SELECT FROM robot_job_dispatches AS d WHERE d.job_id = counted.id
                      AND (d.dispatch = counted.dispatch OR d.status = 'claimed'))
UNION ALL
SELECT 'a wave that was called, and nobody was told of', d.job_id FROM robot_job_dispatches AS d
 WHERE d.workspace_id = %(workspace_id)s AND coalesce(d.called_at, d.parked_at, d.claimed_at) IS NOT NULL
   AND NOT EXISTS (SELECT FROM outbox AS o
         WHERE o.workspace_id = d.workspace_id AND o.detail_type = 'robot/job.submitted'
           AND o.detail->>'jobId' = d.job_id::text AND (o.detail->>'dispatch')::int = d.dispatch)
UNION ALL
SELECT 'an ended job whose end was not told', id FROM counted
 WHERE status IN ('completed', 'failed')
   AND NOT EXISTS (SELECT FROM outbox AS o
                    WHERE o.workspace_id = counted.workspace_id AND o.detail_type = 'robot/job.completed'
                      AND o.detail->>'jobId' = counted.id::text AND (o.detail->>'dispatch')::int = counted.dispatch)
UNION ALL
SELECT 'an end told twice', (o.detail->>'jobId')::uuid FROM outbox AS o
 WHERE o.workspace_id = %(workspace_id)s AND o.detail_type = 'robot/job.completed'
 GROUP BY o.detail->>'jobId', o.detail->>'dispatch' HAVING count(*) > 1
UNION ALL
SELECT 'a number that its order does not know', item.id FROM robot_job_items AS item
  JOIN orders ON orders.id = item.order_id
 WHERE item.workspace_id = %(workspace_id)s AND item.tracking_number IS NOT NULL
   AND orders.tracking_number IS DISTINCT FROM item.tracking_number
   AND NOT item.is_lookup
   AND NOT EXISTS (SELECT FROM robot_job_items AS other
                    WHERE other.order_id = item.order_id AND other.tracking_number = orders.tracking_number)
UNION ALL
SELECT 'a guide that its order does not know', item.id FROM robot_job_items AS item
  JOIN orders ON orders.id = item.order_id
 WHERE item.workspace_id = %(workspace_id)s AND item.is_lookup AND item.tracking_number IS NOT NULL
   AND orders.carrier_guide_number IS DISTINCT FROM item.tracking_number
   AND item.tracking_number <> ALL (item.other_numbers)
UNION ALL
SELECT 'a lookup that was given a shipment', item.id FROM robot_job_items AS item
 WHERE item.workspace_id = %(workspace_id)s AND item.is_lookup AND (item.shipment IS NOT NULL OR item.holds)
UNION ALL
SELECT 'a number that was told other than once', item.id FROM robot_job_items AS item
 WHERE item.workspace_id = %(workspace_id)s AND item.tracking_number IS NOT NULL AND NOT item.is_lookup
   AND (SELECT count(*) FROM outbox AS o
         WHERE o.workspace_id = item.workspace_id AND o.detail_type = 'automation/robot.coord.completed'
           AND o.detail->>'orderId' = item.order_id::text
           AND o.detail->>'trackingNumber' = item.tracking_number) <> 1
"""
