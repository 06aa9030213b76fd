"""DICOM PS3.18 10.4 against a whole running portal, with clients of others."""

import socket
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

import httpx
import numpy as np
import pydicom
import pytest
from dicomweb_client import DICOMwebClient
from dicomweb_client.session_utils import create_session
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

from imaging.pixels import ImageDescription
from imaging.pixels import encode as encode_frame
from tests.imaging.dicomweb.service import parts_of
from tests.imaging.part10.build import SEQUENCE_END, UNDEFINED, implicit
from tests.stack import Stack
from tests.synthetic import encode, instance, multipart, new_uid

OCTETS: Final = 'multipart/related; type="application/octet-stream"'
MULTI: Final = 'multipart/related; type="application/dicom"'


@pytest.fixture(scope="module")
def http(stack: Stack) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {stack.token}"}
    with httpx.Client(
        base_url=f"{stack.base_url}/dicomweb", headers=headers, timeout=60
    ) as client:
        del client.headers["accept"]
        yield client


@pytest.fixture(scope="module")
def client(stack: Stack) -> DICOMwebClient:
    session = create_session()
    session.headers["Authorization"] = f"Bearer {stack.token}"
    return DICOMwebClient(f"{stack.base_url}/dicomweb", session=session)


def store(http: httpx.Client, *contents: bytes) -> None:
    body, headers = multipart(*contents)
    answer = http.post("/studies", content=body, headers=headers)
    assert answer.status_code in {200, 202}, answer.text
    assert b"00081198" not in answer.content


def url_of(dataset: Dataset) -> str:
    return (
        f"/studies/{dataset.StudyInstanceUID}/series/{dataset.SeriesInstanceUID}"
        f"/instances/{dataset.SOPInstanceUID}"
    )


def uids(dataset: Dataset) -> tuple[str, str, str]:
    return (
        dataset.StudyInstanceUID,
        dataset.SeriesInstanceUID,
        dataset.SOPInstanceUID,
    )


def test_dicomweb_client_retrieves_a_mixed_study_by_the_default_form(
    http: httpx.Client, client: DICOMwebClient
) -> None:
    """Where Azure's service answers 406 (dicomweb-client issue 82)."""
    study, series = new_uid(), new_uid()
    same = {"StudyInstanceUID": study, "SeriesInstanceUID": series}
    first, second = instance(**same), instance(**same)
    packed = instance(**same, PixelData=encapsulate([b"\xff\x4f1\x00"]))
    packed["PixelData"].VR = "OB"
    packed["PixelData"].is_undefined_length = True
    store(
        http,
        encode(first),
        encode(second, ImplicitVRLittleEndian),
        encode(packed, JPEG2000Lossless),
    )
    for found in (client.retrieve_study(study), client.retrieve_series(study, series)):
        assert [each.SOPInstanceUID for each in found] == [
            first.SOPInstanceUID,
            second.SOPInstanceUID,
            packed.SOPInstanceUID,
        ]
        assert [each.file_meta.TransferSyntaxUID[-4:] for each in found] == [
            ".2.1",
            ".2.1",
            "4.90",
        ]
    one = client.retrieve_instance(*uids(first))
    assert one.to_json_dict() == first.to_json_dict()
    assert len(client.retrieve_study_metadata(study)) == 3
    assert len(client.retrieve_series_metadata(study, series)) == 3
    metadata = client.retrieve_instance_metadata(*uids(first))
    (private,) = client.retrieve_bulkdata(metadata["00111002"]["BulkDataURI"])
    assert private == b"private bytes!"


def test_what_cannot_be_re_encoded_comes_as_stored_by_the_default_form(
    http: httpx.Client,
) -> None:
    """A text of undefined length, which pydicom reads and no encoding allows."""
    first, odd = instance(), instance()
    odd.StudyInstanceUID = first.StudyInstanceUID
    time = b"142530" + SEQUENCE_END
    content = encode(odd, ImplicitVRLittleEndian).replace(
        implicit(0x00080030, b"142530"), implicit(0x00080030, time, UNDEFINED)
    )
    store(http, encode(first), content)

    study = http.get(f"/studies/{first.StudyInstanceUID}")
    one = http.get(url_of(odd), headers={"accept": "application/dicom"})
    by_name = {"accept": f"application/dicom; transfer-syntax={ExplicitVRLittleEndian}"}

    assert one.content == content
    assert one.headers["content-type"].endswith(f"={ImplicitVRLittleEndian}")
    assert {part for _, part in parts_of(study)} == {encode(first), content}
    assert http.get(url_of(odd), headers=by_name).status_code == 406


@pytest.mark.parametrize("media_types", [None, ("application/octet-stream",)])
def test_dicomweb_client_retrieves_frames(
    http: httpx.Client, client: DICOMwebClient, media_types: tuple[str] | None
) -> None:
    pixels = np.arange(10 * 24, dtype="<u2")
    dataset = instance(NumberOfFrames=10, PixelData=pixels.tobytes())
    store(http, encode(dataset))
    frames = client.retrieve_instance_frames(*uids(dataset), [3, 1], media_types)
    assert frames == [pixels[48:72].tobytes(), pixels[:24].tobytes()]


@pytest.mark.parametrize("name", ["CT_small.dcm", "JPEG2000.dcm", "image_dfl.dcm"])
def test_real_files_come_back_byte_for_byte(http: httpx.Client, name: str) -> None:
    content = Path(str(get_testdata_file(name))).read_bytes()
    dataset = pydicom.dcmread(BytesIO(content))
    study = http.get(f"/studies/{dataset.StudyInstanceUID}")
    if study.status_code == 404:
        store(http, content)
    accept = {"accept": "application/dicom; transfer-syntax=*"}
    answer = http.get(url_of(dataset), headers=accept)
    assert answer.content == content
    assert answer.headers["content-length"] == str(len(content))


def test_a_study_of_many_pages_and_chunks_is_whole(http: httpx.Client) -> None:
    study, series = new_uid(), new_uid()
    contents = [
        encode(
            instance(
                StudyInstanceUID=study,
                SeriesInstanceUID=series,
                InstanceNumber=number,
                PixelData=bytes([number % 251])
                * (2_000_000 if number % 100 == 7 else 8),
            )
        )
        for number in range(230)
    ]
    store(http, *contents)
    headers = {"accept": f"{MULTI}; transfer-syntax=*"}
    with http.stream("GET", f"/studies/{study}", headers=headers) as answer:
        assert answer.headers["transfer-encoding"] == "chunked"
        boundary = answer.headers["content-type"].split("boundary=")[1].encode()
        body = b"".join(answer.iter_bytes())
    parts = body.split(b"--" + boundary)
    assert [part.split(b"\r\n\r\n", 1)[1][:-2] for part in parts[1:-1]] == contents
    assert parts[-1] == b"--\r\n"


def test_a_client_that_vanishes_leaves_the_server_well(
    stack: Stack, http: httpx.Client
) -> None:
    dataset = instance(PixelData=bytes(20_000_000))
    store(http, encode(dataset))
    request = (
        f"GET /dicomweb{url_of(dataset)} HTTP/1.1\r\nHost: 127.0.0.1:{stack.port}\r\n"
        f"Authorization: Bearer {stack.token}\r\n\r\n"
    )
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", stack.port)) as connection:
            connection.sendall(request.encode())
            assert connection.recv(16).startswith(b"HTTP/1.1 200")
    assert http.get(f"{url_of(dataset)}/metadata").status_code == 200
    head = http.head(url_of(dataset), headers={"accept": "application/dicom"})
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(encode(dataset)))


@pytest.mark.folder
def test_a_blob_that_is_gone_breaks_the_connection(
    stack: Stack, http: httpx.Client
) -> None:
    study = new_uid()
    pixels = [bytes([number]) * 1_500_000 for number in (1, 2)]
    datasets = [
        instance(
            StudyInstanceUID=study, SeriesNumber=number, PixelData=pixels[number - 1]
        )
        for number in (1, 2)
    ]
    store(http, *map(encode, datasets))
    for path in stack.places.blobs.rglob("*.dcm"):
        if pixels[1] in path.read_bytes():
            path.unlink()
    with pytest.raises(httpx.RemoteProtocolError):
        http.get(f"/studies/{study}")
    gone = http.get(url_of(datasets[1]), headers={"accept": "application/dicom"})
    assert gone.status_code == 502


BROKEN_OFF: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "frames": (
        "/frames/1,2,3",
        {"accept": f"{OCTETS}; transfer-syntax={ExplicitVRLittleEndian}"},
    ),
    "files": ("", {"accept": f"{MULTI}; transfer-syntax={ExplicitVRLittleEndian}"}),
    "zip": (
        "",
        {"accept": f"application/zip; transfer-syntax={ExplicitVRLittleEndian}"},
    ),
    "pictures": (
        "/frames/1,2,3/rendered",
        {"accept": 'multipart/related; type="image/png"'},
    ),
}


@pytest.mark.parametrize("form", BROKEN_OFF)
def test_a_later_frame_that_is_damaged_breaks_the_connection(
    stack: Stack, http: httpx.Client, form: str
) -> None:
    """What can only be found on the way is told by an answer without its end."""
    path, headers = BROKEN_OFF[form]
    dataset = damaged_at_the_end()
    store(http, encode(dataset, RLELossless))
    url = f"/studies/{dataset.StudyInstanceUID}" if not path else url_of(dataset)
    request_id = f"broken-off-{form}"
    kept = bytearray()
    with (
        pytest.raises(httpx.RemoteProtocolError),
        http.stream(
            "GET", url + path, headers={**headers, "x-request-id": request_id}
        ) as answer,
    ):
        assert answer.status_code == 200
        for chunk in answer.iter_raw():
            kept += chunk
    assert kept
    assert not kept.endswith(b"--\r\n")  # the end of a multipart body
    assert b"PK\x05\x06" not in kept  # and that of a zip
    logged = "\n".join(each.read_text() for each in stack.places.logs.iterdir())
    assert f"request {request_id} was broken off: A frame is damaged" in logged
    assert audited(http, request_id) == {
        ("RETRIEVE", "SUCCESS"),
        ("RETRIEVE", "MINOR_FAILURE"),
    }


def audited(http: httpx.Client, request_id: str) -> set[tuple[str, str]]:
    """Return what the audit log says of a request: what was done, and how it ended."""
    query = """query ($id: String) {
      auditLog(filter: {requestId: $id}) { edges { node { action outcome } } }
    }"""
    body = {"query": query, "variables": {"id": request_id}}
    while True:  # it is written some time after; the test's own time limit ends this
        answer = http.post(http.base_url.join("/graphql"), json=body).json()
        edges = answer["data"]["auditLog"]["edges"]
        found = {(each["node"]["action"], each["node"]["outcome"]) for each in edges}
        if len(found) > 1:
            return found
        time.sleep(0.1)


def damaged_at_the_end() -> Dataset:
    """Return an instance of frames so large that the first are sent before the last."""
    side = 1_500
    described = ImageDescription(side, side, 1, 8, 8, 7, False, "MONOCHROME2")
    pixels = np.random.default_rng(4).integers(0, 256, (side, side), np.uint8)
    stream = encode_frame(pixels, RLELossless, described)
    dataset = instance(
        Rows=side,
        Columns=side,
        BitsAllocated=8,
        BitsStored=8,
        HighBit=7,
        NumberOfFrames=3,
        PixelData=encapsulate([stream, stream, stream[: len(stream) // 2]]),
    )
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    return dataset


def test_anonymous_is_told_nothing(stack: Stack) -> None:
    answer = httpx.get(f"{stack.base_url}/dicomweb/studies/{new_uid()}")
    assert answer.status_code == 401
