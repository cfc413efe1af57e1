"""What stands open over every workspace: how long items have been open, and what waits for a person."""

from dataclasses import dataclass

from psycopg.rows import class_row

from shared.db.transaction import system_transaction


@dataclass(frozen=True)
class Standing:
    """How things stand, over every workspace."""

    #: Seconds since the item was made or retried that has been open longest; 0: none is.
    oldest_open_item_s: float
    #: Items in error of which a shipment may have been made.
    unsettled_items: int
    #: Shipments beside another one of their order, and items with further numbers, that nobody has had voided.
    second_shipments: int


def read_standing() -> Standing:
    """Return how things stand.

    Raises:
        psycopg.Error: the database did not answer.
    """
    with system_transaction() as conn:
        [standing] = conn.cursor(row_factory=class_row(Standing)).execute(_STANDING).fetchall()
    return standing


# Each by its partial index, which holds few rows: what is open now, and what waits for a person.
_STANDING = """
SELECT (SELECT coalesce(extract(epoch FROM now() - min(coalesce(last_retry_at, created_at))), 0)::float8
          FROM robot_job_items
         WHERE status IN ('pending', 'processing')) AS oldest_open_item_s,
       (SELECT count(*) FROM robot_job_items WHERE status = 'error' AND shipment = 'possible') AS unsettled_items,
       (SELECT count(*) FROM robot_job_items
         WHERE ((shipment = 'second' AND voided_at IS NULL) OR other_numbers <> '{}')
           AND NOT is_lookup) AS second_shipments
"""
