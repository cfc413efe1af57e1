"""The workflows: each change is checked and tested, and whoever deploys has no key to lose."""

from typing import Any

import pytest
import yaml

from tests.template import ROOT

FOLDER = ROOT / ".github" / "workflows"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def workflow(name: str) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return loaded


def steps(name: str) -> list[dict[str, Any]]:
    return [step for job in workflow(name)["jobs"].values() for step in job["steps"]]


def test_a_pull_request_is_checked_and_tested() -> None:
    # YAML reads `on` as a truth.
    assert "pull_request" in workflow("check")[True]
    assert {"run": ".ci/run"} in steps("check")
    said = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "make check" in said
    assert "make test" in said


def test_a_deployment_gets_a_role_and_runs_what_a_person_runs() -> None:
    assert workflow("deploy")["permissions"] == {"contents": "read", "id-token": "write"}
    (login,) = [step["with"] for step in steps("deploy") if "aws-credentials" in step.get("uses", "")]
    assert login["role-to-assume"] == "${{ vars.AWS_ROLE_ARN }}"
    assert [step["run"] for step in steps("deploy") if "run" in step] == ['make deploy ENV="$ENVIRONMENT"']
    options = workflow("deploy")[True]["workflow_dispatch"]["inputs"]["environment"]["options"]
    assert options == sorted(path.stem for path in (ROOT / "infra" / "environments").glob("*.toml"))


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_keeps_no_key_and_puts_nothing_from_outside_into_a_shell(name: str) -> None:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert "secrets." not in text
    assert "access-key" not in text.lower()
    assert not [step for step in steps(name) if "${{" in step.get("run", "")]
    assert "permissions" in workflow(name)
