"""What `make chaos` exits with, and that a run which shows nothing says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.chaos import __main__ as program
from local.chaos.findings import Finding
from local.chaos.run import Outcome
from local.chaos.situations import SITUATIONS

ALL = dict.fromkeys(SITUATIONS, 1)


@pytest.mark.parametrize(
    ("situations", "findings", "wanted"),
    [
        (ALL, [], (0, "Nothing was lost")),
        (ALL, [Finding("lost", "A number.")], (1, "lost: A number.")),
        (ALL | {"reshipment": 0}, [], (3, "The run proves nothing: it never came to reshipment.")),
        (ALL | {"reshipment": 0}, [Finding("lost", "A number.")], (1, "lost: A number.")),
    ],
)
def test_a_run_exits_by_what_it_found(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    situations: dict[str, int],
    findings: list[Finding],
    wanted: tuple[int, str],
) -> None:
    class FakeRun:
        def __init__(self, *_: object, **__: object) -> None:
            """Take whatever a run takes."""

        def run(self, *_: object) -> Outcome:
            return Outcome(1, [], situations=situations, findings=findings)

    monkeypatch.setattr(program, "Run", FakeRun)
    monkeypatch.setattr(program, "ensure_up", lambda: None)
    monkeypatch.setattr(program, "bring_down", lambda: None)
    monkeypatch.setattr(program, "state_directory", Path)
    monkeypatch.setattr("sys.argv", ["chaos", "--seed", "1"])
    monkeypatch.setenv("ROBOT_JOBS_STATE_DIR", "unused")
    code, sentence = wanted
    assert program.main() == code
    assert sentence in " ".join(capsys.readouterr().out.split())
