"""Submit orders to the robot: what can be shipped becomes a job, the rest is rejected with its reason."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from shared.domain.carriers.accounts import CarrierConfig, ask_carrier_config, require_ready
from shared.domain.carriers.coverage import find_covered
from shared.domain.carriers.registry import COORDINADORA, MAX_CARRIER
from shared.domain.context import DomainContext
from shared.domain.function import domain_function
from shared.domain.jobs.create import (
    SELECT_JOB_OF_KEY,
    CreatedItem,
    CreateRobotJobParams,
    duplicate_job,
    insert_job,
    let_database_decide,
    orders_not_found,
)
from shared.domain.jobs.models import MAX_ITEMS
from shared.domain.refusals import invalid
from shared.domain.result import DomainResult
from shared.domain.validation import optional_text, require_text, require_uuids
from shared.logistics import (
    Parcel,
    PedidoInput,
    Recipient,
    RejectionCode,
    ShipmentDefaults,
    Unshippable,
    build_pedido,
)

MAX_KEY = 200
#: What a robot takes at most in one hand-over.
MAX_HAND_OVER_BYTES = 5_000_000
#: What a hand-over has beside its orders: ids, credentials, the callback's URL and secret. An upper bound.
ENVELOPE_BYTES = 10_000
#: `{"itemId":"…","orderId":"…","pedidoInput":…},` without the pedidoInput; a UUID has 36 characters.
ORDER_BYTES = len('{"itemId":"","orderId":"","pedidoInput":},') + 2 * 36


@dataclass(frozen=True)
class SubmitJobParams:
    """The orders to ship. A key makes nothing twice; `allow_reshipment` ships what was shipped before once more."""

    order_ids: Sequence[UUID]
    carrier: str = COORDINADORA
    idempotency_key: str | None = None
    allow_reshipment: bool = False


@dataclass(frozen=True)
class RejectedOrder:
    """An order that was left out, and what to change about it."""

    order_id: UUID
    code: str
    reason: str


@dataclass(frozen=True)
class Submission:
    """The job that was made, and the orders that are not in it."""

    job_id: UUID
    item_count: int
    items: list[CreatedItem]
    rejected: list[RejectedOrder]


@dataclass(frozen=True)
class _Row:
    id: UUID
    name: str | None
    total_value: Decimal | None
    prepaid: bool
    tracking_number: str | None
    shipping_address: str | None
    shipping_city: str | None
    shipping_department: str | None
    email: str | None
    contact_name: str | None
    contact_phone: str | None
    contact_email: str | None
    contact_identification: str | None
    #: The robot reported a shipment of it, but not its number.
    is_shipped_unnumbered: bool


def submit_job(ctx: DomainContext, params: SubmitJobParams) -> DomainResult[Submission]:
    """Create a job of the orders that can be shipped, each with its pedidoInput, and reject the others.

    Refused, in this order: bad values (`INVALID`), a key that was used (`CONFLICT`), a carrier that is not configured
    (`INVALID`), unknown orders (`NOT_FOUND`), nothing left to ship, more than a robot takes at once (`INVALID`), orders
    in an open job (`CONFLICT`). A refused submission does not use up its key.
    """
    # Which orders go ahead is only known once they have been read.
    tried: list[CreateRobotJobParams] = []
    return let_database_decide(ctx, lambda: _submit(ctx, params, tried), lambda: tried[-1])


@domain_function
def _submit(
    conn: Connection, ctx: DomainContext, params: SubmitJobParams, tried: list[CreateRobotJobParams]
) -> Submission:
    order_ids, carrier, key = _checked(params)
    config, rows = _read(conn, ctx, order_ids, carrier, key)
    pedidos, rejected = _build(conn, carrier, rows, config.shipment_defaults, params.allow_reshipment)
    if not pedidos:
        raise invalid(
            "nothing_to_ship", "None of the orders can be shipped; see the reason of each.", rejected=rejected
        )
    values = {order_id: pedido.as_dict() for order_id, pedido in pedidos.items()}
    _refuse_too_large(values)
    tried.append(CreateRobotJobParams(list(values), carrier, key, values))
    created = insert_job(conn, ctx, tried[-1])
    return Submission(created.job_id, created.item_count, created.items, rejected)


def _checked(params: object) -> tuple[list[UUID], str, str | None]:
    if not isinstance(params, SubmitJobParams):
        raise invalid("invalid_value", "The submission must be SubmitJobParams.")
    if not isinstance(params.allow_reshipment, bool):
        raise invalid("invalid_value", "allow_reshipment must be true or false.")
    return (
        require_uuids(params.order_ids, "order_ids", at_most=MAX_ITEMS),
        require_text(params.carrier, "carrier", at_least=1, at_most=MAX_CARRIER),
        optional_text(params.idempotency_key, "idempotency_key", at_least=1, at_most=MAX_KEY),
    )


def _read(
    conn: Connection, ctx: DomainContext, order_ids: list[UUID], carrier: str, key: str | None
) -> tuple[CarrierConfig, list[_Row]]:
    """Return the configuration, and the orders in the order of the request; all is asked for in one exchange.

    The orders are locked before they are read: a report that is being recorded now either writes its number before we
    look, or finds its item still open when ours is inserted.
    """
    row = {"workspace_id": ctx.workspace_id, "order_ids": order_ids, "key": key}
    used = conn.execute(SELECT_JOB_OF_KEY, row)
    configured = ask_carrier_config(conn, ctx, carrier)
    conn.execute(_LOCK_ORDERS, row)
    orders = conn.cursor(row_factory=class_row(_Row)).execute(_SELECT_ORDERS, row)
    # Only to say it first; the index decides when the job is made.
    if existing := used.fetchone():
        raise duplicate_job(existing[0])
    config, _ = require_ready(carrier, configured.fetchone())
    found = {each.id: each for each in orders}
    missing = [order_id for order_id in order_ids if order_id not in found]
    if missing:
        raise orders_not_found(missing)
    return config, [found[order_id] for order_id in order_ids]


def _build(
    conn: Connection,
    carrier: str,
    rows: list[_Row],
    defaults: ShipmentDefaults,
    allow_reshipment: bool,  # noqa: FBT001 - passed on as it came
) -> tuple[dict[UUID, PedidoInput], list[RejectedOrder]]:
    places = {row.id: (row.shipping_city or "", row.shipping_department or "") for row in rows}
    covered = find_covered(conn, carrier, set(places.values()))
    pedidos: dict[UUID, PedidoInput] = {}
    rejected: list[RejectedOrder] = []
    for row in rows:
        shipped = None if allow_reshipment else _already_shipped(row)
        built = shipped or build_pedido(_parcel(row), _recipient(row), covered.get(places[row.id]), defaults)
        if isinstance(built, Unshippable):
            rejected.append(RejectedOrder(row.id, built.code.value, built.reason))
        else:
            pedidos[row.id] = built
    return pedidos, rejected


def _already_shipped(row: _Row) -> Unshippable | None:
    if row.tracking_number is not None:
        what = f"The order has tracking number {row.tracking_number}"
    elif row.is_shipped_unnumbered:
        what = "The robot reported a shipment of this order, without its number"
    else:
        return None
    return Unshippable(RejectionCode.ALREADY_SHIPPED, f"{what}; say allowReshipment to ship it once more.")


def _parcel(row: _Row) -> Parcel:
    return Parcel(
        name=row.name,
        total_value=row.total_value,
        prepaid=row.prepaid,
        address=row.shipping_address,
        city=row.shipping_city,
        department=row.shipping_department,
        email=row.email,
    )


def _recipient(row: _Row) -> Recipient:
    return Recipient(row.contact_name, row.contact_phone, row.contact_email, row.contact_identification)


def _refuse_too_large(values: Mapping[UUID, Mapping[str, Any]]) -> None:
    size = ENVELOPE_BYTES + sum(
        ORDER_BYTES + len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
        for value in values.values()
    )
    if size > MAX_HAND_OVER_BYTES:
        sentence = (
            f"The orders make {size} bytes for the robot, which takes at most {MAX_HAND_OVER_BYTES};"
            " submit them in smaller batches."
        )
        raise invalid("batch_too_large", sentence, bytes=size, max_bytes=MAX_HAND_OVER_BYTES)


# Against reports that are being recorded; submissions do not wait for each other here.
_LOCK_ORDERS = """
SELECT count(*)
  FROM (SELECT FROM orders
         WHERE id = ANY(%(order_ids)b::uuid[]) AND workspace_id = %(workspace_id)s
         ORDER BY id
           FOR SHARE) AS locked
"""

# What is sent of the orders, and whether they have been shipped.
_SELECT_ORDERS = """
SELECT orders.id, orders.name, orders.total_value, orders.prepaid, orders.tracking_number, orders.shipping_address,
       orders.shipping_city, orders.shipping_department, orders.email,
       contact.name AS contact_name, contact.phone AS contact_phone, contact.email AS contact_email,
       contact.identification AS contact_identification,
       EXISTS (SELECT FROM robot_job_items AS item
                WHERE item.order_id = orders.id AND item.workspace_id = %(workspace_id)s
                  AND item.status = 'success' AND item.tracking_number IS NULL) AS is_shipped_unnumbered
  FROM orders
  LEFT JOIN contacts AS contact
         ON contact.id = orders.contact_id AND contact.workspace_id = %(workspace_id)s
 WHERE orders.id = ANY(%(order_ids)b::uuid[]) AND orders.workspace_id = %(workspace_id)s
"""
