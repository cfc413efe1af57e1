"""Which cities a carrier serves, and where it collects cash on delivery. The same for every workspace."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from shared.carriers.registry import DEFAULT_CARRIER
from shared.domain import refusal_page as page
from shared.domain.carriers.registry import require_carrier
from shared.domain.carriers.suggestions import Suggestion, suggest_cities
from shared.domain.context import DomainContext
from shared.domain.function import domain_query
from shared.domain.refusals import RefusedError
from shared.domain.texts import require_sent
from shared.domain.validation import require_uuid
from shared.logistics import CoveredCity, FieldKind, coverage_candidates, department_abbreviation, uncovered

MAX_CITIES = 10_000
MAX_PLACE = 1_000


@dataclass(frozen=True)
class CityQuery:
    """A city as someone wrote it; `order_id` comes back with the answer."""

    city: str
    department: str
    order_id: UUID | None = None


@dataclass(frozen=True)
class ValidateCityParams:
    """A city, and the carrier to ask about it."""

    city: str
    department: str
    carrier: str = DEFAULT_CARRIER


@dataclass(frozen=True)
class ValidateCitiesParams:
    """At most 10,000 cities, and the carrier to ask about them."""

    cities: Sequence[CityQuery]
    carrier: str = DEFAULT_CARRIER


@dataclass(frozen=True)
class CityResult:
    """What the carrier's list says of a city: `carrier_city` is the carrier's spelling, None where it does not go."""

    city: str
    department: str
    order_id: UUID | None
    is_valid: bool
    carrier_city: str | None
    department_abbrev: str | None
    supports_cod: bool
    #: Why it is not valid, as a rejected order has it: `unknown_department`, `city_not_covered`, what is missing.
    code: str | None = None
    reason: str | None = None
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True)
class ValidatedCities:
    """A result for each city, in the order of the request."""

    results: list[CityResult]
    valid_count: int
    invalid_count: int


@dataclass(frozen=True)
class CoverageStats:
    """How many cities a carrier's list has: in all, served now, and served with cash on delivery."""

    total_cities: int
    cod_cities: int
    active_cities: int


@domain_query
def validate_city(conn: Connection, ctx: DomainContext, params: ValidateCityParams) -> CityResult:
    """Look a city up in the carrier's list.

    Refused: no such carrier (`NOT_FOUND`), texts that can't be right (`INVALID`).
    """
    del ctx  # coverage belongs to no workspace
    if not isinstance(params, ValidateCityParams):
        raise page.unexpected_value("The city", "ValidateCityParams")
    query = CityQuery(params.city, params.department)
    _checked(query)
    [result] = _validate(conn, require_carrier(params.carrier), [query])
    return result


@domain_query
def validate_cities(conn: Connection, ctx: DomainContext, params: ValidateCitiesParams) -> ValidatedCities:
    """Look many cities up with one query; those that the carrier does not list get suggestions by another.

    Refused: no such carrier (`NOT_FOUND`), more than 10,000 cities or texts that can't be right (`INVALID`).
    """
    del ctx  # coverage belongs to no workspace
    if not isinstance(params, ValidateCitiesParams) or not isinstance(params.cities, list | tuple):
        raise page.unexpected_value("The cities", "a list in ValidateCitiesParams")
    if len(params.cities) > MAX_CITIES:
        raise page.too_many_cities(len(params.cities), MAX_CITIES)
    results = _validate(conn, require_carrier(params.carrier), params.cities)
    valid_count = sum(result.is_valid for result in results)
    return ValidatedCities(results, valid_count, len(results) - valid_count)


@domain_query
def get_coverage_stats(conn: Connection, ctx: DomainContext, carrier: str) -> CoverageStats:
    """Count a carrier's cities. Refused: no such carrier (`NOT_FOUND`)."""
    del ctx  # coverage belongs to no workspace
    row = {"carrier": require_carrier(carrier)}
    [stats] = conn.cursor(row_factory=class_row(CoverageStats)).execute(_COUNT, row).fetchall()
    return stats


def find_covered(
    conn: Connection, carrier: str, places: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], CoveredCity]:
    """Return the carrier's city for each (city, department) as written that it serves, with one query."""
    candidates = {place: coverage_candidates(*place) for place in places}
    wanted = sorted({each for listed in candidates.values() for each in listed})
    row = {
        "carrier": carrier,
        "cities": [city for city, _ in wanted],
        "abbreviations": [abbreviation for _, abbreviation in wanted],
    }
    listed = {
        (city, abbreviation): CoveredCity(carrier_city, abbreviation, supports_cod)
        for city, abbreviation, carrier_city, supports_cod in conn.execute(_SELECT, row)
    }
    covered = {place: [listed[each] for each in meant if each in listed] for place, meant in candidates.items()}
    return {place: cities[0] for place, cities in covered.items() if cities}


def _validate(conn: Connection, carrier: str, queries: Sequence[CityQuery]) -> list[CityResult]:
    places = [_checked_of_many(*each) for each in enumerate(queries)]
    covered = find_covered(conn, carrier, set(places))
    suggested = suggest_cities(conn, carrier, (place for place in places if place not in covered))
    return [
        _result(query, place, covered.get(place), suggested.get(place, ()))
        for query, place in zip(queries, places, strict=True)
    ]


def _checked_of_many(position: int, query: CityQuery) -> tuple[str, str]:
    if not isinstance(query, CityQuery):
        raise page.unexpected_value(f"cities.{position}", "a CityQuery")
    try:
        return _checked(query)
    except RefusedError as error:
        raise error.within(f"cities.{position}") from error


def _checked(query: CityQuery) -> tuple[str, str]:
    if query.order_id is not None:
        require_uuid(query.order_id, "order_id")
    city = require_sent(query.city, "city", FieldKind.TEXT, at_most=MAX_PLACE)
    return city, require_sent(query.department, "department", FieldKind.NUMBER, at_most=MAX_PLACE)


def _result(
    query: CityQuery, place: tuple[str, str], covered: CoveredCity | None, suggestions: tuple[Suggestion, ...]
) -> CityResult:
    why = uncovered(*place) if covered is None else None
    return CityResult(
        city=query.city,
        department=query.department,
        order_id=query.order_id,
        is_valid=covered is not None,
        carrier_city=covered.city if covered else None,
        department_abbrev=covered.department_abbrev if covered else department_abbreviation(query.department),
        supports_cod=covered is not None and covered.supports_cod,
        code=why.code if why else None,
        reason=why.reason if why else None,
        suggestions=suggestions,
    )


# The cities asked for that the carrier serves.
_SELECT = """
SELECT coverage.city, coverage.department_abbrev, coverage.carrier_city, coverage.supports_cod
  FROM unnest(%(cities)b::text[], %(abbreviations)b::text[]) AS asked (city, department_abbrev)
  JOIN carrier_coverage AS coverage
    ON coverage.carrier = %(carrier)s AND coverage.city = asked.city
   AND coverage.department_abbrev = asked.department_abbrev
 WHERE coverage.is_active
"""

_COUNT = """
SELECT count(*) AS total_cities,
       count(*) FILTER (WHERE is_active AND supports_cod) AS cod_cities,
       count(*) FILTER (WHERE is_active) AS active_cities
  FROM carrier_coverage
 WHERE carrier = %(carrier)s
"""
