"""The deployment's migration: told to CloudFormation whatever became of it, and no step back when it is rolled back."""

import json
import os
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import chain, cycle
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import psycopg
import pytest
import urllib3
from psycopg import Connection, sql

from functions.migrate_database.answer import tell
from functions.migrate_database.app import handler
from functions.migrate_database.coverage import CoverageError
from local.stack.postgres import Postgres
from shared.db.migrations import run
from tests.conftest import connected_as
from tests.functional.logins import keep_logins
from tests.functional.test_migrations import REVISIONS, downgrade, empty_database
from tests.http_client import LambdaContext
from tests.samples import sample
from tests.template import ROOT

SECOND_PASSWORD = "another one"


class CloudFormation(HTTPServer):
    """Where a custom resource's answer is waited for."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.content_types: list[str | None] = []
        #: The status of each next answer; 0: the connection is closed without one.
        self.answers: Iterator[int] = cycle([200])
        super().__init__(("127.0.0.1", 0), _Put)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/answer?X-Amz-Signature=signed"


class _Put(BaseHTTPRequestHandler):
    server: CloudFormation

    def do_PUT(self) -> None:
        self.server.content_types.append(self.headers["Content-Type"])
        self.server.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        if answer := next(self.server.answers):
            self.send_response(answer)
            self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def cloud() -> Iterator[CloudFormation]:
    with CloudFormation() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def url(postgres: Postgres, aws: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Give the URL of an empty database that the function is told of."""
    with empty_database(postgres) as url:
        keep_logins(aws, postgres, url.rpartition("/")[2], monkeypatch)
        yield url


def migrate_database(event: dict[str, Any]) -> Any:
    context: Any = LambdaContext()
    return handler(event, context)


def called(cloud: CloudFormation, kind: str = "Update") -> dict[str, Any]:
    """Have CloudFormation call the function, and return what it was told."""
    migrate_database(sample("migrate_database") | {"RequestType": kind, "ResponseURL": cloud.url})
    return cloud.told[-1]


def test_an_empty_database_is_brought_up_to_date_and_once_more_is_no_step(cloud: CloudFormation, url: str) -> None:
    assert url
    event = sample("migrate_database")
    told = called(cloud, "Create")
    assert (told["Status"], told["Data"]) == ("SUCCESS", {"before": None, "after": REVISIONS[0]})
    assert {told[name] for name in ("StackId", "RequestId", "LogicalResourceId")} == {
        event[name] for name in ("StackId", "RequestId", "LogicalResourceId")
    }
    assert called(cloud)["Data"] == {"before": REVISIONS[0], "after": REVISIONS[0]}
    assert migrate_database(event) == {"before": REVISIONS[0], "after": REVISIONS[0]}
    # Another id would have CloudFormation delete the one before.
    assert {each["PhysicalResourceId"] for each in cloud.told} == {event["PhysicalResourceId"]}
    # With any type the signature of the address would not hold.
    assert set(cloud.content_types) == {""}


def test_what_is_told_is_told_three_times_at_most(cloud: CloudFormation) -> None:
    """Naive: a connection that breaks once has CloudFormation wait for an hour."""
    event = sample("migrate_database") | {"ResponseURL": cloud.url}
    cloud.answers = chain([0, 0], cycle([200]))
    assert tell(event, {}) == {}
    assert [(each["Status"], each["Reason"]) for each in cloud.told] == [("SUCCESS", "The database is up to date.")] * 3
    cloud.told.clear()
    cloud.answers = cycle([0])
    with pytest.raises(urllib3.exceptions.HTTPError):
        tell(event, {})
    assert len(cloud.told) == 3


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("relation does not exist\nLINE 1: SELECT name FROM orders", "relation does not exist"),
        ("\n  relation does not exist ", "relation does not exist"),
        ("x" * 5_000, "x" * (1_000 - len("The database was not migrated: "))),
    ],
)
def test_a_reason_is_one_line_that_cloudformation_takes(cloud: CloudFormation, said: str, reason: str) -> None:
    tell(sample("migrate_database") | {"ResponseURL": cloud.url}, {}, ValueError(said))
    assert cloud.told[-1]["Reason"] == f"The database was not migrated: {reason}"


BEFORE_ORDERS = "0008"


def test_a_failed_migration_is_told_at_once_and_leaves_the_database_as_it_was(
    cloud: CloudFormation, url: str, postgres: Postgres
) -> None:
    """Naive: CloudFormation waits for an hour for a function that has died."""
    called(cloud, "Create")
    # The next step changes the table of orders.
    downgrade(url, BEFORE_ORDERS)
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("ALTER TABLE orders RENAME TO orders_in_the_way")
    with pytest.raises(psycopg.Error):
        called(cloud)
    assert cloud.told[-1]["Status"] == "FAILED"
    assert cloud.told[-1]["Reason"].startswith('The database was not migrated: relation "orders" does not exist')
    assert postgres.password not in json.dumps(cloud.told)
    with psycopg.connect(url) as conn:
        assert conn.execute("SELECT version_num FROM alembic_version").fetchone() == (BEFORE_ORDERS,)


def test_the_code_of_before_lets_a_database_be_that_is_ahead_of_it(cloud: CloudFormation, url: str) -> None:
    """Naive: a deployment that is rolled back fails once more, over a revision that the code of before can't find."""
    called(cloud, "Create")
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
    told = called(cloud)
    assert (told["Status"], told["Data"]) == ("SUCCESS", {"before": "9999", "after": "9999"})


def test_it_imports_a_carrier_s_list_as_the_owner(cloud: CloudFormation, url: str) -> None:
    """Naive: the list can be imported from a machine that reaches the database alone, and none does."""
    called(cloud, "Create")
    text = "city,department_abbrev,supports_cod\nVILLA NUEVA,ANT,true\n"
    assert migrate_database({"coverage": {"carrier": "coordinadora", "csv": text}}) == {"imported": 1}
    with psycopg.connect(url) as conn:
        found = conn.execute("SELECT supports_cod FROM carrier_coverage WHERE city = 'VILLA NUEVA'").fetchall()
    assert found == [(True,)]
    # The owner's way in is open no longer than that.
    assert (connected_as(), "DATABASE_URL" in os.environ) == (None, False)
    with pytest.raises(CoverageError, match="line 2"):
        migrate_database({"coverage": {"carrier": "coordinadora", "csv": text.replace("true", "perhaps")}})


def test_a_stack_that_is_deleted_leaves_its_data(cloud: CloudFormation, url: str) -> None:
    called(cloud, "Create")
    assert called(cloud, "Delete")["Status"] == "SUCCESS"
    with psycopg.connect(url) as conn:
        assert conn.execute("SELECT count(*) FROM orders").fetchone() == (0,)


def test_a_role_gets_the_password_of_its_secret_and_the_server_is_told_no_password(
    owner: Connection, postgres: Postgres
) -> None:
    role = f"given_{uuid4().hex}"
    owner.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
    try:
        with psycopg.connect(postgres.url()) as conn:
            run.set_password(conn, role, SECOND_PASSWORD)
            query = "SELECT query FROM pg_stat_activity WHERE pid = %s"
            (said,) = owner.execute(query, [conn.info.backend_pid]).fetchone() or ("",)
        assert said.startswith("ALTER ROLE")
        assert SECOND_PASSWORD not in said
        psycopg.connect(
            host="127.0.0.1", port=postgres.port, user=role, password=SECOND_PASSWORD, dbname=owner.info.dbname
        ).close()
    finally:
        owner.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))


@pytest.mark.parametrize(
    "file", sorted((Path(run.__file__).parent / "versions").glob("*.sql")), ids=lambda file: file.name
)
def test_a_migration_waits_for_no_lock_for_longer_than_a_request_may(file: Path) -> None:
    """Naive: it waits behind a long statement, and everybody else waits behind it until all of them fail."""
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line and not line.startswith("--")]
    assert lines[0] in {f"SET LOCAL lock_timeout = '{seconds}s';" for seconds in range(1, 11)}


#: The newest migration of the first release; None: there is none yet, and no table that is too large to lock.
FIRST_RELEASE: str | None = None
_INDEX = re.compile(r"^\s*CREATE (?:UNIQUE )?INDEX (?!IF NOT EXISTS )(?:\w+ )?ON (?:ONLY )?(\w+)", re.MULTILINE)
_NEW_TABLE = re.compile(r"^\s*CREATE TABLE (?:IF NOT EXISTS )?(\w+)", re.MULTILINE)


def blocking_indexes(statements: str) -> list[str]:
    """Return the tables, not new in these statements, that they lock for as long as an index takes to be made."""
    return [table for table in _INDEX.findall(statements) if table not in _NEW_TABLE.findall(statements)]


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        ("CREATE INDEX orders_x ON orders (x);", ["orders"]),
        ("CREATE UNIQUE INDEX ON orders (x);", ["orders"]),
        ("CREATE INDEX IF NOT EXISTS orders_x ON orders (x);", []),
        ("CREATE TABLE news (x int);\nCREATE INDEX news_x ON news (x);", []),
    ],
)
def test_an_index_that_locks_a_table_that_is_there_is_found(statements: str, found: list[str]) -> None:
    """After the first release such an index is made CONCURRENTLY beforehand, so that the migration finds it made."""
    assert blocking_indexes(statements) == found


def test_no_migration_after_the_first_release_makes_an_index_that_locks_a_table() -> None:
    """Migrations run in one transaction, and CONCURRENTLY can't: docs/deploy.md says how it is done."""
    released = re.findall(r"^## \[?\d", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert bool(released) == (FIRST_RELEASE is not None), "FIRST_RELEASE is the newest migration of the first release"
    files = sorted((ROOT / "shared/db/migrations/versions").glob("*.up.sql"))
    later = [file for file in files if FIRST_RELEASE is not None and file.name[:4] > FIRST_RELEASE]
    assert {file.name: blocking_indexes(file.read_text(encoding="utf-8")) for file in later if file} == {
        file.name: [] for file in later
    }
