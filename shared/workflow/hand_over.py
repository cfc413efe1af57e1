"""Hand a dispatch over to the robot: claim it, call once, note what came of it."""

import json
import os
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from shared.aws.passwords import SealedPasswordError, open_password
from shared.carriers.carrier import Answer, Execution, ItemAnswer, Task, TaskOrder
from shared.carriers.registry import CARRIERS
from shared.domain import (
    DispatchRef,
    DomainContext,
    DomainResult,
    HandOver,
    NoHandOver,
    Postponed,
    RetryableDatabaseError,
    UpdateJobItemResultParams,
    claim_dispatch,
    note_accepted,
    note_refused,
    note_unknown,
    release_dispatch,
    update_job_item_results,
)
from shared.logs import logger
from shared.metrics import count
from shared.redaction import without
from shared.robot.callback_token import sign_callback_token
from shared.robot.client import call_robot
from shared.robot.report import parse_report
from shared.workflow.publish import publish_committed

if TYPE_CHECKING:
    from shared.events import JobSubmitted

T = TypeVar("T")

#: For so long after the call it is tried to note what came of it, in a function that lives for 60 s: the robot takes at
#: most 30 of them. Then the claim stands, and counts as one of which nobody knows whether the robot has it.
NOTE_WITHIN_S = 15
_FIRST_PAUSE_S = 0.5
_MAX_PAUSE_S = 4


class HandOverError(Exception):
    """The domain refused what only a defect can ask of it."""


def hand_over(event: "JobSubmitted") -> Postponed | None:
    """Make the hand-over that the event asks for, and say whether and when it is to be tried again.

    The database decides whether it is made: the event may be a repeat, late, or about something that is gone.

    Raises:
        RetryableDatabaseError: the database could not do it this time; the message is to be delivered again.
    """
    ctx = DomainContext(event.workspace_id, source="dispatch")
    ref = DispatchRef(event.job_id, event.dispatch)
    claimed = _data(claim_dispatch(ctx, ref))
    outcome = _keep(ctx, ref, _call(ctx, claimed)) if isinstance(claimed, HandOver) else claimed
    if isinstance(outcome, NoHandOver):
        logger.info("nothing handed over", reason=outcome.reason)
        count("HandOversNeedless", 1)
    publish_committed(event.workspace_id)
    return outcome if isinstance(outcome, Postponed) else None


def _call(ctx: DomainContext, claimed: HandOver) -> Execution:
    # The claim needs these modules anyway; nothing that runs before it does.
    from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        password = open_password(claimed.password_sealed, workspace_id=ctx.workspace_id, carrier=claimed.carrier)
        task = _task(ctx, claimed, password)
    except SealedPasswordError as error:
        return Execution(Answer("refused", f"{error} Set it again in the carrier's configuration."))
    except (BotoCoreError, ClientError, GetParameterError) as error:
        # Nothing was sent: the claim can be given back, as if the robot had not been there.
        logger.exception("a hand-over can't be prepared")
        return Execution(Answer("unreachable", f"the hand-over could not be prepared: {type(error).__name__}"))
    execution = CARRIERS[claimed.carrier].executor.execute(task, partial(call_robot, claimed.robot_url))
    # A robot's words are logged, stored and shown: some repeat what they were sent.
    answer = execution.answer
    return replace(execution, answer=replace(answer, words=without((password,), answer.words)))


def _task(ctx: DomainContext, claimed: HandOver, password: str) -> Task:
    # A robot answers a jobId that it has seen from memory, without working: each hand-over has its own.
    suffix = "" if claimed.dispatch == 1 else f".{claimed.dispatch}"
    return Task(
        kind=claimed.kind,
        workspace_id=ctx.workspace_id,
        job_id=f"{claimed.job_id}{suffix}",
        username=claimed.username,
        password=password,
        callback_url=os.environ["CALLBACK_URL"],
        callback_secret=sign_callback_token(
            job_id=claimed.job_id, workspace_id=ctx.workspace_id, dispatch=claimed.dispatch
        ),
        orders=[
            TaskOrder(each.item_id, each.order_id, each.pedido_input, each.pedido_number) for each in claimed.items
        ],
    )


def _keep(ctx: DomainContext, ref: DispatchRef, execution: Execution) -> Postponed | NoHandOver | None:
    """Note the answer; the database may be away just now, and nobody else knows what the robot said."""
    answer = execution.answer
    logger.info("the robot was called", answer=answer.kind, words=answer.words)
    count(f"HandOvers{answer.kind.title()}", 1)
    until = time.monotonic() + NOTE_WITHIN_S
    pause_s = _FIRST_PAUSE_S
    while True:
        try:
            return _note(ctx, ref, execution)
        except RetryableDatabaseError:
            if time.monotonic() + pause_s > until:
                raise
            logger.warning("the robot's answer is noted again in a moment", exc_info=True)
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, _MAX_PAUSE_S)


def _note(ctx: DomainContext, ref: DispatchRef, execution: Execution) -> Postponed | NoHandOver | None:
    answer = execution.answer
    if execution.items:
        # First of all: what was answered at once is known now, whatever is noted of the hand-over.
        _data(update_job_item_results(ctx, [_report(ref, each) for each in execution.items]))
    if answer.kind == "accepted":
        return _data(note_accepted(ctx, ref))
    if answer.kind == "refused":
        return _data(note_refused(ctx, ref, answer.words))
    if answer.kind == "unknown":
        return _data(note_unknown(ctx, ref))
    return _data(release_dispatch(ctx, ref, answer.kind, answer.words))


def _report(ref: DispatchRef, said: ItemAnswer) -> UpdateJobItemResultParams:
    """Read an answer as a report is read: nothing of it may keep the others from being recorded."""
    read = parse_report(
        json.dumps(
            {
                "itemId": str(said.item_id),
                "status": said.status,
                "trackingNumber": said.tracking_number,
                "errorType": said.error_type,
                "errorMessage": said.error_message,
                "guideFound": said.guide_found,
            }
        )
    )
    return UpdateJobItemResultParams(
        read.item_id,
        read.status,
        read.tracking_number,
        error_type=read.error_type,
        error_message=read.error_message,
        dispatch=ref.dispatch,
        job_id=ref.job_id,
        guide_found=read.guide_found,
    )


def _data(result: DomainResult[T]) -> T:
    if not result.success:
        raise HandOverError(result.error)
    return result.data
