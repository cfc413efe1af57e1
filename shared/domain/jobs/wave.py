"""Waves handed over to the robot: claimed before the call, made at most once, and noted by what came of it."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import Connection, Cursor
from psycopg.rows import class_row

from shared.db.hand_overs import hand_overs_are_off
from shared.domain.carriers.accounts import CarrierConfig, ask_config_of_job
from shared.domain.context import DomainContext
from shared.domain.function import domain_function
from shared.domain.jobs import wave_sql as sql
from shared.domain.jobs.close import close_items, close_open_items
from shared.domain.jobs.lock import Target, lock_line, lock_open_items
from shared.domain.jobs.models import CLAIM_LOST_AFTER_S, MAX_ERROR_MESSAGE, DispatchRef
from shared.domain.jobs.parcels import Candidate, ask_open, build_pedidos, closing_words
from shared.domain.jobs.record_sql import RETURN_HOLDS
from shared.domain.jobs.turn import call_next, fitting, move_on
from shared.domain.validation import require_choice, require_dispatch, require_uuid, storable_text
from shared.logistics import Unshippable
from shared.words import REFUSED_AS, DispatchStatus, ErrorType, JobKind, RefusedAs

FIRST_DELAY_S = 5
MAX_DELAY_S = 120
#: A robot that stays busy is given up after a day, one that can't be reached after an hour.
GIVE_UP_AFTER_S: dict[RefusedAs, int] = {"busy": 24 * 3600, "unreachable": 3600}
#: One that is now the one, now the other.
GIVE_UP_ANYHOW_AFTER_S = max(GIVE_UP_AFTER_S.values())


@dataclass(frozen=True)
class HandOverItem:
    """An order as the robot gets it: what it types in of a shipment, or the number that it looks a guide up by."""

    item_id: UUID
    order_id: UUID
    pedido_input: dict[str, Any] = field(default_factory=dict)
    pedido_number: str | None = None

    @property
    def value(self) -> dict[str, Any]:
        """What is sent of the order, as its attempt keeps it."""
        return {"pedidoNumber": self.pedido_number} if self.pedido_number else self.pedido_input


@dataclass(frozen=True)
class HandOver:
    """A claimed dispatch: what to send where. The password is KMS ciphertext."""

    job_id: UUID
    dispatch: int
    kind: JobKind
    carrier: str
    robot_url: str
    username: str
    password_sealed: str
    items: list[HandOverItem]


@dataclass(frozen=True)
class Postponed:
    """Not now: the same dispatch is to be tried again."""

    delay_s: int


@dataclass(frozen=True)
class NoHandOver:
    """There is nothing to hand over, and why."""

    reason: str


@dataclass(frozen=True)
class _Row:
    status: DispatchStatus
    carrier: str
    kind: JobKind
    attempts: int
    seconds_since_claim: float | None
    #: Its turn has come.
    is_called: bool
    #: A message of it waits for a later try.
    is_scheduled: bool


@dataclass(frozen=True)
class _Look:
    dispatch: _Row
    candidates: list[Candidate]
    config: CarrierConfig | None


@domain_function
def claim_dispatch(conn: Connection, ctx: DomainContext, params: DispatchRef) -> HandOver | NoHandOver:
    """Claim a hand-over before the robot is called; who claims it first is the only one who ever calls.

    Only the wave whose turn it is, is tried. What is sent is each order as it is now. One that the guard stops, or that
    can't be shipped as it is, ends as an error and is not sent; where the carrier's configuration is not complete, all
    of the job does that no robot has.
    """
    dispatch = _ask(conn, ctx, params)
    # Locked, so that nothing changes between our look and the claim.
    lock_open_items(conn, [_target(ctx, params)])
    open_items = ask_open(conn, _target(ctx, params))
    configured = ask_config_of_job(conn, ctx, params.job_id)
    found = dispatch.fetchone()
    if found is None:
        return NoHandOver("there is no such dispatch")
    if found.status != "waiting":
        return _already_made(conn, ctx, params, found)
    return _claim(conn, ctx, params, _Look(found, open_items.fetchall(), configured.fetchone()))


def _claim(conn: Connection, ctx: DomainContext, params: DispatchRef, look: _Look) -> HandOver | NoHandOver:
    found, candidates, config = look.dispatch, look.candidates, look.config
    if hand_overs_are_off():
        # Its time does not count to giving up from now on.
        call_next(conn, ctx.workspace_id)
        return NoHandOver("hand-overs are off")
    if not found.is_called:
        return NoHandOver("it is not its turn")
    if found.is_scheduled:
        return NoHandOver("another message waits for its next try")
    credentials = config.portal if config else None
    if config is None or credentials is None:
        _end_unsent(conn, ctx, params, "validation", "carrier not configured")
        return NoHandOver("the carrier is not configured")
    is_lookup = found.kind == "guide_lookup"
    items, stopped = _to_look_up(candidates) if is_lookup else _sort_out(conn, candidates, config)
    row = _columns(ctx, params)
    if stopped:
        close_items(conn, ctx.workspace_id, stopped)
    if not items:
        conn.execute(sql.CLOSE, row | {"last_error": "nothing was left to send"})
        move_on(conn, ctx.workspace_id, [params.job_id])
        return NoHandOver("nothing was left to send")
    values = [json.dumps(item.value) for item in items]
    fit = fitting([len(value) for value in values])
    if left := items[fit:]:
        # As they are now they do not fit into one hand-over: these wait for the next wave.
        conn.execute(sql.PUT_BACK, row | {"item_ids": [item.item_id for item in left]})
    items = items[:fit]
    conn.execute(sql.CLAIM, row | {"item_count": fit, "robot_url": credentials.robot_url})
    claim_items = sql.CLAIM_LOOKUPS if is_lookup else sql.CLAIM_ITEMS
    conn.execute(claim_items, row | {"item_ids": [item.item_id for item in items], "values": values[:fit]})
    # One call of a workspace is under way: what has its turn at another carrier gives way until this one is over.
    call_next(conn, ctx.workspace_id)
    return HandOver(
        params.job_id,
        params.dispatch,
        found.kind,
        found.carrier,
        credentials.robot_url,
        credentials.username,
        credentials.password_sealed,
        items,
    )


@domain_function
def note_accepted(conn: Connection, ctx: DomainContext, params: DispatchRef) -> None:
    """Note that the robot took the hand-over: job and items are processing, and the deadline runs from now."""
    if _is_claimed(conn, ctx, params):
        _begin(conn, ctx, params, status="accepted")


@domain_function
def note_unknown(conn: Connection, ctx: DomainContext, params: DispatchRef) -> None:
    """Note that nobody knows whether the robot took it: it is never sent again; the deadline runs from the claim."""
    if _is_claimed(conn, ctx, params):
        _begin(conn, ctx, params, status="unknown")


@domain_function
def note_refused(conn: Connection, ctx: DomainContext, params: DispatchRef, words: str) -> None:
    """Note that the robot refused for good: the wave's items end as errors with the robot's words."""
    words = storable_text(words, "words", at_most=MAX_ERROR_MESSAGE)
    if not _is_claimed(conn, ctx, params):
        return
    target = _target(ctx, params)
    lock_open_items(conn, [target])
    conn.execute(sql.CLOSE, _columns(ctx, params) | {"last_error": words})
    conn.execute(sql.NOTE_GUIDES_REFUSED, _columns(ctx, params))
    _prove_none(conn, _columns(ctx, params))
    close_open_items(conn, [target], error_type="portal", error_message=words, is_none_made=True)
    move_on(conn, ctx.workspace_id, [params.job_id])


@domain_function
def release_dispatch(
    conn: Connection, ctx: DomainContext, params: DispatchRef, refused_as: RefusedAs, words: str
) -> Postponed | NoHandOver:
    """Give a claim back after a refusal for now, and say when to try again (5 s, doubling to 120 s).

    Given up after 24 hours of busy or one hour of not being reached, and after 24 hours of both by turns: then all of
    the job ends as errors that no robot has. What came meanwhile and is more urgent has its turn now.
    """
    refused_as = require_choice(refused_as, REFUSED_AS, "refused_as")
    words = storable_text(words, "words", at_most=MAX_ERROR_MESSAGE)
    found = _ask(conn, ctx, params).fetchone()
    if found is None or found.status != "claimed":
        return NoHandOver("the dispatch is not claimed")
    lock_open_items(conn, [_target(ctx, params)])
    delay_s = _delay_s(found.attempts)
    row = _columns(ctx, params) | {"refused_as": refused_as, "delay_s": delay_s, "last_error": words}
    released = conn.execute(sql.RELEASE, row)
    conn.execute(sql.RELEASE_ITEMS, row)
    _prove_none(conn, row)
    conn.execute(sql.FORGET_ATTEMPTS, row)
    [(seconds_in_a_row, seconds_in_all)] = released.fetchall()
    for seconds, limit in ((seconds_in_a_row, GIVE_UP_AFTER_S[refused_as]), (seconds_in_all, GIVE_UP_ANYHOW_AFTER_S)):
        if seconds >= limit:
            _end_unsent(conn, ctx, params, "portal", f"given up after {limit // 3600} h: {words}")
            return NoHandOver("given up")
    # All of it may have been reported during the call, and another wave may have its turn now.
    move_on(conn, ctx.workspace_id, [params.job_id])
    is_called = conn.execute(sql.SELECT_CALLED, row).fetchone() is not None
    return Postponed(delay_s) if is_called else NoHandOver("it is not its turn any more")


def _ask(conn: Connection, ctx: DomainContext, params: DispatchRef) -> Cursor[_Row]:
    """Hold the workspace's line and ask for the wave, without waiting for the answer."""
    require_uuid(params.job_id, "job_id")
    require_dispatch(params.dispatch)
    lock_line(conn, ctx.workspace_id)
    return conn.cursor(row_factory=class_row(_Row)).execute(sql.SELECT, _columns(ctx, params))


def _sort_out(
    conn: Connection, candidates: list[Candidate], config: CarrierConfig
) -> tuple[list[HandOverItem], dict[UUID, str]]:
    """Return what is sent, and for each other item the words with which it ends."""
    passed = [each for each in candidates if each.blocked_by is None]
    made_of_order = [each for each in passed if each.given_value is None]
    built = build_pedidos(conn, config.carrier, made_of_order, config.shipment_defaults)
    items: list[HandOverItem] = []
    stopped = {each.require_item_id(): closing_words(each) for each in candidates if each.blocked_by is not None}
    for each in passed:
        pedido = built.get(each.order_id)
        if isinstance(pedido, Unshippable):
            stopped[each.require_item_id()] = pedido.reason
        else:
            value = pedido.as_dict() if pedido else each.given_value
            items.append(HandOverItem(each.require_item_id(), each.order_id, value or {}))
    return items, stopped


def _to_look_up(candidates: list[Candidate]) -> tuple[list[HandOverItem], dict[UUID, str]]:
    """Return what a robot is asked for: the guide of each order by its number now; and who has none, with its words.

    A lookup makes no shipment: the guard has no say in it.
    """
    items = [
        HandOverItem(each.require_item_id(), each.order_id, pedido_number=each.tracking_number)
        for each in candidates
        if each.tracking_number is not None
    ]
    stopped = {
        each.require_item_id(): "not asked: the order has no tracking number any more"
        for each in candidates
        if each.tracking_number is None
    }
    return items, stopped


def _already_made(conn: Connection, ctx: DomainContext, params: DispatchRef, found: _Row) -> NoHandOver:
    if found.status == "claimed" and (found.seconds_since_claim or 0) > CLAIM_LOST_AFTER_S:
        _begin(conn, ctx, params, status="unknown")
        return NoHandOver("the claim was lost; the robot may have the orders")
    return NoHandOver(f"the dispatch is {found.status}")


def _is_claimed(conn: Connection, ctx: DomainContext, params: DispatchRef) -> bool:
    found = _ask(conn, ctx, params).fetchone()
    return found is not None and found.status == "claimed"


def _begin(conn: Connection, ctx: DomainContext, params: DispatchRef, *, status: DispatchStatus) -> None:
    # No order is looked at, and whoever else moves items waits for the line.
    row = _columns(ctx, params) | {"status": status}
    conn.execute(sql.BEGIN, row)
    conn.execute(sql.BEGIN_ITEMS, row)
    conn.execute(sql.BEGIN_JOB, row)
    # All of it may have been reported during the call; and who waited for the call's end has its turn.
    move_on(conn, ctx.workspace_id, [params.job_id])


def _end_unsent(conn: Connection, ctx: DomainContext, params: DispatchRef, error_type: ErrorType, message: str) -> None:
    """End all of the job that no robot has, the wave that waits with it."""
    message = message[:MAX_ERROR_MESSAGE]
    whole_job = Target(ctx.workspace_id, params.job_id, None)
    lock_open_items(conn, [whole_job])
    conn.execute(sql.CLOSE, _columns(ctx, params) | {"last_error": message})
    close_open_items(conn, [whole_job], error_type=error_type, error_message=message, only_unsent=True)
    move_on(conn, ctx.workspace_id, [params.job_id])


def _prove_none(conn: Connection, row: dict[str, object]) -> None:
    proven = conn.execute(sql.PROVE_NONE, row).fetchall()
    if freed := [order_id for order_id, is_reshipment in proven if is_reshipment]:
        conn.execute(RETURN_HOLDS, {"order_ids": freed, "workspace_ids": [row["workspace_id"]]})


def _delay_s(attempts: int) -> int:
    # After the first attempt 5 s, then doubling; the exponent is bounded because attempts are not.
    return int(min(FIRST_DELAY_S * 2 ** min(max(attempts - 1, 0), 10), MAX_DELAY_S))


def _target(ctx: DomainContext, params: DispatchRef) -> Target:
    return Target(ctx.workspace_id, params.job_id, params.dispatch)


def _columns(ctx: DomainContext, params: DispatchRef) -> dict[str, object]:
    return {"workspace_id": ctx.workspace_id, "job_id": params.job_id, "dispatch": params.dispatch}
