"""A carrier's cities while a person types: those that begin so, then those with words that are alike."""

from dataclasses import dataclass

from psycopg import Connection

from shared.carriers.registry import DEFAULT_CARRIER
from shared.domain import refusal_page as page
from shared.domain.carriers.registry import require_carrier
from shared.domain.context import DomainContext
from shared.domain.function import domain_query
from shared.logistics import department_name, normalise

MAX_CITIES_FOUND = 20
MAX_SEARCH = 200


@dataclass(frozen=True)
class SearchCitiesParams:
    """What was typed, of 1 to 200 characters, and the carrier to ask."""

    search: str
    carrier: str = DEFAULT_CARRIER


@dataclass(frozen=True)
class City:
    """A city that the carrier serves, in its spelling, with its department."""

    city: str
    department: str
    department_abbrev: str
    supports_cod: bool


@dataclass(frozen=True)
class FoundCities:
    """Up to 20 cities, the best first."""

    cities: list[City]


@domain_query
def search_cities(conn: Connection, ctx: DomainContext, params: SearchCitiesParams) -> FoundCities:
    """Find the cities that someone may mean who has typed this much, without case and accents.

    Refused: no such carrier (`NOT_FOUND`), a text of no or more than 200 characters (`INVALID`).
    """
    del ctx  # coverage belongs to no workspace
    if not isinstance(params, SearchCitiesParams):
        raise page.unexpected_value("The search", "SearchCitiesParams")
    carrier = require_carrier(params.carrier)
    if not isinstance(params.search, str):
        raise page.no_text("search")
    if not 1 <= len(params.search) <= MAX_SEARCH:
        raise page.text_of_wrong_length("search", 1, MAX_SEARCH, len(params.search))
    # Nothing but signs finds nothing, whatever they are; letters and digits alone stand in the pattern.
    typed = normalise(params.search)
    row = {"carrier": carrier, "typed": typed, "beginning": f"{typed}%", "at_most": MAX_CITIES_FOUND}
    found = conn.execute(_SELECT_CITIES, row).fetchall() if typed else []
    return FoundCities(
        [City(city, department_name(city, abbrev), abbrev, supports_cod) for city, abbrev, supports_cod in found]
    )


# The served cities that begin so, by name; after them those with a word or the whole that is alike.
_SELECT_CITIES = """
WITH beginning AS (
    SELECT carrier_city, city, department_abbrev, supports_cod, 2::real AS likeness
      FROM carrier_coverage
     WHERE carrier = %(carrier)s AND is_active AND city LIKE %(beginning)s
     ORDER BY city, department_abbrev
     LIMIT %(at_most)s
), alike AS (
    SELECT carrier_city, city, department_abbrev, supports_cod,
           greatest(similarity(city, %(typed)s), word_similarity(%(typed)s, city)) AS likeness
      FROM carrier_coverage
     WHERE carrier = %(carrier)s AND is_active AND (city %% %(typed)s OR city %%> %(typed)s)
       AND city NOT LIKE %(beginning)s
     ORDER BY likeness DESC, city, department_abbrev
     LIMIT %(at_most)s
)
SELECT carrier_city, department_abbrev, supports_cod
  FROM (SELECT * FROM beginning UNION ALL SELECT * FROM alike) AS found
 ORDER BY likeness DESC, city, department_abbrev
 LIMIT %(at_most)s
"""
