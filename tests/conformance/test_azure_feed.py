"""The change feed, partitions and operations of Azure's DICOM service, by its cases.

Those of ``/v1`` and ``/v2``, and where the rules without a version differ.
"""

import secrets
from typing import Any

import pytest

from core import changefeed
from core.models import Operation
from core.partitions import change_partition, create_partition
from imaging.delete import delete_instances
from tests.imaging.dicomweb.asking import BASE, ask, send
from tests.imaging.stores import ADMIN, received, store

BOTH = pytest.mark.parametrize("version", ["/v1", "/v2"])
pytestmark = pytest.mark.usefixtures("committing")  # refusals are audited, in threads
ALL = pytest.mark.parametrize("version", ["", "/v1", "/v2"])


@pytest.fixture
def study(committing: None) -> str:
    return f"1.{secrets.randbits(60)}"


def entries(version: str, **params: Any) -> list[dict[str, Any]]:
    answer = ask(f"{version}/changefeed", **params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def store_some(study: str, number: int) -> int:
    """Store instances one by one; return the number of the first one's entry."""
    first = changefeed.head() + 1
    for sop in range(number):
        store(received(study, "2", str(sop)))
    return first


def delete(study: str) -> None:
    delete_instances(actor=ADMIN, partition="default", study_instance_uid=study)


# v1 ---------------------------------------------------------------------------------


def test_v1_answers_ten_in_the_order_of_their_numbers(study: str) -> None:
    first = store_some(study, 12)
    found = entries("/v1", offset=first - 1)
    assert [each["sequence"] for each in found] == list(range(first, first + 10))
    found = entries("/v1", offset=first - 1, limit=100)
    assert [each["sopInstanceUid"] for each in found] == list(map(str, range(12)))


def test_v1_has_an_offset_that_is_a_number_which_is_left_out(study: str) -> None:
    first = store_some(study, 3)
    found = entries("/v1", offset=first)
    assert [each["sequence"] for each in found] == [first + 1, first + 2]


def test_v1_has_a_limit_that_counts_rows_across_holes(study: str) -> None:
    first = store_some(study, 1)
    for number in range(3):  # entries of the feed that are about no instance
        create_partition(actor=ADMIN, name=f"{study}-{number}")
    store(received(study, "2", "after"))
    found = entries("/v1", offset=first - 1, limit=2)
    assert [each["sopInstanceUid"] for each in found] == ["0", "after"]


def test_v1_has_no_window_of_time(study: str) -> None:
    first = store_some(study, 1)
    params = {"startTime": "nonsense", "endTime": "1990-01-01T00:00:00Z"}
    assert len(entries("/v1", offset=first - 1, **params)) == 1


# v2 ---------------------------------------------------------------------------------


def test_v2_has_an_offset_that_counts_rows_of_the_window(study: str) -> None:
    first = store_some(study, 4)
    at = entries("", after=first - 1, limit=1)[0]["timestamp"]
    found = entries("/v2", startTime=at, offset=1, limit=2)
    assert [each["sequence"] for each in found] == [first + 1, first + 2]
    assert entries("/v2", startTime=at, offset=4) == []


def test_v2_includes_the_begin_of_the_window_and_excludes_its_end(study: str) -> None:
    first = store_some(study, 3)
    at = [each["timestamp"] for each in entries("", after=first - 1)]
    found = entries("/v2", startTime=at[0], endTime=at[2])
    assert [each["sequence"] for each in found] == [first, first + 1]


def test_v2_answers_a_hundred_unless_told(study: str) -> None:
    start = changefeed.head()
    store(*(received(study, "2", str(sop)) for sop in range(101)))
    at = entries("", after=start, limit=1)[0]["timestamp"]
    assert len(entries("/v2", startTime=at, includeMetadata="false")) == 100
    assert len(entries("/v2", startTime=at, includeMetadata="false", limit=200)) == 101


# What both refuse -------------------------------------------------------------------


@pytest.mark.parametrize(
    "params",
    [
        {"startTime": "2026-01-01T00:00:00"},
        {"endTime": "2026-01-01T00:00:00"},
        {"startTime": "2026-01-01T00:00:00Z", "endTime": "2026-01-01T00:00:00Z"},
        {"startTime": "2026-01-01T01:00:00+01:00", "endTime": "2026-01-01T00:00:00Z"},
        {"startTime": "2026-01-02T00:00:00Z", "endTime": "2026-01-01T00:00:00Z"},
        {"startTime": "yesterday"},
        {"limit": "201"},
    ],
)
def test_v2_refuses_bad_windows_and_limits(params: dict[str, str]) -> None:
    assert ask("/v2/changefeed", **params).status_code == 400


def test_v1_refuses_more_than_a_hundred() -> None:
    assert ask("/v1/changefeed", limit="101").status_code == 400
    assert ask("/v1/changefeed", limit="100").status_code == 200
    assert ask("/changefeed", limit="1000").status_code == 200
    assert ask("/changefeed", limit="1001").status_code == 400


@ALL
@pytest.mark.parametrize(
    "params",
    [
        {"limit": "0"},
        {"limit": "-1"},
        {"limit": "ten"},
        {"offset": "-1"},
        {"offset": "x"},
        {"includeMetadata": "0"},
        {"includeMetadata": "true-ish"},
    ],
)
@pytest.mark.parametrize("path", ["/changefeed", "/changefeed/latest"])
def test_bad_numbers_and_truths_are_refused(
    version: str, path: str, params: dict[str, str]
) -> None:
    assert ask(version + path, **params).status_code == 400


# Entries ----------------------------------------------------------------------------


@ALL
def test_an_entry_has_its_members_in_camel_case(version: str, study: str) -> None:
    store(received(study, "2", "3"))
    entry = ask(f"{version}/changefeed/latest").json()
    assert set(entry) == {
        "sequence", "partitionName", "studyInstanceUid", "seriesInstanceUid",
        "sopInstanceUid", "action", "timestamp", "state", "metadata",
    }  # fmt: skip
    assert (entry["action"], entry["state"]) == ("create", "current")


@ALL
def test_create_delete_create_is_replaced_replaced_current(
    version: str, study: str
) -> None:
    start = changefeed.head()
    store(received(study, "2", "3"))
    delete(study)
    found = of_study(version, start, study)
    assert [(each["action"], each["state"]) for each in found] == [
        ("create", "deleted"),
        ("delete", "deleted"),
    ]
    assert all("metadata" not in each for each in found)
    store(received(study, "2", "3"))
    found = of_study(version, start, study)
    assert [(each["action"], each["state"]) for each in found] == [
        ("create", "replaced"),
        ("delete", "replaced"),
        ("create", "current"),
    ]


def of_study(version: str, start: int, study: str) -> list[dict[str, Any]]:
    """Return the entries of a study after number `start`."""
    params = {"offset": start} if version == "/v1" else {"limit": 200}
    return [
        each
        for each in entries(version, **params)
        if (each["studyInstanceUid"], each["sequence"] > start) == (study, True)
    ]


@BOTH
def test_old_rows_show_the_metadata_of_the_current_version(
    version: str, study: str
) -> None:
    start = changefeed.head()
    store(received(study, "2", "3", date="20200101"))
    store(received(study, "2", "3", date="20210101"), replace=True)
    dates = [
        each["metadata"]["00080020"]["Value"]
        for each in of_study(version, start, study)
    ]
    assert dates == [["20210101"], ["20210101"]]


def test_without_a_version_they_show_that_of_their_moment(study: str) -> None:
    start = changefeed.head()
    store(received(study, "2", "3", date="20200101"))
    store(received(study, "2", "3", date="20210101"), replace=True)
    found = of_study("", start, study)
    dates = [each["metadata"]["00080020"]["Value"] for each in found]
    assert dates == [["20200101"], ["20210101"]]


@ALL
def test_metadata_is_left_out_of_both_endpoints_when_not_asked_for(
    version: str, study: str
) -> None:
    first = store_some(study, 1)
    latest = ask(f"{version}/changefeed/latest", includeMetadata="false").json()
    assert latest["sequence"] == first
    assert "metadata" not in latest
    found = of_study(version, first - 1, study)
    assert all("metadata" in each for each in found)
    params = {"offset": first - 1} if version == "/v1" else {}
    found = entries(version, includeMetadata="False", **params)
    assert found
    assert all("metadata" not in each for each in found)


@ALL
def test_the_latest_of_an_empty_feed_is_no_content(version: str) -> None:
    assert changefeed.head() == 0
    answer = ask(f"{version}/changefeed/latest")
    assert (answer.status_code, answer.content) == (204, b"")
    assert entries(version) == []


@ALL
def test_the_feed_is_one_for_all_partitions(version: str, study: str) -> None:
    name = f"p-{secrets.token_hex(4)}"
    store(received(study, "2", "3"), partition=name)
    assert ask(f"{version}/changefeed/latest").json()["partitionName"] == name
    answer = ask(f"{version}/partitions/{name}/changefeed")
    assert answer.status_code == 404


@BOTH
def test_only_azures_parameters_are_known_there(version: str, study: str) -> None:
    """It passes over what it does not know here, and so do its dialects."""
    store_some(study, 2)
    start = {"offset": changefeed.head() - 2} if version == "/v1" else {}
    ours = {"after": "x", "action": "no", "partition": "no", "wait": "no"}
    answer = send(f"{version}/changefeed", params={**start, **ours})
    assert len(answer.json()) == 2
    assert "link" not in answer.headers
    headers = {"accept": "text/event-stream"}
    answer = send(f"{version}/changefeed", headers=headers, params=start)
    assert answer.headers["content-type"] == "application/json"


# Partitions -------------------------------------------------------------------------


@BOTH
def test_partitions_are_listed_with_three_members(version: str) -> None:
    name = f"p-{secrets.token_hex(4)}"
    store(received("1", "2", "3"), partition=name)
    change_partition(actor=ADMIN, name=name, is_disabled=True)
    (row,) = (
        each
        for each in ask(f"{version}/partitions").json()
        if each["partitionName"] == name
    )
    assert set(row) == {"partitionKey", "partitionName", "createdDate"}


@BOTH
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/partitions", 405),
        ("GET", "/partitions/default", 404),
        ("PATCH", "/partitions/default", 404),
        ("DELETE", "/partitions/default", 404),
    ],
)
def test_partitions_are_only_listed_there(
    version: str, method: str, path: str, status: int
) -> None:
    body = {"partitionName": "other"} if method in {"POST", "PATCH"} else None
    assert send(version + path, method, json=body).status_code == status


# Operations -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "status"),
    [("/v1", "completed"), ("/v2", "succeeded"), ("", "succeeded")],
)
def test_an_operation_that_ended_well(version: str, status: str) -> None:
    operation = Operation.objects.create(
        kind="import", actor="test", state="succeeded", percent=100, result={"n": 1}
    )
    answer = ask(f"{version}/operations/{operation.pk}")
    assert answer.status_code == 200
    assert "location" not in answer.headers
    row = answer.json()
    assert row.pop("createdTime") <= row.pop("lastUpdatedTime")
    extra = {} if version else {"numberOfErrors": 0}
    assert row == {
        "operationId": str(operation.pk),
        "type": "import",
        "status": status,
        "percentComplete": 100,
        "resources": [],
        "results": {"n": 1},
        **extra,
    }


@BOTH
@pytest.mark.parametrize("state", ["notStarted", "running"])
def test_an_operation_that_goes_on_says_where_to_ask(version: str, state: str) -> None:
    operation = Operation.objects.create(kind="import", actor="test", state=state)
    answer = ask(f"{version}/operations/{operation.pk}")
    assert answer.status_code == 202
    address = f"{BASE}{version}/operations/{operation.pk}"
    assert answer.headers["location"] == address
    assert answer.json()["status"] == state
    assert "results" not in answer.json()


@BOTH
@pytest.mark.parametrize("state", ["failed", "canceled"])
def test_an_operation_that_ended_badly_is_200(version: str, state: str) -> None:
    operation = Operation.objects.create(
        kind="import", actor="test", state=state, error="odd"
    )
    answer = ask(f"{version}/operations/{operation.pk}")
    assert (answer.status_code, answer.json()["status"]) == (200, state)
    assert "error" not in answer.json()


@ALL
def test_an_unknown_operation_is_404(version: str) -> None:
    path = f"{version}/operations/00000000-0000-0000-0000-000000000000"
    assert ask(path).status_code == 404
