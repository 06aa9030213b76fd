"""Who sees what of the answers: everything counted runs over what the actor sees."""

from dataclasses import replace

import pytest

from cohorts.criteria import parse_criteria
from cohorts.execution.asking import count, estimate, found, prepare, tally
from cohorts.execution.running import executed
from cohorts.execution.steps import finding
from core.access import Actor, Verb
from core.accounts.grants import scope_of
from core.errors import Forbidden, Invalid, NotFound
from core.models import Scope, ScopeKind
from core.partitions import get_or_create_partition
from core.reach import Reach, ScopeKey
from fhirlink.models import LinkConflict
from imaging.projects import create_project
from tests.actors import READING, acting
from tests.cohorts.execution.asked import asked, condition, event, study, who
from tests.cohorts.execution.projects import project_with_study
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


def test_a_grant_on_a_project_leads_to_its_patients_and_their_record() -> None:
    partition = record()
    actor = seeing(project_with_study(partition, "Lungs"))

    assert who(event("imaging"), actor) == "a"
    assert who(event("condition", "flu"), actor) == "a"
    assert who({"not": event("device")}, actor) == "a"
    assert who({"patient": {"project": "Lungs"}}) == "a"
    with pytest.raises(NotFound):
        asked({"patient": {"project": "Hearts"}})


def test_a_study_that_is_gone_or_in_doubt_leads_to_nobodys_record() -> None:
    partition = record()
    gone = seeing(project_with_study(partition, "Gone", study=None))
    assert who(event("condition", "flu"), gone) == ""

    doubted = seeing(project_with_study(partition, "Doubted"))
    LinkConflict.objects.create(
        partition_id=partition, study_instance_uid="1.2.1", kind="contradiction"
    )
    assert who(event("condition", "flu"), doubted) == ""


def test_within_a_project_nobody_else_is_seen_by_whomever() -> None:
    partition = record()
    scope = project_with_study(partition, "Lungs")
    project_with_study(partition, "Hearts", study=None)
    reading = frozenset({Verb.READ})

    def within(actor: Actor, project: str | None) -> tuple[int, bool]:
        query = parse_criteria({"v": 1, "where": event("condition", "flu")})
        question = prepare(
            actor=actor, partition="default", criteria=query, project=project
        )
        return len(executed(finding(question))), question.is_deidentified

    assert within(ACTOR, None) == (2, False)
    assert within(ACTOR, "Lungs") == (1, False)
    # Who reads all of the partition lists nobody, but of a project that is named.
    reader = acting(1, "r", reading)
    assert within(reader, "Lungs") == (1, True)
    # The one project that somebody sees is meant; of several one has to be named.
    member = seeing(scope, verbs=reading)
    assert within(member, None) == within(member, "Lungs") == (1, True)
    with pytest.raises(NotFound):
        within(member, "Hearts")
    both = seeing(scope, *Scope.objects.filter(kind="project"), verbs=reading)
    with pytest.raises(Invalid):
        within(both, None)
    # Who sees patients elsewhere in the partition does not see these.
    elsewhere = replace(
        both, reaches={**both.reaches, Verb.VIEW_PHI: Reach(frozenset(), frozenset())}
    )
    assert within(elsewhere, "Lungs") == (1, True)


def test_who_sees_no_names_asks_by_no_names() -> None:
    partition = record()
    member = seeing(
        project_with_study(partition, "Lungs"), verbs=frozenset({Verb.READ})
    )
    with pytest.raises(Forbidden):
        asked(event("imaging", tags=[{"tag": "PatientName", "contains": "x"}]), member)


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
    with pytest.raises(Forbidden):
        asked(event("imaging"), acting(1, "n", {Verb.STORE}))
    with pytest.raises(NotFound):
        asked(event("imaging"), acting(1, "n", READING, frozenset({partition + 1})))
    study_alone = scope_of(ScopeKind.STUDY, 1, partition)
    with pytest.raises(Forbidden):
        asked(event("imaging"), seeing(study_alone, verbs=frozenset({Verb.READ})))
