"""The event table after the linker: of whom studies and their reports are."""

import pytest

from core.models import AuditRecord
from fhirlink.linkage.identifiers import Identifier
from fhirlink.linkage.resolve import merge_patients, undo_decision
from fhirlink.timeline import timeline
from imaging.models import Study
from tests.fhirlink.events.record import ACTOR, follow, rows
from tests.fhirlink.linkage.world import AUTHORITY, World

pytestmark = pytest.mark.django_db

P1, P2 = Identifier(AUTHORITY, "P1"), Identifier(AUTHORITY, "P2")


def link(world: World) -> None:
    world.link()
    follow()


def studies_of(world: World, patient: str) -> set[str]:
    """Return the studies in the time line of a patient."""
    found = timeline(actor=ACTOR, partition=world.name, patient=patient)
    return {uid for each in found.events for uid in each.studies}


def number_of_persons() -> int:
    ((number,),) = rows("SELECT count(*) FROM fhirlink_clinicalpatient")
    assert isinstance(number, int)
    return number


def test_a_study_is_of_the_patient_whom_the_linker_finds(world: World) -> None:
    study = world.study(PatientID="P1")
    follow()
    assert number_of_persons() == 1

    patient = world.patient("P1")
    link(world)

    assert studies_of(world, patient) == {study}
    assert number_of_persons() == 1
    record = AuditRecord.objects.get(action="retrieve")
    assert record.patients == [Study.objects.get().linked_patient_id]


def test_studies_of_images_alone_go_over_to_the_patient_of_the_record(
    world: World,
) -> None:
    study = world.study(PatientID="P1")
    link(world)
    made = world.subject(study)
    assert studies_of(world, made) == {study}

    patient = world.patient("P1")
    link(world)

    assert patient != made
    assert studies_of(world, patient) == {study}
    assert number_of_persons() == 1


def test_a_merge_of_persons_is_followed_and_undone(world: World) -> None:
    one, other = world.study(PatientID="P1"), world.study(PatientID="P2")
    link(world)
    assert number_of_persons() == 2

    decision = merge_patients(
        actor=ACTOR, partition=world.name, first=P1, second=P2, reason="seen"
    )
    link(world)
    assert studies_of(world, world.subject(one)) == {one, other}
    assert number_of_persons() == 1

    undo_decision(actor=ACTOR, partition=world.name, key=decision.pk, reason="wrong")
    link(world)
    assert studies_of(world, world.subject(one)) == {one}
    assert number_of_persons() == 2
