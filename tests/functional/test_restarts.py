"""A robot that restarted works on nothing that it took before, and is not waited for as if it did."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from types import SimpleNamespace
from typing import Any, Self
from uuid import UUID

import pytest
from psycopg import Connection

from shared.domain import (
    CreatedJob,
    DispatchRef,
    DomainContext,
    GetJobItemParams,
    SettleItemsParams,
    Settlement,
    SilentWave,
    UpdateJobItemResultParams,
    claim_dispatch,
    find_silent_waves,
    get_job_item,
    settle_items,
    update_job_item_result,
)
from shared.events import ItemCompleted
from shared.robot import health
from tests.factories import (
    KIND,
    assert_agreement,
    data_of,
    events_of,
    failure_of,
    hand_over,
    make_carrier_config,
    make_job,
    read_job,
    report_success,
    row_of_dispatch,
)
from tests.functional.conftest import Bus
from tests.functional.record_queue import RecordQueue
from tests.scripted_robot import ScriptedRobot

Expire = Callable[[], dict[str, int]]


@pytest.fixture
def robot(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedRobot]:
    monkeypatch.setenv("ALLOW_PRIVATE_ROBOT_URLS", "true")
    with ScriptedRobot().running() as robot:
        yield robot


@pytest.fixture
def ctx(  # noqa: PLR0913, PLR0917 - fixtures
    fresh_database: str,
    workspace: UUID,
    owner: Connection,
    bus: Bus,
    record_queue: RecordQueue,
    robot: ScriptedRobot,
) -> DomainContext:
    assert all((fresh_database, bus, record_queue))
    make_carrier_config(owner, workspace, robot_url=robot.url)
    return DomainContext(workspace, "test")


@pytest.fixture
def expire(run_expire_items: Expire) -> Expire:
    return run_expire_items


@pytest.fixture
def job(owner: Connection, ctx: DomainContext) -> CreatedJob:
    """Give a job of three, in waves of two, whose first wave the robot took ten minutes ago."""
    made = make_job(owner, ctx, items=3, wave_size=2)
    hand_over(ctx, made)
    let_pass(owner, made, timedelta(minutes=10))
    return made


def let_pass(owner: Connection, job: CreatedJob, by: timedelta) -> None:
    owner.execute(
        "UPDATE robot_job_dispatches SET accepted_at = accepted_at - %(by)s, claimed_at = claimed_at - %(by)s"
        " WHERE job_id = %(job_id)s",
        {"by": by, "job_id": job.job_id},
    )
    owner.execute("UPDATE robot_job_item_reports SET received_at = received_at - %s", [by])


def says(robot: ScriptedRobot, uptime: Any, **other: Any) -> None:
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    robot.body = json.dumps({"status": "ok", "uptime": uptime, "timestamp": now} | other).encode()


@pytest.mark.usefixtures("kind")
def test_a_robot_that_restarted_is_noticed_and_the_job_goes_on(
    owner: Connection, ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot, expire: Expire
) -> None:
    """Naive: the wave is waited for until its deadline, and the job with it."""
    report_success(ctx, job.items[0].item_id)
    let_pass(owner, job, timedelta(minutes=6))
    says(robot, 60)
    assert expire()["closed_items"] == 1
    assert [call["path"] for call in robot.calls] == ["/api/health"]
    now = read_job(ctx, job)
    lost = now.items[1]
    # A lookup makes no shipment.
    is_shipment = KIND.get() == "shipment"
    assert (lost.status, lost.shipment, lost.error_type) == ("error", "possible" if is_shipment else None, "unknown")
    assert lost.error_message == "the robot restarted"
    [attempt] = data_of(get_job_item(ctx, GetJobItemParams(job.job_id, lost.id))).attempts
    assert [(each.source, each.error_type, each.error_message, each.outcome) for each in attempt.reports] == [
        ("restart", "unknown", "the robot restarted", "recorded")
    ]
    wave = row_of_dispatch(owner, job)
    assert (wave["status"], wave["last_error"]) == ("closed", "the robot restarted")
    assert wave["closed_at"] == wave["restarted_at"] == lost.completed_at
    assert now.job.status == "processing"
    assert events_of(owner, ctx.workspace_id, "robot/job.submitted")[-1]["dispatch"] == 2
    [item] = data_of(claim_dispatch(ctx, DispatchRef(job.job_id, 2))).items  # type: ignore[union-attr] # it is called
    assert item.item_id == job.items[2].item_id
    if is_shipment:
        # Its hand-over is over: a person may say that nothing was made.
        settled = settle_items(ctx, SettleItemsParams(job.job_id, [Settlement(lost.id, shipped=False)]))
        assert data_of(settled).settled_count == 1
    assert_agreement(owner, ctx.workspace_id)


def test_a_robot_that_has_run_all_the_time_is_waited_for(
    owner: Connection, ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot, expire: Expire
) -> None:
    # Ten seconds are left for clocks and the call.
    says(robot, 592)
    assert expire()["closed_items"] == 0
    assert read_job(ctx, job).items[0].status == "processing"
    assert row_of_dispatch(owner, job)["status"] == "accepted"
    says(robot, 589.9)
    assert expire()["closed_items"] == 2


@pytest.mark.parametrize(
    ("asked_after_s", "uptime", "closed"),
    [(0, 590, 0), (0, 589.999, 2), (4, 594, 0), (4, 593.999, 2)],
)
def test_an_uptime_is_shorter_by_more_than_ten_seconds_at_the_moment_when_the_waves_were_looked_for(  # noqa: PLR0913, PLR0917 - fixtures
    job: CreatedJob,
    robot: ScriptedRobot,
    expire: Expire,
    monkeypatch: pytest.MonkeyPatch,
    asked_after_s: int,
    uptime: float,
    closed: int,
) -> None:
    """Naive: a robot that is asked late, behind one that does not answer, has run for long enough by then."""
    clock = iter([1000.0, 1000.0 + asked_after_s])
    monkeypatch.setattr("shared.workflow.expire.time", SimpleNamespace(monotonic=lambda: next(clock)))

    def silent() -> list[SilentWave]:
        [wave] = find_silent_waves()
        assert (wave.job_id, int(wave.seconds_since_accepted)) == (job.job_id, 600)
        return [replace(wave, seconds_since_accepted=600)]

    monkeypatch.setattr("shared.workflow.expire.find_silent_waves", silent)
    says(robot, uptime)
    assert expire()["closed_items"] == closed


@pytest.mark.usefixtures("kind")
def test_one_that_reports_is_not_asked(
    owner: Connection, ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot, expire: Expire
) -> None:
    says(robot, 60)
    report_success(ctx, job.items[0].item_id)
    assert expire()["closed_items"] == 0
    assert robot.calls == []
    let_pass(owner, job, timedelta(minutes=5, seconds=1))
    assert expire()["closed_items"] == 1


def test_what_a_person_says_is_no_word_of_the_robot(
    ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot, expire: Expire
) -> None:
    says(robot, 60)
    data_of(settle_items(ctx, SettleItemsParams(job.job_id, [Settlement(job.items[0].item_id, shipped=True)])))
    assert expire()["closed_items"] == 1
    assert read_job(ctx, job).items[1].error_message == "the robot restarted"


def test_a_wave_of_a_moment_ago_is_not_asked_about(
    owner: Connection, ctx: DomainContext, robot: ScriptedRobot, expire: Expire
) -> None:
    job = make_job(owner, ctx)
    hand_over(ctx, job)
    let_pass(owner, job, timedelta(minutes=4, seconds=50))
    says(robot, 1)
    assert expire()["closed_items"] == 0
    assert robot.calls == []


PROVES_NOTHING: dict[str, Any] = {
    "negative": {"uptime": -1},
    "no number": {"uptime": "60"},
    "true": {"uptime": True},
    "not finite": {"uptime": float("inf")},
    "nothing": {"uptime": None},
    "of tomorrow": {"uptime": 60, "timestamp": (datetime.now(UTC) + timedelta(days=1)).isoformat()},
    "somebody's copy of an hour ago": {
        "uptime": 60,
        "timestamp": (datetime.now(UTC) - timedelta(hours=1)).isoformat(),
    },
    "a time without a zone": {"uptime": 60, "timestamp": "2025-08-19T05:48:21"},
    "no time": {"uptime": 60, "timestamp": None},
    "huge": {"uptime": 60, "padding": "x" * 20_000},
}


@pytest.mark.parametrize("answer", PROVES_NOTHING)
def test_an_answer_that_can_not_be_read_proves_nothing(
    ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot, expire: Expire, answer: str
) -> None:
    """Naive: whatever the answer is, what is not as long as expected counts as a restart."""
    says(robot, **PROVES_NOTHING[answer])
    assert expire()["closed_items"] == 0
    assert len(robot.calls) == 1
    assert read_job(ctx, job).items[0].status == "processing"


@pytest.mark.parametrize(
    ("apart", "is_read"),
    [
        (timedelta(seconds=60), True),
        (timedelta(seconds=-60), True),
        (timedelta(seconds=60, microseconds=1), False),
        (timedelta(seconds=-60, microseconds=-1), False),
    ],
)
def test_an_answer_counts_as_long_as_its_clock_is_at_most_a_minute_from_ours(
    robot: ScriptedRobot, monkeypatch: pytest.MonkeyPatch, apart: timedelta, *, is_read: bool
) -> None:
    now = datetime.now(UTC)

    class Held(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromisoformat(now.astimezone(tz).isoformat())

    monkeypatch.setattr(health, "datetime", Held)
    says(robot, 60, timestamp=(now + apart).isoformat())
    assert health.uptime_s(robot.url) == (60 if is_read else None)


@pytest.mark.parametrize("how", ["no JSON", "a list", "404", "redirects", "drops", "slow", "drips"])
def test_an_answer_that_is_none_proves_nothing(
    job: CreatedJob, robot: ScriptedRobot, expire: Expire, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    says(robot, 60)
    if how == "no JSON":
        robot.body = b"<html>ok</html>"
    elif how == "a list":
        robot.body = b"[" * 9_000
    elif how == "404":
        robot.status = 404
    elif how == "redirects":
        robot.status, robot.headers = 302, {"Location": f"{robot.url}/elsewhere"}
    elif how == "drops":
        robot.drops = True
    elif how == "drips":
        monkeypatch.setattr(health, "ANSWER_TIMEOUT_S", 0.2)
        robot.drips = 0.01
    else:
        monkeypatch.setattr(health, "ANSWER_TIMEOUT_S", 0.05)
        robot.delay_s = 0.3
    assert expire()["closed_items"] == 0
    assert [call["path"] for call in robot.calls] == ["/api/health"]
    assert job


def test_a_robot_is_asked_for_json_and_told_who_asks(robot: ScriptedRobot) -> None:
    says(robot, 60)
    assert health.uptime_s(f"{robot.url}/colombia/") == 60
    assert [call["path"] for call in robot.calls] == ["/colombia/api/health"]
    [headers] = robot.headers_of_calls
    assert (headers["Host"], headers["User-Agent"]) == (robot.url.removeprefix("http://"), "robot-jobs")
    assert headers["Accept"] == "application/json"


def test_a_private_address_is_not_asked(
    job: CreatedJob, robot: ScriptedRobot, expire: Expire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: what may not be called with a hand-over can be called for its health."""
    monkeypatch.setenv("ALLOW_PRIVATE_ROBOT_URLS", "false")
    says(robot, 60)
    assert expire()["closed_items"] == 0
    assert robot.calls == []
    assert job


def test_the_address_that_the_wave_went_to_is_asked(
    owner: Connection, ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot, expire: Expire
) -> None:
    owner.execute(
        "UPDATE carrier_configs SET robot_url = 'https://other.example.com' WHERE workspace_id = %s",
        [ctx.workspace_id],
    )
    says(robot, 60)
    assert expire()["closed_items"] == 2
    assert job


@pytest.mark.usefixtures("kind")
def test_a_restart_waits_for_the_mail(  # noqa: PLR0913, PLR0917 - fixtures
    owner: Connection,
    ctx: DomainContext,
    job: CreatedJob,
    robot: ScriptedRobot,
    expire: Expire,
    record_queue: RecordQueue,
) -> None:
    """Naive: what the robot reported before it restarted is closed as unknown while it lies in the queue."""
    says(robot, 60)
    report = ItemCompleted(
        job_id=job.job_id,
        item_id=job.items[0].item_id,
        workspace_id=ctx.workspace_id,
        dispatch=1,
        status="success",
        tracking_number="T-1",
    )
    record_queue.bury(report)
    assert expire()["closed_items"] == 0
    record_queue.sqs.purge_queue(QueueUrl=record_queue.dead_letters_url)
    record_queue.put(report)
    assert expire()["closed_items"] == 0
    assert record_queue.deliver() == []
    let_pass(owner, job, timedelta(minutes=6))
    assert expire()["closed_items"] == 1
    assert [item.status for item in read_job(ctx, job).items[:2]] == ["success", "error"]


@pytest.mark.usefixtures("kind")
def test_a_late_success_of_a_wave_that_died_counts(
    owner: Connection, ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot, expire: Expire
) -> None:
    says(robot, 60)
    expire()
    params = UpdateJobItemResultParams(job.items[0].item_id, "success", "T-1", dispatch=1)
    assert data_of(update_job_item_result(ctx, params)).outcome == "recorded"
    assert_agreement(owner, ctx.workspace_id)


def test_the_robot_of_an_unsettled_item_is_asked_until_its_hand_over_is_over(
    owner: Connection, ctx: DomainContext, job: CreatedJob, robot: ScriptedRobot, expire: Expire
) -> None:
    """What was closed by its deadline may still be come to, unless the robot has restarted since."""
    owner.execute("UPDATE robot_job_dispatches SET deadline_at = now() WHERE job_id = %s", [job.job_id])
    says(robot, 5_000)
    assert expire()["closed_items"] == 2
    not_shipped = SettleItemsParams(job.job_id, [Settlement(job.items[0].item_id, shipped=False)])
    failure_of(settle_items(ctx, not_shipped), "CONFLICT", "hand_over_not_over")
    closed = row_of_dispatch(owner, job)
    says(robot, 60)
    assert expire()["closed_items"] == 0
    # What closed it stays what was written then.
    restarted = row_of_dispatch(owner, job)
    assert restarted["restarted_at"] is not None
    assert {key: value for key, value in restarted.items() if closed[key] != value}.keys() == {
        "restarted_at",
        "updated_at",
    }
    assert data_of(settle_items(ctx, not_shipped)).settled_count == 1
    asked = len(robot.calls)
    expire()
    assert len(robot.calls) == asked
