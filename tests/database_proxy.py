"""Something between a program and PostgreSQL that encrypts, or that swallows whatever is sent."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from types import TracebackType

_SSL_REQUEST = struct.pack("!ii", 8, 80_877_103)
#: A program that waits for ever is let go after this, so that its test fails instead of standing still.
_LET_GO_S = 20


class DatabaseProxy:
    """Forwards to a port of this machine; with `tls`, it is what answers the client's wish for TLS."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        self._upstream = port
        self._tls = tls
        self._stalled = threading.Event()
        self._sockets: list[socket.socket] = []
        self._keeping = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._closed = threading.Event()
        self._start(self._accept)
        self._start(self._let_go)

    def stall(self) -> None:
        """Swallow from now on what either side sends, and say so to nobody."""
        self._stalled.set()

    def mend(self) -> None:
        """Carry again what is sent from now on."""
        self._stalled.clear()

    def __enter__(self) -> Self:
        """Return the running proxy."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close everything."""
        self._close()

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        threading.Thread(target=target, args=arguments, daemon=True).start()

    def _let_go(self) -> None:
        if not self._closed.wait(_LET_GO_S):
            self._close()

    def _close(self) -> None:
        with self._keeping:
            self._closed.set()
            for each in (self._listener, *self._sockets):
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()

    def _keep(self, new: socket.socket) -> socket.socket:
        # A socket that comes to be while the rest is closed would be left over, for a later test to trip on.
        with self._keeping:
            if self._closed.is_set():
                new.close()
            self._sockets.append(new)
        return new

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._start(self._serve, self._keep(client))

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._tls is not None:
                assert client.recv(8, socket.MSG_WAITALL) == _SSL_REQUEST
                client.sendall(b"S")
                sealed = self._tls.wrap_socket(client, server_side=True, do_handshake_on_connect=False)
                client = self._keep(sealed)
                sealed.do_handshake()
            server = self._keep(socket.create_connection(("127.0.0.1", self._upstream)))
            self._start(self._pump, server, client)
            self._pump(client, server)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if not self._stalled.is_set():
                    sink.sendall(data)
            # A client that has gone is news that a stalled way does not carry either.
            if not self._stalled.is_set():
                sink.shutdown(socket.SHUT_RDWR)
