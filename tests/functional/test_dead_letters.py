"""`robot-jobs dead-letters`: what failed for good goes back to where it failed, and nothing is lost on the way."""

import io
import json
from typing import Any
from uuid import UUID

import boto3
import pytest
from typer.testing import CliRunner

from local.cli import dead_letters
from local.cli.app import main
from local.cli.dead_letter_queues import QUEUES, SCHEDULED, DeadLetterQueue, DeadLetters
from shared.events import JobCompleted
from tests.queues import envelope
from tests.template import functions, resources, target, template

JOB = UUID("0198c0de-0000-7000-8000-000000000010")
WORKSPACE = UUID("0198c0de-0000-7000-8000-000000000001")
COMPLETED = envelope(
    JobCompleted(job_id=JOB, workspace_id=WORKSPACE, status="failed", dispatch=1, success_count=0, error_count=1)
)
DISPATCH, RECORD, COMPLETE, SCHEDULES = QUEUES
BY_RULE = {
    "RULE_ARN": {"DataType": "String", "StringValue": "arn:aws:events:us-east-1:123456789012:rule/robot-jobs/r"},
    "ERROR_CODE": {"DataType": "String", "StringValue": "NO_PERMISSIONS"},
}


class Functions:
    """Lambda, as far as it runs a function and tells what came of it."""

    def __init__(self) -> None:
        self.run: list[str] = []
        self.error: str | None = None

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3 names them so
        assert (InvocationType, Payload) == ("RequestResponse", b"{}")
        self.run.append(FunctionName)
        if self.error:
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(self.error.encode())}
        return {"Payload": io.BytesIO(b"{}")}


class Stack:
    """Queues as the stack's outputs name them."""

    def __init__(self, aws: boto3.Session) -> None:
        self.sqs = aws.client("sqs")
        self.functions = Functions()
        names = [queue.output for queue in QUEUES] + [queue.works_for for queue in QUEUES if queue.works_for]
        self.outputs = {name: self.sqs.create_queue(QueueName=name)["QueueUrl"] for name in names}
        self.outputs |= {"RelayEventsFunctionName": "s-relay-events", "ExpireItemsFunctionName": "s-expire-items"}

    def letters(self) -> DeadLetters:
        return DeadLetters(self.outputs, self.sqs, self.functions)  # type: ignore[arg-type] # as much of it as is used

    def bury(self, queue: DeadLetterQueue, *bodies: str, attributes: Any = None) -> None:
        for body in bodies:
            self.sqs.send_message(
                QueueUrl=self.outputs[queue.output], MessageBody=body, MessageAttributes=attributes or {}
            )

    def bodies(self, output: str | None) -> list[str]:
        """Return the bodies that a queue gives."""
        assert output
        found: list[str] = []
        while messages := self.sqs.receive_message(QueueUrl=self.outputs[output], MaxNumberOfMessages=10).get(
            "Messages"
        ):
            found += [message["Body"] for message in messages]
        return found


@pytest.fixture
def stack(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Stack:
    stack = Stack(aws)
    monkeypatch.setattr(dead_letters, "_dead_letters", lambda _name: stack.letters())
    monkeypatch.setattr("local.cli.dead_letter_queues._WAIT_S", 0)
    return stack


def run(*arguments: str) -> tuple[int, str]:
    """Run `robot-jobs dead-letters`."""
    result = CliRunner().invoke(dead_letters.app, arguments)
    return result.exit_code, result.output


def test_a_message_goes_back_as_it_was_to_the_queue_where_it_failed(stack: Stack) -> None:
    stack.bury(COMPLETE, COMPLETED)
    assert run("redrive", "complete") == (0, "complete: moved 1, could not move 0, left 0\n")
    assert stack.bodies("CompleteQueueUrl") == [COMPLETED]
    assert stack.bodies("CompleteDeadLetterQueueUrl") == []


def test_what_the_rule_could_not_deliver_goes_to_the_rule_s_queue(stack: Stack) -> None:
    """Naive: SQS's own redrive knows no queue that such a message came from, and leaves it."""
    stack.bury(COMPLETE, COMPLETED, attributes=BY_RULE)
    assert run("redrive")[0] == 0
    assert stack.bodies("CompleteQueueUrl") == [COMPLETED]


def test_each_queue_s_messages_go_to_its_own(stack: Stack) -> None:
    bodies = {
        queue.name: json.dumps({"detail-type": queue.detail_types[-1], "detail": {}})
        for queue in (DISPATCH, RECORD, COMPLETE)
    }
    for queue in (DISPATCH, RECORD, COMPLETE):
        stack.bury(queue, bodies[queue.name])
    assert run("redrive")[0] == 0
    assert {queue.name: stack.bodies(queue.works_for) for queue in (DISPATCH, RECORD, COMPLETE)} == {
        name: [body] for name, body in bodies.items()
    }


@pytest.mark.parametrize(
    "body", ["not json", "[]", '{"detail": {}}', '{"detail-type": "robot/job.completed"}', COMPLETED]
)
def test_what_is_no_event_of_the_queue_stays_and_is_counted(stack: Stack, body: str) -> None:
    good = json.dumps({"detail-type": "robot/item.completed", "detail": {}})
    stack.bury(RECORD, body, good)
    code, said = run("redrive", "record")
    assert (code, said.splitlines()) == (
        1,
        ["record: moved 1, could not move 1, left 1", "  1: it is no robot/item.completed event"],
    )
    assert stack.bodies("RecordQueueUrl") == [good]
    assert stack.bodies("RecordDeadLetterQueueUrl") == [body]


def test_more_than_a_call_gives_are_all_moved(stack: Stack) -> None:
    stack.bury(COMPLETE, *[COMPLETED] * 25, *["not json"] * 3)
    assert run("redrive", "complete")[1].startswith("complete: moved 25, could not move 3, left 3")
    assert len(stack.bodies("CompleteQueueUrl")) == 25


def test_no_more_than_asked_for_are_moved(stack: Stack) -> None:
    stack.bury(COMPLETE, *[COMPLETED] * 15)
    assert run("redrive", "complete", "--limit", "12")[1] == "complete: moved 12, could not move 0, left 3\n"


def test_a_redrive_that_dies_between_send_and_delete_is_repeated(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Naive: deleted before it was sent, the message is nowhere."""

    class GoneError(BaseException):
        """The process is gone."""

    def die(**_: object) -> None:
        raise GoneError

    stack.bury(COMPLETE, COMPLETED)
    with monkeypatch.context() as patch:
        patch.setattr(stack.sqs, "delete_message", die)
        patch.setattr("local.cli.dead_letter_queues.MOVE_WITHIN_S", 0)
        with pytest.raises(GoneError):
            stack.letters().redrive(COMPLETE, 10)
    assert stack.letters().redrive(COMPLETE, 10).moved == 1
    # At least once: what takes it there drops the repeat.
    assert stack.bodies("CompleteQueueUrl") == [COMPLETED] * 2


def failed_run(function: str) -> str:
    """Return what Lambda sends when a run failed for good."""
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{function}:$LATEST"
    return json.dumps({"requestContext": {"functionArn": arn, "condition": "RetriesExhausted"}, "requestPayload": {}})


def undelivered_schedule(rule: str) -> str:
    """Return what a schedule's rule sends when it could not start its function."""
    resource = f"arn:aws:events:us-east-1:123456789012:rule/{rule}"
    return json.dumps({"detail-type": "Scheduled Event", "resources": [resource], "detail": {}})


def test_a_schedule_s_function_is_run_once_for_all_its_failed_runs(stack: Stack) -> None:
    stack.bury(SCHEDULES, *[failed_run("s-relay-events")] * 3, undelivered_schedule("s-expire-items"))
    assert run("redrive", "schedules") == (0, "schedules: moved 4, could not move 0, left 0\n")
    assert sorted(stack.functions.run) == ["s-expire-items", "s-relay-events"]


def test_a_run_that_fails_again_keeps_its_message(stack: Stack) -> None:
    stack.functions.error = "OperationalError: the database does not answer"
    stack.bury(SCHEDULES, failed_run("s-relay-events"))
    code, said = run("redrive", "schedules")
    assert (code, "s-relay-events failed again: OperationalError" in said) == (1, True)
    assert stack.letters().count(SCHEDULES) == (1, 0)


@pytest.mark.parametrize(
    "body", [failed_run("another"), undelivered_schedule("another"), "{}", '{"requestContext": {"functionArn": "x"}}']
)
def test_no_function_is_run_because_a_message_names_it(stack: Stack, body: str) -> None:
    stack.bury(SCHEDULES, body)
    assert run("redrive", "schedules")[0] == 1
    assert stack.functions.run == []


def test_the_queues_are_counted(stack: Stack) -> None:
    stack.bury(RECORD, "not json", COMPLETED)
    code, said = run("list")
    assert code == 0
    assert [line.split() for line in said.splitlines()[2:]] == [
        ["dispatch", "0", "0"],
        ["record", "2", "0"],
        ["complete", "0", "0"],
        ["schedules", "0", "0"],
    ]


def test_messages_are_shown_with_their_reason_and_stay(stack: Stack) -> None:
    stack.bury(COMPLETE, COMPLETED, attributes=BY_RULE)
    stack.bury(COMPLETE, "not json")
    code, said = run("show", "complete")
    assert code == 0
    assert f'"jobId": "{JOB}"' in said
    for part in ("from a rule", "ERROR_CODE: NO_PERMISSIONS", "from a queue", "not json"):
        assert part in said
    assert stack.letters().count(COMPLETE) == (2, 0)
    assert run("show", "record") == (0, "record is empty.\n")


def test_a_queue_that_is_not_there_is_one_sentence(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    assert stack
    with pytest.raises(SystemExit):
        main(["dead-letters", "show", "everything"])
    assert "use one of dispatch, record, complete, schedules" in capsys.readouterr().err


def test_every_dead_letter_queue_of_the_template_is_reached() -> None:
    """Naive: a queue that is added to the template is forgotten here, and its messages lie there for ever."""
    outputs = {name: output["Value"] for name, output in template()["Outputs"].items()}
    of_the_template = {name: queue.get("RedrivePolicy") for name, queue in resources("AWS::SQS::Queue").items()}
    reached = {target(outputs[queue.output]): queue for queue in QUEUES}
    assert set(reached) == {name for name, redrive in of_the_template.items() if redrive is None}
    detail_types = {
        target(rule["Targets"][0]["Arn"]): rule["EventPattern"]["detail-type"]
        for rule in resources("AWS::Events::Rule").values()
    }
    for name, redrive in of_the_template.items():
        if redrive is not None:
            queue = reached[target(redrive["deadLetterTargetArn"])]
            assert queue.works_for
            assert target(outputs[queue.works_for]) == name
            assert tuple(detail_types[name]) == queue.detail_types


def test_a_schedule_s_rule_has_the_name_of_its_function() -> None:
    """A message of the rule is told by that name."""
    outputs = {target(template()["Outputs"][name]["Value"]) for name in SCHEDULED}
    assert outputs == {"RelayEventsFunction", "ExpireItemsFunction"}
    for name in ("relay_events", "expire_items"):
        [schedule] = functions()[name]["Events"].values()
        assert schedule["Properties"]["Name"] == functions()[name]["FunctionName"]
