"""A whole run on the deployed stack, and then a walk through all that it wrote: no password, no token anywhere."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from psycopg import sql

from local.cli.api import RobotJobsApi
from local.stack import aws
from local.stack.state import Stack
from shared.domain.ids import uuid7
from tests.e2e import steps
from tests.e2e.conftest import raw, token

pytestmark = pytest.mark.e2e

PASSWORD = f'c0rrect-h0rse "{uuid7().hex}" ñ'
NEW_PASSWORD = f"batt3ry-staple-{uuid7().hex}"
#: Any signed token: a bearer's or a callback secret.
TOKEN = re.compile(r"eyJ[\w-]{5,}\.[\w-]+\.[\w-]+")


def test_a_whole_run_leaves_no_password_and_no_token_behind(api: RobotJobsApi, stack: Stack, workspace: UUID) -> None:
    """Naive: a logged event, a logged request, a stored answer of the robot, a dead letter with the whole hand-over."""
    bearer = token(workspace)
    answers: list[httpx.Response] = []
    with everything_on_the_bus(stack) as events, raw(stack) as client:
        client.event_hooks["response"] = api.http.event_hooks["response"] = [httpx.Response.read, answers.append]
        steps.configure(api, stack, workspace, portalErrorRate=0.5, seed=3)
        for password in (PASSWORD, NEW_PASSWORD, PASSWORD):
            api.put_carrier_config(steps.CARRIER, {"portalPassword": password})
        job_id = api.submit(steps.import_orders(api, 4)).job_id
        steps.wait_until_ended(api, job_id)
        if any(item.status == "error" for item in api.get_items(job_id)):
            api.retry(job_id)
            steps.wait_until_ended(api, job_id)
        go_wrong(stack, client, api, job_id, workspace)
        caught = events()
    secrets = [bearer, *spellings(PASSWORD), *spellings(NEW_PASSWORD), *steps.callback_keys(stack)]
    written: dict[str, list[str]] = {
        "logs": logs(stack),
        "events": caught,
        "rows": rows(stack),
        "dead letters": dead_letters(stack),
        "answers": [f"{answer.headers} {answer.text}" for answer in answers],
    }
    for place, texts in written.items():
        found = [text for text in texts for secret in secrets if secret in text]
        assert not found, f"a secret is in the {place}: {found[0][:500]}"
        tokens = [text for text in texts if TOKEN.search(text)]
        assert not tokens, f"a token is in the {place}: {tokens[0][:500]}"
    # The walk has walked: each place has what this run must have left there.
    assert any(str(job_id) in text for text in written["logs"])
    assert any(str(job_id) in text for text in written["events"])
    assert any(str(job_id) in text for text in written["rows"])
    assert len(written["dead letters"]) >= 1
    assert len(written["answers"]) > 15
    assert any("Traceback" in text for text in written["logs"]), "no exception was logged"


def go_wrong(stack: Stack, client: httpx.Client, api: RobotJobsApi, job_id: UUID, workspace: UUID) -> None:
    """Send what is refused, with secrets in it, and a message that no function can handle."""
    secret = steps.callback_secret(stack, job_id, workspace)
    [item, *_] = api.get_items(job_id)
    headers = {"X-Callback-Secret": secret}
    client.put("carriers/coordinadora/config", json={"portalPassword": PASSWORD})
    api.http.put("carriers/coordinadora/config", json={"portalPassword": PASSWORD, "robotUrl": "no-url"})
    api.http.put("carriers/coordinadora/config", json={"portalPassword": {"is": PASSWORD}})
    api.http.put("carriers/coordinadora/config", json={"portalPassword": PASSWORD * 100})
    api.http.put("carriers/coordinadora/config", content=f'{{"portalPassword": "{NEW_PASSWORD}"')
    client.get("robot-jobs", headers={"Authorization": f"Bearer {token(workspace)[:-3]}xxx"})
    client.post("robot-callbacks", headers={"X-Callback-Secret": secret[:-4] + "AAAA"}, json={"itemId": str(item.id)})
    client.post("robot-callbacks", headers=headers, content=f"not JSON, but {secret}")
    # A robot that tells what it was told.
    message = f"could not report to the callback with {secret}"
    report = {"itemId": str(item.id), "status": "error", "errorType": "portal", "errorMessage": message}
    assert client.post("robot-callbacks", headers=headers, json=report).status_code == 202
    client.post("robot-callbacks", headers=headers, json={"itemId": str(item.id), "status": secret})
    queue = aws.session().client("sqs", endpoint_url=stack.aws_endpoint_url)
    queue.send_message(
        QueueUrl=steps.outputs(stack)["RecordDeadLetterQueueUrl"], MessageBody=json.dumps({"for": "the walk"})
    )
    bad = {"detail-type": "robot/item.completed", "detail": {"jobId": str(job_id), "errorMessage": secret}}
    queue.send_message(QueueUrl=steps.outputs(stack)["RecordQueueUrl"], MessageBody=json.dumps(bad))
    steps.wait_for(lambda: any("a message is no report" in text for text in logs(stack)), timeout_s=60)


def spellings(secret: str) -> set[str]:
    """Return how a text may stand in JSON, in JSON inside JSON, and in a `repr`."""
    once = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return once | {json.dumps(text)[1:-1] for text in once} | {repr(secret)[1:-1]}


@contextmanager
def everything_on_the_bus(stack: Stack) -> Iterator[Any]:
    """Subscribe a queue to every event, and give what returns the texts of those that came."""
    session = aws.session()
    sqs = session.client("sqs", endpoint_url=stack.aws_endpoint_url)
    events = session.client("events", endpoint_url=stack.aws_endpoint_url)
    name = f"walk-{uuid7().hex}"
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name=name, EventBusName=stack.event_bus_name, EventPattern='{"source": ["robot-jobs"]}')
    events.put_targets(Rule=name, EventBusName=stack.event_bus_name, Targets=[{"Id": "walk", "Arn": arn}])
    try:
        yield lambda: bodies(sqs, url)
    finally:
        events.remove_targets(Rule=name, EventBusName=stack.event_bus_name, Ids=["walk"])
        events.delete_rule(Name=name, EventBusName=stack.event_bus_name)
        sqs.delete_queue(QueueUrl=url)


def bodies(sqs: Any, url: str) -> list[str]:
    found: list[str] = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60).get("Messages"):
        found += [message["Body"] for message in messages]
    return found


def logs(stack: Stack) -> list[str]:
    """Return every line of every log group."""
    client = aws.session().client("logs", endpoint_url=stack.aws_endpoint_url)
    found: list[str] = []
    for group in client.describe_log_groups()["logGroups"]:
        for page in client.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
            found += [event["message"] for event in page["events"]]
    return found


def rows(stack: Stack) -> list[str]:
    """Return every row of every table."""
    with psycopg.connect(stack.database_url, autocommit=True) as owner:
        tables = owner.execute("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return [
            row
            for (table,) in tables
            for (row,) in owner.execute(sql.SQL("SELECT to_jsonb(t)::text FROM {} AS t").format(sql.Identifier(table)))
        ]


def dead_letters(stack: Stack) -> list[str]:
    sqs = aws.session().client("sqs", endpoint_url=stack.aws_endpoint_url)
    found: Mapping[str, str] = {
        name: url for name, url in steps.outputs(stack).items() if name.endswith("DeadLetterQueueUrl")
    }
    return [body for url in found.values() for body in bodies(sqs, url)]
