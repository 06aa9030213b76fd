"""Counts for whoever may count but not see patients: small ones are not told."""

from typing import Final, NamedTuple

from core.access import Actor, Verb

LEAST: Final = 5
"""Patients of a count that is told to everybody who may count."""


class Cell(NamedTuple):
    """A count as somebody is told it.

    Attributes
    ----------
    value
        None where there are too few to tell how many.
    """

    value: int | None
    text: str


def sees_patients(actor: Actor, partition_id: int) -> bool:
    """Return whether somebody sees any patient of a partition, and not counts alone."""
    return actor.reach(Verb.VIEW_PHI).enters(partition_id)


def cell(actor: Actor, partition_id: int, number: int) -> Cell:
    """Return a count as an actor is told it."""
    if number >= LEAST or sees_patients(actor, partition_id):
        return Cell(number, str(number))
    return Cell(None, f"<{LEAST}")
