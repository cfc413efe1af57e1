"""Settle what nobody knows: a person has looked at the carrier, and says whether there is a shipment."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from shared.domain import refusal_page as page
from shared.domain.activity_log import log_activity
from shared.domain.context import DomainContext
from shared.domain.function import domain_function, domain_query
from shared.domain.jobs import settle_sql as sql
from shared.domain.jobs.lock import lock_items, lock_line
from shared.domain.jobs.models import MAX_ERROR_MESSAGE, MAX_TRACKING_NUMBER
from shared.domain.jobs.record import UpdateJobItemResultParams, check_reports, record_locked
from shared.domain.jobs.record_sql import RETURN_HOLDS
from shared.domain.orders.numbers import refuse_numbers_in_use
from shared.domain.texts import optional_sent
from shared.domain.validation import optional_text, require_flag, require_uuid, require_uuids
from shared.logistics import FieldKind
from shared.words import ItemStatus, Shipment

MAX_SETTLEMENTS = 1_000


@dataclass(frozen=True)
class Settlement:
    """What a person found of one item: exactly one of `shipped` and `voided` is said."""

    item_id: UUID
    #: Whether the shipment exists at the carrier.
    shipped: bool | None = None
    tracking_number: str | None = None
    #: The shipment existed, and was cancelled at the carrier.
    voided: bool = False


@dataclass(frozen=True)
class SettleItemsParams:
    """One to 1,000 settlements of a job's items; a number that another order has is refused unless it is allowed."""

    job_id: UUID
    settlements: Sequence[Settlement]
    note: str | None = None
    allow_shared_number: bool = False


@dataclass(frozen=True)
class SettledItem:
    """An item as it stands after the settlement."""

    item_id: UUID
    status: ItemStatus
    shipment: Shipment | None


@dataclass(frozen=True)
class SettledItems:
    """How many items were changed, and how all that were named stand now, in the order of the request."""

    settled_count: int
    items: list[SettledItem]


@dataclass(frozen=True)
class _Item:
    id: UUID
    order_id: UUID
    status: ItemStatus
    #: None: a guide is looked up.
    shipment: Shipment | None
    tracking_number: str | None
    has_other_numbers: bool
    has_voided_numbers: bool
    voided_at: datetime | None
    #: It holds its order, and a second shipment of that stands beside it.
    has_standing_second: bool
    #: From when on a robot can no longer come to the item; None: it no longer can.
    over_at: datetime | None


@dataclass(frozen=True)
class JobItemsParams:
    """Some of a job's items, 1,000 at most."""

    job_id: UUID
    item_ids: Sequence[UUID]


@dataclass(frozen=True)
class HandOverEnds:
    """The items that a robot may still come to, each with when it no longer can."""

    of: dict[UUID, datetime]


@domain_query
def get_hand_over_ends(conn: Connection, ctx: DomainContext, params: JobItemsParams) -> HandOverEnds:
    """Tell from when on it can be said of items that nothing was made; of those left out it can be said now.

    Refused: an unknown job (`NOT_FOUND`), items that are not the job's (`INVALID`).
    """
    job_id = require_uuid(params.job_id, "job_id")
    item_ids = require_uuids(params.item_ids, "item_ids", at_most=MAX_SETTLEMENTS)
    return HandOverEnds({item.id: item.over_at for item in _read(conn, ctx, job_id, item_ids) if item.over_at})


@domain_function
def settle_items(conn: Connection, ctx: DomainContext, params: SettleItemsParams) -> SettledItems:
    """Record what a person found at the carrier, of all the items named or of none.

    `shipped` true does what a robot's success would do; false says that nothing was made, so that the item can be
    retried; `voided` says that a shipment was cancelled. What stands as asked already is not counted. Refused: an
    unknown job (`NOT_FOUND`); items that are not the job's, or named twice, contradictory settlements (`INVALID`);
    items whose state forbids it, a hand-over that is not over, a number that another order has (`CONFLICT`).
    """
    job_id = require_uuid(params.job_id, "job_id")
    settlements = _checked(params)
    note = optional_text(params.note, "note", at_most=MAX_ERROR_MESSAGE)
    lock_line(conn, ctx.workspace_id)
    lock_items(conn, ctx, list(settlements))
    items = _read(conn, ctx, job_id, list(settlements))
    _refuse_forbidden({item: why for item in items if (why := _why_not(item, settlements[item.id]))})
    changing = [item for item in items if _is_to_change(item, settlements[item.id])]
    _refuse_early([item for item in changing if settlements[item.id].shipped is False])
    shipped = [item for item in changing if settlements[item.id].shipped]
    if not params.allow_shared_number:
        numbers = {item.order_id: settlements[item.id].tracking_number for item in shipped}
        refuse_numbers_in_use(conn, ctx, {order_id: number for order_id, number in numbers.items() if number})
    if shipped:
        reports = [
            UpdateJobItemResultParams(each.id, "success", settlements[each.id].tracking_number) for each in shipped
        ]
        record_locked(conn, ctx, check_reports(reports), source="person")
    row = {"workspace_id": ctx.workspace_id, "note": note, "cascade_depth": ctx.cascade_depth}
    if unshipped := [item for item in changing if settlements[item.id].shipped is False]:
        conn.execute(sql.SETTLE_NOT_SHIPPED, row | {"item_ids": [item.id for item in unshipped]})
        freed = {"order_ids": [item.order_id for item in unshipped], "workspace_ids": [ctx.workspace_id]}
        conn.execute(RETURN_HOLDS, freed)
    _void(conn, row, [item for item in changing if settlements[item.id].voided])
    if changing:
        said = Counter(_said(settlements[item.id]) for item in changing)
        counts = {"shipped": said["shipped"], "not_shipped": said["not_shipped"], "voided": said["voided"]}
        log_activity(conn, ctx, "job_settled", job_id=job_id, items=counts)
    now = {each.id: each for each in _read(conn, ctx, job_id, list(settlements))}
    stand = [SettledItem(item_id, now[item_id].status, now[item_id].shipment) for item_id in settlements]
    return SettledItems(len(changing), stand)


def _checked(params: SettleItemsParams) -> dict[UUID, Settlement]:
    """Return the settlements by item, in their order.

    Raises:
        RefusedError: one of them can't be right.
    """
    settlements = params.settlements
    if not isinstance(settlements, list | tuple) or not all(isinstance(each, Settlement) for each in settlements):
        raise page.unexpected_value("settlements", "a list of Settlement")
    require_flag(params.allow_shared_number, "allow_shared_number")
    ids = [require_uuid(each.item_id, "item_id") for each in settlements]
    if twice := sorted({id_ for id_ in ids if ids.count(id_) > 1}) if len(set(ids)) < len(ids) else []:
        raise page.items_not_to_settle("named twice", item_ids=twice)
    require_uuids(ids, "items", at_most=MAX_SETTLEMENTS)
    for each in settlements:
        if each.shipped is not None:
            require_flag(each.shipped, "shipped")
        if (each.shipped is None) != require_flag(each.voided, "voided"):
            raise page.invalid_settlement(each.item_id)
        if each.tracking_number is not None and not each.shipped:
            raise page.number_of_no_shipment(each.item_id)
    return {id_: replace(each, tracking_number=_number(each)) for id_, each in zip(ids, settlements, strict=True)}


def _said(settlement: Settlement) -> str:
    return "voided" if settlement.voided else "shipped" if settlement.shipped else "not_shipped"


def _number(settlement: Settlement) -> str | None:
    number = settlement.tracking_number
    return optional_sent(number, "tracking_number", FieldKind.TEXT, at_least=1, at_most=MAX_TRACKING_NUMBER)


def _read(conn: Connection, ctx: DomainContext, job_id: UUID, item_ids: list[UUID]) -> list[_Item]:
    row = {"workspace_id": ctx.workspace_id, "job_id": job_id, "item_ids": item_ids}
    known = conn.execute(sql.SELECT_JOB, row)
    items = conn.cursor(row_factory=class_row(_Item)).execute(sql.SELECT_ITEMS, row)
    if known.fetchone() is None:
        raise page.job_not_found(job_id=job_id)
    found = items.fetchall()
    if missing := sorted(set(item_ids) - {item.id for item in found}):
        raise page.items_not_to_settle("not of this job", item_ids=missing)
    return found


def _is_to_change(item: _Item, settlement: Settlement) -> bool:
    """Tell whether the settlement changes the item; it does not where the item stands as asked already."""
    if settlement.voided:
        stands = item.shipment == "second" or item.has_standing_second
        return item.has_other_numbers or (item.voided_at is None and stands)
    if settlement.shipped:
        return item.status != "success" or settlement.tracking_number not in {None, item.tracking_number}
    return item.shipment == "possible"


def _why_not(item: _Item, settlement: Settlement) -> str | None:
    """Return why the item's state forbids the settlement; None: it does not."""
    if item.shipment is None:
        return "its guide is looked up, which makes no shipment; look it up again"
    if settlement.voided:
        was_second = item.shipment == "second" or item.has_standing_second
        if was_second or item.has_other_numbers or item.has_voided_numbers:
            return None
        return "it is no second shipment, and there is none beside it"
    if not settlement.shipped:
        return (
            None if item.status == "error" else f"it is {item.status}; only what failed can be said not to be shipped"
        )
    if item.status == "success":
        known, said = item.tracking_number, settlement.tracking_number
        return f"it was shipped with number {known}" if known and said not in {None, known} else None
    return "no robot has it yet" if item.status != "error" and item.shipment == "none" else None


def _refuse_forbidden(forbidden: Mapping[_Item, str]) -> None:
    for item, why in forbidden.items():
        listed = [{"item_id": each.id, "reason": reason} for each, reason in forbidden.items()]
        raise page.nothing_to_settle(item.id, why, items=listed)


def _refuse_early(items: Sequence[_Item]) -> None:
    """Refuse to say that nothing was made while a robot may still come to an item."""
    waiting: Mapping[UUID, datetime] = {item.id: item.over_at for item in items if item.over_at is not None}
    if waiting:
        over_at = max(waiting.values())
        raise page.hand_over_not_over(
            f"{over_at:%Y-%m-%d %H:%M}",
            over_at=over_at,
            items=[{"item_id": item_id, "over_at": each} for item_id, each in waiting.items()],
        )


def _void(conn: Connection, row: Mapping[str, object], items: Sequence[_Item]) -> None:
    if beside := [item.id for item in items if item.shipment == "second" or item.has_other_numbers]:
        conn.execute(sql.VOID, {**row, "item_ids": beside})
    if first := [item.id for item in items if item.id not in beside]:
        for statement in (sql.LET_GO, sql.PROMOTE_SECONDS, sql.RENUMBER):
            conn.execute(statement, {**row, "item_ids": first})
