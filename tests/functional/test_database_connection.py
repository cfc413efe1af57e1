"""How the functions' connections to the database fail: by a wrong server, by silence, in the middle of a rotation."""

import json
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from ipaddress import ip_address
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import psycopg
import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from psycopg import Connection, sql

from functions.record_results.app import handler as record
from local.stack.postgres import Postgres
from shared.aws import secrets
from shared.db import limits
from shared.db.connection import DatabaseNotConfiguredError, close_connection, connection
from shared.db.transaction import transaction
from shared.domain import DomainContext
from shared.events import ItemCompleted
from tests.authority import Authority
from tests.database_proxy import DatabaseProxy
from tests.factories import make_job
from tests.functional.conftest import Bus
from tests.functional.record_queue import RecordQueue
from tests.http_client import LambdaContext
from tests.queues import sqs_batch

PASSWORD = "the first one"


@pytest.fixture(autouse=True)
def _own_connection() -> Iterator[None]:
    """Let no test have, or leave behind, a connection with another's limits and another's way."""
    close_connection()
    yield
    close_connection()


@pytest.fixture
def secret(aws: boto3.Session, database: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Give what tells the program by a secret where its database is, and closes what is open."""

    def tell(**members: Any) -> str:
        close_connection()
        monkeypatch.delenv("DATABASE_URL", raising=False)
        text = json.dumps({"host": "127.0.0.1", "dbname": database, **members})
        arn: str = aws.client("secretsmanager").create_secret(Name=uuid4().hex, SecretString=text)["ARN"]
        monkeypatch.setenv("DATABASE_SECRET_ARN", arn)
        return arn

    return tell


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Give an authority that no bundle knows yet."""
    return Authority(tmp_path)


OWN = x509.IPAddress(ip_address("127.0.0.1"))
ANOTHER = x509.DNSName("another-database.example.com")


def test_a_server_that_proves_its_name_is_taken(
    authority: Authority, postgres: Postgres, secret: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "CA_BUNDLE", authority.bundle)
    with DatabaseProxy(postgres.port, authority.server(OWN)) as proxy:
        secret(port=proxy.port, username="robot_jobs_app", password=postgres.password)
        assert connection().pgconn.ssl_in_use
        close_connection()


def test_a_server_with_a_certificate_of_another_name_is_refused(
    authority: Authority, postgres: Postgres, secret: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: `sslmode=require` gives the password to whoever answers in the database's place."""
    monkeypatch.setattr(secrets, "CA_BUNDLE", authority.bundle)
    with DatabaseProxy(postgres.port, authority.server(ANOTHER)) as proxy:
        secret(port=proxy.port, username="robot_jobs_app", password=postgres.password)
        with pytest.raises(psycopg.OperationalError, match="does not match host name"):
            connection()


def test_a_server_that_amazon_does_not_vouch_for_is_refused(
    authority: Authority, postgres: Postgres, secret: Callable[..., str]
) -> None:
    with DatabaseProxy(postgres.port, authority.server(OWN)) as proxy:
        secret(port=proxy.port, username="robot_jobs_app", password=postgres.password)
        with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
            connection()


def test_a_server_without_tls_is_refused(postgres: Postgres, secret: Callable[..., str]) -> None:
    secret(port=postgres.port, username="robot_jobs_app", password=postgres.password)
    with pytest.raises(psycopg.OperationalError, match="does not support SSL"):
        connection()


def test_the_bundle_has_roots_only_and_each_signs_itself() -> None:
    """What is trusted is what it says: no certificate of a server, none that has expired, for each region's three."""
    roots = x509.load_pem_x509_certificates(secrets.CA_BUNDLE.read_bytes())
    names = {str(root.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value) for root in roots}
    assert {f"Amazon RDS us-east-1 Root CA {kind} G1" for kind in ("RSA2048", "RSA4096", "ECC384")} <= names
    for root in roots:
        root.verify_directly_issued_by(root)
        assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        assert root.not_valid_after_utc > datetime.now(UTC)


# ------------------------------------------------------------------ limits


@pytest.fixture
def way(postgres: Postgres, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[DatabaseProxy]:
    """Let the program come to its database by a way that can fail without a word."""
    with DatabaseProxy(postgres.port) as proxy:
        monkeypatch.setenv(
            "DATABASE_URL", postgres.url(database, "robot_jobs_app").replace(f":{postgres.port}/", f":{proxy.port}/")
        )
        yield proxy
        close_connection()


def test_a_connection_has_its_limits_in_the_server_and_in_the_kernel(ctx: DomainContext) -> None:
    with transaction(ctx.workspace_id) as conn:
        found = [
            conn.execute("SELECT current_setting(%s)", [name]).fetchone()
            for name in (
                *("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "transaction_timeout"),
                *("TimeZone", "tcp_keepalives_idle"),
            )
        ]
    assert found == [("20s",), ("10s",), ("25s",), ("25s",), ("UTC",), ("10",)]
    with socket.fromfd(connection().fileno(), socket.AF_INET, socket.SOCK_STREAM) as tcp:
        assert tcp.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert tcp.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 10
        assert tcp.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL) == 3
        assert tcp.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT) == 3
        assert tcp.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 10_000


def test_a_database_that_falls_silent_is_given_up_and_the_next_call_finds_it_again(
    ctx: DomainContext, way: DatabaseProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: a connection that is half dead holds the function until Lambda ends it. H55."""
    with transaction(ctx.workspace_id) as conn:
        conn.execute("SELECT 1")
    monkeypatch.setattr(limits, "SILENCE_S", 0.3)
    way.stall()
    with pytest.raises(limits.SilentDatabaseError), transaction(ctx.workspace_id) as conn:
        conn.execute("SELECT 1").fetchone()
    way.mend()
    with transaction(ctx.workspace_id) as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_a_way_that_is_dead_from_the_start_is_given_up(way: DatabaseProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.SOCKET, "connect_timeout", 2)
    way.stall()
    with pytest.raises(psycopg.errors.ConnectionTimeout):
        connection()


def test_what_a_lost_function_had_locked_is_free_soon(
    ctx: DomainContext, way: DatabaseProxy, owner: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: nobody tells the server that the function is gone, and its locks hold everybody up. H55."""
    [item] = make_job(owner, ctx, 1).items
    monkeypatch.setattr(limits, "TRANSACTION_S", 0.3)
    monkeypatch.setattr(limits, "SILENCE_S", 1)
    close_connection()
    owner.execute("SET lock_timeout = '5s'")
    with pytest.raises(limits.SilentDatabaseError), transaction(ctx.workspace_id) as conn:  # noqa: PT012
        conn.execute("SELECT FROM robot_job_items WHERE id = %s FOR UPDATE", [item.item_id]).fetchone()
        way.stall()
        owner.execute("UPDATE robot_job_items SET updated_at = now() WHERE id = %s", [item.item_id])
        conn.execute("SELECT 1").fetchone()


@pytest.mark.parametrize("limit", ["LOCK_S", "STATEMENT_S", "TRANSACTION_S"])
def test_a_report_that_a_limit_ends_is_delivered_again_and_is_no_poison(
    limit: str, ctx: DomainContext, owner: Connection, record_queue: RecordQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Naive: the server's word for it is unknown, so that a shipment's number lies in the dead letters."""
    job = make_job(owner, ctx, 1)
    ids = {"job_id": job.job_id, "item_id": job.items[0].item_id, "workspace_id": ctx.workspace_id}
    event = ItemCompleted(**ids, dispatch=1, status="success", tracking_number="N1")
    monkeypatch.setattr(limits, limit, 0.2)
    close_connection()
    batch = sqs_batch(event)
    with owner.transaction():
        owner.execute("SELECT FROM robot_job_items WHERE id = %s FOR UPDATE", [ids["item_id"]])
        answer = record(batch, LambdaContext())
    assert answer == {"batchItemFailures": [{"itemIdentifier": batch["Records"][0]["messageId"]}]}
    assert record_queue.url


def test_a_connection_that_was_left_in_a_transaction_is_replaced(ctx: DomainContext) -> None:
    """Naive: the next transaction is a part of one that nobody will commit."""
    first = connection()
    first.execute("BEGIN")
    with transaction(ctx.workspace_id) as conn:
        assert conn is not first
    assert first.closed
    assert connection() is conn


def test_without_an_address_it_is_said_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_SECRET_ARN"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(DatabaseNotConfiguredError, match="Set DATABASE_URL, or DATABASE_SECRET_ARN"):
        connection()


# ------------------------------------------------------------------ rotation


@pytest.fixture
def role(owner: Connection) -> Iterator[str]:
    """Give a role that may do what the app role may, with a password of its own."""
    name = f"rotated_{uuid4().hex}"
    identifier = sql.Identifier(name)
    owner.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} IN ROLE robot_jobs_app").format(identifier, PASSWORD))
    yield name
    close_connection()
    owner.execute(sql.SQL("DROP ROLE {}").format(identifier))


@pytest.fixture
def report(ctx: DomainContext, owner: Connection, bus: Bus) -> Iterator[Callable[[int], None]]:
    """Give what has new environments record some reports, one each."""
    job = make_job(owner, ctx, 12)
    items = iter(job.items)

    def report(count: int) -> None:
        for item in islice(items, count):
            close_connection()
            ids = {"job_id": job.job_id, "item_id": item.item_id, "workspace_id": ctx.workspace_id}
            event = ItemCompleted(**ids, dispatch=1, status="success", tracking_number=f"N{item.item_id}")
            assert record(sqs_batch(event), LambdaContext()) == {"batchItemFailures": []}

    yield report
    assert len(bus.received("automation/robot.coord.completed")) == len(job.items)


def test_a_password_that_is_rotated_in_the_middle_of_reports_costs_none_of_them(
    role: str, owner: Connection, secret: Callable[..., str], aws: boto3.Session, report: Callable[[int], None]
) -> None:
    """Naive: for five minutes every new environment logs in with what it, or Secrets Manager, had before."""
    login = {"port": owner.info.port, "username": role, "sslmode": "disable"}
    arn = secret(**login, password=PASSWORD)
    manager = aws.client("secretsmanager")
    first = manager.get_secret_value(SecretId=arn)
    report(3)
    # As RDS's rotation does it, step by step: the version is made, the database gets it, then the readers do.
    text = json.dumps(json.loads(first["SecretString"]) | {"password": "the second one"})
    second = manager.put_secret_value(SecretId=arn, SecretString=text, VersionStages=["AWSPENDING"])
    report(3)
    owner.execute(sql.SQL("ALTER ROLE {} PASSWORD 'the second one'").format(sql.Identifier(role)))
    report(3)
    manager.update_secret_version_stage(
        SecretId=arn,
        VersionStage="AWSCURRENT",
        MoveToVersionId=second["VersionId"],
        RemoveFromVersionId=first["VersionId"],
    )
    report(3)


def test_a_database_that_does_not_answer_is_no_reason_to_try_another_login(
    owner: Connection, postgres: Postgres, secret: Callable[..., str], aws: boto3.Session
) -> None:
    """Naive: who waits for a database that is down waits three times as long."""
    login = {"username": "robot_jobs_app", "password": postgres.password, "sslmode": "disable"}
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        arn = secret(**login, port=nobody.getsockname()[1])
        pending = json.dumps(login | {"host": "127.0.0.1", "dbname": owner.info.dbname, "port": owner.info.port})
        aws.client("secretsmanager").put_secret_value(SecretId=arn, SecretString=pending, VersionStages=["AWSPENDING"])
        with pytest.raises(psycopg.OperationalError, match="refused"):
            connection()


def test_a_login_that_stays_wrong_is_told(role: str, postgres: Postgres, secret: Callable[..., str]) -> None:
    secret(port=postgres.port, username=role, password="not the one", sslmode="disable")
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        connection()
