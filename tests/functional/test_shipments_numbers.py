"""One shipment holds its order: what a success does to another holder, and numbers that are never replaced."""

import psycopg
import pytest

from shared.domain import (
    CreatedJob,
    CreateRobotJobParams,
    DispatchRef,
    DomainContext,
    HandOver,
    NoHandOver,
    UpdateJobItemResultParams,
    UpdateOrderParams,
    claim_dispatch,
    create_robot_job,
    update_job_item_results,
    update_order,
)
from tests.factories import claim, data_of, events_of, failure_of, make_job_of
from tests.functional.shop import Shop, order_of


@pytest.fixture
def late(shop: Shop) -> CreatedJob:
    """Give a job that failed, and whose robot reports a success after all."""
    return shop.failed()


def holders(shop: Shop, *jobs: CreatedJob) -> list[bool]:
    return [shop.item(job).holds for job in jobs]


# --- A success that finds another holder ----------------------------------------------------------------------------
@pytest.mark.parametrize(("number", "named"), [("LATE", "LATE"), (None, "without a number")])
def test_one_that_no_robot_has_ends_since_the_shipment_exists(
    shop: Shop, late: CreatedJob, number: str | None, named: str
) -> None:
    """Naive: a late success of one job comes while another job of the same order waits behind a busy robot."""
    waiting = shop.job(order_of(late))
    assert shop.success(late, number) == "recorded"
    item = shop.item(waiting)
    assert (item.is_known_as, item.error_type, item.closed_by) == (("error", "none"), "validation", "system")
    assert named in (item.error_message or "")
    assert (holders(shop, late, waiting), shop.item(late).shipment) == ([True, False], "made")
    assert not isinstance(data_of(claim_dispatch(shop.ctx, DispatchRef(waiting.job_id, 1))), HandOver)
    assert [event["jobId"] for event in events_of(shop.owner, shop.ctx.workspace_id, "robot/job.completed")] == [
        str(late.job_id),
        str(waiting.job_id),
    ]


def test_one_whose_claim_was_released_ends_too(shop: Shop, late: CreatedJob) -> None:
    waiting = shop.job(order_of(late))
    shop.claim(waiting)
    shop.release(waiting)
    shop.success(late, "LATE")
    assert shop.item(waiting).is_known_as == ("error", "none")


@pytest.mark.parametrize("begin", ["claimed", "accepted"])
def test_one_at_the_robot_stays_open_and_what_it_brings_is_second(shop: Shop, late: CreatedJob, begin: str) -> None:
    newer = shop.job(order_of(late)) if begin == "claimed" else shop.at_robot(order_of(late))
    if begin == "claimed":
        shop.claim(newer)
    shop.success(late, "LATE")
    assert (shop.item(newer).status in {"pending", "processing"}, shop.item(newer).shipment) == (True, "possible")
    assert holders(shop, late, newer) == [True, False]
    assert shop.success(newer, "NEWER") == "recorded"
    item = shop.item(newer)
    assert (item.is_known_as, item.tracking_number, item.holds) == (("success", "second"), "NEWER", False)
    assert shop.number(order_of(late)) == "LATE"
    assert shop.duplicated() == [(str(newer.items[0].item_id), "NEWER", "LATE")]


def test_one_at_the_robot_that_brings_nothing_is_none(shop: Shop, late: CreatedJob) -> None:
    newer = shop.at_robot(order_of(late))
    shop.success(late, "LATE")
    shop.error(newer)
    assert shop.item(newer).is_known_as == ("error", "none")
    assert shop.duplicated() == []


def test_one_that_is_unsettled_stays_so_and_is_second_once_it_is_settled_as_shipped(
    shop: Shop, late: CreatedJob
) -> None:
    unsettled = shop.unsettled(order_of(late))
    before = shop.item(unsettled)
    shop.success(late, "LATE")
    assert (shop.item(unsettled).is_known_as, before.holds, shop.item(unsettled).holds) == (
        ("error", "possible"),
        True,
        False,
    )
    data_of(shop.settle(unsettled, shipped=True, tracking_number="FOUND"))
    item = shop.item(unsettled)
    assert (item.is_known_as, item.tracking_number) == (("success", "second"), "FOUND")
    assert shop.duplicated() == [(str(unsettled.items[0].item_id), "FOUND", "LATE")]
    assert shop.number(order_of(late)) == "LATE"


def test_one_that_is_made_keeps_the_hold_and_the_newcomer_is_second(shop: Shop, late: CreatedJob) -> None:
    """Naive: the late number replaces the order's number, and the first shipment is lost."""
    made = shop.made("FIRST", order_of(late))
    assert shop.success(late, "LATE") == "recorded"
    assert (holders(shop, made, late), shop.item(late).shipment) == ([True, False], "second")
    assert shop.number(order_of(late)) == "FIRST"
    assert shop.success(late, "LATE") == "duplicate"
    assert shop.duplicated() == [(str(late.items[0].item_id), "LATE", "FIRST")]


def test_a_second_is_told_beside_the_shipment_that_holds_the_order(shop: Shop, late: CreatedJob) -> None:
    """Naive: where the order's number was cleared, it is compared with one that a reshipment was made for."""
    shop.made("FIRST", order_of(late))
    shop.made("AGAIN", order_of(late), allow_reshipment=True)
    shop.write_number(order_of(late), None)
    shop.success(late, "LATE")
    assert shop.duplicated() == [(str(late.items[0].item_id), "LATE", "AGAIN")]


def test_a_second_without_a_number_is_told_too(shop: Shop, late: CreatedJob) -> None:
    shop.made("FIRST", order_of(late))
    shop.success(late, None)
    assert shop.item(late).is_known_as == ("success", "second")
    assert shop.duplicated() == [(str(late.items[0].item_id), None, "FIRST")]
    # The number that comes then is its own.
    assert shop.success(late, "LATE") == "recorded"
    assert (shop.item(late).tracking_number, shop.number(order_of(late))) == ("LATE", "FIRST")
    assert len(shop.duplicated()) == 1


def test_the_same_number_from_two_jobs_is_a_second_too(shop: Shop, late: CreatedJob) -> None:
    shop.made("T-1", order_of(late))
    shop.success(late, "T-1")
    assert shop.item(late).is_known_as == ("success", "second")
    assert shop.number(order_of(late)) == "T-1"


@pytest.mark.parametrize("repeats", [0, 1])
def test_successes_of_several_jobs_of_one_order_in_one_batch_leave_one_made(
    shop: Shop, ctx: DomainContext, repeats: int
) -> None:
    """Naive: each item of the batch is judged by what was before it, and the order has two shipments that were made."""
    first = shop.failed()
    jobs = [first, shop.failed(order_of(first)), shop.failed(order_of(first))]
    batch = [
        UpdateJobItemResultParams(job.items[0].item_id, "success", tracking_number=f"B-{n}")
        for n, job in enumerate(jobs)
    ]
    outcomes = [each.outcome for each in data_of(update_job_item_results(ctx, batch + batch[:repeats]))]
    assert outcomes == ["recorded"] * 3 + ["duplicate"] * repeats
    assert sorted(shop.item(job).shipment for job in jobs) == ["made", "second", "second"]
    [made] = [shop.item(job) for job in jobs if shop.item(job).holds]
    assert shop.number(order_of(first)) == made.tracking_number
    assert len(shop.duplicated()) == 2


def test_the_database_allows_one_holder_an_order(shop: Shop, late: CreatedJob) -> None:
    """Naive: a code path that forgets the guard makes a second open item of the order."""
    shop.made("FIRST", order_of(late))
    shop.success(late, "LATE")
    with pytest.raises(psycopg.errors.UniqueViolation) as violation:
        shop.owner.execute(
            "UPDATE robot_job_items SET shipment = 'made', holds = true WHERE job_id = %s", [late.job_id]
        )
    assert violation.value.diag.constraint_name == "robot_job_items_holder"


# --- Another number for a success -----------------------------------------------------------------------------------
def test_other_numbers_stand_beside_the_first_and_are_told_once_each(shop: Shop) -> None:
    """Naive: the number that comes second replaces the first one, or is dropped as a duplicate."""
    job = shop.made("T-1")
    item_id = str(job.items[0].item_id)
    for number, outcome in (("T-2", "conflict"), ("T-2", "conflict"), ("T-1", "duplicate"), ("T-3", "conflict")):
        assert shop.success(job, number) == outcome
    item = shop.item(job)
    assert (item.is_known_as, item.tracking_number, item.other_numbers) == (("success", "made"), "T-1", ["T-2", "T-3"])
    assert shop.number(order_of(job)) == "T-1"
    assert shop.duplicated() == [(item_id, "T-2", "T-1"), (item_id, "T-3", "T-1")]


def test_other_numbers_in_one_batch_are_kept_each(shop: Shop, ctx: DomainContext) -> None:
    job = shop.at_robot()
    item_id = job.items[0].item_id
    batch = [
        UpdateJobItemResultParams(item_id, "success", tracking_number=number) for number in ("T-1", "T-2", "T-3", "T-2")
    ]
    outcomes = [each.outcome for each in data_of(update_job_item_results(ctx, batch))]
    assert outcomes == ["recorded", "conflict", "conflict", "conflict"]
    assert (shop.item(job).tracking_number, sorted(shop.item(job).other_numbers)) == ("T-1", ["T-2", "T-3"])
    assert sorted(number or "" for _, number, _ in shop.duplicated()) == ["T-2", "T-3"]
    # The same once more, beside one that is new: the first number is still the item's, and what is known is no news.
    batch = [UpdateJobItemResultParams(item_id, "success", tracking_number=n) for n in ("T-4", "T-1", "T-2", "T-4")]
    outcomes = [each.outcome for each in data_of(update_job_item_results(ctx, batch))]
    assert outcomes == ["conflict", "duplicate", "conflict", "conflict"]
    assert (shop.item(job).tracking_number, sorted(shop.item(job).other_numbers)) == ("T-1", ["T-2", "T-3", "T-4"])
    assert sorted(number or "" for _, number, _ in shop.duplicated()) == ["T-2", "T-3", "T-4"]


def test_an_error_after_the_success_changes_nothing(shop: Shop) -> None:
    job = shop.made("T-1")
    before = shop.item(job)
    assert shop.error(job, "unknown") == "stale"
    assert shop.item(job) == before


def test_a_success_without_a_number_gets_the_one_that_comes_later(shop: Shop) -> None:
    job = shop.made(None)
    assert shop.success(job, "T-1") == "recorded"
    assert (shop.item(job).shipment, shop.number(order_of(job)), shop.duplicated()) == ("made", "T-1", [])


def test_a_later_number_of_a_shipment_whose_order_got_another_by_hand_is_second(shop: Shop) -> None:
    job = shop.made(None)
    shop.write_number(order_of(job), "BY-HAND")
    assert shop.success(job, "T-1") == "recorded"
    assert (shop.item(job).shipment, shop.number(order_of(job))) == ("second", "BY-HAND")
    assert shop.duplicated() == [(str(job.items[0].item_id), "T-1", "BY-HAND")]


def test_the_number_that_a_person_wrote_is_the_one_that_the_robot_reports(shop: Shop) -> None:
    job = shop.at_robot()
    shop.write_number(order_of(job), "T-1")
    shop.success(job, "T-1")
    assert (shop.item(job).shipment, shop.duplicated()) == ("made", [])


# --- A reshipment ---------------------------------------------------------------------------------------------------
@pytest.fixture
def first(shop: Shop) -> CreatedJob:
    """Give a job that was shipped."""
    return shop.made("T-1")


def test_a_reshipment_takes_the_hold_and_its_number_replaces_the_order_s(shop: Shop, first: CreatedJob) -> None:
    again = shop.job(order_of(first), allow_reshipment=True)
    assert holders(shop, first, again) == [False, True]
    shop.claim(again)
    assert shop.success(again, "T-2") == "recorded"
    assert (holders(shop, first, again), shop.item(first).shipment, shop.item(again).shipment) == (
        [False, True],
        "made",
        "made",
    )
    assert (shop.number(order_of(first)), shop.duplicated()) == ("T-2", [])


def test_what_a_reshipment_released_changes_the_order_s_number_no_more(shop: Shop) -> None:
    """Naive: a late number of the first shipment replaces the second one's."""
    first = shop.made(None)
    again = shop.at_robot(order_of(first), allow_reshipment=True)
    shop.success(again, "T-2")
    assert shop.success(first, "T-1") == "recorded"
    assert (shop.item(first).is_known_as, shop.item(first).tracking_number) == (("success", "made"), "T-1")
    assert (shop.number(order_of(first)), shop.duplicated()) == ("T-2", [])


@pytest.mark.parametrize("ending", ["error", "cancel", "end", "refuse"])
def test_a_reshipment_that_ends_with_none_gives_the_hold_back(shop: Shop, first: CreatedJob, ending: str) -> None:
    """Naive: any other item that holds its own order keeps the hold from going back."""
    again = shop.job(order_of(first), allow_reshipment=True)
    shop.job()
    if ending in {"error", "refuse"}:
        shop.claim(again)
    if ending == "error":
        shop.error(again)
    else:
        {"cancel": shop.cancel, "end": shop.end, "refuse": shop.refuse}[ending](again)
    assert shop.item(again).is_known_as == ("error", "none")
    assert holders(shop, first, again) == [True, False]
    assert shop.number(order_of(first)) == "T-1"
    # It had this number all the time.
    assert len(events_of(shop.owner, shop.ctx.workspace_id, "automation/field.changed")) == 1
    failure_of(create_robot_job(shop.ctx, CreateRobotJobParams([order_of(first)])), "CONFLICT", "already_shipped")


@pytest.mark.parametrize(
    ("late", "written", "number", "told"),
    [
        ("T-1", [], "T-1", [(None, "T-1")]),
        ("T-1", ["BY-HAND"], "BY-HAND", []),
        ("T-1", ["BY-HAND", None], None, []),
        (None, [], None, []),
    ],
    ids=["the order has none", "one by hand", "cleared by hand", "none came"],
)
def test_a_number_that_came_beside_a_reshipment_is_the_order_s_once_the_hold_is_given_back(
    shop: Shop, late: str | None, written: list[str | None], number: str | None, told: list[tuple[str | None, str]]
) -> None:
    """Naive: the shipment that stands has a number, and its order none."""
    first, beside = shop.made(None), shop.order()
    again = shop.at_robot(order_of(first), allow_reshipment=True)
    shop.success(first, late)
    assert shop.number(order_of(first)) is None
    for each in written:
        shop.write_number(order_of(first), each)
    before = len(shop.changes())
    shop.error(again)
    assert holders(shop, first, again) == [True, False]
    assert (shop.number(order_of(first)), shop.number(beside)) == (number, None)
    assert shop.changes()[before:] == [shop.number_change(order_of(first), *each) for each in told]


def test_of_two_shipments_the_last_gets_the_hold_back_from_a_third_that_ends_with_none(
    shop: Shop, first: CreatedJob
) -> None:
    """Naive: the one that was lifted long ago stands again, beside the other one's number."""
    second = shop.made("T-2", order_of(first), allow_reshipment=True)
    third = shop.failed(order_of(first), allow_reshipment=True)
    assert holders(shop, first, second, third) == [False, True, False]
    assert shop.number(order_of(first)) == "T-2"


def test_the_hold_is_given_back_to_what_was_made_and_to_no_second(shop: Shop, late: CreatedJob) -> None:
    """Naive: what was shipped last gets it, and that is one that a person has to cancel."""
    made = shop.made("FIRST", order_of(late))
    shop.success(late, "LATE")
    again = shop.failed(order_of(late), allow_reshipment=True)
    assert holders(shop, made, late, again) == [True, False, False]
    assert shop.item(late).shipment == "second"


def test_a_hold_that_is_given_back_is_no_other_order_s_of_the_list(
    shop: Shop, ctx: DomainContext, first: CreatedJob
) -> None:
    """Naive: where a reshipment failed long ago, the first shipment holds its order beside the one that stands."""
    other = shop.made("T-5")
    shop.failed(order_of(other), allow_reshipment=True)
    standing = shop.made("T-6", order_of(other), allow_reshipment=True)
    again = shop.at_robot(order_of(first), allow_reshipment=True)
    refusal = UpdateJobItemResultParams(again.items[0].item_id, "error", error_type="portal", error_message="no")
    repeated = UpdateJobItemResultParams(standing.items[0].item_id, "success", tracking_number="T-6")
    outcomes = [each.outcome for each in data_of(update_job_item_results(ctx, [refusal, repeated]))]
    assert outcomes == ["recorded", "duplicate"]
    assert holders(shop, first, again, other, standing) == [True, False, False, True]


@pytest.mark.parametrize(("by_hand", "number"), [((), "T-1"), (("X", None), None)], ids=["nobody", "cleared"])
def test_what_came_beside_a_reshipment_that_makes_nothing_is_the_order_s_unless_a_person_cleared_its_number(
    shop: Shop, by_hand: tuple[str | None, ...], number: str | None
) -> None:
    """Naive: whatever a person changes of an order makes its number one by hand, or none; the reported one is lost."""
    first = shop.made(None)
    again = shop.at_robot(order_of(first), allow_reshipment=True)
    shop.success(first, "T-1")
    for text in by_hand:
        shop.write_number(order_of(first), text)
    assert shop.number(order_of(first)) is None
    data_of(update_order(shop.ctx, UpdateOrderParams(order_of(first), units=2)))
    shop.error(again)
    assert (holders(shop, first, again), shop.number(order_of(first))) == ([True, False], number)


def test_a_reshipment_settled_as_not_shipped_gives_the_hold_back(shop: Shop, first: CreatedJob) -> None:
    again = shop.unsettled(order_of(first), allow_reshipment=True)
    assert holders(shop, first, again) == [False, True]
    data_of(shop.settle(again, shipped=False))
    assert holders(shop, first, again) == [True, False]


def test_a_reshipment_that_failed_is_retried_as_a_reshipment(shop: Shop, first: CreatedJob) -> None:
    again = shop.failed(order_of(first), allow_reshipment=True)
    shop.retry(again)
    assert holders(shop, first, again) == [False, True]
    shop.claim(again, 2)
    shop.success(again, "T-2")
    assert (shop.number(order_of(first)), shop.item(again).shipment) == ("T-2", "made")


def test_a_retried_reshipment_does_not_lift_what_was_shipped_since(shop: Shop, first: CreatedJob) -> None:
    """Naive: an old permission to ship once more ships a third time."""
    old = shop.failed(order_of(first), allow_reshipment=True)
    shop.made("T-2", order_of(first), allow_reshipment=True)
    with pytest.raises(AssertionError, match="already_shipped"):
        shop.retry(old)


def test_a_third_shipment_lifts_both_before(shop: Shop, first: CreatedJob) -> None:
    second = shop.made("T-2", order_of(first), allow_reshipment=True)
    third = shop.made("T-3", order_of(first), allow_reshipment=True)
    assert holders(shop, first, second, third) == [False, False, True]
    assert (shop.number(order_of(first)), shop.duplicated()) == ("T-3", [])


def test_a_reshipment_of_several_orders_lifts_what_each_had_and_gives_it_back(shop: Shop, first: CreatedJob) -> None:
    """Naive: what one order had is lifted with another's, and never holds it again: it can be shipped once more."""
    older = shop.failed()
    made, beside, new = shop.made("T-2", order_of(older)), shop.made("T-3"), order_of(shop.failed())
    assert shop.success(older, "T-2 late") == "recorded"
    job = make_job_of(shop.ctx, [order_of(older), new, order_of(first)], allow_reshipment=True)
    lifted = shop.owner.execute(
        "SELECT lifted, lifted_number FROM robot_job_items WHERE job_id = %s ORDER BY id", [job.job_id]
    ).fetchall()
    both = [each.items[0].item_id for each in (older, made)]
    assert lifted == [(both, "T-2"), (None, None), ([first.items[0].item_id], "T-1")]
    assert holders(shop, first, older, made, beside) == [False, False, False, True]
    assert [item.order_id for item in claim(shop.ctx, job).items] == [item.order_id for item in job.items]
    shop.refuse(job)
    assert holders(shop, first, older, made, beside) == [True, False, True, True]
    assert [shop.number(item.order_id) for item in job.items] == ["T-2", None, "T-1"]


def test_a_late_success_beside_a_waiting_reshipment_stops_it(shop: Shop) -> None:
    """Naive: a shipment that came about since the reshipment was asked for is lifted with the older ones."""
    older = shop.failed()
    first = shop.made("T-1", order_of(older))
    again = shop.job(order_of(older), allow_reshipment=True)
    shop.success(older, "LATE")
    assert shop.item(again).is_known_as == ("error", "none")
    assert isinstance(data_of(claim_dispatch(shop.ctx, DispatchRef(again.job_id, 1))), NoHandOver)
    # Nobody asked for both of them.
    assert sorted((shop.item(first).shipment, shop.item(older).shipment)) == ["made", "second"]
    assert sorted(holders(shop, first, older)) == [False, True]


@pytest.mark.parametrize("number", ["T-1", None])
def test_of_two_shipments_beside_a_reshipment_that_ended_one_is_second(shop: Shop, number: str | None) -> None:
    """Naive: where the first one had no number, the late one counts as made, and nobody is told of two."""
    older = shop.failed()
    first = shop.made(number, order_of(older))
    shop.job(order_of(older), allow_reshipment=True)
    shop.success(older, "LATE")
    assert sorted((shop.item(first).shipment, shop.item(older).shipment)) == ["made", "second"]
    assert len(shop.duplicated()) == 1


@pytest.mark.parametrize("number", ["T-1", None])
def test_a_late_success_beside_a_reshipment_at_the_robot_leaves_one_second_of_three(
    shop: Shop, number: str | None
) -> None:
    """Naive: three shipments where two were asked for, and none of them is shown."""
    older = shop.failed()
    first = shop.made(number, order_of(older))
    again = shop.at_robot(order_of(older), allow_reshipment=True)
    shop.success(older, "LATE")
    shop.success(again, "T-2")
    shipments = [shop.item(job).shipment for job in (first, older, again)]
    assert shipments.count("second") == 1
    assert sum(holders(shop, first, older, again)) == 1
    [holder] = [shop.item(job) for job in (first, older, again) if shop.item(job).holds]
    assert shop.number(order_of(older)) == holder.tracking_number


@pytest.mark.parametrize("number", ["T-1", None])
def test_a_late_success_beside_a_reshipment_that_then_makes_nothing_leaves_one_holder(
    shop: Shop, number: str | None
) -> None:
    """Naive: the reshipment has given its hold up to a second, which can't hold, and the order goes out once more."""
    older = shop.failed()
    first = shop.made(number, order_of(older))
    again = shop.at_robot(order_of(older), allow_reshipment=True)
    shop.success(older, "LATE")
    shop.error(again)
    assert shop.item(again).is_known_as == ("error", "none")
    assert sum(holders(shop, first, older, again)) == 1
    failure_of(create_robot_job(shop.ctx, CreateRobotJobParams([order_of(first)])), "CONFLICT", "already_shipped")


@pytest.mark.parametrize("newest_first", [False, True])
def test_of_two_shipments_of_an_order_in_one_list_the_first_reported_is_the_order_s(
    shop: Shop, ctx: DomainContext, *, newest_first: bool
) -> None:
    """Naive: the older job's goes first, whatever came first."""
    jobs = [shop.failed()]
    jobs.append(shop.at_robot(order_of(jobs[0])))
    if newest_first:
        jobs.reverse()
    reports = [UpdateJobItemResultParams(job.items[0].item_id, "success", f"T-{n}") for n, job in enumerate(jobs)]
    assert [each.outcome for each in data_of(update_job_item_results(ctx, reports))] == ["recorded"] * 2
    assert [shop.item(job).shipment for job in jobs] == ["made", "second"]
    assert holders(shop, *jobs) == [True, False]
    assert shop.number(order_of(jobs[0])) == "T-0"


def test_a_reshipment_that_failed_and_was_made_all_the_same_takes_the_order_from_the_one_before(shop: Shop) -> None:
    """Naive: that one has the hold again, and the late number has no place."""
    first = shop.made("T-1")
    again = shop.failed(order_of(first), allow_reshipment=True)
    assert [shop.item(job).holds for job in (first, again)] == [True, False]
    assert shop.success(again, "T-2") == "recorded"
    assert [shop.item(job).holds for job in (first, again)] == [False, True]
    assert shop.number(order_of(first)) == "T-2"


def test_the_number_of_a_reshipment_is_not_by_hand_though_the_one_before_was(shop: Shop) -> None:
    order_id = shop.order()
    shop.write_number(order_id, "BY-HAND")
    shop.made("T-1", order_id, allow_reshipment=True)
    query = "SELECT tracking_number, number_by_hand FROM orders WHERE id = %s"
    assert shop.owner.execute(query, [order_id]).fetchall() == [("T-1", False)]
