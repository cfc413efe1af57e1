"""`python -m local.stack.sam_local.forwarder`: the way from containers to the stack, which listens on 127.0.0.1 alone.

It listens at this machine's address in the containers' network, on the same ports, and passes on what comes from
that network or from this machine, and from nowhere else.
"""

import argparse
import asyncio
import contextlib
import sys
from functools import partial
from ipaddress import IPv4Network, ip_address

import psutil

from local.stack.ports import LOOPBACK

_CHUNK = 65_536


async def forward(subnet: IPv4Network, port: int, near: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
    """Pass one connection on to the same port of 127.0.0.1; one from elsewhere is closed."""
    try:
        if not is_near(answer.get_extra_info("peername")[0], subnet):
            return
        far, request = await asyncio.open_connection(LOOPBACK, port)
        try:
            await asyncio.gather(_copy(near, request), _copy(far, answer))
        finally:
            await _close(request)
    except OSError:
        pass  # a part of the stack that does not run refuses, as it would here
    finally:
        await _close(answer)


def is_near(peer: str, subnet: IPv4Network) -> bool:
    """Whether an address is of the containers' network, or of this machine: its own calls may come from any of them."""
    own = {address.address for addresses in psutil.net_if_addrs().values() for address in addresses}
    return ip_address(peer) in subnet or peer in own


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()
    except OSError:
        writer.close()  # one side is gone, so the other can't be answered


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def serve(address: str, subnet: IPv4Network, ports: list[int]) -> None:
    """Forward until stopped."""
    servers = [await asyncio.start_server(partial(forward, subnet, port), address, port) for port in ports]
    print(f"Forwarding {address} to {LOOPBACK}: {', '.join(map(str, ports))}", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


def main() -> int:
    """Serve; 1 and one sentence where an address is taken."""
    parser = argparse.ArgumentParser(prog="python -m local.stack.sam_local.forwarder", description=__doc__)
    parser.add_argument("--address", required=True, help="this machine's address in the containers' network")
    parser.add_argument("--subnet", type=IPv4Network, required=True, help="the containers' network")
    parser.add_argument("--ports", type=int, nargs="+", required=True)
    options = parser.parse_args()
    try:
        asyncio.run(serve(options.address, options.subnet, options.ports))
    except OSError as error:
        print(f"The forwarder can't listen on {options.address}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
