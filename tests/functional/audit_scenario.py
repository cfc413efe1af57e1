"""Jobs in every state, and shipments in every way that they come about, all as they should be."""

from uuid import UUID

from psycopg import Connection

from shared.domain import (
    CreatedJob,
    DispatchRef,
    DomainContext,
    RetryFailedItemsParams,
    SettleItemsParams,
    Settlement,
    UpdateJobItemResultParams,
    UpdateJobStatusParams,
    UpdateOrderParams,
    cancel_job,
    note_accepted,
    note_unknown,
    pause_job,
    release_dispatch,
    retry_failed_items,
    settle_items,
    update_job_item_result,
    update_job_status,
    update_order,
)
from shared.domain.ids import uuid7
from tests.factories import (
    claim,
    data_of,
    hand_over,
    make_carrier_config,
    make_job,
    make_job_of,
    make_lookup,
    report_error,
    report_success,
)

Scenario = dict[str, UUID]


def make_scenario(owner: Connection, ctx: DomainContext) -> Scenario:
    """Make the jobs of two workspaces, and return the ids of what can be broken."""
    other = DomainContext(uuid7(), "test")
    make_carrier_config(owner, ctx.workspace_id)
    # In this order, since the oldest job's wave is next: `make_jobs` leaves one with the robot, and others that wait.
    return (
        _make_lookups(owner, ctx)
        | _make_shipments(owner, ctx)
        | _make_unsettled(owner, ctx)
        | _make_waves(owner, ctx)
        | _make_jobs(owner, ctx)
        | _make_line(owner, ctx)
        | {
            "workspace": ctx.workspace_id,
            "other_workspace": other.workspace_id,
            "other_item": make_job(owner, other).items[0].item_id,
        }
    )


def _make_lookups(owner: Connection, ctx: DomainContext) -> Scenario:
    """One guide is found, another is not there yet, a third is not the order's, and a robot failed at a fourth."""
    job = make_lookup(owner, ctx, items=4, number="L")
    data_of(update_order(ctx, UpdateOrderParams(job.items[2].order_id, carrier_guide_number="by hand")))
    report_success(ctx, job.items[0].item_id, "G-1")
    report_success(ctx, job.items[1].item_id, None)
    report_success(ctx, job.items[2].item_id, "G-3")
    report_error(ctx, job.items[3].item_id)
    return {"lookup_item": job.items[0].item_id, "lookup_order": job.items[0].order_id}


def _make_jobs(owner: Connection, ctx: DomainContext) -> Scenario:
    open_ = make_job(owner, ctx, items=3)
    hand_over(ctx, open_)
    report_error(ctx, open_.items[1].item_id)
    waiting = make_job(owner, ctx, items=2)
    ended = make_job(owner, ctx, items=2)
    report_success(ctx, ended.items[0].item_id, "T-1")
    report_error(ctx, ended.items[1].item_id)
    report_error(ctx, ended.items[1].item_id)
    failed = make_job(owner, ctx)
    report_error(ctx, failed.items[0].item_id)
    retried = make_job(owner, ctx)
    report_error(ctx, retried.items[0].item_id)
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(retried.job_id)))
    report_error(ctx, retried.items[0].item_id, dispatch=1)
    report_success(ctx, retried.items[0].item_id, None)
    report_success(ctx, retried.items[0].item_id, "T-2")
    report_success(ctx, retried.items[0].item_id, "T-3")
    cancelled = make_job(owner, ctx)
    data_of(cancel_job(ctx, cancelled.job_id))
    by_hand = make_job(owner, ctx, items=2)
    report_success(ctx, by_hand.items[0].item_id, "T-4")
    data_of(update_job_status(ctx, UpdateJobStatusParams(by_hand.job_id, "failed")))
    return {
        "open": open_.job_id,
        "open_item": open_.items[0].item_id,
        "open_order": open_.items[0].order_id,
        "open_error": open_.items[1].item_id,
        "waiting": waiting.job_id,
        "waiting_item": waiting.items[0].item_id,
        "waiting_order": waiting.items[0].order_id,
        "ended": ended.job_id,
        "shipped": ended.items[0].item_id,
        "shipped_order": ended.items[0].order_id,
        "ended_error": ended.items[1].item_id,
        "failed": failed.job_id,
        "retried": retried.job_id,
        "retried_item": retried.items[0].item_id,
        "by_hand": by_hand.job_id,
        "cancelled": cancelled.job_id,
    }


def _make_waves(owner: Connection, ctx: DomainContext) -> Scenario:
    """Make jobs that went on from wave to wave, and one that was retried while its call was under way."""
    in_waves = make_job(owner, ctx, items=3, wave_size=1)
    hand_over(ctx, in_waves)
    report_error(ctx, in_waves.items[0].item_id)
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(in_waves.job_id)))
    for number, item in enumerate((in_waves.items[1], in_waves.items[2], in_waves.items[0])):
        hand_over(ctx, in_waves, dispatch=number + 2)
        report_success(ctx, item.item_id, f"N-{number}")
    calling = make_job(owner, ctx)
    claim(ctx, calling)
    report_error(ctx, calling.items[0].item_id)
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(calling.job_id)))
    data_of(note_accepted(ctx, DispatchRef(calling.job_id, 1)))
    hand_over(ctx, calling, dispatch=3)
    report_success(ctx, calling.items[0].item_id, "N-4")
    return {"in_waves": in_waves.job_id, "calling": calling.job_id}


def _make_line(owner: Connection, ctx: DomainContext) -> Scenario:
    """Make a line before the robot of another carrier: a wave that is called, with items behind it, and two parked."""
    called, parked, paused = (make_job(owner, ctx, items=3, wave_size=1, carrier="elsewhere") for _ in range(3))
    data_of(pause_job(ctx, paused.job_id))
    return {
        "called": called.job_id,
        "called_wave_item": called.items[0].item_id,
        "in_line": called.items[1].item_id,
        "parked": parked.job_id,
        "paused": paused.job_id,
    }


def _make_shipments(owner: Connection, ctx: DomainContext) -> Scenario:
    released = _ship(owner, ctx, "R-1")
    reshipped = _hand_over_again(ctx, released, allow_reshipment=True)
    report_success(ctx, reshipped.items[0].item_id, "R-2")
    unmade = _hand_over_again(ctx, _ship(owner, ctx, "R-3"), allow_reshipment=True)
    report_error(ctx, unmade.items[0].item_id)
    first, second = _ship_twice(owner, ctx, "S")
    _, voided = _ship_twice(owner, ctx, "V")
    _settle(ctx, voided, voided=True)
    swapped, _ = _ship_twice(owner, ctx, "W")
    _settle(ctx, swapped, voided=True)
    conflict = _ship(owner, ctx, "C-1")
    report_success(ctx, conflict.items[0].item_id, "C-2")
    report_success(ctx, conflict.items[0].item_id, "C-2")
    conflict_voided = _ship(owner, ctx, "D-1")
    report_success(ctx, conflict_voided.items[0].item_id, "D-2")
    _settle(ctx, conflict_voided, voided=True)
    failed = make_job(owner, ctx)
    hand_over(ctx, failed)
    report_error(ctx, failed.items[0].item_id)
    # Unknown, so that it stays open and is in nobody's way.
    yielded = make_job_of(ctx, [failed.items[0].order_id])
    claim(ctx, yielded)
    data_of(note_unknown(ctx, DispatchRef(yielded.job_id, 1)))
    report_success(ctx, failed.items[0].item_id, "Y-1")
    stopped = make_job(owner, ctx, items=2)
    data_of(update_order(ctx, UpdateOrderParams(stopped.items[0].order_id, tracking_number="BY-HAND")))
    claim(ctx, stopped)
    data_of(release_dispatch(ctx, DispatchRef(stopped.job_id, 1), "busy", "Ya hay un lote en proceso"))
    owner.execute("UPDATE robot_job_dispatches SET next_attempt_at = now() WHERE job_id = %s", [stopped.job_id])
    hand_over(ctx, stopped)
    report_success(ctx, stopped.items[1].item_id, "Z-1")
    return {
        "released": released.items[0].item_id,
        "reshipped": reshipped.items[0].item_id,
        "reshipped_order": reshipped.items[0].order_id,
        "reshipping": reshipped.job_id,
        "first": first.items[0].item_id,
        "second": second.items[0].item_id,
        "conflict": conflict.items[0].item_id,
        "conflict_voided": conflict_voided.items[0].item_id,
        "yielded": yielded.items[0].item_id,
    }


def _make_unsettled(owner: Connection, ctx: DomainContext) -> Scenario:
    unsettled, settled, shipped, ended, proven = (make_job(owner, ctx) for _ in range(5))
    for job in (unsettled, settled, shipped):
        hand_over(ctx, job)
        report = UpdateJobItemResultParams(job.items[0].item_id, "error", error_type="timeout")
        data_of(update_job_item_result(ctx, report))
    _settle(ctx, settled, shipped=False)
    _settle(ctx, shipped, shipped=True, tracking_number="P-1")
    for job in (ended, proven):
        hand_over(ctx, job)
        data_of(update_job_status(ctx, UpdateJobStatusParams(job.job_id, "failed")))
    report_error(ctx, proven.items[0].item_id)
    return {
        "unsettled": unsettled.items[0].item_id,
        "unsettled_order": unsettled.items[0].order_id,
        "settled": settled.items[0].item_id,
        "ended_by_hand": ended.items[0].item_id,
        "proven": proven.items[0].item_id,
    }


def _ship(owner: Connection, ctx: DomainContext, number: str) -> CreatedJob:
    job = make_job(owner, ctx)
    hand_over(ctx, job)
    report_success(ctx, job.items[0].item_id, number)
    return job


def _hand_over_again(ctx: DomainContext, job: CreatedJob, *, allow_reshipment: bool = False) -> CreatedJob:
    """Hand the job's order over in a job of its own."""
    again = make_job_of(ctx, [job.items[0].order_id], allow_reshipment=allow_reshipment)
    hand_over(ctx, again)
    return again


def _ship_twice(owner: Connection, ctx: DomainContext, letter: str) -> tuple[CreatedJob, CreatedJob]:
    """Return the job whose shipment stands, and the older one whose late success is second."""
    older = make_job(owner, ctx)
    hand_over(ctx, older)
    report_error(ctx, older.items[0].item_id)
    newer = _hand_over_again(ctx, older)
    report_success(ctx, newer.items[0].item_id, f"{letter}-1")
    report_success(ctx, older.items[0].item_id, f"{letter}-2")
    return newer, older


def _settle(
    ctx: DomainContext,
    job: CreatedJob,
    *,
    shipped: bool | None = None,
    tracking_number: str | None = None,
    voided: bool = False,
) -> None:
    settlement = Settlement(job.items[0].item_id, shipped, tracking_number, voided)
    assert data_of(settle_items(ctx, SettleItemsParams(job.job_id, [settlement]))).settled_count == 1
