"""What stands open over every workspace: how long items have been open, and what waits for a person."""

from dataclasses import dataclass

from psycopg.rows import class_row

from shared.db.transaction import system_transaction
from shared.domain.jobs.kind_sql import IS_SECOND, IS_UNSETTLED

#: Items that are counted of each kind; what is beyond is as much work for a person.
MAX_COUNTED = 1_000


@dataclass(frozen=True)
class Standing:
    """How things stand, over every workspace."""

    #: Seconds since the item was made or retried that has been open longest; 0: none is.
    oldest_open_item_s: float
    #: Items in error of which a shipment may have been made; 1,000 stands for more, too.
    unsettled_items: int
    #: Shipments beside another one of their order, and items with further numbers, that nobody has had
    #: voided; the same.
    second_shipments: int


def read_standing() -> Standing:
    """Return how things stand.

    Raises:
        psycopg.Error: the database did not answer.
    """
    with system_transaction() as conn:
        cursor = conn.cursor(row_factory=class_row(Standing))
        [standing] = cursor.execute(_STANDING, {"at_most": MAX_COUNTED}).fetchall()
    return standing


# Each by its partial index: the first entry of what is open, and as many as are counted of what waits for a person.
_STANDING = f"""
SELECT coalesce((SELECT extract(epoch FROM now() - coalesce(last_retry_at, created_at))::float8
                   FROM robot_job_items
                  WHERE status IN ('pending', 'processing')
                  ORDER BY coalesce(last_retry_at, created_at)
                  LIMIT 1), 0) AS oldest_open_item_s,
       (SELECT count(*) FROM (SELECT FROM robot_job_items AS item
                               WHERE {IS_UNSETTLED}
                               LIMIT %(at_most)s) AS found) AS unsettled_items,
       (SELECT count(*) FROM (SELECT FROM robot_job_items AS item
                               WHERE {IS_SECOND}
                               LIMIT %(at_most)s) AS found) AS second_shipments
"""
