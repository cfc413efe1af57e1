"""The program that deploys to AWS: which steps, in which order, and with which sentence it stops."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from local.cloud import __main__ as program
from local.cloud import environment as environments
from local.cloud.account import first_failure
from local.cloud.environment import Environment, read_environment
from local.cloud.steps import deploy, destroy, parameters
from local.stack.errors import StackError
from tests.template import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

GIVEN = {
    "DatabaseSecretArn": "arn:app",
    "SystemDatabaseSecretArn": "arn:system",
    "OwnerDatabaseSecretArn": "arn:owner",
    "JwtIssuer": "https://issuer.example.com",
    "JwtAudience": "people,machines",
    "UserPoolId": "pool",
    "MachineClientId": "machines",
    "AddressOut": "192.0.2.7",
}
ENVIRONMENT = Environment(
    name="dev",
    region="us-east-1",
    stack="robot-jobs-dev",
    tags={"environment": "dev"},
    foundation={"DeletionProtection": "false"},
    application={"EventBusName": "robot-jobs-dev"},
    operator={"email": "ana@example.com", "workspace": "0198c0de-0000-7000-8000-000000000001"},
)


@dataclass
class FakeAccount:
    """An account that makes what it is asked for, and writes it down."""

    api_url: str = ""
    issuer_url: str = ""
    stacks: dict[str, dict[str, str]] = field(default_factory=dict)
    invited: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    fails_at: str = ""

    def number(self) -> str:
        return "123456789012"

    def build(self, architecture: str) -> None:
        self.done.append(f"build {architecture}")

    def deploy(self, stack: str, template: Path, parameters: Mapping[str, str], tags: Mapping[str, str]) -> None:
        self.done.append(f"deploy {stack} of {template.relative_to(ROOT)}")
        assert tags
        if stack == self.fails_at:
            raise StackError(f"{stack} could not be made.")
        is_foundation = stack.endswith("-foundation")
        application = {"ApiUrl": self.api_url, "MigrateDatabaseFunctionName": f"{stack}-migrate-database"}
        self.stacks[stack] = {**GIVEN, "TokenUrl": self.issuer_url} if is_foundation else application
        if not is_foundation:
            self.stacks[stack] |= {f"given {name}": value for name, value in parameters.items()}

    def outputs(self, stack: str) -> dict[str, str] | None:
        return self.stacks.get(stack)

    def delete(self, stack: str) -> None:
        self.done.append(f"delete {stack}")
        del self.stacks[stack]

    def ensure_operator(self, pool: str, email: str, workspace: str) -> bool:
        assert (pool, workspace) == ("pool", ENVIRONMENT.operator["workspace"])
        is_new = email not in self.invited
        self.invited += [email] if is_new else []
        return is_new

    def import_coverage(self, function: str, carrier: str, csv: str) -> int:
        assert function == "robot-jobs-dev-migrate-database"
        self.done.append(f"import {carrier}")
        return len(csv.splitlines()) - 1

    def machine_login(self, pool: str, client_id: str) -> tuple[str, str]:
        assert pool
        return client_id, "a secret"


class Api(HTTPServer):
    """The API and the issuer, as they answer after a deployment."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.with_token = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    server: Api

    def do_GET(self) -> None:
        token = self.headers.get("Authorization")
        assert token in {None, "Bearer a-token"}
        self._answer(200 if self.path == "/openapi.json" else self.server.with_token if token else 401, b"{}")

    def do_POST(self) -> None:
        assert b"client_credentials" in self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200, b'{"access_token": "a-token"}')

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def api() -> Iterator[Api]:
    with Api() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def account(api: Api) -> Any:
    return FakeAccount(api_url=api.url, issuer_url=f"{api.url}/oauth2/token")


def test_the_foundation_comes_first_and_what_it_gives_goes_into_the_application(account: Any, capsys: Any) -> None:
    deploy(ENVIRONMENT, account)
    assert account.done == [
        "build arm64",
        "deploy robot-jobs-dev-foundation of infra/foundation.yaml",
        "deploy robot-jobs-dev of .aws-sam/build/template.yaml",
    ]
    given = account.stacks["robot-jobs-dev"]
    assert given["given DatabaseSecretArn"] == "arn:app"
    assert given["given EventBusName"] == "robot-jobs-dev"
    assert "given UserPoolId" not in given
    said = capsys.readouterr().out
    assert [line[:2] for line in said.splitlines() if line[1:2] == "."] == [f"{number}." for number in range(1, 8)]
    assert "account 123456789012" in said.lower()
    assert "ana@example.com was sent an invitation" in said
    assert "192.0.2.7" in said


def test_a_carrier_s_whole_list_goes_through_the_function_that_reaches_the_database(account: Any, capsys: Any) -> None:
    deploy(replace(ENVIRONMENT, coverage={"coordinadora": "local/samples/coverage.csv"}), account)
    assert account.done[-1] == "import coordinadora"
    assert "coordinadora: 23 cities of local/samples/coverage.csv" in capsys.readouterr().out
    with pytest.raises(StackError, match="The coverage of coordinadora can't be read"):
        deploy(replace(ENVIRONMENT, coverage={"coordinadora": "no/such.csv"}), account)


def test_a_description_that_is_kept_back_is_expected_to_be(account: Any) -> None:
    hidden = replace(ENVIRONMENT, application=ENVIRONMENT.application | {"ApiDescription": "off"})
    with pytest.raises(StackError, match=r"openapi\.json answered 200 instead of 404"):
        deploy(hidden, account)


def test_it_can_be_repeated(account: Any, capsys: Any) -> None:
    deploy(ENVIRONMENT, account)
    deploy(ENVIRONMENT, account)
    assert account.invited == ["ana@example.com"]
    assert "ana@example.com is known already" in capsys.readouterr().out


def test_it_tries_a_token_where_programs_have_a_workspace(account: Any, api: Api, capsys: Any) -> None:
    foundation = ENVIRONMENT.foundation | {"MachineWorkspaceId": ENVIRONMENT.operator["workspace"]}
    environment = replace(ENVIRONMENT, foundation=foundation)
    deploy(environment, account)
    assert "the database answers (200)" in capsys.readouterr().out
    api.with_token = 503
    with pytest.raises(StackError, match=r"answered 503 instead of 200"):
        deploy(environment, account)


def test_it_stops_at_the_step_that_fails(account: Any) -> None:
    account.fails_at = "robot-jobs-dev-foundation"
    with pytest.raises(StackError, match="could not be made"):
        deploy(ENVIRONMENT, account)
    assert account.done[-1].startswith("deploy robot-jobs-dev-foundation")


def test_who_brings_a_database_is_told_what_is_left_to_say() -> None:
    """Naive: CloudFormation says that parameters are missing, after the foundation was made."""
    with pytest.raises(StackError, match=r"dev\.toml, under \[application\]: .*OwnerDatabaseSecretArn"):
        parameters(ENVIRONMENT, {"JwtIssuer": "i", "JwtAudience": "a"})


def test_the_file_s_word_counts_before_the_foundation_s() -> None:
    environment = replace(ENVIRONMENT, application={"JwtIssuer": "https://own.example.com"})
    assert parameters(environment, GIVEN)["JwtIssuer"] == "https://own.example.com"


def test_nothing_is_destroyed_that_is_protected_or_that_nobody_confirmed(account: Any) -> None:
    deploy(ENVIRONMENT, account)
    before = list(account.done)
    with pytest.raises(StackError, match=r"CONFIRM=robot-jobs-dev"):
        destroy(ENVIRONMENT, account, "")
    with pytest.raises(StackError, match="is protected"):
        destroy(replace(ENVIRONMENT, foundation={}), account, "robot-jobs-dev")
    assert account.done == before


def test_it_is_taken_away_from_the_top_and_a_second_time_finds_nothing(account: Any, capsys: Any) -> None:
    deploy(ENVIRONMENT, account)
    destroy(ENVIRONMENT, account, "robot-jobs-dev")
    assert account.done[-2:] == ["delete robot-jobs-dev", "delete robot-jobs-dev-foundation"]
    destroy(ENVIRONMENT, account, "robot-jobs-dev")
    said = capsys.readouterr().out
    assert said.count("is gone already") == 2
    assert "snapshot" in said


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_environments_of_the_project_can_be_read(name: str) -> None:
    environment = read_environment(name)
    assert environment.foundation_stack == f"{environment.stack}-foundation"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('region = "us-east-1"', "does not say its stack"),
        ('region = "us-east-1"\nstack = "s"\n[aplication]\n', "has aplication, which nothing here reads"),
        ('region = "us-east-1"\nstack = "s"\n[application]\nLogRetentionDays = 7\n', "write it in quotes"),
        ("region = ", "can't be read"),
    ],
)
def test_a_file_that_is_wrong_is_refused(
    text: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environments, "DIRECTORY", tmp_path)
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(StackError, match=sentence):
        read_environment("mine")


def test_without_an_environment_it_says_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["deploy", ""]) == 1
    assert "ENV= one of dev, prod" in capsys.readouterr().err


def test_a_failed_deployment_tells_what_failed_first_and_nothing_of_an_earlier_one() -> None:
    """Naive: SAM says that its waiter met a terminal state, and a person looks through two hundred events."""

    def event(part: str, status: str, reason: str = "") -> dict[str, Any]:
        kind = "AWS::CloudFormation::Stack" if part == "stack" else "Custom::Migration"
        return {
            "LogicalResourceId": part,
            "ResourceType": kind,
            "ResourceStatus": status,
            "ResourceStatusReason": reason,
        }

    newest_first = [
        event("stack", "UPDATE_ROLLBACK_COMPLETE"),
        event("SubmitJobFunction", "UPDATE_FAILED", "Resource update cancelled"),
        event("Migration", "UPDATE_FAILED", "The database was not migrated: lock timeout"),
        event("stack", "UPDATE_IN_PROGRESS"),
        event("Migration", "UPDATE_FAILED", "of last week"),
        event("stack", "CREATE_IN_PROGRESS"),
    ]
    assert first_failure(newest_first) == "Migration: The database was not migrated: lock timeout"
    whole = event("stack", "CREATE_FAILED", "an output can't be told")
    assert first_failure([whole, newest_first[-1]]) == "stack: an output can't be told"
    assert first_failure(newest_first[-1:]) is None
