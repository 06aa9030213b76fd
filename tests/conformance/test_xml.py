"""Stores whose data sets, and whose answers, are in XML (DICOM PS3.18 10.5, 8.7.3)."""

import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless

from imaging.native_xml import read, write
from tests.conformance.json_store import BOUNDARY, Part, body, model_of
from tests.conformance.stow import (
    FAILED,
    REASON,
    REFERENCED,
    SOP_INSTANCE,
    address,
    file_of,
    found,
    metadata,
    opened,
    post,
    stored,
    value,
)
from tests.imaging.dicomweb.service import parts_of
from tests.imaging.native_xml_reading import valid
from tests.peers import require_peer
from tests.stack import Stack
from tests.synthetic import encode, instance

XML: Final = "application/dicom+xml"
PIXELS: Final = "7FE00010"


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[httpx.Client]:
    with opened(stack) as connection:
        yield connection


def document(model: Any) -> Part:
    return Part(write(model), None, XML)


def send(
    client: httpx.Client, *parts: Part, accept: str = "application/dicom+json"
) -> httpx.Response:
    content_type = f'multipart/related; type="{XML}"; boundary={BOUNDARY}'
    headers = {"Content-Type": content_type, "Accept": accept}
    return client.post("/studies", content=body(*parts), headers=headers)


def model_with_pixels(dataset: Dataset) -> Any:
    model, _ = model_of(dataset)
    model[PIXELS] = {"vr": "OW", "BulkDataURI": "bulk/pixels"}
    return model


def test_data_sets_and_bulk_data_become_the_instances_that_they_were(
    client: httpx.Client,
) -> None:
    dataset = instance(
        PatientName="Ångström^Åsa^^Dr=山田^太郎=やまだ^たろう",
        ImageComments="two\r\nlines & <more>",
        OtherPatientNames=["A^B", "=C"],
        PixelSpacing=["0.50", "1e-3"],
    )
    part = Part(dataset.PixelData, "bulk/pixels")
    stored(send(client, document(model_with_pixels(dataset)), part))
    assert dcmread(BytesIO(file_of(client, dataset, ""))) == dataset
    sent = metadata(client, dataset, "")
    client.delete(address(dataset, level="study"))
    stored(post(client, "", dataset))
    assert metadata(client, dataset, "") == sent


def test_one_part_of_xml_needs_no_multipart(client: httpx.Client) -> None:
    dataset = instance()
    model, bulk = model_of(dataset)
    assert not bulk
    answer = client.post(
        "/studies", content=write(model), headers={"Content-Type": XML}
    )
    stored(answer)
    assert dcmread(BytesIO(file_of(client, dataset, ""))) == dataset


@pytest.mark.parametrize("form", ["xml", "json"])
def test_what_is_retrieved_can_be_sent_again(client: httpx.Client, form: str) -> None:
    """The metadata of a study, and all of its bulk data, are a store of it."""
    compressed = instance(NumberOfFrames=2)
    compressed.PixelData = encapsulate([b"\xff\x4f1!", b"\xff\x4f2222"], has_bot=False)
    compressed["PixelData"].VR = "OB"
    compressed["PixelData"].is_undefined_length = True
    content = encode(compressed, JPEG2000Lossless)
    plain = instance(StudyInstanceUID=compressed.StudyInstanceUID)
    post(client, "", content, plain)
    study = address(plain, level="study")
    types = {
        "xml": f'multipart/related; type="{XML}"',
        "json": "application/dicom+json",
    }
    held = client.get(f"{study}/metadata", headers={"Accept": types[form]})
    bulk = client.get(f"{study}/bulkdata", headers={"Accept": "*/*"})
    files = [file_of(client, each, "") for each in (compressed, plain)]
    if form == "xml":
        parts = [Part(each, None, XML) for _, each in parts_of(held)]
    else:
        parts = [Part(held.content, None, types[form])]
    parts += [
        Part(each, headers["content-location"], headers["content-type"])
        for headers, each in parts_of(bulk)
    ]
    client.delete(study)

    kind = types["json"] if form == "json" else XML
    content_type = f'multipart/related; type="{kind}"; boundary={BOUNDARY}'
    again = client.post(
        "/studies", content=body(*parts), headers={"Content-Type": content_type}
    )

    assert again.status_code == 200, again.text
    for dataset, file in zip((compressed, plain), files, strict=True):
        made = dcmread(BytesIO(file_of(client, dataset, "")))
        wanted = dcmread(BytesIO(file))
        assert made == wanted
        assert made.file_meta.TransferSyntaxUID == wanted.file_meta.TransferSyntaxUID


@pytest.mark.peer("dcmtk")
def test_what_dcmtk_writes_is_understood(client: httpx.Client, tmp_path: Path) -> None:
    program = require_peer("dcmtk")["dcm2xml"]
    # Without pixels: DCMTK 3.6.7 writes the words of OW in big endian.
    dataset = instance(PatientName="Jönsson^Åke", PixelData=None)
    path = tmp_path / "sent.dcm"
    path.write_bytes(encode(dataset))
    command = [str(program), "-nat", "+Eb", "+M", str(path)]
    made = subprocess.run(command, check=True, capture_output=True).stdout
    assert b"xmlns" not in made
    stored(send(client, Part(made, None, XML)))
    assert dcmread(BytesIO(file_of(client, dataset, ""))) == dataset


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([Part(b"<a/>", None, XML)], 400),
        ([Part(b"", None, XML)], 400),
        ([Part(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', None, XML)], 400),
        ([Part(b"<a>" * 500_000, None, XML)], 400),
        ([Part(b"<a " + b'b="" ' * 1_000_001, None, XML)], 413),
        ([Part(b"<a>" + b" " * 33_600_000, None, XML)], 413),
        ([Part(b"{}", "1", "application/dicom+json")], 415),
        ([Part(b"x")], 400),
    ],
)
def test_a_request_that_cannot_be_read_stores_nothing(
    client: httpx.Client, parts: list[Part], status: int
) -> None:
    dataset = instance()
    answer = send(client, document(model_of(dataset)[0]), *parts)
    assert answer.status_code == status, answer.text
    assert len(answer.text) < 300
    assert found(client, "", StudyInstanceUID=dataset.StudyInstanceUID) == []


def test_a_data_set_that_makes_no_file_fails_alone(client: httpx.Client) -> None:
    good, bad = instance(), instance()
    model, _ = model_of(bad)
    model["00280010"] = {"vr": "US", "Value": ["many"]}
    answer = send(client, document(model_of(good)[0]), document(model))
    assert answer.status_code == 202
    (item,) = answer.json()[FAILED]["Value"]
    assert value(item, REASON) == 0xC000
    assert value(item, SOP_INSTANCE) == bad.SOPInstanceUID


@pytest.mark.parametrize("accept", [XML, f"{XML}, application/dicom+json;q=0.9"])
def test_the_answer_to_a_store_comes_in_xml(client: httpx.Client, accept: str) -> None:
    dataset = instance()
    for status, held in ((200, REFERENCED), (409, FAILED)):
        answer = send(client, document(model_of(dataset)[0]), accept=accept)
        assert answer.status_code == status
        assert answer.headers["content-type"] == XML
        valid(answer.content)
        model = read(answer.content)
        (item,) = model[held]["Value"]
        assert value(item, SOP_INSTANCE) == dataset.SOPInstanceUID


@pytest.mark.parametrize("version", ["/v1", "/v2"])
def test_azures_dialects_do_not_answer_in_xml(
    client: httpx.Client, version: str
) -> None:
    headers = {"Accept": XML, "Content-Type": "application/dicom"}
    answer = client.post(
        f"{version}/studies", content=encode(instance()), headers=headers
    )
    assert answer.status_code == 406
