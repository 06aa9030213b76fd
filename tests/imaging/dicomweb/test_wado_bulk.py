"""WADO-RS: all bulk data and all pixel data (DICOM PS3.18 10.4.1.1.5, 10.4.1.1.6)."""

from dataclasses import replace
from typing import Any, Final

import imagecodecs
import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

from core.models import AuditRecord
from imaging.pixels import ImageDescription
from imaging.pixels import encode as encode_frame
from imaging.retrieve import listing
from tests.imaging.dicomweb.service import HOST, ROOT, Service, file_of, parts_of
from tests.synthetic import UNCOMPRESSED, encode, instance, new_uid

pytestmark = pytest.mark.usefixtures("committing")
OCTETS: Final = 'multipart/related; type="application/octet-stream"'
JP2: Final = 'multipart/related; type="image/jp2"'
NATIVE: Final = "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"
PRIVATE: Final = "00111002"
PIXELS: Final = "7FE00010"
CODESTREAMS: Final = [b"\xff\x4fone!", b"\xff\x4fthe second"]


@pytest.fixture
def service() -> Service:
    return Service()


def compressed(syntax: str = JPEG2000Lossless, **attributes: Any) -> bytes:
    dataset = instance(NumberOfFrames=2, **attributes)
    dataset.PixelData = encapsulate(CODESTREAMS)
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    return encode(dataset, syntax)


def without_bulk(**attributes: Any) -> Dataset:
    dataset = instance(PixelData=None, **attributes)
    del dataset[0x00111002]
    return dataset


def urls(parts: list[tuple[dict[str, str], bytes]]) -> list[str]:
    return [headers["content-location"] for headers, _ in parts]


@pytest.mark.parametrize("level", ["study", "series", "instance"])
@pytest.mark.parametrize(
    "accept", [None, "*/*", OCTETS, f"{OCTETS}; transfer-syntax=*"]
)
def test_all_values_come_with_the_addresses_of_the_metadata(
    service: Service, monkeypatch: pytest.MonkeyPatch, level: str, accept: str | None
) -> None:
    monkeypatch.setattr(listing, "_BULK", replace(listing._BULK, page_size=2))
    study, series = new_uid(), new_uid()
    datasets = [
        make(StudyInstanceUID=study, SeriesInstanceUID=series, InstanceNumber=number)
        for number, make in enumerate(
            (instance, without_bulk, instance, instance, without_bulk)
        )
    ]
    service.store(*datasets)
    if level == "instance":
        del datasets[1:]
    answer = service.get(service.url(datasets[0], level, "/bulkdata"), accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(f"{OCTETS}; boundary=")
    parts = parts_of(answer)
    having = [dataset for dataset in datasets if "PixelData" in dataset]
    assert urls(parts) == [
        service.url(dataset, path=f"/bulkdata/{tag}")
        for dataset in having
        for tag in (PRIVATE, PIXELS)
    ]
    assert [content for _, content in parts] == [
        value for dataset in having for value in (b"private bytes!", dataset.PixelData)
    ]
    for headers, content in parts:
        assert headers["content-type"] == NATIVE
        one = service.get(headers["content-location"], "application/octet-stream")
        assert one.content == content


@pytest.mark.parametrize("syntax", UNCOMPRESSED)
def test_values_are_little_endian_whatever_is_stored(
    service: Service, syntax: str
) -> None:
    dataset = instance()
    service.store(file_of(dataset, syntax))
    answer = service.get(service.url(dataset, path="/pixeldata"))
    assert [content for _, content in parts_of(answer)] == [dataset.PixelData]
    (record,) = AuditRecord.objects.filter(
        study_instance_uid=dataset.StudyInstanceUID, action="retrieve"
    )
    assert record.detail == "1 instances' bulk data"


@pytest.mark.parametrize(
    ("accept", "frame_type"),
    [
        (None, "image/jp2"),
        (OCTETS, "application/octet-stream"),
        (f"{JP2}, {OCTETS};q=0.5", "image/jp2"),
    ],
)
def test_compressed_frames_are_parts_as_stored_beside_native_values(
    service: Service, accept: str | None, frame_type: str
) -> None:
    study = new_uid()
    content = compressed(StudyInstanceUID=study, SeriesNumber=1)
    plain = instance(StudyInstanceUID=study, SeriesNumber=2)
    service.store(content, plain)
    answer = service.get(service.url(plain, "study", "/bulkdata"), accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(f"{OCTETS}; boundary=")
    parts = parts_of(answer)
    frames = f"{frame_type}; transfer-syntax={JPEG2000Lossless}"
    assert [headers["content-type"] for headers, _ in parts] == [
        NATIVE,
        frames,
        frames,
        NATIVE,
        NATIVE,
    ]
    padded = [each + bytes(len(each) % 2) for each in CODESTREAMS]
    assert [content for _, content in parts[1:3]] == padded
    assert urls(parts)[1] == urls(parts)[2]
    assert urls(parts)[1].endswith(f"/bulkdata/{PIXELS}")


def test_pixel_data_of_one_syntax_have_its_type(service: Service) -> None:
    study = new_uid()
    contents = [compressed(StudyInstanceUID=study) for _ in range(2)]
    service.store(*contents)
    url = f"{service.base_url}/studies/{study}/pixeldata"
    answer = service.get(url, JP2)
    assert answer.headers["content-type"].startswith(f"{JP2}; boundary=")
    assert len(parts_of(answer)) == 4
    assert answer.headers["etag"] != service.get(url, OCTETS).headers["etag"]


def test_pixel_data_are_those_of_the_data_set_itself(service: Service) -> None:
    icon = Dataset()
    icon.add_new(0x7FE00010, "OW", b"icon")
    dataset = instance(IconImageSequence=[icon])
    service.store(dataset)
    everything = parts_of(service.get(service.url(dataset, path="/bulkdata")))
    assert [url.partition("/bulkdata/")[2] for url in urls(everything)] == [
        PRIVATE,
        "00880200/1/7FE00010",
        PIXELS,
    ]
    pixels = parts_of(service.get(service.url(dataset, path="/pixeldata")))
    assert pixels == everything[2:]


@pytest.mark.parametrize(
    "accept",
    [
        JP2,
        "image/jp2",
        "application/octet-stream",
        f"{OCTETS}; transfer-syntax={RLELossless}",
        "application/dicom+json",
    ],
)
def test_what_cannot_be_made_of_all_is_refused(service: Service, accept: str) -> None:
    study = new_uid()
    service.store(compressed(StudyInstanceUID=study), instance(StudyInstanceUID=study))
    url = f"{service.base_url}/studies/{study}/pixeldata"
    answer = service.get(url, accept)
    assert answer.status_code == 406
    assert "multipart/related" in answer.text


def test_where_there_is_nothing_it_is_told(service: Service) -> None:
    dataset = without_bulk()
    service.store(dataset)
    for level in ("study", "series", "instance"):
        for what in ("bulkdata", "pixeldata"):
            answer = service.get(service.url(dataset, level, f"/{what}"))
            assert (answer.status_code, answer.text) == (
                404,
                f"The {level} has no {what}.",
            )
    missing = service.url(instance(), "study", "/bulkdata")
    assert service.get(missing).text == "No such study."


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("what", ["bulkdata", "pixeldata"])
def test_azures_dialects_have_no_such_address(
    service: Service, version: str, what: str
) -> None:
    dataset = instance()
    service.store(dataset)
    for level in ("study", "series", "instance"):
        url = service.url(dataset, level, f"/{what}")
        assert service.get(url).status_code == 200
        url = url.replace(f"{HOST}{ROOT}", f"{HOST}{ROOT}/{version}")
        assert service.get(url, "*/*").status_code == 404


def test_conditions_and_head(service: Service) -> None:
    dataset = instance()
    service.store(file_of(dataset, ExplicitVRBigEndian))
    url = service.url(dataset, "study", "/bulkdata")
    answer = service.get(url)
    tag = answer.headers["etag"]
    assert service.get(url, if_none_match=tag).status_code == 304
    assert service.get(url, if_match='"other"').status_code == 412
    head = service.get(url, method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == tag
    other = service.get(service.url(dataset, "study", "/pixeldata"))
    assert other.headers["etag"] != tag


def real_frames(**attributes: Any) -> tuple[Dataset, list[bytes]]:
    """Return an instance in RLE, and its frames without compression."""
    pixels = np.random.default_rng(5).integers(0, 256, (2, 16, 20), np.uint8)
    described = ImageDescription(16, 20, 1, 8, 8, 7, False, "MONOCHROME2")
    streams = [encode_frame(each, RLELossless, described) for each in pixels]
    dataset = instance(
        NumberOfFrames=2,
        Rows=16,
        Columns=20,
        BitsAllocated=8,
        BitsStored=8,
        HighBit=7,
        PixelData=encapsulate(streams),
        **attributes,
    )
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    return dataset, [each.tobytes() for each in pixels]


@pytest.mark.parametrize("path", ["/bulkdata", "/pixeldata", f"/bulkdata/{PIXELS}"])
def test_compressed_pixel_data_in_a_transfer_syntax_that_is_named(
    service: Service, path: str
) -> None:
    dataset, frames = real_frames()
    service.store(encode(dataset, RLELossless))
    url = service.url(dataset, path=path)
    stored = parts_of(service.get(url))
    plain = service.get(url, f"{OCTETS}; transfer-syntax={ExplicitVRLittleEndian}")
    assert plain.status_code == 200, plain.text
    parts = parts_of(plain)
    assert [content for _, content in parts[-2:]] == frames
    assert {headers["content-type"] for headers, _ in parts} == {NATIVE}
    assert urls(parts) == urls(stored)
    images = parts_of(service.get(url, JP2))[-2:]
    jpeg_2000 = f"image/jp2; transfer-syntax={JPEG2000Lossless}"
    for (headers, content), frame in zip(images, frames, strict=True):
        assert headers["content-type"] == jpeg_2000
        assert imagecodecs.jpeg2k_decode(content).tobytes() == frame
    tags = {
        service.get(url, accept).headers["etag"]
        for accept in (
            OCTETS,
            f"{OCTETS}; transfer-syntax={ExplicitVRLittleEndian}",
            f"{OCTETS}; transfer-syntax={JPEG2000Lossless}",
        )
    }
    assert len(tags) == 3


def test_pixel_data_that_cannot_be_made_another_form_are_refused(
    service: Service,
) -> None:
    study = new_uid()
    service.store(compressed(StudyInstanceUID=study))  # no codec reads these
    url = f"{service.base_url}/studies/{study}/pixeldata"
    for accept in (
        f"{OCTETS}; transfer-syntax={ExplicitVRLittleEndian}",
        'multipart/related; type="image/jls"',
    ):
        assert service.get(url, accept).status_code == 406
    assert service.get(url, f"{OCTETS}; transfer-syntax=*").status_code == 200
