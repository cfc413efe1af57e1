"""Put failed items back for another hand-over: the order as it is now, where no shipment exists or may exist."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection

from shared.domain import refusal_page as page
from shared.domain.activity_log import log_activity
from shared.domain.carriers.accounts import CarrierConfig, ask_config_of_job
from shared.domain.context import DomainContext
from shared.domain.function import domain_function
from shared.domain.jobs.lock import JobState, lock_items, lock_line, read_job
from shared.domain.jobs.lookups import NO_NUMBER
from shared.domain.jobs.models import MAX_ITEMS
from shared.domain.jobs.parcels import Candidate, RejectedOrder, ask_failed, build_pedidos, rejection, unshippable
from shared.domain.jobs.turn import make_first_wave
from shared.domain.validation import require_uuid, require_uuids
from shared.logistics import Unshippable


@dataclass(frozen=True)
class RetryFailedItemsParams:
    """The job, and which of its failed items (None: all)."""

    job_id: UUID
    item_ids: Sequence[UUID] | None = None


@dataclass(frozen=True)
class RetriedItems:
    """The items that were put back, in creation order, and those that were not, each with the reason."""

    retried_count: int
    item_ids: list[UUID]
    skipped: list[RejectedOrder]


@domain_function
def retry_failed_items(conn: Connection, ctx: DomainContext, params: RetryFailedItemsParams) -> RetriedItems:
    """Put failed items back to pending, in line for the job's next waves; the first is made and told at once.

    Where the job has a wave that waits or is out, that comes first; then they go with what else is in line.
    What will be sent is the order as it is now. Skipped, and left as it is, is an item whose order can't be shipped so,
    was shipped, is open in another job, or of which a shipment may have been made; of a lookup, one without a number,
    or whose guide is looked up elsewhere. Refused: an unknown job
    (`NOT_FOUND`); ids that are no failed items of the job, nothing left to retry (`INVALID`).
    """
    job_id = require_uuid(params.job_id, "job_id")
    named = None if params.item_ids is None else require_uuids(params.item_ids, "item_ids", at_most=MAX_ITEMS)
    lock_line(conn, ctx.workspace_id)
    row: dict[str, object] = {"job_id": job_id, "workspace_id": ctx.workspace_id, "named": named}
    item_ids = [item_id for (item_id,) in conn.execute(SELECT_FAILED, row)]
    # A success that is on its way finishes first, and takes its item out.
    lock_items(conn, ctx, item_ids)
    failed = ask_failed(conn, ctx, job_id, item_ids)
    configured = ask_config_of_job(conn, ctx, job_id)
    job = read_job(conn, ctx, job_id)
    candidates = failed.fetchall()
    if wrong := set(named or ()) - {each.item_id for each in candidates}:
        raise page.invalid_items(item_ids=sorted(wrong))
    values, skipped = sort_out_failed(conn, job, candidates, configured.fetchone())
    if not values:
        refusal = page.nothing_to_retry if skipped else page.nothing_failed
        raise refusal(job_id=job_id, skipped=skipped)
    row |= {"item_ids": list(values), "values": list(values.values()), "item_count": len(values)}
    if job.allow_reshipment:
        conn.execute(RELEASE_LIFTED, row)
    conn.execute(_REOPEN_ITEMS, row)
    conn.execute(_REOPEN_JOB, row)
    make_first_wave(conn, ctx.workspace_id, job_id)
    log_activity(conn, ctx, "job_retried", job_id=job_id, items=len(values), skipped=len(skipped))
    return RetriedItems(len(values), list(values), skipped)


def sort_out_failed(
    conn: Connection, job: JobState, candidates: list[Candidate], config: CarrierConfig | None
) -> tuple[dict[UUID, str | None], list[RejectedOrder]]:
    """Return for each item that can be sent its value as JSON, and why each of the others is skipped.

    Without a configuration there is nothing to make a value with: the hand-over will say so. A lookup has no value.
    """
    if job.kind == "guide_lookup":
        return _sort_out_lookups(conn, candidates)
    made_of_order = [each for each in candidates if each.blocked_by is None and each.given_value is None]
    built = build_pedidos(conn, job.carrier, made_of_order, config.shipment_defaults) if config else {}
    values: dict[UUID, str | None] = {}
    skipped: list[RejectedOrder] = []
    refused: list[tuple[Candidate, Unshippable]] = []
    for each in candidates:
        pedido = built.get(each.order_id)
        if each.blocked_by is not None:
            skipped.append(rejection(each))
        elif isinstance(pedido, Unshippable):
            refused.append((each, pedido))
        else:
            value = pedido.as_dict() if pedido else each.given_value
            values[each.require_item_id()] = None if value is None else json.dumps(value)
    return values, skipped + unshippable(conn, job.carrier, refused)


def _sort_out_lookups(
    conn: Connection, candidates: list[Candidate]
) -> tuple[dict[UUID, str | None], list[RejectedOrder]]:
    """Return the items whose guide can be looked up, and why each of the others is skipped; no shipment stops them."""
    row = {"order_ids": [each.order_id for each in candidates]}
    open_in: dict[UUID, UUID] = dict(conn.execute(_SELECT_OPEN_LOOKUPS, row).fetchall())
    values: dict[UUID, str | None] = {}
    skipped: list[RejectedOrder] = []
    for each in candidates:
        item_id, job_id = each.require_item_id(), open_in.get(each.order_id)
        if job_id is not None:
            reason = f"Its guide is looked up in job {job_id}, which has not ended; wait for it, or cancel it."
            skipped.append(RejectedOrder(each.order_id, "order_in_open_job", reason, item_id, job_id))
        elif each.tracking_number is None:
            skipped.append(RejectedOrder(each.order_id, "no_tracking_number", NO_NUMBER, item_id))
        else:
            values[item_id] = None
    return values, skipped


# The lookups that are open for some orders.
_SELECT_OPEN_LOOKUPS = """
SELECT order_id, job_id
  FROM robot_job_items
 WHERE order_id = ANY(%(order_ids)b::uuid[]) AND is_lookup AND status IN ('pending', 'processing')
"""

#: The failed items, all or those named; only these are locked, and retried.
SELECT_FAILED = """
SELECT id
  FROM robot_job_items
 WHERE job_id = %(job_id)s AND (workspace_id = %(workspace_id)s) IS TRUE AND (status = 'error') IS TRUE
   AND (%(named)b::uuid[] IS NULL OR id = ANY(%(named)b::uuid[]))
"""

# What a reshipment lifts lets go of the order again.
RELEASE_LIFTED = """
UPDATE robot_job_items AS item
   SET holds = false, updated_at = now()
  FROM (SELECT unnest(lifted) AS id FROM robot_job_items WHERE id = ANY(%(item_ids)b::uuid[])) AS lifted
 WHERE item.id = lifted.id AND item.holds AND (item.workspace_id = %(workspace_id)s) IS TRUE
"""

# Back to pending, in line, each holding its order, but for lookups.
_REOPEN_ITEMS = """
UPDATE robot_job_items AS item
   SET status = 'pending', holds = NOT item.is_lookup, pedido_number = NULL, dispatch = NULL,
       retry_count = item.retry_count + 1, last_retry_at = now(), closed_by = NULL,
       value_sent = coalesce(target.value::jsonb, item.value_sent),
       error_type = NULL, error_message = NULL, completed_at = NULL, updated_at = now()
  FROM unnest(%(item_ids)b::uuid[], %(values)b::text[]) AS target (item_id, value)
 WHERE item.id = target.item_id AND (item.workspace_id = %(workspace_id)s) IS TRUE
"""

# Fewer errors; a job that had ended waits again. Its next end has another number than this one, by which the two can
# be told apart, also where no wave can be made yet: a job that was ended by hand has one until the robot's answer is
# noted.
_REOPEN_JOB = """
UPDATE robot_jobs AS job
   SET error_count = error_count - %(item_count)s,
       dispatch = dispatch + CASE
           WHEN status IN ('completed', 'failed')
                AND EXISTS (SELECT FROM robot_job_dispatches AS wave
                             WHERE wave.job_id = job.id AND wave.status <> 'closed') THEN 1 ELSE 0
       END,
       status = CASE WHEN status IN ('completed', 'failed') THEN 'pending' ELSE status END,
       completed_at = NULL, updated_at = now()
 WHERE id = %(job_id)s
"""
