"""Partitions over HTTP: created, renamed, disabled, deleted, and what follows."""

import secrets
from io import BytesIO
from typing import Any

import pydicom
import pytest
from pydicom.uid import JPEGBaseline8Bit, RLELossless

from core.access import Actor, Verb
from core.partitions import create_partition, list_partitions
from tests.actors import ALL_VERBS, READING, acting
from tests.imaging.dicomweb.asking import BASE, ask, send
from tests.imaging.stores import ADMIN, received, store
from tests.synthetic import encode, instance

pytestmark = pytest.mark.usefixtures("committing")
WRITER = acting(1, "writer", frozenset({Verb.STORE}))
READER = acting(2, "reader", READING)


@pytest.fixture
def name() -> str:
    return f"p-{secrets.token_hex(4)}"


def names() -> set[str]:
    return {each.name for each in list_partitions(actor=ADMIN)}


def test_a_partition_is_created_once(name: str) -> None:
    answer = send("/partitions", "POST", json={"partitionName": name})
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{BASE}/partitions/{name}"
    row = answer.json()
    assert (row["partitionName"], row["disabled"]) == (name, False)
    assert ask(f"/partitions/{name}").json() == row
    assert row in ask("/partitions").json()
    answer = send("/partitions", "POST", json={"partitionName": name})
    assert answer.status_code == 409


def test_a_partition_is_renamed_with_all_that_it_holds(name: str) -> None:
    store(received("1", "2", "3"), partition=name)
    body = {"partitionName": f"{name}-new"}
    answer = send(f"/partitions/{name}", "PATCH", json=body)
    assert (answer.status_code, answer.json()["partitionName"]) == (200, f"{name}-new")
    for path in ("/studies/1/metadata", "/studies?StudyInstanceUID=1"):
        assert ask(f"/partitions/{name}-new{path}").status_code == 200
        assert ask(f"/partitions/{name}{path}").status_code == 404
    assert ask(f"/partitions/{name}").status_code == 404
    entry = ask("/changefeed/latest").json()
    assert entry["partitionName"] == f"{name}-new"


def test_a_disabled_partition_is_seen_and_nothing_in_it(name: str) -> None:
    store(received("1", "2", "3"), partition=name)
    answer = send(f"/partitions/{name}", "PATCH", json={"disabled": True})
    assert answer.json()["disabled"] is True
    for method, path in (
        ("GET", "/studies"),
        ("GET", "/studies/1/metadata"),
        ("GET", "/studies/1/series/2/instances/3"),
        ("GET", "/studies/1/series/2/instances/3/frames/1"),
        ("GET", "/patientconflicts"),
        ("POST", "/studies"),
        ("DELETE", "/studies/1"),
    ):
        headers = {"content-type": "application/dicom"} if method == "POST" else {}
        answer = send(f"/partitions/{name}{path}", method, headers=headers)
        assert answer.status_code == 409, (method, path, answer.text)
        assert "disabled" in answer.text
    assert ask(f"/partitions/{name}").json()["disabled"] is True
    send(f"/partitions/{name}", "PATCH", json={"disabled": False})
    assert ask(f"/partitions/{name}/studies/1/metadata").status_code == 200


def test_a_partition_stores_images_in_one_form(name: str) -> None:
    create_partition(actor=ADMIN, name=name)
    body = {"storedAs": RLELossless}
    answer = send(f"/partitions/{name}", "PATCH", json=body)
    assert (answer.status_code, answer.json()["storedAs"]) == (200, RLELossless)
    dataset = instance()
    headers = {"content-type": "application/dicom"}
    stored = send(
        f"/partitions/{name}/studies", "POST", headers=headers, content=encode(dataset)
    )
    assert stored.status_code == 200
    path = (
        f"/partitions/{name}/studies/{dataset.StudyInstanceUID}"
        f"/series/{dataset.SeriesInstanceUID}/instances/{dataset.SOPInstanceUID}"
    )
    held = ask(path, accept="application/dicom; transfer-syntax=*")
    assert held.headers["content-type"].endswith(RLELossless)
    pixels = pydicom.dcmread(BytesIO(held.content)).pixel_array
    assert pixels.tobytes() == dataset.PixelData
    answer = send(f"/partitions/{name}", "PATCH", json={"storedAs": JPEGBaseline8Bit})
    assert answer.status_code == 400
    assert RLELossless in answer.text
    answer = send(f"/partitions/{name}", "PATCH", json={"storedAs": ""})
    assert answer.json()["storedAs"] == ""


def test_conflicts_of_all_partitions_leave_out_disabled_ones(name: str) -> None:
    store(received("1", "2", "3", name="A"), partition=name)
    store(received("1", "2", "4", name="B"), partition=name)
    assert name in ask("/patientconflicts").text
    send(f"/partitions/{name}", "PATCH", json={"disabled": True})
    assert name not in ask("/patientconflicts").text


def test_a_partition_is_deleted_when_it_is_empty(name: str) -> None:
    store(received("1", "2", "3"), received("4", "5", "6"), partition=name)
    answer = ask(f"/partitions/{name}", "DELETE")
    assert answer.status_code == 409
    assert answer.text == "The partition holds 2 studies. Delete them first.\n"
    for study in ("1", "4"):
        assert ask(f"/partitions/{name}/studies/{study}", "DELETE").status_code == 204
    answer = ask(f"/partitions/{name}", "DELETE")
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "DELETE"):
        assert ask(f"/partitions/{name}", method).status_code == 404
    assert ask(f"/partitions/{name}/studies").status_code == 404
    assert name not in ask("/partitions").text
    assert ask("/changefeed/latest").json()["partitionName"] == name
    answer = send("/partitions", "POST", json={"partitionName": name})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/partitions", {}),
        ("POST", "/partitions", {"partitionName": "a b"}),
        ("POST", "/partitions", {"partitionName": 1}),
        ("POST", "/partitions", {"partitionName": "ok", "more": 1}),
        ("POST", "/partitions", ["ok"]),
        ("PATCH", "/partitions/default", {}),
        ("PATCH", "/partitions/default", {"disabled": "true"}),
        ("PATCH", "/partitions/default", {"disabled": None}),
        ("PATCH", "/partitions/default", {"partitionName": ""}),
        ("PATCH", "/partitions/a b", {"disabled": True}),
        ("DELETE", "/partitions/a b", None),
        ("GET", "/partitions/a b", None),
    ],
)
def test_what_breaks_a_rule_is_400(method: str, path: str, body: Any) -> None:
    create_partition(actor=ADMIN, name="default")
    before = names()
    status = send(path, method, json=body).status_code
    default = path == "/partitions/default" and body == {"partitionName": ""}
    assert status == (409 if default else 400)
    assert names() == before


def test_a_body_is_json_and_small(name: str) -> None:
    answer = send("/partitions", "POST", content=b"{", headers={})
    assert answer.status_code == 400
    xml = {"content-type": "application/xml"}
    assert send("/partitions", "POST", content=b"<a/>", headers=xml).status_code == 415
    long = b'{"partitionName": "' + b"a" * 70_000 + b'"}'
    assert send("/partitions", "POST", content=long).status_code == 413


def test_the_default_one_stays_as_it_is() -> None:
    store(received("1", "2", "3"))
    for method, body in (
        ("PATCH", {"disabled": True}),
        ("PATCH", {"partitionName": "other"}),
        ("DELETE", None),
    ):
        assert send("/partitions/default", method, json=body).status_code == 409


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/partitions", {"partitionName": "new"}),
        ("PATCH", "/partitions/{name}", {"disabled": True}),
        ("PATCH", "/partitions/no-such", {"disabled": True}),
        ("DELETE", "/partitions/{name}", None),
    ],
)
@pytest.mark.parametrize("actor", [WRITER, READER])
def test_who_may_not_manage_is_403_and_changes_nothing(
    method: str, path: str, body: Any, actor: Actor, name: str
) -> None:
    create_partition(actor=ADMIN, name=name)
    answer = send(path.format(name=name), method, json=body, actor=actor)
    assert answer.status_code == 403
    assert ask(f"/partitions/{name}").json()["disabled"] is False
    assert names() == {name}


def test_who_is_bound_sees_its_own_only(name: str) -> None:
    key = create_partition(actor=ADMIN, name=name).pk
    create_partition(actor=ADMIN, name=f"{name}-other")
    bound = acting(1, "bound", ALL_VERBS, frozenset({key}))
    listed = send("/partitions", actor=bound).json()
    assert [each["partitionName"] for each in listed] == [name]
    for method, body in (("GET", None), ("PATCH", {"disabled": True})):
        path = f"/partitions/{name}-other"
        assert send(path, method, json=body, actor=bound).status_code == 404
    answer = send("/partitions", "POST", json={"partitionName": "new"}, actor=bound)
    assert answer.status_code == 403


def test_a_partition_describes_itself_below_the_service(name: str) -> None:
    headers = {"accept": "application/json"}
    body = send(f"/partitions/{name}", "OPTIONS", headers=headers).json()
    assert body["base"] == f"{BASE}/"
    (resource,) = body["resources"]
    assert resource["path"] == "partitions/{partition}"
