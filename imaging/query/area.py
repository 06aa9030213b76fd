"""What a search may look at, and what it may tell of it, after the actor's reach."""

from collections.abc import Collection, Sequence
from enum import Enum, auto
from typing import Final, NamedTuple

from core.access import Actor, Verb
from core.errors import Forbidden
from core.reach import NOWHERE, Reach
from imaging.limited_view import SHOWN
from imaging.query.attributes import Attribute
from imaging.query.parse import Query

HIDDEN_KEYS: Final = "You do not see who patients are here, so you cannot search by"


class Area(NamedTuple):
    """The studies that are searched.

    Attributes
    ----------
    only, without
        Keys of partitions: only these as a whole, or all but the others.
    scopes
        Keys of scopes whose studies are searched besides.
    inside
        Key of the one partition that everything lies in, where there is one.
    """

    only: Sequence[int] | None
    without: Sequence[int] = ()
    scopes: Sequence[int] = ()
    inside: int | None = None

    @property
    def is_of_parts(self) -> bool:
        """Return whether several partitions or scopes make it up."""
        return self.only is not None and len(self.only) + len(self.scopes) > 1

    @property
    def partition(self) -> int | None:
        """Return the key of the one partition that everything lies in, if it is so."""
        if self.inside is None and self.only is not None and not self.scopes:
            return self.only[0] if len(self.only) == 1 else None
        return self.inside


class Sight(Enum):
    """Of which rows an actor sees who the patient is."""

    ALL = auto()
    SOME = auto()
    NONE = auto()


def area_of(reach: Reach, closed: Collection[int]) -> Area:
    """Return all that a reach has, but for what lies in `closed` partitions."""
    if reach.partitions is None:
        return Area(None, sorted(closed))
    scopes = {
        scope.key
        for scope in reach.scopes
        if scope.partition_id not in closed
        and scope.partition_id not in reach.partitions
    }
    return Area(sorted(reach.partitions.difference(closed)), scopes=sorted(scopes))


def area_inside(reach: Reach, partition_id: int) -> Area:
    """Return what a reach has of one partition."""
    inside = reach.within(partition_id)
    if inside.partitions:
        return Area([partition_id], inside=partition_id)
    return Area([], scopes=inside.scope_keys, inside=partition_id)


def reach_of(
    actor: Actor, query: Query, partition_id: int | None
) -> tuple[Reach, Sight]:
    """Return where the actor may search by the query's keys, and what it sees there.

    Keys that would tell who a patient is, by finding, sorting or counting, search where
    the actor may see that only.

    Raises
    ------
    Forbidden
        That is nowhere.
    """
    seen, identified = actor.reach(Verb.READ), actor.reach(Verb.VIEW_PHI)
    if partition_id is not None:
        seen, identified = seen.within(partition_id), identified.within(partition_id)
    if seen == identified:
        return seen, Sight.ALL
    hidden = _hidden_keys(query)
    if not hidden:
        return seen, Sight.NONE if identified == NOWHERE else Sight.SOME
    if identified == NOWHERE:
        message = f"{HIDDEN_KEYS} {', '.join(hidden)}."
        raise Forbidden(message)
    return identified, Sight.ALL


def _hidden_keys(query: Query) -> list[str]:
    """Return what a query asks by that would tell who a patient is."""
    asked = [criterion.attribute for criterion in query.criteria]
    asked += query.counted
    asked += [key.attribute for key in query.sort]
    hidden = {each.keyword for each in asked if not is_shown(each)}
    if query.periods:
        hidden.add("date and time")
    if query.free_text:  # names and IDs are among the text
        hidden.add("words")
    return sorted(hidden)


def is_shown(attribute: Attribute) -> bool:
    """Return whether it is told of patients whom the actor does not know."""
    return SHOWN.issuperset(attribute.tag.split("."))
