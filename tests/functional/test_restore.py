"""A database that was restored to an earlier moment has forgotten hand-overs: nothing of it is shipped twice."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest
from psycopg import Connection
from psycopg.sql import SQL, Identifier

from local.stack.postgres import Postgres
from shared.aws.passwords import seal_password
from shared.db.audit import audit
from shared.domain import (
    CreatedJob,
    DomainContext,
    RejectedOrder,
    RetryFailedItemsParams,
    SettleItemsParams,
    Settlement,
    SubmitJobParams,
    UnsettledOrders,
    UnsettleJobParams,
    UnsettleOrdersParams,
    find_workspaces,
    get_job_item,
    get_job_with_items,
    retry_failed_items,
    settle_items,
    submit_job,
    unsettle_job,
    unsettle_orders,
)
from shared.domain.ids import uuid7s
from shared.domain.jobs.history import GetJobItemParams
from shared.domain.result import DomainResult
from shared.workflow.restore import unsettle_workspace
from tests.factories import (
    data_of,
    failure_of,
    hand_over,
    look_up,
    make_carrier_config,
    make_job_of,
    make_orders,
    read_job,
)
from tests.functional.conftest import Bus
from tests.functional.restored_world import World, world
from tests.functional.shop import open_shop, order_of

NOW = datetime.now(UTC)


@pytest.fixture
def ctx(fresh_database: str, workspace: UUID) -> DomainContext:
    assert fresh_database
    return DomainContext(workspace, "test")


@pytest.fixture
def the_world(  # noqa: PLR0913, PLR0917 - fixtures
    fresh_database: str,
    owner: Connection,
    ctx: DomainContext,
    postgres: Postgres,
    monkeypatch: pytest.MonkeyPatch,
    kms_key: str,
    callback_secret: str,
    bus: Bus,
) -> Iterator[World]:
    assert all((kms_key, callback_secret, bus))
    with world(postgres, monkeypatch, fresh_database, ctx) as made:
        sealed = seal_password("s3cret", workspace_id=ctx.workspace_id, carrier="coordinadora")
        make_carrier_config(owner, ctx.workspace_id, robot_url=made.robot_url, portal_password_sealed=sealed)
        yield made


def retry(ctx: DomainContext, job: CreatedJob) -> int:
    return data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id))).retried_count


def look_and_settle(the: World) -> list[str]:
    """Settle what is unsettled as a person does: who looks each order up at the carrier, by its name."""
    names = {order_id: name for name, order_id in the.orders.items()}
    portal, looked_up = the.in_portal(), []
    with the.owner() as conn:
        unsettled = conn.execute(_UNSETTLED, [the.ctx.workspace_id]).fetchall()
        known = {number for (number,) in conn.execute(_NUMBERS, [the.ctx.workspace_id])}
    for job_id, item_id, order_id in unsettled:
        name = names[order_id]
        new = [number for number in portal[name] if number not in known]
        said = Settlement(item_id, shipped=bool(new), tracking_number=new[0] if new else None)
        data_of(settle_items(the.ctx, SettleItemsParams(job_id, [said])))
        looked_up.append(name)
    return sorted(looked_up)


@dataclass(frozen=True)
class Jobs:
    """What the workspace has at the moment of the backup."""

    #: The portal refused its order.
    refused: CreatedJob
    #: Its order was shipped before, and the portal refused the reshipment.
    again: CreatedJob
    #: Nobody knows what became of its order.
    unknown: CreatedJob
    #: A part of it is done, a part is with the robot, a part waits.
    half: CreatedJob


def until_the_backup(the: World) -> Jobs:
    the.force("refused", "refusal")
    refused = make_job_of(the.ctx, [the.order("refused")])
    the.go_on()
    make_job_of(the.ctx, [the.order("again")])
    the.go_on()
    the.force("again", "refusal")
    again = make_job_of(the.ctx, [the.orders["again"]], allow_reshipment=True)
    the.force("unknown", "exception_before")
    unknown = make_job_of(the.ctx, [the.order("unknown")])
    the.go_on()
    the.force("A2", "refusal", times=2)
    half = make_job_of(the.ctx, [the.order(f"A{number}") for number in range(1, 7)], wave_size=2)
    the.order("later")
    the.order("never")
    the.hand_over_called()
    the.record()
    the.hand_over_called()
    return Jobs(refused, again, unknown, half)


def until_it_is_lost(the: World, jobs: Jobs) -> dict[str, list[str]]:
    """Do what will be forgotten, and return what is in the portal then: the job ends, what failed is retried."""
    the.go_on()
    not_shipped = Settlement(jobs.unknown.items[0].item_id, shipped=False)
    data_of(settle_items(the.ctx, SettleItemsParams(jobs.unknown.job_id, [not_shipped])))
    assert [retry(the.ctx, job) for job in vars(jobs).values()] == [1, 1, 1, 1]
    make_job_of(the.ctx, [the.orders["later"]])
    the.go_on()
    shipped = the.in_portal()
    counts = {name: len(numbers) for name, numbers in shipped.items()}
    assert counts == dict.fromkeys(the.orders, 1) | {"again": 2, "A2": 0, "never": 0}
    return shipped


def try_everything(the: World, jobs: Jobs) -> None:
    """Retry and submit whatever there is, which must be refused."""
    for job in vars(jobs).values():
        failure_of(retry_failed_items(the.ctx, RetryFailedItemsParams(job.job_id)), "INVALID", "nothing_to_retry")
    wanted = [the.orders[name] for name in the.orders if name not in {"A1", "again"}]
    refused = failure_of(submit_job(the.ctx, SubmitJobParams(wanted)), "INVALID", "nothing_to_ship")
    assert {each.code for each in cast("list[RejectedOrder]", refused.details["rejected"])} == {"shipment_unsettled"}
    the.go_on()


def assert_sound(the: World, *, are_off: bool = False) -> None:
    with the.owner() as conn:
        assert audit(conn, hand_overs_are_off=are_off) == []


def test_a_dump_taken_in_the_middle_of_a_job_ships_nothing_twice(the_world: World, tmp_path: Path) -> None:
    """H61. Naive: the restored database hands over again what was shipped since, and ships all but one twice."""
    the, ctx = the_world, the_world.ctx
    jobs = until_the_backup(the)
    dump = the.dump(tmp_path / "backup")
    shipped = until_it_is_lost(the, jobs)
    with the.restored(dump):
        the.patch.setenv("HAND_OVERS", "off")
        for wave in the.waves():
            the.deliver(*wave)
        the.expire()
        assert find_workspaces_as_system(the) == [ctx.workspace_id]
        assert the.in_portal() == shipped
        unsettle_workspace(ctx.workspace_id, datetime.now(UTC))
        assert_sound(the, are_off=True)

        # On again, and people try everything at once: nothing goes, since nobody has looked yet.
        the.patch.setenv("HAND_OVERS", "on")
        try_everything(the, jobs)
        assert the.in_portal() == shipped

        # They look at the carrier. What is not there can be sent, under numbers that the robot has never seen.
        assert look_and_settle(the) == sorted(name for name in the.orders if name != "A1")
        assert retry(ctx, jobs.half) == 1
        data_of(submit_job(ctx, SubmitJobParams([the.orders["never"]])))
        the.go_on()
        counts = {name: len(numbers) for name, numbers in the.in_portal().items()}
        assert counts == dict.fromkeys(the.orders, 1) | {"again": 2}
        assert f"{jobs.half.job_id}.1003" in {made.job_id for made in the.robot.ledger.shipments()}
        assert_sound(the)
        with the.owner() as conn:
            numbers: dict[UUID, str] = dict(conn.execute(_NUMBERS_OF_ORDERS, [ctx.workspace_id]).fetchall())
        assert all(numbers[the.orders[name]] in there for name, there in the.in_portal().items())


def find_workspaces_as_system(the: World) -> list[UUID]:
    the.connect(the.database, "robot_jobs_system")
    found = find_workspaces()
    the.connect(the.database)
    return found


def test_each_workspace_that_has_orders_is_found_once_whichever_came_first(
    owner: Connection, ctx: DomainContext, fresh_database: str, as_system: Callable[[], None]
) -> None:
    """Naive: one is passed over, and ships again what it has forgotten."""
    first, second, third = uuid7s(3)
    for workspace_id in (third, first, second, ctx.workspace_id, first):
        make_orders(owner, workspace_id)
    # Whatever way the database takes to the rows: this one gives them as they came.
    for way in ("indexscan", "indexonlyscan", "bitmapscan"):
        owner.execute(SQL("ALTER DATABASE {} SET {} = off").format(Identifier(fresh_database), SQL(f"enable_{way}")))
    as_system()
    assert find_workspaces() == sorted([ctx.workspace_id, first, second, third])


def test_done_again_it_unsettles_nothing_that_a_person_has_settled(the_world: World) -> None:
    the, ctx = the_world, the_world.ctx
    the.order("never")
    first = unsettle_workspace(ctx.workspace_id, NOW)
    assert (first.new_items, len(first.job_ids)) == (1, 1)
    assert look_and_settle(the) == ["never"]
    # An order that comes to light later, from the shop's own list.
    the.order("remembered")
    second = unsettle_workspace(ctx.workspace_id, NOW)
    assert (second.new_items, second.failed_items) == (1, 0)
    assert look_and_settle(the) == ["remembered"]


def test_more_orders_than_one_transaction_takes_are_all_unsettled(
    owner: Connection, ctx: DomainContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: those of the first batch wait for a person, and the others are shipped again."""
    monkeypatch.setattr("shared.domain.jobs.restored.BATCH", 2)
    order_ids = make_orders(owner, ctx.workspace_id, 5)
    done = unsettle_workspace(ctx.workspace_id, NOW)
    assert (done.new_items, len(set(done.job_ids))) == (5, 3)
    unsettled = owner.execute(_UNSETTLED, [ctx.workspace_id]).fetchall()
    assert sorted(order_id for _, _, order_id in unsettled) == sorted(order_ids)


def test_done_again_it_leaves_alone_what_a_robot_has_lost_since(owner: Connection, ctx: DomainContext) -> None:
    """Naive: one order that is unsettled still, and no robot's word settles any other of the workspace any more."""
    shop = open_shop(owner, ctx)
    failed = shop.failed()
    data_of(unsettle_orders(ctx, UnsettleOrdersParams(NOW)))
    data_of(shop.settle(failed, shipped=False))
    since, before = shop.unsettled(order_of(failed)), shop.unsettled()
    data_of(unsettle_orders(ctx, UnsettleOrdersParams(NOW)))
    assert [shop.item(job).closed_by for job in (since, before)] == ["robot", "system"]


def test_a_late_error_of_a_hand_over_that_is_known_proves_nothing(the_world: World) -> None:
    """Naive: the robot's word on the first wave frees an order that a forgotten wave has shipped."""
    the, ctx = the_world, the_world.ctx
    the.force("A1", "refusal")
    at_robot = make_job_of(ctx, [the.order("A1")])
    the.hand_over_called()
    the.force("A2", "refusal")
    late = make_job_of(ctx, [the.order("A2")])
    with the.owner() as conn:
        conn.execute("UPDATE robot_job_dispatches SET deadline_at = now() WHERE job_id = %s", [at_robot.job_id])
    the.expire()
    the.hand_over_called()
    unsettle_workspace(ctx.workspace_id, NOW)
    the.record()
    for job in (at_robot, late):
        [item] = read_job(ctx, job).items
        assert (item.status, item.shipment) == ("error", "possible")
    # The robot has reported all of the wave, so that a person may say it.
    data_of(settle_items(ctx, SettleItemsParams(late.job_id, [Settlement(late.items[0].item_id, shipped=False)])))


def test_what_a_robot_has_still_can_not_be_said_to_be_unshipped_yet(the_world: World) -> None:
    the, ctx = the_world, the_world.ctx
    job = make_job_of(ctx, [the.order("A1")])
    the.hand_over_called()
    unsettle_workspace(ctx.workspace_id, NOW)
    said = SettleItemsParams(job.job_id, [Settlement(job.items[0].item_id, shipped=False)])
    failure_of(settle_items(ctx, said), "CONFLICT", "hand_over_not_over")
    the.record()
    [item] = read_job(ctx, job).items
    assert (item.status, item.shipment) == ("success", "made")


def test_the_history_says_that_nobody_knows(the_world: World) -> None:
    the, ctx = the_world, the_world.ctx
    the.order("never")
    [job_id] = unsettle_workspace(ctx.workspace_id, NOW).job_ids
    [item] = data_of(get_job_with_items(ctx, job_id)).items
    [attempt] = data_of(get_job_item(ctx, GetJobItemParams(job_id, item.id))).attempts
    assert (attempt.outcome, attempt.value_sent) == ("unknown", None)
    assert (item.error_message or "").startswith(f"the database was restored to {NOW:%Y-%m-%d %H:%M} UTC")


def test_an_order_that_is_retried_meanwhile_does_not_slip_through(
    the_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: its job was swept before the retry, and its order looks as if somebody cared for it already."""
    the, ctx = the_world, the_world.ctx
    the.force("A1", "refusal")
    job = make_job_of(ctx, [the.order("A1")])
    the.hand_over_called()
    the.record()

    def after_a_retry(ctx: DomainContext, params: UnsettleOrdersParams) -> DomainResult[UnsettledOrders]:
        assert retry(ctx, job) == 1
        return unsettle_orders(ctx, params)

    monkeypatch.setattr("shared.workflow.restore.unsettle_orders", after_a_retry)
    assert unsettle_workspace(ctx.workspace_id, NOW).open_items == 1
    [item] = read_job(ctx, job).items
    assert (item.status, item.shipment) == ("error", "possible")
    assert not the.hand_over_called()


def test_a_lookup_just_ends(the_world: World) -> None:
    """Naive: a hand-over is made up for it, and a shipment that may have been made."""
    the, ctx = the_world, the_world.ctx
    with the.owner() as conn:
        [order_id] = make_orders(conn, ctx.workspace_id, tracking_number="P-0")
        conn.execute("UPDATE orders SET number_by_hand = true WHERE id = %s", [order_id])
        lookup = look_up(conn, ctx, [order_id])
        hand_over(ctx, lookup)
    unsettle_workspace(ctx.workspace_id, NOW)
    [item] = read_job(ctx, lookup).items
    [attempt] = data_of(get_job_item(ctx, GetJobItemParams(lookup.job_id, item.id))).attempts
    assert (item.status, item.shipment, attempt.dispatch) == ("error", None, 1)


def test_a_moment_without_its_time_zone_is_refused(the_world: World) -> None:
    """Naive: five hours of hand-overs are taken as known."""
    job = make_job_of(the_world.ctx, [the_world.order("A1")])
    params = UnsettleJobParams(job.job_id, NOW.replace(tzinfo=None))
    failure_of(unsettle_job(the_world.ctx, params), "INVALID", "invalid_value")


_UNSETTLED = """
SELECT job_id, id, order_id FROM robot_job_items
 WHERE workspace_id = %s AND status = 'error' AND shipment = 'possible'
"""

_NUMBERS = "SELECT tracking_number FROM robot_job_items WHERE workspace_id = %s AND tracking_number IS NOT NULL"

_NUMBERS_OF_ORDERS = "SELECT id, tracking_number FROM orders WHERE workspace_id = %s"
