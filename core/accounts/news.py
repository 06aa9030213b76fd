"""Who may do what has changed: whoever keeps something of it in this process forgets.

Triggers notify of it (migration 0006), whoever writes; `core.feed_listener` hears it.
"""

from collections.abc import Callable
from typing import Final

CHANNEL: Final = "access"  # what PostgreSQL notifies

_keepers: list[Callable[[], None]] = []


def register(forget: Callable[[], None]) -> None:
    """Have something called at each change, in the loop of the listener."""
    _keepers.append(forget)


def forget() -> None:
    """Have everybody forget what they keep."""
    for each in _keepers:
        each()
