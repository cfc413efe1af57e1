"""The queue of reports and its dead letters, as the template makes them."""

import json
from typing import Any

import boto3

from functions.record_results.app import handler
from shared.events import ItemCompleted
from tests.http_client import LambdaContext
from tests.queues import envelope, failed_ids
from tests.template import resources


class RecordQueue:
    """Both queues; a message that was given back is there again at once."""

    def __init__(self, aws: boto3.Session) -> None:
        self.sqs = aws.client("sqs")
        self.dead_letters_url = self.sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.dead_letters_url, AttributeNames=["QueueArn"])
        redrive = {
            "deadLetterTargetArn": arn["Attributes"]["QueueArn"],
            "maxReceiveCount": resources("AWS::SQS::Queue")["RecordQueue"]["RedrivePolicy"]["maxReceiveCount"],
        }
        attributes: Any = {"VisibilityTimeout": "0", "RedrivePolicy": json.dumps(redrive)}
        self.url = self.sqs.create_queue(QueueName="record", Attributes=attributes)["QueueUrl"]

    def put(self, *reports: ItemCompleted | str, delay_s: int = 0) -> None:
        """Put reports into the queue as its rule does; a text is a message's body."""
        for report in reports:
            self.sqs.send_message(QueueUrl=self.url, MessageBody=_body(report), DelaySeconds=delay_s)

    def bury(self, *reports: ItemCompleted | str) -> None:
        """Put reports into the dead letters."""
        for report in reports:
            self.sqs.send_message(QueueUrl=self.dead_letters_url, MessageBody=_body(report))

    def deliver(self) -> list[str]:
        """Give record_results what waits, as Lambda's poller does, and return the ids of what it wants again."""
        taken = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, AttributeNames=["All"])
        messages = taken.get("Messages", [])
        records = [
            {"messageId": each["MessageId"], "body": each["Body"], "attributes": each["Attributes"]}
            for each in messages
        ]
        failed = failed_ids(handler({"Records": records}, LambdaContext()))
        for each in messages:
            if each["MessageId"] not in failed:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=each["ReceiptHandle"])
        return failed

    def counts(self) -> tuple[int, int]:
        """How many messages are in the queue and in its dead letters."""
        return self._count(self.url), self._count(self.dead_letters_url)

    def messages(self, url: str) -> list[dict[str, Any]]:
        """Return, and hold, the messages that a queue gives."""
        answer = self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60, MessageAttributeNames=["All"]
        )
        return list(answer.get("Messages", []))  # type: ignore[arg-type] # a message is a dict

    def _count(self, url: str) -> int:
        attributes = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return sum(int(value) for name, value in attributes.items() if name.startswith("ApproximateNumberOfMessages"))


def _body(report: ItemCompleted | str) -> str:
    return report if isinstance(report, str) else envelope(report)
