"""Coverage: cities found as people write them, and whole lists imported or refused."""

import os
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import Connection

from local.stack.postgres import Postgres
from shared.domain import (
    CityQuery,
    CoverageStats,
    DomainContext,
    ImportCoverageParams,
    SearchCitiesParams,
    ValidateCitiesParams,
    ValidateCityParams,
    get_coverage_stats,
    import_coverage,
    search_cities,
    validate_cities,
    validate_city,
)
from shared.domain.ids import uuid7
from shared.logistics import DEPARTMENTS, coverage_candidates
from tests.factories import data_of, failure_of
from tests.racing import results, two_racers
from tests.statements import statements_of

HEADER = "city,department_abbrev,supports_cod\n"
#: In the order of `DEPARTMENTS`.
CAPITALS = (
    "Leticia, Medellín, Arauca, Barranquilla, Bogotá, Cartagena, Tunja, Manizales, Florencia, Yopal, "
    "Popayán, Valledupar, Quibdó, Montería, Bogotá, Inírida, San José del Guaviare, Neiva, Riohacha, "
    "Santa Marta, Villavicencio, Pasto, Cúcuta, Mocoa, Armenia, Pereira, San Andrés, Bucaramanga, "
    "Sincelejo, Ibagué, Cali, Mitú, Puerto Carreño"
)


@pytest.fixture
def as_owner(
    fresh_database: str, postgres: Postgres, workspace: UUID, monkeypatch: pytest.MonkeyPatch
) -> DomainContext:
    """Let the program change coverage, in a database of the test's own."""
    monkeypatch.setenv("DATABASE_URL", postgres.url(fresh_database))
    return DomainContext(workspace, "test")


# The starter list


@pytest.mark.parametrize(
    ("capital", "department"), list(zip(CAPITALS.split(", "), (each.name for each in DEPARTMENTS), strict=True))
)
def test_the_starter_list_has_every_capital(ctx: DomainContext, capital: str, department: str) -> None:
    result = data_of(validate_city(ctx, ValidateCityParams(capital, department)))
    assert result.is_valid
    assert result.supports_cod


def test_the_starter_list_is_found_under_its_own_spelling(ctx: DomainContext, owner: Connection) -> None:
    rows = owner.execute("SELECT city, carrier_city, department_abbrev FROM carrier_coverage").fetchall()
    assert len(rows) >= 120
    for city, carrier_city, abbreviation in rows:
        assert coverage_candidates(carrier_city, abbreviation)[0] == (city, abbreviation)
    assert data_of(get_coverage_stats(ctx, "coordinadora")).total_cities == len(rows)


@pytest.mark.parametrize("city", ["Bogotá", "BOGOTA D.C.", "Bogotá, D.C.", "Santafé de Bogotá", "Distrito Capital"])
@pytest.mark.parametrize("department", ["Bogotá D.C.", "Cundinamarca", ""])
def test_bogota_is_covered_in_all_its_spellings(ctx: DomainContext, city: str, department: str) -> None:
    result = data_of(validate_city(ctx, ValidateCityParams(city, department)))
    assert (result.is_valid, result.carrier_city, result.department_abbrev) == (True, "BOGOTA", "C/MARCA")


def test_a_result_has_the_carriers_spelling(ctx: DomainContext) -> None:
    result = data_of(validate_city(ctx, ValidateCityParams(" coveñas ", "SUCRE")))
    assert (result.city, result.department) == (" coveñas ", "SUCRE")
    assert (result.is_valid, result.carrier_city, result.department_abbrev) == (True, "COVEÑAS", "SUCRE")


def test_a_city_can_be_covered_without_cash_on_delivery(ctx: DomainContext) -> None:
    result = data_of(validate_city(ctx, ValidateCityParams("Abejorral", "Antioquia")))
    assert (result.is_valid, result.supports_cod) == (True, False)


def test_a_city_that_is_not_covered_is_told_with_its_department(ctx: DomainContext) -> None:
    result = data_of(validate_city(ctx, ValidateCityParams("Puerto Quimera", "Valle del Cauca")))
    assert (result.is_valid, result.carrier_city, result.department_abbrev, result.supports_cod) == (
        False,
        None,
        "VALLE",
        False,
    )
    assert data_of(validate_city(ctx, ValidateCityParams("", ""))).department_abbrev is None


def test_a_city_is_covered_in_its_own_department_alone(ctx: DomainContext) -> None:
    assert not data_of(validate_city(ctx, ValidateCityParams("Medellín", "Valle"))).is_valid


def test_of_two_that_may_be_meant_a_place_is_the_one_that_is_called_so(
    as_owner: DomainContext, owner: Connection
) -> None:
    """Naive: Puerto, in Colombia; and the parcel goes to another town."""
    owner.execute(
        "INSERT INTO carrier_coverage (carrier, city, carrier_city, department_abbrev, supports_cod)"
        " SELECT carrier, other, other, department_abbrev, false FROM carrier_coverage"
        "   JOIN (VALUES ('PUERTO COLOMBIA', 'PUERTO'), ('CALI', 'SANTIAGO DE CALI')) AS second (listed, other)"
        "     ON second.listed = city"
    )
    for city, department in (("Puerto Colombia", "Atlántico"), ("Cali", "Valle"), ("Santiago de Cali", "Valle")):
        assert data_of(validate_city(as_owner, ValidateCityParams(city, department))).carrier_city == city.upper()


# Many at once


def test_many_cities_are_looked_up_in_their_order_with_two_statements(ctx: DomainContext) -> None:
    order_id = uuid7()
    few = [CityQuery("Cali", "Valle", order_id), CityQuery("Nowhere", "Valle"), CityQuery("Cali", "Valle")]
    validated = data_of(validate_cities(ctx, ValidateCitiesParams(few)))
    assert [result.is_valid for result in validated.results] == [True, False, True]
    assert (validated.valid_count, validated.invalid_count) == (2, 1)
    assert (validated.results[0].order_id, validated.results[1].order_id) == (order_id, None)
    many = [CityQuery(f"City {number}", "Antioquia") for number in range(5_000)]
    counts = [statements_of(validate_cities, ctx, ValidateCitiesParams(each)) for each in (few, many)]
    assert counts == [3, 3], "the workspace's setting, the list, and what is like the cities that are not on it"
    served = ValidateCitiesParams([CityQuery("Cali", "Valle")])
    assert statements_of(validate_cities, ctx, served) == 2


def test_a_city_of_another_carrier_is_neither_served_nor_suggested_nor_counted(
    as_owner: DomainContext, owner: Connection
) -> None:
    """Naive: one list for all carriers; the robot is sent to a city that its carrier does not know."""
    before = data_of(get_coverage_stats(as_owner, "coordinadora"))
    owner.execute(
        "INSERT INTO carrier_coverage (carrier, city, carrier_city, department_abbrev, supports_cod)"
        " VALUES ('another', 'PUERTO QUIMERA', 'PUERTO QUIMERA', 'VALLE', true)"
    )
    result = data_of(validate_city(as_owner, ValidateCityParams("Puerto Quimera", "Valle")))
    assert not result.is_valid
    assert "PUERTO QUIMERA" not in {each.city for each in result.suggestions}
    for typed in ("puerto q", "quimera"):
        cities = data_of(search_cities(as_owner, SearchCitiesParams(typed))).cities
        assert "PUERTO QUIMERA" not in {each.city for each in cities}
    assert data_of(get_coverage_stats(as_owner, "coordinadora")) == before


def test_no_cities_are_no_results(ctx: DomainContext) -> None:
    validated = data_of(validate_cities(ctx, ValidateCitiesParams([])))
    assert (validated.results, validated.valid_count, validated.invalid_count) == ([], 0, 0)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        (None, "The cities must be a list in ValidateCitiesParams."),
        (ValidateCitiesParams(None), "The cities must be a list in ValidateCitiesParams."),  # type: ignore[arg-type] # callers hand in anything
        (ValidateCitiesParams(["Cali"]), "cities.0 must be a CityQuery."),  # type: ignore[list-item] # the same
        (ValidateCitiesParams([CityQuery("Cali", None)]), "cities.0.department must be a text."),  # type: ignore[arg-type] # the same
        (ValidateCitiesParams([CityQuery("Ca\0li", "Valle")]), "cities.0.city holds a character that "),
        (ValidateCitiesParams([CityQuery("x" * 2_000_000, "Valle")]), "cities.0.city must have 0 to 1000 characters;"),
        (ValidateCitiesParams([CityQuery("Cali", "x" * 1_001)]), "cities.0.department must have 0 to 1000 characters;"),
        (ValidateCitiesParams([CityQuery("\ud800", "Valle")]), "cities.0.city holds a character that "),
        (ValidateCitiesParams([CityQuery("Cali", "Valle", "7")]), "cities.0.order_id must be a UUID, not str."),  # type: ignore[arg-type] # the same
        (ValidateCitiesParams([CityQuery("Cali", "Valle")] * 10_001), "10001 cities; ask for at most 10000 at once."),
        (ValidateCitiesParams([CityQuery("Cali", "Valle")], carrier=7), "carrier must be a text."),  # type: ignore[arg-type] # the same
    ],
)
def test_what_is_no_city_is_refused(ctx: DomainContext, params: Any, said: str) -> None:
    refused = validate_cities(ctx, params)
    assert not refused.success
    assert (refused.code, refused.error[-1]) == ("INVALID", ".")
    assert refused.error.startswith(said)


@pytest.mark.parametrize("text", ["🌷", "مدينة", "a\u202eb", "'; --", "%s", "{}"])
def test_a_strange_name_is_a_city_that_is_not_covered(ctx: DomainContext, text: str) -> None:
    assert not data_of(validate_city(ctx, ValidateCityParams(text, text))).is_valid


def test_a_carrier_without_a_robot_is_not_found(ctx: DomainContext) -> None:
    failure_of(get_coverage_stats(ctx, "other"), "NOT_FOUND", "carrier_not_found")
    failure_of(validate_city(ctx, ValidateCityParams("Cali", "Valle", "other")), "NOT_FOUND", "carrier_not_found")


# Importing


def test_an_import_adds_new_cities_changes_known_ones_and_leaves_the_others(as_owner: DomainContext) -> None:
    before = data_of(get_coverage_stats(as_owner, "coordinadora"))
    csv = HEADER + "Puerto Quimera,valle,sí\r\n  calí , Valle del Cauca ,false\n\nRICAURTE -COLOSO,SUCRE,1\n"
    assert data_of(import_coverage(as_owner, ImportCoverageParams(csv))).imported == 3
    after = data_of(get_coverage_stats(as_owner, "coordinadora"))
    assert (after.total_cities - before.total_cities, after.cod_cities - before.cod_cities) == (2, 1)
    added = data_of(validate_city(as_owner, ValidateCityParams("puerto quimera", "Valle")))
    assert (added.carrier_city, added.supports_cod) == ("PUERTO QUIMERA", True)
    cali = data_of(validate_city(as_owner, ValidateCityParams("Cali", "Valle")))
    assert (cali.carrier_city, cali.supports_cod) == ("CALÍ", False)
    dashed = data_of(validate_city(as_owner, ValidateCityParams("Ricaurte - Coloso", "Sucre")))
    assert dashed.carrier_city == "RICAURTE -COLOSO"


def test_an_inactive_city_is_not_covered_until_it_is_on_a_list_again(
    as_owner: DomainContext, owner: Connection
) -> None:
    before = data_of(get_coverage_stats(as_owner, "coordinadora"))
    owner.execute("UPDATE carrier_coverage SET is_active = false WHERE city IN ('CALI', 'ABEJORRAL')")
    stats = data_of(get_coverage_stats(as_owner, "coordinadora"))
    # In Abejorral no cash was collected in the first place.
    assert stats == CoverageStats(before.total_cities, before.cod_cities - 1, before.active_cities - 2)
    assert before.active_cities == before.total_cities
    refused = data_of(validate_city(as_owner, ValidateCityParams("Cali", "Valle")))
    assert not refused.is_valid
    assert "CALI" not in {each.city for each in refused.suggestions}
    data_of(import_coverage(as_owner, ImportCoverageParams(HEADER + "CALI,VALLE,true\n")))
    assert data_of(validate_city(as_owner, ValidateCityParams("Cali", "Valle"))).is_valid


def test_whether_cash_is_collected_is_said_in_several_ways(as_owner: DomainContext) -> None:
    words = dict.fromkeys(("true", "T", "Yes", "y", "SÍ", "si", "s", "1"), True)
    words |= dict.fromkeys(("FALSE", "f", "no", "N", "0"), False)
    lines = "".join(f"QUIMERA {place},META,{word}\n" for place, word in enumerate(words))
    data_of(import_coverage(as_owner, ImportCoverageParams(HEADER + lines)))
    asked = [CityQuery(f"Quimera {place}", "Meta") for place in range(len(words))]
    found = data_of(validate_cities(as_owner, ValidateCitiesParams(asked))).results
    assert dict(zip(words, [each.supports_cod for each in found], strict=True)) == words


def test_a_carriers_own_abbreviation_is_kept(as_owner: DomainContext) -> None:
    shortest, longest = "X,Y,true\n", f"{'X' * 200},{'Y' * 40},true\n"
    csv = "\ufeff" + HEADER + "PUEBLO NUEVO,ARA,true\nCOYOACAN,CMX,false\n" + shortest + longest
    assert data_of(import_coverage(as_owner, ImportCoverageParams(csv))).imported == 4
    arauca = data_of(validate_city(as_owner, ValidateCityParams("Pueblo Nuevo", "Arauca")))
    assert arauca.department_abbrev == "ARA"
    assert data_of(validate_city(as_owner, ValidateCityParams("Coyoacán", "CMX"))).is_valid


@pytest.mark.parametrize(
    ("lines", "bad", "said"),
    [
        ("CALI,VALLE\n", [2], "line 2: it has 2 fields, not 3."),
        ("CALI,VALLE,true,more\n", [2], "line 2: it has 4 fields, not 3."),
        ("CALI,VALLE,perhaps\n", [2], "line 2: supports_cod must be true or false."),
        (",VALLE,true\n", [2], "line 2: the city must have 1 to 200 characters."),
        ("CALI,,true\n", [2], "line 2: the department must have 1 to 40 characters."),
        ("...,VALLE,true\n", [2], "line 2: the city must have 1 to 200 characters."),
        (f"{'X' * 201},VALLE,true\n", [2], "line 2: the city must have 1 to 200 characters."),
        (f"CALI,{'X' * 41},true\n", [2], "line 2: the department must have 1 to 40 characters."),
        ("CALI,VALLE,true\nCali,valle,false\n", [3], "line 3: the city is on line 2 already."),
        (
            "CALI,VALLE,true\nYUMBO,VALLE,\nBUGA,VALLE,true\nTULUA\nMEDELL\N{REPLACEMENT CHARACTER}N,ANT,true\n",
            [3, 5, 6],
            'line 6: "MEDELL\N{REPLACEMENT CHARACTER}N" ',
        ),
        ('"CALI,VALLE,true\n', [2], "line 2: "),
    ],
)
def test_bad_lines_are_named_and_nothing_is_written(
    as_owner: DomainContext, lines: str, bad: list[int], said: str
) -> None:
    before = data_of(get_coverage_stats(as_owner, "coordinadora"))
    csv = HEADER + lines
    failure = failure_of(import_coverage(as_owner, ImportCoverageParams(csv)), "INVALID", "invalid_csv")
    named = failure.details["lines"]
    assert isinstance(named, list)
    assert [each["line"] for each in named] == bad
    assert all(f"line {line}" in failure.error for line in bad)
    assert said in failure.error
    assert data_of(get_coverage_stats(as_owner, "coordinadora")) == before


@pytest.mark.parametrize(("count", "ending"), [(10, ""), (11, "; and 1 more"), (12, "; and 2 more")])
def test_of_many_bad_lines_the_first_ten_are_said_and_all_are_told(ctx: DomainContext, count: int, ending: str) -> None:
    """Naive: `and 0 more`, or a line that is neither said nor counted."""
    failure = failure_of(
        import_coverage(ctx, ImportCoverageParams(HEADER + "CALI\n" * count)), "INVALID", "invalid_csv"
    )
    said = "; ".join(f"line {line}: it has 1 fields, not 3" for line in range(2, 12))
    assert f"{said}{ending}" in failure.error
    assert failure.error.count("line ") == 10
    assert failure.error.count("more") == (1 if ending else 0)
    lines = failure.details["lines"]
    assert isinstance(lines, list)
    assert [each["line"] for each in lines] == list(range(2, 2 + count))


def test_a_list_is_read_by_the_reader_of_all_files(as_owner: DomainContext) -> None:
    """Naive: a reader of its own, which takes what Excel writes in Spanish for one long heading."""
    text = "sep=;\r\n" + HEADER.replace(",", " ; ") + "PUEBLO NUEVO;ARA;sí\r\n;;\r\n"
    assert data_of(import_coverage(as_owner, ImportCoverageParams(text))).imported == 1


@pytest.mark.parametrize("text", ["", "CALI,VALLE,true\n", HEADER, "city;department;supports_cod\nx;y;1\n"])
def test_a_file_without_the_header_or_without_cities_is_refused(as_owner: DomainContext, text: str) -> None:
    failure_of(import_coverage(as_owner, ImportCoverageParams(text)), "INVALID", "invalid_csv")


def test_a_list_has_at_most_ten_million_characters(ctx: DomainContext) -> None:
    refused = import_coverage(ctx, ImportCoverageParams("x" * 10_000_001))
    said = "The CSV must have 0 to 10000000 characters; it has 10000001."
    assert failure_of(refused, "INVALID", "invalid_text").error == said


@pytest.mark.parametrize("text", [None, 7, HEADER + "CA\0LI,VALLE,true\n", HEADER + "\ud800,VALLE,true\n"])
def test_what_is_no_text_is_refused(as_owner: DomainContext, text: Any) -> None:
    failure_of(import_coverage(as_owner, ImportCoverageParams(text)), "INVALID", "invalid_text")


def test_an_import_is_one_statement_however_long_the_list(as_owner: DomainContext) -> None:
    data_of(get_coverage_stats(as_owner, "coordinadora"))
    lists = [HEADER + "".join(f"CITY {number},ANT,true\n" for number in range(count)) for count in (1, 3_000)]
    assert [statements_of(import_coverage, as_owner, ImportCoverageParams(each)) for each in lists] == [2, 2]


def test_lists_in_opposite_orders_do_not_deadlock(as_owner: DomainContext, owner: Connection) -> None:
    """Naive: each waits for a city that the other has written, in the order of its file."""
    lines = [f"QUIMERA {name},META,true\n" for name in "ABC"]
    with two_racers(owner) as both, psycopg.connect(owner.info.dsn, password=owner.info.password) as third:
        third.execute(
            "INSERT INTO carrier_coverage (carrier, city, carrier_city, department_abbrev, supports_cod)"
            " VALUES ('coordinadora', 'QUIMERA B', 'QUIMERA B', 'META', true)"
        )
        calls = [
            racer.start_blocked(import_coverage, as_owner, ImportCoverageParams(HEADER + "".join(each)))
            for racer, each in zip(both, (lines, lines[::-1]), strict=True)
        ]
        third.rollback()
        assert [data_of(result).imported for result in results(*calls)] == [3, 3]


def test_the_functions_role_may_read_coverage_and_not_change_it(ctx: DomainContext) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        import_coverage(ctx, ImportCoverageParams(HEADER + "CALI,VALLE,true\n"))


@pytest.mark.skipif("ROBOT_JOBS_COVERAGE_CSV" not in os.environ, reason="ROBOT_JOBS_COVERAGE_CSV names no file")
def test_a_whole_list_is_imported_and_every_city_of_it_is_found(as_owner: DomainContext) -> None:
    text = Path(os.environ["ROBOT_JOBS_COVERAGE_CSV"]).read_text(encoding="utf-8-sig")
    lines = [line.split(",") for line in text.splitlines()[1:]]
    assert data_of(import_coverage(as_owner, ImportCoverageParams(text))).imported == len(lines)
    assert data_of(get_coverage_stats(as_owner, "coordinadora")).total_cities == len(lines)
    cities = [CityQuery(city.lower(), department) for city, department, _ in lines]
    validated = data_of(validate_cities(as_owner, ValidateCitiesParams(cities)))
    assert validated.invalid_count == 0
    assert [result.department_abbrev for result in validated.results] == [department for _, department, _ in lines]
    assert [result.supports_cod for result in validated.results] == [cod == "true" for *_, cod in lines]
