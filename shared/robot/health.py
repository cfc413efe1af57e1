"""Ask a robot since when it runs: one that has restarted works on nothing that it took before."""

import json
import math
import time
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.client import HTTPException
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError

from shared.robot.connect import connect
from shared.robot.url_policy import RobotUrlError

PATH = "/api/health"
CONNECTING_AT_MOST_S = 5
ANSWER_TIMEOUT_S = 5
_MAX_ANSWER_BYTES = 10_000
#: An answer that is older or younger than this by our clock is somebody's copy, or its clock is wrong.
_CLOCKS_APART_AT_MOST = timedelta(seconds=60)


def uptime_s(robot_url: str) -> float | None:
    """Return for how many seconds the robot has run; None where it does not say so, or not now.

    It is asked once, 5 s at most for the answer; no redirect is followed.
    """
    try:
        connection = connect(robot_url, at_most_s=CONNECTING_AT_MOST_S)
    except (RobotUrlError, UnicodeError, HTTPError, OSError):
        return None
    try:
        return _read(_ask(connection, robot_url))
    except (HTTPError, HTTPException, OSError):
        return None
    finally:
        connection.close()


def _ask(connection: HTTPConnection, robot_url: str) -> bytes:
    url = urlsplit(robot_url)
    until = time.monotonic() + ANSWER_TIMEOUT_S
    connection.timeout = ANSWER_TIMEOUT_S
    headers = {"Host": url.netloc, "User-Agent": "robot-jobs", "Accept": "application/json"}
    connection.request("GET", url.path.rstrip("/") + PATH, headers=headers, preload_content=False)
    response = connection.getresponse()
    if response.status != HTTPStatus.OK:
        return b""
    read = b""
    # A drop at a time would keep every single read within its time.
    while chunk := response.read1(_MAX_ANSWER_BYTES):
        read += chunk
        if len(read) > _MAX_ANSWER_BYTES or time.monotonic() > until:
            return b""
    return read


def _read(answer: bytes) -> float | None:
    try:
        said = json.loads(answer)
        uptime, at = said["uptime"], datetime.fromisoformat(said["timestamp"])
    except (ValueError, TypeError, LookupError, RecursionError):
        return None
    if isinstance(uptime, bool) or not isinstance(uptime, int | float) or not math.isfinite(uptime) or uptime < 0:
        return None
    if at.tzinfo is None or abs(datetime.now(UTC) - at) > _CLOCKS_APART_AT_MOST:
        return None
    return float(uptime)
