"""A way out for clients that look up hosts by themselves: through checked addresses.

A proxy on loopback, for as long as it is needed, that connects to listed hosts at
checked addresses only (`imaging.outside.hosts`). Where a redirect, or a second look at
a name, would lead elsewhere, it leads nowhere.
"""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final
from urllib.parse import urlsplit

from core.errors import PortalError
from imaging.outside.hosts import TIMEOUT_S, connected

HEAD_BYTES: Final = 64 * 1024
_PIECE_BYTES: Final = 256 * 1024
_REFUSED: Final = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
_CONNECTED: Final = b"HTTP/1.1 200 Connection established\r\n\r\n"


@contextmanager
def way_out() -> Iterator[str]:
    """Give the address of the proxy."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=[listener], daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(listener: socket.socket) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:  # it was shut down
            return
        threading.Thread(target=_serve_one, args=[client], daemon=True).start()


def _serve_one(client: socket.socket) -> None:
    with client, suppress(OSError):
        client.settimeout(TIMEOUT_S)
        head = _head(client)
        method, _, rest = head.partition(b" ")
        target = rest.split(b" ", 1)[0].decode("latin-1")
        try:
            is_tunnel = method == b"CONNECT"
            parts = urlsplit(f"//{target}" if is_tunnel else target)
            server = connected(parts.hostname or "", parts.port or 80)
        except (PortalError, ValueError):
            client.sendall(_REFUSED)
            return
        with server:
            if is_tunnel:
                client.sendall(_CONNECTED)
            else:
                server.sendall(head)
            _join(client, server)


def _head(client: socket.socket) -> bytes:
    """Return what a client sends up to the end of its header, or a little more."""
    head = b""
    while b"\r\n\r\n" not in head and len(head) < HEAD_BYTES:
        piece = client.recv(HEAD_BYTES)
        if not piece:
            break
        head += piece
    return head


def _join(client: socket.socket, server: socket.socket) -> None:
    """Hand on what each sends to the other, until one of them ends."""
    while True:
        ready, _, _ = select.select([client, server], [], [], TIMEOUT_S)
        if not ready:
            return
        for source in ready:
            piece = source.recv(_PIECE_BYTES)
            if not piece:
                return
            (server if source is client else client).sendall(piece)
