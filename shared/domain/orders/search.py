"""List the orders of a workspace, and search among them."""

import json
import re
from itertools import product

from psycopg import Connection, Cursor
from psycopg.rows import dict_row

from shared.domain.context import DomainContext
from shared.domain.counted import HOW_MANY, ask_total, read_total, require_cap
from shared.domain.cursor import decode_cursor, encode_cursor, require_limit
from shared.domain.function import domain_query
from shared.domain.orders.models import ListOrdersParams, OrderPage
from shared.domain.orders.read import ORDER_COLUMNS, ORDERS_OF_PAGE, order_of
from shared.domain.texts import optional_sent
from shared.domain.validation import require_flag

#: Characters of a search.
MAX_SEARCH = 200
#: Orders among which it is looked for what names a known number.
_NEWEST = 1_000
#: Of what may be a whole tracking number; fewer digits may be a part of anything.
_NUMBER = re.compile(r"[0-9]{8,}")


@domain_query
def list_orders(conn: Connection, ctx: DomainContext, params: ListOrdersParams) -> OrderPage:
    """Return a page of the workspace's orders, newest first. Refused: a bad filter, limit or cursor (`INVALID`)."""
    search = optional_sent(params.search, "search", None, at_least=1, at_most=MAX_SEARCH)
    shipped = None if params.shipped is None else require_flag(params.shipped, "shipped")
    is_free = require_flag(params.is_free, "is_free")
    has_guide = None if params.has_guide is None else require_flag(params.has_guide, "has_guide")
    stage_id = optional_sent(params.stage_id, "stage_id", None, at_most=1_000)
    limit = require_limit(params.limit)
    count_to = require_cap(params.count_to)
    scope = json.dumps(["orders", str(ctx.workspace_id), search, shipped, is_free, has_guide, stage_id])
    before = None if params.cursor is None else decode_cursor(scope, params.cursor)
    # Whether orders have no number, and no guide, that may be among the wanted.
    classes = list(product(_without(shipped), _without(has_guide)))
    row = {
        "workspace_id": ctx.workspace_id,
        "search": search,
        # No constant in the statement: the planner would take it for all that a workspace has, and sort them.
        "newest": _NEWEST,
        "shipped": shipped,
        "is_free": is_free,
        "has_guide": has_guide,
        "stage_id": stage_id,
        "unnumbered": [is_unnumbered for is_unnumbered, _ in classes],
        "guideless": [is_guideless for _, is_guideless in classes],
        "before": before,
        "limit": limit + 1,
    }
    listed, counted = _queries(params, search)
    asked = conn.cursor(row_factory=dict_row).execute(listed, row)
    total = ask_total(conn, counted, {**row, "before": None}, count_to)
    found = asked.fetchall()
    orders = [order_of(each) for each in found[:limit]]
    next_cursor = encode_cursor(scope, orders[-1].id) if len(found) > limit else None
    return OrderPage(orders, next_cursor, read_total(total))


def ask_free_orders(conn: Connection, ctx: DomainContext, count_to: int) -> Cursor[tuple[int]]:
    """Ask how many orders wait to be shipped, without waiting for the answer; one more than the cap is any number."""
    row = {
        "workspace_id": ctx.workspace_id,
        "shipped": False,
        "is_free": True,
        "has_guide": None,
        "unnumbered": [True, True],
        "guideless": [True, False],
        "before": None,
        "limit": count_to + 1,
    }
    return conn.execute(_COUNT_BY_NUMBERS, row)


def _without(wanted: bool | None) -> list[bool]:  # noqa: FBT001 - a filter, or none
    return [True, False] if wanted is None else [not wanted]


def _queries(params: ListOrdersParams, search: str | None) -> tuple[str, str]:
    """Return the statement that lists, and the one that counts."""
    if search is not None and _NUMBER.fullmatch(search):
        return _SEARCH_NUMBER, _COUNT_NUMBER
    if search is not None:
        return _SEARCH, _COUNT_FOUND
    if params.stage_id is not None:
        return _LIST_STAGE, _COUNT_STAGE
    if params.shipped is not None or params.has_guide is not None:
        return _LIST_BY_NUMBERS, _COUNT_BY_NUMBERS
    return _LIST, _COUNT_ALL


# Where the last page ended; without one, beyond everything. A subquery gives it: under row-level security no index is
# used for a condition with an expression such as COALESCE.
_PLACE = """
place AS MATERIALIZED (
    SELECT coalesce((SELECT last.created_at FROM orders AS last
                      WHERE last.id = %(before)s::uuid AND (last.workspace_id = %(workspace_id)s) IS TRUE),
                    'infinity') AS at,
           coalesce(%(before)s::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff') AS id
)
"""
_BEFORE = "(orders.created_at, orders.id) < ((SELECT at FROM place), (SELECT id FROM place))"

_NEWEST_FIRST = "ORDER BY created_at DESC, id DESC LIMIT %(limit)s"

_IS_MADE = """
EXISTS (SELECT FROM robot_job_items AS item
         WHERE item.order_id = orders.id AND (item.workspace_id = %(workspace_id)s) IS TRUE
           AND item.shipment IN ('made', 'second'))
"""

# In a job, perhaps shipped, or shipped.
_IS_HELD = """
EXISTS (SELECT FROM robot_job_items AS item
         WHERE item.order_id = orders.id AND item.holds AND (item.workspace_id = %(workspace_id)s) IS TRUE)
"""

# The orders of a page, whole.
_WHOLE = f"""
SELECT {ORDER_COLUMNS} {ORDERS_OF_PAGE}
 ORDER BY page.created_at DESC, page.id DESC
"""

# All orders.
_PAGE_OF_ALL = f"""
WITH {_PLACE}, page AS MATERIALIZED (
    SELECT orders.id, orders.created_at
      FROM orders
     WHERE orders.workspace_id = %(workspace_id)s AND {_BEFORE}
     {_NEWEST_FIRST}
)
"""
_LIST = _PAGE_OF_ALL + _WHOLE
_COUNT_ALL = _PAGE_OF_ALL + HOW_MANY

# Orders by whether they have a number and a guide: each kind has its own part of the index, newest first. An order with
# a number is shipped; of those without one the few that were made all the same are looked for by their items.
_BY_NUMBERS = f"""
WITH {_PLACE}, page AS MATERIALIZED (
    SELECT id, created_at
      FROM unnest(%(unnumbered)b::bool[], %(guideless)b::bool[]) AS kind (unnumbered, guideless)
     CROSS JOIN LATERAL (
         SELECT orders.id, orders.created_at
           FROM orders
          WHERE orders.workspace_id = %(workspace_id)s {{of_stage}}
            AND (orders.tracking_number IS NULL) = kind.unnumbered
            AND (orders.carrier_guide_number IS NULL) = kind.guideless
            AND {_BEFORE}
            AND (%(shipped)s::bool IS NOT FALSE OR NOT {_IS_MADE})
            AND (NOT %(is_free)s::bool OR NOT {_IS_HELD})
          {_NEWEST_FIRST}) AS found
     UNION ALL
    SELECT orders.id, orders.created_at
      FROM (SELECT order_id AS id
              FROM robot_job_items
             WHERE workspace_id = %(workspace_id)s AND shipment IN ('made', 'second')
               AND (tracking_number IS NULL OR NOT holds)
             UNION
            SELECT id
              FROM orders
             WHERE workspace_id = %(workspace_id)s AND tracking_number IS NULL AND number_by_hand) AS apart
      JOIN orders ON orders.id = apart.id
     WHERE %(shipped)s::bool AND orders.tracking_number IS NULL AND {_IS_MADE}
       AND (orders.workspace_id = %(workspace_id)s) IS TRUE {{of_stage}}
       AND coalesce(orders.carrier_guide_number IS NOT NULL = %(has_guide)s::bool, true)
       AND {_BEFORE}
     {_NEWEST_FIRST}
)
"""
_PAGE_BY_NUMBERS = _BY_NUMBERS.replace("{of_stage}", "")
_PAGE_OF_STAGE = _BY_NUMBERS.replace("{of_stage}", "AND orders.stage_id = %(stage_id)s")
_LIST_BY_NUMBERS = _PAGE_BY_NUMBERS + _WHOLE
_COUNT_BY_NUMBERS = _PAGE_BY_NUMBERS + HOW_MANY
_LIST_STAGE = _PAGE_OF_STAGE + _WHOLE
_COUNT_STAGE = _PAGE_OF_STAGE + HOW_MANY

# What the database's own function finds; it alone sees orders past row-level security, and only this workspace's.
_FOUND_ANYWHERE = """
    SELECT found.order_id AS id, found.order_created_at AS created_at
      FROM search_orders(%(search)s, %(shipped)s, %(has_guide)s, %(stage_id)s, %(before)s, %(limit)s) AS found
"""
_FOUND = f"WITH page AS MATERIALIZED ({_FOUND_ANYWHERE})"
_SEARCH = _FOUND + _WHOLE
_COUNT_FOUND = _FOUND + HOW_MANY

# A number as it is pasted: the orders that have it, or that the shop calls so, which indexes know, and beside them
# those of the newest that name it, as a reshipment's may. The pieces of a number are often pieces of all numbers, which
# makes it dear to look everywhere: that is done where no order has it.
_PAGE_OF_NUMBER = f"""
WITH {_PLACE}, whole AS MATERIALIZED (
    SELECT EXISTS (SELECT FROM orders
                    WHERE orders.workspace_id = %(workspace_id)s AND orders.tracking_number = %(search)s) AS is_known
), page AS MATERIALIZED (
    SELECT * FROM ({_FOUND_ANYWHERE} WHERE NOT (SELECT is_known FROM whole)) AS anywhere
     UNION ALL
    SELECT * FROM (
        SELECT orders.id, orders.created_at
          FROM (SELECT newest.id
                  FROM (SELECT orders.id, orders.search_text
                          FROM orders
                         WHERE orders.workspace_id = %(workspace_id)s AND {_BEFORE}
                         ORDER BY orders.created_at DESC, orders.id DESC
                         LIMIT %(newest)s) AS newest
                 WHERE strpos(newest.search_text, %(search)s) > 0
                 UNION
                SELECT orders.id
                  FROM orders
                 WHERE orders.workspace_id = %(workspace_id)s AND orders.tracking_number = %(search)s
                 UNION
                SELECT orders.id
                  FROM orders
                 WHERE orders.workspace_id = %(workspace_id)s AND orders.external_id = %(search)s) AS named
          JOIN orders ON orders.id = named.id AND (orders.workspace_id = %(workspace_id)s) IS TRUE
         WHERE (SELECT is_known FROM whole) AND {_BEFORE}
           AND coalesce(%(shipped)s::bool = (orders.tracking_number IS NOT NULL OR {_IS_MADE}), true)
           AND coalesce(%(has_guide)s::bool = (orders.carrier_guide_number IS NOT NULL), true)
           AND coalesce(orders.stage_id = %(stage_id)s, %(stage_id)s::text IS NULL)
         {_NEWEST_FIRST}) AS known
)
"""
_SEARCH_NUMBER = _PAGE_OF_NUMBER + _WHOLE
_COUNT_NUMBER = _PAGE_OF_NUMBER + HOW_MANY
