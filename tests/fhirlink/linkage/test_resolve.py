"""What persons say of who is who: merged, split, undone, and audited."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from core.access import Verb
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.models import AuditRecord
from fhirlink.linkage.identifiers import Identifier
from fhirlink.linkage.resolve import (
    list_conflicts,
    list_decisions,
    merge_patients,
    resolve_conflict,
    split_patient,
    undo_decision,
)
from fhirlink.linkage.sources import configure_source
from fhirlink.linkage.suggestions import suggest_merges
from tests.actors import ALL_VERBS, acting
from tests.fhirlink.linkage.models import sequence
from tests.fhirlink.linkage.world import AUTHORITY, World
from tests.synthetic import instance

pytestmark = pytest.mark.django_db

CLERK = acting(None, "clerk", ALL_VERBS)
P1, P2 = Identifier(AUTHORITY, "P1"), Identifier(AUTHORITY, "P2")


def merge(world: World, second: Identifier | str, first: Identifier = P1) -> int:
    decision = merge_patients(
        actor=CLERK, partition=world.name, first=first, second=second, reason="seen"
    )
    world.link()
    key: int = decision.pk
    return key


def undo(world: World, key: int) -> None:
    undo_decision(actor=CLERK, partition=world.name, key=key, reason="wrong")
    world.link()


def test_two_identifiers_are_merged_and_the_merge_is_undone(world: World) -> None:
    one, other = world.study(), world.study(PatientID="P2")
    world.link()
    before = world.subject(one), world.subject(other)
    assert before[0] != before[1]
    key = merge(world, P2)
    assert world.subject(one) == world.subject(other)
    merged = world.all_of("Patient")[world.subject(one)]
    assert {each["value"] for each in merged["identifier"]} == {"P1", "P2"}
    undo(world, key)
    assert (world.subject(one), world.subject(other)) == before
    assert all(each["active"] for each in world.all_of("Patient").values())
    (decision,) = list_decisions(actor=CLERK, partition=world.name)
    assert (decision.undone_by, decision.reason) == ("clerk", "seen")


def test_an_identifier_is_merged_with_a_patient_of_the_record(world: World) -> None:
    patient, study = world.patient("P9"), world.study()
    world.link()
    made = world.subject(study)
    key = merge(world, patient)
    assert world.subject(study) == patient
    undo(world, key)
    assert world.subject(study) == made


def test_an_identifier_of_the_record_is_merged_with_a_patient_of_images(
    world: World,
) -> None:
    patient, study = world.patient(), world.study(IssuerOfPatientID="urn:oid:9.9")
    world.link()
    made = world.subject(study)
    key = merge(world, made)
    assert world.subject(study) == patient
    undo(world, key)
    assert world.subject(study) == made


def test_a_person_chooses_between_several_patients(world: World) -> None:
    one, other = world.patient(), world.patient()
    study = world.study()
    world.link()
    assert world.subject(study) not in {one, other}
    merge(world, other)
    assert world.subject(study) == other


def test_an_identifier_is_split_from_the_patient_of_the_record(world: World) -> None:
    patient, study = world.patient(), world.study()
    world.link()
    assert world.subject(study) == patient
    decision = split_patient(
        actor=CLERK, partition=world.name, identifier=P1, reason="not hers"
    )
    world.link()
    assert world.subject(study) != patient
    undo(world, decision.pk)
    assert world.subject(study) == patient


def test_what_other_identifiers_join_is_split(world: World) -> None:
    others = sequence({"PatientID": "P2", "IssuerOfPatientID": AUTHORITY})
    joining = world.store(instance(OtherPatientIDsSequence=others))
    study = world.study(PatientID="P2")
    world.link()
    assert world.subject(joining) == world.subject(study)
    split_patient(actor=CLERK, partition=world.name, identifier=P2, reason="other")
    world.link()
    assert world.subject(joining) != world.subject(study)


def test_decisions_are_audited_and_outlive_a_rebuild(world: World) -> None:
    one, other = world.study(), world.study(PatientID="P2")
    world.link()
    merge(world, P2)
    row = AuditRecord.objects.filter(action="update", actor="clerk").last()
    assert row is not None
    assert row.detail == "merge of patients: seen"
    world.rebuild()
    assert world.subject(one) == world.subject(other)


def test_a_resolved_conflict_comes_back_with_another_cause(world: World) -> None:
    patient = world.patient(birthDate="1960-01-01")
    world.study()
    world.link()
    (conflict,) = list_conflicts(actor=CLERK, partition=world.name)
    resolve_conflict(
        actor=CLERK, partition=world.name, key=conflict.pk, resolution="same person"
    )
    world.rebuild()
    assert list_conflicts(actor=CLERK, partition=world.name) == []
    (held,) = list_conflicts(actor=CLERK, partition=world.name, is_open=False)
    assert (held.resolved_by, held.resolution) == ("clerk", "same person")
    world.patient(fhir_id=patient, birthDate="1950-01-01")
    world.link()
    assert len(list_conflicts(actor=CLERK, partition=world.name)) == 1


def test_patients_described_alike_are_suggested_only(world: World) -> None:
    patient = world.patient()
    study = world.study(IssuerOfPatientID="urn:oid:9.9")
    world.link()
    assert world.subject(study) != patient
    (found,) = suggest_merges(actor=CLERK, partition=world.name)
    assert set(found.patients) == {patient, world.subject(study)}
    merge(world, patient, Identifier("urn:oid:9.9", "P1"))
    assert suggest_merges(actor=CLERK, partition=world.name) == []


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (partial(merge_patients, first=P1, second=P1, reason="x"), Invalid),
        (partial(merge_patients, first=P1, second=P2, reason=" "), Invalid),
        (partial(merge_patients, first=P1, second="", reason="x"), Invalid),
        (partial(merge_patients, first=P1, second="nobody", reason="x"), NotFound),
        (
            partial(split_patient, identifier=Identifier("", "1"), reason="x"),
            Invalid,
        ),
        (partial(undo_decision, key=0, reason="x"), NotFound),
        (partial(resolve_conflict, key=0, resolution="x"), NotFound),
        (partial(configure_source, values={"zone": "Nowhere"}), Invalid),
        (partial(configure_source, values={"assigning_authority": "H"}), Invalid),
        (partial(configure_source, values={"colour": "red"}), Invalid),
    ],
)
def test_what_cannot_be_said_is_refused(
    world: World, act: Callable[..., object], error: type[Exception]
) -> None:
    world.study()
    with pytest.raises(error):
        act(actor=CLERK, partition=world.name)


def test_a_decision_is_taken_and_undone_once(world: World) -> None:
    world.study()
    key = merge(world, P2)
    with pytest.raises(Conflict):
        merge(world, P2)
    undo(world, key)
    with pytest.raises(Conflict):
        undo(world, key)


ASKED: list[Callable[..., object]] = [
    list_conflicts,
    list_decisions,
    suggest_merges,
    partial(merge_patients, first=P1, second=P2, reason="x"),
    partial(split_patient, identifier=P1, reason="x"),
    partial(undo_decision, key=1, reason="x"),
    partial(resolve_conflict, key=1, resolution="x"),
]


@pytest.mark.parametrize("act", ASKED)
@pytest.mark.parametrize("lacking", [Verb.MANAGE, Verb.VIEW_PHI])
def test_who_does_not_manage_patients_decides_nothing(
    world: World, act: Callable[..., object], lacking: Verb
) -> None:
    world.study()
    without = acting(None, "other", [each for each in ALL_VERBS if each != lacking])
    with pytest.raises(Forbidden):
        act(actor=without, partition=world.name)
    elsewhere = acting(None, "other", ALL_VERBS, frozenset({0}))
    with pytest.raises(NotFound):
        act(actor=elsewhere, partition=world.name)


def test_a_configured_source_links_its_studies_anew(
    world: World, settings: Any
) -> None:
    settings.ASSIGNING_AUTHORITY = ""
    patient, study = world.patient(), world.study()
    world.link()
    assert world.subject(study) == ""
    configure_source(
        actor=CLERK, partition=world.name, values={"assigning_authority": AUTHORITY}
    )
    world.link()
    assert world.subject(study) == patient
