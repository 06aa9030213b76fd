"""Projects: named sets of studies and patients, made by who manages a partition.

Who sees a project is a matter of grants (`core.accounts.grants`), what is in it of
`imaging.project_contents`. Each change is audited and stands in the change feed.
"""

from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.db.models import Q

from core import audit, changefeed
from core.access import Actor, Reach, ScopeKey, Verb, require, require_whole_partition
from core.accounts.grants import scope_of
from core.audit import Action, Event
from core.errors import Conflict, Forbidden, NotFound
from core.models import Scope, ScopeKind
from core.partitions import get_partition
from imaging.models import Project

KIND: Final = "project"  # of the change feed's entries


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
    """
    require(actor, Verb.MANAGE)
    partition_id = get_partition(actor=actor, name=partition, verb=Verb.MANAGE)
    require_whole_partition(actor, Verb.MANAGE, partition_id)
    with transaction.atomic():
        project, created = Project.objects.get_or_create(
            partition_id=partition_id, name=name, defaults={"description": description}
        )
        if not created:
            raise _taken(name)
        scope_of(ScopeKind.PROJECT, project.pk, partition_id)
        record(actor, project, "create", f"created project {name}")
    return project


def list_projects(*, actor: Actor) -> Sequence[Project]:
    """Return the projects that the actor may see, by name."""
    require(actor, Verb.READ)
    reach = actor.reach(Verb.READ)
    projects = Project.objects.select_related("partition")
    if reach.partitions is not None:
        scopes = Scope.objects.filter(pk__in=reach.scope_keys, kind=ScopeKind.PROJECT)
        of_scopes = Q(pk__in=scopes.values("object_id"))
        projects = projects.filter(Q(partition__in=reach.partitions) | of_scopes)
    return list(projects)


def find_project(*, actor: Actor, project_id: int) -> Project:
    """Return a project.

    Raises
    ------
    NotFound
        There is none, or the actor may not see it.
    """
    require(actor, Verb.READ)
    project = Project.objects.filter(pk=project_id).first()
    if project is None or not _reaches(actor.reach(Verb.READ), project):
        message = "There is no such project."
        raise NotFound(message, path="project")
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
    """
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
    partition_id = get_partition(actor=actor, name=partition)
    held = Project.objects.filter(partition=partition_id, name=name).first()
    key = 0 if held is None else held.pk
    return scope(find_project(actor=actor, project_id=key))


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
    return Project.objects.select_for_update().get(pk=project_id)


def record(actor: Actor, project: Project, op: changefeed.Op, detail: str) -> None:
    """Tell audit log and change feed of a change, which ends the transaction."""
    event = Event(
        actor, Action.CONFIGURE, partition_id=project.partition_id, detail=detail
    )
    audit.record(event)
    change = changefeed.Change(KIND, op, (str(project.pk),), project.partition_id)
    changefeed.append([change], actor=actor)


def _reaches(reach: Reach, project: Project) -> bool:
    if reach.has_whole(project.partition_id):
        return True
    return ScopeKey(scope(project).pk, project.partition_id) in reach.scopes


def _taken(name: str) -> Conflict:
    return Conflict(f"There is a project {name} already.", path="name")
