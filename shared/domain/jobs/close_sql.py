"""Close open items as errors, for every caller that ends them without a report; `lock` has the locks to take before."""

from shared.domain.jobs.counting import COUNT_AND_END
from shared.domain.jobs.kind_sql import IS_UNSENT

# What has been with a robot may have been shipped, unless the caller knows that it was not; it then keeps its order. A
# lookup has no shipment.
_CLOSED = """
       SET status = 'error', error_type = %(error_type)s, error_message = {message},
           shipment = CASE WHEN %(is_none_made)s AND NOT item.is_lookup THEN 'none' ELSE item.shipment END,
           holds = item.holds AND item.shipment = 'possible' AND NOT %(is_none_made)s,
           completed_at = now(), closed_by = %(closed_by)s, updated_at = now()
"""

# What was closed without a word of the robot stands in the history too, as what closed it; then the jobs are counted.
_AND_COUNT = (
    """
), history AS (
    INSERT INTO robot_job_item_reports
           (workspace_id, item_id, dispatch, status, error_type, error_message, outcome, source)
    SELECT workspace_id, id, dispatch, 'error', %(error_type)s, error_message, 'recorded', %(closed_by)s
      FROM closed
     WHERE was_sent AND %(closed_by)s IN ('person', 'deadline', 'restart')
), difference AS (
    SELECT job_id, 0 AS successes, count(*) AS errors, count(*) AS closed FROM closed GROUP BY job_id
"""
    + COUNT_AND_END
    + """
SELECT order_id, lifted IS NOT NULL AND shipment = 'none' AS frees_reshipment FROM closed
"""
)

_RETURNING = f"""
    RETURNING item.id, item.workspace_id, item.job_id, item.order_id, item.dispatch, item.error_message, item.shipment,
              item.lifted,
              NOT {IS_UNSENT} AS was_sent
"""

# The open items of some dispatches, or of a whole job where the dispatch is null.
CLOSE_OPEN_ITEMS = (
    "WITH closed AS ( UPDATE robot_job_items AS item"
    + _CLOSED.format(message="%(error_message)s")
    + f"""
      FROM unnest(%(job_ids)b::uuid[], %(dispatches)b::int[]) AS target (job_id, dispatch)
     WHERE item.job_id = target.job_id AND (target.dispatch IS NULL OR target.dispatch = item.dispatch)
       AND item.status IN ('pending', 'processing')
       AND (NOT %(only_unsent)s OR {IS_UNSENT})
       AND (item.workspace_id = ANY(%(workspace_ids)b::uuid[])) IS TRUE
"""
    + _RETURNING
    + _AND_COUNT
)

# Single open items, each with words of its own.
CLOSE_ITEMS = (
    "WITH closed AS ( UPDATE robot_job_items AS item"
    + _CLOSED.format(message="target.message")
    + """
      FROM unnest(%(item_ids)b::uuid[], %(messages)b::text[]) AS target (item_id, message)
     WHERE item.id = target.item_id AND (item.status IN ('pending', 'processing')) IS TRUE
       AND (item.workspace_id = %(workspace_id)s) IS TRUE
"""
    + _RETURNING
    + _AND_COUNT
)
