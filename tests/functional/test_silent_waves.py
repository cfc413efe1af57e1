"""Which waves' robots are asked since when they run."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from shared.domain import CreatedJob, DomainContext, find_silent_waves
from tests.functional.shop import Shop


@pytest.fixture
def ctx(fresh_database: str, workspace: UUID) -> DomainContext:
    assert fresh_database
    return DomainContext(workspace, "test")


def taken_ago(shop: Shop, job: CreatedJob, ago: timedelta) -> None:
    """Let the robot have taken the job's waves so long ago."""
    shop.owner.execute(
        "UPDATE robot_job_dispatches SET accepted_at = now() - %(ago)s, claimed_at = now() - %(ago)s"
        " WHERE job_id = %(job_id)s AND accepted_at IS NOT NULL",
        {"ago": ago, "job_id": job.job_id},
    )


def test_a_late_word_on_an_earlier_wave_is_no_word_on_the_one_that_is_out(
    shop: Shop, as_system: Callable[[], None]
) -> None:
    """Naive: a report of yesterday's wave that comes late hides that the robot has lost today's."""
    job = shop.failed()
    shop.retry(job)
    shop.claim(job, 2)
    shop.accept(job, 2)
    taken_ago(shop, job, timedelta(minutes=6))
    assert shop.error(job, "portal", "late", dispatch=1) == "stale"
    as_system()
    assert [(wave.job_id, wave.dispatch) for wave in find_silent_waves()] == [(job.job_id, 2)]


def test_a_robot_that_said_nothing_for_five_minutes_is_asked(shop: Shop, as_system: Callable[[], None]) -> None:
    job = shop.at_robot()
    as_system()
    for seconds, asked in ((297, []), (300, [job.job_id])):
        taken_ago(shop, job, timedelta(seconds=seconds))
        assert [wave.job_id for wave in find_silent_waves()] == asked


def test_of_what_is_over_only_unsettled_waves_are_asked_about_until_nobody_can_come_to_them(
    shop: Shop, as_system: Callable[[], None]
) -> None:
    """Naive: every robot is asked for ever about whatever once failed."""
    # Twice ten minutes, and twice a minute and a half.
    until = timedelta(minutes=23)
    asked, too_late, refused = shop.unsettled(), shop.unsettled(), shop.failed()
    taken_ago(shop, asked, until - timedelta(seconds=30))
    taken_ago(shop, too_late, until + timedelta(seconds=1))
    taken_ago(shop, refused, timedelta(minutes=6))
    as_system()
    assert [wave.job_id for wave in find_silent_waves()] == [asked.job_id]
