"""What may have been forgotten of each order when a database was restored, by what is known of it still."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from shared.domain import (
    CreatedJob,
    DomainContext,
    UnsettledOrders,
    UnsettleJobParams,
    UnsettleOrdersParams,
    pass_numbers_over,
    unsettle_job,
    unsettle_orders,
)
from shared.domain.cursor import BEFORE_ALL
from shared.domain.ids import uuid7
from shared.domain.jobs import restored
from shared.domain.result import DomainResult
from tests.factories import data_of, look_up, make_orders, row_of_dispatch, rows_of
from tests.functional.shop import Shop, open_shop, order_of
from tests.racing import holding_line, racers

NOW = datetime.now(UTC)

#: Status, what is known of the shipment, who closed it, and to which moment the database was restored.
Item = tuple[str, str | None, str | None, datetime | None]

#: As what was unsettled stands then.
UNSETTLED: Item = ("error", "possible", "system", NOW)
REFUSED: Item = ("error", "none", "robot", None)
MADE: Item = ("success", "made", "robot", None)


def items_of(shop: Shop, order_id: UUID) -> list[Item]:
    """Return the order's items, the oldest first."""
    rows = shop.owner.execute(
        "SELECT status, shipment, closed_by, restored_to FROM robot_job_items WHERE order_id = %s ORDER BY id",
        [order_id],
    )
    return rows.fetchall()


def rows_of_job(shop: Shop, job: CreatedJob) -> list[tuple[object, ...]]:
    """Return all that stands on a job's items, what it passes over, and which of its waves are closed."""
    return shop.owner.execute(
        "SELECT item.*, job.status, job.numbers_passed_over, wave.dispatch, wave.status"
        "  FROM robot_jobs AS job JOIN robot_job_items AS item ON item.job_id = job.id"
        "  JOIN robot_job_dispatches AS wave ON wave.job_id = job.id WHERE job.id = %s",
        [job.job_id],
    ).fetchall()


def waves_of(shop: Shop, job: CreatedJob) -> list[tuple[int, str, int, int]]:
    """Return number, status and size of each wave of a job, and how many attempts it has."""
    rows = shop.owner.execute(
        "SELECT dispatch, status, item_count, (SELECT count(*) FROM robot_job_item_attempts AS attempt"
        "   WHERE attempt.job_id = wave.job_id AND attempt.dispatch = wave.dispatch)"
        "  FROM robot_job_dispatches AS wave WHERE job_id = %s ORDER BY dispatch",
        [job.job_id],
    )
    return rows.fetchall()


def unsettle(ctx: DomainContext, restored_to: datetime = NOW) -> UnsettledOrders:
    # So that what stands for forgotten hand-overs has a number that none had.
    data_of(pass_numbers_over(ctx))
    return data_of(unsettle_orders(ctx, UnsettleOrdersParams(restored_to)))


def test_each_order_is_unsettled_once_by_its_last_failure_or_anew_unless_it_is_known_to_be_made(shop: Shop) -> None:
    """Naive: an order that failed twice may have been shipped twice, or one that was shipped is looked for."""
    never = shop.order()
    once = order_of(shop.failed())
    twice = order_of(shop.failed())
    shop.failed(twice)
    made = order_of(shop.made("T-1"))
    then_made = order_of(shop.failed())
    shop.made("T-2", then_made)
    again = order_of(shop.made("T-3"))
    shop.failed(again, allow_reshipment=True)
    again_made = order_of(shop.made("T-4"))
    shop.failed(again_made, allow_reshipment=True)
    shop.made("T-5", again_made, allow_reshipment=True)
    lost = order_of(shop.unsettled())
    lost_before = order_of(shop.failed())
    shop.unsettled(lost_before)
    by_hand = shop.order()
    shop.write_number(by_hand, "BY-HAND")
    look_up(shop.owner, shop.ctx, [by_hand])
    looked_up = shop.order()
    shop.write_number(looked_up, "ALSO-BY-HAND")
    shop.cancel(look_up(shop.owner, shop.ctx, [looked_up]))
    waiting, at_robot = order_of(shop.failed()), order_of(shop.failed())
    shop.at_robot(at_robot)
    shop.job(waiting)
    done = unsettle(shop.ctx)
    assert (done.by_failed, done.by_new, done.last_id) == (3, 3, None)
    assert {
        "never": items_of(shop, never),
        "once": items_of(shop, once),
        "twice": items_of(shop, twice),
        "made": items_of(shop, made),
        "then made": items_of(shop, then_made),
        "again": items_of(shop, again),
        "again made": items_of(shop, again_made),
        "lost": items_of(shop, lost),
        "lost before": items_of(shop, lost_before),
        "by hand": items_of(shop, by_hand),
        "looked up": items_of(shop, looked_up),
        "waiting": items_of(shop, waiting),
        "at robot": items_of(shop, at_robot),
    } == {
        "never": [UNSETTLED],
        "once": [UNSETTLED],
        "twice": [REFUSED, UNSETTLED],
        "made": [MADE],
        "then made": [REFUSED, MADE],
        "again": [MADE, UNSETTLED],
        "again made": [MADE, REFUSED, MADE],
        "lost": [UNSETTLED],
        "lost before": [REFUSED, UNSETTLED],
        "by hand": [("pending", None, None, None), UNSETTLED],
        "looked up": [("error", None, "system", None), UNSETTLED],
        "waiting": [REFUSED, ("pending", "none", None, None)],
        "at robot": [REFUSED, ("processing", "possible", None, None)],
    }


def test_what_a_person_has_said_since_stands_until_the_database_is_restored_to_a_later_moment(shop: Shop) -> None:
    """Naive: an older restoration counts for the newer one, whose forgotten hand-overs are made again."""
    job = shop.failed()
    unsettle(shop.ctx)
    data_of(shop.settle(job, shipped=False))
    assert unsettle(shop.ctx).by_failed == 0
    assert shop.item(job).is_known_as == ("error", "none")
    later = NOW + timedelta(hours=1)
    assert unsettle(shop.ctx, later).by_failed == 1
    assert items_of(shop, order_of(job)) == [("error", "possible", "system", later)]


def test_many_orders_are_come_to_a_batch_at_a_time_and_each_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Naive: it begins anew with each batch and never ends, or leaves out the orders at the ends of batches."""
    monkeypatch.setattr(restored, "BATCH", 2)
    order_ids = sorted(make_orders(shop.owner, shop.ctx.workspace_id, 4))
    # Whatever order their rows lie in.
    shop.owner.execute("UPDATE orders SET name = 'Moved' WHERE id = %s", [order_ids[0]])
    after, pages = BEFORE_ALL, []
    for _ in range(3):
        done = data_of(unsettle_orders(shop.ctx, UnsettleOrdersParams(NOW, after)))
        pages.append((done.by_new, done.last_id))
        after = done.last_id or after
    assert pages == [(2, order_ids[1]), (2, order_ids[3]), (0, None)]
    assert [len(items_of(shop, order_id)) for order_id in order_ids] == [1] * 4


def test_a_job_that_is_unsettled_takes_no_other_with_it(shop: Shop) -> None:
    """Naive: whatever is open in the workspace becomes unsettled with the first of its jobs."""
    at_robot = shop.at_robot()
    jobs = [shop.job() for _ in range(3)]
    waits, others = jobs[1], (jobs[0], jobs[2])
    before = [rows_of_job(shop, job) for job in others]
    for job in (waits, at_robot):
        assert data_of(unsettle_job(shop.ctx, UnsettleJobParams(job.job_id, NOW))) == 1
        assert items_of(shop, order_of(job)) == [UNSETTLED]
        # Done again, it finds nothing to do.
        stands = rows_of(shop.owner, shop.ctx.workspace_id)
        assert data_of(unsettle_job(shop.ctx, UnsettleJobParams(job.job_id, NOW))) == 0
        assert rows_of(shop.owner, shop.ctx.workspace_id)["dispatches"] == stands["dispatches"]
    assert [rows_of_job(shop, job) for job in others] == before
    # What the robot had stays in its wave; for the other one a wave stands that none was.
    waves = [waves_of(shop, job) for job in (at_robot, waits)]
    assert waves == [[(1, "closed", 1, 1)], [(1, "closed", 1, 0), (1001, "closed", 1, 1)]]
    for job in (at_robot, waits):
        wave = row_of_dispatch(shop.owner, job)
        assert wave["closed_at"] is not None
        assert wave["last_error"].startswith("the database was restored to ")


@pytest.mark.parametrize(
    "call",
    [
        lambda ctx, _: pass_numbers_over(ctx),
        lambda ctx, job: unsettle_job(ctx, UnsettleJobParams(job.job_id, NOW)),
        lambda ctx, _: unsettle_orders(ctx, UnsettleOrdersParams(NOW)),
    ],
    ids=["pass_numbers_over", "unsettle_job", "unsettle_orders"],
)
def test_it_waits_for_whoever_changes_the_line_of_waves(
    shop: Shop, call: Callable[[DomainContext, CreatedJob], DomainResult[object]]
) -> None:
    """Naive: a wave that is made at the same moment has a number that a robot may remember."""
    job = shop.job()
    with racers(shop.owner, ()) as [restoring]:
        with holding_line(shop.owner, shop.ctx.workspace_id):
            done = restoring.start_blocked(call, shop.ctx, job)
        data_of(done.result())


def test_another_workspace_s_orders_are_left_alone(shop: Shop) -> None:
    other = open_shop(shop.owner, DomainContext(uuid7(), "test"))
    theirs = [order_of(other.failed()), *make_orders(shop.owner, other.ctx.workspace_id)]
    shop.failed()
    done = unsettle(shop.ctx)
    assert (done.by_failed, done.by_new) == (1, 0)
    assert [items_of(other, order_id) for order_id in theirs] == [[REFUSED], []]
