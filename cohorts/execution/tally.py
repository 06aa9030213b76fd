"""Sets of patients for whoever may only count: marked, and not told as numbers.

Each patient of a partition has a mark, a hash of its key that only the portal can make.
A set is sketched by the marks of who is in it: the same set has the same sketch however
it was asked for, and two sets differ in no more places than patients.
`cohorts.answers.disclosure` tells a count by it.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from django.utils.crypto import salted_hmac

from cohorts.execution.statement import Sql, fill, sql

PLACES: Final = 64
"""Places of a sketch: patients are in one each, by their marks."""

_PLACE_BITS: Final = 8  # of a mark that are not told by the rest of it
_WORD: Final = 0xFFFFFFFF
_SALT: Final = "cohorts.execution.tally"

Marks = Iterable[tuple[int, int, int]] | None
"""Place, how many are in it, their marks together (exclusive or); None of nobody."""


@dataclass(frozen=True, slots=True)
class Tally:
    """A set of patients.

    Attributes
    ----------
    number
        How many there are: not to be told.
    sketch
        32 bits of the marks of those in each place.
    """

    number: int = field(repr=False)
    sketch: bytes = field(repr=False)


def secret_of(partition_id: int) -> bytes:
    """Return what the counts of a partition are protected by; 32 bytes."""
    return salted_hmac(_SALT, str(partition_id), algorithm="sha256").digest()


def mark_of(partition_id: int, key: str) -> Sql:
    """Return the expression of the mark of a patient, by its key."""
    seed = int.from_bytes(secret_of(partition_id)[:8], "big", signed=True)
    return Sql(f"hashint8extended({key}, %s)", (seed,))


def marked(partition_id: int, source: Sql) -> Sql:
    """Return the expression of the marks of a set.

    Parameters
    ----------
    source
        A query of the keys of patients, named ``id``, each once.
    """
    return fill(
        "(SELECT array_agg(ARRAY[place, number, marks]) FROM (SELECT {place} AS place,"
        " count(*) AS number, bit_xor(mark) AS marks FROM (SELECT {mark} AS mark"
        " FROM ({source}) everyone) marked GROUP BY 1) placed)",
        place=place_of("mark"),
        mark=mark_of(partition_id, "id"),
        source=source,
    )


def place_of(mark: str) -> Sql:
    """Return the expression of the place of a mark."""
    return sql(f"({mark} & {PLACES - 1})")


def tally_of(marks: Marks) -> Tally:
    """Return a set by its marks."""
    number, words = 0, [0] * PLACES
    for place, here, together in marks or ():
        number += here
        words[place] = (together >> _PLACE_BITS) & _WORD
    return Tally(number, struct.pack(f">{PLACES}I", *words))
