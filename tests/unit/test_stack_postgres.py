"""A PostgreSQL in any directory: kept over a stop, found again, never confused with another program."""

import os
import secrets
import shutil
from collections.abc import Iterator

import psycopg
import pytest

from local.stack.paths import CHECKOUT
from local.stack.postgres import Postgres, find_postgres, start_postgres, stop_postgres

pytestmark = pytest.mark.programs


@pytest.fixture
def server() -> Iterator[Postgres]:
    # Longer than the path of a unix socket may be; not under pytest's own folder, which it closes to other users.
    directory = CHECKOUT / ".local" / f"unit-postgres-{secrets.token_hex(4)}" / ("long" * 30)
    server = start_postgres(directory, durable=False)
    yield server
    stop_postgres(directory)
    shutil.rmtree(directory.parent)


def test_its_data_is_kept_over_a_stop(server: Postgres) -> None:
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS number")

    server.stop()
    assert find_postgres(server.directory) is None
    again = start_postgres(server.directory, durable=False)

    with psycopg.connect(again.url()) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (1,)


def test_a_second_start_finds_the_first(server: Postgres) -> None:
    assert start_postgres(server.directory) == server


def test_the_functions_roles_can_log_in_and_nobody_without_the_password(server: Postgres) -> None:
    with psycopg.connect(server.url(user="robot_jobs_app")) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("robot_jobs_app",)

    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(server.url().replace(server.password, "guess"))


def test_a_pid_file_that_names_another_program_does_not_stop_it_from_starting(server: Postgres) -> None:
    server.stop()
    (server.directory / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n")

    assert find_postgres(server.directory) is None
    assert start_postgres(server.directory, durable=False).port


def test_a_data_directory_that_was_left_half_made_is_made_anew(server: Postgres) -> None:
    server.stop()
    data = server.directory / "data"
    data.rename(server.directory / "data.unfinished")
    (server.directory / "data.unfinished" / "PG_VERSION").unlink()

    again = start_postgres(server.directory, durable=False)

    with psycopg.connect(again.url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_sorting_and_case_do_not_depend_on_the_machine(server: Postgres) -> None:
    with psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT upper('bogotá'), 'a' > 'Z'").fetchone() == ("BOGOTÁ", True)
