"""What an actor may do and where, in words, for the one whom it concerns."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import Group

from core.access import MEANINGS, Actor, Verb
from core.models import Partition
from core.reach import Reach


@dataclass(frozen=True, slots=True)
class Permission:
    """A verb and how far it reaches.

    Attributes
    ----------
    partitions
        Names of the partitions that it reaches as a whole, in order.
    number_of_scopes
        How many projects, patients and studies it reaches besides.
    """

    verb: Verb
    meaning: str
    everywhere: bool
    partitions: Sequence[str]
    number_of_scopes: int


@dataclass(frozen=True, slots=True)
class Description:
    """An account, with what it may do now."""

    name: str
    roles: Sequence[str]
    permissions: Sequence[Permission]


def describe(*, actor: Actor) -> Description:
    """Return who an actor is, its roles in order, and what it may do."""
    named = {key for reach in actor.reaches.values() for key in reach.partitions or ()}
    held = Partition.objects.filter(pk__in=named, deleted_at=None)
    names = dict(held.values_list("pk", "name"))
    roles = Group.objects.filter(user=actor.account_id or 0).order_by("name")
    return Description(
        actor.name,
        list(roles.values_list("name", flat=True)),
        [
            _permission(verb, actor.reach(verb), names)
            for verb in Verb
            if actor.may(verb)
        ],
    )


def _permission(verb: Verb, reach: Reach, names: dict[int, str]) -> Permission:
    keys = reach.partitions
    return Permission(
        verb,
        MEANINGS[verb],
        everywhere=keys is None,
        partitions=sorted(names[key] for key in keys or () if key in names),
        number_of_scopes=len(reach.scopes),
    )
