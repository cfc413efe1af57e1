"""Fills in the samples of `events/`: what in them belongs to a stack, they get from the one that runs.

The samples are one story with ids of its own. It is first told with them; when its orders have been submitted, the next
import begins it anew, with other ids of the same form.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import jwt
import psycopg

from local.stack import aws
from local.stack.deploy import STACK_NAME
from local.stack.errors import StackError
from local.stack.paths import CHECKOUT, state_directory
from local.stack.sam_local.prepare import forwarded_robot
from local.stack.state import load_stack

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from psycopg import Connection

    from local.stack.state import Stack

DIRECTORY = CHECKOUT / "events"
#: Signed the callback tokens of the samples; no stack has it.
CALLBACK_KEY = "signs-the-sample-callback-tokens-and-nothing-else"
#: The first event of the story.
BEGINNING = "manage_orders_import"
_ROBOT_URL = "https://robot.example.com"
#: Of the workspace, a job, items, orders and contacts; the last two digits say which.
_ID = re.compile(r"0198c0de-0000-7000-8000-0000000000([0-9a-f]{2})")
_ID_OF_A_STORY = "0198c0de-0000-7000-8000-{story:010x}{which}"
_WORKSPACE, _JOB = "02", "10"
#: The item of an order: 21 is of 31.
_ORDER_OF = {"21": "31", "22": "32", "23": "33"}
_LIFETIME_S = 86_400
#: The robot takes the orders of the samples, ships none and says nothing of them: the samples are its reports.
_SILENCE = {"secondsPerOrder": 0, "portalErrorRate": 1, "faults": {"lateRate": 1, "lateSeconds": 10_000_000}}


def sample_names() -> list[str]:
    """The name of each sample: that of its function, and what it shows."""
    return sorted(path.stem for path in DIRECTORY.glob("*.json"))


def is_sample(path: Path) -> bool:
    """Whether a file is one of the samples."""
    return path.resolve().parent == DIRECTORY and path.suffix == ".json"


def filled_sample(name: str) -> dict[str, Any]:
    """A sample with the ids, the tokens and the robot of the running stack.

    Raises:
        StackNotRunningError: there is none.
        StackError: there is no such sample, or what it tells of has not happened yet.
    """
    if name not in sample_names():
        raise StackError(f"There is no sample {name}. There are: {', '.join(sample_names())}.")
    stack = load_stack()
    event: dict[str, Any] = json.loads((DIRECTORY / f"{name}.json").read_text(encoding="utf-8"))
    with psycopg.connect(stack.database_url) as conn:
        story = _current_story(conn, begins=name == BEGINNING)
        ids = _Ids(conn, story)
        _silence_robot(stack, ids.of_the_story(_WORKSPACE))
        return _filled(event, ids, stack)


@dataclass
class _Ids:
    """The running stack's ids for those of the samples."""

    conn: Connection
    story: int
    found: dict[str, str] = field(default_factory=dict)

    def replaced(self, text: str) -> str:
        """The text with this story's ids."""
        return _ID.sub(lambda match: self._of(match[1]), text)

    def of_the_story(self, which: str) -> str:
        """An id that the story chooses itself: that of its workspace, an order, a contact."""
        return _ID_OF_A_STORY.format(story=self.story, which=which)

    def _of(self, which: str) -> str:
        if which != _JOB and which not in _ORDER_OF:
            return self.of_the_story(which)
        if not self.found:
            self.found = self._job_and_items()
        return self.found[which]

    def _job_and_items(self) -> dict[str, str]:
        workspace = self.of_the_story(_WORKSPACE)
        items = {
            str(order): (str(job), str(item))
            for job, item, order in self.conn.execute(_ITEMS_OF_THE_FIRST_JOB, {"workspace": workspace})
        }
        try:
            own = {which: items[self.of_the_story(order)] for which, order in _ORDER_OF.items()}
        except KeyError as error:
            raise StackError(
                "The samples have no job yet: import, configure and submit come first (see events/README.md)."
            ) from error
        (job,) = {job for job, _ in own.values()}
        return {_JOB: job} | {which: item for which, (_, item) in own.items()}


def _current_story(conn: Connection, *, begins: bool) -> int:
    # The story that was imported last; its number is in its ids. A new one takes ids that no other workspace has.
    first, last = _ID_OF_A_STORY.format(story=0, which=_WORKSPACE), _ID_OF_A_STORY.format(story=2**40 - 1, which="ff")
    told: dict[int, bool] = {}
    taken: set[int] = set()
    for workspace, order, is_submitted in conn.execute(_ORDERS, {"first": first, "last": last}):
        story = _story_of(order)
        if _is_own(workspace) and _story_of(workspace) == story:
            told[story] = told.get(story, False) or is_submitted
        else:
            taken.add(story)
    story = max(told, default=0)
    while begins and (told.get(story) or story in taken):
        story += 1
    return story


def _story_of(id_: UUID) -> int:
    return int(id_.hex[-12:-2], 16)


def _is_own(workspace: UUID) -> bool:
    return str(workspace) == _ID_OF_A_STORY.format(story=_story_of(workspace), which=_WORKSPACE)


def _silence_robot(stack: Stack, workspace: str) -> None:
    settings = {"workspaceId": workspace, **_SILENCE}
    try:
        httpx.post(f"{stack.robot_url}/settings", json=settings, trust_env=False).raise_for_status()
    except httpx.HTTPError as error:
        raise StackError(f"The stack's robot does not answer: {error}; `make up` starts it.") from error


def _filled(event: dict[str, Any], ids: _Ids, stack: Stack) -> dict[str, Any]:
    robot_url = forwarded_robot(state_directory(), stack.robot_url)
    text = json.dumps(event, ensure_ascii=False).replace(_ROBOT_URL, robot_url)
    filled: dict[str, Any] = json.loads(ids.replaced(text))
    headers = filled.get("headers", {})
    if "content-length" in headers:
        headers["content-length"] = str(len(filled.get("body", "").encode()))
    if "x-callback-secret" in headers:
        headers["x-callback-secret"] = _signed_by(stack, headers["x-callback-secret"], ids)
    for record in filled.get("Records", []):
        record["md5OfBody"] = hashlib.md5(record["body"].encode(), usedforsecurity=False).hexdigest()
    return filled


def _signed_by(stack: Stack, token: str, ids: _Ids) -> str:
    try:
        claims = jwt.decode(token, CALLBACK_KEY, algorithms=["HS256"], options={"verify_aud": False})
    except jwt.InvalidSignatureError:
        return token  # of a sample that is to be refused
    session = aws.session()
    stacks = session.client("cloudformation", endpoint_url=stack.aws_endpoint_url)
    detail = stacks.describe_stack_resource(StackName=STACK_NAME, LogicalResourceId="CallbackSecret")
    secret = detail["StackResourceDetail"]["PhysicalResourceId"]
    secrets = session.client("secretsmanager", endpoint_url=stack.aws_endpoint_url)
    key = json.loads(secrets.get_secret_value(SecretId=secret)["SecretString"])["current"]
    now = int(time.time())
    own = json.loads(ids.replaced(json.dumps(claims))) | {"iat": now, "exp": now + _LIFETIME_S}
    return jwt.encode(own, key, algorithm="HS256")


# The story's one job; what an operator did with its orders later is not the samples' business.
_ITEMS_OF_THE_FIRST_JOB = """
SELECT i.job_id, i.id, i.order_id
  FROM robot_job_items AS i
  JOIN (SELECT id FROM robot_jobs WHERE workspace_id = %(workspace)s ORDER BY id LIMIT 1) AS j ON j.id = i.job_id
"""

# The orders of the samples, whose they are, and whether they were submitted.
_ORDERS = """
SELECT o.workspace_id, o.id, EXISTS (SELECT FROM robot_job_items AS i WHERE i.order_id = o.id)
  FROM orders AS o
 WHERE o.id BETWEEN %(first)s AND %(last)s
"""
