"""What changes the portal, in ways that a follower of instances has to get right."""

import random
from collections.abc import Callable
from functools import partial

from tests.imaging.lake.lakes import delete, move, put

PLACES = [("1", "10"), ("1", "11"), ("2", "20"), ("3", "30")]


def random_writes(chance: random.Random, number: int) -> list[Callable[[], object]]:
    """Return stores, replacements, deletes and moves that can be done in this order."""
    where = {}  # partition of each study
    writes: list[Callable[[], object]] = []
    for _ in range(number):
        study, series = chance.choice(PLACES)
        if study not in where:
            where[study] = chance.choice(["default", "site-1"])
        elif chance.random() < 0.15:
            writes.append(partial(delete, where.pop(study), study))
            continue
        elif chance.random() < 0.15:
            to = "default" if where[study] == "site-1" else "site-1"
            writes.append(partial(move, study, where[study], to))
            where[study] = to
            continue
        sop = f"{series}.{chance.randint(1, 4)}"
        writes.append(partial(put, study, series, sop, where[study]))
    return writes
