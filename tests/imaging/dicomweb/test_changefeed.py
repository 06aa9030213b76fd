"""``/changefeed``, ``/partitions``, ``/operations`` and ``DELETE`` over HTTP."""

import secrets
from typing import Any
from uuid import uuid4

import pytest

from core import changefeed
from core.models import Operation
from core.partitions import change_partition, get_partition
from imaging.delete import delete_instances
from tests.actors import READING, acting
from tests.imaging.dicomweb.asking import ask, send
from tests.imaging.stores import ADMIN, received, store

pytestmark = pytest.mark.usefixtures("committing")


@pytest.fixture
def study() -> str:
    return f"1.{secrets.randbits(60)}"


@pytest.fixture
def start() -> int:
    return changefeed.head()


def test_entries_are_camel_case_json(study: str, start: int) -> None:
    store(received(study, "2", "3"))
    answer = ask("/changefeed", after=start, limit=1)
    assert answer.headers["content-type"] == "application/json"
    (entry,) = answer.json()
    assert entry.pop("timestamp")
    assert entry.pop("metadata")["00080018"] == {"vr": "UI", "Value": ["3"]}
    assert entry == {
        "sequence": start + 1,
        "partitionName": "default",
        "studyInstanceUid": study,
        "seriesInstanceUid": "2",
        "sopInstanceUid": "3",
        "action": "create",
        "state": "current",
    }


def test_a_full_page_leads_on(study: str, start: int) -> None:
    store(received(study, "2", "3"), received(study, "2", "4"))
    answer = ask("/changefeed", after=start, limit=1, includeMetadata="false")
    assert answer.headers["link"] == (
        f"<http://h/dicomweb/changefeed?limit=1&includeMetadata=false"
        f'&after={start + 1}>; rel="next"'
    )
    answer = ask("/changefeed", after=start, studyInstanceUid=study)
    assert [each["sopInstanceUid"] for each in answer.json()] == ["3", "4"]
    assert "link" not in answer.headers


def test_the_end_of_the_feed_is_an_empty_list(start: int) -> None:
    answer = ask("/changefeed", after=start)
    assert (answer.status_code, answer.content) == (200, b"[]")


def test_the_latest_entry(study: str) -> None:
    store(received(study, "2", "3"))
    entry = ask("/changefeed/latest", includeMetadata="false").json()
    assert (entry["studyInstanceUid"], "metadata" in entry) == (study, False)


def test_a_window_of_time(study: str, start: int) -> None:
    store(received(study, "2", "3"))
    (entry,) = ask("/changefeed", after=start).json()
    at = entry["timestamp"]
    assert len(ask("/changefeed", after=start, startTime=at).json()) == 1
    assert ask("/changefeed", after=start, endTime=at).json() == []
    old = {"startTime": "0001-01-01T00:00:00+14:00", "endTime": "2020-01-01T00:00:00Z"}
    assert ask("/changefeed", **old).json() == []


def sops(**params: Any) -> list[tuple[str, str]]:
    answer = ask("/changefeed", includeMetadata="false", **params)
    assert answer.status_code == 200, answer.text
    return [(each["action"], each["sopInstanceUid"]) for each in answer.json()]


def test_filters_go_together_with_cursor_and_window(study: str, start: int) -> None:
    here, there = f"p-{secrets.token_hex(4)}", f"p-{secrets.token_hex(4)}"
    store(received(study, "2", "a"), received(f"{study}.1", "2", "b"), partition=here)
    store(received(study, "2", "c"), partition=there)
    store(received(study, "2", "d"))
    delete_instances(actor=ADMIN, partition=here, study_instance_uid=study)
    assert sops(after=start, partition=here) == [
        ("create", "a"), ("create", "b"), ("delete", "a"),
    ]  # fmt: skip
    assert sops(after=start, partition=f"{there},default") == [
        ("create", "c"), ("create", "d"),
    ]  # fmt: skip
    assert sops(after=start, action="Delete") == [("delete", "a")]
    mine = {"partition": here, "studyInstanceUid": study}
    assert sops(**mine) == [("create", "a"), ("delete", "a")]
    (first, last) = ask("/changefeed", **mine).json()
    assert sops(**mine, after=first["sequence"]) == [("delete", "a")]
    assert sops(**mine, endTime=last["timestamp"]) == [("create", "a")]
    assert sops(**mine, startTime=last["timestamp"]) == [("delete", "a")]
    latest = ask("/changefeed/latest", partition=there, action="create").json()
    assert latest["sopInstanceUid"] == "c"


def test_a_partition_that_may_not_be_seen_filters_nothing(study: str) -> None:
    name = f"p-{secrets.token_hex(4)}"
    store(received(study, "2", "3"), partition=name)
    bound = acting(1, "bound", READING, frozenset())
    for path in ("/changefeed", "/changefeed/latest"):
        assert send(path, params={"partition": name}, actor=bound).status_code == 404
        assert ask(path, partition="no-such").status_code == 404


def test_a_disabled_partition_can_be_followed(study: str, start: int) -> None:
    name = f"p-{secrets.token_hex(4)}"
    store(received(study, "2", "3"), partition=name)
    assert get_partition(actor=ADMIN, name=name)
    change_partition(actor=ADMIN, name=name, is_disabled=True)
    (entry,) = ask("/changefeed", after=start, partition=name).json()
    assert (entry["state"], "metadata" in entry) == ("current", False)


@pytest.mark.parametrize(
    "params",
    [
        {"startTime": "2020-01-01T00:00:00"},
        {"startTime": "now"},
        {"startTime": "2020-01-01T00:00:00Z", "endTime": "2020-01-01T00:00:00Z"},
        {"startTime": "2021-01-01T00:00:00Z", "endTime": "2020-01-01T00:00:00Z"},
        {"limit": "0"},
        {"limit": "1001"},
        {"limit": "-1"},
        {"offset": "-1"},
        {"after": "x"},
        {"includeMetadata": "0"},
        {"includeMetadata": "true-ish"},
        {"studyInstanceUid": "x"},
        {"action": "read"},
        {"partition": "a b"},
        {"wait": "0"},
        {"wait": "61"},
        {"wait": "soon"},
        {"wait": "1", "offset": "1"},
    ],
)
def test_parameters_that_break_a_rule(params: dict[str, str]) -> None:
    assert ask("/changefeed", **params).status_code == 400


def test_delete_over_http(study: str) -> None:
    store(received(study, "2", "3"), received(study, "2", "4"))
    assert ask(f"/studies/{study}/series/2/instances/3", "DELETE").status_code == 204
    assert ask(f"/studies/{study}/series/2/instances/3", "DELETE").status_code == 404
    assert ask(f"/studies/{study}/series/9", "DELETE").status_code == 404
    answer = ask(f"/studies/{study}", "DELETE")
    assert (answer.status_code, answer.content) == (204, b"")
    assert ask(f"/studies/{study}", "DELETE").status_code == 404


@pytest.mark.parametrize(
    "path", ["/studies/a", "/studies/1/series/a", "/studies/1/series/2/instances/a"]
)
def test_a_malformed_uid_is_400(path: str) -> None:
    assert ask(path, "DELETE").status_code == 400


def test_partitions_are_listed_and_kept_apart(study: str) -> None:
    name = f"p-{secrets.token_hex(4)}"
    store(received(study, "2", "3"), partition=name)
    rows = {each["partitionName"]: each for each in ask("/partitions").json()}
    assert set(rows[name]) == {
        "partitionKey", "partitionName", "createdDate", "disabled", "storedAs",
    }  # fmt: skip
    assert ask(f"/studies/{study}", "DELETE").status_code == 404
    assert ask(f"/partitions/{name}/studies/{study}", "DELETE").status_code == 204
    assert ask("/partitions/no-such/studies/1", "DELETE").status_code == 404
    assert ask("/partitions/no%20name/studies/1", "DELETE").status_code == 400


def test_operations_are_seen_and_cancelled() -> None:
    operation = Operation.objects.create(kind="import", actor="test")
    path = f"/operations/{operation.pk}"
    answer = ask(path)
    assert answer.status_code == 202
    assert answer.headers["location"] == f"http://h/dicomweb{path}"
    assert answer.json()["status"] == "notStarted"
    assert str(operation.pk) in ask("/operations").text
    assert ask(f"{path}/retry", "POST").status_code == 409
    answer = ask(f"{path}/cancel", "POST")
    assert (answer.status_code, answer.json()["status"]) == (200, "canceled")
    assert ask(f"{path}/cancel", "POST").status_code == 409
    assert ask(f"{path}/retry", "POST").status_code == 202
    assert ask(f"{path}/cancel", "POST").status_code == 200
    assert ask(f"/operations/{uuid4()}").status_code == 404
    assert ask("/operations/1").status_code == 400
