"""What is above each code at any distance."""

import random

import pytest

from core.errors import Invalid
from fhirlink.terminology.closure import closure


def plain(parents: dict[int, list[int]]) -> dict[int, list[int]]:
    """Return the closure by going up from each, as slowly as it is plain."""
    found = {}
    for node in parents:
        seen: set[int] = set()
        waiting = list(parents[node])
        while waiting:
            above = waiting.pop()
            if above not in seen:
                seen.add(above)
                waiting += parents.get(above, [])
        found[node] = sorted(seen)
    return found


@pytest.mark.parametrize("seed", range(20))
def test_it_is_all_that_can_be_reached_upwards(seed: int) -> None:
    chance = random.Random(seed)
    parents = {
        n: chance.sample(range(n), min(n, chance.randint(1, 3))) for n in range(1, 40)
    }
    shuffled = dict(chance.sample(sorted(parents.items()), len(parents)))

    assert {node: list(above) for node, above in closure(shuffled)} == plain(parents)


def test_a_long_chain_takes_no_stack() -> None:
    number = 3000

    found = dict(closure({n: [n + 1] for n in range(number)}))

    assert len(found[0]) == number


@pytest.mark.parametrize("parents", [{1: [2], 2: [1]}, {1: [2], 2: [3], 3: [2]}])
def test_a_circle_is_refused(parents: dict[int, list[int]]) -> None:
    with pytest.raises(Invalid, match="circle"):
        list(closure(parents))
