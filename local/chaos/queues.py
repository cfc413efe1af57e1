"""The queues of a chaos run: their depth, and what waits in the dead-letter queues."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from local.chaos.workers import VISIBILITY_S
from local.cli.dead_letter_queues import QUEUES
from local.stack import aws
from local.stack.deploy import STACK_NAME

if TYPE_CHECKING:
    from local.stack.state import Stack

Depth = Literal[
    "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"
]

_QUEUES = ("Dispatch", "Record", "Complete")
_DEPTH: tuple[Depth, ...] = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
_MOVED = re.compile(r"moved (\d+)")


@dataclass
class DeadLetters:
    """What was in the dead-letter queues: sent back, runs of schedules that had failed, and what stayed."""

    redriven: int = 0
    failed_runs: int = 0
    unexplained: list[str] = field(default_factory=list)


class Queues:
    """The stack's queues."""

    def __init__(self, stack: Stack) -> None:
        self._sqs = aws.session().client("sqs", endpoint_url=stack.aws_endpoint_url)
        formation = aws.session().client("cloudformation", endpoint_url=stack.aws_endpoint_url)
        outputs = formation.describe_stacks(StackName=STACK_NAME)["Stacks"][0]["Outputs"]
        urls = {output["OutputKey"]: output["OutputValue"] for output in outputs}
        self._urls = {name: urls[f"{name}QueueUrl"] for name in _QUEUES}
        self._dead = {name: urls[f"{name}DeadLetterQueueUrl"] for name in (*_QUEUES, "Schedules")}

    def prepare(self) -> None:
        """Forget what earlier runs left, and let what a dead worker held come back in seconds."""
        for url in (*self._urls.values(), *self._dead.values()):
            self._sqs.purge_queue(QueueUrl=url)
        for url in self._urls.values():
            self._sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": str(VISIBILITY_S)})

    def depth(self) -> int:
        """How many messages wait, are worked on or are delayed."""
        return sum(map(self._depth, self._urls.values()))

    def redrive_dead_letters(self) -> DeadLetters:
        """Do as the runbook says, with the command that it names; what the command can't move is unexplained."""
        found = DeadLetters()
        program = str(Path(sys.executable).with_name("robot-jobs"))
        for queue in QUEUES:
            command = [program, "dead-letters", "redrive", queue.name]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            told = _MOVED.search(done.stdout)
            moved = int(told[1]) if told else 0
            if queue.works_for is None:
                found.failed_runs += moved
            else:
                found.redriven += moved
            if done.returncode or told is None:
                found.unexplained.append(f"{done.stdout} {done.stderr}".strip())
        return found

    def _depth(self, url: str) -> int:
        attributes = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_DEPTH))["Attributes"]
        return sum(int(attributes[name]) for name in _DEPTH)
