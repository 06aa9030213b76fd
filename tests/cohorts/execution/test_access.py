"""Who sees what of the answers: everything counted runs over what the actor sees."""

from dataclasses import replace

import pytest

from cohorts.execution.asking import count, estimate, found, tally
from core.access import Actor, Reach, ScopeKey, Verb
from core.accounts.grants import scope_of
from core.errors import Forbidden, NotFound
from core.models import Scope, ScopeKind
from core.partitions import get_or_create_partition
from imaging.projects import create_project
from tests.actors import READING, acting
from tests.cohorts.execution.asked import asked, condition, event, study, who
from tests.fhirlink.events.record import ACTOR, follow, patient, put, resource, rows

pytestmark = pytest.mark.django_db


def record() -> int:
    put(
        patient("a"),
        patient("b"),
        condition("a", "flu", "2024-01-01", "a"),
        condition("b", "flu", "2024-01-01", "b"),
        study("1", "2024-01-01", ("CT", "Chest", 1), patient="a"),
        study("2", "2024-01-01", ("CT", "Chest", 1), patient="b"),
    )
    follow()
    return get_or_create_partition(actor=ACTOR, name="default")


def seeing(*scopes: Scope, verbs: frozenset[Verb] = READING) -> Actor:
    keys = frozenset(ScopeKey(each.pk, each.partition_id) for each in scopes)
    reach = Reach(frozenset(), keys)
    return replace(acting(1, "x", verbs), reaches=dict.fromkeys(verbs, reach))


def test_a_grant_on_a_patient_leads_to_all_that_was_told_of_the_person() -> None:
    partition = record()
    ((imaged,),) = rows(
        "INSERT INTO imaging_patient (partition_id, patient_id, issuer_of_patient_id)"
        " VALUES (%s, '1', '') RETURNING id",
        partition,
    )
    rows(
        "INSERT INTO fhirlink_patientlink (partition_id, patient_id, fhir_id, how)"
        " VALUES (%s, %s, 'a', 'key') RETURNING 1",
        partition,
        imaged,
    )
    actor = seeing(scope_of(ScopeKind.PATIENT, imaged, partition))

    assert who(event("condition", "flu"), actor) == "a"
    assert who({"not": event("device")}, actor) == "a"
    assert [
        each.count
        for each in count(asked({"any": [event("imaging")]}, actor)).attrition
    ] == [1, 1]


def test_a_grant_on_a_project_leads_to_its_studies_alone() -> None:
    partition = record()
    project = create_project(actor=ACTOR, partition="default", name="Lungs")
    scope = scope_of(ScopeKind.PROJECT, project.pk, partition)
    rows(
        "INSERT INTO core_scopedstudy (scope_id, partition_id, study_instance_uid)"
        " VALUES (%s, %s, '1.2.1') RETURNING 1",
        scope.pk,
        partition,
    )
    actor = seeing(scope)

    assert who(event("imaging"), actor) == "a"
    assert who(event("condition", "flu"), actor) == ""
    assert who({"not": event("condition")}, actor) == "a"
    assert who({"patient": {"project": "Lungs"}}) == "a"
    with pytest.raises(NotFound):
        asked({"patient": {"project": "Hearts"}})


def test_a_study_leads_to_what_is_linked_and_not_to_another_type_of_its_id() -> None:
    partition = record()
    put(resource("DiagnosticReport", "x", "b", effectiveDateTime="2024-01-01"))
    follow()
    project = create_project(actor=ACTOR, partition="default", name="Lungs")
    scope = scope_of(ScopeKind.PROJECT, project.pk, partition)
    rows(
        "INSERT INTO core_scopedstudy (scope_id, partition_id, study_instance_uid)"
        " VALUES (%s, %s, '1.2.1') RETURNING 1",
        scope.pk,
        partition,
    )
    link = (
        "INSERT INTO fhirlink_reportlink (partition_id, type, report,"
        " study_instance_uid, how, is_suggestion)"
        " VALUES (%s, %s, 'x', '1.2.1', 'study', false) RETURNING 1"
    )
    rows(link, partition, "DocumentReference")
    assert who(event("report"), seeing(scope)) == ""
    rows(link, partition, "DiagnosticReport")
    assert who(event("report"), seeing(scope)) == "b"


def test_who_may_read_but_not_see_patients_counts_and_lists_nobody() -> None:
    record()
    reader = acting(1, "r", {Verb.READ})
    question = asked(event("condition", "flu"), reader)

    assert tally(question).attrition[-1].number == 2
    for number_of in (count, estimate):
        with pytest.raises(Forbidden):
            number_of(question)
    with pytest.raises(Forbidden), found(question):
        pass
    with pytest.raises(Forbidden):
        asked(event("imaging", tags=[{"tag": "PatientName", "contains": "x"}]), reader)


def test_others_see_nothing() -> None:
    partition = record()
    project = create_project(actor=ACTOR, partition="default", name="Lungs")
    scope = scope_of(ScopeKind.PROJECT, project.pk, partition)
    with pytest.raises(Forbidden):
        asked(event("imaging"), acting(1, "n", {Verb.STORE}))
    with pytest.raises(NotFound):
        asked(event("imaging"), acting(1, "n", READING, frozenset({partition + 1})))
    with pytest.raises(Forbidden):
        asked(event("imaging"), seeing(scope, verbs=frozenset({Verb.READ})))
