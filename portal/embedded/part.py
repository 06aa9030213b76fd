"""One part of the stack: how it is started, known to be ready, stopped, restarted."""

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from portal.embedded.process import Command, has_ended, kill_group, nothing, spawn
from portal.embedded.state import Condition, PartState

FIRST_DELAY_S: Final = 0.25  # between the death of a part and its restart
LONGEST_DELAY_S: Final = 8.0
STEADY_S: Final = 30.0  # a part that ran this long starts again with the first delay


@dataclass(frozen=True, slots=True)
class Part:
    """What the supervisor has to know of one part.

    Attributes
    ----------
    is_ready
        Whether the part does its work; never raises.
    stop_signal
        Asks for a clean end.
    patience_s
        How long the clean end may take before the part is killed.
    recover
        Called before the next start when the part ended without having been ready.
    """

    name: str
    command: Command
    is_ready: Callable[[], bool]
    stop_signal: signal.Signals = signal.SIGTERM
    patience_s: float = 15.0
    recover: Callable[[], None] = nothing


class Runner:
    """Keeps one part running."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.condition = Condition.STOPPED
        self.restarts = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0  # time.monotonic()
        self._due_at = 0.0
        self._delay_s = FIRST_DELAY_S

    @property
    def state(self) -> PartState:
        """Return what ``parts.json`` tells of the part."""
        pid = self._process.pid if self._process else None
        return PartState(self.part.name, self.condition, pid, self.restarts)

    def start(self) -> None:
        """Start the process."""
        self._process = spawn(self.part.command)
        self._started_at = time.monotonic()
        if self.condition is Condition.STOPPED:
            self.condition = Condition.STARTING

    def tick(self) -> None:
        """Look after the part: restart it when it is due, notice that it is ready."""
        if self._process is None:
            if self.condition is not Condition.STOPPED and self._is_due():
                self.start()
        elif has_ended(self._process):
            self._died()
        elif self.condition is not Condition.READY and self.part.is_ready():
            self.condition = Condition.READY

    def ask_to_stop(self) -> None:
        """Begin a clean end."""
        if self._process is None:
            self.condition = Condition.STOPPED
        elif self.condition is not Condition.STOPPED:
            self.condition = Condition.STOPPING
            if not has_ended(self._process):
                self._process.send_signal(self.part.stop_signal)

    def has_stopped(self) -> bool:
        """Return whether the process is gone."""
        if self._process is None or has_ended(self._process):
            self._process, self.condition = None, Condition.STOPPED
            return True
        return False

    def kill(self) -> None:
        """End the process and its descendants without asking."""
        if self._process is not None and not has_ended(self._process):
            kill_group(self._process)
            self._process.wait()

    def _is_due(self) -> bool:
        return time.monotonic() >= self._due_at

    def _died(self) -> None:
        now = time.monotonic()
        if self.condition is not Condition.READY:
            self.part.recover()
        if now - self._started_at > STEADY_S:
            self._delay_s = FIRST_DELAY_S
        self._process = None
        self._due_at = now + self._delay_s
        self._delay_s = min(2 * self._delay_s, LONGEST_DELAY_S)
        self.condition = Condition.RESTARTING
        self.restarts += 1
