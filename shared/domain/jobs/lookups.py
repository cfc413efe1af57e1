"""Look up guides: a job that asks the robot for the number with which the buyer follows the parcel."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection

from shared.carriers.registry import DEFAULT_CARRIER
from shared.domain import refusal_page as page
from shared.domain.activity_log import log_activity
from shared.domain.carriers.accounts import ask_carrier_config, require_able
from shared.domain.carriers.registry import MAX_CARRIER
from shared.domain.context import DomainContext
from shared.domain.function import domain_function
from shared.domain.jobs import lookups_sql as sql
from shared.domain.jobs.create import SELECT_JOB_OF_KEY, let_database_decide
from shared.domain.jobs.insert_lookup import MAX_LOOKED_UP, insert_lookup
from shared.domain.jobs.lock import lock_line
from shared.domain.jobs.models import MAX_ITEMS, MAX_KEY
from shared.domain.jobs.parcels import RejectedOrder
from shared.domain.jobs.submit import Submission
from shared.domain.jobs.turn import tell_of_first_wave
from shared.domain.result import DomainResult
from shared.domain.texts import optional_key
from shared.domain.validation import require_text, require_uuids

#: Where no orders are named: those shipped in so many days.
DAYS = 30
NO_NUMBER = "The order has no tracking number; ship it first, or write its number."


@dataclass(frozen=True)
class LookUpGuidesParams:
    """The orders (None: those shipped in the last 30 days without a guide, the oldest 500). A key makes none twice."""

    order_ids: Sequence[UUID] | None = None
    carrier: str = DEFAULT_CARRIER
    idempotency_key: str | None = None


@dataclass(frozen=True)
class _Asked:
    order_ids: Sequence[UUID]
    idempotency_key: str | None


def look_up_guides(ctx: DomainContext, params: LookUpGuidesParams) -> DomainResult[Submission]:
    """Create a job that looks up the guides of orders by their tracking numbers, and reject those without one.

    Refused, in this order: bad values (`INVALID`), a key that was used (`CONFLICT`), a carrier that is not configured
    or finds none (`INVALID`), unknown orders (`NOT_FOUND`), nothing to look up (`INVALID`), orders in an open lookup
    (`CONFLICT`). A refused lookup does not use up its key.
    """
    key = params.idempotency_key if isinstance(params, LookUpGuidesParams) else None
    return let_database_decide(ctx, lambda: _look_up(ctx, params), _Asked((), key))


@domain_function
def _look_up(conn: Connection, ctx: DomainContext, params: LookUpGuidesParams) -> Submission:
    if not isinstance(params, LookUpGuidesParams):
        raise page.unexpected_value("The lookup", "LookUpGuidesParams")
    named = None if params.order_ids is None else require_uuids(params.order_ids, "order_ids", at_most=MAX_ITEMS)
    carrier = require_text(params.carrier, "carrier", at_least=1, at_most=MAX_CARRIER)
    key = optional_key(params.idempotency_key, "idempotency_key", at_most=MAX_KEY)
    used = conn.execute(SELECT_JOB_OF_KEY, {"workspace_id": ctx.workspace_id, "key": key})
    configured = ask_carrier_config(conn, ctx, carrier)
    lock_line(conn, ctx.workspace_id)
    if existing := used.fetchone():
        raise page.duplicate_job(existing_job_id=existing[0])
    require_able(carrier, "guide_lookup", configured.fetchone())
    order_ids, rejected = _without_guide(conn, ctx, carrier) if named is None else _named(conn, ctx, named)
    created = insert_lookup(conn, ctx.workspace_id, carrier, order_ids, key=key)
    tell_of_first_wave(conn, ctx.workspace_id, created.job_id)
    log_activity(conn, ctx, "guides_looked_up", job_id=created.job_id, items=created.item_count)
    return Submission(created.job_id, created.item_count, created.items, rejected)


def _without_guide(conn: Connection, ctx: DomainContext, carrier: str) -> tuple[list[UUID], list[RejectedOrder]]:
    row = {"workspace_id": ctx.workspace_id, "carrier": carrier, "days": DAYS, "at_most": MAX_LOOKED_UP}
    found = [order_id for (order_id,) in conn.execute(sql.SELECT_WITHOUT_GUIDE, row)]
    if not found:
        raise page.nothing_to_look_up(rejected=[])
    return found, []


def _named(conn: Connection, ctx: DomainContext, order_ids: list[UUID]) -> tuple[list[UUID], list[RejectedOrder]]:
    row = {"workspace_id": ctx.workspace_id, "order_ids": order_ids}
    found = {order_id: (number, job_id) for order_id, number, job_id in conn.execute(sql.SELECT_NAMED, row)}
    if missing := [order_id for order_id in order_ids if order_id not in found]:
        raise page.orders_not_found(order_ids=missing)
    rejected = [RejectedOrder(id_, "no_tracking_number", NO_NUMBER) for id_, (number, _) in found.items() if not number]
    left = {order_id: job_id for order_id, (number, job_id) in found.items() if number}
    if not left:
        raise page.nothing_to_look_up(rejected=rejected)
    if held := {order_id: job_id for order_id, job_id in left.items() if job_id is not None}:
        raise page.order_in_open_job(
            [f"{order_id} (job {job_id})" for order_id, job_id in held.items()],
            orders=[{"order_id": order_id, "job_id": job_id} for order_id, job_id in held.items()],
        )
    return list(left), rejected
