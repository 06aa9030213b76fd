"""Who is who, in the graph: conflicts, and what persons decide."""

from typing import Any, Final

import pytest

from core.access import Verb
from core.followers import run_until_caught_up
from fhirlink.linkage.folding import fold_dirty
from fhirlink.linkage.follower import LinkFollower
from fhirlink.store import update
from tests.actors import READING, acting
from tests.fhirlink.service import Fhir
from tests.graphql.graph import ask, errors
from tests.imaging.dicomweb.service import Service
from tests.imaging.stores import ADMIN
from tests.synthetic import instance

pytestmark = pytest.mark.usefixtures("committing")

UID: Final = "1.2.840.98.1"
CONFLICTS: Final = """query ($p: String!, $open: Boolean!) { patientConflicts(
  partition: $p, open: $open) { edges { node { conflictId kind meaning resolution
  studyInstanceUid study { patientId } detail } } } }"""
FAULT: Final = "... on Fault { code path }"
DECISIONS: Final = """query ($p: String!) { patientDecisions(partition: $p) {
  decisionId action about reason actor undoneAt } }"""


@pytest.fixture
def name(settings: Any) -> str:
    """Return a partition with a study whose patient nobody can name."""
    settings.LINK_QUIET_S = 0
    settings.ASSIGNING_AUTHORITY = ""
    service = Service()
    service.store(
        instance(StudyInstanceUID=UID, PatientID="one"),
        instance(StudyInstanceUID=UID, PatientID="two"),
    )
    link()
    return service.name


def link() -> None:
    while run_until_caught_up(LinkFollower()) or fold_dirty():
        pass


def listed(name: str, *, is_open: bool) -> list[dict[str, Any]]:
    found = ask(CONFLICTS, p=name, open=is_open)["patientConflicts"]
    return [edge["node"] for edge in found["edges"]]


def test_a_conflict_is_listed_until_somebody_resolves_it(name: str) -> None:
    (found,) = listed(name, is_open=True)
    assert (found["kind"], found["studyInstanceUid"]) == ("two-patients", UID)
    assert found["study"]["patientId"] in {"one", "two"}
    assert "several patients" in found["meaning"]

    resolve = """mutation ($p: String!, $id: BigInt!, $why: String!) {
      resolvePatientConflict(partition: $p, conflictId: $id, reason: $why) {
      ... on PatientConflict { resolution } %s } }"""
    given = {"p": name, "id": found["conflictId"]}
    refused = ask(resolve % FAULT, **given, why=" ")["resolvePatientConflict"]
    assert refused == {"code": "INVALID", "path": "resolution"}
    done = ask(resolve % FAULT, **given, why="typed wrong")["resolvePatientConflict"]
    assert done == {"resolution": "typed wrong"}
    assert listed(name, is_open=True) == []
    assert [each["resolution"] for each in listed(name, is_open=False)] == [
        "typed wrong"
    ]


def test_a_merge_and_a_split_are_listed_and_undone(name: str) -> None:
    ada = {"resourceType": "Patient", "id": "ada"}
    update(actor=ADMIN, partition=name, type_="Patient", fhir_id="ada", content=ada)
    run_until_caught_up(LinkFollower())
    merge = """mutation ($p: String!) { mergePatients(partition: $p, reason: "same",
      one: {system: "urn:a", value: "1"}, other: {patient: "ada"}) {
      ... on PatientDecision { decisionId about } %s } }"""
    Fhir(name=name).put("Patient/ada", {"resourceType": "Patient", "id": "ada"})
    link()
    made = ask(merge % FAULT, p=name)["mergePatients"]
    assert made["about"] == ["urn:a|1", "Patient/ada"]
    again = ask(merge % FAULT, p=name)["mergePatients"]
    assert again["code"] == "CONFLICT"
    split = """mutation ($p: String!) { splitPatient(partition: $p, reason: "other",
      one: {system: "urn:a", value: "2"}) { ... on PatientDecision { about } %s } }"""
    assert ask(split % FAULT, p=name)["splitPatient"] == {"about": ["urn:a|2"]}

    undo = """mutation ($p: String!, $id: BigInt!) { undoPatientDecision(partition: $p,
      decisionId: $id, reason: "wrong") { ... on PatientDecision { undoneAt } %s } }"""
    undone = ask(undo % FAULT, p=name, id=made["decisionId"])["undoPatientDecision"]
    assert undone["undoneAt"]
    found = ask(DECISIONS, p=name)["patientDecisions"]
    assert [(each["action"], each["undoneAt"] is None) for each in found] == [
        ("split", True),
        ("merge", False),
    ]


def test_patients_who_are_described_alike_are_suggested(name: str) -> None:
    query = "query ($p: String!) { patientSuggestions(partition: $p) }"
    assert ask(query, p=name) == {"patientSuggestions": []}


def test_who_may_not_manage_is_told_nothing(name: str) -> None:
    for verbs in (READING, {Verb.MANAGE, Verb.READ}):
        actor = acting(7, "reader", verbs)
        for query in (CONFLICTS, DECISIONS):
            variables = {"p": name, "open": True}
            (error,) = errors(query, actor=actor, **variables)
            assert error["code"] == "FORBIDDEN"
