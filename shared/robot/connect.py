"""Connect to a robot: every address of its name is checked, and those that were checked are connected."""

import ssl
from urllib.parse import SplitResult, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from shared.robot.url_policy import check_robot_url, resolve_public_addresses

CONNECT_TIMEOUT_S = 5
#: For all addresses of a name together: with the answer it has to fit into a function's 60 s.
CONNECTING_AT_MOST_S = 20


def connect(robot_url: str, *, at_most_s: float = CONNECTING_AT_MOST_S) -> HTTPConnection:
    """Return a connection to the robot, which nothing was sent on; wait at most 5 s for each of its addresses.

    Each address is tried until one is connected, in `at_most_s` seconds together.

    Raises:
        RobotUrlError: it is an address that this service does not call.
        UnicodeError: its host is no name that can be looked up.
        HTTPError, OSError: none of its addresses can be connected.
    """
    check_robot_url(robot_url)
    url = urlsplit(robot_url)
    host = url.hostname or ""
    port = url.port or (443 if url.scheme == "https" else 80)
    # The addresses that were checked are those that are called: a second look-up could give others.
    addresses = resolve_public_addresses(host, port)
    timeout_s = min(CONNECT_TIMEOUT_S, at_most_s / len(addresses))
    for address in addresses[:-1]:
        try:
            return _connected(url, address, port, timeout_s)
        except (HTTPError, OSError):
            continue  # Nothing of the hand-over went there.
    return _connected(url, addresses[-1], port, timeout_s)


def _connected(url: SplitResult, address: str, port: int, timeout_s: float) -> HTTPConnection:
    host = url.hostname or ""
    if url.scheme == "https":
        connection: HTTPConnection = HTTPSConnection(
            address,
            port,
            timeout=timeout_s,
            server_hostname=host,
            ssl_context=ssl.create_default_context(),
        )
    else:
        connection = HTTPConnection(address, port, timeout=timeout_s)
    try:
        connection.connect()
    except BaseException:
        connection.close()
        raise
    return connection
