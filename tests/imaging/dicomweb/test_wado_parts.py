"""WADO-RS frames and bulk data (DICOM PS3.18 10.4.1.1.6 and 10.4.1.1.5)."""

import struct
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    MPEG4HP41,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

from core.errors import Invalid
from imaging.dicomweb.wado_parts import frame_numbers
from tests.imaging.dicomweb.service import Service, file_of, parts_of
from tests.synthetic import UNCOMPRESSED, encode, instance

pytestmark = pytest.mark.usefixtures("committing")
OCTETS: Final = 'multipart/related; type="application/octet-stream"'
STORED: Final = f"{OCTETS}; transfer-syntax=*"


@pytest.fixture
def service() -> Service:
    return Service()


def native(frames: int = 10) -> Dataset:
    values = np.arange(frames * 24, dtype="<u2")
    return instance(NumberOfFrames=frames, PixelData=values.tobytes())


def frame(number: int) -> bytes:
    return np.arange((number - 1) * 24, number * 24, dtype="<u2").tobytes()


def compressed(
    pixel_data: bytes, syntax: str = JPEG2000Lossless, **attributes: Any
) -> tuple[Dataset, bytes]:
    dataset = instance(PixelData=pixel_data, **attributes)
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    return dataset, encode(dataset, syntax)


def item(value: bytes) -> bytes:
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(value)) + value


@pytest.mark.parametrize("syntax", UNCOMPRESSED)
@pytest.mark.parametrize("accept", [None, "*/*", OCTETS, STORED])
def test_native_frames_come_in_the_order_of_the_list(
    service: Service, syntax: str, accept: str | None
) -> None:
    dataset = native()
    service.store(file_of(dataset, syntax))
    response = service.get(service.url(dataset, path="/frames/3,1,3"), accept)
    assert response.status_code == 200
    assert int(response.headers["content-length"]) == len(response.content)
    parts = parts_of(response)
    assert [part for _, part in parts] == [frame(3), frame(1), frame(3)]
    assert parts[1][0] == {
        "content-type": "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1",
        "content-location": service.url(dataset, path="/frames/1"),
    }


@pytest.mark.parametrize("frames", ["10", "%31%30", "0010"])
def test_one_frame_comes_as_a_single_part(service: Service, frames: str) -> None:
    dataset = native()
    service.store(dataset)
    url = service.url(dataset, path=f"/frames/{frames}")
    response = service.get(url, "application/octet-stream")
    assert response.content == frame(10)
    ranged = service.get(url, "application/octet-stream", range="bytes=8-11")
    assert (ranged.status_code, ranged.content) == (206, frame(10)[8:12])
    tag = response.headers["etag"]
    assert (
        service.get(url, "application/octet-stream", if_none_match=tag).content == b""
    )
    head = service.get(url, "application/octet-stream", "HEAD")
    assert (head.headers["content-length"], head.content) == ("48", b"")


def test_a_comma_may_be_escaped(service: Service) -> None:
    dataset = native()
    service.store(dataset)
    response = service.get(service.url(dataset, path="/frames/2%2C4"))
    assert [part for _, part in parts_of(response)] == [frame(2), frame(4)]


@pytest.mark.parametrize(
    ("frames", "accept", "status"),
    [
        ("0", None, 400),
        ("-1", None, 400),
        ("0,1", None, 400),
        ("1,", None, 400),
        ("one", None, 400),
        ("1.5", None, 400),
        ("\u0661", None, 400),
        ("11", None, 404),
        ("1,11", None, 404),
        ("999999999999999999", None, 404),
        ("1,2", "application/octet-stream", 400),
        ("1", "image/png", 406),
        ("1", f"{OCTETS}; transfer-syntax=1.2.840.10008.1.2.4.100", 406),
    ],
)
def test_what_is_no_frame_is_refused(
    service: Service, frames: str, accept: str | None, status: int
) -> None:
    dataset = native()
    service.store(dataset)
    url = service.url(dataset, path=f"/frames/{frames}")
    assert service.get(url, accept).status_code == status


@pytest.mark.parametrize("text", ["", ",", "1,,2", " 1", "+1", "1e3", "0x1", "1" * 30])
def test_a_list_that_is_none(text: str) -> None:
    with pytest.raises(Invalid):
        frame_numbers(text)


def test_without_pixel_data_there_are_no_frames(service: Service) -> None:
    dataset = instance(PixelData=None)
    service.store(dataset)
    assert service.get(service.url(dataset)).status_code == 200
    response = service.get(service.url(dataset, path="/frames/1"))
    assert (response.status_code, response.text) == (
        404,
        "The instance has no pixel data.",
    )


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "image/jp2"),
        ("*/*", "image/jp2"),
        (STORED, "application/octet-stream"),
        (OCTETS, "application/octet-stream"),
        ('multipart/related; type="image/jp2"', "image/jp2"),
    ],
)
@pytest.mark.parametrize("fragments", [1, 3])
@pytest.mark.parametrize("has_table", [True, False])
def test_compressed_frames_come_as_stored(
    service: Service,
    accept: str | None,
    media_type: str,
    fragments: int,
    has_table: bool,
) -> None:
    streams = [b"\xff\x4f" + bytes([n]) * 60 * n + b"\xff\xd9" for n in (1, 2, 3)]
    pixel_data = encapsulate(streams, fragments, has_table)
    dataset, content = compressed(pixel_data, NumberOfFrames=3)
    service.store(content)
    response = service.get(service.url(dataset, path="/frames/3,1"), accept)
    parts = parts_of(response)
    assert [part for _, part in parts] == [streams[2], streams[0]]
    wanted = f"{media_type}; transfer-syntax=1.2.840.10008.1.2.4.90"
    assert {headers["content-type"] for headers, _ in parts} == {wanted}
    assert f'type="{media_type}"' in response.headers["content-type"]


def test_damaged_frames_come_as_stored_only(service: Service) -> None:
    dataset, content = compressed(encapsulate([b"\xff\x4fab"]))
    service.store(content)
    url = service.url(dataset, path="/frames/1")
    accept = f"{OCTETS}; transfer-syntax=1.2.840.10008.1.2.1"
    refused = service.get(url, accept)
    assert refused.status_code == 406
    assert refused.text.startswith("A frame is damaged: it has no JPEG 2000 codestr")
    assert service.get(url, "image/jp2").content == b"\xff\x4fab"
    assert service.get(service.url(dataset, path="/frames/2")).status_code == 404


def test_frames_that_cannot_be_told_apart_are_refused_but_not_lost(
    service: Service,
) -> None:
    """A video: one stream for all frames (DICOM PS3.5 8.2.6)."""
    pixel_data = item(b"") + item(b"video ") + item(b"stream")
    dataset, content = compressed(pixel_data, MPEG4HP41, NumberOfFrames=30)
    service.store(content)
    assert service.get(service.url(dataset, path="/frames/1")).status_code == 406
    url = service.url(dataset, path="/bulkdata/7FE00010")
    whole = service.get(url)
    assert whole.content == b"video stream"
    assert whole.headers["content-type"] == f"video/mp4; transfer-syntax={MPEG4HP41}"
    assert service.get(url, range="bytes=4-7").content == b"o st"


def test_rle_has_its_own_media_type(service: Service) -> None:
    dataset, content = compressed(encapsulate([b"rle!"]), RLELossless)
    service.store(content)
    accept = 'multipart/related; type="image/x-dicom-rle"'
    ((headers, part),) = parts_of(
        service.get(service.url(dataset, path="/frames/1"), accept)
    )
    assert part == b"rle!"
    assert (
        headers["content-type"] == "image/x-dicom-rle; transfer-syntax=" + RLELossless
    )


@pytest.mark.parametrize(
    "name",
    [
        "MR_small_expb.dcm",
        "rtdose.dcm",
        "rtdose_expb.dcm",
        "liver_1frame.dcm",
        "liver_expb_1frame.dcm",
        "SC_rgb_small_odd_big_endian.dcm",
        "SC_ybr_full_422_uncompressed.dcm",
        "SC_rgb_rle_16bit_2frame.dcm",
        "JPEG2000.dcm",
        "image_dfl.dcm",
    ],
)
def test_frames_of_real_files_are_those_that_pydicom_reads(
    service: Service, name: str
) -> None:
    path = get_testdata_file(name, download=False)
    if path is None:
        pytest.skip("not among the files that come with pydicom")
    dataset = pydicom.dcmread(path)
    service.store(Path(path).read_bytes())
    number = int(dataset.get("NumberOfFrames", 1))
    numbers = sorted({1, number // 2 + 1, number})
    url = service.url(dataset, path=f"/frames/{','.join(map(str, numbers))}")
    found = [part for _, part in parts_of(service.get(url, STORED))]
    assert found == [_frame_of(dataset, one, number) for one in numbers]


def _frame_of(dataset: Dataset, one: int, number: int) -> bytes:
    syntax = dataset.file_meta.TransferSyntaxUID
    if syntax.is_encapsulated:
        encapsulated = pydicom.encaps.generate_frames(
            dataset.PixelData, number_of_frames=number
        )
        return list(encapsulated)[one - 1]
    if dataset.BitsAllocated == 1:
        bits = np.unpackbits(np.frombuffer(dataset.PixelData, "u1"), bitorder="little")
        size = dataset.Rows * dataset.Columns
        frame = bits[(one - 1) * size : one * size]
        return np.packbits(frame, bitorder="little").tobytes()
    if dataset.PhotometricInterpretation == "YBR_FULL_422":
        return bytes(dataset.PixelData)  # pixel_array has twice as much chrominance
    pixels = dataset.pixel_array.reshape(number, -1)
    little = pixels[one - 1].astype(pixels.dtype.newbyteorder("<"))
    return bytes(little.tobytes())


def test_every_address_in_the_metadata_resolves(service: Service) -> None:
    inner = Dataset()
    inner.add_new(0x00091001, "OB", b"in an item")
    icon = Dataset()
    icon.Rows = icon.Columns = 2
    icon.PixelData = bytes(range(4))
    icon["PixelData"].VR = "OB"
    dataset = native(2)
    dataset.IconImageSequence = [icon]
    block = dataset.private_block(0x0013, "NESTED", create=True)
    block.add_new(0x01, "SQ", [inner])
    service.store(dataset)
    (model,) = orjson.loads(service.get(service.url(dataset, path="/metadata")).content)
    uris = {
        "00111002": b"private bytes!",
        "00131001/1/00091001": b"in an item",
        "00880200/1/7FE00010": bytes(range(4)),
        "7FE00010": frame(1) + frame(2),
    }
    assert list(_bulk_uris(model)) == [
        service.url(dataset, path=f"/bulkdata/{path}") for path in uris
    ]
    for path, value in uris.items():
        url = service.url(dataset, path=f"/bulkdata/{path}")
        response = service.get(url)
        assert response.content == value
        assert response.headers["content-type"].startswith("application/octet-stream")
        ((_, part),) = parts_of(service.get(url, 'multipart/related; type="*/*"'))
        assert part == value
        assert service.get(url, range="bytes=1-2").content == value[1:3]


def _bulk_uris(model: dict[str, Any]) -> Any:
    for attribute in model.values():
        if "BulkDataURI" in attribute:
            yield attribute["BulkDataURI"]
        if attribute["vr"] == "SQ":
            for inner in attribute.get("Value", []):
                yield from _bulk_uris(inner)


@pytest.mark.parametrize(
    "syntax", [ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
def test_bulk_values_are_little_endian(service: Service, syntax: str) -> None:
    dataset = native(2)
    service.store(file_of(dataset, syntax))
    url = service.url(dataset, path="/bulkdata/7FE00010")
    assert service.get(url).content == frame(1) + frame(2)
    assert service.get(url, range="bytes=3-60").content == (frame(1) + frame(2))[3:61]


def test_encapsulated_bulk_data_comes_frame_by_frame(service: Service) -> None:
    """DICOM PS3.18 8.7.3.3.2."""
    streams = [b"\xff\x4fone!", b"\xff\x4ftwo!"]
    dataset, content = compressed(encapsulate(streams), NumberOfFrames=2)
    service.store(content)
    url = service.url(dataset, path="/bulkdata/7FE00010")
    parts = parts_of(service.get(url))
    assert [part for _, part in parts] == streams
    assert parts[1][0]["content-location"] == service.url(dataset, path="/frames/2")


@pytest.mark.parametrize("path", ["00100010", "7FE00008", "x/1", "00880200/1/7FE00010"])
def test_a_value_that_is_not_bulk_is_not_found(service: Service, path: str) -> None:
    dataset = instance()
    service.store(dataset)
    url = service.url(dataset, path=f"/bulkdata/{path}")
    assert service.get(url).status_code == 404


def test_large_frames_are_streamed_and_ranged(service: Service) -> None:
    pixels = np.arange(1200 * 600, dtype="<u2").tobytes()
    dataset = instance(Rows=1200, Columns=600, PixelData=pixels)
    service.store(file_of(dataset, ExplicitVRBigEndian))
    url = service.url(dataset, path="/frames/1")
    assert service.get(url, "application/octet-stream").content == pixels
    ranged = service.get(url, "application/octet-stream", range="bytes=99-1300000")
    assert ranged.content == pixels[99:1300001]
    whole = service.get(service.url(dataset), "application/dicom")
    made = pydicom.dcmread(BytesIO(whole.content))
    assert made.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert made.PixelData == pixels
