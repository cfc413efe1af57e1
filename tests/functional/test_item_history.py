"""GET /robot-jobs/{jobId}/items/{itemId}: what was sent of an item each time, and everything that was said of it."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import Connection

from functions.manage_jobs.app import handler
from local.stack.postgres import Postgres
from shared.domain import (
    CreatedJob,
    DomainContext,
    GetJobItemParams,
    JobItemHistory,
    UpdateOrderParams,
    get_job_item,
    update_order,
)
from tests.factories import data_of, failure_of, make_job, make_job_of
from tests.functional.shop import Shop, order_of
from tests.http_client import call


def history(shop: Shop, job: CreatedJob) -> JobItemHistory:
    """Return the story of the job's one item."""
    return data_of(get_job_item(shop.ctx, GetJobItemParams(job.job_id, job.items[0].item_id)))


def outcomes(shop: Shop, job: CreatedJob) -> list[tuple[int | None, str, list[str]]]:
    """Return each attempt's number and outcome, and the sources of what was said of it."""
    attempts = history(shop, job).attempts
    return [(each.dispatch, each.outcome, [report.source for report in each.reports]) for each in attempts]


def test_what_was_never_with_a_robot_has_no_attempt(shop: Shop) -> None:
    job = shop.job()
    assert history(shop, job).attempts == []
    shop.end(job)
    assert (history(shop, job).item.status, history(shop, job).attempts) == ("error", [])


def test_a_call_is_under_way_until_the_robot_has_answered(shop: Shop) -> None:
    job = shop.job()
    shop.claim(job)
    assert outcomes(shop, job) == [(1, "calling", [])]


def test_a_claim_that_was_given_back_is_no_attempt(shop: Shop) -> None:
    job = shop.job()
    shop.claim(job)
    shop.release(job)
    assert history(shop, job).attempts == []
    shop.claim(job)
    assert outcomes(shop, job) == [(1, "calling", [])]


def test_a_refusal_for_good_is_told_even_after_a_refusal_for_now(shop: Shop) -> None:
    job = shop.job()
    shop.claim(job)
    shop.release(job)
    shop.claim(job)
    shop.refuse(job)
    assert outcomes(shop, job) == [(1, "refused", [])]
    item = history(shop, job).item
    assert (item.status, item.error_message) == ("error", "no such portal")


def test_a_refusal_for_good_stays_one_while_the_retry_waits(shop: Shop) -> None:
    """Naive: the item is open again, so that nobody is told any more that the robot has refused it."""
    job = shop.job()
    shop.claim(job)
    shop.refuse(job)
    shop.retry(job)
    assert outcomes(shop, job) == [(1, "refused", [])]
    shop.claim(job, 2)
    shop.accept(job, 2)
    shop.error(job)
    assert outcomes(shop, job) == [(1, "refused", []), (2, "accepted", ["robot"])]


def test_what_a_robot_reports_of_one_order_and_then_refuses_was_refused_of_the_others(shop: Shop) -> None:
    """Naive: one report says of the whole hand-over that the robot may have it."""
    job = make_job_of(shop.ctx, [shop.order(), shop.order()])
    shop.claim(job)
    shop.error(job, dispatch=1)
    shop.refuse(job)
    told = [data_of(get_job_item(shop.ctx, GetJobItemParams(job.job_id, item.item_id))) for item in job.items]
    assert [[each.outcome for each in item.attempts] for item in told] == [["unknown"], ["refused"]]


def test_an_unknown_outcome_stays_unknown_when_all_was_reported(shop: Shop) -> None:
    """Fails where a closed hand-over that was not accepted is taken for a refused one."""
    job = shop.job()
    shop.claim(job)
    shop.release(job)
    shop.claim(job)
    shop.lose(job)
    assert outcomes(shop, job) == [(1, "unknown", [])]
    shop.success(job)
    shop.announce(job)
    assert outcomes(shop, job) == [(1, "unknown", ["robot"])]


def test_the_story_of_an_order_that_was_rejected_corrected_lost_and_settled(
    shop: Shop, database: str, postgres: Postgres
) -> None:
    system_url = postgres.url(database, "robot_jobs_system")
    job = shop.at_robot()
    # It has a hand-over of the same number.
    shop.job()
    shop.error(job, "portal", "La dirección no es válida")
    data_of(update_order(shop.ctx, UpdateOrderParams(order_of(job), shipping_address="Carrera 27 # 36-15")))
    shop.retry(job)
    shop.claim(job, 2)
    shop.accept(job, 2)
    shop.let_deadline_pass(job, system_url)
    data_of(shop.settle(job, shipped=True, tracking_number="T-7"))
    assert shop.success(job, "T-8", dispatch=2) == "conflict"
    assert shop.error(job, "portal", "tarde", dispatch=1) == "stale"
    told = history(shop, job)
    first, second = told.attempts
    assert [(each.dispatch, each.outcome) for each in told.attempts] == [(1, "accepted"), (2, "accepted")]
    assert first.value_sent is not None
    assert second.value_sent is not None
    assert (first.value_sent["direccion"], second.value_sent["direccion"]) == ("Calle 10 # 43-12", "Carrera 27 # 36-15")
    assert [(each.source, each.outcome, each.error_message) for each in first.reports] == [
        ("robot", "recorded", "La dirección no es válida"),
        ("robot", "stale", "tarde"),
    ]
    assert [(each.source, each.status, each.outcome, each.tracking_number) for each in second.reports] == [
        ("deadline", "error", "recorded", None),
        ("person", "success", "recorded", "T-7"),
        ("robot", "success", "conflict", "T-8"),
    ]
    assert [(each.error_type, each.error_message) for each in second.reports] == [
        ("timeout", "no report from the robot"),
        *[(None, None)] * 2,
    ]
    assert first.handed_over_at is not None
    assert second.handed_over_at is not None
    assert first.handed_over_at < second.handed_over_at
    assert (told.item.shipment, told.item.tracking_number, told.item.attempt_count) == ("made", "T-7", 2)


def test_reports_that_answer_no_hand_over_are_not_lost(shop: Shop) -> None:
    """Fails where reports are read by way of the attempts: a settlement before any hand-over would be gone."""
    job = shop.failed()
    item_id = job.items[0].item_id
    shop.owner.execute("DELETE FROM robot_job_item_attempts WHERE item_id = %s", [item_id])
    shop.owner.execute(
        "INSERT INTO robot_job_item_reports (workspace_id, item_id, dispatch, status, outcome, received_at)"
        " VALUES (%s, %s, 9, 'error', 'stale', now() - interval '1 day')",
        [shop.ctx.workspace_id, item_id],
    )
    told = history(shop, job).attempts
    assert [(each.dispatch, each.handed_over_at, each.outcome, each.value_sent) for each in told] == [
        (9, None, "unknown", None),
        (1, None, "accepted", None),
    ]
    assert [len(each.reports) for each in told] == [1, 1]


def test_an_item_of_another_job_is_unknown(shop: Shop, owner: Connection) -> None:
    job, other = shop.job(), shop.job()
    stranger = make_job(owner, DomainContext(uuid4(), "test"))
    for job_id, item_id in (
        (job.job_id, other.items[0].item_id),
        (job.job_id, stranger.items[0].item_id),
        (stranger.job_id, stranger.items[0].item_id),
        (stranger.job_id, job.items[0].item_id),
        (job.job_id, uuid4()),
        (uuid4(), job.items[0].item_id),
    ):
        failure_of(get_job_item(shop.ctx, GetJobItemParams(job_id, item_id)), "NOT_FOUND", "item_not_found")


def ask(shop: Shop, path: str) -> Any:
    return call(handler, "GET", path, workspace=shop.ctx.workspace_id)


def test_the_route_tells_it(shop: Shop) -> None:
    job = shop.made("T-1")
    item_id = job.items[0].item_id
    answer = ask(shop, f"/robot-jobs/{job.job_id}/items/{item_id}")
    assert (answer.status, set(answer.json)) == (200, {"item", "attempts"})
    assert UUID(answer.json["item"]["id"]) == item_id
    [attempt] = answer.json["attempts"]
    assert set(attempt) == {"dispatch", "handedOverAt", "outcome", "valueSent", "reports"}
    [report] = attempt["reports"]
    assert report.pop("receivedAt")
    assert report == {
        "source": "robot",
        "status": "success",
        "trackingNumber": "T-1",
        "errorType": None,
        "errorMessage": None,
        "outcome": "recorded",
    }
    assert answer.headers["etag"]


@pytest.mark.parametrize("path", ["items/x", "items/{other}"])
def test_the_route_refuses_what_is_no_item(shop: Shop, path: str) -> None:
    answer = ask(shop, f"/robot-jobs/{shop.job().job_id}/{path.format(other=uuid4())}")
    assert answer.status in {404, 422}
    assert answer.json["code"] in {"item_not_found", "invalid_input"}
