"""What a snapshot holds, what it does not, and what environments restored from the same one have in common."""

import json
import os
import subprocess
import sys
from importlib import import_module
from typing import Any
from uuid import UUID

import boto3
import psycopg
import pytest
from snapshot_restore_py import get_after_restore, get_before_snapshot

from functions.manage_jobs import app as manage_jobs
from shared.aws.secrets import callback_keys
from shared.db import connection as database_connection
from shared.http.resolver import Api
from shared.http.snapshots import after_restore, before_snapshot
from tests.http_client import call
from tests.template import ROOT, allowed, functions, resources, target

NAMES = sorted(name for name, function in functions().items() if "SnapStart" in function)

_RESTORED_TWICE = """
import os, random, time
from functions.submit_job.app import app
from shared.domain.ids import uuid7
from shared.http.snapshots import after_restore, before_snapshot
before_snapshot(app, "events")
last = uuid7()
time.time_ns = lambda: 1_700_000_000 * 10**9  # both start at the same nanosecond
# Python seeds the generator itself after a fork, as nothing does after a restore.
state = random.getstate()
for _ in range(2):
    if os.fork() == 0:
        random.setstate(state)
        after_restore()
        print(last, uuid7(), random.random(), flush=True)
        os._exit(0)
for _ in range(2):
    os.wait()
"""
_IMPORTED = """
import sys
from importlib import import_module
for name in sys.argv[1:]:
    import_module(f"functions.{name}.app")
print("boto3" in sys.modules)
"""


def run(program: str, *arguments: str) -> list[str]:
    """Run a program without any address of a database or of AWS, and return its lines."""
    environment = {"PYTHONPATH": str(ROOT), "AWS_DEFAULT_REGION": "us-east-1", "POWERTOOLS_METRICS_NAMESPACE": "Tests"}
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", program, *arguments], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def api_of(name: str) -> Api:
    app: Api = import_module(f"functions.{name}.app").app
    return app


@pytest.mark.usefixtures("database", "aws")
def test_no_connection_is_in_a_snapshot() -> None:
    before = database_connection.connection()
    before_snapshot(manage_jobs.app, "events")
    assert before.closed
    assert vars(database_connection._local)["connection"] is None


def test_a_secret_is_read_anew_after_a_restore(aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = aws.client("secretsmanager")
    arn = secrets.create_secret(Name="callback", SecretString='{"current": "as at the deployment"}')["ARN"]
    monkeypatch.setenv("CALLBACK_SECRET_ARN", arn)
    assert callback_keys() == ["as at the deployment"]
    before_snapshot(manage_jobs.app, "events")
    secrets.put_secret_value(SecretId=arn, SecretString='{"current": "rotated"}')
    after_restore()
    assert callback_keys() == ["rotated"]


def test_a_first_request_after_a_restore_makes_no_client(
    aws: boto3.Session, database: str, workspace: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = psycopg.conninfo.conninfo_to_dict(os.environ["DATABASE_URL"])
    login = {"username": address["user"], "password": address["password"], "sslmode": "disable"}
    text = json.dumps({"host": address["host"], "port": address["port"], "dbname": database, **login})
    arn = aws.client("secretsmanager").create_secret(Name="database", SecretString=text)["ARN"]
    monkeypatch.setenv("DATABASE_SECRET_ARN", arn)
    monkeypatch.delenv("DATABASE_URL")
    before_snapshot(manage_jobs.app, "events")
    monkeypatch.setattr(boto3, "client", None)
    after_restore()
    assert call(manage_jobs.handler, "GET", "/robot-jobs", workspace=workspace).status == 200


@pytest.mark.usefixtures("aws")
def test_the_validators_of_every_route_are_in_the_snapshot() -> None:
    before_snapshot(manage_jobs.app)
    assert all(route._dependant is not None for route in manage_jobs.app.routes)
    assert all(route._body_field is not None for route in manage_jobs.app.routes if route.dependant.body_params)


def test_what_is_made_after_two_restores_of_one_snapshot_differs() -> None:
    (last, first_id, first_number), (same, second_id, second_number) = (line.split() for line in run(_RESTORED_TWICE))
    assert last == same
    assert UUID(first_id).int >> 80 == UUID(second_id).int >> 80
    assert first_id != second_id
    assert first_number != second_number


@pytest.mark.parametrize("name", NAMES)
def test_a_function_prepares_the_clients_that_its_role_may_use(name: str) -> None:
    app = api_of(name)
    hooks: Any = get_before_snapshot()  # the library's annotations leave out the arguments
    (services,) = [set(own) for hook, (api, *own), _ in hooks if hook is before_snapshot and api is app]
    function = functions()[name]
    key_policy = resources("AWS::KMS::Key")["PasswordKey"]["KeyPolicy"]["Statement"]
    sealing = {target(each["Principal"]["AWS"]) for each in key_policy if each["Action"] == "kms:Encrypt"}
    used = {"events"} if allowed(function, "events:PutEvents") else set()
    assert services == used | ({"kms"} if target(function["Role"]) in sealing else set())


def test_every_restore_runs_the_hook() -> None:
    for name in NAMES:
        api_of(name)
    hooks: Any = get_after_restore()
    assert [hook for hook, _, _ in hooks] == [after_restore] * len(NAMES)


def test_a_function_imports_boto3_only_before_its_snapshot() -> None:
    assert run(_IMPORTED, *NAMES) == ["False"]
