"""The way from containers to the stack lets in the containers and this machine, and nobody else."""

import asyncio
from functools import partial
from ipaddress import IPv4Network

import pytest

from local.stack.ports import LOOPBACK, free_port
from local.stack.sam_local import forwarder
from local.stack.sam_local.forwarder import forward, is_near
from local.stack.sam_local.runtime import ContainerRuntime

BRIDGE = IPv4Network("172.30.0.0/16")
#: Of this machine, and not where the stack listens.
GATEWAY = "127.0.0.2"


async def said_through_the_forwarder(text: bytes) -> bytes:
    """Send a text through a forwarder to a server that gives it back reversed, when the sender has ended."""

    async def reverse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write((await reader.read())[::-1])
        writer.close()
        await writer.wait_closed()

    port = free_port()
    async with (
        await asyncio.start_server(reverse, LOOPBACK, port),
        await asyncio.start_server(partial(forward, BRIDGE, port), GATEWAY, port),
    ):
        reader, writer = await asyncio.open_connection(GATEWAY, port)
        writer.write(text)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), timeout=10)
        writer.close()
        await writer.wait_closed()
        return answer


def test_what_comes_from_this_machine_is_passed_on_and_answered() -> None:
    """Fails where an end of one direction ends the other: the answer to a request is then lost."""
    sent = b"request" * 100_000
    assert asyncio.run(said_through_the_forwarder(sent)) == sent[::-1]


def test_what_comes_from_elsewhere_gets_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forwarder, "is_near", lambda *_: False)
    try:
        answered = asyncio.run(said_through_the_forwarder(b"request"))
    except ConnectionError:
        answered = b""
    assert answered == b""


@pytest.mark.parametrize(("peer", "expected"), [("172.30.4.5", True), (LOOPBACK, True), ("203.0.113.9", False)])
def test_near_are_the_network_of_the_containers_and_this_machine(peer: str, *, expected: bool) -> None:
    assert is_near(peer, BRIDGE) is expected


def test_a_forwarder_is_needed_where_the_gateway_is_an_address_of_this_machine() -> None:
    def runtime(gateway: str) -> ContainerRuntime:
        return ContainerRuntime("26", "arm64", gateway, BRIDGE)

    assert runtime(GATEWAY).needs_forwarder
    # As with Docker Desktop, whose network is inside its virtual machine.
    assert not runtime("203.0.113.1").needs_forwarder
