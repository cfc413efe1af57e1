"""Guides: what a lookup asks, what its reports change, and that it never touches a shipment."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection
from psycopg import errors as pg

from shared.db.audit import audit
from shared.domain import (
    CreatedJob,
    DispatchRef,
    DomainContext,
    GetJobPageParams,
    ImportOrder,
    ImportOrdersParams,
    ListJobsParams,
    LookUpGuidesParams,
    RetryFailedItemsParams,
    SettleItemsParams,
    Settlement,
    UpdateJobItemResultParams,
    UpdateOrderParams,
    cancel_job,
    check_orders,
    claim_dispatch,
    get_job_item,
    get_job_page,
    get_order_in_detail,
    get_overview,
    list_jobs,
    look_up_guides,
    note_refused,
    pause_job,
    retry_failed_items,
    settle_items,
    update_job_item_result,
    update_job_item_results,
    update_order,
)
from shared.domain.ids import uuid7
from shared.domain.jobs.history import GetJobItemParams
from tests.factories import (
    assert_agreement,
    claim,
    data_of,
    events_of,
    failure_of,
    hand_over,
    look_up,
    make_carrier_config,
    make_job,
    make_job_of,
    make_lookup,
    make_orders,
    read_item,
    read_job,
    report_error,
    report_success,
    row_of_dispatch,
)

FOUND, CHANGED = "automation/robot.guide.found", "automation/field.changed"


@pytest.fixture(autouse=True)
def _sound(owner: Connection, ctx: DomainContext) -> Iterator[None]:
    """See at the end that the audit finds nothing wrong."""
    make_carrier_config(owner, ctx.workspace_id)
    yield
    assert_agreement(owner, ctx.workspace_id)
    assert audit(owner, workspace_id=ctx.workspace_id) == []


def report(ctx: DomainContext, item_id: UUID, guide: str | None, *, found: bool | None = None) -> str:
    params = UpdateJobItemResultParams(item_id, "success", guide, guide_found=found)
    return data_of(update_job_item_result(ctx, params)).outcome


def guide_of(owner: Connection, order_id: UUID) -> str | None:
    [(guide,)] = owner.execute("SELECT carrier_guide_number FROM orders WHERE id = %s", [order_id]).fetchall()
    return None if guide is None else str(guide)


def ship(owner: Connection, ctx: DomainContext, number: str = "P-1", **columns: Any) -> UUID:
    """Ship a new order and return it."""
    [order_id] = make_orders(owner, ctx.workspace_id, **columns)
    report_success(ctx, make_job_of(ctx, [order_id]).items[0].item_id, number)
    return order_id


def test_a_lookup_asks_with_the_number_that_the_order_has_when_it_is_handed_over(
    owner: Connection, ctx: DomainContext
) -> None:
    """Naive: the number is read at submission; corrected since, the guide of another parcel is found."""
    job = make_lookup(owner, ctx, items=3)
    [event] = events_of(owner, ctx.workspace_id, "robot/job.submitted")
    assert (event["kind"], [order["pedidoNumber"] for order in event["orders"]]) == (
        "guide_lookup",
        ["P-0", "P-1", "P-2"],
    )
    data_of(update_order(ctx, UpdateOrderParams(job.items[0].order_id, tracking_number="P-9")))
    data_of(update_order(ctx, UpdateOrderParams(job.items[1].order_id, tracking_number=None)))
    claimed = claim(ctx, job)
    assert (claimed.kind, [each.pedido_number for each in claimed.items]) == ("guide_lookup", ["P-9", "P-2"])
    asked, gone, _ = read_job(ctx, job).items
    assert (asked.shipment, asked.pedido_number, asked.status) == (None, "P-9", "pending")
    assert (gone.status, gone.error_type, gone.error_message) == (
        "error",
        "validation",
        "not asked: the order has no tracking number any more",
    )
    [attempt] = data_of(get_job_item(ctx, GetJobItemParams(job.job_id, asked.id))).attempts
    assert (attempt.value_sent, attempt.outcome) == ({"pedidoNumber": "P-9"}, "calling")


def test_a_guide_goes_to_the_order_and_is_told_once(owner: Connection, ctx: DomainContext) -> None:
    order_id = ship(owner, ctx, name="A-1")
    before = look_up(owner, ctx, [order_id])
    report(ctx, before.items[0].item_id, None)
    assert events_of(owner, ctx.workspace_id, FOUND) == []
    job = look_up(owner, ctx, [order_id])
    hand_over(ctx, job)
    shipped_at = data_of(get_order_in_detail(ctx, order_id)).updated_at
    assert report(ctx, job.items[0].item_id, "9001") == "recorded"
    item = read_item(ctx, job)
    assert (item.status, item.shipment, item.tracking_number, item.other_numbers) == ("success", None, "9001", [])
    order = data_of(get_order_in_detail(ctx, order_id))
    assert (order.tracking_number, order.carrier_guide_number) == ("P-1", "9001")
    assert order.updated_at > shipped_at
    assert [each.tracking_number for each in order.shipments] == ["P-1"]
    assert order.other_numbers == []
    [found] = events_of(owner, ctx.workspace_id, FOUND)
    assert order.contact
    workspace, contact_id = str(ctx.workspace_id), str(order.contact.id)
    assert found == {
        "workspaceId": workspace,
        "orderId": str(order_id),
        "orderName": "A-1",
        "trackingNumber": "P-1",
        "carrierGuideNumber": "9001",
        "carrier": "coordinadora",
        "contactId": contact_id,
        "contactName": "Luz Marina Ospina",
        "contactPhone": "3004567890",
        "cascadeDepth": 0,
    }
    [changed] = [each for each in events_of(owner, ctx.workspace_id, CHANGED) if each["fieldName"] != "tracking_number"]
    assert changed == {
        "workspaceId": workspace,
        "entityType": "order",
        "entityId": str(order_id),
        "fieldName": "carrier_guide_number",
        "previousValue": None,
        "newValue": "9001",
        "contactId": contact_id,
        "cascadeDepth": 0,
    }
    ended = events_of(owner, ctx.workspace_id, "robot/job.completed")[-1]
    assert (ended["kind"], ended["jobId"], ended["status"]) == ("guide_lookup", str(job.job_id), "completed")
    # Cleared by hand and found again, it is the order's, and nobody is written to twice.
    data_of(update_order(ctx, UpdateOrderParams(order_id, carrier_guide_number=None)))
    again = look_up(owner, ctx, [order_id])
    report(ctx, again.items[0].item_id, "9001")
    assert guide_of(owner, order_id) == "9001"
    assert len(events_of(owner, ctx.workspace_id, FOUND)) == 1
    # The next order's buyer is written to all the same; at the end of a cascade without a change that is told, too.
    neighbour = look_up(owner, ctx, [ship(owner, ctx, "P-2")])
    changes = len(events_of(owner, ctx.workspace_id, CHANGED))
    report(replace(ctx, cascade_depth=3), neighbour.items[0].item_id, "9002")
    told = events_of(owner, ctx.workspace_id, FOUND)[1:]
    assert [(each["carrierGuideNumber"], each["cascadeDepth"]) for each in told] == [("9002", 3)]
    assert len(events_of(owner, ctx.workspace_id, CHANGED)) == changes


@pytest.mark.parametrize(
    ("guide", "found"),
    [(None, False), (None, None), (None, True), ("9001", False), ("P-0", None), ("P-0", True)],
)
def test_what_is_no_guide_is_a_success_without_one(
    owner: Connection,
    ctx: DomainContext,
    guide: str | None,
    found: bool | None,  # noqa: FBT001 - a report's field
) -> None:
    """Naive: "not there yet" is an error, and the number that was asked with is taken for the guide."""
    job = make_lookup(owner, ctx)
    hand_over(ctx, job)
    assert report(ctx, job.items[0].item_id, guide, found=found) == "recorded"
    item = read_item(ctx, job)
    assert (item.status, item.tracking_number, item.other_numbers) == ("success", None, [])
    assert guide_of(owner, item.order_id) is None
    page = data_of(get_job_page(ctx, GetJobPageParams(job.job_id, status="no_guide")))
    assert (page.job.counts.no_guide, [each.id for each in page.items]) == (1, [item.id])
    assert report(ctx, item.id, "9002") == "recorded"
    assert (read_item(ctx, job).tracking_number, guide_of(owner, item.order_id)) == ("9002", "9002")


def test_another_guide_than_the_order_s_is_kept_and_shown_and_replaces_none(
    owner: Connection, ctx: DomainContext
) -> None:
    job = make_lookup(owner, ctx)
    [item] = job.items
    data_of(update_order(ctx, UpdateOrderParams(item.order_id, carrier_guide_number="by hand")))
    hand_over(ctx, job)
    report(ctx, item.item_id, "9001")
    assert (read_item(ctx, job).tracking_number, read_item(ctx, job).other_numbers) == ("9001", ["9001"])
    assert guide_of(owner, item.order_id) == "by hand"
    assert events_of(owner, ctx.workspace_id, FOUND) == []
    assert events_of(owner, ctx.workspace_id, "robot/shipment.duplicated") == []
    assert data_of(get_order_in_detail(ctx, item.order_id)).other_numbers == []
    assert data_of(get_job_page(ctx, GetJobPageParams(job.job_id))).job.counts.second == 0
    # Nobody was told of it; so who takes the other one away lets it be told when it is found once more.
    data_of(update_order(ctx, UpdateOrderParams(item.order_id, carrier_guide_number=None)))
    again = look_up(owner, ctx, [item.order_id])
    report(ctx, again.items[0].item_id, "9001")
    assert guide_of(owner, item.order_id) == "9001"
    assert [each["carrierGuideNumber"] for each in events_of(owner, ctx.workspace_id, FOUND)] == ["9001"]


@pytest.mark.parametrize(("number", "dispatch"), [("P-9", None), ("P-9", 1), ("P-9", 7), (None, 1)])
def test_the_guide_of_a_number_that_is_not_the_order_s_any_more_is_not_the_order_s(
    owner: Connection, ctx: DomainContext, number: str | None, dispatch: int | None
) -> None:
    """Naive: of a wave that nothing is known of, the answer is taken for one about the order as it is now."""
    job = make_lookup(owner, ctx)
    [item] = job.items
    hand_over(ctx, job)
    data_of(update_order(ctx, UpdateOrderParams(item.order_id, tracking_number=number)))
    data_of(update_job_item_result(ctx, UpdateJobItemResultParams(item.item_id, "success", "9001", dispatch=dispatch)))
    assert (guide_of(owner, item.order_id), read_item(ctx, job).other_numbers) == (None, ["9001"])


@pytest.mark.parametrize("named", ["P-0", "P-9"])
def test_neither_the_number_that_was_asked_with_nor_the_order_s_own_is_a_guide(
    owner: Connection, ctx: DomainContext, named: str
) -> None:
    """Naive: the robot names the number that it was asked with, and the order has another one since."""
    job = make_lookup(owner, ctx)
    hand_over(ctx, job)
    data_of(update_order(ctx, UpdateOrderParams(job.items[0].order_id, tracking_number="P-9")))
    assert report(ctx, job.items[0].item_id, named) == "recorded"
    item = read_item(ctx, job)
    assert (item.status, item.tracking_number, item.other_numbers) == ("success", None, [])
    # What it named stands in its words.
    assert report(ctx, item.id, "9001") == "recorded"
    [attempt] = data_of(get_job_item(ctx, GetJobItemParams(job.job_id, item.id))).attempts
    assert [(each.tracking_number, each.error_message) for each in attempt.reports] == [
        (None, f"no guide: {named}"),
        ("9001", None),
    ]


@pytest.mark.parametrize("is_claimed", [False, True])
def test_a_late_answer_is_about_the_number_that_its_own_wave_asked_with(
    owner: Connection,
    ctx: DomainContext,
    is_claimed: bool,  # noqa: FBT001 - the parameter is the point
) -> None:
    """Naive: it is held against the number that a retry asks with, and the order gets another parcel's guide."""
    job = make_lookup(owner, ctx)
    [item] = job.items
    hand_over(ctx, job)
    data_of(update_job_item_result(ctx, UpdateJobItemResultParams(item.item_id, "error", error_type="timeout")))
    data_of(update_order(ctx, UpdateOrderParams(item.order_id, tracking_number="P-9")))
    data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
    if is_claimed:
        claim(ctx, job, dispatch=2)
    late = UpdateJobItemResultParams(item.item_id, "success", "9001", dispatch=1)
    assert data_of(update_job_item_result(ctx, late)).outcome == "recorded"
    assert (guide_of(owner, item.order_id), read_item(ctx, job).other_numbers) == (None, ["9001"])


def test_a_guide_that_was_said_again_is_not_said_anew(owner: Connection, ctx: DomainContext) -> None:
    job = make_lookup(owner, ctx)
    [item] = job.items
    hand_over(ctx, job)
    report(ctx, item.item_id, "9001")
    assert report(ctx, item.item_id, "9002") == "conflict"
    before = read_item(ctx, job).completed_at
    assert report(ctx, item.item_id, "9002") == "conflict"
    assert read_item(ctx, job).completed_at == before
    assert read_item(ctx, job).other_numbers == ["9002"]
    # One that a person cleared leaves no room for another.
    data_of(update_order(ctx, UpdateOrderParams(item.order_id, carrier_guide_number=None)))
    assert report(ctx, item.item_id, "9003") == "conflict"
    assert (guide_of(owner, item.order_id), read_item(ctx, job).other_numbers) == (None, ["9002", "9003"])
    data_of(update_order(ctx, UpdateOrderParams(item.order_id, carrier_guide_number="9001")))


@pytest.mark.parametrize("first", ["cancelled", "failed", None])
def test_a_lookup_tells_when_it_began_when_it_ended_last_and_by_whom(
    owner: Connection, ctx: DomainContext, first: str | None
) -> None:
    """Naive: what is found late reads as failed all the same, or as if nobody had reported it."""

    def known() -> tuple[Any, ...]:
        query = "SELECT started_at, completed_at, closed_by, error_message FROM robot_job_items WHERE job_id = %s"
        [row] = owner.execute(query, [job.job_id]).fetchall()
        return row

    job = make_lookup(owner, ctx)
    if first == "cancelled":
        cancel(ctx, job)
        assert known()[2] == "system"
    elif first == "failed":
        report_error(ctx, job.items[0].item_id, "Portal caído")
        assert known()[2:] == ("robot", "Portal caído")
        assert None not in known()
    begun_before, ended_before, _, _ = known()
    assert report(ctx, job.items[0].item_id, "9001") == "recorded"
    began, ended, by, words = known()
    assert (by, words) == ("robot", None)
    assert began == (begun_before or ended)
    assert ended_before is None or ended > ended_before


def test_the_guide_that_the_order_has_already_is_no_other_one(owner: Connection, ctx: DomainContext) -> None:
    """Naive: it stands beside the item's own, and the buyer is written to of what a person wrote."""
    job = make_lookup(owner, ctx)
    [item] = job.items
    data_of(update_order(ctx, UpdateOrderParams(item.order_id, carrier_guide_number="9001")))
    hand_over(ctx, job)
    assert report(ctx, item.item_id, "9001") == "recorded"
    assert (read_item(ctx, job).tracking_number, read_item(ctx, job).other_numbers) == ("9001", [])
    assert events_of(owner, ctx.workspace_id, FOUND) == []


@pytest.mark.parametrize("newest_first", [False, True])
def test_of_two_guides_for_one_order_in_one_list_the_first_reported_stays(
    owner: Connection, ctx: DomainContext, *, newest_first: bool
) -> None:
    """Naive: the older lookup's goes first, whatever came first, or the second guide replaces the first."""
    order_id = ship(owner, ctx)
    jobs = [look_up(owner, ctx, [order_id])]
    report(ctx, jobs[0].items[0].item_id, None)
    jobs.append(look_up(owner, ctx, [order_id]))
    if newest_first:
        jobs.reverse()
    reports = [UpdateJobItemResultParams(job.items[0].item_id, "success", f"900{n}") for n, job in enumerate(jobs)]
    assert [each.outcome for each in data_of(update_job_item_results(ctx, reports))] == ["recorded"] * 2
    assert guide_of(owner, order_id) == "9000"
    assert [(read_item(ctx, job).tracking_number, read_item(ctx, job).other_numbers) for job in jobs] == [
        ("9000", []),
        ("9001", ["9001"]),
    ]
    assert [each["carrierGuideNumber"] for each in events_of(owner, ctx.workspace_id, FOUND)] == ["9000"]


def test_an_order_tells_when_a_robot_last_said_what_it_found(owner: Connection, ctx: DomainContext) -> None:
    """Naive: the first answer, or one that says nothing of the guide."""
    order_id = ship(owner, ctx)
    said = []
    for hours in (5, 3, 1):
        job = look_up(owner, ctx, [order_id])
        hand_over(ctx, job)
        if hours > 1:
            report(ctx, job.items[0].item_id, None)
        else:
            report_error(ctx, job.items[0].item_id)
        owner.execute(
            "UPDATE robot_job_items SET completed_at = now() - %s * interval '1 hour' WHERE job_id = %s",
            [hours, job.job_id],
        )
        said.append(read_item(ctx, job).completed_at)
    assert data_of(get_order_in_detail(ctx, order_id)).guide_asked_at == said[1]


def test_another_guide_is_nothing_that_a_person_has_to_cancel_at_the_carrier(
    owner: Connection, ctx: DomainContext
) -> None:
    """Naive: its number beside the item's is a second shipment, and a good parcel is cancelled."""
    job = make_lookup(owner, ctx)
    hand_over(ctx, job)
    report(ctx, job.items[0].item_id, "9001")
    report(ctx, job.items[0].item_id, "9002")
    assert data_of(get_overview(ctx, "coordinadora", 10, 100)).attention == []


def test_a_reshipment_lifts_shipments_and_no_lookup(owner: Connection, ctx: DomainContext) -> None:
    """Naive: whatever succeeded of the order counts as a shipment that was made before."""
    job = make_lookup(owner, ctx)
    [item] = job.items
    hand_over(ctx, job)
    report(ctx, item.item_id, "9001")
    again = make_job_of(ctx, [item.order_id], allow_reshipment=True)
    [(lifted,)] = owner.execute("SELECT lifted FROM robot_job_items WHERE job_id = %s", [again.job_id]).fetchall()
    assert lifted is None


def test_a_lookup_and_a_shipment_of_an_order_do_not_stand_in_each_others_way(
    owner: Connection, ctx: DomainContext
) -> None:
    """Naive: the open lookup holds the order, or its report is taken for a shipment."""
    [order_id] = make_orders(owner, ctx.workspace_id, tracking_number="P-0")
    owner.execute("UPDATE orders SET number_by_hand = true WHERE id = %s", [order_id])
    lookup = look_up(owner, ctx, [order_id])
    claim(ctx, lookup)
    shipment = make_job_of(ctx, [order_id], allow_reshipment=True)
    assert read_item(ctx, shipment).shipment == "none"
    report(ctx, lookup.items[0].item_id, "9001")
    assert read_item(ctx, shipment).status == "pending"
    failure_of(
        look_up_guides(ctx, LookUpGuidesParams([*make_orders(owner, ctx.workspace_id)])),
        "INVALID",
        "nothing_to_look_up",
    )


def test_a_lookup_can_be_of_an_order_whose_shipment_is_unsettled(owner: Connection, ctx: DomainContext) -> None:
    [order_id] = make_orders(owner, ctx.workspace_id)
    shipment = make_job_of(ctx, [order_id])
    hand_over(ctx, shipment)
    params = UpdateJobItemResultParams(shipment.items[0].item_id, "error", error_type="timeout")
    data_of(update_job_item_result(ctx, params))
    data_of(update_order(ctx, UpdateOrderParams(order_id, tracking_number="P-7")))
    lookup = look_up(owner, ctx, [order_id])
    hand_over(ctx, lookup)
    report(ctx, lookup.items[0].item_id, "9001")
    assert read_item(ctx, shipment).shipment == "possible"
    assert guide_of(owner, order_id) == "9001"


def test_the_database_lets_no_lookup_become_a_shipment(owner: Connection, ctx: DomainContext) -> None:
    """Whatever version of the program runs: one that knows no lookups would hand it over as a shipment."""
    job = make_lookup(owner, ctx)
    for shipment, holds in (("possible", False), (None, True), ("possible", True)):
        with pytest.raises(pg.CheckViolation):
            owner.execute(
                "UPDATE robot_job_items SET shipment = %s, holds = %s WHERE job_id = %s", [shipment, holds, job.job_id]
            )


def test_an_order_is_in_one_open_lookup(owner: Connection, ctx: DomainContext) -> None:
    job = make_lookup(owner, ctx)
    [item] = job.items
    refused = look_up_guides(ctx, LookUpGuidesParams([item.order_id]))
    failure = failure_of(refused, "CONFLICT", "order_in_open_job")
    assert failure.details == {"orders": [{"order_id": item.order_id, "job_id": job.job_id}]}
    hand_over(ctx, job)
    refused = look_up_guides(ctx, LookUpGuidesParams([item.order_id]))
    assert failure_of(refused, "CONFLICT", "order_in_open_job").details == failure.details
    with pytest.raises(pg.UniqueViolation):
        owner.execute(
            "INSERT INTO robot_job_items (id, workspace_id, job_id, order_id, is_lookup, shipment, holds)"
            " SELECT %s, workspace_id, job_id, order_id, true, NULL, false FROM robot_job_items WHERE id = %s",
            [uuid7(), item.item_id],
        )
    # Neither it nor a shipment that waits keeps another order from being looked up, in the order named.
    newer, older = ship(owner, ctx, "P-2"), ship(owner, ctx, "P-1")
    make_job_of(ctx, [newer], allow_reshipment=True)
    assert [each.order_id for each in look_up(owner, ctx, [older, newer]).items] == [older, newer]
    report(ctx, item.item_id, None)
    look_up(owner, ctx, [item.order_id])


def test_a_shipment_goes_first_and_a_lookup_delays_it_by_the_wave_that_is_out(
    owner: Connection, ctx: DomainContext
) -> None:
    owner.execute("UPDATE carrier_configs SET wave_size = 2 WHERE workspace_id = %s", [ctx.workspace_id])
    lookup = make_lookup(owner, ctx, items=3)
    hand_over(ctx, lookup)
    shipment = make_job(owner, ctx, items=3, priority="normal")
    assert str(data_of(claim_dispatch(ctx, DispatchRef(shipment.job_id, 1)))) != ""
    for item in lookup.items[:2]:
        report(ctx, item.item_id, f"G-{item.item_id}")
    # The wave is over: the shipment's is next, though the lookup is older and has more; then its next one.
    hand_over(ctx, shipment)
    for item in shipment.items[:2]:
        report_success(ctx, item.item_id, f"T-{item.item_id}")
    assert row_of_dispatch(owner, lookup, 2)["called_at"] is None
    hand_over(ctx, shipment, 2)
    report_success(ctx, shipment.items[2].item_id, "T-3")
    assert row_of_dispatch(owner, lookup, 2)["called_at"] is not None
    hand_over(ctx, lookup, 2)
    report(ctx, lookup.items[2].item_id, None, found=False)


def test_the_waves_of_a_lookup_are_as_long_as_the_carrier_s(owner: Connection, ctx: DomainContext) -> None:
    """Naive: its first wave is all of it, or another carrier's."""
    owner.execute(
        "INSERT INTO carrier_configs (workspace_id, carrier, wave_size)"
        " SELECT %s, name, 3 FROM unnest(ARRAY['a', 'z']) AS carrier (name)",
        [ctx.workspace_id],
    )
    owner.execute("UPDATE carrier_configs SET wave_size = 2 WHERE carrier = 'coordinadora'")
    job = make_lookup(owner, ctx, items=5)
    assert row_of_dispatch(owner, job)["item_count"] == 2
    [event] = events_of(owner, ctx.workspace_id, "robot/job.submitted")
    ids = [item.item_id for item in job.items]
    assert [UUID(order["itemId"]) for order in event["orders"]] == ids[:2]
    assert [each.item_id for each in claim(ctx, job).items] == ids[:2]
    # One that is shorter than a wave is one.
    assert row_of_dispatch(owner, make_lookup(owner, ctx, number="S"))["item_count"] == 1


def test_who_names_no_orders_gets_those_shipped_lately_without_a_guide(owner: Connection, ctx: DomainContext) -> None:
    old, first, second, guided, by_another = (ship(owner, ctx, f"P-{number}") for number in range(5))
    by_hand, named, another_s = (
        make_orders(owner, ctx.workspace_id, carrier=carrier)[0] for carrier in (None, "Coordinadora", "Servientrega")
    )
    for order_id in (by_hand, named, another_s):
        data_of(update_order(ctx, UpdateOrderParams(order_id, tracking_number=f"P-{order_id}")))
    data_of(update_order(ctx, UpdateOrderParams(guided, carrier_guide_number="9")))
    owner.execute(
        "UPDATE robot_jobs SET carrier = 'envia'"
        " WHERE id = (SELECT job_id FROM robot_job_items WHERE order_id = %s AND NOT is_lookup)",
        [by_another],
    )
    age = "UPDATE robot_job_items SET completed_at = now() - %s * interval '1 day' WHERE order_id = %s"
    for order_id, days in ((old, 30.1), (second, 3), (first, 29.9)):
        owner.execute(age, [days, order_id])
    # Neither a shipment without a number, nor one that was tried again lately and not made.
    report_success(ctx, make_job_of(ctx, make_orders(owner, ctx.workspace_id)).items[0].item_id, None)
    report_error(ctx, make_job_of(ctx, [old], allow_reshipment=True).items[0].item_id)
    # Whatever else there is of an order, or was asked before: a number by hand, a shipment that waits, a lookup.
    for number in ("P-11", "P-1"):
        data_of(update_order(ctx, UpdateOrderParams(first, tracking_number=number)))
    data_of(pause_job(ctx, make_job_of(ctx, [second], allow_reshipment=True).job_id))
    report(ctx, look_up(owner, ctx, [by_hand]).items[0].item_id, None)
    elsewhere = make_lookup(owner, ctx, number="E")
    made = data_of(look_up_guides(ctx, LookUpGuidesParams()))
    assert [item.order_id for item in made.items] == [first, second, by_hand, named]
    failure_of(look_up_guides(ctx, LookUpGuidesParams()), "INVALID", "nothing_to_look_up")
    report(ctx, elsewhere.items[0].item_id, "9002")
    hand_over(ctx, CreatedJob(made.job_id, made.item_count, made.items))
    failure_of(look_up_guides(ctx, LookUpGuidesParams()), "INVALID", "nothing_to_look_up")
    listed, *_ = data_of(list_jobs(ctx, ListJobsParams(kind="guide_lookup"))).jobs
    assert (listed.id, listed.kind) == (made.job_id, "guide_lookup")
    assert made.job_id not in {job.id for job in data_of(list_jobs(ctx, ListJobsParams(kind="shipment"))).jobs}


def test_of_many_without_a_guide_the_oldest_are_looked_up(
    owner: Connection, ctx: DomainContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.domain.jobs.lookups.MAX_LOOKED_UP", 3)
    orders = [ship(owner, ctx, f"P-{number}") for number in range(4)]
    owner.execute(
        "UPDATE robot_job_items AS item SET completed_at = now() - shipped.days * interval '1 day'"
        " FROM unnest(%s::uuid[], %s::int[]) AS shipped (order_id, days) WHERE item.order_id = shipped.order_id",
        [orders, [1, 3, 2, 2]],
    )
    made = data_of(look_up_guides(ctx, LookUpGuidesParams()))
    assert [item.order_id for item in made.items] == [orders[1], orders[2], orders[3]]


def test_five_hundred_are_looked_up_where_none_are_named(owner: Connection, ctx: DomainContext) -> None:
    order_ids = make_orders(owner, ctx.workspace_id, 501, tracking_number="P-1")
    owner.execute("UPDATE orders SET number_by_hand = true WHERE workspace_id = %s", [ctx.workspace_id])
    made = data_of(look_up_guides(ctx, LookUpGuidesParams()))
    assert [item.order_id for item in made.items] == order_ids[:500]


def test_what_can_not_be_looked_up_is_refused_or_rejected(owner: Connection, ctx: DomainContext) -> None:
    [unshipped] = make_orders(owner, ctx.workspace_id)
    shipped = ship(owner, ctx)
    theirs = make_orders(owner, uuid7(), tracking_number="T-1")
    failure = failure_of(look_up_guides(ctx, LookUpGuidesParams(theirs)), "NOT_FOUND", "orders_not_found")
    assert failure.details == {"order_ids": theirs}
    failure_of(look_up_guides(ctx, LookUpGuidesParams([])), "INVALID", "no_ids")
    failure_of(look_up_guides(ctx, LookUpGuidesParams([shipped, shipped])), "INVALID", "duplicate_ids")
    failure_of(look_up_guides(ctx, LookUpGuidesParams(carrier="nobody")), "INVALID", "carrier_not_configured")
    failure_of(look_up_guides(ctx, LookUpGuidesParams([unshipped])), "INVALID", "nothing_to_look_up")
    made = data_of(look_up_guides(ctx, LookUpGuidesParams([unshipped, shipped], idempotency_key="k")))
    assert [(each.order_id, each.code) for each in made.rejected] == [(unshipped, "no_tracking_number")]
    assert [item.order_id for item in made.items] == [shipped]
    failure = failure_of(
        look_up_guides(ctx, LookUpGuidesParams([shipped], idempotency_key="k")), "CONFLICT", "duplicate_job"
    )
    assert failure.details == {"existing_job_id": made.job_id}


def test_a_failed_lookup_is_retried_freely_and_never_settled(owner: Connection, ctx: DomainContext) -> None:
    """Naive: a failure of unknown outcome is unsettled, and stops the retry."""
    job = make_lookup(owner, ctx, items=4)
    one, two, three, four = job.items
    hand_over(ctx, job)
    for item in job.items:
        params = UpdateJobItemResultParams(item.item_id, "error", error_type="timeout", error_message="silent")
        data_of(update_job_item_result(ctx, params))
    failed = data_of(get_job_page(ctx, GetJobPageParams(job.job_id, status="failed")))
    assert failed.job.counts.unsettled == 0
    assert [item.id for item in failed.items] == [item.item_id for item in job.items]
    settlement = SettleItemsParams(job.job_id, [Settlement(one.item_id, shipped=False)])
    failure_of(settle_items(ctx, settlement), "CONFLICT", "nothing_to_settle")
    at_robot = look_up(owner, ctx, [four.order_id])
    hand_over(ctx, at_robot)
    elsewhere = look_up(owner, ctx, [two.order_id])
    data_of(update_order(ctx, UpdateOrderParams(three.order_id, tracking_number=None)))
    retried = data_of(retry_failed_items(ctx, RetryFailedItemsParams(job.job_id)))
    assert retried.item_ids == [one.item_id]
    assert [(each.item_id, each.code, each.job_id) for each in retried.skipped] == [
        (two.item_id, "order_in_open_job", elsewhere.job_id),
        (three.item_id, "no_tracking_number", None),
        (four.item_id, "order_in_open_job", at_robot.job_id),
    ]
    assert [item.pedido_number for item in read_job(ctx, job).items] == [None, "P-1", "P-2", "P-3"]
    data_of(cancel_job(ctx, elsewhere.job_id))
    assert report(ctx, at_robot.items[0].item_id, "9004") == "recorded"
    assert [each.pedido_number for each in claim(ctx, job, 2).items] == ["P-0"]
    assert report(ctx, one.item_id, "9001") == "recorded"


def refuse(ctx: DomainContext, job: CreatedJob) -> None:
    claim(ctx, job)
    data_of(note_refused(ctx, DispatchRef(job.job_id, 1), "HTTP 404: no such route"))


def cancel(ctx: DomainContext, job: CreatedJob) -> None:
    data_of(cancel_job(ctx, job.job_id))


@pytest.mark.parametrize("close", [refuse, cancel])
def test_whatever_closes_a_lookup_gives_it_no_shipment(
    owner: Connection, ctx: DomainContext, close: Callable[[DomainContext, CreatedJob], None]
) -> None:
    job = make_lookup(owner, ctx, items=2)
    close(ctx, job)
    now = read_job(ctx, job)
    assert {(item.status, item.shipment) for item in now.items} == {("error", None)}
    assert now.job.status == "failed"
    assert report_error(ctx, job.items[0].item_id) == "duplicate"
    assert report(ctx, job.items[0].item_id, "9001") == "recorded"


def test_an_order_whose_guide_is_looked_up_is_not_on_its_way(owner: Connection, ctx: DomainContext) -> None:
    """Naive: whatever is open of an order makes it look as if it were being shipped."""
    [order_id] = make_orders(owner, ctx.workspace_id, name="A-77", tracking_number="P-0")
    owner.execute(
        "UPDATE orders SET number_by_hand = true, created_at = now() - interval '90 days' WHERE id = %s", [order_id]
    )
    job = look_up(owner, ctx, [order_id])
    alike = ImportOrdersParams([ImportOrder(id=uuid7(), name="A-77")])
    assert data_of(check_orders(ctx, alike)).lookalikes == []
    data_of(cancel_job(ctx, job.job_id))
