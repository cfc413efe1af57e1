"""What a submission or a retry would do now: told before it is done, and decided when it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from psycopg import Connection

from shared.domain import refusal_page as page
from shared.domain.carriers.accounts import ask_carrier_config, ask_config_of_job, require_able
from shared.domain.context import DomainContext
from shared.domain.function import domain_query
from shared.domain.jobs.lock import read_job
from shared.domain.jobs.parcels import Candidate, RejectedOrder, ask_candidates, ask_failed, rejection
from shared.domain.jobs.progress import USUAL_INTERVAL, ask_interval
from shared.domain.jobs.retry import SELECT_FAILED, sort_out_failed
from shared.domain.jobs.submit import SubmitJobParams, checked_submission, sort_out_orders
from shared.domain.validation import require_uuid
from shared.logistics import Unshippable


@dataclass(frozen=True)
class OrderToShip:
    """An order as a person knows it, to tell what is wrong with it."""

    order_id: UUID
    name: str | None
    shipping_address: str | None
    shipping_city: str | None
    shipping_department: str | None
    recipient: str | None
    phone: str | None
    total_value: Decimal | None
    prepaid: bool
    #: What is to be changed about it beside the reason of its rejection.
    further: Sequence[Unshippable] = ()


@dataclass(frozen=True)
class CheckedSubmission:
    """What a submission would do: the orders that would go, what they collect, and the others, and why."""

    order_ids: list[UUID]
    #: Pesos.
    to_collect: Decimal | int
    #: How long a robot is at them, once it has begun, by its last reports.
    takes: timedelta
    rejected: list[RejectedOrder]
    #: The rejected orders, in the same order.
    rejected_orders: list[OrderToShip]
    #: Those that would go, in the order of `order_ids`.
    going: list[OrderToShip]


@dataclass(frozen=True)
class CheckedRetry:
    """What a retry would do: how many items would go again, and the others, and why."""

    retried_count: int
    skipped: list[RejectedOrder]


@domain_query
def check_submission(conn: Connection, ctx: DomainContext, params: SubmitJobParams) -> CheckedSubmission:
    """Tell what `submit_job` would do with these orders now, and change nothing.

    Refused: bad values, a carrier that is not configured (`INVALID`), unknown orders (`NOT_FOUND`).
    """
    asked = checked_submission(params)
    configured = ask_carrier_config(conn, ctx, asked.carrier)
    orders = ask_candidates(conn, ctx, asked.order_ids, lifts_all=asked.allow_reshipment)
    from_report_to_report = ask_interval(conn, ctx, asked.carrier)
    config = require_able(asked.carrier, "shipment", configured.fetchone())
    candidates = orders.fetchall()
    known = {each.order_id: each for each in candidates}
    if missing := [order_id for order_id in asked.order_ids if order_id not in known]:
        raise page.orders_not_found(order_ids=missing)
    sorted_out = sort_out_orders(conn, asked.carrier, candidates, config)
    pedidos, rejected = sorted_out.pedidos, sorted_out.rejected
    # At a submission these refuse the whole; before it each is told by itself.
    held = [each for each in candidates if each.blocked_by and each.order_id in pedidos]
    going = [each for each in candidates if each.order_id in pedidos and not each.blocked_by]
    rejected += [rejection(each) for each in held]
    [(interval,)] = from_report_to_report.fetchall()
    return CheckedSubmission(
        [each.order_id for each in going],
        sum(each.total_value for each in going if each.total_value and not each.prepaid),
        len(going) * (interval or USUAL_INTERVAL),
        rejected,
        [_told(known[each.order_id], sorted_out.further.get(each.order_id, ())) for each in rejected],
        [_told(each, ()) for each in going],
    )


@domain_query
def check_retry(conn: Connection, ctx: DomainContext, job_id: UUID) -> CheckedRetry:
    """Tell what `retry_failed_items` would do now with all that failed, and change nothing.

    Refused: an unknown job (`NOT_FOUND`).
    """
    row = {"job_id": require_uuid(job_id, "job_id"), "workspace_id": ctx.workspace_id, "named": None}
    item_ids = [item_id for (item_id,) in conn.execute(SELECT_FAILED, row)]
    failed = ask_failed(conn, ctx, job_id, item_ids)
    configured = ask_config_of_job(conn, ctx, job_id)
    job = read_job(conn, ctx, job_id)
    values, skipped = sort_out_failed(conn, job, failed.fetchall(), configured.fetchone())
    return CheckedRetry(len(values), skipped)


def _told(each: Candidate, further: Sequence[Unshippable]) -> OrderToShip:
    return OrderToShip(
        each.order_id,
        each.name,
        each.shipping_address,
        each.shipping_city,
        each.shipping_department,
        each.contact_name,
        each.contact_phone,
        each.total_value,
        each.prepaid,
        further,
    )
