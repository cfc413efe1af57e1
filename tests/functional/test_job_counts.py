"""What is counted of a job's items: each figure is as long as the list of those that it counts."""

import pytest

from shared.domain import (
    CreatedJob,
    GetJobPageParams,
    SettleItemsParams,
    Settlement,
    UpdateJobItemResultParams,
    UpdateOrderParams,
    get_job_page,
    get_overview,
    settle_items,
    update_job_item_results,
    update_order,
)
from shared.domain.jobs import attention
from shared.domain.jobs.attention import JobAttention
from shared.domain.jobs.models import LOOKUP_DAYS, JobCounts
from tests.factories import data_of, hand_over, make_job_of
from tests.functional.shop import Shop

SHIPPED, FAILED = range(7), {7: "portal", 8: "portal", 9: "validation", 10: "timeout", 11: "unknown"}
LISTED = {
    "pending": [13, 14],
    "processing": [12],
    "success": list(SHIPPED),
    "error": list(FAILED),
    "failed": [7, 8, 9],
    "unsettled": [10, 11],
    "second": [1, 5],
    "no_guide": [2],
}


def job_of_many_stories(shop: Shop) -> CreatedJob:
    """Make a job of 15 items, of which one is with the robot, two wait, and the others ended in ways of their own."""
    job = make_job_of(shop.ctx, [shop.order() for _ in range(15)], wave_size=13)
    hand_over(shop.ctx, job)
    for place in (5, 6):
        shop.write_number(job.items[place].order_id, f"BY-HAND-{place}")
    reports = [
        *(UpdateJobItemResultParams(job.items[place].item_id, "success", f"T-{place}") for place in SHIPPED),
        UpdateJobItemResultParams(job.items[1].item_id, "success", "T-1 again"),
        *(
            UpdateJobItemResultParams(job.items[place].item_id, "error", error_type=error_type)  # type: ignore[arg-type] # one of them
            for place, error_type in FAILED.items()
        ),
    ]
    data_of(update_job_item_results(shop.ctx, reports))
    data_of(settle_items(shop.ctx, SettleItemsParams(job.job_id, [Settlement(job.items[6].item_id, voided=True)])))
    data_of(update_order(shop.ctx, UpdateOrderParams(job.items[3].order_id, carrier_guide_number="G-3")))
    shop.write_number(job.items[4].order_id, None)
    shop.write_number(job.items[8].order_id, "BY-HAND-8")
    for place, minutes in ((0, -1), *((place, 1) for place in (2, 3, 4, 5))):
        shop.owner.execute(
            "UPDATE robot_job_items SET completed_at = now() - %s * interval '1 day' - %s * interval '1 minute'"
            " WHERE id = %s",
            [LOOKUP_DAYS, minutes, job.items[place].item_id],
        )
    return job


def test_a_job_s_items_are_counted_and_listed_by_what_became_of_them(shop: Shop) -> None:
    """Naive: what another job of the workspace has is counted too, or what a person has seen to already."""
    failed, unsettled, job, _ = shop.failed(), shop.unsettled(), job_of_many_stories(shop), shop.job()
    counts = JobCounts(
        2,
        1,
        success=7,
        error=5,
        unsettled=2,
        second=2,
        no_guide=1,
        by_error_type={"portal": 2, "timeout": 1, "unknown": 1, "validation": 1},
    )
    overview = data_of(get_overview(shop.ctx, "coordinadora", 10, 100))
    assert next(each.job.counts for each in overview.open_jobs if each.job.id == job.job_id) == counts
    assert overview.attention == [
        JobAttention(failed.job_id, unsettled=0, second=0, failed=1),
        JobAttention(unsettled.job_id, unsettled=1, second=0, failed=0),
        # What has a number by hand waits for nobody.
        JobAttention(job.job_id, unsettled=2, second=2, failed=2),
    ]
    for which, places in LISTED.items():
        page = data_of(get_job_page(shop.ctx, GetJobPageParams(job.job_id, status=which)))  # type: ignore[arg-type] # one of them
        assert page.job.counts == counts
        assert [item.id for item in page.items] == [job.items[place].item_id for place in places]


def test_who_has_more_to_see_to_than_is_counted_begins_with_the_oldest_and_corrects_the_newest(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = shop.unsettled(), shop.unsettled()
    twice = [shop.made("T-1"), shop.made("T-2")]
    for each in twice:
        shop.success(each, "T-3")
    *_, last = shop.failed(), shop.failed()
    monkeypatch.setattr(attention, "MAX_COUNTED", 1)
    assert data_of(get_overview(shop.ctx, "coordinadora", 10, 100)).attention == [
        JobAttention(first.job_id, unsettled=1, second=0, failed=0),
        JobAttention(twice[0].job_id, unsettled=0, second=1, failed=0),
        JobAttention(last.job_id, unsettled=0, second=0, failed=1),
    ]
