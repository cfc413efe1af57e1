"""`robot-jobs dead-letters` against a deployed stack: it finds the queues and the functions by the stack's outputs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from local.chaos.queues import DeadLetters, Queues
from local.cli.app import main
from local.cli.dead_letter_queues import QUEUES
from local.stack import aws
from local.stack.deploy import STACK_NAME
from shared.domain.ids import uuid7
from shared.events import JobCompleted
from tests.queues import envelope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from types_boto3_sqs import SQSClient

    from local.stack.state import Stack

pytestmark = pytest.mark.e2e

_COMPLETED = JobCompleted(
    job_id=uuid7(), workspace_id=uuid7(), status="failed", dispatch=1, success_count=0, error_count=1
)


@pytest.fixture(autouse=True)
def _no_other_letters(stack: Stack) -> Iterator[None]:
    """Others' letters, of runs before this one too, are none of these tests."""
    purge(stack)
    yield
    purge(stack)


def purge(stack: Stack) -> None:
    """Empty the dead-letter queues."""
    sqs, urls = dead_letter_queues(stack)
    for url in urls.values():
        sqs.purge_queue(QueueUrl=url)


def bury(stack: Stack, **bodies: str) -> None:
    """Put a message into dead-letter queues, as if it had failed there."""
    sqs, urls = dead_letter_queues(stack)
    for name, body in bodies.items():
        sqs.send_message(QueueUrl=urls[name], MessageBody=body)


def dead_letter_queues(stack: Stack) -> tuple[SQSClient, dict[str, str]]:
    """Return a client and the URL of each dead-letter queue, by the name that the command gives it."""
    session = aws.session()
    cloudformation = session.client("cloudformation", endpoint_url=stack.aws_endpoint_url)
    [described] = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"]
    urls = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    sqs = session.client("sqs", endpoint_url=stack.aws_endpoint_url)
    return sqs, {queue.name: urls[queue.output] for queue in QUEUES}


def test_what_failed_is_done_again_and_the_queues_are_empty(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    run = {"requestContext": {"functionArn": f"arn:aws:lambda:us-east-1:0:function:{STACK_NAME}-relay-events"}}
    bury(stack, complete=envelope(_COMPLETED), schedules=json.dumps(run))
    main_ended_with(0, "dead-letters", "show", "complete")
    assert str(_COMPLETED.job_id) in capsys.readouterr().out
    main_ended_with(0, "dead-letters", "redrive")
    said = capsys.readouterr().out.splitlines()
    assert "complete: moved 1, could not move 0, left 0" in said
    assert "schedules: moved 1, could not move 0, left 0" in said


@pytest.mark.slow
def test_a_chaos_run_redrives_by_the_command_and_tells_what_it_could_not_move(stack: Stack) -> None:
    queues = Queues(stack)
    bury(stack, complete=envelope(_COMPLETED), record="no event")
    first, again = queues.redrive_dead_letters(), queues.redrive_dead_letters()
    assert (first.redriven, again.redriven) == (1, 0)
    [told] = again.unexplained
    assert "it is no robot/item.completed event" in told
    purge(stack)
    assert queues.redrive_dead_letters() == DeadLetters()


def main_ended_with(code: int, *arguments: str) -> None:
    """Run the command as a terminal does."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == code
