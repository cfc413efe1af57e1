"""The rules of reading jobs, page by page."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    CreatedJob,
    DomainContext,
    GetJobPageParams,
    JobCounts,
    ListActivityParams,
    ListJobsParams,
    ListOrdersByItemsParams,
    ListOrdersParams,
    get_job_page,
    get_job_with_items,
    list_activity,
    list_jobs,
    list_orders,
    list_orders_by_items,
)
from shared.domain.ids import uuid7
from tests.factories import (
    data_of,
    failure_of,
    make_ended_job,
    make_job,
    make_lookup,
    read_job,
    report_error,
    report_success,
)

MAKE: dict[str, Callable[[Connection, DomainContext], CreatedJob]] = {
    "shipment": make_job,
    "guide_lookup": make_lookup,
}


def pages_of_jobs(ctx: DomainContext, **params: Any) -> list[list[UUID]]:
    """Walk through the list, page by page."""
    pages, cursor = [], None
    while True:
        page = data_of(list_jobs(ctx, ListJobsParams(**params, cursor=cursor)))
        pages.append([job.id for job in page.jobs])
        if page.next_cursor is None:
            return pages
        cursor = page.next_cursor


def pages_of_items(ctx: DomainContext, job: CreatedJob, **params: Any) -> list[list[UUID]]:
    pages, cursor = [], None
    while True:
        page = data_of(get_job_page(ctx, GetJobPageParams(job.job_id, **params, cursor=cursor)))
        pages.append([item.id for item in page.items])
        if page.next_cursor is None:
            return pages
        cursor = page.next_cursor


def test_a_job_is_read_with_all_its_items_in_creation_order(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=3)
    report_error(ctx, job.items[0].item_id)
    read = data_of(get_job_with_items(ctx, job.job_id))
    assert read.job.id == job.job_id
    assert [item.id for item in read.items] == [item.item_id for item in job.items]


def test_an_unknown_job_is_not_found(owner: Connection, ctx: DomainContext) -> None:
    theirs = make_job(owner, DomainContext(uuid7(), "test"))
    for job_id in (uuid7(), theirs.job_id):
        failure = failure_of(get_job_with_items(ctx, job_id), "NOT_FOUND", "job_not_found")
        assert failure.details == {"job_id": job_id}
        failure_of(get_job_page(ctx, GetJobPageParams(job_id)), "NOT_FOUND", "job_not_found")


def test_items_are_read_page_by_page_in_creation_order(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=5)
    ids = [item.item_id for item in job.items]
    assert pages_of_items(ctx, job, limit=2) == [ids[:2], ids[2:4], ids[4:]]
    assert pages_of_items(ctx, job, limit=5) == [ids]
    assert pages_of_items(ctx, job) == [ids]


def test_items_of_one_status_are_read(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=5)
    ids = [item.item_id for item in job.items]
    report_error(ctx, ids[1])
    report_success(ctx, ids[2])
    report_error(ctx, ids[4])
    assert pages_of_items(ctx, job, status="error", limit=1) == [[ids[1]], [ids[4]]]
    assert pages_of_items(ctx, job, status="success") == [[ids[2]]]
    assert pages_of_items(ctx, job, status="pending") == [[ids[0], ids[3]]]
    assert pages_of_items(ctx, job, status="processing") == [[]]


def test_a_page_of_items_carries_its_job(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=2)
    page = data_of(get_job_page(ctx, GetJobPageParams(job.job_id, limit=1)))
    assert vars(page.job).items() >= vars(read_job(ctx, job).job).items()
    assert page.job.counts == JobCounts(2, 0, 0, 0, unsettled=0, second=0, by_error_type={})


def test_fifty_are_a_page_of_each_list_by_default(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=51)
    owner.execute(
        "INSERT INTO robot_jobs (id, workspace_id, carrier, total_items)"
        " SELECT gen_random_uuid(), %s, 'coordinadora', 1 FROM generate_series(1, 50)",
        [ctx.workspace_id],
    )
    owner.execute(
        "INSERT INTO activity (id, workspace_id, source, action)"
        " SELECT gen_random_uuid(), %s, 'test', 'job_paused' FROM generate_series(1, 50)",
        [ctx.workspace_id],
    )
    assert [len(page) for page in pages_of_items(ctx, job)] == [50, 1]
    assert [len(page) for page in pages_of_jobs(ctx)] == [50, 1]
    assert len(data_of(list_orders(ctx, ListOrdersParams())).orders) == 50
    assert len(data_of(list_orders_by_items(ctx, ListOrdersByItemsParams("in_job"))).orders) == 50
    assert len(data_of(list_activity(ctx, ListActivityParams())).entries) == 50


def test_jobs_are_listed_newest_first_page_by_page(owner: Connection, ctx: DomainContext) -> None:
    assert pages_of_jobs(ctx) == [[]]
    ids = [make_job(owner, ctx).job_id for _ in range(5)][::-1]
    make_job(owner, DomainContext(uuid7(), "test"))
    assert pages_of_jobs(ctx) == [ids]
    assert pages_of_jobs(ctx, limit=2) == [ids[:2], ids[2:4], ids[4:]]


def test_a_job_made_while_pages_are_read_moves_nothing(owner: Connection, ctx: DomainContext) -> None:
    ids = [make_job(owner, ctx).job_id for _ in range(3)][::-1]
    first = data_of(list_jobs(ctx, ListJobsParams(limit=2)))
    make_job(owner, ctx)
    second = data_of(list_jobs(ctx, ListJobsParams(limit=2, cursor=first.next_cursor)))
    assert [job.id for job in first.jobs + second.jobs] == ids


def test_jobs_are_listed_by_status_and_carrier(owner: Connection, ctx: DomainContext) -> None:
    waiting = make_job(owner, ctx).job_id
    done = make_ended_job(owner, ctx, "success").job_id
    failed = make_ended_job(owner, ctx, "error").job_id
    other = make_job(owner, ctx, carrier="servientrega").job_id
    assert pages_of_jobs(ctx, status="pending", limit=1) == [[other], [waiting]]
    assert pages_of_jobs(ctx, status="completed") == [[done]]
    assert pages_of_jobs(ctx, status="failed") == [[failed]]
    assert pages_of_jobs(ctx, status="processing") == [[]]
    assert pages_of_jobs(ctx, carrier="servientrega") == [[other]]
    assert pages_of_jobs(ctx, carrier="servientrega", status="failed") == [[]]
    assert pages_of_jobs(ctx, carrier="coordinadora", limit=2) == [[failed, done], [waiting]]


@pytest.mark.parametrize("status", [None, "pending"])
def test_the_jobs_of_a_kind_are_listed_newest_first_page_by_page(
    owner: Connection, ctx: DomainContext, status: Any
) -> None:
    made = {kind: [make(owner, ctx).job_id for _ in range(3)][::-1] for kind, make in MAKE.items()}
    for kind, ids in made.items():
        assert pages_of_jobs(ctx, kind=kind, status=status) == [ids]
        assert pages_of_jobs(ctx, kind=kind, status=status, limit=2) == [ids[:2], ids[2:]]


@pytest.mark.parametrize("limit", [0, -1, 501, 2**40, True, "10", 1.0, None])
def test_a_limit_is_a_number_from_1_to_500(owner: Connection, ctx: DomainContext, limit: Any) -> None:
    job = make_job(owner, ctx)
    failure_of(list_jobs(ctx, ListJobsParams(limit=limit)), "INVALID", "invalid_limit")
    failure_of(get_job_page(ctx, GetJobPageParams(job.job_id, limit=limit)), "INVALID", "invalid_limit")


def test_the_largest_page_has_500(owner: Connection, ctx: DomainContext) -> None:
    job = make_job(owner, ctx, items=501)
    assert [len(page) for page in pages_of_items(ctx, job, limit=500)] == [500, 1]


@pytest.mark.parametrize("status", ["done", "", "PENDING", 1, True, ["pending"], "success"])
def test_a_status_is_one_of_a_job_s(ctx: DomainContext, status: Any) -> None:
    failure_of(list_jobs(ctx, ListJobsParams(status=status)), "INVALID", "invalid_choice")


@pytest.mark.parametrize("status", ["done", "", 1, {}, "completed"])
def test_a_status_is_one_of_an_item_s(owner: Connection, ctx: DomainContext, status: Any) -> None:
    job = make_job(owner, ctx)
    result = get_job_page(ctx, GetJobPageParams(job.job_id, status=status))
    failure_of(result, "INVALID", "invalid_choice")


@pytest.mark.parametrize("carrier", ["", "x" * 101, 7, "a\0b", "\ud800"])
def test_a_carrier_to_list_by_is_a_short_text(ctx: DomainContext, carrier: Any) -> None:
    failure_of(list_jobs(ctx, ListJobsParams(carrier=carrier)), "INVALID", "invalid_text")


@pytest.mark.parametrize("carrier", ["x", "x" * 100])
def test_a_carrier_that_has_no_jobs_is_listed_without_any(ctx: DomainContext, carrier: str) -> None:
    assert pages_of_jobs(ctx, carrier=carrier) == [[]]


@pytest.mark.parametrize("cursor", ["", "x", "€", "AAAA", "=" * 32, "A" * 32, 7, b"A" * 32, "\ud800"])
def test_a_cursor_is_one_that_was_given_out(owner: Connection, ctx: DomainContext, cursor: Any) -> None:
    job = make_job(owner, ctx)
    failure_of(list_jobs(ctx, ListJobsParams(cursor=cursor)), "INVALID", "invalid_cursor")
    failure_of(get_job_page(ctx, GetJobPageParams(job.job_id, cursor=cursor)), "INVALID", "invalid_cursor")


def test_a_cursor_belongs_to_its_list(owner: Connection, ctx: DomainContext) -> None:
    one, two = make_job(owner, ctx, items=2), make_job(owner, ctx, items=2)
    jobs = data_of(list_jobs(ctx, ListJobsParams(limit=1))).next_cursor
    items = data_of(get_job_page(ctx, GetJobPageParams(one.job_id, limit=1))).next_cursor
    for params in (
        ListJobsParams(cursor=items),
        ListJobsParams(cursor=jobs, status="pending"),
        ListJobsParams(cursor=jobs, carrier="coordinadora"),
        ListJobsParams(cursor=jobs, kind="shipment"),
    ):
        failure_of(list_jobs(ctx, params), "INVALID", "invalid_cursor")
    for page in (
        GetJobPageParams(two.job_id, cursor=items),
        GetJobPageParams(one.job_id, cursor=jobs),
        GetJobPageParams(one.job_id, cursor=items, status="pending"),
    ):
        failure_of(get_job_page(ctx, page), "INVALID", "invalid_cursor")
    others = DomainContext(uuid7(), "test")
    failure_of(list_jobs(others, ListJobsParams(cursor=jobs)), "INVALID", "invalid_cursor")
