"""What is in a project: studies, and patients with all studies of theirs.

Who owns the project or manages its partition says so, of what they see themselves: not
for a time only, and with who its patient is where the project tells that to anybody
(decision 0051). Who sees the project sees a study the moment that it is in it, and no
more the moment that it is taken out (migration 0010). What changes nothing is recorded
nowhere.
"""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from django.db import transaction

from core.access import Actor, Verb, values_within, within
from core.accounts.actors import lasting
from core.accounts.grants import reaches, tells_names
from core.database import raw_connection
from core.errors import Forbidden, NotFound
from imaging.models import Patient, Project, ProjectPatient, ProjectStudy
from imaging.projects import changeable, record, scope, visible_projects

_WITHIN: Final = within("s.id", "s.partition_id")


class PatientIdentity(NamedTuple):
    """What names a patient inside a partition (DICOM PS3.3 C.7.1.1)."""

    patient_id: str
    issuer_of_patient_id: str = ""


def add_studies(*, actor: Actor, project_id: int, uids: Collection[str]) -> int:
    """Put studies into a project; return how many were not in it.

    Raises
    ------
    NotFound
        A study is not there, or the actor may not see it: none is put in.
    Forbidden
        The actor may not change the project, or others would see more of a study by it,
        or for longer, than the actor does.
    """
    with transaction.atomic():
        project = changeable(actor, project_id)
        keys = _studies(actor, project, uids)
        rows = [ProjectStudy(project=project, study_id=key) for key in keys]
        before = project.studies.count()
        ProjectStudy.objects.bulk_create(rows, ignore_conflicts=True)
        added = project.studies.count() - before
        if added:
            record(actor, project, "update", f"{added} studies into {project.name}")
    return added


def remove_studies(*, actor: Actor, project_id: int, uids: Collection[str]) -> int:
    """Take studies out of a project; return how many were in it.

    One whose patient is in it stays visible.

    Raises
    ------
    Forbidden, NotFound
        The actor may not change the project.
    """
    with transaction.atomic():
        project = changeable(actor, project_id)
        held = ProjectStudy.objects.filter(
            project=project, study__study_instance_uid__in=uids
        )
        gone = held.delete()[0]
        if gone:
            record(actor, project, "update", f"{gone} studies out of {project.name}")
    return gone


def add_patients(
    *, actor: Actor, project_id: int, patients: Collection[PatientIdentity]
) -> int:
    """Put all studies of patients into a project, those to come included.

    Raises
    ------
    NotFound
        A patient is not there, or the actor may not see who all patients of the
        partition are: none is put in.
    Forbidden
        The actor may not change the project.
    """
    with transaction.atomic():
        project = changeable(actor, project_id)
        keys = _patients(actor, project, patients)
        rows = [ProjectPatient(project=project, patient_id=key) for key in keys]
        before = project.patients.count()
        ProjectPatient.objects.bulk_create(rows, ignore_conflicts=True)
        added = project.patients.count() - before
        if added:
            record(actor, project, "update", f"{added} patients into {project.name}")
    return added


def remove_patients(
    *, actor: Actor, project_id: int, patients: Collection[PatientIdentity]
) -> int:
    """Take patients out of a project; return how many were in it.

    Raises
    ------
    Forbidden, NotFound
        The actor may not change the project.
    """
    with transaction.atomic():
        project = changeable(actor, project_id)
        keys = _patients(actor, project, patients)
        held = ProjectPatient.objects.filter(project=project, patient__in=keys)
        gone = held.delete()[0]
        if gone:
            record(actor, project, "update", f"{gone} patients out of {project.name}")
    return gone


def list_projects_with(*, actor: Actor, patient: Patient) -> Sequence[Project]:
    """Return the projects that the actor may see with all studies of a patient.

    Raises
    ------
    Forbidden
        The actor may see no projects.
    """
    held = ProjectPatient.objects.filter(patient=patient).values("project")
    return list(visible_projects(actor=actor).filter(pk__in=held).order_by("name"))


def _studies(actor: Actor, project: Project, uids: Collection[str]) -> list[int]:
    """Return the keys of studies that the actor may show to who sees the project.

    None of them goes before the transaction ends.
    """
    for_good = lasting(actor)
    rows = (
        raw_connection()
        .execute(
            "SELECT s.id,"  # noqa: S608 own names
            f" {_WITHIN} AS for_good, {_WITHIN} AS with_names"
            " FROM imaging_study s WHERE s.partition_id = %s"
            f" AND s.study_instance_uid = ANY(%s::text[]) AND {_WITHIN}"
            " ORDER BY s.id FOR KEY SHARE",
            (
                *values_within(for_good.reach(Verb.READ)),
                *values_within(for_good.reach(Verb.VIEW_PHI)),
                project.partition_id,
                list(uids),
                *values_within(actor.reach(Verb.READ)),
            ),
        )
        .fetchall()
    )
    if len(rows) != len(set(uids)):
        message = "A study is not there, so none was put in."
        raise NotFound(message, path="studies")
    if not all(lasts for _, lasts, _ in rows):
        message = (
            "You see a study of these for a time only, and what is in a project stays:"
            " none was put in. Have somebody do it who sees them for good."
        )
        raise Forbidden(message, path="studies")
    if not all(named for *_, named in rows) and _tells_names(actor, project):
        message = (
            "This project tells who its patients are, which you do not see of a study"
            " of these: none was put in. Have somebody do it who sees that."
        )
        raise Forbidden(message, path="studies")
    return [key for key, *_ in rows]


def _tells_names(actor: Actor, project: Project) -> bool:
    """Return whether who sees the project, the actor included, sees names by it."""
    hangs_on = scope(project)
    return reaches(actor.reach(Verb.VIEW_PHI), hangs_on) or tells_names(hangs_on)


def _patients(
    actor: Actor, project: Project, patients: Collection[PatientIdentity]
) -> list[int]:
    """Return the keys of patients; all studies of one, seen or not, come with them."""
    keys: list[int] = []
    sees_all = actor.reach(Verb.VIEW_PHI).has_whole(project.partition_id)
    for patient_id, issuer in patients if sees_all else ():
        held = Patient.objects.filter(
            partition=project.partition,
            patient_id=patient_id,
            issuer_of_patient_id=issuer,
        )
        keys += held.values_list("pk", flat=True)
    if len(keys) != len(set(patients)):
        message = "A patient is not there, so none was put in or taken out."
        raise NotFound(message, path="patients")
    return keys
