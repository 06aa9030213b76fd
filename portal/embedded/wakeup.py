"""INT, TERM and the death of a child, as something a loop can wait for."""

import select
import signal
import socket
from types import FrameType, TracebackType
from typing import Self


class Wakeup:
    """Counts requests to stop and ends waits early.

    Handlers are installed for all three signals, because a background shell starts its
    programs with INT ignored.
    """

    def __init__(self) -> None:
        self.stops = 0
        self._reader, self._writer = socket.socketpair()

    def __enter__(self) -> Self:
        """Install the handlers."""
        self._reader.settimeout(0.0)
        self._writer.settimeout(0.0)
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGINT, self._count)
        signal.signal(signal.SIGTERM, self._count)
        signal.signal(signal.SIGCHLD, self._notice)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the signals their usual meaning back."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._reader.close()
        self._writer.close()

    def wait(self, timeout_s: float) -> None:
        """Return after the time, or as soon as a signal has come."""
        if select.select([self._reader], [], [], timeout_s)[0]:
            self._reader.recv(4096)

    def _count(self, _number: int, _frame: FrameType | None) -> None:
        self.stops += 1

    def _notice(self, _number: int, _frame: FrameType | None) -> None:
        """Do nothing: that the signal has a handler is what ends the wait."""
