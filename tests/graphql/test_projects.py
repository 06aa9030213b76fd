"""Projects in the graph, as each of the cast sees and changes them."""

from typing import Any

import pytest

from core.accounts.grants import Level
from core.graphql.nodes import make_id
from core.models import AuditRecord
from core.partitions import create_partition
from imaging.models import Project
from imaging.projects import create_project
from tests.graphql.cast import acts, code_of, let, project, traces
from tests.graphql.graph import answer, ask, errors
from tests.imaging.stores import ADMIN

pytestmark = pytest.mark.usefixtures("committing")

LIST = """{ projects { totalCount edges { node { id name description
  partition { name } numberOfStudies numberOfPatients
  studies { totalCount edges { node { studyInstanceUid patientId } } }
  grants { totalCount edges { node { account level } } } } } } }"""
CREATE = """mutation ($n: String!, $p: String! = "default") {
  createProject(name: $n, description: "why", partition: $p) {
    ... on ChangedProject { project { id name description partition { name }
      numberOfStudies studies { totalCount } grants { totalCount } } }
    ... on Fault { code path } } }"""
CHANGE = """mutation ($id: ID!, $n: String, $d: String) {
  changeProject(id: $id, name: $n, description: $d) {
    ... on ChangedProject { project { name description } }
    ... on Fault { code path } } }"""
DELETE = """mutation ($id: ID!, $r: String! = "") { deleteProject(id: $id, reason: $r) {
  ... on DeletedProject { id } ... on Fault { code path } } }"""
STUDIES = """mutation ($id: ID!, $u: [UI!]!) { %sProject(id: $id, studies: $u) {
  ... on ChangedContents { number } ... on Fault { code path } } }"""
PATIENTS = """mutation ($id: ID!, $p: [PatientInput!]!) {
  %sProject(id: $id, patients: $p) {
  ... on ChangedContents { number } ... on Fault { code path } } }"""
ADD, REMOVE = STUDIES % "addStudiesTo", STUDIES % "removeStudiesFrom"
ADD_PATIENTS = PATIENTS % "addPatientsTo"
REMOVE_PATIENTS = PATIENTS % "removePatientsFrom"
FIND = """query ($n: String!, $id: ID!) { project(name: $n) { name }
  node(id: $id) { ... on Project { name } } }"""


def id_of(made: Project) -> str:
    return make_id("Project", str(made.pk))


def nodes(connection: dict[str, Any]) -> list[Any]:
    return [edge["node"] for edge in connection["edges"]]


def test_each_sees_what_their_grants_lead_to() -> None:
    made = project()
    everybody = {
        "totalCount": 2,
        "edges": [
            {"node": {"account": "owner", "level": "OWN"}},
            {"node": {"account": "member", "level": "SEE"}},
        ],
    }
    for name, size, patient, grants in (
        ("administrator", 1, "P1", everybody),
        ("owner", 1, None, everybody),
        ("member", None, None, None),
    ):
        found = ask(LIST, actor=acts(name))["projects"]
        assert found["totalCount"] == 1
        (node,) = nodes(found)
        assert node["id"] == id_of(made)
        assert node["partition"] == {"name": "default"}
        assert node["numberOfStudies"] == size
        assert node["numberOfPatients"] == (None if size is None else 0)
        assert node["grants"] == grants
        assert node["studies"]["totalCount"] == 1
        study = {"studyInstanceUid": "1.1", "patientId": patient}
        assert nodes(node["studies"]) == [study]
        asked = ask(FIND, n="sarcoma", id=id_of(made), actor=acts(name))
        assert asked == {"project": {"name": "sarcoma"}, "node": {"name": "sarcoma"}}


def test_who_has_no_grant_sees_no_project() -> None:
    made = project()
    let(made, "member", Level.SEE)
    nothing = {"totalCount": 0, "edges": []}
    assert ask(LIST, actor=acts("outsider")) == {"projects": nothing}
    for name, key in (("sarcoma", id_of(made)), ("other", make_id("Project", "0"))):
        found = ask(FIND, n=name, id=key, actor=acts("outsider"))
        assert found == {"project": None, "node": None}
    whole = answer(LIST, actor=acts("auditor"))
    assert whole["data"] is None
    assert whole["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def test_projects_of_a_partition() -> None:
    project()
    for name in ("ward", "empty"):
        create_partition(actor=ADMIN, name=name)
    create_project(actor=ADMIN, partition="ward", name="other")
    query = """query ($p: String) { projects(partition: $p) {
      totalCount edges { node { name } } } }"""
    for partition, names in (
        (None, ["other", "sarcoma"]),
        ("ward", ["other"]),
        ("default", ["sarcoma"]),
        ("empty", []),
    ):
        found = ask(query, p=partition)["projects"]
        assert [each["name"] for each in nodes(found)] == names
        assert found["totalCount"] == len(names)
    found = ask(query, p="default", actor=acts("member"))["projects"]
    assert found["totalCount"] == 1
    for name in ("ward", "no-such"):
        got = errors(query, p=name, actor=acts("member"))
        assert got[0] == {"code": "NOT_FOUND", "path": "partition"}


def test_a_search_in_a_project_finds_nothing_beside_it() -> None:
    project()
    query = """query ($f: StudyFilter) { project(name: "sarcoma") {
      studies(filter: $f) { totalCount edges { node { studyInstanceUid } } } } }"""
    for given, number in (("1.1", 1), ("1.2", 0)):
        where = {"studyInstanceUid": [given]}
        found = ask(query, f=where)["project"]["studies"]
        assert (found["totalCount"], len(found["edges"])) == (number, number)
    by_patient = {"patientId": {"anyOf": ["P2"]}}
    assert ask(query, f=by_patient)["project"]["studies"]["totalCount"] == 0


def test_pages_of_projects() -> None:
    for name in "bca":
        create_project(actor=ADMIN, partition="default", name=name)
    query = "query ($a: String) { projects(first: 2, after: $a) { totalCount"
    query += " pageInfo { hasNextPage endCursor } edges { node { name } } } }"
    page = ask(query)["projects"]
    assert [each["name"] for each in nodes(page)] == ["a", "b"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, True)
    page = ask(query, a=page["pageInfo"]["endCursor"])["projects"]
    assert [each["name"] for each in nodes(page)] == ["c"]
    assert page["pageInfo"]["hasNextPage"] is False
    for wrong in ("0", "c", "9" * 30):
        assert errors(query, a=wrong)[0] == {"code": "INVALID", "path": "after"}


def test_administrators_create_projects_and_nobody_else() -> None:
    project()
    before = traces()
    for name in ("owner", "member", "outsider", "auditor"):
        assert code_of(CREATE, name, n="other") == "FORBIDDEN"
    for wrong in ("", "x" * 101, "a\nb"):
        assert code_of(CREATE, "administrator", n=wrong) == "INVALID"
    assert code_of(CREATE, "administrator", n="sarcoma") == "CONFLICT"
    assert code_of(CREATE, "administrator", n="x", p="no-such") == "NOT_FOUND"
    assert traces() == before
    done = ask(CREATE, n="other", actor=acts("administrator"))["createProject"]
    assert done["project"] == {
        "id": id_of(Project.objects.get(name="other")),
        "name": "other",
        "description": "why",
        "partition": {"name": "default"},
        "numberOfStudies": 0,
        "studies": {"totalCount": 0},
        "grants": {"totalCount": 0},
    }
    row = AuditRecord.objects.order_by("-pk").filter(action="configure").first()
    assert row is not None
    assert (row.actor, row.detail) == ("administrator", "created project other")


def test_owners_change_their_project_and_nobody_below_does() -> None:
    made = project()
    create_project(actor=ADMIN, partition="default", name="taken")
    key = id_of(made)
    everything: list[tuple[str, dict[str, Any]]] = [
        (CHANGE, {"n": "new"}),
        (DELETE, {}),
        (ADD, {"u": ["1.1"]}),
        (REMOVE, {"u": ["1.1"]}),
        (ADD_PATIENTS, {"p": [{"patientId": "P2"}]}),
        (REMOVE_PATIENTS, {"p": [{"patientId": "P2"}]}),
    ]
    before = traces()
    for mutation, given in everything:
        assert code_of(mutation, "member", id=key, **given) == "FORBIDDEN"
        assert code_of(mutation, "outsider", id=key, **given) == "NOT_FOUND"
        assert code_of(mutation, "auditor", id=key, **given) == "FORBIDDEN"
        for wrong in (make_id("Project", "0"), make_id("Study", "1"), "x"):
            assert code_of(mutation, "owner", id=wrong, **given) == "NOT_FOUND"
    assert code_of(CHANGE, "owner", id=key, n="taken") == "CONFLICT"
    assert code_of(ADD, "owner", id=key, u=["1.2"]) == "NOT_FOUND"  # is not seen
    hidden = [{"patientId": "P2"}]
    assert code_of(ADD_PATIENTS, "owner", id=key, p=hidden) == "NOT_FOUND"
    assert traces() == before
    done = ask(CHANGE, id=key, n="new", actor=acts("owner"))["changeProject"]
    assert done == {"project": {"name": "new", "description": ""}}
    done = ask(REMOVE, id=key, u=["1.1", "1.2"], actor=acts("owner"))
    assert done == {"removeStudiesFromProject": {"number": 1}}
    assert ask("{ studies { totalCount } }", actor=acts("member")) == {
        "studies": {"totalCount": 0}
    }
    assert code_of(DELETE, "owner", id=key, r="x" * 1001) == "INVALID"
    assert ask(DELETE, id=key, r="over", actor=acts("owner"))["deleteProject"] == {
        "id": key
    }
    assert not Project.objects.filter(pk=made.pk).exists()
    assert AuditRecord.objects.filter(detail="deleted project new: over").exists()


def test_what_administrators_put_in_is_seen_by_members() -> None:
    key = id_of(project())
    admin = acts("administrator")
    seen = "{ studies { totalCount } }"
    assert ask(ADD, id=key, u=["1.1", "1.2"], actor=admin) == {
        "addStudiesToProject": {"number": 1}
    }
    assert ask(seen, actor=acts("member"))["studies"]["totalCount"] == 2
    ask(REMOVE, id=key, u=["1.1", "1.2"], actor=admin)
    assert ask(seen, actor=acts("member"))["studies"]["totalCount"] == 0
    patients = [{"patientId": "P2"}]
    done = ask(ADD_PATIENTS, id=key, p=patients, actor=admin)
    assert done == {"addPatientsToProject": {"number": 1}}
    assert ask(seen, actor=acts("member"))["studies"]["totalCount"] == 1
    (node,) = nodes(ask(LIST, actor=admin)["projects"])
    assert (node["numberOfStudies"], node["numberOfPatients"]) == (0, 1)
    done = ask(REMOVE_PATIENTS, id=key, p=patients, actor=admin)
    assert done == {"removePatientsFromProject": {"number": 1}}
    assert ask(seen, actor=acts("member"))["studies"]["totalCount"] == 0
