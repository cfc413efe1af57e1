"""The stack's background processes are found again, and nothing of them outlives `down`."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from local.stack.environment import OWNER_VARIABLE, clean_environment, without_users_settings
from local.stack.errors import StackError, reason
from local.stack.processes import Daemons

pytestmark = pytest.mark.programs

SLEEPER = "import time; time.sleep(60)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEPER!r}])"


@pytest.fixture
def daemons(tmp_path: Path) -> Iterator[Daemons]:
    daemons = Daemons(tmp_path)
    yield daemons
    daemons.stop_all()


def start(daemons: Daemons, code: str, name: str = "thing") -> int:
    command = [sys.executable, "-c", code]
    return daemons.start(name, command, clean_environment(daemons.state), port=1, fingerprint="f").pid


def child_of(pid: int) -> psutil.Process:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        children = psutil.Process(pid).children()
        if children:
            return children[0]
        time.sleep(0.02)
    raise AssertionError("the process started nothing")


def runs(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_a_started_process_is_found_by_its_name(daemons: Daemons) -> None:
    pid = start(daemons, SLEEPER)

    found = daemons.find("thing")

    assert found is not None
    assert found.pid == pid
    assert found.is_running()


def test_stopping_a_process_stops_its_children(daemons: Daemons) -> None:
    child = child_of(start(daemons, PARENT))

    daemons.stop("thing")

    assert not runs(child)
    last = daemons.find("thing")
    assert last is not None
    assert last.port == 1, "the port is kept for the next start"
    assert not last.is_running()


def test_a_child_that_lost_its_parent_is_stopped_as_a_stray(daemons: Daemons) -> None:
    parent = psutil.Process(start(daemons, PARENT))
    child = child_of(parent.pid)
    parent.kill()
    parent.wait(timeout=10)  # a killed process runs a moment longer

    daemons.stop_strays()

    assert not runs(child)


def test_a_process_that_runs_is_no_stray(daemons: Daemons) -> None:
    child = child_of(start(daemons, PARENT))

    daemons.stop_strays()

    assert runs(child)


def test_a_process_of_another_stack_is_left_alone(daemons: Daemons, tmp_path: Path) -> None:
    other = Daemons(tmp_path / "other")
    other.state.mkdir()
    pid = start(other, SLEEPER)

    daemons.stop_strays()

    assert runs(psutil.Process(pid))
    other.stop_all()


def test_another_process_with_the_number_of_a_dead_one_is_not_taken_for_it(daemons: Daemons) -> None:
    start(daemons, SLEEPER)
    daemons.stop("thing")
    record = daemons.state / "run" / "thing.json"
    found = daemons.find("thing")
    assert found is not None
    record.write_text(record.read_text().replace(f'"pid": {found.pid}', f'"pid": {os.getpid()}'))

    daemons.stop("thing")

    reused = daemons.find("thing")
    assert reused is not None
    assert reused.pid == os.getpid()
    assert not reused.is_running()


def test_a_process_that_dies_while_starting_is_named_with_its_log(daemons: Daemons) -> None:
    daemon = daemons.start(
        "thing",
        [sys.executable, "-c", "import time; time.sleep(0.3); raise SystemExit('no')"],
        clean_environment(daemons.state),
        port=1,
        fingerprint="f",
    )

    with pytest.raises(StackError, match=r"thing ended while it was starting; see .*thing\.log"):
        daemons.wait("thing", daemon, lambda: False, timeout_s=20)


def test_a_process_that_does_not_answer_is_given_up(daemons: Daemons) -> None:
    start(daemons, SLEEPER)
    daemon = daemons.find("thing")
    assert daemon is not None

    with pytest.raises(StackError, match="does not answer after 0 s"):
        daemons.wait("thing", daemon, lambda: False, timeout_s=0.1)


def test_the_users_settings_reach_no_process(daemons: Daemons, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://elsewhere.invalid")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")

    environment = psutil.Process(start(daemons, SLEEPER)).environ()

    assert not [name for name in environment if name.startswith("AWS_")]
    assert "PYTHONPATH" not in environment
    assert environment[OWNER_VARIABLE] == str(daemons.state)


def test_the_users_settings_are_put_back_after_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid")

    with without_users_settings():
        assert "AWS_PROFILE" not in os.environ
        assert "HTTPS_PROXY" not in os.environ

    assert os.environ["AWS_PROFILE"] == "mine"


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("error: Failed to download\n  cause: dns error\n\nhint: it was included", "error: Failed to download"),
        ("Traceback\nValueError: bad\n", "ValueError: bad"),
        ("one\ntwo\n", "two"),
        ("", "it said nothing"),
    ],
)
def test_the_line_that_says_why_is_found(output: str, expected: str) -> None:
    assert reason(output) == expected
