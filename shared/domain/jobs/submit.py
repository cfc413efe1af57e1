"""Submit orders to the robot: what can be shipped becomes a job, the rest is rejected with its reason."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection

from shared.carriers.registry import DEFAULT_CARRIER
from shared.domain import refusal_page as page
from shared.domain.carriers.accounts import MAX_WAVE_SIZE, CarrierConfig, ask_carrier_config, require_able
from shared.domain.carriers.registry import MAX_CARRIER
from shared.domain.context import DomainContext
from shared.domain.function import domain_function
from shared.domain.jobs.create import (
    SELECT_JOB_OF_KEY,
    NewJob,
    insert_job,
    let_database_decide,
    orders_blocked,
)
from shared.domain.jobs.lock import lock_line, lock_orders
from shared.domain.jobs.models import MAX_ITEMS, MAX_KEY, CreatedItem
from shared.domain.jobs.parcels import (
    Blocked,
    Candidate,
    RejectedOrder,
    ask_candidates,
    build_pedidos,
    rejection,
    unshippable,
)
from shared.domain.jobs.submitted_sql import MAX_WAVE_BYTES, ORDER_OVERHEAD_BYTES
from shared.domain.result import DomainResult
from shared.domain.texts import optional_key
from shared.domain.validation import optional_whole, require_choice, require_flag, require_text, require_uuids
from shared.logistics import Unshippable
from shared.words import PRIORITIES, Priority


@dataclass(frozen=True)
class SubmitJobParams:
    """The orders to ship. A key makes nothing twice; `allow_reshipment` ships what was shipped before once more."""

    order_ids: Sequence[UUID]
    carrier: str = DEFAULT_CARRIER
    idempotency_key: str | None = None
    allow_reshipment: bool = False
    priority: Priority = "normal"
    #: Items that a robot is given at once, 1 to 500; None: as many as the workspace's configuration says.
    wave_size: int | None = None


@dataclass(frozen=True)
class Submission:
    """The job that was made, and the orders that are not in it."""

    job_id: UUID
    item_count: int
    items: list[CreatedItem]
    rejected: list[RejectedOrder]


@dataclass(frozen=True)
class SortedOut:
    """Orders that can be shipped, each with its pedidoInput as JSON, and the others with the first reason of each."""

    pedidos: dict[UUID, str]
    rejected: list[RejectedOrder]
    #: What else is to be changed about a rejected order.
    further: Mapping[UUID, Sequence[Unshippable]]


def submit_job(ctx: DomainContext, params: SubmitJobParams) -> DomainResult[Submission]:
    """Create a job of the orders that can be shipped, each with its pedidoInput, and reject the others.

    Refused, in this order: bad values (`INVALID`), a key that was used (`CONFLICT`), a carrier that is not configured
    (`INVALID`), unknown orders (`NOT_FOUND`), nothing left to ship, an order that is more than a robot takes at once
    (`INVALID`), orders in an open job (`CONFLICT`). A refused submission does not use up its key.
    """
    return let_database_decide(ctx, lambda: _submit(ctx, params), params)


@domain_function
def _submit(conn: Connection, ctx: DomainContext, params: SubmitJobParams) -> Submission:
    asked = checked_submission(params)
    config, candidates = _read(conn, ctx, asked)
    sorted_out = sort_out_orders(conn, asked.carrier, candidates, config)
    pedidos, rejected = sorted_out.pedidos, sorted_out.rejected
    if not pedidos:
        raise page.nothing_to_ship(rejected=rejected)
    _refuse_too_large(pedidos.values())
    if held := [each for each in candidates if each.blocked_by and each.order_id in pedidos]:
        raise orders_blocked(held)
    new = NewJob(
        list(pedidos),
        list(pedidos.values()),
        asked.carrier,
        asked.idempotency_key,
        asked.allow_reshipment,
        asked.priority,
        asked.wave_size,
        has_given_values=False,
    )
    created = insert_job(conn, ctx, new)
    return Submission(created.job_id, created.item_count, created.items, rejected)


def checked_submission(params: object) -> SubmitJobParams:
    """Return what is asked for.

    Raises:
        RefusedError: a value can't be right.
    """
    if not isinstance(params, SubmitJobParams):
        raise page.unexpected_value("The submission", "SubmitJobParams")
    return SubmitJobParams(
        require_uuids(params.order_ids, "order_ids", at_most=MAX_ITEMS),
        require_text(params.carrier, "carrier", at_least=1, at_most=MAX_CARRIER),
        optional_key(params.idempotency_key, "idempotency_key", at_most=MAX_KEY),
        require_flag(params.allow_reshipment, "allow_reshipment"),
        require_choice(params.priority, PRIORITIES, "priority"),
        optional_whole(params.wave_size, "wave_size", 1, MAX_WAVE_SIZE),
    )


def _read(conn: Connection, ctx: DomainContext, asked: SubmitJobParams) -> tuple[CarrierConfig, list[Candidate]]:
    """Return the configuration, and the orders in the order of the request; all is asked for in one exchange.

    The orders are locked before they are read: what happens to them now comes before our look, or after our job.
    """
    used = conn.execute(SELECT_JOB_OF_KEY, {"workspace_id": ctx.workspace_id, "key": asked.idempotency_key})
    configured = ask_carrier_config(conn, ctx, asked.carrier)
    lock_line(conn, ctx.workspace_id)
    lock_orders(conn, [ctx.workspace_id], asked.order_ids)
    orders = ask_candidates(conn, ctx, asked.order_ids, lifts_all=asked.allow_reshipment)
    # Only to say it first; the index decides when the job is made.
    if existing := used.fetchone():
        raise page.duplicate_job(existing_job_id=existing[0])
    config = require_able(asked.carrier, "shipment", configured.fetchone())
    candidates = orders.fetchall()
    known = {each.order_id for each in candidates}
    if missing := [order_id for order_id in asked.order_ids if order_id not in known]:
        raise page.orders_not_found(order_ids=missing)
    return config, candidates


def sort_out_orders(conn: Connection, carrier: str, candidates: list[Candidate], config: CarrierConfig) -> SortedOut:
    """Return which orders can be shipped, and why the others can't."""
    built = build_pedidos(conn, carrier, candidates, config.shipment_defaults)
    pedidos: dict[UUID, str] = {}
    rejected: list[RejectedOrder] = []
    refused: list[tuple[Candidate, Unshippable]] = []
    for each in candidates:
        pedido = built[each.order_id]
        # An order that is open elsewhere refuses the whole request, but only where it could be shipped.
        if each.blocked_by not in {None, Blocked.ORDER_IN_OPEN_JOB}:
            rejected.append(rejection(each))
        elif isinstance(pedido, Unshippable):
            refused.append((each, pedido))
        else:
            pedidos[each.order_id] = json.dumps(pedido.as_dict(), ensure_ascii=False, separators=(",", ":"))
    rejected += unshippable(conn, carrier, refused)
    places = {each.order_id: place for place, each in enumerate(candidates)}
    return SortedOut(
        pedidos,
        sorted(rejected, key=lambda each: places[each.order_id]),
        {each.order_id: why.further for each, why in refused},
    )


def _refuse_too_large(pedidos: Iterable[str]) -> None:
    largest = max(len(pedido.encode()) for pedido in pedidos) + ORDER_OVERHEAD_BYTES
    if largest > MAX_WAVE_BYTES:
        raise page.batch_too_large(bytes=largest, max_bytes=MAX_WAVE_BYTES)
