"""`robot-jobs pause`, `resume`, `urgent`, and what is said of a job that runs or stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from local.cli.going_on import going_on
from local.cli.models import Job
from tests.unit.cli_api import Ended, ScriptedApi, job, problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.words import WaitingReason

    Run = Callable[..., Ended]

JOB = uuid4()
AT = "2026-11-26T15:00:00Z"
WAVE = {"dispatch": 2, "size": 25, "reported": 7, "handedOverAt": AT, "deadlineAt": AT}


def has_job(api: ScriptedApi, **changes: Any) -> None:
    page: dict[str, Any] = {"job": job(id=str(JOB), **changes), "items": [], "nextCursor": None}
    api.will_answer(f"GET /robot-jobs/{JOB}?limit=1", 200, page)


def sent(api: ScriptedApi) -> list[tuple[str, str, Any]]:
    return [tuple(request) for request in api.requests if request.method != "GET"]


def test_a_pause_says_what_the_robot_finishes(api: ScriptedApi, run: Run) -> None:
    api.will_answer(f"POST /robot-jobs/{JOB}/pause", 202, {"jobId": str(JOB)})
    has_job(api, status="processing", wave=WAVE)
    assert run("pause", JOB) == Ended(0, "Paused; the robot finishes the 18 orders it has.\n", "")


def test_a_pause_without_a_wave_is_just_that(api: ScriptedApi, run: Run) -> None:
    api.will_answer(f"POST /robot-jobs/{JOB}/pause", 202, {"jobId": str(JOB)})
    has_job(api, status="pending", wave=None)
    assert run("pause", JOB).out == "Paused.\n"


def test_a_resumed_job_says_what_it_waits_for(api: ScriptedApi, run: Run) -> None:
    other = uuid4()
    api.will_answer(f"POST /robot-jobs/{JOB}/resume", 202, {"jobId": str(JOB)})
    has_job(api, status="pending", waiting={"reason": "behind_job", "since": AT, "behindJobId": str(other)})
    assert f"waits behind job {other}" in run("resume", JOB).out


@pytest.mark.parametrize(("options", "priority"), [([], "urgent"), (["--normal"], "normal")])
def test_a_job_gets_its_place_in_the_line(api: ScriptedApi, run: Run, options: list[str], priority: str) -> None:
    api.will_answer(f"PATCH /robot-jobs/{JOB}", 200, {"jobId": str(JOB)})
    has_job(api, status="pending")
    assert run("urgent", JOB, *options).code == 0
    assert sent(api) == [("PATCH", f"/robot-jobs/{JOB}", {"priority": priority})]


def test_a_refusal_is_one_sentence(api: ScriptedApi, run: Run) -> None:
    api.will_answer(f"POST /robot-jobs/{JOB}/pause", 409, problem(409, "invalid_transition", "It has ended."))
    ended = run("pause", JOB)
    assert (ended.code, ended.out) == (1, "")
    assert "It has ended" in ended.err


def test_a_job_is_submitted_urgent_and_in_its_own_waves(api: ScriptedApi, run: Run) -> None:
    order_id = uuid4()
    made = {"jobId": str(JOB), "itemCount": 1, "items": [], "rejected": []}
    api.will_answer("POST /robot-jobs", 201, made)
    assert run("submit", order_id, "--urgent", "--wave-size", "7").code == 0
    [(_, _, body)] = sent(api)
    assert (body["priority"], body["waveSize"]) == ("urgent", 7)


def test_an_account_has_its_waves_and_its_brake(api: ScriptedApi, run: Run) -> None:
    config = {"isEnabled": True, "waveSize": 7, "stopAfterErrors": 3, "personalDataRetentionDays": 90}
    api.will_answer("PUT /carriers/coordinadora/config", 200, config)
    said = run("carrier", "set", "--wave-size", "7", "--stop-after-errors", "3").out
    assert sent(api)[0][2] == {"waveSize": 7, "stopAfterErrors": 3}
    assert "Wave size  7" in said
    assert "after 3 errors in a row" in said


def shown(**changes: Any) -> str:
    return going_on(Job.model_validate(job(**changes)))


def test_a_wave_that_is_out_is_told_with_its_end() -> None:
    said = shown(status="processing", wave=WAVE, estimatedEndAt=AT)
    assert said.startswith("wave 2: 7 of 25 reported, ends about ")


def test_a_paused_job_s_wave_is_told_as_its_last() -> None:
    assert shown(status="processing", wave=WAVE, pausedAt=AT) == "wave 2: 7 of 25 reported; paused after it"


def test_nothing_is_told_of_a_job_that_has_ended() -> None:
    assert not shown(status="completed")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("paused", "robot-jobs resume"),
        ("carrier_not_ready", "carrier set --enable"),
        ("behind_job", "robot-jobs urgent"),
        ("robot_busy", "works on something else"),
        ("robot_unreachable", "can't be reached"),
        ("outcome_unknown", "until its deadline"),
    ],
)
def test_each_reason_to_stand_still_is_a_sentence(reason: WaitingReason, words: str) -> None:
    said = shown(status="pending", waiting={"reason": reason, "since": AT, "message": "Ya hay un lote"})
    assert words in said
    assert "“Ya hay un lote”" in said
