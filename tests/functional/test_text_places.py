"""Places as shops and maps write them: found, or refused with what may have been meant."""

import json
from pathlib import Path

import pytest
from psycopg import Connection

from shared.domain import (
    CityQuery,
    CityResult,
    DomainContext,
    Suggestion,
    ValidateCitiesParams,
    ValidateCityParams,
    validate_cities,
    validate_city,
)
from tests.factories import data_of, failure_of
from tests.statements import statements_of

CASES = Path(__file__).parents[1] / "cases"


def validated(ctx: DomainContext, city: str, department: str) -> CityResult:
    return data_of(validate_city(ctx, ValidateCityParams(city, department)))


def test_every_place_of_the_sample_is_understood_or_gets_a_suggestion(ctx: DomainContext) -> None:
    """Naive: departments that shops write so are unknown, and that is said as `does not serve`."""
    cities = json.loads((CASES / "places.json").read_bytes())["cities"]
    queries = [CityQuery(each["city"], each["department"]) for each in cities]
    results = data_of(validate_cities(ctx, ValidateCitiesParams(queries))).results
    refused = {(each.city, each.department): each for each in results if not each.is_valid}
    assert {place: (each.code, each.suggestions[0].city) for place, each in refused.items()} == {
        place: (each.code, "Bogotá") for place, each in refused.items()
    }
    assert len(refused) < len(results) / 4


@pytest.mark.parametrize(
    ("city", "department", "code", "suggested"),
    [
        ("Medelin", "Antioquia", "city_not_covered", ("MEDELLIN", "Antioquia")),
        ("Medellín", "Cundinamarca", "city_not_covered", ("MEDELLIN", "Antioquia")),
        ("Bucaramnga", "Santander", "city_not_covered", ("BUCARAMANGA", "Santander")),
        ("Medellín", "Antiokia", "unknown_department", ("MEDELLIN", "Antioquia")),
        ("Cali", "", "missing_department", ("CALI", "Valle del Cauca")),
        ("Suba", "Cundinamarca", "city_not_covered", ("Bogotá", "Bogotá, D.C.")),
        # Of five that sound like it the best three are kept.
        ("Puerto Colom", "Atlántico", "city_not_covered", ("PUERTO COLOMBIA", "Atlántico")),
    ],
)
def test_a_place_that_is_not_listed_gets_what_may_have_been_meant(
    ctx: DomainContext, city: str, department: str, code: str, suggested: tuple[str, str]
) -> None:
    """Naive: an unknown department is said to be one that the carrier does not serve."""
    result = validated(ctx, city, department)
    assert (result.is_valid, result.code) == (False, code)
    assert result.suggestions[0] == Suggestion(*suggested)
    assert 1 <= len(result.suggestions) <= 3
    assert result.reason
    assert result.reason.endswith(".")
    # What is suggested is a place that the carrier serves.
    assert all(validated(ctx, each.city, each.department).is_valid for each in result.suggestions)


def test_what_is_most_alike_is_suggested_first_and_before_others_of_its_department(
    ctx: DomainContext, owner: Connection
) -> None:
    owner.execute(
        "INSERT INTO carrier_coverage (carrier, city, carrier_city, department_abbrev, supports_cod)"
        " SELECT 'coordinadora', 'VIOLONCHELO ' || name, 'VIOLONCHELO ' || name, department, false"
        "   FROM unnest('{E,D,C,B,A}'::text[], '{VALLE,META,META,META,META}'::text[]) AS city (name, department)"
        " ON CONFLICT DO NOTHING"
    )
    assert validated(ctx, "Violonchelo", "Valle").suggestions == (
        Suggestion("VIOLONCHELO E", "Valle del Cauca"),
        Suggestion("VIOLONCHELO A", "Meta"),
        Suggestion("VIOLONCHELO B", "Meta"),
    )
    # Another department says less than two more letters that are the same.
    alike = validated(ctx, "Violonchelo d", "Valle").suggestions
    assert alike[0] == Suggestion("VIOLONCHELO D", "Meta")


def test_what_is_served_has_nothing_to_say_and_what_is_like_nothing_no_suggestion(ctx: DomainContext) -> None:
    served = validated(ctx, "Medellín", "Antioquia")
    assert (served.code, served.reason, served.suggestions) == (None, None, ())
    assert validated(ctx, "Xyzzyx", "Antioquia").suggestions == ()
    assert validated(ctx, "", "Antioquia").code == "missing_city"


def test_a_code_that_two_lists_give_to_two_departments_is_refused(ctx: DomainContext) -> None:
    result = validated(ctx, "Cartagena", "BO")
    assert result.code == "unknown_department"
    assert result.reason
    assert "depending on the list it is from" in result.reason


@pytest.mark.parametrize(
    ("query", "field"),
    [(CityQuery("undefined", "Antioquia"), "cities.1.city"), (CityQuery("Cali", "n/a"), "cities.1.department")],
)
def test_a_placeholder_is_refused_by_the_name_of_its_field(ctx: DomainContext, query: CityQuery, field: str) -> None:
    refused = validate_cities(ctx, ValidateCitiesParams([CityQuery("Cali", "Valle"), query]))
    assert failure_of(refused, "INVALID", "invalid_text").error.startswith(f"{field} is ")


def test_how_much_alike_a_suggestion_is_and_what_its_department_counts(ctx: DomainContext, owner: Connection) -> None:
    """By the parts of a word: 7 of 13 and 5 of 14 are suggested, 5 of 15 are too few; the department counts a fifth."""
    owner.execute(
        "INSERT INTO carrier_coverage (carrier, city, carrier_city, department_abbrev, supports_cod)"
        " SELECT 'coordinadora', name, name, department, false"
        "   FROM unnest('{FLAGEOLE,FLAGEOL,FLAGEA,QUERUA,QUERUYZ}'::text[], '{VALLE,VALLE,META,META,META}'::text[])"
        "     AS city (name, department) ON CONFLICT DO NOTHING"
    )
    alike = [each.city for each in validated(ctx, "Flageoletin", "Meta").suggestions]
    assert alike == ["FLAGEOLE", "FLAGEA", "FLAGEOL"]
    assert [each.city for each in validated(ctx, "Querubinero", "Meta").suggestions] == ["QUERUA"]


def test_suggestions_take_one_query_and_have_an_end(ctx: DomainContext, owner: Connection) -> None:
    """Naive: ten thousand places that nobody serves are ten thousand searches, and the function's time is over."""
    assert owner
    queries = [CityQuery(f"Medelin {n}", "Antioquia") for n in range(510)]
    params = ValidateCitiesParams(queries)
    one = ValidateCitiesParams(queries[:1])
    data_of(validate_cities(ctx, one))  # connects
    assert statements_of(validate_cities, ctx, params) == statements_of(validate_cities, ctx, one)
    results = data_of(validate_cities(ctx, params)).results
    assert [bool(each.suggestions) for each in results] == [True] * 500 + [False] * 10
