"""Many slow clients at once: readers, senders, and connections that rest."""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle
from statistics import median
from typing import Final, Self

TICK_S: Final = 0.1
RECEIVE_BUFFER: Final = 4096
READ_BYTES: Final = 100  # a tick: 1 kB/s
RESET: Final = b"\1\0\0\0\0\0\0\0"  # SO_LINGER of no seconds: close sends RST


@dataclass(slots=True)
class Client:
    """One connection: what it sends at once, then a byte a tick, and what it reads."""

    connection: socket.socket
    dribble: Iterator[int] | None = None
    received: int = 0
    ended: bool = False

    def tick(self) -> None:
        """Read a little and send a byte."""
        if self.ended:
            return
        try:
            if self.dribble is None:
                data = self.connection.recv(READ_BYTES)
                self.received += len(data)
                self.ended = not data
            else:
                self.connection.send(bytes([next(self.dribble)]))
        except BlockingIOError:
            pass
        except OSError:
            self.ended = True


class Crowd:
    """Clients that a thread of their own keeps going, until they vanish."""

    def __init__(self, port: int) -> None:
        self.clients: list[Client] = []
        self._port = port
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.vanish()

    def read(self, request: bytes) -> None:
        """Add a client that reads the answer to `request` at 1 kB/s."""
        self._add(request, None)

    def send(self, beginning: bytes, then: Iterable[int]) -> None:
        """Add a client that sends `beginning`, and then byte by byte without end."""
        self._add(beginning, cycle(then))

    def rest(self, request: bytes = b"") -> None:
        """Add a client that sends `request`, or nothing, and then rests."""
        self._add(request, None)

    def vanish(self) -> None:
        """Reset all connections."""
        self._ending.set()
        if self._thread.is_alive():
            self._thread.join()
        for client in self.clients:
            with suppress(OSError):
                client.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            client.connection.close()

    def _add(self, first: bytes, dribble: Iterator[int] | None) -> None:
        connection = socket.socket()
        # Before the connection is made: it limits the window that is offered.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        connection.settimeout(30)
        connection.connect(("127.0.0.1", self._port))
        connection.sendall(first)
        connection.setblocking(False)
        self.clients.append(Client(connection, dribble))

    def _run(self) -> None:
        while not self._ending.wait(TICK_S):
            for client in list(self.clients):
                client.tick()


def median_s(call: Callable[[], None], number: int) -> float:
    """Return the median time of `number` calls."""
    times = []
    for _ in range(number):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return median(times)
