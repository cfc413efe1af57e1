"""A real PostgreSQL for every test that touches SQL: one server a checkout, one database a test process."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID, uuid4

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from psycopg import Connection, sql
from psycopg.pq import TransactionStatus
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped] # xdist leaves its types out

from local.stack.postgres import Postgres, start_postgres, stop_postgres
from shared.db import connection as connections
from shared.db.connection import close_connection
from shared.domain import DomainContext
from shared.domain.ids import uuid7

ROOT = Path(__file__).parent.parent
SERVER = ROOT / ".local" / "test-postgres"
MIGRATIONS = ROOT / "shared" / "db" / "migrations"
# Powertools reads these when a handler's module is imported.
os.environ.update({"POWERTOOLS_METRICS_NAMESPACE": "RobotJobs", "POWERTOOLS_SERVICE_NAME": "robot-jobs"})


class OneStack(LoadScopeScheduling):  # type: ignore[misc] # xdist leaves its types out
    """Give a test file to one process, and the tests of the deployed stack together: there is one stack."""

    def _split_scope(self, nodeid: str) -> str:
        path, _, _ = nodeid.partition("::")
        return "stack" if path.startswith(("tests/e2e/", "tests/chaos/test_short_run")) else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneStack:
    """Share the tests out; `--dist loadgroup` would change node ids, which this pytest does not allow."""
    return OneStack(config, log)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop the server when no test process uses it any more."""
    if not SERVER.exists():
        return
    _users().close()
    _users.cache_clear()
    is_worker = hasattr(session.config, "workerinput")
    if is_worker:
        return
    with (SERVER.parent / "test-postgres.users").open("w") as users:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        stop_postgres(SERVER)


@cache
def _users() -> TextIO:
    """Count this process among the server's users, as long as the file is open."""
    users = (SERVER.parent / "test-postgres.users").open("w")
    fcntl.flock(users, fcntl.LOCK_SH)
    return users


@pytest.fixture(autouse=True)
def _no_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the shell's AWS settings, and every real account, out of the tests."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")


@contextmanager
def _one_process_at_a_time() -> Iterator[None]:
    SERVER.parent.mkdir(exist_ok=True)
    with (SERVER.parent / "test-postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def postgres() -> Postgres:
    """Give the server, without durability: its data is worth nothing after the test."""
    with _one_process_at_a_time():
        _users()
        return start_postgres(SERVER, durable=False)


@pytest.fixture(scope="session")
def template(postgres: Postgres) -> str:
    """Give the name of a database with the present migrations, to copy from."""
    files = sorted(path for path in MIGRATIONS.rglob("*") if path.suffix in {".py", ".sql", ".csv"})
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
    name = f"template_{digest}"
    with _one_process_at_a_time(), psycopg.connect(postgres.url(), autocommit=True) as conn:
        if not conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            unfinished = f"{name}_unfinished"
            conn.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(unfinished)))
            conn.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
            migrate(postgres.url(unfinished))
            conn.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name))
            )
    return name


def migrate(url: str, revision: str = "head") -> None:
    """Bring a database up to a revision, as `alembic upgrade` does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        command.upgrade(Config(toml_file=str(ROOT / "pyproject.toml")), revision)


#: What looks at a database that tests share keeps its plans, too: an audit's take longer than the audit.
_owners: dict[str, Connection] = {}


@contextmanager
def _copy_of(template: str, postgres: Postgres) -> Iterator[str]:
    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgres.url(), autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        try:
            yield name
        finally:
            close_connection()
            if kept := _owners.pop(name, None):
                kept.close()
            conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def _session_database(template: str, postgres: Postgres) -> Iterator[str]:
    with _copy_of(template, postgres) as name:
        yield name


@pytest.fixture
def database(_session_database: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let the program use this process's database as the app role; tests share it, each with its own workspace."""
    # The statements that a connection has planned stay planned.
    if connected_as() != (_session_database, "robot_jobs_app"):
        close_connection()
    monkeypatch.setenv("DATABASE_URL", postgres.url(_session_database, "robot_jobs_app"))
    return _session_database


def connected_as() -> tuple[str, str] | None:
    """Return the database and the role of this thread's connection; None: it has none, or none that can be used."""
    open_one: Connection | None = getattr(connections._local, "connection", None)
    if open_one is None or open_one.closed:
        return None
    return open_one.info.dbname, open_one.info.user


@pytest.fixture
def fresh_database(template: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Let the program use a database of its own, for tests of what works over every workspace."""
    close_connection()
    with _copy_of(template, postgres) as name:
        monkeypatch.setenv("DATABASE_URL", postgres.url(name, "robot_jobs_app"))
        yield name


@pytest.fixture
def system_role(fresh_database: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program connect as the system role, which sees every workspace."""
    close_connection()
    monkeypatch.setenv("DATABASE_URL", postgres.url(fresh_database, "robot_jobs_system"))


@pytest.fixture
def owner(request: pytest.FixtureRequest, postgres: Postgres) -> Iterator[Connection]:
    """Give a connection that sees everything, to look at what the program did."""
    name = request.getfixturevalue("fresh_database" if "fresh_database" in request.fixturenames else "database")
    conn = _owners.pop(name, None)
    if conn is None or conn.closed or conn.info.transaction_status != TransactionStatus.IDLE:
        conn = psycopg.connect(postgres.url(name), autocommit=True)
    yield conn
    if "fresh_database" in request.fixturenames or conn.closed:
        conn.close()
        return
    conn.rollback()
    conn.autocommit = True
    conn.execute("RESET ALL")
    # The one setting that it leaves.
    conn.execute("RESET ROLE")
    _owners[name] = conn


@pytest.fixture
def workspace() -> UUID:
    """Give a workspace of the test's own."""
    return uuid7()


@pytest.fixture
def ctx(database: str, workspace: UUID) -> DomainContext:
    """Give the context of a call for the test's workspace."""
    assert database
    return DomainContext(workspace_id=workspace, source="test", actor="tester")
