"""What a partition may hold, told by the apps above: it is deleted empty only."""

from collections.abc import Callable
from typing import Final

Count = Callable[[int], int]
"""Returns how many things a partition holds, by the partition's key."""

_counts: Final[dict[str, Count]] = {}


def register_contents(name: str, count: Count) -> None:
    """Have a partition count as empty only without these; from `AppConfig.ready`.

    Parameters
    ----------
    name
        What they are called, in the plural.
    count
        Must see what is committed already, and need no lock.
    """
    if name in _counts:
        message = f"there are two contents of partitions named {name!r}"
        raise ValueError(message)
    _counts[name] = count


def held_in(partition_id: int) -> dict[str, int]:
    """Return what the partition holds, and how much of each; nothing if it is empty."""
    numbers = {name: count(partition_id) for name, count in _counts.items()}
    return {name: number for name, number in numbers.items() if number}
