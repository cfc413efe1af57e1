"""Which robot addresses may be called: https, and public.

Operators give the URL, so it must not become a way into the network that the functions run in.
"""

import os
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

MAX_URL_LENGTH = 2_000
_LAST_ASCII_BLANK = " "
_FIRST_NON_ASCII = "\x7f"
#: Source: RFC 7526: 6to4 and its relays are retired; their addresses carry one of version 4.
_RETIRED = (IPv6Network("2002::/16"), IPv4Network("192.88.99.0/24"))


class RobotUrlError(Exception):
    """The robot's URL is one that this service does not call."""


def private_robot_urls_allowed() -> bool:
    """Tell whether http and private addresses may be called, which only the local stack allows."""
    return os.environ.get("ALLOW_PRIVATE_ROBOT_URLS", "").lower() == "true"


def check_robot_url(url: str) -> None:
    """Check what can be told from the URL alone; names are looked up when the robot is called.

    Raises:
        RobotUrlError: a sentence that says what to change.
    """
    parts = _split(url)
    allowed = ("https", "http") if private_robot_urls_allowed() else ("https",)
    if parts.scheme not in allowed:
        raise RobotUrlError(f"robotUrl must begin with {' or '.join(f'{scheme}://' for scheme in allowed)}.")
    if not parts.hostname:
        raise RobotUrlError("robotUrl must name a host, as in https://robot.example.com.")
    if "@" in parts.netloc:
        raise RobotUrlError("robotUrl must not hold a user name or a password.")
    if parts.query or parts.fragment:
        raise RobotUrlError("robotUrl must end with its path, without ? or #.")
    if private_robot_urls_allowed():
        return
    name = parts.hostname.rstrip(".")
    literal = _literal(name)
    if name == "localhost" or name.endswith(".localhost") or (literal is not None and not is_public(literal)):
        raise RobotUrlError("robotUrl must be a public address, not one of a private network.")


def resolve_public_addresses(host: str, port: int) -> list[str]:
    """Return the host's addresses, each of them public, to connect to without asking the DNS again.

    Raises:
        RobotUrlError: one of them is not public.
        OSError: the name can't be found.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
    if not private_robot_urls_allowed() and not all(is_public(_parsed(address)) for address in addresses):
        raise RobotUrlError("The robot's name leads to an address of a private network.")
    return addresses


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address is one of the public Internet, whichever version it is written in."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return is_public(address.ipv4_mapped)
    retired = any(address.version == network.version and address in network for network in _RETIRED)
    # Reserved are also NAT64 and the deprecated ::a.b.c.d, which carry an address of version 4.
    return address.is_global and not (address.is_multicast or address.is_reserved or retired)


def _split(url: str) -> SplitResult:
    # urlsplit drops tabs and line ends without a word, and other programs read a backslash as a slash.
    if len(url) > MAX_URL_LENGTH or any(
        character <= _LAST_ASCII_BLANK or character >= _FIRST_NON_ASCII or character == "\\" for character in url
    ):
        raise RobotUrlError(f"robotUrl must be at most {MAX_URL_LENGTH} plain characters without blanks.")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise RobotUrlError("robotUrl is no URL; write it as https://host/path.") from error
    return parts


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        # The short and the hexadecimal forms of an address, such as 127.1, that every resolver takes.
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def _parsed(address: str) -> IPv4Address | IPv6Address:
    return ip_address(address.partition("%")[0])
