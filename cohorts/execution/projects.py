"""The projects that criteria name, and the one that a question is asked within."""

from typing import Final, NamedTuple

from core.access import Actor, Verb
from core.accounts.grants import scope_of
from core.errors import Invalid
from core.models import ScopeKind
from core.reach import ScopeKey
from imaging.models import Project
from imaging.projects import page_of_projects, project_named

_SEVERAL: Final = "You see several projects of this partition: name one of them."


class Within(NamedTuple):
    """A project that a question is asked within.

    Attributes
    ----------
    scope
        What leads to its studies.
    is_deidentified
        Whether the actor sees rows without names: not who its patients are.
    """

    project_id: int
    name: str
    scope: ScopeKey
    is_deidentified: bool


def scope_of_project(actor: Actor, partition: str, name: str) -> int:
    """Return the key of the scope of a project: what leads to its studies.

    Raises
    ------
    NotFound
        There is none of this name that the actor may see.
    """
    return _scope(project_named(actor=actor, partition=partition, name=name)).key


def asked_within(
    actor: Actor, partition: str, partition_id: int, name: str | None
) -> Within | None:
    """Return the project that a question is asked within; None of none.

    Where none is named it is the one that the actor sees, of who sees neither patients
    here nor all of the partition.

    Raises
    ------
    NotFound
        There is none of this name that the actor may see.
    Invalid
        None is named, and there are several.
    """
    if name is not None:
        return _within(
            actor, project_named(actor=actor, partition=partition, name=name)
        )
    if actor.reach(Verb.VIEW_PHI).enters(partition_id):
        return None
    if actor.reach(Verb.READ).has_whole(partition_id):
        return None
    seen = page_of_projects(actor=actor, limit=2, partition=partition)
    if len(seen) > 1:
        raise Invalid(_SEVERAL, path="project")
    return _within(actor, seen[0]) if seen else None


def _within(actor: Actor, project: Project) -> Within:
    scope = _scope(project)
    identified = actor.reach(Verb.VIEW_PHI).has(scope)
    return Within(project.pk, project.name, scope, is_deidentified=not identified)


def _scope(project: Project) -> ScopeKey:
    scope = scope_of(ScopeKind.PROJECT, project.pk, project.partition_id)
    return ScopeKey(scope.pk, scope.partition_id)
