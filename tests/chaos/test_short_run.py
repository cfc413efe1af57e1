"""The short form of `make chaos`: seconds of faults and two of its stories on a deployed stack of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.chaos.run import Run
from local.stack.down import bring_down
from local.stack.paths import state_directory
from local.stack.state import Stack
from local.stack.up import ensure_up

SEED, SECONDS, WORKSPACES = 20, 10, 2
STORIES = ("answer lost", "number before retry")
QUIET_S = 45


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    monkeypatch.setenv("ROBOT_JOBS_STATE_DIR", str(Path(".local") / "chaos-test-stack"))
    try:
        yield ensure_up()
    finally:
        bring_down()


@pytest.mark.e2e
@pytest.mark.slow
def test_nothing_is_lost_doubled_or_stuck_while_everything_fails(stack: Stack) -> None:
    run = Run(stack, state_directory(), seed=SEED, workspaces=WORKSPACES, stories=STORIES)
    outcome = run.run(SECONDS, QUIET_S)
    assert outcome.findings == []
    assert sum(len(work.jobs) for work in outcome.works) > 0
    assert outcome.shipments > 0
    assert sum(outcome.faults.values()) > 0
