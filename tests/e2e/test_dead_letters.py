"""`robot-jobs dead-letters` against a deployed stack: it finds the queues and the functions by the stack's outputs."""

import json
from typing import TYPE_CHECKING

import pytest

from local.cli.app import main
from local.cli.dead_letter_queues import QUEUES
from local.stack import aws
from local.stack.deploy import STACK_NAME
from local.stack.state import Stack
from shared.domain.ids import uuid7
from shared.events import JobCompleted
from tests.queues import envelope

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

pytestmark = pytest.mark.e2e

_COMPLETED = JobCompleted(
    job_id=uuid7(), workspace_id=uuid7(), status="failed", dispatch=1, success_count=0, error_count=1
)


def bury(stack: Stack, **bodies: str) -> None:
    """Put a message into dead-letter queues, as if it had failed there."""
    session = aws.session()
    cloudformation = session.client("cloudformation", endpoint_url=stack.aws_endpoint_url)
    [described] = cloudformation.describe_stacks(StackName=STACK_NAME)["Stacks"]
    urls = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    sqs: SQSClient = session.client("sqs", endpoint_url=stack.aws_endpoint_url)
    outputs = {queue.name: queue.output for queue in QUEUES}
    for name, body in bodies.items():
        sqs.send_message(QueueUrl=urls[outputs[name]], MessageBody=body)


def test_what_failed_is_done_again_and_the_queues_are_empty(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    run = {"requestContext": {"functionArn": f"arn:aws:lambda:us-east-1:0:function:{STACK_NAME}-relay-events"}}
    bury(stack, complete=envelope(_COMPLETED), schedules=json.dumps(run))
    main_ended_with(0, "dead-letters", "show", "complete")
    assert str(_COMPLETED.job_id) in capsys.readouterr().out
    main_ended_with(0, "dead-letters", "redrive")
    said = capsys.readouterr().out.splitlines()
    assert "complete: moved 1, could not move 0, left 0" in said
    assert "schedules: moved 1, could not move 0, left 0" in said


def main_ended_with(code: int, *arguments: str) -> None:
    """Run the command as a terminal does."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == code
