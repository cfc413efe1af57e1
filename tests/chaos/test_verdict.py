"""The verdict of a run finds each harm that a run can do. The audit's own rules have their own tests."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from local.chaos.bus import key_of
from local.chaos.verdict import judge
from local.chaos.work import Work
from tests.chaos.traces import asked
from tests.factories import make_job

if TYPE_CHECKING:
    from psycopg import Connection

    from local.chaos.findings import Evidence
    from shared.domain import CreatedJob, DomainContext


LONG_AGO, LATER = 1.0, 4e9


def harms(evidence: Evidence) -> list[str]:
    return sorted({found.harm for found in judge(evidence)})


def test_a_sound_run_has_no_findings(evidence: Evidence) -> None:
    assert judge(evidence) == []


@pytest.mark.parametrize("again", ["accepted", "remembered"])
def test_a_hand_over_that_is_made_again_is_doubled(evidence: Evidence, job: CreatedJob, again: str) -> None:
    journal = {**evidence.journal, "asked": [asked(job), asked(job, again)]}
    assert harms(replace(evidence, journal=journal)) == ["doubled"]


def test_a_hand_over_that_was_refused_before_is_not_doubled(evidence: Evidence, job: CreatedJob) -> None:
    journal = {**evidence.journal, "asked": [asked(job, "refused"), asked(job)]}
    assert harms(replace(evidence, journal=journal)) == []


def test_an_acknowledged_job_that_does_not_exist_is_lost(evidence: Evidence, workspace: UUID) -> None:
    assert harms(replace(evidence, works=[Work(workspace, jobs={uuid4(): {uuid4()}})])) == ["lost"]


def test_an_event_that_never_arrived_is_lost(evidence: Evidence) -> None:
    assert harms(replace(evidence, arrived=Counter())) == ["lost"]


@pytest.mark.parametrize(
    ("span", "wanted"), [((LONG_AGO, LATER), ["wrong"]), ((LATER, LATER), []), ((LONG_AGO, LONG_AGO), [])]
)
@pytest.mark.parametrize("of_all", [True, False])
def test_a_wave_that_starts_while_it_is_held_back_is_wrong(
    evidence: Evidence, job: CreatedJob, span: tuple[float, float], wanted: list[str], *, of_all: bool
) -> None:
    [work] = evidence.works
    held = None if of_all else job.job_id
    answered_at, lifted_at = span
    work.hold(held, answered_at)
    assert harms(evidence) == []
    work.lift(held, lifted_at)
    assert harms(evidence) == wanted
    work.lift(held, LATER)
    assert harms(evidence) == wanted


def test_another_job_or_workspace_may_start(evidence: Evidence, workspace: UUID) -> None:
    here, elsewhere = Work(workspace), Work(uuid4())
    for work, held in ((here, uuid4()), (elsewhere, None)):
        work.hold(held, LONG_AGO)
        work.lift(held, LATER)
    assert harms(replace(evidence, works=[here, elsewhere])) == []


def test_a_job_that_does_not_end_is_stuck(evidence: Evidence, owner: Connection, ctx: DomainContext) -> None:
    make_job(owner, ctx, items=1)
    owner.execute("UPDATE outbox SET published_at = now()")
    events = owner.execute("SELECT detail_type, detail::text FROM outbox").fetchall()
    assert harms(replace(evidence, arrived=Counter(key_of(*event) for event in events))) == ["stuck"]


def test_an_automation_that_was_never_told_is_lost(evidence: Evidence, owner: Connection) -> None:
    owner.execute("DELETE FROM outbox WHERE detail_type = 'automation/robot.coord.completed'")
    assert harms(evidence) == ["lost"]
