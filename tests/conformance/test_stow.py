"""STOW-RS, DELETE and the change feed over HTTP (DICOM PS3.18 10.5)."""

import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydicom.uid import ExplicitVRLittleEndian

from tests.imaging.part10.build import element
from tests.stack import Stack
from tests.synthetic import UNCOMPRESSED, encode, instance, multipart, new_uid

DICOM = {"Content-Type": "application/dicom"}
FAILED, REFERENCED = "00081198", "00081199"
COMMENT, REASON, WARNING, URL = "00000902", "00081197", "00081196", "00081190"


@pytest.fixture
def client(stack: Stack) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {stack.token}"}
    base = f"{stack.base_url}/dicomweb"
    with httpx.Client(base_url=base, headers=headers, timeout=30) as connection:
        yield connection


def items(answer: httpx.Response, sequence: str) -> list[dict[str, Any]]:
    return list(answer.json().get(sequence, {}).get("Value", []))


def value(item: dict[str, Any], tag: str) -> Any:
    return item[tag]["Value"][0]


def address(dataset: Any) -> str:
    return (
        f"/studies/{dataset.StudyInstanceUID}/series/{dataset.SeriesInstanceUID}"
        f"/instances/{dataset.SOPInstanceUID}"
    )


def test_a_single_part_is_stored_with_an_absolute_address(client: httpx.Client) -> None:
    dataset = instance()

    answer = client.post("/studies", content=encode(dataset), headers=DICOM)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/dicom+json"
    assert URL not in answer.json()
    assert items(answer, FAILED) == []
    (stored,) = items(answer, REFERENCED)
    assert value(stored, URL) == f"{client.base_url}{address(dataset).lstrip('/')}"
    assert client.get(value(stored, URL) + "/metadata").status_code == 200


def test_of_two_studies_only_that_of_the_address_is_stored(
    client: httpx.Client,
) -> None:
    right, wrong = instance(), instance()
    body, headers = multipart(encode(right), encode(wrong))

    path = f"/studies/{right.StudyInstanceUID}"
    answer = client.post(path, content=body, headers=headers)

    assert answer.status_code == 202
    assert answer.json()[URL]["Value"][0].endswith(path)
    assert [value(item, REASON) for item in items(answer, FAILED)] == [43265]
    assert len(items(answer, REFERENCED)) == 1
    assert client.get(f"/studies/{wrong.StudyInstanceUID}").status_code == 404


def test_an_instance_that_is_held_fails_unless_it_is_put(client: httpx.Client) -> None:
    dataset = instance()
    client.post("/studies", content=encode(dataset), headers=DICOM)

    again = client.post("/studies", content=encode(dataset), headers=DICOM)
    dataset.PatientName = "New^Name"
    put = client.put("/studies", content=encode(dataset), headers=DICOM)

    assert again.status_code == 409
    (failed,) = items(again, FAILED)
    assert value(failed, REASON) == 45070
    assert "identical" in value(failed, COMMENT)
    assert put.status_code == 200
    (held,) = client.get(address(dataset) + "/metadata").json()
    assert held["00100010"]["Value"] == [{"Alphabetic": "New^Name"}]


def test_no_parts_are_no_content_and_an_empty_part_fails(client: httpx.Client) -> None:
    body, headers = multipart()
    assert client.post("/studies", content=body, headers=headers).status_code == 204
    body, headers = multipart(b"")
    answer = client.post("/studies", content=body, headers=headers)
    assert answer.status_code == 409
    (failed,) = items(answer, FAILED)
    assert value(failed, REASON) == 49152
    assert "00081155" not in failed


@pytest.mark.parametrize(("length", "status"), [(73, 200), (200, 200), (201, 400)])
def test_a_boundary_may_be_longer_than_the_standard_allows(
    client: httpx.Client, length: int, status: int
) -> None:
    """Orthanc 1.10.1 sends 73 characters, where RFC 2046 allows 70."""
    body, headers = multipart(encode(instance()))
    boundary = "b" * length
    body = body.replace(b"boundary-of-the-tests", boundary.encode())
    headers = {
        name: value.replace("boundary-of-the-tests", boundary)
        for name, value in headers.items()
    }
    answer = client.post("/studies", content=body, headers=headers)
    assert answer.status_code == status


def test_a_part_without_type_takes_that_of_the_request(client: httpx.Client) -> None:
    body, headers = multipart(encode(instance()), part_type=None)
    assert client.post("/studies", content=body, headers=headers).status_code == 200


def test_a_part_of_another_type_stores_nothing(client: httpx.Client) -> None:
    dataset = instance()
    body, headers = multipart(encode(dataset), b"text")
    at = body.rindex(b"Content-Type: application/dicom")
    body = body[:at] + body[at:].replace(b"application/dicom", b"text/plain", 1)

    answer = client.post("/studies", content=body, headers=headers)

    assert answer.status_code == 415
    assert client.get(address(dataset)).status_code == 404


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        ({"Content-Type": "application/json"}, "/studies", 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, "/studies", 415),
        ({"Content-Type": "multipart/related"}, "/studies", 415),
        ({**DICOM, "Accept": "application/dicom"}, "/studies", 406),
        (DICOM, "/studies/abc!", 400),
        ({**DICOM, "Authorization": "Bearer wrong"}, "/studies", 401),
    ],
)
def test_requests_that_cannot_be_a_store_are_refused(
    client: httpx.Client, headers: dict[str, str], path: str, status: int
) -> None:
    answer = client.post(path, content=encode(instance()), headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize("bad", [b"\0", b"\r\n", b"\xd7", b";"])
def test_a_transfer_syntax_that_is_no_uid_is_refused(
    client: httpx.Client, bad: bytes
) -> None:
    known = ExplicitVRLittleEndian.encode()
    content = encode(instance()).replace(known, known[:4] + bad + known[4 + len(bad) :])

    answer = client.post("/studies", content=content, headers=DICOM)

    assert answer.status_code == 409
    (failed,) = items(answer, FAILED)
    assert value(failed, REASON) == 43264
    assert value(failed, COMMENT) == "DICOM100: (0002,0010) - is not a UID"


@pytest.mark.parametrize(("vr", "first"), [(b"AT", b"1"), (b"LO", b"x")])
def test_an_instance_that_no_address_could_name_is_refused(
    client: httpx.Client, vr: bytes, first: bytes
) -> None:
    """Its SOPInstanceUID is of another VR, so that no rule of UIDs was checked."""
    dataset = instance(SOPInstanceUID=new_uid().ljust(64, "1"))  # whole as an AT, too
    uid = dataset.SOPInstanceUID.encode()
    before, _, after = encode(dataset).rpartition(uid)
    before = before.replace(b"\x08\0\x18\0UI", b"\x08\0\x18\0" + vr)

    content = before + first + uid[1:] + after
    answer = client.post("/studies", content=content, headers=DICOM)

    assert answer.status_code == 409
    (failed,) = items(answer, FAILED)
    assert value(failed, COMMENT) == "DICOM100: (0008,0018) - is not a UID"


def test_a_bad_date_is_kept_in_the_file_only(client: httpx.Client) -> None:
    dataset = instance(StudyDate="20201231")
    content = encode(dataset).replace(b"20201231", b"NotADate")

    answer = client.post("/studies", content=content, headers=DICOM)

    assert answer.status_code == 202
    (stored,) = items(answer, REFERENCED)
    assert value(stored, WARNING) == 1
    (attribute,) = stored["00741048"]["Value"]
    assert value(attribute, COMMENT).startswith("DICOM100: (0008,0020)")
    (held,) = client.get(address(dataset) + "/metadata").json()
    assert "00080020" not in held
    accept = {"Accept": "application/dicom; transfer-syntax=*"}
    assert client.get(address(dataset), headers=accept).content == content


def test_no_log_holds_a_value_of_a_file(client: httpx.Client, stack: Stack) -> None:
    """Not even of one that pydicom reads, which quotes what it warns of."""
    late = element(0x00080005, "CS", b"ISO_IR 192")
    content = encode(instance(SeriesNumber=123456789)).replace(
        b"123456789 ", b"OfSomebody"
    )

    answer = client.post("/studies", content=content + late, headers=DICOM)

    assert answer.status_code == 202
    for log in stack.places.logs.iterdir():
        assert "OfSomebody" not in log.read_text(encoding="utf-8")


@pytest.mark.parametrize("syntax", UNCOMPRESSED)
def test_what_is_stored_comes_back_byte_for_byte(
    client: httpx.Client, syntax: str
) -> None:
    dataset = instance()
    content = encode(dataset, syntax, preamble=b"II*\0" + bytes(124))

    answer = client.post("/studies", content=content, headers=DICOM)

    assert answer.status_code in {200, 202}
    accept = {"Accept": "application/dicom; transfer-syntax=*"}
    held = client.get(address(dataset), headers=accept)
    assert held.content == content
    assert syntax in held.headers["content-type"]


def test_a_body_that_is_cut_off_stores_nothing(
    client: httpx.Client, stack: Stack
) -> None:
    dataset = instance()
    content = encode(dataset)
    head = (
        "POST /dicomweb/studies HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {stack.token}\r\nContent-Type: application/dicom\r\n"
        f"Content-Length: {len(content) + 100}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", stack.port)) as connection:
        connection.sendall(head.encode() + content)

    assert client.get(address(dataset)).status_code == 404
    assert client.get("/studies?limit=1").status_code in {200, 204}


def test_a_delete_empties_every_level_and_the_feed_tells(client: httpx.Client) -> None:
    dataset = instance(StudyInstanceUID=new_uid())
    before = client.get("/changefeed/latest")
    after = before.json()["sequence"] if before.status_code == 200 else 0
    client.post("/studies", content=encode(dataset), headers=DICOM)
    study = f"/studies/{dataset.StudyInstanceUID}"

    assert client.delete(address(dataset)).status_code == 204

    assert client.delete(address(dataset)).status_code == 404
    assert client.get(study).status_code == 404
    found = client.get(f"/studies?StudyInstanceUID={dataset.StudyInstanceUID}")
    assert found.status_code == 204
    client.post("/studies", content=encode(dataset), headers=DICOM)
    parameters = {"after": after, "studyInstanceUid": dataset.StudyInstanceUID}
    entries = client.get("/changefeed", params=parameters).json()
    assert [(entry["action"], entry["state"]) for entry in entries] == [
        ("create", "replaced"),
        ("delete", "replaced"),
        ("create", "current"),
    ]
    assert entries[0]["metadata"]["00080018"]["Value"] == [dataset.SOPInstanceUID]
