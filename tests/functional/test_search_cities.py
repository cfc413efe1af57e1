"""GET /carriers/{carrier}/coverage/cities: what a form completes while somebody types a city."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection

from functions.manage_carriers.app import handler
from local.stack.postgres import Postgres
from shared.domain import DomainContext, SearchCitiesParams, search_cities
from shared.domain.carriers import cities
from tests.http_client import Answer, assert_problem, call

Ask = Callable[..., Answer]


@pytest.fixture
def ask(workspace: UUID, database: str) -> Ask:
    assert database

    def send(search: str | None, carrier: str = "coordinadora") -> Answer:
        query = {} if search is None else {"search": search}
        return call(handler, "GET", f"/carriers/{carrier}/coverage/cities", workspace=workspace, query=query)

    return send


def found(ask: Ask, search: str) -> list[dict[str, Any]]:
    answer = ask(search)
    assert answer.status == 200, answer.json
    cities_: list[dict[str, Any]] = answer.json["cities"]
    return cities_


@pytest.mark.parametrize(
    "typed", ["m", "mede", "Mede", "MEDÉ", " medell\N{ZERO WIDTH SPACE}", "medelin", "metellin", "Medellín"]
)
def test_a_city_is_found_as_it_is_typed(ask: Ask, typed: str) -> None:
    medellin = {"city": "MEDELLIN", "department": "Antioquia", "departmentAbbrev": "ANT", "supportsCod": True}
    assert medellin in found(ask, typed)


def test_beginnings_come_first_and_words_inside_after_them(ask: Ask, owner: Connection) -> None:
    owner.execute(
        "INSERT INTO carrier_coverage (carrier, city, carrier_city, department_abbrev, supports_cod) VALUES"
        " ('coordinadora', 'VILLA CALI', 'VILLA CALI', 'META', false),"
        " ('coordinadora', 'CALIMA', 'CALIMA', 'VALLE', true)"
    )
    names = [each["city"] for each in found(ask, "cali")]
    assert names[:2] == ["CALI", "CALIMA"]
    assert "VILLA CALI" in names[2:]


def test_bogota_is_in_its_own_department(ask: Ask) -> None:
    """Naive: the carrier files it under Cundinamarca, and so does the form."""
    [bogota] = [each for each in found(ask, "bogo") if each["city"] == "BOGOTA"]
    assert (bogota["department"], bogota["departmentAbbrev"]) == ("Bogotá, D.C.", "C/MARCA")


def test_at_most_twenty_that_are_served_are_listed_by_name(ask: Ask, owner: Connection) -> None:
    owner.execute(
        "INSERT INTO carrier_coverage (carrier, city, carrier_city, department_abbrev, supports_cod, is_active)"
        " SELECT 'coordinadora', 'QUIMERA ' || n, 'QUIMERA ' || n, 'META', false, n > 15"
        "   FROM generate_series(40, 11, -1) AS n"
    )
    assert [each["city"] for each in found(ask, "quimera")] == [f"QUIMERA {n}" for n in range(16, 36)]


def test_of_many_that_are_alike_the_most_alike_come_first(ask: Ask, owner: Connection) -> None:
    owner.execute(
        "INSERT INTO carrier_coverage (carrier, city, carrier_city, department_abbrev, supports_cod, is_active)"
        " SELECT 'coordinadora', name, name, 'META', false, name <> 'A SILOFONO'"
        "   FROM (SELECT 'XILOFONO ' || n FROM generate_series(40, 11, -1) AS n"
        "         UNION ALL SELECT unnest('{A SILOFONO,Z SILOFONO}'::text[])) AS city (name)"
    )
    names = [each["city"] for each in found(ask, "silofono")]
    assert names == ["Z SILOFONO", *(f"XILOFONO {n}" for n in range(11, 30))]


def test_a_name_that_holds_what_was_typed_comes_before_one_that_is_nearly_that(ask: Ask, owner: Connection) -> None:
    owner.execute(
        "INSERT INTO carrier_coverage (carrier, city, carrier_city, department_abbrev, supports_cod)"
        " SELECT 'coordinadora', name, name, 'META', false"
        "   FROM unnest('{LAPISLAZULA,VEGA DE LAPISLAZULI}'::text[]) AS name"
    )
    assert [each["city"] for each in found(ask, "lapislazuli")] == ["VEGA DE LAPISLAZULI", "LAPISLAZULA"]


@pytest.mark.parametrize("typed", ["clavicord", "lavicordi"])
def test_cities_of_one_name_are_listed_by_their_departments(ask: Ask, owner: Connection, typed: str) -> None:
    """The first is how they begin, the second what they are like."""
    owner.execute(
        "INSERT INTO carrier_coverage (carrier, city, carrier_city, department_abbrev, supports_cod)"
        " SELECT 'coordinadora', 'CLAVICORDIO', 'CLAVICORDIO', department, false"
        "   FROM unnest('{VALLE,META,ANT,HLA}'::text[]) AS department ON CONFLICT DO NOTHING"
    )
    assert [each["departmentAbbrev"] for each in found(ask, typed)] == ["ANT", "HLA", "META", "VALLE"]


@pytest.mark.parametrize(
    "typed", ["%", "_", "%%%", "'; --", "\\", "Ж", "x" * 200, " ", "\0", "\ufffd", "\N{ZERO WIDTH SPACE}"]
)
def test_signs_of_patterns_are_letters_that_no_city_has(ask: Ask, typed: str) -> None:
    assert found(ask, typed) == []


@pytest.mark.parametrize("typed", [None, "", "x" * 201, "x" * 10_000])
def test_a_search_of_no_or_too_many_characters_is_refused(ask: Ask, typed: str | None) -> None:
    answer = ask(typed)
    assert_problem(answer, 422, "invalid_input" if typed is None else "invalid_text")
    said = "search" if typed is None else f"search must have 1 to 200 characters; it has {len(typed)}."
    assert said in answer.json["detail"]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        (None, "The search must be SearchCitiesParams."),
        (SearchCitiesParams(7), "search must be a text."),  # type: ignore[arg-type] # callers hand in anything
        (SearchCitiesParams("cali", 7), "carrier must be a text."),  # type: ignore[arg-type] # the same
    ],
)
def test_what_is_no_search_is_refused(ctx: DomainContext, params: Any, said: str) -> None:
    refused = search_cities(ctx, params)
    assert not refused.success
    assert (refused.code, refused.error) == ("INVALID", said)


def test_another_carrier_is_not_found(ask: Ask) -> None:
    assert_problem(ask("cali", "servientrega"), 404, "carrier_not_found")


def test_it_reads_by_indexes_however_many_cities_there_are(
    postgres: Postgres, fresh_database: str, owner: Connection
) -> None:
    owner.execute(
        "INSERT INTO carrier_coverage (carrier, city, carrier_city, department_abbrev, supports_cod)"
        " SELECT 'coordinadora', md5(n::text), 'X', 'META', false FROM generate_series(1, 50000) AS n"
    )
    owner.execute("ANALYZE carrier_coverage")
    row = {"carrier": "coordinadora", "typed": "MEDE", "beginning": "MEDE%", "at_most": 20}
    with psycopg.connect(postgres.url(fresh_database, "robot_jobs_app"), autocommit=True) as conn:
        plan = "\n".join(line for (line,) in conn.execute(f"EXPLAIN {cities._SELECT_CITIES}".encode(), row))
    assert "Seq Scan" not in plan
    assert "carrier_coverage_trigrams" in plan
