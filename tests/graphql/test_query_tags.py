"""Query tags in the graph: added, searched by, changed and deleted."""

from typing import Any

import pytest

from core.models import Operation
from core.operation_worker import run_operation
from imaging.models import QueryTag
from tests.graphql.graph import answer, ask
from tests.imaging.query_tags.tagging import instance
from tests.imaging.stores import store

pytestmark = pytest.mark.usefixtures("committing")

ADD = """
mutation ($tags: [QueryTagInput!]!) { addQueryTags(tags: $tags) {
  ... on QueryTagWork { operation { operationId state } }
  ... on Fault { code path message }
} }
"""
TAGS = """
{ queryTags { totalCount edges { node {
  path keyword vr privateCreator level status isEnabled numberOfErrors
  errors { studyInstanceUid message } operation { state percent }
} } } }
"""
STUDIES = """
query ($f: StudyFilter) { studies(filter: $f) { totalCount edges { node {
  studyInstanceUid
} } } }
"""


def work() -> None:
    for operation in Operation.objects.exclude(state="succeeded"):
        while run_operation(operation.pk):
            pass


def add(*paths: str, level: str = "STUDY") -> None:
    added = ask(ADD, tags=[{"path": path, "level": level} for path in paths])
    assert "operation" in added["addQueryTags"], added
    work()


def studies(*matches: dict[str, Any]) -> list[str]:
    found = ask(STUDIES, f={"queryTags": list(matches)})["studies"]
    uids = [edge["node"]["studyInstanceUid"] for edge in found["edges"]]
    assert found["totalCount"] == len(uids)
    return uids


def test_studies_are_found_by_tags() -> None:
    for number, age in enumerate(("010Y", "020Y", "020Y"), 1):
        store(
            instance(
                f"{number}", f"{number}.1", f"{number}.1.1",
                PatientAge=age, PatientWeight=number * 10.5,
            )
        )  # fmt: skip
    add("PatientAge", "PatientWeight")
    assert studies({"tag": "PatientAge", "anyOf": ["020Y"]}) == ["3", "2"]
    assert studies({"tag": "00101010", "anyOf": ["0?0Y"]}) == ["3", "2", "1"]
    heavy = {"tag": "PatientWeight", "anyOf": ["15-25"]}
    assert studies({"tag": "PatientAge", "anyOf": ["020Y"]}, heavy) == ["2"]
    assert studies({"tag": "PatientAge", "empty": True}) == []


def test_series_and_instances_are_found_by_tags_of_their_levels_and_above() -> None:
    store(instance("1", "1.1", "1.1.1", PatientAge="010Y", ProtocolName="Head"))
    store(instance("1", "1.2", "1.2.1", PatientAge="010Y", ProtocolName="Neck"))
    add("PatientAge")
    add("ProtocolName", level="SERIES")
    age = {"tag": "PatientAge", "anyOf": ["010Y"]}
    query = """
    query ($f: SeriesFilter) { series(filter: $f) { edges { node {
      seriesInstanceUid
    } } } }
    """
    given = {
        "queryTags": [{"tag": "ProtocolName", "anyOf": ["he*"]}],
        "study": {"queryTags": [age]},
    }
    found = ask(query, f=given)["series"]["edges"]
    assert [edge["node"]["seriesInstanceUid"] for edge in found] == ["1.1"]
    query = """
    query ($f: InstanceFilter) { instances(filter: $f) { edges { node {
      sopInstanceUid
    } } } }
    """
    found = ask(query, f={"series": given})["instances"]["edges"]
    assert [edge["node"]["sopInstanceUid"] for edge in found] == ["1.1.1"]
    # And those below a study that was found.
    query = """
    query ($f: SeriesFilter) { studies { edges { node { series(filter: $f) {
      totalCount edges { node { seriesInstanceUid } }
    } } } } }
    """
    (edge,) = ask(query, f=given)["studies"]["edges"]
    assert edge["node"]["series"]["totalCount"] == 1


@pytest.mark.parametrize(
    ("match", "said"),
    [
        ({"tag": "PatientAge", "anyOf": ["x"]}, "indexed"),
        ({"tag": "PatientWeight", "anyOf": ["1"]}, "no query tag"),
        ({"tag": "<script>", "anyOf": ["1"]}, "%3Cscript%3E"),
        ({"tag": "ProtocolName", "anyOf": ["1"]}, "level"),
        ({"tag": "PatientState", "anyOf": ["1"]}, "disabled"),
        ({"tag": "PatientAddress", "anyOf": []}, "something"),
    ],
)
def test_what_cannot_be_asked_is_refused(match: dict[str, Any], said: str) -> None:
    add("PatientState", "PatientAddress")
    add("ProtocolName", level="SERIES")
    QueryTag.objects.filter(path="00380500").update(is_enabled=False)
    ask(ADD, tags=[{"path": "PatientAge", "level": "STUDY"}])
    whole = answer(STUDIES, f={"queryTags": [match]})
    (error,) = whole["errors"]
    assert error["extensions"]["code"] == "INVALID"
    assert said in error["message"]


def test_tags_are_listed_changed_and_deleted() -> None:
    added = ask(ADD, tags=[{"path": "PatientAge", "level": "STUDY"}])
    assert added["addQueryTags"]["operation"]["state"] == "NOT_STARTED"
    (edge,) = ask(TAGS)["queryTags"]["edges"]
    assert edge["node"] == {
        "path": "00101010",
        "keyword": "PatientAge",
        "vr": "AS",
        "privateCreator": "",
        "level": "STUDY",
        "status": "ADDING",
        "isEnabled": True,
        "numberOfErrors": 0,
        "errors": [],
        "operation": {"state": "NOT_STARTED", "percent": 0},
    }
    work()
    changed = ask(
        'mutation { setQueryTagStatus(path: "PatientAge", isEnabled: false) {'
        " ... on ChangedQueryTag { queryTag { status isEnabled } } } }"
    )
    state = {"status": "READY", "isEnabled": False}
    assert changed["setQueryTagStatus"] == {"queryTag": state}
    again = ask(ADD, tags=[{"path": "00101010", "level": "SERIES"}])["addQueryTags"]
    assert (again["code"], again["path"]) == ("CONFLICT", "path")
    bad = ask(ADD, tags=[{"path": "PatientName", "level": "STUDY"}])["addQueryTags"]
    assert (bad["code"], bad["path"]) == ("INVALID", "path")
    deleted = ask(
        'mutation { deleteQueryTag(path: "PatientAge") {'
        " ... on QueryTagWork { operation { kind } } } }"
    )
    kind = {"kind": "remove-query-tag"}
    assert deleted["deleteQueryTag"] == {"operation": kind}
    work()
    assert ask('{ queryTag(path: "PatientAge") { path } }') == {"queryTag": None}
    assert ask(TAGS)["queryTags"]["totalCount"] == 0
