"""Which parts of an ``all`` belong together, by names that they bind and use: pure."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cohorts.criteria.check import leaves, parts_of
from cohorts.criteria.model import AllOf, Death, Event, Node, OfEvent, OfPatient
from cohorts.criteria.values import During, Near


class Placed(NamedTuple):
    """A part of criteria, and how many leaves stand before it."""

    node: Node
    number: int


class Group(NamedTuple):
    """Parts that share names, in their order.

    Attributes
    ----------
    binders
        Those of its parts whose names are used: their numbers.
    """

    parts: tuple[Placed, ...]
    binders: frozenset[int]


def size_of(node: Node) -> int:
    """Return how many leaves there are."""
    return sum(1 for _ in leaves(node))


def children(node: Node, number: int) -> Iterator[Placed]:
    """Yield the parts of a node, each with its number."""
    for each in parts_of(node):
        yield Placed(each, number)
        number += size_of(each)


def flat(node: AllOf, number: int) -> Iterator[Placed]:
    """Yield the parts of an ``all``, with those of each ``all`` directly inside."""
    for each in children(node, number):
        if isinstance(each.node, AllOf):
            yield from flat(each.node, each.number)
        else:
            yield each


def groups_of(parts: Sequence[Placed], outside: str = "") -> list[Group]:
    """Return parts by what they share, those with the first of the parts first.

    Parameters
    ----------
    outside
        The name that was bound last before these parts.
    """
    uses: list[set[str]] = []
    last = outside
    for each in parts:
        uses.append(used_in(each.node, last))
        last = name_of(each.node) or last
    used = set().union(*uses)
    own = {name_of(each.node) for each in parts} & used - {""}
    merged: list[tuple[set[str], list[Placed]]] = []
    for use, part in zip(uses, parts, strict=True):
        names = (use | {name_of(part.node)}) & own
        joined = [each for each in merged if each[0] & names]
        apart = [each for each in merged if not each[0] & names]
        members = [*(p for _, several in joined for p in several), part]
        members.sort(key=lambda placed: placed.number)
        merged = [*apart, (names.union(*(each[0] for each in joined)), members)]
    binders = frozenset(e.number for e in parts if name_of(e.node) in own)
    found = [
        Group(tuple(members), binders & {e.number for e in members})
        for _, members in merged
    ]
    return sorted(found, key=lambda group: group.parts[0].number)


def name_of(node: Node) -> str:
    """Return the name that an event binds; empty where there is none."""
    return (node.event.as_ or "") if isinstance(node, OfEvent) else ""


def used_in(node: Node, last: str) -> set[str]:
    """Return the names that a part uses, bound in it or not.

    Parameters
    ----------
    last
        The name that was bound last before it: "the same" is the same as that.
    """
    found: set[str] = set()
    for leaf in leaves(node):
        found |= _of_event(leaf.event, last) if isinstance(leaf, OfEvent) else _of(leaf)
    return found


def asks_of_days(node: Node) -> bool:
    """Return whether a partial date could make a difference."""
    return any(
        leaf.event.when is not None or leaf.event.age is not None
        if isinstance(leaf, OfEvent)
        else leaf.patient.age is not None
        or leaf.patient.birth is not None
        or isinstance(leaf.patient.deceased, Death)
        for leaf in leaves(node)
    )


def _of_event(event: Event, last: str) -> set[str]:
    found = _of_when(event.when)
    return found | {last} if event.same else found


def _of(leaf: OfPatient) -> set[str]:
    found: set[str] = set()
    if leaf.patient.age is not None and leaf.patient.age.at.startswith("@"):
        found.add(leaf.patient.age.at[1:])
    if isinstance(leaf.patient.deceased, Death):
        found |= _of_when(leaf.patient.deceased.when)
    return found


def _of_when(when: object) -> set[str]:
    if isinstance(when, Near):
        return {when.near.removesuffix(".end")}
    return {when.during} if isinstance(when, During) else set()
