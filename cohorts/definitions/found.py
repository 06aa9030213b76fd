"""Who sees which definitions: their owner, and whoever they are shared with.

A definition is what is asked, and holds nothing of patients: who sees one asks it with
their own access.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from cohorts.definitions.named import Named, replaced
from cohorts.models import (
    Definition,
    DefinitionKind,
    DefinitionShare,
    DefinitionVersion,
)
from core.access import Actor, Verb, require
from core.errors import Invalid, NotFound
from core.models import ScopeKind
from core.partitions import get_partition

_CALLED: Final = {
    DefinitionKind.COHORT: "saved cohort",
    DefinitionKind.SET: "saved set of concepts",
}


def visible_definitions(*, actor: Actor, partition_id: int) -> QuerySet[Definition]:
    """Return the definitions of a partition that an actor sees, by name.

    Each has the number of its newest ``version``. One's own, those shared with a
    project that `Verb.READ` reaches, and, if it reaches the partition as a whole, those
    shared with that.
    """
    require(actor, Verb.READ)
    reach = actor.reach(Verb.READ)
    shares = DefinitionShare.objects.filter(scope__partition=partition_id)
    if not reach.has_whole(partition_id):
        shares = shares.filter(scope__in=reach.within(partition_id).scope_keys)
        shares = shares.exclude(scope__kind=ScopeKind.PARTITION)
    seen = Q(pk__in=shares.values("definition_id"))
    if actor.account_id is not None:
        seen |= Q(owner_id=actor.account_id)
    versions = DefinitionVersion.objects.filter(definition=OuterRef("pk"))
    held = Definition.objects.select_related("owner", "partition").annotate(
        version=Subquery(versions.order_by("-number").values("number")[:1])
    )
    return held.filter(seen, partition=partition_id)


def list_definitions(
    *, actor: Actor, partition: str, kind: DefinitionKind | None = None
) -> Sequence[Definition]:
    """Return the definitions that an actor sees in a partition, by name.

    Raises
    ------
    Forbidden, NotFound
        The actor may see no data, or nothing of the partition.
    """
    found = _visible_in(actor, partition)
    return list(found if kind is None else found.filter(kind=kind))


def names_of_definitions(
    *, actor: Actor, partition: str, limit: int
) -> Mapping[str, Sequence[str]]:
    """Return the names of what an actor sees in a partition, by kind.

    Parameters
    ----------
    limit
        How many names at most.

    Raises
    ------
    Forbidden, NotFound
        As `list_definitions`.
    """
    found: dict[str, list[str]] = defaultdict(list)
    names = _visible_in(actor, partition).values_list("kind", "name")
    for kind, name in names[:limit]:
        found[kind].append(name)
    return dict(found)


def page_of_definitions(
    *,
    actor: Actor,
    partition: str,
    kind: DefinitionKind,
    limit: int,
    after: UUID | None = None,
) -> Sequence[Definition]:
    """Return definitions that an actor sees, by name, behind one of them.

    Raises
    ------
    Forbidden, NotFound
        As `list_definitions`; or there is none to begin after.
    """
    found = _visible_in(actor, partition).filter(kind=kind)
    if after is not None:
        last = find_definition(actor=actor, key=after)
        same = Q(name=last.name, pk__gt=last.pk)
        found = found.filter(Q(name__gt=last.name) | same)
    return list(found[:limit])


def count_definitions(*, actor: Actor, partition: str, kind: DefinitionKind) -> int:
    """Return how many definitions an actor sees; raises as `list_definitions`."""
    return _visible_in(actor, partition).filter(kind=kind).count()


def find_definition(*, actor: Actor, key: UUID) -> Definition:
    """Return a definition by its key.

    Raises
    ------
    Forbidden
        The actor's roles let it see no data.
    NotFound
        There is none, or the actor does not see it.
    """
    require(actor, Verb.READ)
    held = Definition.objects.filter(pk=key).first()
    if held is not None and actor.reach(Verb.READ).enters(held.partition_id):
        seen = visible_definitions(actor=actor, partition_id=held.partition_id)
        if (found := seen.filter(pk=key).first()) is not None:
            return found
    message = "There is no such definition, or it is not shared with you."
    raise NotFound(message, path="id")


def definition_named(*, actor: Actor, partition_id: int, name: Named) -> Definition:
    """Return what criteria name: by key, else one's own, else one that is shared.

    Raises
    ------
    Invalid
        There is none that the actor sees; or several others of this name are shared.
    """
    kind = DefinitionKind(name.kind)
    seen = visible_definitions(actor=actor, partition_id=partition_id)
    seen = seen.filter(kind=kind)
    if (key := _key(name.name)) is not None:
        found = list(seen.filter(pk=key))
    else:
        found = list(seen.filter(name=name.name)[:3])
        own = [each for each in found if each.owner_id == actor.account_id]
        found = own or found
    if not found:
        message = f"There is no {_CALLED[kind]} named {name.name} that you see."
        raise Invalid(message, path=name.kind)
    if len(found) > 1:
        message = (
            f"Several have shared a {_CALLED[kind]} named {name.name} with you: name"
            " it by its key."
        )
        raise Invalid(message, path=name.kind)
    return found[0]


def saved_under(
    *, actor: Actor, partition: str, kind: DefinitionKind, name: str
) -> Definition:
    """Return what is saved under a name, or key, as criteria would find it.

    Raises
    ------
    Forbidden, NotFound, Invalid
        As `list_definitions` and `definition_named`.
    """
    require(actor, Verb.READ)
    partition_id = get_partition(actor=actor, name=partition)
    return definition_named(
        actor=actor, partition_id=partition_id, name=Named(kind, name)
    )


def newest(definition: Definition) -> DefinitionVersion:
    """Return the version that counts."""
    return definition.versions.order_by("-number")[0]


def versions_of(*, actor: Actor, key: UUID) -> Sequence[DefinitionVersion]:
    """Return what a definition says and has said, newest first; told by names.

    Raises
    ------
    Forbidden, NotFound
        As `find_definition`.
    """
    definition = find_definition(actor=actor, key=key)
    found = list(definition.versions.order_by("-number"))
    for each in found:
        each.content = _told(actor, definition.partition_id, each.content)
    return found


def content_of(*, actor: Actor, key: UUID) -> Any:
    """Return what a definition says, told by names; raises as `find_definition`."""
    definition = find_definition(actor=actor, key=key)
    return _told(actor, definition.partition_id, newest(definition).content)


def _visible_in(actor: Actor, partition: str) -> QuerySet[Definition]:
    require(
        actor, Verb.READ
    )  # a verb that the roles lack is refused before any look-up
    partition_id = get_partition(actor=actor, name=partition)
    return visible_definitions(actor=actor, partition_id=partition_id)


def _told(actor: Actor, partition_id: int, content: Any) -> Any:
    """Return content whose keys are names, where those lead an actor there as well."""

    def by_name(name: Named) -> dict[str, str]:
        try:
            held = definition_named(actor=actor, partition_id=partition_id, name=name)
            called = Named(name.kind, held.name)
            same = definition_named(actor=actor, partition_id=partition_id, name=called)
        except Invalid:
            return {name.kind: name.name}
        return {name.kind: held.name if same.pk == held.pk else name.name}

    return replaced(content, by_name)


def _key(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None
