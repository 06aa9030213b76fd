"""Projects with a study in them, for tests of who sees whom."""

from core.accounts.grants import scope_of
from core.models import Scope, ScopeKind
from core.partitions import get_or_create_partition
from imaging.projects import create_project
from tests.cohorts.execution.asked import study
from tests.fhirlink.events.record import ACTOR, follow, patient, put, rows


def project_with_study(partition: int, name: str, study: int | None = 1) -> Scope:
    """Return the scope of a project that has the study of `a`; None: deleted."""
    project = create_project(actor=ACTOR, partition="default", name=name)
    scope = scope_of(ScopeKind.PROJECT, project.pk, partition)
    rows(
        "INSERT INTO core_scopedstudy"
        " (scope_id, partition_id, study_instance_uid, study_id)"
        " VALUES (%s, %s, '1.2.1', %s) RETURNING 1",
        scope.pk,
        partition,
        study,
    )
    return scope


def lungs_of_one_of_two() -> Scope:
    """Have two patients with a study each; return the project with that of `a`."""
    put(
        patient("a"),
        patient("b"),
        study("1", "2024-01-01", ("CT", "Chest", 1), patient="a"),
        study("2", "2024-01-01", ("CT", "Chest", 1), patient="b"),
    )
    follow()
    partition = get_or_create_partition(actor=ACTOR, name="default")
    return project_with_study(partition, "Lungs")
