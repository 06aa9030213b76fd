"""Studies, series and instances in the graph: found, connected, described."""

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest
from django.contrib.auth.models import Group
from pydicom.dataset import Dataset

from core import authentication
from core.accounts.grants import Level, grant, scope_of
from core.followers import run_until_caught_up
from core.graphql.nodes import make_id
from core.models import Account, Partition, ScopeKind
from core.partitions import names as partition_names
from fhirlink.events.follower import EventFollower
from fhirlink.store import update
from imaging.graphql.filters import (
    KEYWORDS,
    InstanceFilter,
    RequestAttributesMatch,
    SeriesFilter,
    StudyFilter,
)
from imaging.models import Study
from imaging.projects import create_project, scope
from tests.graphql.graph import HOST, ask, errors, send
from tests.imaging.dicomweb.service import Service
from tests.imaging.query_tags.tagging import ready
from tests.imaging.stores import ADMIN
from tests.synthetic import instance
from tests.worklist import steps
from worklist.change_state import change_state
from worklist.create import create_workitem
from worklist.rules import State

pytestmark = pytest.mark.usefixtures("committing")

BUDGETS: Final = Path(__file__).with_name("query_counts.json")
STUDIES: Final = """
query ($p: String, $f: StudyFilter) { studies(partition: $p, filter: $f) {
  edges { node { uid: studyInstanceUid } } } }
"""
TREE: Final = """
query ($p: String) { studies(partition: $p, sort: ["StudyDate"]) { edges { node {
  studyInstanceUid studyDate patientName { alphabetic } modalitiesInStudy
  numberOfStudyRelatedInstances
  series { edges { node { modality seriesNumber
    study { studyInstanceUid }
    instances { totalCount edges { node { instanceNumber rows
      series { seriesInstanceUid } } } } } } } } } } }
"""


@pytest.fixture
def service() -> Service:
    made = Service()
    made.store(
        instance(StudyInstanceUID="1.1", SeriesInstanceUID="1.1.2", SeriesNumber=2),
        instance(
            StudyInstanceUID="1.1",
            SeriesInstanceUID="1.1.1",
            Modality="MR",
            InstanceNumber=7,
        ),
        instance(
            StudyInstanceUID="1.1",
            SeriesInstanceUID="1.1.1",
            Modality="MR",
            InstanceNumber=5,
        ),
        instance(
            StudyInstanceUID="1.2",
            StudyDate="20210101",
            PatientID="P2",
            PatientName="Müller^Äda",
            AccessionNumber=None,
        ),
    )
    return made


def nodes(connection: dict[str, Any]) -> list[Any]:
    return [edge["node"] for edge in connection["edges"]]


def test_a_study_with_all_below_it(service: Service) -> None:
    first, second = nodes(ask(TREE, p=service.name)["studies"])
    assert first["studyInstanceUid"] == "1.1"
    assert first["studyDate"] == "20200131"
    assert first["patientName"] == {"alphabetic": "Doe^Jane"}
    assert first["modalitiesInStudy"] == ["CT", "MR"]
    assert first["numberOfStudyRelatedInstances"] == 3
    mr, ct = nodes(first["series"])
    assert (mr["modality"], mr["seriesNumber"]) == ("MR", 1)
    assert ct["seriesNumber"] == 2
    assert mr["study"] == {"studyInstanceUid": "1.1"}
    assert mr["instances"]["totalCount"] == 2
    assert [each["instanceNumber"] for each in nodes(mr["instances"])] == [5, 7]
    found = nodes(mr["instances"])[0]
    assert found["series"] == {"seriesInstanceUid": "1.1.1"}
    assert found["rows"] == 4
    assert second["studyInstanceUid"] == "1.2"


def test_statements_do_not_grow_with_the_page(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The budgets are reviewed: a field that needs more statements is a change."""
    # On a slow machine these would be looked up anew in the midst.
    for module in (partition_names, authentication):
        monkeypatch.setattr(module, "KEPT_S", 3600.0)
    partition_names.forget()
    budgets = json.loads(BUDGETS.read_text(encoding="utf-8"))
    service.store(*(instance(PatientAge="053Y") for _ in range(12)))
    ready("PatientAge", *(f"001021{n:02X}" for n in (0x54, 0x60, 0x80, 0xB0)))
    people_and_projects(service.name, 12)
    patients_of_record(service.name, 12)
    work(service.name, 12)
    for name, budget in budgets.items():
        for first in (1, 5, 10):
            given: dict[str, Any] = {"first": first, "p": service.name}
            with statements() as made:
                ask(budget["query"], **given)
            assert len(made) <= budget["statements"], (name, first, made)


def people_and_projects(partition: str, number: int) -> None:
    """Make accounts with roles, projects, and grants of each to each."""
    key = Partition.objects.get(name=partition).pk
    studies = Study.objects.filter(partition=key).values_list("pk", flat=True)
    for n, study in zip(range(number), studies, strict=False):
        account = Account.objects.create(username=f"a{n:02}")
        account.groups.add(*Group.objects.all()[: n % 4])
        made = create_project(actor=ADMIN, partition=partition, name=f"p{n:02}")
        for on in (scope(made), scope_of(ScopeKind.STUDY, study, key)):
            grant(actor=ADMIN, scope=on, to=account, level=Level.SEE)


def work(partition: str, number: int) -> None:
    """Make workitems, each on a list of its own and claimed by another account."""
    studies = Study.objects.values_list("study_instance_uid", flat=True)
    for n, uid in zip(range(number), studies, strict=False):
        stations = [steps.code("CT1", "Scanner")]
        model = steps.step(label=f"list {n}", study=uid, stations=stations)
        made = create_workitem(actor=ADMIN, partition=partition, model=model)
        actor = replace(ADMIN, account_id=Account.objects.get(username=f"a{n:02}").pk)
        change_state(
            actor=actor,
            partition=partition,
            uid=made,
            state=State.IN_PROGRESS,
            transaction_uid=None,
        )


def patients_of_record(partition: str, number: int) -> None:
    """Make patients with conditions, values, and a study that was asked for."""
    studies = Study.objects.filter(partition__name=partition)
    uids = studies.values_list("study_instance_uid", flat=True)
    for n, uid in zip(range(number), uids, strict=False):
        identifier = [{"system": "urn:dicom:uid", "value": f"urn:oid:{uid}"}]
        order = [{"reference": f"ServiceRequest/r{n}"}]
        for type_, more in (
            ("Patient", {"name": [{"text": f"P{n}"}]}),
            ("Condition", {"code": {"text": "pain"}}),
            (
                "Observation",
                {"status": "final", "code": {"text": "x"}, "valueString": "none"},
            ),
            ("ServiceRequest", {"status": "active", "intent": "order"}),
            (
                "ImagingStudy",
                {"status": "available", "identifier": identifier, "basedOn": order},
            ),
        ):
            content = {"resourceType": type_, "id": f"r{n}", **more}
            if type_ != "Patient":
                content["subject"] = {"reference": f"Patient/r{n}"}
            update(
                actor=ADMIN,
                partition=partition,
                type_=type_,
                fhir_id=f"r{n}",
                content=content,
            )
    run_until_caught_up(EventFollower())


def test_filters_find_what_qido_finds(service: Service) -> None:
    for given, expected in (
        ({"patientId": {"anyOf": ["p2"]}}, ["1.2"]),
        ({"patientId": {"anyOf": ["P*"]}}, ["1.2", "1.1"]),
        ({"patientName": {"anyOf": ["ada mul"], "fuzzy": True}}, []),
        ({"patientName": {"anyOf": ["mul ada"], "fuzzy": True}}, ["1.2"]),
        ({"patientName": {"anyOf": ["muller^ada"]}}, ["1.2"]),
        ({"studyDate": {"from": "20210101"}}, ["1.2"]),
        ({"studyDate": {"until": "20201231"}}, ["1.1"]),
        ({"studyDate": {"anyOf": ["20200131", "20210101"]}}, ["1.2", "1.1"]),
        ({"accessionNumber": {"empty": True}}, ["1.2"]),
        ({"accessionNumber": {"anyOf": ["ACC1"], "empty": True}}, ["1.2", "1.1"]),
        ({"modalitiesInStudy": {"anyOf": ["MR", "US"]}}, ["1.1"]),
        ({"modalitiesInStudy": {"allOf": ["MR", "CT"]}}, ["1.1"]),
        ({"modalitiesInStudy": {"allOf": ["MR", "US"]}}, []),
        ({"studyInstanceUid": ["1.1", "1.3"]}, ["1.1"]),
        (
            {"patientSex": {"anyOf": ["F"]}, "studyId": {"anyOf": ["S1"]}},
            ["1.2", "1.1"],
        ),
        (
            {
                "studyDate": {"from": "20200131", "until": "20200131"},
                "studyTime": {"from": "1425", "until": "1426"},
                "timezoneOffsetFromUtc": "+0000",
            },
            ["1.1"],
        ),
    ):
        assert found(STUDIES, given, service) == expected, given


def test_series_and_instances_are_found_by_those_above_them(service: Service) -> None:
    series = "query ($p: String, $f: SeriesFilter) { series(partition: $p, filter: $f)"
    series += " { edges { node { uid: seriesInstanceUid } } } }"
    given: Any = {
        "modality": {"anyOf": ["MR"]},
        "study": {"patientId": {"anyOf": ["P1"]}},
    }
    assert found(series, given, service) == ["1.1.1"]
    given["study"]["patientId"]["anyOf"] = ["P2"]
    assert found(series, given, service) == []
    instances = "query ($p: String, $f: InstanceFilter) { instances(partition: $p,"
    instances += " filter: $f) { edges { node { uid: seriesInstanceUid } } } }"
    given = {"instanceNumber": [5, 6], "series": {"seriesNumber": [1]}}
    assert found(instances, given, service) == ["1.1.1"]


def test_items_of_a_sequence_match_as_a_whole() -> None:
    service = Service()
    items = [("STEP1", "PROC1"), ("STEP2", "PROC2")]
    service.store(
        instance(RequestAttributesSequence=[request(*item) for item in items])
    )
    query = "query ($p: String, $f: SeriesFilter) { series(partition: $p, filter: $f)"
    query += " { totalCount } }"
    for step, procedure, number in (("STEP1", "PROC1", 1), ("STEP1", "PROC2", 0)):
        match = {
            "scheduledProcedureStepId": {"anyOf": [step]},
            "requestedProcedureId": {"anyOf": [procedure]},
        }
        given = {"requestAttributesSequence": match}
        assert ask(query, p=service.name, f=given)["series"]["totalCount"] == number


def test_every_searchable_attribute_has_a_field() -> None:
    own = {
        f"{prefix}{field.name}"
        for kind, prefix in (
            (StudyFilter, ""),
            (SeriesFilter, ""),
            (InstanceFilter, ""),
            (RequestAttributesMatch, "request_attributes_sequence."),
        )
        for field in dataclasses.fields(kind)
    }
    assert set(KEYWORDS) <= own


@pytest.mark.parametrize("sort", [None, ["PatientName"], ["-StudyDate", "PatientID"]])
def test_pages_follow_one_another(service: Service, sort: list[str] | None) -> None:
    service.store(*(instance(PatientName=f"N{n % 3}") for n in range(7)))
    query = "query ($p: String, $s: [String!], $n: Int!, $a: String) { studies("
    query += "partition: $p, sort: $s, first: $n, after: $a) { totalCount pageInfo {"
    query += " hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node"
    query += " { uid: studyInstanceUid } } } }"
    whole = ask(query, p=service.name, s=sort, n=50)["studies"]
    assert whole["totalCount"] == 9
    assert whole["pageInfo"]["hasNextPage"] is False
    uids = [each["uid"] for each in nodes(whole)]
    for size in (2, 4):
        seen: list[str] = []
        after = None
        while True:
            page = ask(query, p=service.name, s=sort, n=size, a=after)["studies"]
            seen += [each["uid"] for each in nodes(page)]
            info = page["pageInfo"]
            assert info["hasPreviousPage"] is (after is not None)
            assert info["endCursor"] == page["edges"][-1]["cursor"]
            if not info["hasNextPage"]:
                break
            after = info["endCursor"]
        assert seen == uids


def test_pages_below_a_study_follow_one_another(service: Service) -> None:
    service.store(
        *(
            instance(StudyInstanceUID="1.9", SeriesNumber=n % 4 or None)
            for n in range(9)
        )
    )
    query = "query ($p: String!, $a: String) { study(partition: $p,"
    query += ' studyInstanceUid: "1.9") { series(first: 4, after: $a) { totalCount'
    query += " pageInfo { hasNextPage endCursor } edges { node { seriesNumber"
    query += " uid: seriesInstanceUid } } } } }"
    seen: list[Any] = []
    after = None
    for _ in range(3):
        page = ask(query, p=service.name, a=after)["study"]["series"]
        assert page["totalCount"] == 9
        seen += nodes(page)
        after = page["pageInfo"]["endCursor"]
    assert page["pageInfo"]["hasNextPage"] is False
    assert len({each["uid"] for each in seen}) == 9
    numbers = [each["seriesNumber"] for each in seen]
    assert numbers == [None, None, None, 1, 1, 2, 2, 3, 3]


def test_a_cursor_of_another_order_is_refused(service: Service) -> None:
    query = "query ($s: [String!], $a: String) { studies(sort: $s, first: 1, after: $a)"
    query += " { pageInfo { endCursor } } }"
    cursor = ask(query)["studies"]["pageInfo"]["endCursor"]
    assert errors(query, a=cursor, s=["StudyDate"]) == [
        {"code": "INVALID", "path": "cursor"}
    ]
    assert errors(query, a="no")[0]["code"] == "INVALID"


def test_any_attribute_can_be_asked_for(service: Service) -> None:
    query = "query ($p: String) { studies(partition: $p, first: 1) { edges { node {"
    query += ' attributes(keywords: ["StudyTime", "00100010"])'
    query += " { tag keyword vr value } } } }"
    query += " instances(partition: $p, first: 1) { edges { node { attributes("
    query += ' keywords: ["Manufacturer", "00111001", "AnatomicRegionSequence",'
    query += ' "PixelData", "Rows"]) { tag keyword vr value bulkDataUri } } } } }'
    data = ask(query, p=service.name)
    assert nodes(data["studies"])[0]["attributes"] == [
        {"tag": "00080030", "keyword": "StudyTime", "vr": "TM", "value": ["142530"]},
        {
            "tag": "00100010",
            "keyword": "PatientName",
            "vr": "PN",
            "value": [{"Alphabetic": "Müller^Äda"}],
        },
    ]
    made = nodes(data["instances"])[0]["attributes"]
    by_tag = {each["tag"]: each for each in made}
    assert by_tag["00080070"]["value"] == ["ACME"]
    assert by_tag["00111001"]["value"] == ["private text"]
    assert by_tag["00111001"]["keyword"] is None
    assert by_tag["00280010"]["value"] == [4]
    assert by_tag["7FE00010"]["value"] is None
    assert by_tag["7FE00010"]["bulkDataUri"].startswith(f"{HOST}/dicomweb/partitions/")
    bad = (
        "{ studies(first: 1) { edges { node { attributes(keywords: %s) { tag } } } } }"
    )
    for keywords in ('["NoSuchThing"]', json.dumps(["Rows"] * 101)):
        assert errors(bad % keywords)[0] == {"code": "INVALID", "path": "keywords"}


def test_dicom_json_is_what_dicomweb_answers(service: Service) -> None:
    query = "query ($p: String) { instances(partition: $p, first: 1) { edges { node {"
    query += " retrieveUrl dicomJson } } }"
    query += " studies(partition: $p, first: 1) { edges { node { dicomJson } } } }"
    data = ask(query, p=service.name)
    (found,) = nodes(data["instances"])
    metadata = send("GET", url=f"{found['retrieveUrl']}/metadata").json()[0]
    assert metadata.items() <= found["dicomJson"].items()
    assert nodes(data["studies"])[0]["dicomJson"]["00100010"]["Value"] == [
        {"Alphabetic": "Müller^Äda"}
    ]


def test_every_object_is_found_by_its_id(service: Service) -> None:
    query = "query ($p: String) { studies(partition: $p, first: 1) { edges { node {"
    query += " id partition { id name } series { edges { node { id instances { edges"
    query += " { node { id } } } } } } } } } }"
    study = nodes(ask(query, p=service.name)["studies"])[0]
    series = nodes(study["series"])[0]
    single = nodes(series["instances"])[0]
    again = "query ($id: ID!) { node(id: $id) { __typename id } }"
    for kind, each in (
        ("Study", study),
        ("Series", series),
        ("Instance", single),
        ("Partition", study["partition"]),
    ):
        found = ask(again, id=each["id"])["node"]
        assert found == {"__typename": kind, "id": each["id"]}
    assert study["partition"]["name"] == service.name


def test_what_is_no_id_finds_nothing(service: Service) -> None:
    query = "query ($id: ID!) { node(id: $id) { id } }"
    for made in ("", "x", "%%%", "a" * 5000, "\u00e9", make_id("Fault", "1")):
        assert ask(query, id=made)["node"] is None
    for name in ("", "/", f"{service.name}/1.99", f"{service.name}/1.1/1", "no/1.1"):
        assert ask(query, id=make_id("Study", name))["node"] is None
    assert ask(query, id=make_id("Operation", "no"))["node"] is None


def test_bad_values_are_named(service: Service) -> None:
    for given, path in (
        ({"studyDate": {"anyOf": ["20201399"]}}, "StudyDate"),
        ({"studyTime": {"from": "9999"}}, "StudyTime"),
        ({"patientId": {}}, "filter"),
        ({"modalitiesInStudy": {"allOf": ["CT"], "anyOf": ["CT"]}}, "filter"),
        ({"timezoneOffsetFromUtc": "noon"}, "TimezoneOffsetFromUTC"),
    ):
        (error,) = errors(STUDIES, p=service.name, f=given)
        assert error == {"code": "INVALID", "path": path}
    assert errors("{ studies(first: 201) { totalCount } }")[0]["path"] == "first"
    assert errors('{ studies(sort: ["Rows"]) { totalCount } }')[0]["path"] == "sort"
    for bad in ('studyInstanceUid: ["x"]', "studyDate: {from: 2020}"):
        query = f"{{ studies(filter: {{{bad}}}) {{ totalCount }} }}"
        assert errors(query)[0]["code"] == "INVALID"


def found(query: str, given: Any, service: Service) -> list[str]:
    data = ask(query, p=service.name, f=given)
    return [each["uid"] for each in nodes(next(iter(data.values())))]


def request(step: str, procedure: str) -> Dataset:
    item = Dataset()
    item.ScheduledProcedureStepID = step
    item.RequestedProcedureID = procedure
    return item


@contextmanager
def statements() -> Iterator[list[str]]:
    """Yield a list of the statements that are run, but for who asks and audit."""
    made: list[str] = []
    execute = psycopg.Cursor.execute

    def watched(self: Any, query: Any, *args: Any, **more: Any) -> Any:
        text = str(query)
        if "core_auditrecord" not in text and not text.startswith(("SET", "SELECT 1")):
            made.append(text)
        return execute(self, query, *args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", watched)
        yield made
