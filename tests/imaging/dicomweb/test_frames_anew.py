"""Frames in other forms than they are stored in (DICOM PS3.18 8.7.3.3)."""

from typing import Any, Final

import imagecodecs
import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from imaging.pixels import (
    NATIVE,
    ImageDescription,
    after_decoding,
    after_encoding,
    decode,
    encode,
)
from tests.imaging.dicomweb.service import Service, parts_of
from tests.imaging.pixels.reading import Array, same
from tests.synthetic import encode as file_with
from tests.synthetic import instance, new_uid

pytestmark = pytest.mark.usefixtures("committing")
ELE: Final = "1.2.840.10008.1.2.1"
JPEG: Final = "1.2.840.10008.1.2.4.50"
JPEG_LOSSLESS: Final = "1.2.840.10008.1.2.4.70"
JPEG_LS: Final = "1.2.840.10008.1.2.4.80"
JPEG_2000: Final = "1.2.840.10008.1.2.4.90"
LOSSY_2000: Final = "1.2.840.10008.1.2.4.91"
HTJ2K: Final = "1.2.840.10008.1.2.4.201"
RLE: Final = "1.2.840.10008.1.2.5"
GREY: Final = ImageDescription(20, 30, 1, 16, 12, 11, True, "MONOCHROME2")
BYTES: Final = ImageDescription(20, 30, 1, 8, 8, 7, False, "MONOCHROME2")
RGB: Final = ImageDescription(20, 30, 3, 8, 8, 7, False, "RGB")
OCTETS: Final = "application/octet-stream"


@pytest.fixture
def service() -> Service:
    return Service()


def several(media_type: str) -> str:
    name, _, rest = media_type.partition(";")
    return f'multipart/related; type="{name}"{";" if rest else ""}{rest}'


def frames(description: ImageDescription, number: int = 3) -> list[Array]:
    dtype = np.dtype(description.dtype)
    size = number * description.number_of_samples
    values = np.arange(size) % (1 << (description.bits_stored - 1))
    return list(values.astype(dtype).reshape(number, *description.shape))


def stored(
    service: Service, syntax: str, description: ImageDescription, **changed: Any
) -> Dataset:
    """Store frames in a transfer syntax."""
    becomes = after_encoding(syntax, description)
    streams = [encode(each, syntax, description) for each in frames(description)]
    attributes = {
        "NumberOfFrames": len(streams),
        "Rows": description.rows,
        "Columns": description.columns,
        "SamplesPerPixel": description.samples_per_pixel,
        "PlanarConfiguration": 0,
        "BitsAllocated": description.bits_allocated,
        "BitsStored": description.bits_stored,
        "HighBit": description.high_bit,
        "PixelRepresentation": int(description.is_signed),
        "PhotometricInterpretation": becomes.photometric_interpretation,
        "PixelData": b"".join(streams) if syntax in NATIVE else encapsulate(streams),
        **changed,
    }
    dataset = instance(**attributes)
    dataset["PixelData"].VR = "OW" if syntax in NATIVE else "OB"
    dataset["PixelData"].is_undefined_length = syntax not in NATIVE
    service.store(file_with(dataset, UID(syntax)))
    return dataset


def decoded(part: bytes, syntax: str, description: ImageDescription) -> Array:
    plain = after_decoding(ELE, description)
    return decode(part, syntax, after_encoding(syntax, plain)).samples


MADE: Final = [
    (OCTETS, ELE),
    (f"{OCTETS}; transfer-syntax={ELE}", ELE),
    (f"{OCTETS}; transfer-syntax={JPEG_LS}", JPEG_LS),
    ("image/jpeg", JPEG_LOSSLESS),
    ("image/jls", JPEG_LS),
    ("image/x-jls", JPEG_LS),
    ("image/jp2", JPEG_2000),
    (f"image/jp2; transfer-syntax={JPEG_2000}", JPEG_2000),
    ("image/jphc", HTJ2K),
    ("image/dicom-rle", RLE),
]


@pytest.mark.parametrize("description", [GREY, RGB], ids=["grey", "RGB"])
@pytest.mark.parametrize("given", [ELE, JPEG_2000, RLE])
def test_frames_are_made_in_the_form_that_is_asked_for(
    service: Service, given: str, description: ImageDescription
) -> None:
    dataset = stored(service, given, description)
    held = frames(description)
    for accept, wanted in MADE:
        url = service.url(dataset, path="/frames/3,1,3")
        answer = service.get(url, several(accept))
        assert answer.status_code == 200, answer.text
        parts = parts_of(answer)
        media_type = accept.partition(";")[0]
        types = {headers["content-type"] for headers, _ in parts}
        assert types == {f"{media_type}; transfer-syntax={wanted}"}
        found = [decoded(part, wanted, description) for _, part in parts]
        assert same(found, [held[2], held[0], held[2]])
        alone = service.get(service.url(dataset, path="/frames/1"), accept)
        assert alone.content == parts[1][1]
        assert alone.headers["content-type"] in types


def test_decoded_frames_have_a_length_beforehand(service: Service) -> None:
    dataset = stored(service, JPEG_2000, GREY)
    url = service.url(dataset, path="/frames/1,2")
    answer = service.get(url, several(OCTETS))
    assert int(answer.headers["content-length"]) == len(answer.content)
    head = service.get(url, several(OCTETS), "HEAD")
    assert (head.content, head.headers) == (b"", answer.headers)


@pytest.mark.parametrize("given", [ELE, JPEG_2000, RLE])
def test_lossy_frames_come_to_who_names_them(service: Service, given: str) -> None:
    dataset = stored(service, given, RGB)
    url = service.url(dataset, path="/frames/2")
    for media_type, wanted in (("image/jpeg", JPEG), ("image/jp2", LOSSY_2000)):
        answer = service.get(url, f"{media_type}; transfer-syntax={wanted}")
        assert answer.headers["content-type"].endswith(wanted)
        found = decoded(answer.content, wanted, RGB).astype(int)
        assert np.abs(found - frames(RGB)[1]).mean() < 6


def test_colours_of_baseline_come_as_rgb(service: Service) -> None:
    dataset = stored(service, JPEG, RGB)
    answer = service.get(service.url(dataset, path="/frames/1"), OCTETS)
    assert len(answer.content) == 20 * 30 * 3
    found = np.frombuffer(answer.content, np.uint8).reshape(20, 30, 3).astype(int)
    assert np.abs(found - frames(RGB)[0]).mean() < 6


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "image/jp2"),
        ("*/*", "image/jp2"),
        (several("image/jp2"), "image/jp2"),
        (f"{several(OCTETS)}; transfer-syntax=*", OCTETS),
        (f"{several(OCTETS)}; transfer-syntax={JPEG_2000}", OCTETS),
        (f"{several('image/jls')};q=0.5, {several('image/jp2')}", "image/jp2"),
    ],
)
def test_who_takes_the_stored_form_gets_it(
    service: Service, accept: str | None, media_type: str
) -> None:
    dataset = stored(service, JPEG_2000, GREY)
    answer = service.get(service.url(dataset, path="/frames/1"), accept)
    ((headers, part),) = parts_of(answer)
    assert headers["content-type"] == f"{media_type}; transfer-syntax={JPEG_2000}"
    stream = encode(frames(GREY)[0], JPEG_2000, GREY)
    assert part.rstrip(b"\0") == stream.rstrip(b"\0")


def test_what_cannot_be_made_names_what_can(service: Service) -> None:
    dataset = stored(service, JPEG_2000, GREY)
    url = service.url(dataset, path="/frames/1")
    for accept in ("image/png", f"image/jpeg; transfer-syntax={JPEG}", "video/mp4"):
        refused = service.get(url, accept)
        assert refused.status_code == 406
        assert "image/jp2" in refused.text
        assert f"{OCTETS}; transfer-syntax={ELE}" in refused.text
        assert JPEG not in refused.text
        assert len(refused.text) < 800
    both = f"image/jpeg; transfer-syntax={JPEG}, image/jls;q=0.3"
    answer = service.get(url, both)
    assert answer.headers["content-type"] == f"image/jls; transfer-syntax={JPEG_LS}"


def test_each_form_has_an_entity_tag_of_its_own(service: Service) -> None:
    dataset = stored(service, JPEG_2000, BYTES)
    url = service.url(dataset, path="/frames/1")
    tags = set()
    for accept, _ in MADE:
        tag = service.get(url, accept).headers["etag"]
        again = service.get(url, accept, if_none_match=tag)
        assert (again.status_code, again.content) == (304, b"")
        tags.add(tag)
    assert len(tags) == len({(accept.partition(";")[0], made) for accept, made in MADE})


def test_single_bit_frames_are_decoded_each_from_its_first_bit(
    service: Service,
) -> None:
    bits = ImageDescription(3, 5, 1, 1, 1, 0, False, "MONOCHROME2")
    held = [(np.arange(15) % n == 0).astype(np.uint8).reshape(3, 5) for n in (2, 3, 5)]
    packed = [encode(each, ELE, bits) for each in held]
    header = np.array([1, 64, *[0] * 14], "<u4").tobytes()
    streams = [header + bytes([1]) + each + b"\0" for each in packed]
    dataset = stored(service, RLE, BYTES, Rows=3, Columns=5, BitsAllocated=1)
    dataset.BitsStored, dataset.HighBit = 1, 0
    dataset.PixelData = encapsulate(streams)
    dataset.SOPInstanceUID = new_uid()
    service.store(file_with(dataset, UID(RLE)))
    answer = service.get(service.url(dataset, path="/frames/2,3"), several(OCTETS))
    assert [part for _, part in parts_of(answer)] == packed[1:]


def test_a_video_comes_as_stored_to_who_asks_for_octets(service: Service) -> None:
    video = "1.2.840.10008.1.2.4.102"
    dataset = stored(service, JPEG_2000, BYTES, NumberOfFrames=1)
    dataset.PixelData = encapsulate([b"video"])
    dataset.SOPInstanceUID = new_uid()
    service.store(file_with(dataset, UID(video)))
    url = service.url(dataset, path="/frames/1")
    answer = service.get(url, OCTETS)
    assert answer.headers["content-type"] == f"{OCTETS}; transfer-syntax={video}"
    refused = service.get(url, f"{OCTETS}; transfer-syntax={ELE}")
    assert refused.status_code == 406
    assert "video/mp4" in refused.text


def test_browsers_can_show_what_is_baseline(service: Service) -> None:
    dataset = stored(service, ELE, RGB)
    accept = f"image/jpeg; transfer-syntax={JPEG}"
    answer = service.get(service.url(dataset, path="/frames/1"), accept)
    assert imagecodecs.jpeg8_decode(answer.content).shape == (20, 30, 3)
