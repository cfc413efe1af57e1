"""A carrier's whole list of cities, written by the owner of the database. What reads the file loads with it alone."""

from dataclasses import dataclass

from psycopg import Connection

from shared.carriers.registry import DEFAULT_CARRIER
from shared.domain import refusal_page as page
from shared.domain.carriers.coverage_csv import parse_coverage
from shared.domain.carriers.registry import require_carrier
from shared.domain.context import DomainContext
from shared.domain.function import domain_function


@dataclass(frozen=True)
class ImportCoverageParams:
    """CSV text with the header `city,department_abbrev,supports_cod`, and whose list it is."""

    csv_text: str
    carrier: str = DEFAULT_CARRIER


@dataclass(frozen=True)
class ImportedCoverage:
    """How many cities were written."""

    imported: int


@domain_function
def import_coverage(conn: Connection, ctx: DomainContext, params: ImportCoverageParams) -> ImportedCoverage:
    """Write a carrier's list of cities: new ones are added, known ones take the file's word, others stay.

    Needs the owner's connection: the functions may only read coverage. Refused, and nothing is written: a file with
    a bad line, each named (`INVALID`, `invalid_csv`); no such carrier (`NOT_FOUND`).

    Raises:
        psycopg.errors.InsufficientPrivilege: the connection is not the owner's.
    """
    del ctx  # coverage belongs to no workspace
    if not isinstance(params, ImportCoverageParams):
        raise page.unexpected_value("The list", "ImportCoverageParams")
    carrier = require_carrier(params.carrier)
    rows = parse_coverage(params.csv_text)
    conn.execute(
        _UPSERT,
        {
            "carrier": carrier,
            "cities": [row.city for row in rows],
            "carrier_cities": [row.carrier_city for row in rows],
            "abbreviations": [row.department_abbrev for row in rows],
            "supports_cod": [row.supports_cod for row in rows],
        },
    )
    return ImportedCoverage(len(rows))


# A city on the list is served.
_UPSERT = """
INSERT INTO carrier_coverage (carrier, city, carrier_city, department_abbrev, supports_cod)
SELECT %(carrier)s, listed.city, listed.carrier_city, listed.department_abbrev, listed.supports_cod
  FROM unnest(%(cities)b::text[], %(carrier_cities)b::text[], %(abbreviations)b::text[], %(supports_cod)b::bool[])
       AS listed (city, carrier_city, department_abbrev, supports_cod)
 ORDER BY listed.department_abbrev, listed.city
    ON CONFLICT (carrier, city, department_abbrev) DO UPDATE
   SET carrier_city = excluded.carrier_city, supports_cod = excluded.supports_cod, is_active = true
"""
