"""Attacks by a thousand overlapping questions of somebody who may only count.

The attacker knows all of a target but one bit, whether it has had a diagnosis, asks
questions in which that bit is all that is unknown of it, and averages what differs.
The same attack on exact counts finds every bit: so it is one.
"""

from collections.abc import Callable, Iterator
from math import sqrt
from statistics import mean
from typing import Final

import numpy as np
import pytest

from tests.cohorts.answers.sets import Marked

People = frozenset[int]
Ask = Callable[[People], float]

_MANY: Final = 300
_TARGETS: Final = 20
_QUESTIONS: Final = 1_000
_WORLDS: Final = 10


class World(Marked):
    """A population in the order of its birth dates, half of which has the diagnosis."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, _MANY)
        whole = range(_MANY)
        self.everyone = frozenset(whole)
        self.ill = frozenset(each for each in whole if self.random.random() < 0.5)
        self.women = frozenset(each for each in whole if self.random.random() < 0.5)
        self.targets = self.random.sample(range(30, _MANY - 30), _TARGETS)

    def exact(self, people: People) -> float:
        return len(people)

    def protected(self, people: People) -> float:
        told = self.told(people)
        return 2.0 if told is None else told

    def born(self, first: int, last: int) -> People:
        return frozenset(range(max(first, 0), min(last + 1, _MANY)))


def with_and_without(world: World, target: int) -> Iterator[tuple[People, People]]:
    """Yield sets that the target is in if it has the diagnosis, and without it.

    Windows of birth dates moved by days, unions, two of three, those of one sex, and
    others that the target is born between.
    """
    ill, me = world.ill, frozenset([target])
    while True:
        first = target - world.random.randint(0, 40)
        last = target + world.random.randint(0, 40)
        window = world.born(first, last)
        around = world.born(first - 9, last + 9)
        sex = world.women if target in world.women else world.everyone - world.women
        for base in (
            window & ill,
            (window | sex) & ill,
            window & sex & ill,
            (window & ill) | (world.born(first - 20, first - 1) - ill),
            (window & ill) | (around & sex & ill),
        ):
            yield base, base - me


def guess_by_differences(world: World, ask: Ask) -> list[bool]:
    """Return the right guesses of a thousand questions, the same of each target."""
    pairs = _QUESTIONS // _TARGETS // 2
    right = []
    for target in world.targets:
        asked = with_and_without(world, target)
        differences = []
        for _, (one, other) in zip(range(pairs), asked, strict=False):
            pair = [one, other]
            world.random.shuffle(pair)
            answers = {people: ask(people) for people in pair}
            differences.append(answers[one] - answers[other])
        right.append((mean(differences) > 0.5) == (target in world.ill))
    return right


def guess_by_negation(world: World, ask: Ask) -> list[bool]:
    """Guess from who has not the diagnosis, and from everybody in the window."""
    right = []
    for target in world.targets:
        me = frozenset([target])
        differences = []
        for _ in range(_QUESTIONS // _TARGETS // 2):
            window = world.born(
                target - world.random.randint(0, 40),
                target + world.random.randint(0, 40),
            )
            well = window - world.ill
            differences.append(ask(well) - ask(well - me))
        right.append((mean(differences) < 0.5) == (target in world.ill))
    return right


def guess_by_least_squares(world: World, ask: Ask) -> list[bool]:
    """Return the right guesses of all in a window, from a thousand smaller windows."""
    first, many = 100, 100
    rows, answers = [], []
    for _ in range(_QUESTIONS):
        low, high = sorted(world.random.sample(range(many + 1), 2))
        row = np.zeros(many)
        row[low:high] = 1
        rows.append(row)
        answers.append(ask(world.born(first + low, first + high - 1) & world.ill))
    found, *_ = np.linalg.lstsq(np.array(rows), np.array(answers), rcond=None)
    return [
        (float(each) > 0.5) == (first + at in world.ill)
        for at, each in enumerate(found)
    ]


@pytest.mark.parametrize("attack", [guess_by_differences, guess_by_negation])
def test_a_thousand_questions_tell_no_more_than_a_coin(
    attack: Callable[[World, Ask], list[bool]],
) -> None:
    guesses: list[bool] = []
    for seed in range(_WORLDS):
        world = World(seed)
        guesses += attack(world, world.protected)
    # 200 guesses of a coin are within 62 % but once in 2,000.
    chance = 0.5 + 3.3 * sqrt(0.25 / len(guesses))
    assert mean(guesses) < chance


def test_least_squares_of_a_thousand_windows_tell_little() -> None:
    # Of a hundred patients at once: nothing of a bounded size hides all of it, and so
    # questions are limited (decision 0040).
    guesses: list[bool] = []
    for seed in range(_WORLDS):
        world = World(seed)
        guesses += guess_by_least_squares(world, world.protected)
    assert mean(guesses) < 2 / 3


@pytest.mark.parametrize(
    "attack", [guess_by_differences, guess_by_negation, guess_by_least_squares]
)
def test_the_same_attack_on_exact_counts_finds_every_bit(
    attack: Callable[[World, Ask], list[bool]],
) -> None:
    world = World(1)
    assert all(attack(world, world.exact))
