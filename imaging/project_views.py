"""What projects tell of themselves beyond their names: their grants and sizes.

For several projects at once, so that a page of them takes no more statements than one.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from django.db.models import Count

from core.access import Actor
from core.accounts.granted import grants_on
from core.accounts.grants import AnyGrant
from imaging.models import ProjectPatient, ProjectStudy
from imaging.projects import changeable_among, find_projects, scopes_of


class Size(NamedTuple):
    """How much was put into a project."""

    number_of_studies: int
    number_of_patients: int


def sizes_of(*, actor: Actor, project_ids: Collection[int]) -> Mapping[int, Size]:
    """Return how much was put into those of some projects that the actor may change."""
    visible = find_projects(actor=actor, project_ids=project_ids).values()
    keys = changeable_among(actor, visible)
    studies, patients = (
        dict(
            kind.objects.filter(project__in=keys)
            .values_list("project_id")
            .annotate(number=Count("*"))
        )
        for kind in (ProjectStudy, ProjectPatient)
    )
    return {key: Size(studies.get(key, 0), patients.get(key, 0)) for key in keys}


def grants_of(
    *, actor: Actor, project_ids: Collection[int]
) -> Mapping[int, Sequence[AnyGrant]]:
    """Return the grants on some projects; those that the actor may not see left out."""
    scopes = scopes_of(project_ids)
    found = grants_on(actor=actor, scopes=scopes.values())
    return {key: found[scope.pk] for key, scope in scopes.items() if scope.pk in found}


def scope_keys_of(*, actor: Actor, project_ids: Collection[int]) -> Mapping[int, int]:
    """Return the keys of the scopes of those of some projects that the actor sees."""
    visible = find_projects(actor=actor, project_ids=project_ids)
    return {key: scope.pk for key, scope in scopes_of(visible).items()}
