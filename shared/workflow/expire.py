"""Expire what the robot did not report in time, unless its report may wait to be recorded."""

import os
from uuid import UUID

from pydantic import BaseModel, Field

from shared.aws.queues import QueueUnavailableError, count_messages, peek
from shared.domain import Expired, UnreadMail, expire_dispatches
from shared.logs import logger


class _Named(BaseModel):
    workspace_id: UUID = Field(alias="workspaceId")


class _Letter(BaseModel):
    """As much of a dead letter as says whose report it is."""

    detail: _Named


def expire() -> Expired:
    """Close what was not reported in time, over every workspace, as far as no report of it may wait in the queues.

    Raises:
        psycopg.Error: the database did not answer; the next run does it.
    """
    expired = expire_dispatches(_unread_mail())
    if expired.closed_despite_mail:
        logger.error("items were closed though their reports may wait", closed_despite_mail=expired.closed_despite_mail)
    return expired


def _unread_mail() -> UnreadMail:
    try:
        mail = _look(os.environ["RECORD_QUEUE_URL"], os.environ["RECORD_DEAD_LETTER_QUEUE_URL"])
    except (QueueUnavailableError, KeyError):
        # Nobody knows what waits in them.
        logger.exception("the queues of reports can't be asked")
        return UnreadMail(is_anyones=True)
    if mail != UnreadMail():
        logger.info("reports wait to be recorded", is_anyones=mail.is_anyones, workspaces=len(mail.workspace_ids))
    return mail


def _look(queue_url: str, dead_letters_url: str) -> UnreadMail:
    # How old a queue's oldest message is, SQS says of those alone that were never given back: so any one counts.
    if count_messages(queue_url):
        return UnreadMail(is_anyones=True)
    count = count_messages(dead_letters_url)
    letters = peek(dead_letters_url, count) if count else []
    # A second time: what somebody has redriven meanwhile was in neither when it was looked for there.
    if len(letters) < count or count_messages(queue_url):
        return UnreadMail(is_anyones=True)
    try:
        return UnreadMail(workspace_ids=frozenset(_workspace_of(letter) for letter in letters))
    except ValueError:
        # A letter that names no workspace may be any one's.
        return UnreadMail(is_anyones=True)


def _workspace_of(letter: str) -> UUID:
    return _Letter.model_validate_json(letter).detail.workspace_id
