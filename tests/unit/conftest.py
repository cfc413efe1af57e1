"""Fixtures of the tests of the `robot-jobs` command."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from local.cli.app import main
from tests.unit.cli_api import WORKSPACE, Ended, ScriptedApi, token_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedApi]:
    """Give an API that answers what the test says."""
    server = ScriptedApi()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("ROBOT_JOBS_API_URL", server.url)
    monkeypatch.setenv("ROBOT_JOBS_TOKEN", token_of(WORKSPACE))
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Give what runs one command."""

    def run(*arguments: object) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ended(ended.value.code or 0, captured.out, captured.err)  # type: ignore[arg-type]  # always a number here

    return run
