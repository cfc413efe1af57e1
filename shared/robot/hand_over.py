"""Hand a dispatch over to the robot: claim it, call once, note what came of it."""

import json
import os
from typing import TYPE_CHECKING, TypeVar

from aws_lambda_powertools import Logger

from shared.aws.passwords import SealedPasswordError, open_password
from shared.aws.relay import publish_committed
from shared.domain import (
    DispatchRef,
    DomainContext,
    DomainResult,
    HandOver,
    Later,
    Nothing,
    claim_dispatch,
    note_accepted,
    note_refused,
    note_unknown,
    release_dispatch,
)
from shared.robot.callback_token import sign_callback_token
from shared.robot.client import Answer, call_robot

if TYPE_CHECKING:
    from shared.events import JobSubmitted

T = TypeVar("T")

logger = Logger()


class HandOverError(Exception):
    """The domain refused what only a defect can ask of it."""


def hand_over(event: "JobSubmitted") -> Later | None:
    """Make the hand-over that the event asks for, and say whether and when it is to be tried again.

    The database decides whether it is made: the event may be a repeat, late, or about something that is gone.

    Raises:
        RetryableDatabaseError: the database could not do it this time; the message is to be delivered again.
    """
    ctx = DomainContext(event.workspace_id, source="dispatch")
    ref = DispatchRef(event.job_id, event.dispatch)
    claimed = _data(claim_dispatch(ctx, ref))
    outcome = _note(ctx, ref, _call(ctx, event.carrier, claimed)) if isinstance(claimed, HandOver) else claimed
    if isinstance(outcome, Nothing):
        logger.info("nothing handed over", reason=outcome.reason)
    publish_committed(event.workspace_id)
    return outcome if isinstance(outcome, Later) else None


def _call(ctx: DomainContext, carrier: str, claimed: HandOver) -> Answer:
    try:
        password = open_password(claimed.password_sealed, workspace_id=ctx.workspace_id, carrier=carrier)
    except SealedPasswordError as error:
        return Answer("refused", f"{error} Set it again in the carrier's configuration.")
    # A robot answers a jobId that it has seen from memory, without working: each hand-over has its own.
    suffix = "" if claimed.dispatch == 1 else f".{claimed.dispatch}"
    body = {
        "workspaceId": str(ctx.workspace_id),
        "jobId": f"{claimed.job_id}{suffix}",
        "credentials": {"username": claimed.username, "password": password},
        "callbackUrl": os.environ["CALLBACK_URL"],
        "callbackSecret": sign_callback_token(
            job_id=claimed.job_id, workspace_id=ctx.workspace_id, dispatch=claimed.dispatch
        ),
        "orders": [
            {"itemId": str(item.item_id), "orderId": str(item.order_id), "pedidoInput": item.pedido_input}
            for item in claimed.items
        ],
    }
    return call_robot(claimed.robot_url, json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode())


def _note(ctx: DomainContext, ref: DispatchRef, answer: Answer) -> Later | Nothing | None:
    logger.info("the robot was called", answer=answer.kind, words=answer.words)
    if answer.kind == "accepted":
        return _data(note_accepted(ctx, ref))
    if answer.kind == "refused":
        return _data(note_refused(ctx, ref, answer.words))
    if answer.kind == "unknown":
        return _data(note_unknown(ctx, ref))
    return _data(release_dispatch(ctx, ref, answer.kind, answer.words))


def _data(result: DomainResult[T]) -> T:
    if not result.success:
        raise HandOverError(result.error)
    return result.data
