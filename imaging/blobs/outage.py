"""A service that is away: asked now and then by one, so that the others need not wait.

Who asks it waits as long as settings say, in a thread that others may need. So while it
is away one request at a time finds out whether it is back.
"""

import math
import threading
import time
from typing import Final

RESTS_S: Final = 2.0
"""From one attempt to the next."""

A_MOMENT_S: Final = 0.5
"""So long the others wait for what an attempt shows: a service that is back answers."""


class Outage:
    """What is known of one service, by all who ask it."""

    def __init__(self) -> None:
        self.is_away = False
        self._ask_at = 0.0  # time.monotonic(); never while somebody asks
        self._learned = threading.Condition()

    def may_ask(self) -> bool:
        """Return whether to ask the service; who does says what it `learned`."""
        if not self.is_away:
            return True
        with self._learned:
            if time.monotonic() >= self._ask_at:
                self._ask_at = math.inf
                return True
            return self._learned.wait_for(lambda: not self.is_away, A_MOMENT_S)

    def learned(self, *, is_away: bool) -> None:
        """Tell all what a request has shown."""
        if not is_away and not self.is_away:
            return
        with self._learned:
            self.is_away = is_away
            self._ask_at = time.monotonic() + RESTS_S
            self._learned.notify_all()
