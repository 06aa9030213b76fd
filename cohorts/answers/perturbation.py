"""How many are told for a set of patients: rounded, and off by a little that is kept.

Pure. What is added depends on who is in the set and on a secret (a cell key), so that
asking again, or in other words, is answered alike and averages nothing out. A set that
differs from one told before by a few patients is told as that one is, so that the
difference of two answers tells of nobody.
"""

import hmac
import struct
from collections import defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple

from cohorts.answers.small_cells import LEAST
from cohorts.execution.tally import PLACES, Tally

UNIT: Final = 5
NOISE: Final = 7
"""The most that is added or taken away before rounding, each number as likely."""

NEAR: Final = 8
"""Sets that differ by as many patients do not resemble each other."""

MOST_OFF: Final = NOISE + UNIT // 2
"""How far what is told may be off, of a set that resembles none told before."""

MOST_OFF_NEAR: Final = 12
"""How far, of one that resembles another."""

MOST_OFF_NEXT: Final = 20
"""How far, of one that differs from another by a single patient: always."""

_LIMITS: Final = 4  # from how many patients on, at most 8, two sets are apart
_EDGE: Final = 2  # by how much the size that is too small varies
_HALVES: Final = (16, 8, 4, 2, 1)
"""By which the 32 bits of a place of a sketch are brought together into its lowest."""

_ONE_A_PLACE: Final = int.from_bytes(PLACES * b"\0\0\0\1", "big")


class Told(NamedTuple):
    """A set that was told.

    Attributes
    ----------
    value
        What was told; None: too few.
    """

    number: int
    sketch: bytes
    value: int | None


class Teller:
    """Tells sets, each as if those before it had been told before.

    Attributes
    ----------
    new
        Those that were not told before, as they are.
    """

    def __init__(self, secret: bytes, before: Iterable[Told]) -> None:
        """Begin with what was told before, in that order."""
        self.new: list[Told] = []
        self._secret = secret
        self._told: dict[int, list[tuple[Told, int]]] = defaultdict(list)
        for each in before:
            self._add(each)

    def value_of(self, tally: Tally) -> int | None:
        """Return what is told of a set; None: too few."""
        like, apart = self._nearest(tally)
        if like is not None and apart == 0:
            return like.value
        if like is not None and self._is_told_as(tally, like, apart):
            value = like.value
        else:
            value = fresh_value(self._secret, tally)
        told = Told(tally.number, tally.sketch, value)
        self.new.append(told)
        self._add(told)
        return value

    def _add(self, told: Told) -> None:
        held = told, int.from_bytes(told.sketch, "big")
        for word in lowest_words(told.sketch):
            self._told[word].append(held)

    def _nearest(self, tally: Tally) -> tuple[Told | None, int]:
        """Return the set told before that differs least, and by how many patients."""
        nearest, least = None, NEAR
        sketch = int.from_bytes(tally.sketch, "big")
        for word in lowest_words(tally.sketch):
            for told, other in self._told.get(word, ()):
                apart = abs(told.number - tally.number)
                if apart < least:  # as few are: so looked at first
                    apart = max(apart, _places_apart(sketch, other))
                if apart < least:
                    nearest, least = told, apart
        return nearest, least

    def _is_told_as(self, tally: Tally, like: Told, apart: int) -> bool:
        """Return whether a set is told the number of one that differs from it.

        By one patient more or less always, unless numbers told so had gone astray far.
        From how many on two sets are apart each pair of them has drawn: whoever adds
        patients one by one does not see which of them was one too many.
        """
        off = abs(tally.number - (LEAST - 1 if like.value is None else like.value))
        if apart == 1:
            return off <= MOST_OFF_NEXT
        (drawn,) = _drawn(self._secret, like.sketch + tally.sketch, 1)
        return apart < NEAR - drawn % _LIMITS and off <= MOST_OFF_NEAR


def lowest_words(sketch: bytes) -> list[int]:
    """Return some words of a sketch, of which sets that resemble each other share one.

    Those differ in fewer than `NEAR` places. Of the `NEAR` lowest words of one there is
    one left in the other then, below which only those have come that the other has
    for what it lacks: so the first one left is among its lowest, too. But for sets of
    a few that have nobody in common, which do not resemble each other.
    """
    words = struct.unpack(f">{PLACES}I", sketch)
    numbered = (word * PLACES + at for at, word in enumerate(words) if word)
    return sorted(numbered)[:NEAR]


def fresh_value(secret: bytes, tally: Tally) -> int | None:
    """Return what is told of a set that resembles none; None: too few.

    Below `LEAST` always; up to 8 at times, so that one patient more or less does not
    show. From 10 on it is right on average, over all secrets.
    """
    noise, edge = _drawn(secret, tally.sketch, 2)
    size = tally.number + edge % (2 * _EDGE + 1) - _EDGE
    if size < LEAST + _EDGE:
        return None
    number = tally.number + noise % (2 * NOISE + 1) - NOISE
    return max(LEAST, UNIT * ((number + UNIT // 2) // UNIT))


def _drawn(secret: bytes, of: bytes, how_many: int) -> list[int]:
    digest = hmac.digest(secret, of, "sha256")
    return [
        int.from_bytes(digest[8 * at : 8 * at + 8], "big") for at in range(how_many)
    ]


def _places_apart(one: int, other: int) -> int:
    """Return in how many places two sketches differ, about as many as patients.

    Two patients in one place of a sketch are taken for one, which is rare among few.
    """
    differ = one ^ other
    for bits in _HALVES:
        differ |= differ >> bits
    return (differ & _ONE_A_PLACE).bit_count()
