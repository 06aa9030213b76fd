"""The projects that criteria name."""

from core.access import Actor
from core.accounts.grants import scope_of
from core.models import ScopeKind
from imaging.projects import project_named


def scope_of_project(actor: Actor, partition: str, name: str) -> int:
    """Return the key of the scope of a project: what leads to its studies.

    Raises
    ------
    NotFound
        There is none of this name that the actor may see.
    """
    project = project_named(actor=actor, partition=partition, name=name)
    return scope_of(ScopeKind.PROJECT, project.pk, project.partition_id).pk
