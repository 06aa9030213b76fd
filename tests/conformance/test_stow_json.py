"""STOW-RS of metadata and bulk data (DICOM PS3.18 10.5.1, 8.7.3, annex F)."""

import json
import subprocess
import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import generate_frames
from pydicom.uid import (
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    RLELossless,
)

from tests.conformance.json_store import JSON, Part, data_sets, model_of, send
from tests.conformance.stow import (
    AZURE,
    COMMENT,
    FAILED,
    REASON,
    REFERENCED,
    SOP_CLASS,
    SOP_INSTANCE,
    address,
    failed,
    file_of,
    found,
    items,
    metadata,
    opened,
    stored,
    value,
)
from tests.imaging.dicomweb.service import parts_of
from tests.imaging.part10.samples import sample_files, sample_id
from tests.peers import require_peer
from tests.stack import Stack
from tests.synthetic import encode, instance, new_uid

PIXELS: Final = "7FE00010"
CODESTREAMS: Final = [
    b"\xff\x4f\xff\x51" + b"x" * size + b"\xff\xd9" for size in (9, 20)
]
SAMPLES: Final = [
    path
    for path in sample_files()
    if path.name
    in {
        "CT_small.dcm",
        "MR_small.dcm",
        "US1_UNCR.dcm",
        "examples_palette.dcm",
        "JPEG2000.dcm",
        "MR_small_RLE.dcm",
        "SC_rgb_jpeg_gdcm.dcm",
        "color3d_jpeg_baseline.dcm",
        "examples_ybr_color.dcm",
        "test-SR.dcm",
        "rtplan.dcm",
        "liver_1frame.dcm",
        "chrH32.dcm",
    }
]


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[httpx.Client]:
    with opened(stack) as connection:
        yield connection


def with_pixels(address: str = "bulk/pixels", **attributes: Any) -> tuple[Dataset, Any]:
    """Return a data set, and its model whose pixel data have that address."""
    dataset = instance(**attributes)
    model, _ = model_of(dataset)
    model[PIXELS] = {"vr": "OW", "BulkDataURI": address}
    return dataset, model


def octets(client: httpx.Client, url: str) -> list[bytes]:
    """Return the parts of an answer, or its only one."""
    answer = client.get(url, headers={"Accept": "*/*"})
    assert answer.status_code == 200, answer.text
    if answer.headers["content-type"].startswith("multipart/"):
        return [content for _, content in parts_of(answer)]
    return [answer.content]


def comment_of(answer: httpx.Response, reason: int = 0xC000) -> str:
    """Return why the one instance of a request was not stored."""
    item = failed(answer)
    assert value(item, REASON) == reason
    return str(value(item, COMMENT))


def test_data_sets_and_bulk_data_become_the_instances_that_they_were(
    client: httpx.Client,
) -> None:
    first, second = instance(), instance()
    models, bulk = [], []
    for number, dataset in enumerate((first, second)):
        model, _ = model_of(dataset)
        model[PIXELS] = {"vr": "OW", "BulkDataURI": f"bulk/{number}"}
        models.append(model)
        bulk.append(Part(dataset.PixelData, f"bulk/{number}"))

    answer = send(client, data_sets(*models), *bulk)

    assert answer.status_code == 200
    assert [value(item, SOP_INSTANCE) for item in items(answer, REFERENCED)] == [
        first.SOPInstanceUID,
        second.SOPInstanceUID,
    ]
    for dataset in (first, second):
        read = dcmread(BytesIO(file_of(client, dataset, "")))
        assert read == dataset
        assert read.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian


def test_it_is_stored_as_the_uploaded_file_would_be(client: httpx.Client) -> None:
    dataset, model = with_pixels(PatientName="Ångström^Åsa=山田^太郎")
    stored(send(client, data_sets(model), Part(dataset.PixelData, "bulk/pixels")))
    sent = metadata(client, dataset, "")
    client.delete(address(dataset, level="study"))
    dicom = {"Content-Type": "application/dicom"}
    stored(client.post("/studies", content=encode(dataset), headers=dicom))
    assert metadata(client, dataset, "") == sent


def test_one_part_of_json_needs_no_multipart(client: httpx.Client) -> None:
    dataset = instance()
    model, bulk = model_of(dataset)
    assert not bulk
    answer = client.post(
        "/studies", content=json.dumps([model]), headers={"Content-Type": JSON}
    )
    stored(answer)
    assert dcmread(BytesIO(file_of(client, dataset, ""))) == dataset


@pytest.mark.parametrize("path", SAMPLES, ids=sample_id)
def test_a_sample_that_pydicom_takes_apart_comes_back(
    client: httpx.Client, path: Path
) -> None:
    dataset = dcmread(path)
    dataset.SOPInstanceUID, dataset.StudyInstanceUID = new_uid(), new_uid()
    syntax = dataset.file_meta.TransferSyntaxUID
    frames: list[bytes] = []
    if syntax.is_encapsulated:
        count = int(dataset.get("NumberOfFrames", 1))
        frames = list(generate_frames(dataset.PixelData, number_of_frames=count))
        del dataset.PixelData
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # values that break their rules
        model, bulk = model_of(dataset, threshold=100)
    for frame in frames:
        model[PIXELS] = {"vr": "OB", "BulkDataURI": "pixels"}
        kind = f"application/octet-stream; transfer-syntax={syntax}"
        bulk.append(Part(frame, "pixels", kind))

    answer = send(client, data_sets(model), *bulk)

    assert answer.status_code in {200, 202}, answer.text
    read = dcmread(BytesIO(file_of(client, dataset, "")))
    expected = syntax if frames else ExplicitVRLittleEndian
    assert read.file_meta.TransferSyntaxUID == expected
    model = metadata(client, dataset, "")
    for part in bulk if not frames else bulk[: -len(frames)]:
        assert part.content in file_of(client, dataset, "")
    if frames:
        numbers = ",".join(str(number + 1) for number in range(len(frames)))
        assert octets(client, f"{address(dataset)}/frames/{numbers}") == frames
    if "PixelData" in dataset:
        assert octets(client, model[PIXELS]["BulkDataURI"]) == [dataset.PixelData]
    assert read.get("PatientName") == dataset.get("PatientName")


def test_what_is_retrieved_can_be_sent_again(client: httpx.Client) -> None:
    """A BulkDataURI of ours, absolute, names a part as any other address does."""
    dataset = instance()
    dicom = {"Content-Type": "application/dicom"}
    stored(client.post("/studies", content=encode(dataset), headers=dicom))
    model = metadata(client, dataset, "")
    uris = [each["BulkDataURI"] for each in model.values() if "BulkDataURI" in each]
    bulk = [Part(octets(client, uri)[0], uri) for uri in uris]
    assert len(bulk) == 2
    client.delete(address(dataset, level="study"))

    stored(send(client, data_sets(model), *bulk))

    assert metadata(client, dataset, "") == model
    assert [octets(client, part.location or "")[0] for part in bulk] == [
        part.content for part in bulk
    ]


@pytest.mark.peer("dcmtk")
def test_dcmtk_reads_the_file_that_was_made(
    client: httpx.Client, tmp_path: Path
) -> None:
    programs = require_peer("dcmtk")
    dataset, model = with_pixels()
    stored(send(client, data_sets(model), Part(dataset.PixelData, "bulk/pixels")))
    for name, content in {
        "made": file_of(client, dataset, ""),
        "sent": encode(dataset),
    }.items():
        (tmp_path / name).write_bytes(content)
    dumps = [
        subprocess.run(
            [str(programs["dcmdump"]), "+L", "-q", name],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        ).stdout.decode("latin-1")
        for name in ("made", "sent")
    ]
    made, sent = (
        [line for line in dump.splitlines() if "(fffe," not in line and line[:2] == "("]
        for dump in dumps
    )
    assert [line for line in made if line[:5] != "(0002"] == [
        line for line in sent if line[:5] != "(0002"
    ]


@pytest.mark.parametrize(
    ("kind", "syntax"),
    [
        ("image/jpeg", JPEGLosslessSV1),
        ("image/jp2", JPEG2000Lossless),
        (f"image/jp2; transfer-syntax={JPEG2000Lossless}", JPEG2000Lossless),
        ('image/jp2; transfer-syntax="*"', JPEG2000Lossless),
        ("image/dicom-rle", RLELossless),
        (
            f"application/octet-stream; transfer-syntax={JPEG2000Lossless}",
            JPEG2000Lossless,
        ),
    ],
)
def test_the_media_type_of_compressed_pixels_says_the_transfer_syntax(
    client: httpx.Client, kind: str, syntax: str
) -> None:
    dataset, model = with_pixels()
    part = Part(CODESTREAMS[1], "bulk/pixels", kind)
    stored(send(client, data_sets(model), part))
    read = dcmread(BytesIO(file_of(client, dataset, "")))
    assert read.file_meta.TransferSyntaxUID == syntax
    assert octets(client, f"{address(dataset)}/frames/1") == [CODESTREAMS[1]]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("bulk/pixels", "bulk/pixels"),
        ("bulk/pixels/frames/1", "bulk/pixels/frames/2"),
    ],
)
def test_frames_come_as_several_parts(
    client: httpx.Client, first: str, second: str
) -> None:
    dataset, model = with_pixels(NumberOfFrames=2)
    parts = [
        Part(content, location, "image/jp2")
        for content, location in zip(CODESTREAMS, (first, second), strict=True)
    ]
    if first != second:
        parts.reverse()  # their addresses tell their order
    stored(send(client, data_sets(model), *parts))
    # Fragments have an even length (PS3.5 A.4).
    padded = [content + bytes(len(content) % 2) for content in CODESTREAMS]
    assert octets(client, f"{address(dataset)}/frames/1,2") == padded


@pytest.mark.parametrize(
    ("locations", "order"),
    [
        (["bulk/pixels/frames/1,2,3"], [0, 1, 2]),
        (["bulk/pixels/frames/3,1", "bulk/pixels/frames/2"], [2, 0, 1]),
    ],
)
def test_a_part_may_hold_several_frames(
    client: httpx.Client, locations: list[str], order: list[int]
) -> None:
    dataset, model = with_pixels(NumberOfFrames=3)
    frames = [bytes([number]) * 48 for number in range(3)]
    left = [frames[number] for number in order]
    parts = []
    for location in locations:
        number = location.count(",") + 1
        parts.append(Part(b"".join(left[:number]), location))
        del left[:number]
    stored(send(client, data_sets(model), *parts))
    assert octets(client, f"{address(dataset)}/frames/1,2,3") == frames


@pytest.mark.parametrize(
    ("part", "status"),
    [
        (Part(bytes(97), "bulk/pixels/frames/1,2"), 415),
        (Part(bytes(96), "bulk/pixels/frames/1,2", "image/jp2"), 415),
        (Part(bytes(96), "bulk/pixels/frames/1,2", "text/plain"), 415),
        (Part(bytes(96), "bulk/pixels/frames/1,3"), 409),
        (Part(bytes(96), "bulk/pixels/frames/1,1"), 400),
        (Part(bytes(96), "bulk/pixels/frames/0,1"), 409),
    ],
)
def test_frames_that_cannot_be_told_apart_are_refused(
    client: httpx.Client, part: Part, status: int
) -> None:
    _, model = with_pixels(NumberOfFrames=2)
    assert send(client, data_sets(model), part).status_code == status


def test_no_more_frames_are_named_than_is_taken(client: httpx.Client) -> None:
    named = f"1/frames/{','.join(map(str, range(1, 251)))}"
    parts = [Part(b"", named)] * 401
    answer = send(client, data_sets(), *parts)
    assert answer.status_code == 413
    assert "frames" in answer.text


@pytest.mark.parametrize(
    ("named", "located"),
    [
        ("bulk/1", "bulk/1"),
        ("{base}/bulk/1", "bulk/1"),
        ("bulk/1", "{base}/bulk/1"),
        ("/dicomweb/bulk/1", "{base}/bulk/1"),
        ("../dicomweb/bulk/1", "bulk/1"),
        ("http://elsewhere/1", "http://elsewhere/1"),
        ("urn:uuid:1", "urn:uuid:1"),
        ("http://[", "http://["),
        ("?a=%C3%A4", "?a=%C3%A4"),
    ],
)
def test_addresses_are_compared_as_the_request_resolves_them(
    client: httpx.Client, named: str, located: str
) -> None:
    base = str(client.base_url).rstrip("/")
    dataset, model = with_pixels(named.format(base=base))
    part = Part(dataset.PixelData, located.format(base=base))
    stored(send(client, data_sets(model), part))
    assert dcmread(BytesIO(file_of(client, dataset, ""))) == dataset


@pytest.mark.parametrize(
    "uri",
    [
        "bulk/other",
        "",
        "http://127.0.0.1:9/secret",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "/etc/passwd",
        "bulk/pixels/frames/2",
        "b" * 5_000,
    ],
)
def test_what_is_no_part_of_the_request_is_never_fetched(
    client: httpx.Client, uri: str
) -> None:
    dataset, model = with_pixels(uri)
    answer = send(client, data_sets(model), Part(dataset.PixelData, "bulk/pixels"))
    text = comment_of(answer)
    assert text.startswith("DICOM100: (7fe0,0010) - no part of the request")
    item = failed(answer)
    assert value(item, SOP_CLASS) == dataset.SOPClassUID
    assert value(item, SOP_INSTANCE) == dataset.SOPInstanceUID
    assert found(client, "", StudyInstanceUID=dataset.StudyInstanceUID) == []


def test_the_address_of_the_server_itself_is_not_fetched_either(
    client: httpx.Client,
) -> None:
    held = instance()
    dicom = {"Content-Type": "application/dicom"}
    stored(client.post("/studies", content=encode(held), headers=dicom))
    uri = metadata(client, held, "")[PIXELS]["BulkDataURI"]
    assert "no part" in comment_of(send(client, data_sets(with_pixels(uri)[1])))


def test_one_bad_data_set_does_not_keep_the_others_out(client: httpx.Client) -> None:
    good, model = with_pixels()
    bad, _ = with_pixels()
    wrong, _ = model_of(bad)
    wrong["00200013"] = {"vr": "IS", "Value": [{}]}
    part = Part(good.PixelData, "bulk/pixels")

    answer = send(client, data_sets(wrong, model, 5), part)

    assert answer.status_code == 202
    (item,) = items(answer, REFERENCED)
    assert value(item, SOP_INSTANCE) == good.SOPInstanceUID
    first, second = items(answer, FAILED)
    assert value(first, COMMENT) == "DICOM100: (0020,0013) - is not a number."
    assert value(first, SOP_INSTANCE) == bad.SOPInstanceUID
    assert value(second, COMMENT).startswith("The data set is not an object")
    assert {value(each, REASON) for each in (first, second)} == {0xC000}


def test_the_rules_of_a_store_hold_for_data_sets(client: httpx.Client) -> None:
    model, _ = model_of(instance())
    del model["00100020"]
    assert "(0010,0020)" in comment_of(send(client, data_sets(model)), 0xA900)
    model, _ = model_of(instance(StudyDate=None))
    model["00080020"] = {"vr": "DA", "Value": ["yesterday"]}
    assert "00081196" in stored(send(client, data_sets(model)), 202)
    model, _ = model_of(instance())
    answer = send(client, data_sets(model), study="1.2.3")
    comment_of(answer, 0xA901)
    dataset = instance()
    model, _ = model_of(dataset)
    stored(send(client, data_sets(model), study=str(dataset.StudyInstanceUID)))
    text = comment_of(send(client, data_sets(model)), 0xB00E)
    assert "identical" in text


def test_parts_that_no_data_set_names_are_not_kept(client: httpx.Client) -> None:
    dataset = instance()
    model, _ = model_of(dataset)
    stored(send(client, data_sets(model), Part(b"not named", "bulk/1")))
    assert b"not named" not in file_of(client, dataset, "")


def test_bulk_data_may_come_before_and_data_sets_in_several_parts(
    client: httpx.Client,
) -> None:
    first, one = with_pixels("1")
    second, two = with_pixels("1")
    answer = send(
        client,
        Part(first.PixelData, "1"),
        data_sets(one),
        data_sets(two)._replace(type=None),
    )
    assert len(items(answer, REFERENCED)) == 2
    assert dcmread(BytesIO(file_of(client, second, ""))) == second


def test_no_data_sets_are_204(client: httpx.Client) -> None:
    assert send(client, data_sets()).status_code == 204
    assert send(client, Part(b"x", "bulk/1")).status_code == 204
    empty = client.post("/studies", content=b"[]", headers={"Content-Type": JSON})
    assert empty.status_code == 204


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([Part(b"{", None, JSON)], 400),
        ([Part(b"", None, JSON)], 400),
        ([Part(b"5", None, JSON)], 400),
        ([Part(b'["\\ud800"]', None, JSON)], 400),
        ([Part(b'["\xff"]', None, JSON)], 400),
        ([Part(b"[1e999]", None, JSON)], 400),
        ([Part(b"[" * 5000, None, JSON)], 400),
        ([Part(b"[" + b"0," * 1_000_000 + b"0]", None, JSON)], 413),
        ([Part(b"[" + b" " * 33_600_000 + b"]", None, JSON)], 413),
        ([data_sets(), Part(b"x")], 400),
        ([data_sets(), Part(b"x", "a" * 1_001)], 413),
        ([Part(b"", str(number)) for number in range(10_000)], 413),
        ([data_sets()] * 10_000, 413),
        ([data_sets(), Part(b"x", "1", "application/dicom")], 415),
        ([data_sets(), Part(b"x", "1", "application/dicom+xml")], 415),
        ([data_sets(), Part(b"x", "1", "nothing")], 415),
        ([data_sets(), Part(b"x", "1", "image/jpeg; transfer-syntax=1.2.3")], 415),
        (
            [
                data_sets(),
                Part(b"x", "1", "application/octet-stream; transfer-syntax=1.2"),
            ],
            415,
        ),
    ],
)
def test_a_request_that_cannot_be_read_stores_nothing(
    client: httpx.Client, parts: list[Part], status: int
) -> None:
    dataset = instance()
    model, _ = model_of(dataset)
    answer = send(client, data_sets(model), *parts)
    assert answer.status_code == status, answer.text
    assert len(answer.text) < 300
    assert found(client, "", StudyInstanceUID=dataset.StudyInstanceUID) == []


def test_a_body_that_is_cut_off_stores_nothing(client: httpx.Client) -> None:
    dataset, model = with_pixels()
    whole = Part(dataset.PixelData, "bulk/pixels")
    content_type = 'multipart/related; type="application/dicom+json"; boundary=b'
    text = json.dumps([model])
    content = (
        f"--b\r\nContent-Type: {JSON}\r\n\r\n{text}\r\n"
        f"--b\r\nContent-Location: {whole.location}\r\n"
        f"Content-Type: {whole.type}\r\n\r\n"
    ).encode() + whole.content
    headers = {"Content-Type": content_type}
    answer = client.post("/studies", content=content, headers=headers)
    assert answer.status_code == 400
    assert found(client, "", StudyInstanceUID=dataset.StudyInstanceUID) == []


@pytest.mark.parametrize("version", AZURE)
def test_azures_dialects_take_no_json(client: httpx.Client, version: str) -> None:
    model, _ = model_of(instance())
    assert send(client, data_sets(model), version=version).status_code == 415
    answer = client.post(
        f"{version}/studies", content=b"[]", headers={"Content-Type": JSON}
    )
    assert answer.status_code == 415


@pytest.mark.parametrize("version", AZURE)
def test_azures_dialects_take_no_xml(client: httpx.Client, version: str) -> None:
    kind = 'multipart/related; type="application/dicom+xml"; boundary=b'
    body = b"--b\r\nContent-Type: application/dicom+xml\r\n\r\n<a/>\r\n--b--\r\n"
    headers = {"Content-Type": kind}
    answer = client.post(f"{version}/studies", content=body, headers=headers)
    assert answer.status_code == 415
