"""What persons say of who is who: merged, split, undone, and audited."""

from collections.abc import Callable, Sequence
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


def merge(world: World, second: Identifier | str, first: Identifier | str = P1) -> int:
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


def of_each(world: World, studies: Sequence[str]) -> list[str]:
    return [world.subject(each) for each in studies]


def two_of_the_record(world: World) -> tuple[list[str], list[str]]:
    """Return two Patients of the record, and a study of each."""
    patients = [world.patient("P1"), world.patient("P2")]
    studies = [world.study(), world.study(PatientID="P2")]
    world.link()
    assert of_each(world, studies) == patients
    return patients, studies


@pytest.mark.parametrize("is_turned", [False, True])
def test_an_identifier_of_the_record_is_another_one_of_the_record(
    world: World, *, is_turned: bool
) -> None:
    patients, studies = two_of_the_record(world)
    first, second = (P2, P1) if is_turned else (P1, P2)
    key = merge(world, second, first)
    stands = patients[0] if is_turned else patients[1]
    assert of_each(world, studies) == [stands, stands]
    world.rebuild()
    assert of_each(world, studies) == [stands, stands]
    undo(world, key)
    assert of_each(world, studies) == patients


def test_one_identifier_of_a_patient_or_all_of_it_is_another_one(world: World) -> None:
    numbers = [{"system": AUTHORITY, "value": each} for each in ("P1", "P3")]
    one, other = world.patient(identifier=numbers), world.patient("P2")
    studies = [world.study(), world.study(PatientID="P3")]
    world.link()
    assert len(suggest_merges(actor=CLERK, partition=world.name)) == 1
    by_one = merge(world, other)
    assert of_each(world, studies) == [other, one]
    undo(world, by_one)
    assert of_each(world, studies) == [one, one]
    whole = merge(world, other, one)
    assert of_each(world, studies) == [other, other]
    assert suggest_merges(actor=CLERK, partition=world.name) == []
    undo(world, whole)
    assert of_each(world, studies) == [one, one]


@pytest.mark.parametrize("is_turned", [False, True])
@pytest.mark.parametrize("by_id", [False, True])
def test_one_that_images_made_is_one_of_several_that_it_may_be(
    world: World, *, is_turned: bool, by_id: bool
) -> None:
    patients = [world.patient("X"), world.patient("Y")]
    others = sequence(
        *({"PatientID": e, "IssuerOfPatientID": AUTHORITY} for e in ("X", "Y"))
    )
    study = world.store(instance(OtherPatientIDsSequence=others))
    world.link()
    made = world.subject(study)
    assert made not in patients
    own: Identifier | str = made if by_id else P1
    known: Identifier | str = patients[1] if by_id else Identifier(AUTHORITY, "Y")
    key = merge(world, own, known) if is_turned else merge(world, known, own)
    assert world.subject(study) == patients[1]
    assert list_conflicts(actor=CLERK, partition=world.name) == []
    undo(world, key)
    assert world.subject(study) == made


@pytest.mark.parametrize("is_turned", [False, True])
def test_two_that_images_made_are_one_by_their_ids(
    world: World, *, is_turned: bool
) -> None:
    studies = [world.study(), world.study(PatientID="P2")]
    world.link()
    before = of_each(world, studies)
    first, second = reversed(before) if is_turned else before
    key = merge(world, second, first)
    assert len(set(of_each(world, studies))) == 1
    assert len([e for e in world.all_of("Patient").values() if e["active"]]) == 1
    undo(world, key)
    assert of_each(world, studies) == before


def test_merges_are_followed_from_one_to_the_next_and_taken_back_in_any_order(
    world: World,
) -> None:
    patients, studies = two_of_the_record(world)
    studies.append(world.study(PatientID="P3"))
    first = merge(world, P1, Identifier(AUTHORITY, "P3"))
    assert of_each(world, studies) == [*patients, patients[0]]
    merge(world, patients[1], P1)
    assert of_each(world, studies) == [patients[1]] * 3
    undo(world, first)
    assert world.subject(studies[2]) not in patients
    assert of_each(world, studies[:2]) == [patients[1]] * 2


def test_merges_in_a_circle_leave_everybody_where_the_record_has_them(
    world: World,
) -> None:
    patients, studies = two_of_the_record(world)
    for one, other in ((P1, P2), patients):
        keys = [merge(world, other, one), merge(world, one, other)]
        assert of_each(world, studies) == patients
        world.rebuild()
        assert of_each(world, studies) == patients
        undo(world, keys[0])
        assert len(set(of_each(world, studies))) == 1
        undo(world, keys[1])
        assert of_each(world, studies) == patients


def test_a_patient_that_images_made_is_split_merged_and_split_no_more(
    world: World,
) -> None:
    others = sequence({"PatientID": "P2", "IssuerOfPatientID": AUTHORITY})
    studies = [
        world.store(instance(OtherPatientIDsSequence=others)),
        world.study(PatientID="P2"),
    ]
    world.link()
    joined = of_each(world, studies)
    split = split_patient(
        actor=CLERK, partition=world.name, identifier=P1, reason="other"
    )
    world.link()
    apart = of_each(world, studies)
    assert len(set(apart)) == 2
    key = merge(world, P2)
    assert len(set(of_each(world, studies))) == 1
    with pytest.raises(Conflict, match="undo that first"):
        split_patient(actor=CLERK, partition=world.name, identifier=P2, reason="no")
    undo(world, key)
    assert of_each(world, studies) == apart
    undo(world, split.pk)
    assert of_each(world, studies) == joined


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
