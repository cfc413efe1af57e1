"""What is known of a shipment, from the claim on: by what ended the item, and by what is reported after all."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from psycopg import Connection

from local.stack.postgres import Postgres
from shared.domain import (
    CreatedJob,
    DispatchRef,
    DomainContext,
    HandOver,
    NoHandOver,
    RetryFailedItemsParams,
    UpdateJobItemResultParams,
    UpdateOrderParams,
    cancel_job,
    claim_dispatch,
    note_accepted,
    note_refused,
    note_unknown,
    release_dispatch,
    retry_failed_items,
    update_job_item_results,
    update_order,
)
from tests.factories import claim, data_of, hand_over, make_job_of, read_item, read_job
from tests.functional.shop import Shop, order_of

Expire = Callable[[CreatedJob], None]
UNSURE = "Timeout esperando respuesta del portal"
SURE = "Login fallido en el portal de Coordinadora"


@pytest.fixture
def expire(shop: Shop, database: str, postgres: Postgres) -> Expire:
    return lambda job: shop.let_deadline_pass(job, postgres.url(database, "robot_jobs_system"))


def test_a_shipment_is_possible_from_the_claim_on_and_made_with_the_success(shop: Shop, ctx: DomainContext) -> None:
    """Naive: a hand-over whose caller died after the call looks as if nothing could have been made."""
    job = shop.job()
    assert shop.item(job).is_known_as == ("pending", "none")
    shop.claim(job)
    assert shop.item(job).is_known_as == ("pending", "possible")
    data_of(note_accepted(ctx, DispatchRef(job.job_id, 1)))
    assert shop.item(job).is_known_as == ("processing", "possible")
    shop.success(job)
    assert shop.item(job).is_known_as == ("success", "made")
    assert shop.number(order_of(job)) == "T-1"


@pytest.mark.parametrize("error_type", ["validation", "portal"])
def test_an_error_with_a_number_proves_nothing_and_keeps_its_number_in_words(shop: Shop, error_type: Any) -> None:
    """Naive: the number of what the robot takes for a failure is dropped, and a retry ships twice."""
    job = shop.at_robot()
    assert shop.error(job, error_type, SURE, number="T-1") == "recorded"
    item = shop.item(job)
    assert item.is_known_as == ("error", "possible")
    assert item.error_message == f"reported with tracking number T-1: {SURE}"
    assert shop.skipped(job).code == "shipment_unsettled"


def test_a_release_makes_it_none_again_until_the_next_claim(shop: Shop) -> None:
    job = shop.job()
    shop.claim(job)
    shop.release(job)
    assert shop.item(job).is_known_as == ("pending", "none")
    shop.claim(job)
    assert shop.item(job).is_known_as == ("pending", "possible")


def test_a_success_before_any_acceptance_makes_it_made(shop: Shop) -> None:
    job = shop.job()
    shop.claim(job)
    shop.success(job)
    assert shop.item(job).is_known_as == ("success", "made")


@pytest.mark.parametrize(
    ("error_type", "words", "shipment"),
    [
        ("validation", "La ciudad no existe", "none"),
        ("validation", SURE, "none"),
        ("validation", "Pedido ya en proceso", "possible"),
        ("validation", UNSURE, "possible"),
        ("portal", "El portal no acepta la dirección", "none"),
        ("portal", SURE, "none"),
        ("portal", UNSURE, "possible"),
        ("portal", "Pedido creado", "possible"),
        ("timeout", SURE, "possible"),
        ("unknown", SURE, "possible"),
        (None, "what nobody understands", "possible"),
    ],
)
def test_what_the_robot_s_error_says_of_a_shipment(shop: Shop, error_type: Any, words: str, shipment: str) -> None:
    """Naive: every error looks like a refusal, and is retried."""
    job = shop.at_robot()
    assert shop.error(job, error_type, words) == "recorded"
    item = shop.item(job)
    # What may have been made keeps its order; what was not lets go of it.
    assert (item.is_known_as, item.holds) == (("error", shipment), shipment == "possible")
    assert (item.error_type, item.error_message, item.closed_by) == (error_type or "unknown", words, "robot")


def test_an_error_proves_what_it_proves_whatever_comes_with_it_in_a_list(shop: Shop, ctx: DomainContext) -> None:
    """Naive: beside a success, which proves nothing about the others, no error does."""
    made, refused = shop.at_robot(), shop.job()
    reports = [
        UpdateJobItemResultParams(made.items[0].item_id, "success", tracking_number="T-1"),
        UpdateJobItemResultParams(refused.items[0].item_id, "error", error_type="portal"),
    ]
    data_of(update_job_item_results(ctx, reports))
    assert [shop.item(job).is_known_as for job in (made, refused)] == [("success", "made"), ("error", "none")]


def test_a_reshipment_that_fails_gives_the_order_back_whatever_comes_with_it_in_a_list(
    shop: Shop, ctx: DomainContext
) -> None:
    """Naive: what is said of the first shipment waits for its turn, and the order is free meanwhile and for ever."""
    first = shop.made("T-1")
    again = shop.at_robot(order_of(first), allow_reshipment=True)
    reports = [
        UpdateJobItemResultParams(again.items[0].item_id, "error", error_type="portal"),
        UpdateJobItemResultParams(first.items[0].item_id, "success", tracking_number="T-1"),
    ]
    outcomes = data_of(update_job_item_results(ctx, reports))
    assert [each.outcome for each in outcomes] == ["recorded", "duplicate"]
    assert [shop.item(job).holds for job in (first, again)] == [True, False]


def test_a_deadline_that_passes_leaves_it_possible(shop: Shop, expire: Expire) -> None:
    job = shop.at_robot()
    expire(job)
    item = shop.item(job)
    assert (item.is_known_as, item.holds, item.closed_by) == (("error", "possible"), True, "deadline")


def test_a_hand_over_of_which_nobody_knows_ends_as_possible(shop: Shop, expire: Expire, ctx: DomainContext) -> None:
    job = shop.job()
    shop.claim(job)
    data_of(note_unknown(ctx, DispatchRef(job.job_id, 1)))
    assert shop.item(job).is_known_as == ("processing", "possible")
    expire(job)
    assert shop.item(job).is_known_as == ("error", "possible")


@pytest.mark.parametrize(("begin", "shipment"), [("job", "none"), ("claimed", "possible"), ("at_robot", "possible")])
def test_an_end_by_hand_goes_by_whether_the_hand_over_was_claimed(shop: Shop, begin: str, shipment: str) -> None:
    job = shop.at_robot() if begin == "at_robot" else shop.job()
    if begin == "claimed":
        shop.claim(job)
    shop.end(job)
    item = shop.item(job)
    assert (item.is_known_as, item.holds) == (("error", shipment), shipment == "possible")
    assert (item.closed_by, item.error_message) == ("person", "ended by the operator")


def test_what_was_cancelled_or_refused_for_good_was_not_made(shop: Shop) -> None:
    cancelled, refused = shop.job(), shop.job()
    shop.cancel(cancelled)
    shop.claim(refused)
    shop.refuse(refused)
    for job in (cancelled, refused):
        item = shop.item(job)
        assert (item.is_known_as, item.holds, item.closed_by) == (("error", "none"), False, "system")


def test_what_was_given_up_was_not_made(shop: Shop, owner: Connection) -> None:
    job = shop.job()
    shop.claim(job)
    shop.release(job)
    owner.execute(
        "UPDATE robot_job_dispatches SET refused_since = now() - interval '25 hours' WHERE job_id = %s", [job.job_id]
    )
    shop.claim(job)
    shop.release(job)
    item = shop.item(job)
    assert (item.is_known_as, item.holds, item.error_type) == (("error", "none"), False, "portal")


def test_what_has_no_configuration_or_no_place_at_the_claim_was_not_made(
    shop: Shop, owner: Connection, ctx: DomainContext
) -> None:
    lost, unconfigured = shop.job(), shop.job()
    data_of(update_order(ctx, UpdateOrderParams(order_of(lost), shipping_city="Ninguna Parte")))
    assert isinstance(data_of(claim_dispatch(ctx, DispatchRef(lost.job_id, 1))), NoHandOver)
    owner.execute("UPDATE carrier_configs SET robot_url = NULL WHERE workspace_id = %s", [ctx.workspace_id])
    assert isinstance(data_of(claim_dispatch(ctx, DispatchRef(unconfigured.job_id, 1))), NoHandOver)
    for job in (lost, unconfigured):
        item = shop.item(job)
        assert (item.is_known_as, item.holds, item.error_type) == (("error", "none"), False, "validation")
        assert item.closed_by == "system"


# --- Errors that come after silence ---------------------------------------------------------------------------------
def close_by_silence(shop: Shop, expire: Expire, by: str) -> CreatedJob:
    job = shop.at_robot()
    if by == "person":
        shop.end(job)
    elif by == "restart":
        expire(job)
        shop.owner.execute("UPDATE robot_job_items SET closed_by = 'restart' WHERE job_id = %s", [job.job_id])
    else:
        expire(job)
    assert shop.item(job).is_known_as == ("error", "possible")
    return job


@pytest.mark.parametrize("error_type", ["validation", "portal"])
@pytest.mark.parametrize("by", ["deadline", "person", "restart"])
def test_mail_that_comes_late_and_proves_spares_a_person_the_look(
    shop: Shop, expire: Expire, by: str, error_type: Any
) -> None:
    job = close_by_silence(shop, expire, by)
    before = shop.item(job)
    assert shop.error(job, error_type, SURE, dispatch=1) == "recorded"
    # Status and first words stay; what is known, and with it the hold, does not.
    assert shop.item(job) == replace(before, shipment="none", holds=False)
    assert shop.error(job, error_type, SURE, dispatch=1) == "duplicate"
    shop.retry(job)


@pytest.mark.parametrize(
    ("error_type", "words"), [("timeout", "no"), ("unknown", "no"), (None, "no"), ("portal", UNSURE)]
)
def test_mail_that_comes_late_and_proves_nothing_changes_nothing(
    shop: Shop, expire: Expire, error_type: Any, words: str
) -> None:
    job = close_by_silence(shop, expire, "deadline")
    before = shop.item(job)
    assert shop.error(job, error_type, words, dispatch=1) == "duplicate"
    assert shop.item(job) == before


@pytest.mark.parametrize("proves_first", [True, False])
def test_two_late_errors_in_one_batch_are_known_by_the_one_that_proves(
    shop: Shop, expire: Expire, ctx: DomainContext, *, proves_first: bool
) -> None:
    job = close_by_silence(shop, expire, "deadline")
    proof = UpdateJobItemResultParams(job.items[0].item_id, "error", error_type="portal", error_message=SURE)
    doubt = replace(proof, error_type="timeout")
    batch, outcomes = (
        ([proof, doubt], ["recorded", "duplicate"]) if proves_first else ([doubt, proof], ["duplicate", "recorded"])
    )
    assert [each.outcome for each in data_of(update_job_item_results(ctx, batch))] == outcomes
    assert shop.item(job).is_known_as == ("error", "none")


def test_what_the_robot_itself_reported_as_a_timeout_is_not_proven_by_a_second_error(shop: Shop) -> None:
    job = shop.unsettled()
    assert shop.error(job, "portal", SURE) == "duplicate"
    assert shop.item(job).is_known_as == ("error", "possible")


def test_an_error_of_an_older_hand_over_proves_nothing_of_the_present_one(shop: Shop) -> None:
    """Naive: the portal's refusal of the first hand-over says that the second one made nothing."""
    job = shop.failed()
    shop.retry(job)
    claim(shop.ctx, job, 2)
    shop.end(job)
    assert shop.error(job, "portal", SURE, dispatch=1) == "stale"
    assert shop.item(job).is_known_as == ("error", "possible")
    # Nor does it take the proof's place where both come together.
    older = UpdateJobItemResultParams(
        job.items[0].item_id, "error", error_type="portal", error_message=SURE, dispatch=1
    )
    outcomes = data_of(update_job_item_results(shop.ctx, [older, *[replace(older, dispatch=2)] * 2]))
    assert [each.outcome for each in outcomes] == ["stale", "recorded", "duplicate"]
    assert shop.item(job).is_known_as == ("error", "none")


@pytest.mark.parametrize("answer", ["release", "refuse"])
def test_a_claim_that_was_ended_by_hand_and_then_refused_made_nothing(shop: Shop, answer: str) -> None:
    job = shop.job()
    shop.claim(job)
    shop.end(job)
    assert shop.item(job).is_known_as == ("error", "possible")
    (shop.release if answer == "release" else shop.refuse)(job)
    item = shop.item(job)
    assert (item.is_known_as, item.holds) == (("error", "none"), False)
    assert item.error_message == "ended by the operator"


@pytest.mark.parametrize("answer", ["release", "refuse"])
def test_a_refusal_proves_nothing_of_what_another_hand_over_took(shop: Shop, ctx: DomainContext, answer: str) -> None:
    """Naive: whatever was ended by hand is taken for not made, and is shipped twice."""
    other = shop.at_robot()
    shop.end(other)
    job = make_job_of(ctx, [shop.order(), shop.order()], wave_size=1)
    hand_over(ctx, job)
    shop.end(job)
    assert data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id))).retried_count == 1
    for ref in (DispatchRef(job.job_id, 2), DispatchRef(shop.job().job_id, 1)):
        assert isinstance(data_of(claim_dispatch(ctx, ref)), HandOver)
        if answer == "release":
            data_of(release_dispatch(ctx, ref, "busy", "Ya hay un lote en proceso"))
            data_of(cancel_job(ctx, ref.job_id))
        else:
            data_of(note_refused(ctx, ref, "no such portal"))
    assert shop.item(other).is_known_as == ("error", "possible")
    assert [item.shipment for item in read_job(ctx, job).items] == ["possible", "none"]


@pytest.mark.parametrize("answer", ["release", "refuse"])
def test_a_reshipment_that_was_ended_by_hand_and_then_refused_gives_the_order_back(shop: Shop, answer: str) -> None:
    """Naive: nothing holds the order any more, and the number of what was shipped first is nobody's."""
    first = shop.made("T-1")
    again = shop.job(order_of(first), allow_reshipment=True)
    shop.claim(again)
    shop.end(again)
    assert (shop.item(first).holds, shop.item(again).holds) == (False, True)
    (shop.release if answer == "release" else shop.refuse)(again)
    assert shop.item(again).is_known_as == ("error", "none")
    assert (shop.item(first).holds, shop.item(again).holds) == (True, False)


def test_a_late_success_counts_whatever_ended_the_item(shop: Shop, expire: Expire) -> None:
    for by in ("deadline", "person"):
        job = close_by_silence(shop, expire, by)
        closed = read_item(shop.ctx, job)
        assert shop.success(job, f"late {by}", dispatch=1) == "recorded"
        item, shipped = shop.item(job), read_item(shop.ctx, job)
        assert (item.is_known_as, item.holds, item.error_type) == (("success", "made"), True, None)
        # It was shipped when the robot said so, not when it was given up.
        assert shipped.completed_at
        assert closed.completed_at
        assert shipped.completed_at > closed.completed_at
        assert (item.closed_by, shipped.started_at) == ("robot", closed.started_at)
        assert shop.number(order_of(job)) == f"late {by}"
