"""`robot-jobs after-restore` on a real database, whose owner is no superuser, as on RDS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from local.cli.app import main
from shared.domain import DomainContext
from shared.domain.ids import uuid7
from tests.factories import hand_over, make_carrier_config, make_ended_job, make_job, make_orders
from tests.functional.owned import owned_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.stack.postgres import Postgres

SINCE = "2026-11-26T09:30:00-05:00"


def after_restore(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["after-restore", *arguments])
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def owned(postgres: Postgres) -> Iterator[str]:
    """Give the owner's URL of a database at the newest revision."""
    with owned_database(postgres, "head") as url:
        yield url


def superuser(postgres: Postgres, url: str) -> psycopg.Connection:
    return psycopg.connect(postgres.url(str(conninfo_to_dict(url)["dbname"])), autocommit=True)


def test_every_workspace_is_dealt_with_by_an_owner_whom_row_level_security_holds(
    postgres: Postgres, owned: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Naive: the owner sees no row under forced row-level security, changes none, and says that all is done."""
    first, second = DomainContext(uuid7(), "test"), DomainContext(uuid7(), "test")
    monkeypatch.setenv("DATABASE_URL", owned)
    assert after_restore("--since", SINCE) == 1
    assert "GRANT robot_jobs_app, robot_jobs_system TO it once" in capsys.readouterr().err
    with superuser(postgres, owned) as conn:
        name = sql.Identifier(conn.info.dbname)
        conn.execute(sql.SQL("GRANT robot_jobs_app, robot_jobs_system TO {}").format(name))
        monkeypatch.setenv("DATABASE_URL", postgres.url(conn.info.dbname))
        for ctx in (first, second):
            make_carrier_config(conn, ctx.workspace_id)
            make_ended_job(conn, ctx, "error", "success")
            hand_over(ctx, make_job(conn, ctx, items=2))
            make_orders(conn, ctx.workspace_id, 3)
        monkeypatch.setenv("DATABASE_URL", owned)
        assert after_restore("--since", SINCE) == 0
        found = conn.execute(
            "SELECT workspace_id, count(DISTINCT order_id) FROM robot_job_items"
            " WHERE status = 'error' AND shipment = 'possible' GROUP BY workspace_id"
        ).fetchall()
    assert dict(found) == {first.workspace_id: 6, second.workspace_id: 6}
    told = capsys.readouterr().out
    assert told.count("orders unsettled: 6 (2 were on their way, 1 had failed, 3 had no job); ") == 2
    assert told.count("jobs with new numbers: 2") == 2


@pytest.mark.parametrize(
    ("since", "said"),
    [
        ("2026-11-26T09:30:00", "has no time zone: write -05:00 after it for Colombia"),
        ("yesterday", "is no time"),
        ("2999-01-01T00:00:00+00:00", "is still to come"),
    ],
)
def test_a_moment_that_is_not_clear_is_refused_by_name(
    since: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert after_restore("--since", since) == 1
    assert said in capsys.readouterr().err
