"""Who may do what has changed: whoever keeps something of it in this process forgets.

Triggers notify of it (migration 0006), whoever writes; `core.feed_listener` hears it.
"""

from collections.abc import Callable
from typing import Final

from core.database import raw_connection

CHANNEL: Final = "access"  # what PostgreSQL notifies

_keepers: list[Callable[[], None]] = []


def register(forget: Callable[[], None]) -> None:
    """Have something called at each change, in the loop of the listener."""
    _keepers.append(forget)


def tell() -> None:
    """Have every process forget, of what no trigger tells: the end of a session."""
    raw_connection().execute("SELECT pg_notify(%(channel)s, '')", {"channel": CHANNEL})


def forget() -> None:
    """Have everybody forget what they keep."""
    for each in _keepers:
        each()
