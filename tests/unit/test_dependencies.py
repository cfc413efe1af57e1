"""The audit of dependencies: a vulnerability fails, a registry that does not answer is said."""

import json
import subprocess
from typing import Any

import pytest

from local import dependencies

GOOD = {"name": "good", "version": "1.0", "vulns": []}
BAD = {"name": "bad", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": ["1.1"], "description": "x"}]}
UNKNOWN = {"name": "unknown", "skip_reason": "Dependency not found on PyPI"}


def answering(monkeypatch: pytest.MonkeyPatch, stdout: str) -> None:
    def run(*_arguments: Any, **_options: Any) -> Any:
        return subprocess.CompletedProcess([], 1, stdout=stdout, stderr="")

    monkeypatch.setattr("local.dependencies.subprocess.run", run)


@pytest.mark.parametrize(
    ("found", "code", "said"),
    [
        ([GOOD, UNKNOWN], 0, "1 of 2 dependencies audited, 0 vulnerabilities."),
        ([GOOD, BAD], 1, "bad 1.0: CVE-1, mended in 1.1"),
        ([UNKNOWN], 0, "does not answer"),
    ],
)
def test_a_vulnerability_fails_and_a_registry_that_knows_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], found: list[Any], code: int, said: str
) -> None:
    answering(monkeypatch, json.dumps({"dependencies": found, "fixes": []}))
    assert dependencies.main() == code
    assert said in capsys.readouterr().out


def test_without_a_network_the_audit_is_skipped_with_a_notice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(monkeypatch, "")
    assert dependencies.main() == 0
    assert "were not audited" in capsys.readouterr().out
