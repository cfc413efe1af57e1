"""Migration 0009: what is searched is there for the orders that are stored, and who searches owns one function."""

from uuid import UUID

import psycopg
import pytest

from local.stack.postgres import Postgres
from shared.domain.ids import uuid7
from tests.conftest import migrate
from tests.functional.owned import owned_database
from tests.functional.test_migrations import downgrade


def found(conn: psycopg.Connection, workspace: UUID, text: str) -> list[tuple[UUID]]:
    """Search as the program does."""
    with conn.transaction():
        conn.execute("SELECT set_config('app.workspace_id', %s, true)", [str(workspace)])
        conn.execute("SET LOCAL ROLE robot_jobs_app")
        query = "SELECT order_id FROM search_orders(%s, NULL, NULL, NULL, NULL, 10)"
        return list(conn.execute(query, [text]))


def test_an_owner_who_is_no_superuser_gives_the_function_away_and_keeps_nothing(
    postgres: Postgres, template: str
) -> None:
    """On RDS a function can be given to a role only by who may take that role."""
    assert template
    with owned_database(postgres, "0006") as url:
        database = url.rpartition("/")[2]
        workspace, contact, order = uuid7(), uuid7(), uuid7()
        with psycopg.connect(postgres.url(database), autocommit=True) as superuser:
            superuser.execute(
                "INSERT INTO contacts (id, workspace_id, name, phone) VALUES (%s, %s, %s, '310 452 8817')",
                [contact, workspace, "Úrsula Iguarán"],
            )
            superuser.execute(
                "INSERT INTO orders (id, workspace_id, contact_id, name, shipping_city) VALUES (%s, %s, %s, %s, %s)",
                [order, workspace, contact, "Ñandú", "Bogotá"],
            )
            for _ in range(2):
                migrate(url)
                texts = ("nandu", "IGUARAN", "3104528817", "bogota")
                assert [found(superuser, workspace, text) for text in texts] == [[(order,)]] * len(texts)
                assert found(superuser, uuid7(), "nandu") == []
                owned = "SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'search_orders'"
                assert superuser.execute(owned).fetchone() == ("robot_jobs_search",)
                left = (
                    "SELECT pg_has_role(%s, 'robot_jobs_search', 'SET'), pg_has_role(%s, 'robot_jobs_search', 'USAGE')"
                )
                assert superuser.execute(left, [database, database]).fetchone() == (False, False)
                create = "SELECT has_schema_privilege('robot_jobs_search', 'public', 'CREATE')"
                assert superuser.execute(create).fetchone() == (False,)
                downgrade(url, "0006")


def test_who_may_not_take_the_role_is_told_what_its_maker_has_to_do(postgres: Postgres, template: str) -> None:
    assert template
    with (
        owned_database(postgres, "0006", is_maker_of_roles=False) as url,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="somebody else has made the role") as error,
    ):
        migrate(url)
    assert "GRANT robot_jobs_search TO owned_" in (error.value.diag.message_hint or "")
