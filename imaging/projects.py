"""Projects: named sets of studies and patients, made by who manages a partition.

Who sees a project is a matter of grants (`core.accounts.grants`), what is in it of
`imaging.project_contents`. Each change is audited and stands in the change feed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from core import audit, changefeed
from core.access import Actor, Verb, require, require_whole_partition
from core.accounts.grants import asking, scope_of
from core.audit import Action, Event
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.models import Scope, ScopeKind
from core.partitions import find_partition, get_partition
from core.reach import Reach, ScopeKey
from imaging.models import Project

KIND: Final = "project"  # of the change feed's entries
MAXIMUM_NAME: Final = 100  # characters


def create_project(
    *, actor: Actor, partition: str, name: str, description: str = ""
) -> Project:
    """Create an empty project, which nobody else sees yet.

    Raises
    ------
    Forbidden, NotFound
        The actor may not manage the partition.
    Conflict
        There is a project of this name.
    Invalid
        No project can have the name.
    """
    require(actor, Verb.MANAGE)
    _check(name, description)
    partition_id = get_partition(actor=actor, name=partition, verb=Verb.MANAGE)
    require_whole_partition(actor, Verb.MANAGE, partition_id)
    with transaction.atomic():
        project, created = Project.objects.get_or_create(
            partition_id=partition_id, name=name, defaults={"description": description}
        )
        if not created:
            raise _taken(name)
        project = Project.objects.select_related("partition").get(pk=project.pk)
        scope_of(ScopeKind.PROJECT, project.pk, partition_id)
        record(actor, project, "create", f"created project {name}")
    return project


def list_projects(*, actor: Actor) -> Sequence[Project]:
    """Return the projects that the actor may see, by name."""
    return list(visible_projects(actor=actor))


def page_of_projects(
    *,
    actor: Actor,
    limit: int,
    after: int | None = None,
    partition: str | None = None,
) -> Sequence[Project]:
    """Return projects that the actor may see, by name.

    Parameters
    ----------
    after
        Key of the project after which they begin.
    partition
        Name of the partition that they lie in; None for any.

    Raises
    ------
    NotFound
        There is no such project to begin after, or no such partition.
    """
    found = _visible_in(actor, partition)
    if after is not None:
        last = find_project(actor=actor, project_id=after)
        same = Q(name=last.name, pk__gt=last.pk)
        found = found.filter(Q(name__gt=last.name) | same)
    return list(found[:limit])


def count_projects(*, actor: Actor, partition: str | None = None) -> int:
    """Return how many projects the actor may see; those of a partition, where named.

    Raises
    ------
    NotFound
        There is no such partition.
    """
    return _visible_in(actor, partition).count()


def visible_projects(*, actor: Actor) -> QuerySet[Project]:
    """Return the projects that the actor may see, with their partitions.

    Raises
    ------
    Forbidden
        The actor may see no projects.
    """
    require(actor, Verb.READ)
    reach = actor.reach(Verb.READ)
    projects = Project.objects.select_related("partition")
    if reach.partitions is None:
        return projects
    scopes = Scope.objects.filter(pk__in=reach.scope_keys, kind=ScopeKind.PROJECT)
    of_scopes = Q(pk__in=scopes.values("object_id"))
    return projects.filter(Q(partition__in=reach.partitions) | of_scopes)


def find_projects(
    *, actor: Actor, project_ids: Collection[int]
) -> Mapping[int, Project]:
    """Return those of some projects that the actor may see, by their keys."""
    return {
        each.pk: each
        for each in visible_projects(actor=actor).filter(pk__in=project_ids)
    }


def names_of_projects(project_ids: Collection[int]) -> Mapping[int, str]:
    """Return the names of projects by their keys, for who sees grants on them."""
    held = Project.objects.filter(pk__in=project_ids)
    return dict(held.values_list("pk", "name"))


def project_named(*, actor: Actor, partition: str, name: str) -> Project:
    """Return a project by its name.

    Raises
    ------
    NotFound
        There is none, or the actor may not see it.
    """
    found = visible_projects(actor=actor).filter(partition__name=partition, name=name)
    project = found.filter(partition__deleted_at=None).first()
    if project is None:
        raise _no_such()
    return project


def find_project(*, actor: Actor, project_id: int, verb: Verb = Verb.READ) -> Project:
    """Return a project.

    Parameters
    ----------
    verb
        What lets the actor know that it is there.

    Raises
    ------
    NotFound
        There is none, or the actor may not see it.
    """
    require(actor, verb)
    held = Project.objects.select_related("partition")
    project = held.filter(pk=project_id).first()
    if project is None or not _reaches(actor.reach(verb), project):
        raise _no_such()
    return project


def change_project(
    *,
    actor: Actor,
    project_id: int,
    name: str | None = None,
    description: str | None = None,
) -> Project:
    """Rename a project or describe it anew; what is None stays as it is.

    Raises
    ------
    NotFound, Forbidden
        The actor may not see the project, or not change it.
    Conflict
        There is a project of the new name.
    Invalid
        No project can have the name.
    """
    _check(name, description)
    with transaction.atomic():
        project = changeable(actor, project_id)
        if name is not None:
            project.name = name
        if description is not None:
            project.description = description
        others = Project.objects.filter(partition=project.partition, name=project.name)
        if others.exclude(pk=project.pk).exists():
            raise _taken(project.name)
        project.save()
        record(actor, project, "update", f"changed project {project.name}")
    return project


def delete_project(*, actor: Actor, project_id: int, reason: str = "") -> None:
    """Delete a project and all grants on it; the studies stay where they are.

    Raises
    ------
    NotFound, Forbidden
        The actor may not see the project, or not change it.
    """
    with transaction.atomic():
        project = changeable(actor, project_id)
        detail = f"deleted project {project.name}"
        record(actor, project, "delete", f"{detail}: {reason}" if reason else detail)
        scope(project).delete()
        project.delete()


def scope(project: Project) -> Scope:
    """Return what grants on a project hang on."""
    return Scope.objects.get(kind=ScopeKind.PROJECT, object_id=project.pk)


def scope_named(*, actor: Actor, partition: str, name: str) -> Scope:
    """Return what grants on a project hang on, by the project's name.

    Raises
    ------
    NotFound
        There is no such project, or the actor may not see it.
    """
    verb = asking(actor)
    partition_id = get_partition(actor=actor, name=partition, verb=verb)
    held = Project.objects.filter(partition=partition_id, name=name).first()
    key = 0 if held is None else held.pk
    return scope(find_project(actor=actor, project_id=key, verb=verb))


def scopes_of(project_ids: Collection[int]) -> Mapping[int, Scope]:
    """Return what grants on some projects hang on, by the keys of the projects."""
    held = Scope.objects.filter(kind=ScopeKind.PROJECT, object_id__in=project_ids)
    return {each.object_id: each for each in held}


def changeable(actor: Actor, project_id: int) -> Project:
    """Return a project that the actor may change, locked.

    Raises
    ------
    NotFound, Forbidden
        The actor may not see the project, or not change it.
    """
    project = find_project(actor=actor, project_id=project_id)
    manages = actor.reach(Verb.MANAGE).has_whole(project.partition_id)
    if not manages and not _reaches(actor.reach(Verb.SHARE), project):
        message = "Only who owns the project or manages its partition may change it."
        raise Forbidden(message)
    held = Project.objects.select_related("partition")
    return held.select_for_update(of=("self",)).get(pk=project_id)


def changeable_among(actor: Actor, projects: Iterable[Project]) -> set[int]:
    """Return the keys of those of some projects that the actor may change."""
    held = {each.pk: each.partition_id for each in projects}
    manages, shares = actor.reach(Verb.MANAGE), actor.reach(Verb.SHARE)
    scopes = scopes_of(held)
    return {
        key
        for key, partition_id in held.items()
        if manages.has_whole(partition_id)
        or shares.has_whole(partition_id)
        or ScopeKey(scopes[key].pk, partition_id) in shares.scopes
    }


def record(actor: Actor, project: Project, op: changefeed.Op, detail: str) -> None:
    """Tell audit log and change feed of a change, which ends the transaction."""
    event = Event(
        actor, Action.CONFIGURE, partition_id=project.partition_id, detail=detail
    )
    audit.record(event)
    change = changefeed.Change(KIND, op, (str(project.pk),), project.partition_id)
    changefeed.append([change], actor=actor)


def _visible_in(actor: Actor, partition: str | None) -> QuerySet[Project]:
    found = visible_projects(actor=actor)
    if partition is None:
        return found
    return found.filter(partition=find_partition(actor=actor, name=partition))


def _reaches(reach: Reach, project: Project) -> bool:
    if reach.has_whole(project.partition_id):
        return True
    return ScopeKey(scope(project).pk, project.partition_id) in reach.scopes


def _check(name: str | None, description: str | None) -> None:
    if name is not None and not (0 < len(name) <= MAXIMUM_NAME and name.isprintable()):
        message = f"A project has a name of at most {MAXIMUM_NAME} characters."
        raise Invalid(message, path="name")
    if "\0" in (description or ""):
        message = "The description has a character that cannot be kept."
        raise Invalid(message, path="description")


def _no_such() -> NotFound:
    return NotFound("There is no such project.", path="project")


def _taken(name: str) -> Conflict:
    return Conflict(f"There is a project {name} already.", path="name")
