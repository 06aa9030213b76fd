"""What is told of a set: how far it may be off, and that it is told alike."""

from math import sqrt
from statistics import mean

import pytest

from cohorts.answers.perturbation import (
    MOST_OFF,
    MOST_OFF_NEXT,
    NEAR,
    Teller,
    Told,
    fresh_value,
    lowest_words,
)
from cohorts.execution.tally import tally_of
from tests.cohorts.answers.sets import Marked


def test_below_five_is_never_told_and_else_multiples_of_five() -> None:
    world = Marked(1, 400)
    for number in range(60):
        told = {
            fresh_value(world.random.randbytes(32), world.tally(range(number)))
            for _ in range(100)
        }
        assert (told == {None}) is (number < 5)
        assert all(each % 5 == 0 and each >= 5 for each in told if each)
        # From 9 on all are told; between, one patient does not decide it.
        assert (None in told) is (number < 9)


@pytest.mark.parametrize("number", [10, 11, 12, 13, 14, 57, 1_000])
def test_a_count_is_off_by_little_and_right_on_average(number: int) -> None:
    world = Marked(2, 1_000)
    tally = world.tally(range(number))
    off = []
    for _ in range(3_000):
        told = fresh_value(world.random.randbytes(32), tally)
        assert told is not None
        off.append(told - number)
    assert max(map(abs, off)) <= MOST_OFF == 9
    assert abs(mean(off)) < 4 * sqrt(mean(each**2 for each in off) / len(off))
    assert len(set(off)) >= 3


def test_a_set_is_told_alike_whatever_is_asked_between() -> None:
    world = Marked(3, 300)
    asked = [
        frozenset(world.random.sample(range(300), world.random.randint(0, 120)))
        for _ in range(200)
    ]
    first = [world.told(each) for each in asked]
    assert [world.told(each) for each in asked] == first
    # Nor by who asks: what was told is kept, and is all that matters.
    again = Teller(world.secret, world.teller.new)
    assert [again.value_of(world.tally(each)) for each in asked] == first
    assert again.new == []


def test_one_patient_more_or_less_does_not_show() -> None:
    for seed in range(40):
        world = Marked(seed, 300)
        one = world.random.sample(range(300), world.random.randint(0, 60))
        for _ in range(10):
            for other in (one, one[1:], [*one, 299]):
                world.told(world.random.sample(range(300), 60))
                assert world.told(other) == world.told(one)


def test_sets_that_grow_one_by_one_never_go_astray() -> None:
    for seed in range(10):
        world = Marked(seed, 200)
        for number in range(200):
            told = world.told(range(number))
            assert abs((4 if told is None else told) - number) <= MOST_OFF_NEXT


def test_other_marks_are_another_set_and_nobody_is_one() -> None:
    assert tally_of(None).number == 0
    assert tally_of(None) != tally_of([(0, 1, 2**40)])
    secret = bytes(32)
    like = tally_of([(at, 1, 256) for at in range(40)])
    teller = Teller(secret, [Told(like.number, like.sketch, 35)])
    assert teller.value_of(like) == 35
    far = tally_of([(at, 1, 512) for at in range(40)])
    assert teller.value_of(far) == fresh_value(secret, far)


def test_sets_that_resemble_each_other_are_found_by_a_word() -> None:
    for seed in range(60):
        world = Marked(seed, 400)
        one = set(world.random.sample(range(400), world.random.randint(8, 200)))
        for _ in range(20):
            changed = world.random.sample(range(400), NEAR - 1)
            other = one.symmetric_difference(changed)
            words = lowest_words(world.tally(other).sketch)
            assert set(words) & set(lowest_words(world.tally(one).sketch)), len(one)
            assert len(words) <= NEAR
    assert lowest_words(tally_of(None).sketch) == []
