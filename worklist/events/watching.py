"""Whether a subscriber is told of a workitem: DICOM PS3.4 table CC.2.3-2: pure.

What was said of a workitem alone goes before what was said of all. Of all it was said
in ranges of keys, which do not overlap: a global subscription takes what is there and
in no range yet, and what comes until it is suspended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Told(NamedTuple):
    """That a subscriber is told of a workitem.

    Attributes
    ----------
    from_seq
        Entries of the feed after it.
    initial_version
        The version whose state is told first; None: nothing is.
    """

    from_seq: int
    deletion_lock: bool
    initial_version: int | None = None


class Range(NamedTuple):
    """Workitems whose keys lie above `above`, up to `up_to` if that is there."""

    above: int
    up_to: int | None
    from_seq: int
    deletion_lock: bool

    def has(self, workitem: int) -> bool:
        """Return whether a workitem is in it."""
        return self.above < workitem and (self.up_to is None or workitem <= self.up_to)


@dataclass(frozen=True, slots=True)
class Watching:
    """What one subscriber is told of.

    Attributes
    ----------
    alone
        What was said of workitems alone, by their keys; None: of it nothing is told.
    """

    ranges: Sequence[Range] = ()
    alone: Mapping[int, Told | None] = field(default_factory=dict)

    def of(self, workitem: int) -> Told | None:
        """Return how a workitem is told of; None: it is not."""
        if workitem in self.alone:
            return self.alone[workitem]
        for each in self.ranges:
            if each.has(workitem):
                return Told(each.from_seq, each.deletion_lock)
        return None
