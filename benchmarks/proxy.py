"""A way to PostgreSQL that counts the exchanges and makes each take longer, as a network does."""

import multiprocessing
import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.connection import Connection as Pipe
    from multiprocessing.sharedctypes import Synchronized

_CHUNK = 65_536


@dataclass(frozen=True)
class Proxy:
    """The proxy's port, and the exchanges that have gone through it."""

    port: int
    exchanges: "Synchronized[int]"

    def count(self) -> int:
        """Return how many exchanges there were."""
        return self.exchanges.value


@contextmanager
def proxy_to(port: int, delay_s: float) -> Iterator[Proxy]:
    """Run a proxy to this port of the machine that holds back each request by `delay_s`."""
    context = multiprocessing.get_context("spawn")
    exchanges = context.Value("i", 0)
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(port, delay_s, exchanges, theirs), daemon=True)
    process.start()
    try:
        yield Proxy(ours.recv(), exchanges)
    finally:
        process.kill()
        process.join()


def _serve(port: int, delay_s: float, exchanges: "Synchronized[int]", pipe: "Pipe") -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        pipe.send(listener.getsockname()[1])
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", port))
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            Thread(target=_forward, args=(client, server, delay_s, exchanges), daemon=True).start()


def _forward(client: socket.socket, server: socket.socket, delay_s: float, exchanges: "Synchronized[int]") -> None:
    answered = True
    with selectors.DefaultSelector() as selector, client, server:
        selector.register(client, selectors.EVENT_READ, server)
        selector.register(server, selectors.EVENT_READ, client)
        while True:
            for key, _ in selector.select():
                data = key.fileobj.recv(_CHUNK)  # type: ignore[union-attr] # both are sockets
                if not data:
                    return
                if key.fileobj is client and answered:
                    # The first bytes after an answer begin another exchange.
                    exchanges.value += 1
                    time.sleep(delay_s)
                answered = key.fileobj is server
                key.data.sendall(data)
