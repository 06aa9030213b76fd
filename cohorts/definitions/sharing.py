"""Opening definitions to others: to all who read a project, or a partition."""

from uuid import UUID

from django.db import transaction

from cohorts.definitions.found import find_definition, newest
from cohorts.definitions.named import names_in
from cohorts.definitions.saving import own_definition, record
from cohorts.models import Definition, DefinitionShare
from core.access import Actor, Verb, require
from core.accounts.grants import scope_of
from core.errors import Conflict, Forbidden
from core.models import Scope, ScopeKind
from core.reach import ScopeKey
from imaging.projects import names_of_projects, project_named


@transaction.atomic
def share_definition(
    *, actor: Actor, key: UUID, project: str | None = None
) -> Definition:
    """Let all who read a project see a definition of one's own; audited.

    Parameters
    ----------
    project
        Its name; None: all who read the partition as a whole.

    Raises
    ------
    Forbidden
        The definition is somebody else's, or the actor may not say who else sees the
        project.
    NotFound
        There is no such definition, or no such project, that the actor sees.
    Conflict
        It names others that those would not see.
    """
    require(actor, Verb.SHARE)
    held = own_definition(actor, key)
    scope = _scope(actor, held, project)
    if not actor.reach(Verb.SHARE).has(ScopeKey(scope.pk, scope.partition_id)):
        message = "You may not say who sees what is in it. Ask who owns it."
        raise Forbidden(message)
    _require_open(held, scope)
    DefinitionShare.objects.get_or_create(definition=held, scope=scope)
    record(actor, held, f"shared with {project or 'the partition'}")
    return held


@transaction.atomic
def unshare_definition(
    *, actor: Actor, key: UUID, project: str | None = None
) -> Definition:
    """Take back a share of a definition of one's own; raises as sharing does.

    Whoever shares no more, or was never let to, may still take back.
    """
    held = own_definition(actor, key)
    scope = _scope(actor, held, project)
    DefinitionShare.objects.filter(definition=held, scope=scope).delete()
    record(actor, held, f"not shared any more with {project or 'the partition'}")
    return held


def shared_with(*, actor: Actor, key: UUID) -> list[str]:
    """Return the names of the projects that one's own is shared with, in order.

    The partition is the empty name. Of somebody else's it is not told.

    Raises
    ------
    Forbidden, NotFound
        As `find_definition`.
    """
    held = find_definition(actor=actor, key=key)
    if held.owner_id != actor.account_id:
        return []
    scopes = Scope.objects.filter(pk__in=held.shares.values("scope_id"))
    keys = [e.object_id for e in scopes if e.kind == ScopeKind.PROJECT]
    whole = [""] if any(e.kind == ScopeKind.PARTITION for e in scopes) else []
    return whole + sorted(names_of_projects(keys).values())


def _scope(actor: Actor, held: Definition, project: str | None) -> Scope:
    if project is None:
        return scope_of(ScopeKind.PARTITION, held.partition_id, held.partition_id)
    found = project_named(actor=actor, partition=held.partition.name, name=project)
    return scope_of(ScopeKind.PROJECT, found.pk, found.partition_id)


def _require_open(held: Definition, scope: Scope) -> None:
    """Refuse what names definitions that are not as open: it would not run there."""
    keys = {each.name for each in names_in(newest(held).content)}
    for other in Definition.objects.filter(pk__in=keys):
        shares = other.shares.filter(scope__partition=scope.partition_id)
        if scope.kind != ScopeKind.PARTITION:  # who reads all of that sees each share
            shares = shares.filter(scope=scope)
        if not shares.exists():
            message = f"It names {other.name}, which has to be shared first."
            raise Conflict(message)
