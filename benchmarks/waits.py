"""How long a handler waits for AWS and for the robot."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from unittest.mock import patch


@contextmanager
def waits_for_others() -> Iterator[list[float]]:
    """Collect the milliseconds of each wait of this process for the answer to an HTTP request."""
    waits: list[float] = []
    getresponse = HTTPConnection.getresponse

    def timed(self: HTTPConnection) -> HTTPResponse:
        begin = time.perf_counter()
        try:
            return getresponse(self)
        finally:
            waits.append((time.perf_counter() - begin) * 1000)

    with patch.object(HTTPConnection, "getresponse", timed):
        yield waits
