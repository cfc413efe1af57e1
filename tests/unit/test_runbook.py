"""The runbook has a section for each alarm, and what it tells people to run is there."""

import re

import pytest
from typer.main import get_command

from local.cli.app import app
from local.cli.dead_letter_queues import QUEUES
from tests.template import ROOT, functions, resources

RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", RUNBOOK, re.MULTILINE | re.DOTALL))


def test_there_is_a_section_for_each_alarm_and_no_other() -> None:
    """Naive: an alarm is added, and whoever it wakes finds nothing about it."""
    assert set(SECTIONS) == set(resources("AWS::CloudWatch::Alarm"))


@pytest.mark.parametrize("alarm", sorted(SECTIONS))
def test_a_section_says_what_it_means_what_to_look_at_and_what_to_run(alarm: str) -> None:
    marks = re.findall(r"^\*\*(\w[\w ]*)\*\*:", SECTIONS[alarm], re.MULTILINE)
    assert marks == ["Means", "Look at", "Run"]


def test_the_commands_that_it_names_exist() -> None:
    commands = get_command(app).commands  # type: ignore[attr-defined] # a group of commands
    named = set(re.findall(r"`(?:[A-Z_]+=\S+ )?robot-jobs ([a-z-]+)(?: ([a-z-]+))?", RUNBOOK))
    assert len(named) > 3
    for name, part in named:
        assert name in commands
        group = getattr(commands[name], "commands", None)
        assert group is None or part in group, f"{name} {part}"


def test_the_queues_that_it_names_exist() -> None:
    named = set(re.findall(r"dead-letters (?:show|redrive) ([a-z]+)", RUNBOOK))
    assert named == {queue.name for queue in QUEUES}


def test_the_functions_that_it_names_exist() -> None:
    named = set(re.findall(r"`([a-z]+_(?:job|items|events|results|callback|orders|carriers|jobs))`", RUNBOOK))
    assert named - {"duplicate_job", "behind_job"} <= set(functions())
    assert len(named) > 4
