"""Cities that a carrier serves and that someone may have meant who wrote one that it does not list."""

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import Connection

from shared.logistics import Unreadable, department_abbreviation, department_name, normalise, place_suggestion
from shared.logistics import read_department as read

#: Places for which similar ones are looked for at once; a list of thousands that is wrong throughout is another list.
MAX_PLACES = 500
MAX_SUGGESTIONS = 3


@dataclass(frozen=True)
class Suggestion:
    """A city that the carrier serves, with its department."""

    city: str
    department: str


def suggest_cities(
    conn: Connection, carrier: str, places: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], tuple[Suggestion, ...]]:
    """Return up to three cities for each (city, department) as written that the carrier does not list; one query.

    Those that sound most alike come first, before others of the department that was written. Of more than 500 places
    the first ones get suggestions.
    """
    asked = list(dict.fromkeys(places))[:MAX_PLACES]
    if not asked:
        return {}
    row = {
        "carrier": carrier,
        "cities": [normalise(city) for city, _ in asked],
        "abbreviations": [_abbreviation(department) for _, department in asked],
        "at_most": MAX_SUGGESTIONS,
    }
    found: dict[tuple[str, str], list[Suggestion]] = {place: _of_bogota(*place) for place in asked}
    for position, city, abbreviation in conn.execute(_SELECT_SIMILAR, row):
        found[asked[position - 1]].append(Suggestion(city, department_name(city, abbreviation)))
    return {place: tuple(cities[:MAX_SUGGESTIONS]) for place, cities in found.items() if cities}


def _of_bogota(city: str, department: str) -> list[Suggestion]:
    meant = place_suggestion(city, department)
    return [Suggestion(*meant)] if meant else []


def _abbreviation(department: str) -> str | None:
    """Return the abbreviation of the department that was written, or else of the one that its name is closest to."""
    known = read(department)
    if isinstance(known, Unreadable):
        return department_abbreviation(known.suggestions[0]) if known.suggestions else None
    return known.abbreviations[0]


# The served cities most like each that was asked for. A city of the department that was written may be less alike.
_SELECT_SIMILAR = """
SELECT asked.position, alike.carrier_city, alike.department_abbrev
  FROM unnest(%(cities)b::text[], %(abbreviations)b::text[]) WITH ORDINALITY
       AS asked (city, department_abbrev, position)
 CROSS JOIN LATERAL (
     SELECT coverage.carrier_city, coverage.department_abbrev,
            similarity(coverage.city, asked.city)
              + CASE WHEN coverage.department_abbrev = asked.department_abbrev THEN 0.2 ELSE 0 END AS likeness
       FROM carrier_coverage AS coverage
      WHERE coverage.carrier = %(carrier)s AND coverage.is_active AND similarity(coverage.city, asked.city) >= 0.35
      ORDER BY likeness DESC, coverage.city, coverage.department_abbrev
      LIMIT %(at_most)s) AS alike
 ORDER BY asked.position, alike.likeness DESC, alike.carrier_city
"""
