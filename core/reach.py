"""How far a verb reaches: everywhere, or into partitions and scopes.

What reaches an object is asked here, in memory; of rows in the database by
`core.access.within`.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, NamedTuple


class ScopeKey(NamedTuple):
    """Something that a grant hangs on, as far as reach needs to know it."""

    key: int
    partition_id: int


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a verb reaches.

    Attributes
    ----------
    partitions
        Keys of the partitions that it reaches as a whole; None for all.
    scopes
        Projects, patients, studies and worklists that it reaches in other partitions.
    entered
        Keys of all partitions in which it reaches anything; None for all.
    """

    partitions: frozenset[int] | None
    scopes: frozenset[ScopeKey] = frozenset()
    entered: frozenset[int] | None = field(init=False, compare=False)

    def __post_init__(self) -> None:
        entered = self.partitions
        if entered is not None:
            entered = entered.union(scope.partition_id for scope in self.scopes)
        object.__setattr__(self, "entered", entered)

    @property
    def partition_keys(self) -> list[int] | None:
        """Return the keys of the partitions, in order; None for all."""
        return None if self.partitions is None else sorted(self.partitions)

    @property
    def scope_keys(self) -> list[int]:
        """Return the keys of the scopes, in order."""
        return sorted(scope.key for scope in self.scopes)

    def within(self, partition_id: int) -> "Reach":
        """Return what of it lies in a partition."""
        if self.has_whole(partition_id):
            return Reach(frozenset({partition_id}))
        return Reach(
            frozenset(),
            frozenset(s for s in self.scopes if s.partition_id == partition_id),
        )

    def enters(self, partition_id: int) -> bool:
        """Return whether anything in a partition is reached."""
        return self.entered is None or partition_id in self.entered

    def has_whole(self, partition_id: int) -> bool:
        """Return whether all of a partition is reached."""
        return self.partitions is None or partition_id in self.partitions

    def leads_to(self, partition_id: int, scopes: Collection[int]) -> bool:
        """Return whether it has an object of a partition.

        Parameters
        ----------
        scopes
            Keys of the scopes that lead to the object, besides its partition's.
        """
        return self.has_whole(partition_id) or any(
            scope.partition_id == partition_id and scope.key in scopes
            for scope in self.scopes
        )

    def has(self, scope: ScopeKey) -> bool:
        """Return whether all that a scope leads to is reached."""
        return scope in self.scopes or self.has_whole(scope.partition_id)

    def __or__(self, other: "Reach") -> "Reach":
        """Return the reach of both together."""
        if self.partitions is None or other.partitions is None:
            return EVERYWHERE
        return Reach(self.partitions | other.partitions, self.scopes | other.scopes)

    def __and__(self, other: "Reach") -> "Reach":
        """Return what is certainly in the reach of both.

        A scope that is in a partition of the other one counts; two scopes that share
        studies do not.
        """
        if self.partitions is None:
            return other
        if other.partitions is None:
            return self
        scopes = {
            scope
            for scope in self.scopes | other.scopes
            if self.has(scope) and other.has(scope)
        }
        return Reach(self.partitions & other.partitions, frozenset(scopes))


EVERYWHERE: Final = Reach(None)
NOWHERE: Final = Reach(frozenset())
