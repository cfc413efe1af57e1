"""The guard: an order is handed over only while no shipment of it exists or may exist, whoever clicks, and where."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

import pytest

from shared.domain import (
    CreateRobotJobParams,
    DispatchRef,
    DomainContext,
    HandOver,
    NoHandOver,
    SubmitJobParams,
    UpdateOrderParams,
    claim_dispatch,
    create_robot_job,
    note_accepted,
    submit_job,
    update_order,
)
from tests.factories import data_of, events_of, failure_of, hand_over, make_due, read_job
from tests.functional.shop import Shop, order_of

Found = tuple[UUID | None, str | None]


def _by_hand(shop: Shop, order_id: UUID) -> Found:
    shop.write_number(order_id, "BY-HAND")
    return None, "BY-HAND"


def _second(shop: Shop, order_id: UUID) -> Found:
    late = shop.failed(order_id)
    shop.made("FIRST", order_id)
    shop.success(late, "SECOND")
    return None, "FIRST"


def _cleared(shop: Shop, order_id: UUID) -> Found:
    job = shop.made("CLEARED", order_id)
    shop.write_number(order_id, None)
    return job.job_id, "CLEARED"


def _renumbered(shop: Shop, order_id: UUID) -> Found:
    job = shop.made("ROBOT", order_id)
    shop.write_number(order_id, "BY-HAND")
    return job.job_id, "BY-HAND"


def _yielded(shop: Shop, order_id: UUID) -> Found:
    late = shop.failed(order_id)
    unsettled = shop.unsettled(order_id)
    shop.success(late, "LATE")
    assert not shop.item(unsettled).holds
    return late.job_id, "LATE"


def _newer(shop: Shop, order_id: UUID) -> Found:
    older = shop.failed(order_id)
    newer = shop.failed(order_id)
    shop.retry(older)
    hand_over(shop.ctx, older, 2)
    assert shop.error(older, "timeout") == "recorded"
    shop.success(newer, "NEWER")
    shop.write_number(order_id, None)
    assert shop.item(older).is_known_as == ("error", "possible")
    return newer.job_id, "NEWER"


#: What can stand in an order's way: the code of it, and what makes it so and returns the job and the number to name.
WAYS: dict[str, tuple[str, Callable[[Shop, UUID], Found]]] = {
    "a number by hand": ("already_shipped", _by_hand),
    "a shipment": ("already_shipped", lambda shop, order_id: (shop.made("T-1", order_id).job_id, "T-1")),
    "a shipment without a number": ("already_shipped", lambda shop, order_id: (shop.made(None, order_id).job_id, None)),
    "a shipment whose number was cleared": ("already_shipped", _cleared),
    "a shipment whose number was replaced": ("already_shipped", _renumbered),
    "a second shipment": ("already_shipped", _second),
    "what yielded and may have been shipped": ("already_shipped", _yielded),
    "a shipment beside an older one that may have been made": ("already_shipped", _newer),
    "what may have been shipped": (
        "shipment_unsettled",
        lambda shop, order_id: (shop.unsettled(order_id).job_id, None),
    ),
    "a waiting job": ("order_in_open_job", lambda shop, order_id: (shop.job(order_id).job_id, None)),
    "a job at the robot": ("order_in_open_job", lambda shop, order_id: (shop.at_robot(order_id).job_id, None)),
}


def stand_in_the_way(shop: Shop, way: str, order_id: UUID) -> Found:
    """Make a shipment of an order exist, or possible; return the job and the number that a refusal names."""
    return WAYS[way][1](shop, order_id)


@pytest.mark.parametrize("way", WAYS)
def test_it_stops_a_job_made_directly(shop: Shop, ctx: DomainContext, way: str) -> None:
    order_id = shop.order()
    job_id, number = stand_in_the_way(shop, way, order_id)
    refused = failure_of(create_robot_job(ctx, CreateRobotJobParams([order_id])), "CONFLICT", WAYS[way][0])
    [details] = cast("list[dict[str, object]]", refused.details["orders"])
    assert details["order_id"] == order_id
    assert details.get("tracking_number") == number
    if job_id:
        assert (details["job_id"], str(job_id) in refused.error) == (job_id, True)


@pytest.mark.parametrize("way", WAYS)
def test_it_stops_a_submission(shop: Shop, ctx: DomainContext, way: str) -> None:
    order_id, free = shop.order(), shop.order()
    job_id, number = stand_in_the_way(shop, way, order_id)
    if WAYS[way][0] == "order_in_open_job":
        refused = failure_of(submit_job(ctx, SubmitJobParams([order_id, free])), "CONFLICT", "order_in_open_job")
        assert refused.details["orders"] == [{"order_id": order_id, "job_id": job_id}]
        return
    refused = failure_of(submit_job(ctx, SubmitJobParams([order_id])), "INVALID", "nothing_to_ship")
    submission = data_of(submit_job(ctx, SubmitJobParams([order_id, free])))
    assert submission.rejected == refused.details["rejected"]
    [rejected] = submission.rejected
    assert (rejected.order_id, rejected.code) == (order_id, WAYS[way][0])
    assert str(number or job_id) in rejected.reason
    assert [item.order_id for item in submission.items] == [free]


@pytest.mark.parametrize("way", WAYS)
def test_it_stops_a_retry(shop: Shop, way: str) -> None:
    """Naive: a job that failed is retried after a newer one shipped its order, or after a person wrote the number."""
    order_id = shop.order()
    old = shop.failed(order_id)
    job_id, number = stand_in_the_way(shop, way, order_id)
    skipped = shop.skipped(old)
    assert skipped.code == WAYS[way][0]
    assert skipped.tracking_number == number
    assert str(number or job_id) in skipped.reason
    assert shop.item(old).is_known_as == ("error", "none")


def test_it_stops_the_retry_of_what_is_itself_unsettled(shop: Shop) -> None:
    """Naive: a failure after the form was saved looks like a refusal, and is retried."""
    job = shop.unsettled()
    skipped = shop.skipped(job)
    assert (skipped.code, skipped.job_id) == ("shipment_unsettled", job.job_id)
    assert "settle it" in skipped.reason


@pytest.mark.parametrize("way", ["what may have been shipped", "a waiting job", "a job at the robot"])
def test_a_reshipment_lifts_nothing_that_may_exist(shop: Shop, ctx: DomainContext, way: str) -> None:
    """Naive: the permission to ship once more is taken as one to ship whatever is known."""
    order_id = shop.order()
    stand_in_the_way(shop, way, order_id)
    params = CreateRobotJobParams([order_id], allow_reshipment=True)
    failure_of(create_robot_job(ctx, params), "CONFLICT", WAYS[way][0])


def test_a_reshipment_lifts_nothing_that_yielded_and_may_exist(shop: Shop, ctx: DomainContext) -> None:
    """Naive: what gave up its hold is passed over, and ships beside the reshipment."""
    order_id = shop.order()
    stand_in_the_way(shop, "what yielded and may have been shipped", order_id)
    params = CreateRobotJobParams([order_id], allow_reshipment=True)
    failure_of(create_robot_job(ctx, params), "CONFLICT", "shipment_unsettled")


@pytest.mark.parametrize(
    "way",
    [
        "a number by hand",
        "a shipment",
        "a shipment without a number",
        "a shipment whose number was cleared",
        "a shipment whose number was replaced",
        "a second shipment",
    ],
)
def test_a_reshipment_goes_out_and_is_retried_whatever_was_shipped_before_it(shop: Shop, way: str) -> None:
    """Naive: what was let pass at its submission is stopped at its claim by the shipment that it is to repeat."""
    order_id = shop.order()
    stand_in_the_way(shop, way, order_id)
    again = shop.at_robot(order_id, allow_reshipment=True)
    shop.error(again)
    shop.retry(again)
    shop.claim(again, 2)


def test_a_reshipment_leaves_what_was_shipped_before_the_last_one_as_it_is(shop: Shop) -> None:
    first = shop.made("T-1")
    shop.made("T-2", order_of(first), allow_reshipment=True)
    query = "SELECT * FROM robot_job_items WHERE job_id = %s"
    before = shop.owner.execute(query, [first.job_id]).fetchall()
    shop.made("T-3", order_of(first), allow_reshipment=True)
    shop.retry(shop.failed(order_of(first), allow_reshipment=True))
    assert shop.owner.execute(query, [first.job_id]).fetchall() == before


# --- At the claim ---------------------------------------------------------------------------------------------------
def claim_of(shop: Shop, job_id: UUID, dispatch: int = 1) -> Any:
    return data_of(claim_dispatch(shop.ctx, DispatchRef(job_id, dispatch)))


def test_a_number_written_before_the_claim_stops_it(shop: Shop) -> None:
    """Naive: a number that a person found in the portal is ignored by the job that waits."""
    job = shop.job()
    shop.write_number(order_of(job), "BY-HAND")
    assert isinstance(claim_of(shop, job.job_id), NoHandOver)
    item = shop.item(job)
    assert (item.is_known_as, item.error_type) == (("error", "none"), "validation")
    assert item.error_message == "already shipped: tracking number BY-HAND"
    assert (item.holds, item.closed_by) == (False, "system")


def test_a_number_written_before_the_claim_of_a_retry_stops_it(shop: Shop) -> None:
    job = shop.failed()
    shop.retry(job)
    shop.write_number(order_of(job), "BY-HAND")
    assert isinstance(claim_of(shop, job.job_id, 2), NoHandOver)
    assert shop.item(job).is_known_as == ("error", "none")


def test_a_number_written_while_a_busy_robot_is_waited_for_stops_the_next_claim(shop: Shop) -> None:
    job = shop.job()
    shop.claim(job)
    shop.release(job)
    make_due(shop.owner, job)
    shop.write_number(order_of(job), "BY-HAND")
    assert isinstance(claim_of(shop, job.job_id), NoHandOver)
    assert shop.item(job).is_known_as == ("error", "none")


def test_a_number_written_after_a_reshipment_was_submitted_stops_it(shop: Shop) -> None:
    """Naive: the permission to ship once more lifts what was shipped since, too."""
    first = shop.made("T-1")
    again = shop.job(order_of(first), allow_reshipment=True)
    shop.write_number(order_of(first), "BY-HAND")
    assert isinstance(claim_of(shop, again.job_id), NoHandOver)
    assert shop.item(again).error_message == "already shipped: tracking number BY-HAND"
    # The hold goes back to what was made last.
    assert shop.item(first).holds


def test_only_what_can_not_be_sent_is_left_out_of_a_claim_and_each_says_why(shop: Shop, ctx: DomainContext) -> None:
    """Naive: the words of one order stand beside another, and the operator corrects the wrong one."""
    order_ids = [shop.order() for _ in range(5)]
    job = data_of(create_robot_job(ctx, CreateRobotJobParams(order_ids)))
    shop.write_number(order_ids[1], "BY-HAND-1")
    data_of(update_order(ctx, UpdateOrderParams(order_ids[2], shipping_city="Ninguna Parte")))
    shop.write_number(order_ids[3], "BY-HAND-3")
    handed_over = claim_of(shop, job.job_id)
    assert isinstance(handed_over, HandOver)
    assert [item.order_id for item in handed_over.items] == [order_ids[0], order_ids[4]]
    ended = read_job(ctx, job).items[1:4]
    assert {(item.status, item.shipment, item.error_type) for item in ended} == {("error", "none", "validation")}
    for item, words in zip(ended, ("number BY-HAND-1", "Ninguna Parte", "number BY-HAND-3"), strict=True):
        assert words in str(item.error_message)


def test_a_number_written_between_claim_and_acceptance_is_kept_and_the_robot_s_is_second(shop: Shop) -> None:
    """Naive: the robot's number replaces the one that a person wrote, and one shipment is lost."""
    job = shop.job()
    shop.claim(job)
    shop.write_number(order_of(job), "BY-HAND")
    hand_over_again = claim_of(shop, job.job_id)
    assert isinstance(hand_over_again, NoHandOver)
    shop.success(job, "T-1")
    item = shop.item(job)
    assert (item.is_known_as, item.tracking_number) == (("success", "second"), "T-1")
    assert shop.number(order_of(job)) == "BY-HAND"
    assert shop.duplicated() == [(str(job.items[0].item_id), "T-1", "BY-HAND")]


def test_a_cleared_number_does_not_make_a_shipment_go_away(shop: Shop, ctx: DomainContext) -> None:
    """Naive: the number is cleared and the order goes to the robot again."""
    job = shop.made("T-1")
    shop.write_number(order_of(job), None)
    failure_of(create_robot_job(ctx, CreateRobotJobParams([order_of(job)])), "CONFLICT", "already_shipped")
    assert shop.item(job).is_known_as == ("success", "made")


# --- What is sent ---------------------------------------------------------------------------------------------------
def test_an_address_that_is_corrected_while_the_hand_over_waits_is_what_is_sent(shop: Shop, ctx: DomainContext) -> None:
    """Naive: the parcel goes to the address that the order had when it was submitted."""
    order_id = shop.order()
    job = data_of(submit_job(ctx, SubmitJobParams([order_id])))
    corrected = UpdateOrderParams(
        order_id, shipping_address="Carrera 7 # 1-2", shipping_city="Cali", shipping_department="Valle del Cauca"
    )
    data_of(update_order(ctx, corrected))
    handed_over = claim_of(shop, job.job_id)
    assert isinstance(handed_over, HandOver)
    [item] = handed_over.items
    assert "Carrera 7 # 1-2" in item.pedido_input.values()
    assert item.pedido_input["ciudad"].startswith("CALI")
    [(sent, attempt)] = shop.owner.execute(
        "SELECT item.value_sent, attempt.value_sent FROM robot_job_items AS item"
        " JOIN robot_job_item_attempts AS attempt ON attempt.item_id = item.id WHERE item.job_id = %s",
        [job.job_id],
    ).fetchall()
    assert sent == attempt == item.pedido_input


def test_a_retry_sends_the_order_as_it_is_now_and_the_attempts_keep_what_was_sent(
    shop: Shop, ctx: DomainContext
) -> None:
    """Naive: a retry sends the order as it was, not as it was corrected."""
    job = shop.failed()
    data_of(update_order(ctx, UpdateOrderParams(order_of(job), shipping_address="Carrera 7 # 1-2")))
    shop.retry(job)
    # So it stands on the item, and in the event that asks for the hand-over.
    [asked] = events_of(shop.owner, ctx.workspace_id, "robot/job.submitted")[-1]["orders"]
    assert asked["pedidoInput"]["direccion"] == "Carrera 7 # 1-2"
    assert shop.item(job).value_sent == asked["pedidoInput"]
    hand_over(ctx, job, 2)
    sent = shop.owner.execute(
        "SELECT value_sent ->> 'direccion' FROM robot_job_item_attempts WHERE item_id = %s ORDER BY dispatch",
        [job.items[0].item_id],
    ).fetchall()
    assert sent == [("Calle 10 # 43-12",), ("Carrera 7 # 1-2",)]


def test_a_retry_that_nothing_can_be_made_for_yet_leaves_what_was_sent(shop: Shop, ctx: DomainContext) -> None:
    """Naive: where the account was deleted meanwhile, what the robot typed in is forgotten."""
    job = shop.failed()
    sent = shop.item(job).value_sent
    assert sent
    shop.owner.execute("DELETE FROM carrier_configs WHERE workspace_id = %s", [ctx.workspace_id])
    shop.retry(job)
    assert shop.item(job).value_sent == sent


def test_an_order_that_can_not_be_shipped_as_it_is_now_is_not_retried(shop: Shop, ctx: DomainContext) -> None:
    job = shop.failed()
    data_of(update_order(ctx, UpdateOrderParams(order_of(job), shipping_city="Ninguna Parte")))
    skipped = shop.skipped(job)
    assert skipped.code == "city_not_covered"


def test_a_value_that_the_caller_gave_is_sent_as_it_is_at_each_hand_over(shop: Shop, ctx: DomainContext) -> None:
    order_id = shop.order()
    given = {"ciudad": "CALI (VALLE)", "direccion": "as the caller says"}
    job = shop.job(order_id, item_values={order_id: given})
    data_of(update_order(ctx, UpdateOrderParams(order_id, shipping_address="Carrera 7 # 1-2")))
    first = claim_of(shop, job.job_id)
    assert isinstance(first, HandOver)
    assert first.items[0].pedido_input == given
    data_of(note_accepted(ctx, DispatchRef(job.job_id, 1)))
    shop.error(job)
    shop.retry(job)
    second = claim_of(shop, job.job_id, 2)
    assert isinstance(second, HandOver)
    assert second.items[0].pedido_input == given
