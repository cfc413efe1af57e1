"""Lists of orders by what became of them in jobs: those that are in one, and those that failed."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from psycopg import Connection
from psycopg.rows import dict_row

from shared.domain.context import DomainContext
from shared.domain.counted import HOW_MANY, ask_total, read_total, require_cap
from shared.domain.cursor import AFTER_ALL, DEFAULT_PAGE, decode_cursor, encode_cursor, require_limit
from shared.domain.function import domain_query
from shared.domain.ids import first_id_of
from shared.domain.jobs.failed_sql import FAILED_DAYS, IS_FAILED, IS_LEFT
from shared.domain.orders.models import OrderPage
from shared.domain.orders.read import ORDER_COLUMNS, ORDERS_OF_PAGE, order_of
from shared.domain.orders.search import MAX_SEARCH
from shared.domain.texts import optional_sent
from shared.domain.validation import require_choice
from shared.words import OPEN_STATUSES

#: What becomes of an order in its jobs.
OrderState = Literal["in_job", "failed"]


@dataclass(frozen=True)
class ListOrdersByItemsParams:
    """Which orders, and which page of them (1 to 500 a page)."""

    state: OrderState
    #: As in `ListOrdersParams`.
    search: str | None = None
    limit: int = DEFAULT_PAGE
    cursor: str | None = None
    count_to: int | None = None


@domain_query
def list_orders_by_items(conn: Connection, ctx: DomainContext, params: ListOrdersByItemsParams) -> OrderPage:
    """Return orders that wait in a job or are with the robot, or that failed within 14 days; the newest job first.

    Refused: a bad state, search, limit or cursor (`INVALID`).
    """
    state = require_choice(params.state, get_args(OrderState), "state")
    search = optional_sent(params.search, "search", None, at_least=1, at_most=MAX_SEARCH)
    limit = require_limit(params.limit)
    count_to = require_cap(params.count_to)
    scope = json.dumps(["orders by items", str(ctx.workspace_id), state, search])
    row = {
        "workspace_id": ctx.workspace_id,
        "open": list(OPEN_STATUSES),
        "failed_from": first_id_of(datetime.now(UTC) - timedelta(days=FAILED_DAYS)),
        "search": search,
        "before": AFTER_ALL if params.cursor is None else decode_cursor(scope, params.cursor),
        "limit": limit + 1,
    }
    listed, counted = (_LIST_IN_JOB, _COUNT_IN_JOB) if state == "in_job" else (_LIST_FAILED, _COUNT_FAILED)
    asked = conn.cursor(row_factory=dict_row).execute(listed, row)
    total = ask_total(conn, counted, {**row, "before": AFTER_ALL}, count_to)
    found = asked.fetchall()
    places = [each.pop("item_id") for each in found]
    return OrderPage(
        [order_of(each) for each in found[:limit]],
        encode_cursor(scope, places[limit - 1]) if len(found) > limit else None,
        read_total(total),
    )


# What is looked for, as search_orders takes it: a short text at a field's beginning, and what may be a phone by its
# digits. Few rows are asked, so no index is.
_SOUGHT = r"""
sought AS MATERIALIZED (
    SELECT words, CASE WHEN length(phone) > 2 THEN phone ELSE words END AS contact_words
      FROM (SELECT CASE WHEN length(folded(%(search)s)) < 3 THEN E'\n' ELSE '' END || folded(%(search)s) AS words,
                   CASE WHEN %(search)s ~ '^[0-9 ()+.-]+$' THEN
                       regexp_replace(regexp_replace(%(search)s, '\D', '', 'g'), '^57(?=\d{10}$)', '') END AS phone
           ) AS asked
)
"""

# Whether an order (orders) or its contact has it.
_HAS_TEXT = """
(%(search)s::text IS NULL
 OR strpos(orders.search_text, (SELECT words FROM sought)) > 0
 OR EXISTS (SELECT FROM contacts AS named
             WHERE named.id = orders.contact_id AND (named.workspace_id = %(workspace_id)s) IS TRUE
               AND strpos(named.search_text, (SELECT contact_words FROM sought)) > 0))
"""

# The job in which the last page ended. A subquery gives it: under row-level security no index is used for a condition
# with an expression such as COALESCE.
_PLACE = """
place AS MATERIALIZED (
    SELECT coalesce((SELECT last.job_id FROM robot_job_items AS last
                      WHERE last.id = %(before)s AND (last.workspace_id = %(workspace_id)s) IS TRUE),
                    'ffffffff-ffff-ffff-ffff-ffffffffffff') AS job_id
)
"""

# The orders of a page, whole.
_WHOLE = f"""
SELECT page.item_id, {ORDER_COLUMNS} {ORDERS_OF_PAGE}
 ORDER BY page.job_id DESC, page.item_id DESC
"""

# Orders whose item is open, by the few jobs that are.
_PAGE_IN_JOB = f"""
WITH {_SOUGHT}, {_PLACE}, page AS MATERIALIZED (
    SELECT job.id AS job_id, open.item_id, open.order_id AS id
      FROM robot_jobs AS job
     CROSS JOIN LATERAL (
         SELECT item.id AS item_id, item.order_id
           FROM robot_job_items AS item
           JOIN orders ON orders.id = item.order_id AND (orders.workspace_id = %(workspace_id)s) IS TRUE
          WHERE item.job_id = job.id AND item.status IN ('pending', 'processing') AND NOT item.is_lookup
            AND (item.workspace_id = %(workspace_id)s) IS TRUE AND {_HAS_TEXT}
            AND (item.job_id, item.id) < ((SELECT job_id FROM place), %(before)s)
          ORDER BY item.id DESC
          LIMIT %(limit)s) AS open
     WHERE job.workspace_id = %(workspace_id)s AND job.status = ANY(%(open)b::text[])
     ORDER BY job.id DESC, open.item_id DESC
     LIMIT %(limit)s
)
"""
_LIST_IN_JOB = _PAGE_IN_JOB + _WHOLE
_COUNT_IN_JOB = _PAGE_IN_JOB + HOW_MANY

# Orders that failed, of jobs of the last days, as their index has them.
_PAGE_FAILED = f"""
WITH {_SOUGHT}, {_PLACE}, page AS MATERIALIZED (
    SELECT item.job_id, item.id AS item_id, item.order_id AS id
      FROM robot_job_items AS item
      JOIN orders ON orders.id = item.order_id AND (orders.workspace_id = %(workspace_id)s) IS TRUE
     WHERE item.workspace_id = %(workspace_id)s AND item.job_id >= %(failed_from)s AND {IS_FAILED}
       AND (item.job_id, item.id) < ((SELECT job_id FROM place), %(before)s) AND {IS_LEFT} AND {_HAS_TEXT}
     ORDER BY item.job_id DESC, item.id DESC
     LIMIT %(limit)s
)
"""
_LIST_FAILED = _PAGE_FAILED + _WHOLE
_COUNT_FAILED = _PAGE_FAILED + HOW_MANY
