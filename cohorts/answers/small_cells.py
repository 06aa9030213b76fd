"""Counts as somebody is told them: exact, or protected, or too few to be told."""

from typing import Any, Final, NamedTuple

from core.access import Actor, Verb

LEAST: Final = 5
"""Patients of a count that may be told to who does not see patients."""


class Cell(NamedTuple):
    """A count as somebody is told it.

    Attributes
    ----------
    value
        None where there are too few to tell how many.
    is_protected
        Whether it is not the exact number.
    """

    value: int | None
    text: str
    is_protected: bool

    @property
    def told(self) -> int | str:
        """Return it as JSON tells it."""
        return self.text if self.value is None else self.value


def cell_of(value: int | None, *, is_protected: bool) -> Cell:
    """Return a count that may be told, None of too few."""
    return Cell(value, f"<{LEAST}" if value is None else str(value), is_protected)


def sees_patients(actor: Actor, partition_id: int) -> bool:
    """Return whether somebody sees any patient of a partition, and not counts alone."""
    return actor.reach(Verb.VIEW_PHI).enters(partition_id)


class Step(NamedTuple):
    """What a criterion leaves.

    Attributes
    ----------
    path
        Where it stands in the criteria; of the first step, which is everybody, where.
    criterion
        It as JSON; None of everybody.
    number
        Patients for whom it holds, and all before it.
    """

    path: str
    criterion: dict[str, Any] | None
    number: Cell
