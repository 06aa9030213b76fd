"""Criteria while they are read: events that may still get members and names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Json = dict[str, Any]
NAMES: Final = "abcdefghijklmnopqrstuvwxyz"


@dataclass(eq=False, slots=True)
class Draft:
    """An event, with the other one that it lies around.

    Attributes
    ----------
    anchor
        The event that its window is around, or during which it is.
    is_end
        Whether the window is around the end of it.
    same_as
        The event that it is of one encounter or of one study with.
    is_plural
        Whether several were written: "scans", not "a scan".
    at
        The token that it begins with.
    """

    type: str
    members: Json = field(default_factory=dict)
    anchor: "Draft | None" = None
    first: str = ""
    last: str = ""
    is_during: bool = False
    is_plural: bool = False
    is_report: bool = False
    at: int = 0
    name: str = ""
    is_end: bool = False
    same_as: "Draft | None" = None

    def be_with(self, other: "Draft", what: str) -> None:
        """Be of one encounter, or of one study, with another event."""
        self.members["same"] = what
        self.same_as = other

    def window(self) -> Json:
        """Return the window around the anchor, whose name is known by now."""
        if self.anchor is None:
            return {}
        if self.is_during:
            return {"during": self.anchor.name}
        return {
            "near": f"{self.anchor.name}{'.end' if self.is_end else ''}",
            "from": self.first or None,
            "to": self.last or None,
        }


@dataclass(eq=False, slots=True)
class Person:
    """What holds of the patient; a death may lie around an event.

    Attributes
    ----------
    is_noun
        Whether people were named so: women, children.
    aged_at
        The event at which the patient had the age: the first mammogram.
    """

    members: Json
    anchor: Draft | None = None
    first: str = ""
    last: str = ""
    is_noun: bool = False
    aged_at: Draft | None = None
    is_end: bool = False


@dataclass(eq=False, slots=True)
class Saved:
    """Whoever is in a cohort that was saved."""

    name: str


@dataclass(eq=False, slots=True)
class Group:
    """Criteria of which all, any, some or none hold: ``kind`` as criteria name it."""

    kind: str
    members: "list[Node]"
    n: int = 0


Node = Draft | Person | Saved | Group


def drafts_in(node: Node) -> Iterator[Draft]:
    """Yield the events, in their order."""
    if isinstance(node, Group):
        for each in node.members:
            yield from drafts_in(each)
    elif isinstance(node, Draft):
        yield node


def joined(kind: str, members: Sequence[Node]) -> Node:
    """Return a group without groups of the same kind in it; one member alone."""
    flat: list[Node] = []
    for each in members:
        is_same = isinstance(each, Group) and each.kind == kind and kind != "not"
        flat.extend(each.members if isinstance(each, Group) and is_same else [each])
    return flat[0] if len(flat) == 1 else Group(kind, flat)


def written(node: Node) -> Json:
    """Return criteria as JSON; events that others lie around have names by now."""
    match node:
        case Draft():
            members = {"type": node.type, **node.members}
            if node.anchor is not None:
                members["when"] = node.window()
            if node.name:
                members["as"] = node.name
            return {"event": members}
        case Person():
            members = dict(node.members)
            if node.aged_at is not None:
                members["age"] = {**members["age"], "at": f"@{node.aged_at.name}"}
            if node.anchor is not None:
                near = Draft("", anchor=node.anchor, first=node.first, last=node.last)
                near.is_end = node.is_end
                members["deceased"] = {"when": near.window()}
            return {"patient": members}
        case Saved():
            return {"cohort": node.name}
        case Group(kind="not"):
            return {"not": written(node.members[0])}
        case Group(kind="atleast"):
            some = [written(each) for each in node.members]
            return {"atleast": {"n": node.n, "of": some}}
        case _:
            return {node.kind: [written(each) for each in node.members]}


def name_all(node: Node, others: Sequence[Draft] = ()) -> None:
    """Give names to the events that others lie around, in their order."""
    wanted = set(_anchors(node)) | {id(e.anchor) for e in others if e.anchor}
    names = iter(NAMES)
    for draft in drafts_in(node):
        if id(draft) in wanted and not draft.name:
            draft.name = next(names, f"x{draft.at}")


def _anchors(node: Node) -> Iterator[int]:
    if isinstance(node, Group):
        for each in node.members:
            yield from _anchors(each)
    elif not isinstance(node, Saved) and node.anchor is not None:
        yield id(node.anchor)
    if isinstance(node, Person) and node.aged_at is not None:
        yield id(node.aged_at)
    if isinstance(node, Draft) and node.same_as is not None:
        yield id(node.same_as)


def merged(members: Sequence[Node]) -> list[Node]:
    """Return what all has to hold: first, in one, what is said of the patient."""
    person: Json = {}
    rest: list[Node] = []
    for each in members:
        is_free = isinstance(each, Person) and not (each.anchor or each.aged_at)
        if (
            isinstance(each, Person)
            and is_free
            and not (set(each.members) & set(person))
        ):
            person.update(each.members)
        else:
            rest.append(each)
    return [Person(person), *rest] if person else rest
