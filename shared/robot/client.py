"""Call the robot once, and tell what is known after the call."""

import json
from http import HTTPStatus
from http.client import HTTPException
from urllib.parse import SplitResult, urlsplit

from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError

from shared.carriers.carrier import Answer
from shared.logistics import reported_text
from shared.robot.connect import connect
from shared.robot.url_policy import RobotUrlError

#: A hand-over is never larger.
MAX_BODY_BYTES = 5_000_000
ANSWER_TIMEOUT_S = 25
_MAX_ANSWER_BYTES = 100_000
_MAX_WORDS = 500


def call_robot(robot_url: str, path: str, body: bytes) -> Answer:
    """POST a hand-over to a robot's path, once; wait at most 5 s for each of its addresses and 25 s for the answer.

    Each address is tried until one is connected, in 20 s together. What fails before a byte of the hand-over was sent
    is `unreachable`; what fails after it is `unknown`, since the robot may have it, and no other address is tried.
    """
    if len(body) > MAX_BODY_BYTES:
        return Answer("refused", f"the hand-over has {len(body)} bytes; a robot takes at most {MAX_BODY_BYTES}")
    try:
        connection = connect(robot_url)
    except RobotUrlError as error:
        return Answer("refused", str(error))
    except UnicodeError:
        return Answer("refused", "the robot's address is no name that can be looked up")
    except (HTTPError, OSError) as error:
        return Answer("unreachable", f"the robot can't be reached: {type(error).__name__}")
    try:
        return _exchange(connection, urlsplit(robot_url), path, body)
    except (HTTPError, HTTPException, OSError) as error:
        return Answer("unknown", f"no answer from the robot: {type(error).__name__}")
    finally:
        connection.close()


def _exchange(connection: HTTPConnection, url: SplitResult, path: str, body: bytes) -> Answer:
    connection.timeout = ANSWER_TIMEOUT_S
    headers = {"Content-Type": "application/json", "Host": url.netloc, "User-Agent": "robot-jobs"}
    connection.request("POST", url.path.rstrip("/") + path, body=body, headers=headers, preload_content=False)
    response = connection.getresponse()
    return _meaning(response.status, response.read(_MAX_ANSWER_BYTES))


def _meaning(status: int, body: bytes) -> Answer:
    words = reported_text(body.decode(errors="replace"))[:_MAX_WORDS].strip() or f"HTTP {status}"
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return _said(body, words)
    if status == HTTPStatus.CONFLICT:
        return Answer("busy", words)
    if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
        return Answer("unreachable", f"HTTP {status}: {words}")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Answer("refused", f"HTTP {status}: {words}")
    return Answer("unknown", f"HTTP {status}: {words}")


def _said(body: bytes, words: str) -> Answer:
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    success = said.get("success") if isinstance(said, dict) else None
    if success is True:
        return Answer("accepted", words)
    if success is False:
        return Answer("refused", reported_text(str(said.get("message") or words))[:_MAX_WORDS])
    return Answer("unknown", f"the robot's answer is not understood: {words}")
