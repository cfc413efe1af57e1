"""`robot-jobs import-coverage` on a real database: only its owner may, and a bad file changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.cli.app import main

if TYPE_CHECKING:
    from psycopg import Connection

    from local.stack.postgres import Postgres

SAMPLE = Path(__file__).parents[2] / "local" / "samples" / "coverage.csv"


def import_coverage(file: Path) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["import-coverage", str(file), "--carrier", "coordinadora"])
    return int(ended.value.code or 0)


def covered(owner: Connection) -> int:
    row = owner.execute("SELECT count(*) FROM carrier_coverage WHERE city = 'ABEJORRAL'").fetchone()
    assert row
    return int(row[0])


@pytest.fixture
def as_owner(fresh_database: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres.url(fresh_database))


@pytest.mark.usefixtures("as_owner")
def test_the_owner_imports_a_whole_list(owner: Connection, capsys: pytest.CaptureFixture[str]) -> None:
    owner.execute("DELETE FROM carrier_coverage")
    assert import_coverage(SAMPLE) == 0
    assert capsys.readouterr().out == "Cities imported: 23\n"
    assert covered(owner) == 1


@pytest.mark.usefixtures("as_owner")
def test_a_bad_file_changes_nothing(owner: Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    owner.execute("DELETE FROM carrier_coverage")
    file = tmp_path / "coverage.csv"
    file.write_text("city,department_abbrev,supports_cod\nABEJORRAL,ANT,true\nABREGO,N/STDER,perhaps\n")
    assert import_coverage(file) == 1
    assert "line 3: supports_cod must be true or false" in capsys.readouterr().err
    assert covered(owner) == 0


@pytest.mark.usefixtures("as_owner")
def test_a_list_may_be_in_any_encoding_that_is_certain(
    owner: Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Naive: UTF-8 or nothing, though Excel saves "Unicode text" as UTF-16 and CSV as Windows-1252."""
    owner.execute("DELETE FROM carrier_coverage")
    file = tmp_path / "coverage.csv"
    file.write_bytes(SAMPLE.read_text(encoding="utf-8").encode("utf-16"))
    assert import_coverage(file) == 0
    file.write_bytes(b"city,department_abbrev,supports_cod\nABEJORRAL,ANT,true\nABR\x90GO,N/STDER,true\n")
    assert import_coverage(file) == 1
    assert "can't be read as CSV: line 3: the file is not in UTF-8" in capsys.readouterr().err


@pytest.mark.usefixtures("fresh_database")
def test_the_functions_role_may_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert import_coverage(SAMPLE) == 1
    assert "Only the owner of the database may change coverage" in capsys.readouterr().err


def test_no_database_is_one_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/none")
    assert import_coverage(SAMPLE) == 1
    error = capsys.readouterr().err
    assert "The database does not do it now: connection failed" in error
    assert len(error.splitlines()) == 1
