"""An operator's robotUrl never becomes a way into the network that the functions run in."""

import socket
from ipaddress import ip_address
from typing import Any

import pytest

from shared.robot.url_policy import RobotUrlError, check_robot_url, is_public, resolve_public_addresses


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ALLOW_PRIVATE_ROBOT_URLS", raising=False)


@pytest.mark.parametrize(
    "url",
    [
        "https://robot.example.com",
        "https://robot.example.com:8443/v1/",
        "https://8.8.8.8",
        "HTTPS://a.co",
        "https://a.co/!~",
        f"https://a.co/{'x' * (2_000 - len('https://a.co/'))}",
    ],
)
def test_a_public_https_url_is_taken(url: str) -> None:
    check_robot_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "robot.example.com",
        "http://robot.example.com",
        "ftp://robot.example.com",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://user:pass@robot.example.com",
        "https://@robot.example.com",
        "https://robot.example.com/?x=1",
        "https://robot.example.com/#x",
        "https://robot.example.com:99999",
        "https://robot.example.com:x",
        "https://[::1",
        "https://robot.example.com/\nx",
        "https://robot.example.com\\@10.0.0.1",
        "https://róbot.example.com",
        "https://localhost",
        "https://LOCALHOST./x",
        "https://api.localhost",
        "https://127.0.0.1",
        "https://127.1",
        "https://0x7f.1",
        "https://2130706433",
        "https://0",
        "https://10.1.2.3",
        "https://172.16.0.1",
        "https://192.168.1.1",
        "https://100.64.0.1",
        "https://169.254.169.254/latest/meta-data",
        "https://224.0.0.1",
        "https://[::1]",
        "https://[::ffff:10.0.0.1]",
        "https://[64:ff9b::10.0.0.1]",
        "https://[2002:a00:1::]",
        "https://[fe80::1]",
        "https://[fe80::1%25eth0]",
        "https://[fd00:ec2::254]",
        "https://robot.example.com/a b",
        "https://robot.example.com/a\x7fb",
        f"https://a.co/{'x' * (2_001 - len('https://a.co/'))}",
    ],
)
def test_any_other_url_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(RobotUrlError, match=r"^robotUrl .*\.$"):
        check_robot_url(url)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_an_internet_address_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - looked at, not bound
        "198.18.0.1",
        "192.0.0.170",
        "192.88.99.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::7f00:1",
        "ff0e::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "64:ff9b:1::1",
    ],
)
def test_a_reserved_address_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


def resolver(*addresses: str) -> Any:
    def getaddrinfo(_host: str, port: int, **_kwargs: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return getaddrinfo


def test_a_name_is_called_by_the_addresses_that_were_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolver("8.8.8.8", "8.8.8.8", "8.8.4.4"))
    assert resolve_public_addresses("robot.example.com", 443) == ["8.8.8.8", "8.8.4.4"]


def test_a_name_that_leads_to_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolver("8.8.8.8", "169.254.169.254"))
    with pytest.raises(RobotUrlError):
        resolve_public_addresses("robot.example.com", 443)


def test_the_local_stack_may_call_its_own_robot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOW_PRIVATE_ROBOT_URLS", "true")
    check_robot_url("http://127.0.0.1:9000")
    assert resolve_public_addresses("127.0.0.1", 9000) == ["127.0.0.1"]
    with pytest.raises(RobotUrlError):
        check_robot_url("file:///etc/passwd")
