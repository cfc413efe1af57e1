"""One shipment an order, whoever comes first: each pair of callers is made to interleave, in both orders.

The first caller has done its work but has not committed; the second one has to wait, and then to see what it did.
"""

from collections.abc import Callable
from typing import Any

import pytest

from shared.domain import (
    CreatedJob,
    CreateRobotJobParams,
    DispatchRef,
    DomainResult,
    HandOver,
    RetryFailedItemsParams,
    SettleItemsParams,
    Settlement,
    UpdateJobStatusParams,
    UpdateOrderParams,
    claim_dispatch,
    create_robot_job,
    retry_failed_items,
    settle_items,
    update_job_status,
    update_order,
)
from tests.factories import data_of
from tests.functional.shop import Shop, order_of
from tests.racing import Pause, results, two_racers

Call = Callable[[], Any]
BOTH_ORDERS = pytest.mark.parametrize("is_first", [True, False], ids=["first", "second"])


def race(shop: Shop, first: Call, second: Call, *, blocks: bool = True) -> tuple[Any, Any]:
    """Let the second call begin while the first has done its work and not committed; return what both returned.

    A first call that is refused keeps no locks, and blocks nobody.
    """
    pause = Pause(shop.ctx.workspace_id)
    with two_racers(shop.owner) as (one, two):
        begun = one.start(pause.run, first)
        pause.until_worked()
        waiting = two.start_blocked(second) if blocks else two.start(second)
        pause.commit()
        [of_first], [of_second] = results(begun), results(waiting)
    return of_first, of_second


def in_order(shop: Shop, ours: Call, theirs: Call, *, is_first: bool, blocks: bool = True) -> tuple[Any, Any]:
    """Race two calls, ours as the first or as the second; return what ours returned, and theirs."""
    if is_first:
        return race(shop, ours, theirs, blocks=blocks)
    of_theirs, of_ours = race(shop, theirs, ours, blocks=blocks)
    return of_ours, of_theirs


def claiming(shop: Shop, job: CreatedJob, dispatch: int = 1) -> Call:
    return lambda: data_of(claim_dispatch(shop.ctx, DispatchRef(job.job_id, dispatch)))


def retrying(shop: Shop, job: CreatedJob) -> Call:
    return lambda: retry_failed_items(shop.ctx, RetryFailedItemsParams(job.job_id))


def creating(shop: Shop, job: CreatedJob, *, allow_reshipment: bool = False) -> Call:
    params = CreateRobotJobParams([order_of(job)], allow_reshipment=allow_reshipment)
    return lambda: create_robot_job(shop.ctx, params)


def settling(shop: Shop, job: CreatedJob, **said: Any) -> Call:
    params = SettleItemsParams(job.job_id, [Settlement(job.items[0].item_id, **said)])
    return lambda: settle_items(shop.ctx, params)


def writing(shop: Shop, job: CreatedJob, number: str) -> Call:
    params = UpdateOrderParams(order_of(job), tracking_number=number)
    return lambda: data_of(update_order(shop.ctx, params))


# --- The claim ------------------------------------------------------------------------------------------------------
@BOTH_ORDERS
def test_a_claim_and_a_late_success_of_an_older_job(shop: Shop, *, is_first: bool) -> None:
    """Naive: the claim looked before the success came, and the order is handed over although it is shipped."""
    older = shop.failed()
    job = shop.job(order_of(older))
    claimed, outcome = in_order(shop, claiming(shop, job), lambda: shop.success(older, "LATE"), is_first=is_first)
    assert (outcome, isinstance(claimed, HandOver)) == ("recorded", is_first)
    assert shop.item(older).holds
    assert shop.item(job).is_known_as == (("pending", "possible") if is_first else ("error", "none"))
    if is_first:
        # The robot has it: what it brings is known as one too many.
        shop.success(job, "NEWER")
        assert shop.item(job).shipment == "second"
    assert shop.number(order_of(older)) == "LATE"


@BOTH_ORDERS
def test_a_claim_and_a_number_by_hand(shop: Shop, *, is_first: bool) -> None:
    """Naive: the claim looked before the number was written, and ships what a person has found."""
    job = shop.job()
    claimed, _ = in_order(shop, claiming(shop, job), writing(shop, job, "BY-HAND"), is_first=is_first)
    assert isinstance(claimed, HandOver) is is_first
    assert shop.number(order_of(job)) == "BY-HAND"
    if is_first:
        shop.success(job, "T-1")
        assert (shop.item(job).shipment, shop.number(order_of(job))) == ("second", "BY-HAND")
    else:
        assert shop.item(job).error_message == "already shipped: tracking number BY-HAND"


@BOTH_ORDERS
def test_a_claim_and_an_end_by_hand(shop: Shop, *, is_first: bool) -> None:
    """Naive: what was ended while it was handed over looks as if nothing could have been made."""
    job = shop.job()
    params = UpdateJobStatusParams(job.job_id, "failed")
    claimed, _ = in_order(
        shop, claiming(shop, job), lambda: data_of(update_job_status(shop.ctx, params)), is_first=is_first
    )
    assert isinstance(claimed, HandOver) is is_first
    assert shop.item(job).is_known_as == ("error", "possible" if is_first else "none")


@BOTH_ORDERS
def test_a_claim_and_an_older_item_that_is_settled_as_shipped(shop: Shop, *, is_first: bool) -> None:
    """Naive: a person says that it exists, and the claim that just looked ships it again."""
    older = shop.failed()
    job = shop.job(order_of(older))
    found = settling(shop, older, shipped=True, tracking_number="FOUND")
    claimed, settled = in_order(shop, claiming(shop, job), found, is_first=is_first)
    assert (data_of(settled).settled_count, isinstance(claimed, HandOver)) == (1, is_first)
    assert shop.item(job).is_known_as == (("pending", "possible") if is_first else ("error", "none"))
    assert shop.number(order_of(job)) == "FOUND"


@BOTH_ORDERS
def test_a_claim_and_an_item_of_its_own_that_is_settled_as_shipped(shop: Shop, *, is_first: bool) -> None:
    job = shop.job()
    found = settling(shop, job, shipped=True, tracking_number="FOUND")
    claimed, settled = in_order(shop, claiming(shop, job), found, is_first=is_first, blocks=is_first)
    # Until it is claimed no robot can have made it, and the person is told so.
    assert (isinstance(claimed, HandOver), settled.success) == (True, is_first)
    assert shop.item(job).is_known_as == (("success", "made") if is_first else ("pending", "possible"))


@BOTH_ORDERS
@pytest.mark.parametrize("allow_reshipment", [False, True])
def test_a_claim_and_a_second_submission(shop: Shop, *, is_first: bool, allow_reshipment: bool) -> None:
    """Naive: the order is handed over and is in a second job that waits."""
    job = shop.job()
    again = creating(shop, job, allow_reshipment=allow_reshipment)
    claimed, created = in_order(shop, claiming(shop, job), again, is_first=is_first, blocks=is_first)
    assert (isinstance(claimed, HandOver), created.success, created.reason) == (True, False, "order_in_open_job")


@BOTH_ORDERS
def test_a_success_and_a_number_by_hand(shop: Shop, *, is_first: bool) -> None:
    """Naive: the report looked before the number was written, and replaces it; one of two shipments is lost."""
    job = shop.at_robot()
    outcome, _ = in_order(shop, lambda: shop.success(job, "T-1"), writing(shop, job, "BY-HAND"), is_first=is_first)
    assert outcome == "recorded"
    assert shop.number(order_of(job)) == "BY-HAND"
    assert shop.item(job).shipment == ("made" if is_first else "second")
    assert len(shop.duplicated()) == (0 if is_first else 1)


# --- A submission, a retry, a reshipment ----------------------------------------------------------------------------
@BOTH_ORDERS
def test_a_submission_and_a_late_success(shop: Shop, *, is_first: bool) -> None:
    """Naive: both see that the order is free."""
    older = shop.failed()
    created, outcome = in_order(shop, creating(shop, older), lambda: shop.success(older, "LATE"), is_first=is_first)
    assert (created.success, outcome) == (is_first, "recorded")
    if is_first:
        assert shop.item(data_of(created)).is_known_as == ("error", "none")
    else:
        assert created.reason == "already_shipped"


@BOTH_ORDERS
def test_a_submission_and_a_number_by_hand(shop: Shop, *, is_first: bool) -> None:
    older = shop.failed()
    created, _ = in_order(shop, creating(shop, older), writing(shop, older, "BY-HAND"), is_first=is_first)
    assert created.success is is_first
    if is_first:
        claimed = claiming(shop, data_of(created))()
        assert not isinstance(claimed, HandOver)


@BOTH_ORDERS
def test_a_retry_and_a_newer_job_s_success(shop: Shop, *, is_first: bool) -> None:
    """Naive: a job that failed is retried while a newer one's shipment is reported."""
    old = shop.failed()
    newer = shop.at_robot(order_of(old))
    success = lambda: shop.success(newer, "NEWER")  # noqa: E731 - a call to make later
    retried, outcome = in_order(shop, retrying(shop, old), success, is_first=is_first, blocks=not is_first)
    # The newer one is at the robot, or has shipped it: the old one stays where it is either way.
    assert (retried.success, outcome) == (False, "recorded")
    [skipped] = retried.details["skipped"]
    assert skipped.code == ("order_in_open_job" if is_first else "already_shipped")
    assert shop.item(old).is_known_as == ("error", "none")


@BOTH_ORDERS
def test_a_retry_and_a_late_success_of_a_newer_job_that_had_failed(shop: Shop, *, is_first: bool) -> None:
    old = shop.failed()
    newer = shop.failed(order_of(old))
    retried, outcome = in_order(shop, retrying(shop, old), lambda: shop.success(newer, "NEWER"), is_first=is_first)
    assert (retried.success, outcome) == (is_first, "recorded")
    assert shop.item(old).is_known_as == ("error", "none")
    assert not isinstance(claiming(shop, old, 2)(), HandOver)


@BOTH_ORDERS
def test_two_retries_of_two_jobs_of_one_order(shop: Shop, *, is_first: bool) -> None:
    """Naive: both see that the order is free; the customer gets two parcels."""
    old = shop.failed()
    newer = shop.failed(order_of(old))
    both = in_order(shop, retrying(shop, old), retrying(shop, newer), is_first=is_first)
    assert [each.success for each in both] == [is_first, not is_first]
    [skipped] = next(each for each in both if not each.success).details["skipped"]
    assert skipped.code == "order_in_open_job"


@BOTH_ORDERS
def test_a_retry_and_a_settlement_of_the_same_item(shop: Shop, *, is_first: bool) -> None:
    """Naive: a person says that it exists while it is put back, and it goes to the robot."""
    job = shop.failed()
    found = settling(shop, job, shipped=True, tracking_number="FOUND")
    retried, settled = in_order(shop, retrying(shop, job), found, is_first=is_first)
    results_of: list[DomainResult[Any]] = [retried, settled]
    assert [each.success for each in results_of] == [is_first, not is_first]
    assert shop.item(job).is_known_as == (("pending", "none") if is_first else ("success", "made"))


@BOTH_ORDERS
def test_a_reshipment_and_a_late_success(shop: Shop, *, is_first: bool) -> None:
    """Naive: the permission lifts what was shipped at the same moment, and a third parcel is made."""
    older = shop.failed()
    made = shop.made("T-1", order_of(older))
    again = creating(shop, made, allow_reshipment=True)
    created, outcome = in_order(shop, again, lambda: shop.success(older, "LATE"), is_first=is_first)
    assert outcome == "recorded"
    job = data_of(created)
    assert (shop.item(older).shipment, shop.number(order_of(older))) == ("second", "T-1")
    # What came after it was asked for stops it; what came before was there to be seen.
    assert shop.item(job).is_known_as == (("error", "none") if is_first else ("pending", "none"))
    assert shop.item(made).holds is is_first


@BOTH_ORDERS
def test_a_reshipment_and_a_number_by_hand(shop: Shop, *, is_first: bool) -> None:
    made = shop.made("T-1")
    again = creating(shop, made, allow_reshipment=True)
    created, _ = in_order(shop, again, writing(shop, made, "BY-HAND"), is_first=is_first)
    claimed = claiming(shop, data_of(created))()
    assert isinstance(claimed, HandOver) is not is_first
    assert shop.number(order_of(made)) == "BY-HAND"
