"""The rules of settling: a person has looked at the carrier, and says whether there is a shipment."""

from datetime import datetime
from typing import Any

import pytest

from local.stack.postgres import Postgres
from shared.domain import (
    CreatedJob,
    DispatchRef,
    DomainContext,
    JobItemsParams,
    ListActivityParams,
    RetryFailedItemsParams,
    SettledItem,
    SettleItemsParams,
    Settlement,
    UpdateJobItemResultParams,
    get_hand_over_ends,
    list_activity,
    note_unknown,
    retry_failed_items,
    settle_items,
    update_job_item_results,
)
from tests.factories import (
    assert_agreement,
    data_of,
    events_of,
    failure_of,
    hand_over,
    make_job,
    make_orders,
    read_job,
    rows_of,
)
from tests.functional.shop import Shop, order_of


def count_of(shop: Shop, job: CreatedJob, **said: Any) -> int:
    """Settle the job's item, and return how many items that changed."""
    return data_of(shop.settle(job, **said)).settled_count


# --- It exists ------------------------------------------------------------------------------------------------------
def test_shipped_does_what_a_robot_s_success_does(shop: Shop, ctx: DomainContext) -> None:
    by_person, by_robot = shop.unsettled(), shop.unsettled()
    settled = data_of(shop.settle(by_person, shipped=True, tracking_number="P-1"))
    shop.success(by_robot, "R-1")
    assert settled.items == [SettledItem(by_person.items[0].item_id, "success", "made")]
    for job, number in ((by_person, "P-1"), (by_robot, "R-1")):
        item = shop.item(job)
        assert (item.is_known_as, item.holds, item.tracking_number) == (("success", "made"), True, number)
        assert (item.error_type, item.error_message) == (None, None)
        assert shop.number(order_of(job)) == number
        now = read_job(ctx, job).job
        assert (now.status, now.success_count, now.error_count) == ("completed", 1, 0)
    told = events_of(shop.owner, ctx.workspace_id, "automation/robot.coord.completed")
    assert [event["trackingNumber"] for event in told] == ["P-1", "R-1"]
    changed = events_of(shop.owner, ctx.workspace_id, "automation/field.changed")
    assert [event["newValue"] for event in changed] == ["P-1", "R-1"]
    sources = shop.owner.execute(
        "SELECT source FROM robot_job_item_reports WHERE workspace_id = %s AND status = 'success' ORDER BY id",
        [ctx.workspace_id],
    ).fetchall()
    assert sources == [("person",), ("robot",)]
    assert_agreement(shop.owner, ctx.workspace_id)


def test_shipped_without_a_number_gets_the_one_that_is_found_later(shop: Shop) -> None:
    job = shop.unsettled()
    assert count_of(shop, job, shipped=True) == 1
    assert count_of(shop, job, shipped=True) == 0
    assert count_of(shop, job, shipped=True, tracking_number="P-1") == 1
    assert (shop.item(job).tracking_number, shop.number(order_of(job))) == ("P-1", "P-1")
    assert count_of(shop, job, shipped=True, tracking_number="P-1") == 0
    failure_of(shop.settle(job, shipped=True, tracking_number="P-2"), "CONFLICT", "nothing_to_settle")


@pytest.mark.parametrize("begin", ["claimed", "accepted"])
@pytest.mark.parametrize(("number", "outcome", "others"), [("P-1", "duplicate", []), ("R-1", "conflict", ["R-1"])])
def test_what_the_robot_reports_after_a_person_settled_what_it_has(
    shop: Shop, begin: str, number: str, outcome: str, others: list[str]
) -> None:
    """Naive: the robot's error undoes what the person found, or its other number replaces the person's."""
    job = shop.job() if begin == "claimed" else shop.at_robot()
    if begin == "claimed":
        shop.claim(job)
    assert count_of(shop, job, shipped=True, tracking_number="P-1") == 1
    assert shop.error(job, "portal", dispatch=1) == "stale"
    assert shop.item(job).is_known_as == ("success", "made")
    assert shop.success(job, number, dispatch=1) == outcome
    assert (shop.item(job).tracking_number, shop.item(job).other_numbers) == ("P-1", others)
    assert shop.number(order_of(job)) == "P-1"
    assert len(shop.duplicated()) == len(others)


def test_what_failed_for_sure_can_be_said_to_be_shipped_all_the_same(shop: Shop) -> None:
    job = shop.failed()
    assert count_of(shop, job, shipped=True, tracking_number="P-1") == 1
    assert shop.item(job).is_known_as == ("success", "made")


def test_what_was_in_no_wave_yet_can_be_said_to_be_shipped_once_its_job_has_ended(shop: Shop) -> None:
    """Naive: settling looks for items by their hand-overs, and this one is none of the job's."""
    job = make_job(shop.owner, shop.ctx, items=2, wave_size=1)
    last = CreatedJob(job.job_id, 1, job.items[1:])
    shop.end(job)
    assert count_of(shop, last, shipped=True, tracking_number="P-1") == 1
    assert shop.number(order_of(last)) == "P-1"


def test_shipped_ends_another_job_of_the_order_that_waits(shop: Shop) -> None:
    """Naive: a person says that it exists, and the job that waits ships it again."""
    old = shop.failed()
    waiting = shop.job(order_of(old))
    assert count_of(shop, old, shipped=True, tracking_number="P-1") == 1
    assert shop.item(waiting).is_known_as == ("error", "none")


def test_what_was_shipped_with_a_number_is_so_for_whoever_names_none(shop: Shop) -> None:
    job = shop.made("T-1")
    assert count_of(shop, job, shipped=True) == 0
    assert shop.item(job).tracking_number == "T-1"


def test_items_are_told_in_the_order_in_which_they_were_named(shop: Shop) -> None:
    """Naive: in the order of their ids, and who looks at the first answer reads what became of another item."""
    job = make_job(shop.owner, shop.ctx, items=3)
    hand_over(shop.ctx, job)
    last, first, middle = (job.items[place].item_id for place in (2, 0, 1))
    named = [Settlement(item_id, shipped=True, tracking_number=str(item_id)) for item_id in (last, first, middle)]
    settled = data_of(settle_items(shop.ctx, SettleItemsParams(job.job_id, named)))
    assert [item.item_id for item in settled.items] == [last, first, middle]


def test_a_number_that_another_order_has_is_refused_unless_it_is_allowed(shop: Shop) -> None:
    other = shop.made("TAKEN")
    job = shop.unsettled()
    before = rows_of(shop.owner, shop.ctx.workspace_id)
    refused = failure_of(shop.settle(job, shipped=True, tracking_number="TAKEN"), "CONFLICT", "number_in_use")
    assert refused.details["orders"] == [{"order_id": order_of(other), "tracking_number": "TAKEN"}]
    assert rows_of(shop.owner, shop.ctx.workspace_id) == before
    assert count_of(shop, job, shipped=True, tracking_number="TAKEN", allow_shared_number=True) == 1
    # A report is never turned away for it.
    assert shop.success(shop.at_robot(), "TAKEN") == "recorded"


def test_all_numbers_that_others_have_are_told_in_their_order(shop: Shop, ctx: DomainContext) -> None:
    numbers = ["T-5", "T-1", "T-4", "T-2", "T-3"]
    taken = [
        {"order_id": order_id, "tracking_number": number}
        for number in numbers
        for order_id in make_orders(shop.owner, ctx.workspace_id, 2, tracking_number=number, number_by_hand=True)[::-1]
    ]
    job = make_job(shop.owner, ctx, items=len(numbers))
    hand_over(ctx, job)
    said = [
        Settlement(item.item_id, shipped=True, tracking_number=number)
        for item, number in zip(job.items, numbers, strict=True)
    ]
    refused = failure_of(settle_items(ctx, SettleItemsParams(job.job_id, said)), "CONFLICT", "number_in_use")
    assert refused.details["orders"] == sorted(taken, key=lambda each: (each["tracking_number"], each["order_id"]))


def test_one_number_for_two_orders_of_a_request_is_refused(shop: Shop, ctx: DomainContext) -> None:
    job = make_job(shop.owner, ctx, items=2)
    hand_over(ctx, job)
    both = [Settlement(item.item_id, shipped=True, tracking_number="SAME") for item in job.items]
    failure_of(settle_items(ctx, SettleItemsParams(job.job_id, both)), "CONFLICT", "number_in_use")
    assert data_of(settle_items(ctx, SettleItemsParams(job.job_id, both, None, True))).settled_count == 2  # noqa: FBT003


# --- It does not exist ----------------------------------------------------------------------------------------------
def test_not_shipped_frees_the_order_and_it_can_be_retried(shop: Shop, ctx: DomainContext) -> None:
    job = shop.unsettled()
    settlement = Settlement(job.items[0].item_id, shipped=False)
    settled = data_of(settle_items(ctx, SettleItemsParams(job.job_id, [settlement], "looked twice")))
    assert settled.settled_count == 1
    item = shop.item(job)
    assert (item.is_known_as, item.holds, item.error_type) == (("error", "none"), False, "timeout")
    assert count_of(shop, job, shipped=False) == 0
    row = shop.owner.execute(
        "SELECT source, outcome, error_message FROM robot_job_item_reports WHERE item_id = %s AND source <> 'robot'",
        [job.items[0].item_id],
    ).fetchall()
    assert row == [("person", "recorded", "not shipped: looked twice")]
    shop.retry(job)


def test_a_reshipment_that_was_not_shipped_gives_the_order_back(shop: Shop) -> None:
    """Naive: nothing holds the order any more, though its first shipment is on its way."""
    first = shop.made("T-1")
    again = shop.unsettled(order_of(first), allow_reshipment=True)
    assert not shop.item(first).holds
    assert count_of(shop, again, shipped=False) == 1
    assert [shop.item(job).holds for job in (first, again)] == [True, False]
    with pytest.raises(AssertionError, match="already_shipped"):
        shop.job(order_of(first))


def test_a_late_success_counts_after_not_shipped(shop: Shop) -> None:
    """Naive: the person's word is final, and the number of a shipment that exists is lost."""
    job, retried = shop.unsettled(), shop.unsettled()
    for each in (job, retried):
        assert count_of(shop, each, shipped=False) == 1
    shop.retry(retried)
    assert shop.success(job, "L-1", dispatch=1) == "recorded"
    assert shop.success(retried, "L-2", dispatch=1) == "recorded"
    assert [shop.item(each).is_known_as for each in (job, retried)] == [("success", "made")] * 2
    assert [shop.number(order_of(each)) for each in (job, retried)] == ["L-1", "L-2"]


def two_at_robot(shop: Shop) -> tuple[CreatedJob, Settlement]:
    """Hand two orders over; of the first the robot reports that it does not know."""
    job = make_job(shop.owner, shop.ctx, items=2)
    hand_over(shop.ctx, job)
    assert shop.error(job, "timeout") == "recorded"
    return job, Settlement(job.items[0].item_id, shipped=False)


def test_not_shipped_waits_until_the_hand_over_is_over(shop: Shop) -> None:
    """Naive: the person looks too early, the order is retried, and the robot comes to it still."""
    job, settlement = two_at_robot(shop)
    # The robot began when it took the hand-over, not when we asked it to.
    shop.owner.execute(
        "UPDATE robot_job_dispatches SET claimed_at = claimed_at - interval '5 minutes' WHERE job_id = %s",
        [job.job_id],
    )
    before = rows_of(shop.owner, shop.ctx.workspace_id)
    refused = failure_of(
        settle_items(shop.ctx, SettleItemsParams(job.job_id, [settlement])), "CONFLICT", "hand_over_not_over"
    )
    over_at = refused.details["over_at"]
    assert isinstance(over_at, datetime)
    assert refused.details["items"] == [{"item_id": settlement.item_id, "over_at": over_at}]
    # Ten minutes, and a minute and a half for each of two: that twice.
    [(span,)] = shop.owner.execute(
        "SELECT extract(epoch FROM %s - accepted_at)::int FROM robot_job_dispatches WHERE job_id = %s",
        [over_at, job.job_id],
    ).fetchall()
    assert span == 2 * (600 + 2 * 90)
    assert rows_of(shop.owner, shop.ctx.workspace_id) == before


def test_who_comes_too_early_is_told_when_the_last_of_the_hand_overs_is_over(
    shop: Shop, database: str, postgres: Postgres
) -> None:
    """Naive: the first one's time, so that who comes back then is refused again."""
    job = make_job(shop.owner, shop.ctx, items=3, wave_size=2)
    hand_over(shop.ctx, job)
    assert shop.error(job, "timeout") == "recorded"
    shop.owner.execute(
        "UPDATE robot_job_dispatches SET accepted_at = accepted_at - interval '10 minutes' WHERE job_id = %s",
        [job.job_id],
    )
    shop.let_deadline_pass(job, postgres.url(database, "robot_jobs_system"))
    shop.claim(job, 2)
    shop.end(job)
    both = [Settlement(item.item_id, shipped=False) for item in (job.items[0], job.items[2])]
    refused = failure_of(settle_items(shop.ctx, SettleItemsParams(job.job_id, both)), "CONFLICT", "hand_over_not_over")
    ends = data_of(get_hand_over_ends(shop.ctx, JobItemsParams(job.job_id, [each.item_id for each in both]))).of
    first, last = (ends[each.item_id] for each in both)
    assert first < last
    assert refused.details["over_at"] == last
    assert f"{last:%Y-%m-%d %H:%M}" in refused.error


OVER = {
    "all of it reported": True,
    "a later hand-over taken": True,
    "its robot has restarted": True,
    "twice its time has passed": True,
    "the other one settled by a person": False,
    "a later hand-over claimed": False,
    "a later hand-over taken by another robot": False,
    "its deadline alone has passed": False,
}


@pytest.mark.parametrize("how", OVER)
def test_a_hand_over_is_over(shop: Shop, how: str, database: str, postgres: Postgres) -> None:
    system_url = postgres.url(database, "robot_jobs_system")
    # One that the robot took before, and said nothing of, neither ends it nor keeps it from ending.
    shop.end(shop.at_robot())
    job, settlement = two_at_robot(shop)
    other = job.items[1].item_id
    if how == "all of it reported":
        second = CreatedJob(job.job_id, 1, job.items[1:])
        assert shop.error(second, "portal") == "recorded"
    elif how == "the other one settled by a person":
        data_of(settle_items(shop.ctx, SettleItemsParams(job.job_id, [Settlement(other, shipped=True)])))
    elif how == "a later hand-over taken":
        shop.let_deadline_pass(job, system_url)
        shop.at_robot()
    elif how == "a later hand-over claimed":
        shop.let_deadline_pass(job, system_url)
        shop.claim(shop.job())
    elif how == "its robot has restarted":
        shop.let_deadline_pass(job, system_url)
        shop.owner.execute("UPDATE robot_job_dispatches SET restarted_at = now() WHERE job_id = %s", [job.job_id])
    elif how == "a later hand-over taken by another robot":
        shop.let_deadline_pass(job, system_url)
        shop.owner.execute(
            "UPDATE carrier_configs SET robot_url = 'https://other.example.com' WHERE workspace_id = %s",
            [shop.ctx.workspace_id],
        )
        shop.at_robot()
    else:
        minutes = 27 if how == "twice its time has passed" else 14
        shop.owner.execute(
            "UPDATE robot_job_dispatches SET claimed_at = now() - %(ago)s * interval '1 minute',"
            " accepted_at = now() - %(ago)s * interval '1 minute' WHERE workspace_id = %(workspace_id)s",
            {"ago": minutes, "workspace_id": shop.ctx.workspace_id},
        )
    result = settle_items(shop.ctx, SettleItemsParams(job.job_id, [settlement]))
    if OVER[how]:
        assert data_of(result).settled_count == 1
    else:
        failure_of(result, "CONFLICT", "hand_over_not_over")


def test_what_was_reported_of_an_earlier_hand_over_ends_no_later_one(shop: Shop) -> None:
    """Naive: each item has a report, so that the robot is through; it comes to the second one yet."""
    job = make_job(shop.owner, shop.ctx, items=2)
    hand_over(shop.ctx, job)
    second = CreatedJob(job.job_id, 1, job.items[1:])
    for each in (job, second):
        assert shop.error(each) == "recorded"
    data_of(retry_failed_items(shop.ctx, RetryFailedItemsParams(job.job_id)))
    hand_over(shop.ctx, job, 2)
    assert shop.error(job, "timeout", dispatch=2) == "recorded"
    params = SettleItemsParams(job.job_id, [Settlement(job.items[0].item_id, shipped=False)])
    failure_of(settle_items(shop.ctx, params), "CONFLICT", "hand_over_not_over")
    assert shop.error(second, dispatch=2) == "recorded"
    assert data_of(settle_items(shop.ctx, params)).settled_count == 1


def test_a_hand_over_that_nobody_reported_of_does_not_keep_another_from_being_over(
    shop: Shop, database: str, postgres: Postgres
) -> None:
    """Naive: one silent robot, and nothing of the workspace can be settled any more."""
    system_url = postgres.url(database, "robot_jobs_system")
    shop.let_deadline_pass(shop.at_robot(), system_url)
    assert count_of(shop, shop.unsettled(), shipped=False) == 1
    # Nor does an earlier one of the same job, of which the robot forgot another order.
    job = make_job(shop.owner, shop.ctx, items=2)
    hand_over(shop.ctx, job)
    shop.error(job)
    shop.let_deadline_pass(job, system_url)
    first = job.items[0].item_id
    data_of(retry_failed_items(shop.ctx, RetryFailedItemsParams(job.job_id, [first])))
    hand_over(shop.ctx, job, 2)
    shop.error(job, "timeout", dispatch=2)
    params = SettleItemsParams(job.job_id, [Settlement(first, shipped=False)])
    assert data_of(settle_items(shop.ctx, params)).settled_count == 1


def test_of_what_was_never_accepted_the_time_runs_from_the_claim(shop: Shop) -> None:
    job = shop.job()
    shop.claim(job)
    data_of(note_unknown(shop.ctx, DispatchRef(job.job_id, 1)))
    shop.end(job)
    failure_of(shop.settle(job, shipped=False), "CONFLICT", "hand_over_not_over")
    shop.owner.execute(
        "UPDATE robot_job_dispatches SET claimed_at = now() - interval '24 minutes' WHERE job_id = %s", [job.job_id]
    )
    assert count_of(shop, job, shipped=False) == 1


# --- It was cancelled -----------------------------------------------------------------------------------------------
@pytest.fixture
def twice(shop: Shop) -> tuple[CreatedJob, CreatedJob]:
    """Give the job whose shipment stands (T-1), and the older one whose late success is second (T-2)."""
    older = shop.failed()
    made = shop.made("T-1", order_of(older))
    shop.success(older, "T-2")
    return made, older


def test_a_second_that_is_voided_is_one_no_more(shop: Shop, twice: tuple[CreatedJob, CreatedJob]) -> None:
    made, second = twice
    assert count_of(shop, second, voided=True) == 1
    item = shop.item(second)
    assert (item.is_known_as, item.is_voided, item.tracking_number) == (("success", "second"), True, "T-2")
    assert (shop.item(made).holds, shop.number(order_of(made))) == (True, "T-1")
    assert count_of(shop, second, voided=True) == 0
    # Now none stands beside the first, which could take its place.
    failure_of(shop.settle(made, voided=True), "CONFLICT", "nothing_to_settle")


def test_a_voided_second_does_not_stand_in_the_way(shop: Shop) -> None:
    job = shop.at_robot()
    shop.write_number(order_of(job), "BY-HAND")
    shop.success(job, "T-1")
    shop.write_number(order_of(job), None)
    with pytest.raises(AssertionError, match="already_shipped"):
        shop.job(order_of(job))
    assert count_of(shop, job, voided=True) == 1
    assert shop.made("T-2", order_of(job))


def test_other_numbers_that_are_voided_leave_the_shipment_as_it_was(shop: Shop) -> None:
    job = shop.made("T-1")
    shop.success(job, "T-2")
    assert count_of(shop, job, voided=True) == 1
    item = shop.item(job)
    assert (item.is_known_as, item.holds, item.other_numbers, item.is_voided) == (
        ("success", "made"),
        True,
        [],
        False,
    )
    assert count_of(shop, job, voided=True) == 0
    # The number that was voided is no news; another one is.
    shop.success(job, "T-2")
    assert len(shop.duplicated()) == 1
    shop.success(job, "T-3")
    assert shop.item(job).other_numbers == ["T-3"]
    with pytest.raises(AssertionError, match="already_shipped"):
        shop.job(order_of(job))


def test_the_made_one_that_is_voided_changes_places_with_the_second(
    shop: Shop, twice: tuple[CreatedJob, CreatedJob]
) -> None:
    """Naive: the order keeps the number of the shipment that was cancelled."""
    made, second = twice
    settled = data_of(shop.settle(made, voided=True))
    assert settled.items == [SettledItem(made.items[0].item_id, "success", "second")]
    assert (shop.item(made).is_voided, shop.item(made).holds) == (True, False)
    assert (shop.item(second).shipment, shop.item(second).holds) == ("made", True)
    assert shop.number(order_of(made)) == "T-2"
    [(contact_id,)] = shop.owner.execute("SELECT contact_id FROM orders WHERE id = %s", [order_of(made)]).fetchall()
    assert events_of(shop.owner, shop.ctx.workspace_id, "automation/field.changed")[-1] == {
        "workspaceId": str(shop.ctx.workspace_id),
        "entityType": "order",
        "entityId": str(order_of(made)),
        "fieldName": "tracking_number",
        "previousValue": "T-1",
        "newValue": "T-2",
        "contactId": str(contact_id),
        "cascadeDepth": shop.ctx.cascade_depth,
    }
    assert count_of(shop, made, voided=True) == 0
    failure_of(shop.settle(second, voided=True), "CONFLICT", "nothing_to_settle")


def test_what_is_voided_renumbers_its_own_order_alone(shop: Shop, twice: tuple[CreatedJob, CreatedJob]) -> None:
    """Naive: the number that a person wrote to another order, which changed its shipments once, is taken away."""
    older = shop.failed()
    changed = shop.made("N-1", order_of(older))
    shop.success(older, "N-2")
    data_of(shop.settle(changed, voided=True))
    shop.write_number(order_of(changed), "N-1")
    made, second = twice
    data_of(shop.settle(made, voided=True))
    assert [shop.number(order_of(each)) for each in (changed, made)] == ["N-1", "T-2"]
    assert (shop.item(older).shipment, shop.item(second).shipment) == ("made", "made")


def test_numbers_beside_its_own_are_voided_before_the_shipment_itself(
    shop: Shop, twice: tuple[CreatedJob, CreatedJob]
) -> None:
    """Naive: who cancelled the number that is too many says that the shipment itself is gone."""
    made, second = twice
    shop.success(made, "T-9")
    assert count_of(shop, made, voided=True) == 1
    item = shop.item(made)
    assert (item.shipment, item.holds, item.other_numbers, item.is_voided) == ("made", True, [], False)
    assert shop.number(order_of(made)) == "T-1"
    assert count_of(shop, made, voided=True) == 1
    assert [shop.item(job).holds for job in (made, second)] == [False, True]


@pytest.mark.parametrize(("which", "holds", "number"), [(0, [False, True], "T-2"), (1, [True, False], "T-1")])
def test_who_voids_one_order_s_shipment_changes_no_other_order(
    shop: Shop, twice: tuple[CreatedJob, CreatedJob], which: int, holds: list[bool], number: str
) -> None:
    """Naive: every second is voided, or whichever stands takes the place of the shipment that was cancelled."""
    older = shop.failed()
    other: tuple[CreatedJob, ...] = shop.made("T-8", order_of(older)), older
    shop.success(older, "T-9")
    # One has the same number, by its robot's mistake; of another only a second stands.
    shared, by_hand = shop.made("T-1"), shop.at_robot()
    shop.write_number(order_of(by_hand), "BY-HAND")
    shop.success(by_hand, "T-7")
    other = *other, shared, by_hand
    before = [(shop.item(job), shop.number(order_of(job))) for job in other]
    assert count_of(shop, twice[which], voided=True) == 1
    assert [shop.item(job).holds for job in twice] == holds
    assert [shop.item(job).is_voided for job in twice] == [which == 0, which == 1]
    assert [(shop.item(job), shop.number(order_of(job))) for job in other] == before
    assert (shop.number(order_of(twice[0])), shop.number(order_of(older))) == (number, "T-8")


@pytest.mark.parametrize(
    ("first", "number", "told"),
    [("T-1", None, [("T-1", None)]), (None, "T-2", [(None, "T-2")]), ("T-1", "T-1", [])],
)
def test_the_order_has_the_number_of_what_takes_the_place_of_the_voided_or_none(
    shop: Shop, first: str | None, number: str | None, told: list[tuple[str | None, str | None]]
) -> None:
    """Naive: of a shipment whose number nobody knows, the buyer follows the one that was cancelled."""
    older = shop.failed()
    made = shop.made(first, order_of(older))
    shop.success(older, number)
    before = len(shop.changes())
    assert count_of(shop, made, voided=True) == 1
    assert [shop.item(each).holds for each in (made, older)] == [False, True]
    assert shop.number(order_of(made)) == number
    assert shop.changes()[before:] == [shop.number_change(order_of(made), *each) for each in told]


def test_a_number_by_hand_stays_when_the_two_change_places(shop: Shop, twice: tuple[CreatedJob, CreatedJob]) -> None:
    made, _ = twice
    shop.write_number(order_of(made), "BY-HAND")
    assert count_of(shop, made, voided=True) == 1
    assert shop.number(order_of(made)) == "BY-HAND"


def test_the_number_of_what_takes_the_place_of_the_voided_is_not_by_hand(
    shop: Shop, twice: tuple[CreatedJob, CreatedJob]
) -> None:
    """Naive: it stays marked as the person's who had written the other one's, and no robot's number replaces it."""
    made, _ = twice
    for number in (None, "T-1"):
        shop.write_number(order_of(made), number)
    assert count_of(shop, made, voided=True) == 1
    query = "SELECT tracking_number, number_by_hand FROM orders WHERE id = %s"
    assert shop.owner.execute(query, [order_of(made)]).fetchall() == [("T-2", False)]


def test_the_activity_counts_what_was_cancelled_and_what_was_not_shipped(
    shop: Shop, twice: tuple[CreatedJob, CreatedJob]
) -> None:
    lost = shop.unsettled()
    data_of(shop.settle(lost, shipped=False))
    data_of(shop.settle(twice[1], voided=True))
    told = data_of(list_activity(shop.ctx, ListActivityParams())).entries
    assert [(each.job_id, each.details) for each in told if each.action == "job_settled"] == [
        (twice[1].job_id, {"items": {"shipped": 0, "not_shipped": 0, "voided": 1}}),
        (lost.job_id, {"items": {"shipped": 0, "not_shipped": 1, "voided": 0}}),
    ]


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_seconds_the_one_that_was_shipped_first_takes_the_place_of_the_voided(shop: Shop, first: int) -> None:
    older = [shop.failed()]
    older.append(shop.failed(order_of(older[0])))
    made = shop.made("T-1", order_of(older[0]))
    older = [older[first], older[1 - first]]
    for number, job in enumerate(older, start=2):
        shop.success(job, f"T-{number}")
    assert count_of(shop, made, voided=True) == 1
    assert [shop.item(job).shipment for job in older] == ["made", "second"]
    assert [shop.item(job).holds for job in (made, *older)] == [False, True, False]
    assert shop.number(order_of(made)) == "T-2"


@pytest.mark.parametrize("places", [(0, 1), (1, 0)])
def test_of_two_seconds_shipped_at_one_moment_the_older_takes_the_place_of_the_voided(
    shop: Shop, places: tuple[int, int]
) -> None:
    older = [shop.failed()]
    older.append(shop.failed(order_of(older[0])))
    made = shop.made("T-1", order_of(older[0]))
    reports = [
        UpdateJobItemResultParams(older[place].items[0].item_id, "success", tracking_number=f"T-{place + 2}")
        for place in places
    ]
    data_of(update_job_item_results(shop.ctx, reports))
    assert count_of(shop, made, voided=True) == 1
    assert [shop.item(job).holds for job in (made, *older)] == [False, True, False]
    assert shop.number(order_of(made)) == "T-2"


def test_only_a_second_beside_it_lets_a_shipment_that_holds_its_order_be_voided(shop: Shop) -> None:
    """Naive: whatever else there is of the order takes the place of the shipment, and nothing holds the order."""
    older = shop.failed()
    first = shop.made("T-1", order_of(older))
    shop.guide_found(order_of(older), "9001")
    failure_of(shop.settle(first, voided=True), "CONFLICT", "nothing_to_settle")
    again = shop.made("T-2", order_of(older), allow_reshipment=True)
    shop.success(older, "T-3")
    # Nor one that a reshipment was made for: the order is not its own any more.
    failure_of(shop.settle(first, voided=True), "CONFLICT", "nothing_to_settle")
    assert count_of(shop, again, voided=True) == 1
    assert [shop.item(job).holds for job in (older, first, again)] == [True, False, False]
    assert shop.number(order_of(older)) == "T-3"


@pytest.mark.parametrize("how", ["made", "unsettled", "failed", "at_robot", "job"])
@pytest.mark.usefixtures("twice")
def test_what_is_no_second_and_has_none_beside_it_can_not_be_voided(shop: Shop, how: str) -> None:
    job: CreatedJob = getattr(shop, how)()
    failure_of(shop.settle(job, voided=True), "CONFLICT", "nothing_to_settle")


def test_what_nobody_knows_of_can_not_be_voided_though_a_second_stands_beside_it(shop: Shop) -> None:
    """Naive: it holds the order; who says that it was cancelled is told that it was done, and nothing was."""
    second = shop.at_robot()
    shop.write_number(order_of(second), "BY-HAND")
    shop.success(second, "T-1")
    lost = shop.unsettled(order_of(second), allow_reshipment=True)
    failure_of(shop.settle(lost, voided=True), "CONFLICT", "nothing_to_settle")


def test_a_number_by_hand_is_stored_and_compared_as_it_is_read(shop: Shop) -> None:
    """Naive: blanks around a pasted number hide that another order has it, and stay in it."""
    shop.made("T-7")
    job = shop.unsettled()
    failure_of(shop.settle(job, shipped=True, tracking_number=" T-7\u00a0"), "CONFLICT", "number_in_use")
    data_of(shop.settle(job, shipped=True, tracking_number=" T-8\u00a0"))
    assert (shop.item(job).tracking_number, shop.number(order_of(job))) == ("T-8", "T-8")
    # One digit is a number, too.
    assert count_of(shop, shop.unsettled(), shipped=True, tracking_number="7") == 1
