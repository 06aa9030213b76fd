"""Pings of WebSockets (RFC 6455 5.5.2), for which the web server has no door.

Granian answers pings and sends none, and ASGI has no message for one. But a connection
on which nothing is sent is ended by the proxies between, and one whose client has lost
its network stays open for ever. So a ping is written to the connection's socket, of
which this process has the descriptor; whoever sends holds back meanwhile, so that it
comes between two messages. Any client answers by itself, and the kernel tells how long
ago anything came.
"""

import logging
import os
import socket
import struct
from pathlib import Path
from typing import Final, NamedTuple, Self

from django.conf import settings
from starlette.types import Scope

logger = logging.getLogger(__name__)

UNANSWERED: Final = 4  # pings, after which nobody is there

_PING: Final = b"\x89\x00"  # whole, and without a payload
_DESCRIPTORS: Final = Path("/proc/self/fd")
# Of struct tcp_info (linux/tcp.h): tcpi_last_data_recv, in milliseconds.
_INFO_BYTES: Final = 104
_LAST_DATA_RECEIVED: Final = struct.Struct("=52xI")


class Silent(Exception):
    """Nothing has come from the other side for long: it counts as gone."""


class Line(NamedTuple):
    """The two ends of a connection: address of the client, and our port.

    The address is that of whoever has connected, which may be a proxy.
    """

    address: str
    port: int
    own_port: int

    @classmethod
    def of(cls, scope: Scope) -> Self | None:
        """Return that of a connection; None where it cannot be written to.

        Which is where it has no addresses, or the server itself encrypts. Of the scope
        as the server has made it (`core.proxies` changes it).
        """
        if scope.get("scheme") == "wss":
            return None
        client, server = scope.get("client"), scope.get("server")
        if not client or not server or server[1] is None:
            return None
        return cls(client[0], int(client[1]), int(server[1]))


def ping(scope: Scope) -> None:
    """Send a ping; the caller sees to it that no message is being sent.

    Where the server keeps the connection otherwise, nothing is done.

    Parameters
    ----------
    scope
        Of a WebSocket; ``line`` is its `Line`.

    Raises
    ------
    Silent
        The last `UNANSWERED` pings were not answered.
    """
    line: Line | None = scope.get("line")
    connection = None if line is None else _found(line)
    if connection is None:
        return
    with connection:
        if _silent_ms(connection) > settings.PING_S * UNANSWERED * 1000:
            raise Silent
        try:
            sent = connection.send(_PING, socket.MSG_DONTWAIT)
        except BlockingIOError:  # the client takes nothing: who sends sees to that
            return
        except OSError as error:
            raise Silent from error
        if sent != len(_PING):  # what follows would be read as its rest
            connection.shutdown(socket.SHUT_RDWR)
            raise Silent


_descriptors: dict[Line, int] = {}


def _found(line: Line) -> socket.socket | None:
    """Return a second descriptor of a connection's socket, to be closed.

    The server may close its own at any moment, and another connection get its number:
    so each is copied before it is looked at.
    """
    found = _copy_of(line)
    if found is None:
        _look_around()
        found = _copy_of(line)
    if found is None:
        logger.warning("a WebSocket of %s port %s has no socket here", *line[:2])
    return found


def _copy_of(line: Line) -> socket.socket | None:
    number = _descriptors.get(line)
    copy = None if number is None else _copied(number)
    if copy is not None and _line_of(copy) != line:
        copy.close()
        return None
    return copy


def _look_around() -> None:
    """Learn the descriptors of all connections of this process."""
    _descriptors.clear()
    for each in _DESCRIPTORS.iterdir():
        number = int(each.name)
        copy = _copied(number)
        if copy is not None:
            with copy:
                line = _line_of(copy)
            if line is not None:
                _descriptors[line] = number


def _copied(number: int) -> socket.socket | None:
    try:
        copy = os.dup(number)
    except OSError:  # closed meanwhile
        return None
    try:
        # Named, so that the kernel is not asked for each; ends tell what it is.
        return socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, fileno=copy)
    except OSError:  # not a socket
        os.close(copy)
        return None


def _line_of(connection: socket.socket) -> Line | None:
    try:
        peer, own = connection.getpeername(), connection.getsockname()
    except OSError:  # it listens, or has just been closed
        return None
    # Of a socket in the file system the address is its name.
    is_tcp = isinstance(peer, tuple) and isinstance(own, tuple)
    return Line(peer[0].partition("%")[0], peer[1], own[1]) if is_tcp else None


def _silent_ms(connection: socket.socket) -> int:
    """Return how long ago the other side has sent anything, in milliseconds."""
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_BYTES)
    return int(_LAST_DATA_RECEIVED.unpack_from(info)[0])
