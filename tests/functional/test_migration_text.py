"""Migration 0006: text that is stored already gets the form that new text has."""

from collections.abc import Iterator
from unicodedata import normalize
from uuid import UUID

import psycopg
import pytest

from local.stack.postgres import Postgres
from shared.domain.ids import uuid7
from tests.conftest import migrate
from tests.functional.owned import owned_database
from tests.functional.test_migrations import downgrade

NAME, CITY, STAGE = "Niño-7", "Bogotá", "envío"
TABLES = ("orders", "contacts", "client_activation")


@pytest.fixture
def owners_url(postgres: Postgres, template: str) -> Iterator[str]:
    """Give a database at 0005 whose owner is no superuser."""
    assert template
    with owned_database(postgres, "0005") as url:
        yield url


def filled(conn: psycopg.Connection) -> tuple[UUID, UUID]:
    """Write an order and its contact in decomposed letters, and one that is right; return the workspace and the id."""
    workspace, contact, order = uuid7(), uuid7(), uuid7()
    mac = [normalize("NFD", text) for text in (NAME, CITY, STAGE)]
    conn.execute(
        "INSERT INTO contacts (id, workspace_id, name, phone) VALUES (%s, %s, %s, '3001234567')",
        [contact, workspace, mac[0]],
    )
    insert = (
        "INSERT INTO orders (id, workspace_id, contact_id, name, shipping_city, stage_id, custom_fields, updated_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, jsonb_build_object('as it is', %s::text), '2026-01-01Z')"
    )
    conn.execute(insert, [order, workspace, contact, *mac, mac[0]])
    conn.execute(insert, [uuid7(), workspace, None, "A-1", None, None, None])
    conn.execute(
        "INSERT INTO client_activation (workspace_id, activation_stage_ids) VALUES (%s, %s)",
        [workspace, ["z", mac[2], "a"]],
    )
    return workspace, order


def test_an_owner_who_is_no_superuser_brings_stored_text_into_one_form(owners_url: str, postgres: Postgres) -> None:
    """Under forced row security an UPDATE of the owner's finds no row, and nothing is said."""
    database = owners_url.rpartition("/")[2].partition("?")[0]
    with psycopg.connect(postgres.url(database), autocommit=True) as superuser:
        workspace, order = filled(superuser)
        migrate(owners_url)
        [(name, city, stage, fields, updated_at)] = superuser.execute(
            "SELECT name, shipping_city, stage_id, custom_fields, updated_at::date::text FROM orders WHERE id = %s",
            [order],
        ).fetchall()
        assert (name, city, stage, updated_at) == (NAME, CITY, STAGE, "2026-01-01")
        # What is inside customFields is the caller's.
        assert fields == {"as it is": normalize("NFD", NAME)}
        contacts = superuser.execute("SELECT name, phone, email FROM contacts").fetchall()
        assert contacts == [(NAME, "3001234567", None)]
        stages = superuser.execute("SELECT activation_stage_ids FROM client_activation").fetchall()
        assert stages == [(["z", STAGE, "a"],)]
        assert forced(superuser) == dict.fromkeys(TABLES, (True, True))
        # Again, and down: nothing is left to do, and nothing is in the way.
        downgrade(owners_url, "0005")
        migrate(owners_url)
        assert superuser.execute("SELECT count(*) FROM orders WHERE workspace_id = %s", [workspace]).fetchone() == (2,)


def test_whoever_works_on_the_tables_is_not_stopped_for_long(owners_url: str, postgres: Postgres) -> None:
    """Without a limit the migration waits for one transaction, and everyone else for the migration."""
    database = owners_url.rpartition("/")[2].partition("?")[0]
    with psycopg.connect(postgres.url(database)) as busy:
        busy.execute("SELECT FROM orders")
        with pytest.raises(Exception, match="lock timeout"):
            migrate(owners_url)
    with psycopg.connect(postgres.url(database)) as conn:
        assert forced(conn) == dict.fromkeys(TABLES, (True, True))


def forced(conn: psycopg.Connection) -> dict[str, tuple[bool, bool]]:
    found = conn.execute(
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = ANY(%s)", [list(TABLES)]
    )
    return {name: (is_enabled, is_forced) for name, is_enabled, is_forced in found}
