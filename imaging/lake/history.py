"""Which rows of ``instances`` a batch of the feed adds and takes away.

A row is a version of an instance in a partition. It is there from the entry that names
it on, until the next entry of the same instance: what the table holds at entry N is a
function of the entries up to N, however they are delivered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.changefeed import Entry
from core.changefeed_history import KeyHistory, histories


class Held(NamedTuple):
    """A version of an instance that a partition holds.

    Attributes
    ----------
    seq
        The entry of the feed that put it there.
    """

    partition_id: int
    key: tuple[str, ...]
    version_id: int
    seq: int


class Place(NamedTuple):
    """A version in a partition: what a row is found by."""

    partition_id: int
    version_id: int


@dataclass(frozen=True, slots=True)
class InstanceChanges:
    """What entries change.

    Attributes
    ----------
    added
        What is to be there.
    replaced
        All places of which a row may be there by now, those of `added` among them;
        none where all that the entries name is new.
    """

    added: tuple[Held, ...]
    replaced: tuple[Place, ...]


def changes_of(entries: Sequence[Entry], *, taken: int) -> InstanceChanges:
    """Return what entries about instances change in a table.

    Parameters
    ----------
    taken
        The number of the last entry that the table has taken. Entries up to it come
        again: what they name is brought to what the table should hold by now, whatever
        it does.
    """
    if all(entry.op == "create" and entry.seq > taken for entry in entries):
        return InstanceChanges(tuple(_held(entry) for entry in entries), ())
    found = histories(entries, up_to=max(taken, entries[-1].seq))
    added = [held for held in map(_last, found) if held is not None]
    named = {Place(each.partition_id, v) for each in found for v in each.versions}
    return InstanceChanges(
        tuple(sorted(added, key=lambda held: held.version_id)), tuple(sorted(named))
    )


def _held(entry: Entry) -> Held:
    assert entry.partition_id is not None  # noqa: S101 instances lie in one
    assert entry.version is not None  # noqa: S101 it is one of an instance held
    return Held(entry.partition_id, entry.key, entry.version, entry.seq)


def _last(history: KeyHistory) -> Held | None:
    if history.version is None:
        return None
    return Held(history.partition_id, history.key, history.version, history.seq)
