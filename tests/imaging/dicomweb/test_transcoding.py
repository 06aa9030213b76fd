"""Instances in another transfer syntax than they are stored in (PS3.18 8.7.3.5.2)."""

import warnings
from copy import deepcopy
from io import BytesIO
from typing import Any, Final

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, parse_basic_offsets
from pydicom.uid import UID

from imaging.pixels import (
    CODECS,
    ENCODED,
    NATIVE,
    ImageDescription,
    after_encoding,
    encode,
)
from tests.imaging.dicomweb.service import Service, file_of, parts_of
from tests.imaging.pixels.reading import Array, frames_of, same
from tests.synthetic import UNCOMPRESSED, instance, new_uid
from tests.synthetic import encode as file_with

pytestmark = pytest.mark.usefixtures("committing")
FILE: Final = "application/dicom"
FILES: Final = 'multipart/related; type="application/dicom"'
ELE: Final = "1.2.840.10008.1.2.1"
IMPLICIT: Final = "1.2.840.10008.1.2"
JPEG: Final = "1.2.840.10008.1.2.4.50"
JPEG_LS: Final = "1.2.840.10008.1.2.4.80"
JPEG_2000: Final = "1.2.840.10008.1.2.4.90"
LOSSY_2000: Final = "1.2.840.10008.1.2.4.91"
RLE: Final = "1.2.840.10008.1.2.5"
EXACT: Final = sorted(uid for uid in ENCODED if CODECS[uid].lossless)
GREY: Final = ImageDescription(32, 24, 1, 16, 12, 11, True, "MONOCHROME2")
RGB: Final = ImageDescription(32, 24, 3, 8, 8, 7, False, "RGB")


@pytest.fixture
def service() -> Service:
    return Service()


def pictures(description: ImageDescription, number: int) -> list[Array]:
    bits, dtype = description.bits_stored, np.dtype(description.dtype)
    low = -(1 << (bits - 1)) if description.is_signed else 0
    random = np.random.default_rng(3)
    size = (number, *description.shape)
    return list(random.integers(low, low + (1 << bits), size).astype(dtype))


def stored(
    syntax: str,
    description: ImageDescription,
    frames: list[Array],
    **attributes: Any,
) -> tuple[Dataset, bytes]:
    """Return a data set with these frames, and its file."""
    becomes = after_encoding(syntax, description)
    streams = [encode(each, syntax, description) for each in frames]
    pixels = b"".join(streams) if syntax in NATIVE else encapsulate(streams)
    dataset = instance(
        NumberOfFrames=len(frames),
        Rows=description.rows,
        Columns=description.columns,
        SamplesPerPixel=description.samples_per_pixel,
        BitsAllocated=description.bits_allocated,
        BitsStored=description.bits_stored,
        HighBit=description.high_bit,
        PixelRepresentation=int(description.is_signed),
        PhotometricInterpretation=becomes.photometric_interpretation,
        PixelData=pixels,
        **attributes,
    )
    if description.samples_per_pixel > 1:
        dataset.PlanarConfiguration = 0
    dataset["PixelData"].VR = "OW" if syntax in NATIVE else "OB"
    dataset["PixelData"].is_undefined_length = syntax not in NATIVE
    return dataset, file_with(dataset, UID(syntax))


def asked(service: Service, dataset: Dataset, syntax: str, file: str = FILE) -> bytes:
    accept = f"{file}; transfer-syntax={syntax}"
    answer = service.get(service.url(dataset), accept)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == accept
    return answer.content


def read(content: bytes) -> Dataset:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset = pydicom.dcmread(BytesIO(content))
        assert dataset.to_json()  # reads every value
    return dataset


@pytest.mark.parametrize("given", sorted({*EXACT, *UNCOMPRESSED}))
def test_lossless_forms_are_the_same_pixels(service: Service, given: str) -> None:
    frames = pictures(GREY, 2)
    if given in UNCOMPRESSED:
        dataset, _ = stored(ELE, GREY, frames)
        content = file_of(dataset, given)
    else:
        dataset, content = stored(given, GREY, frames)
    service.store(content)
    del dataset.PixelData
    for wanted in EXACT:
        made = asked(service, dataset, wanted)
        found = read(made)
        assert found.file_meta.TransferSyntaxUID == wanted
        assert found.SOPInstanceUID == found.file_meta.MediaStorageSOPInstanceUID
        assert same(frames_of(made).decoded(), frames)
        del found.PixelData
        expected = deepcopy(dataset)
        if IMPLICIT in {given, wanted}:  # which has no VR of private attributes
            found.remove_private_tags()
            expected.remove_private_tags()
        assert found.to_json_dict() == expected.to_json_dict()


COLOURS: Final = {
    ELE: "RGB",
    RLE: "RGB",
    JPEG_LS: "RGB",
    "1.2.840.10008.1.2.4.70": "RGB",
    JPEG_2000: "YBR_RCT",
    "1.2.840.10008.1.2.4.201": "YBR_RCT",
    LOSSY_2000: "YBR_ICT",
    JPEG: "YBR_FULL_422",
}


@pytest.mark.parametrize("given", [ELE, JPEG_2000, "planes"])
def test_colours_are_named_as_they_are(service: Service, given: str) -> None:
    frames = pictures(RGB, 1)
    dataset, content = stored(ELE if given == "planes" else given, RGB, frames)
    if given == "planes":
        dataset.PlanarConfiguration = 1
        dataset.PixelData = np.moveaxis(frames[0], -1, 0).tobytes()
        content = file_with(dataset)
    service.store(content)
    for wanted, meaning in COLOURS.items():
        made = asked(service, dataset, wanted)
        found = read(made)
        assert found.PhotometricInterpretation == meaning
        as_stored = (given, wanted) == ("planes", ELE)
        assert found.PlanarConfiguration == int(as_stored)
        if CODECS[wanted].lossless:
            assert same(frames_of(made).decoded(), frames)


def test_shared_chrominance_is_told_of_where_it_is_shared(service: Service) -> None:
    pixels = bytes([10, 20, 128, 128]) * (32 * 24 // 2)
    dataset, _ = stored(ELE, RGB, pictures(RGB, 1))
    dataset.PhotometricInterpretation = "YBR_FULL_422"
    dataset.PixelData = pixels
    service.store(dataset)
    for wanted, meaning in ((JPEG_2000, "YBR_FULL"), (JPEG, "YBR_FULL_422")):
        found = read(asked(service, dataset, wanted))
        assert found.PhotometricInterpretation == meaning
    implicit = read(asked(service, dataset, IMPLICIT))
    assert implicit.PhotometricInterpretation == "YBR_FULL_422"
    assert implicit.PixelData == pixels


@pytest.mark.parametrize(
    ("wanted", "method"), [(JPEG, "ISO_10918_1"), (LOSSY_2000, "ISO_15444_1")]
)
def test_lossy_compression_is_told_of(
    service: Service, wanted: str, method: str
) -> None:
    dataset, content = stored(
        ELE,
        RGB,
        pictures(RGB, 2),
        ImageType=["ORIGINAL", "PRIMARY", "OTHER"],
        LossyImageCompression="01",
        LossyImageCompressionRatio=4.5,
        LossyImageCompressionMethod="ISO_14495_1",
    )
    service.store(content)
    found = read(asked(service, dataset, wanted))
    assert found.ImageType == ["DERIVED", "PRIMARY", "OTHER"]
    assert found.LossyImageCompression == "01"
    assert found.LossyImageCompressionMethod == ["ISO_14495_1", method]
    before, ratio = found.LossyImageCompressionRatio
    first = next(pydicom.encaps.generate_frames(found.PixelData, number_of_frames=2))
    assert before == 4.5
    assert ratio == pytest.approx(32 * 24 * 3 / len(first), abs=0.02)
    assert found.SOPInstanceUID == dataset.SOPInstanceUID


def test_what_was_lossy_stays_so_without_compression(service: Service) -> None:
    dataset, content = stored(JPEG, RGB, pictures(RGB, 1))
    service.store(content)
    found = read(asked(service, dataset, ELE))
    assert found.LossyImageCompression == "01"
    assert found.PhotometricInterpretation == "RGB"
    assert "LossyImageCompressionRatio" not in found


def test_an_offset_table_leads_to_each_frame(service: Service) -> None:
    dataset, content = stored(ELE, GREY, pictures(GREY, 5))
    service.store(content)
    found = read(asked(service, dataset, RLE))
    offsets = parse_basic_offsets(found.PixelData)
    assert len(offsets) == 5
    first = 8 + 4 * 5
    tags = [found.PixelData[first + each :][:4] for each in offsets]
    assert tags == [b"\xfe\xff\x00\xe0"] * 5


def test_tables_and_icons_of_the_stored_form_go(service: Service) -> None:
    icon = Dataset()
    icon.Rows = icon.Columns = 2
    icon.PixelData = encapsulate([b"\xff\x4f\xff\x51icon\xff\xd9"])
    icon["PixelData"].VR = "OB"
    icon["PixelData"].is_undefined_length = True
    dataset, content = stored(
        JPEG_2000,
        GREY,
        pictures(GREY, 2),
        IconImageSequence=[icon],
        DataSetTrailingPadding=b"after",
    )
    dataset.ExtendedOffsetTable = bytes(16)
    dataset.ExtendedOffsetTableLengths = bytes(16)
    content = file_with(dataset, UID(JPEG_2000))
    service.store(content)
    for wanted in (ELE, RLE):
        found = read(asked(service, dataset, wanted))
        assert "ExtendedOffsetTable" not in found
        assert "ExtendedOffsetTableLengths" not in found
        assert "IconImageSequence" not in found
        assert found.DataSetTrailingPadding == b"after\0"
        assert found.AnatomicRegionSequence == dataset.AnatomicRegionSequence
        assert found[0x0011, 0x1002].value == b"private bytes!"


def test_icons_that_are_not_compressed_stay(service: Service) -> None:
    icon = plain_icon()
    dataset, _ = stored(JPEG_2000, GREY, pictures(GREY, 1), IconImageSequence=[icon])
    service.store(file_with(dataset, UID(JPEG_2000)))
    for wanted in (ELE, RLE, JPEG_2000):
        found = read(asked(service, dataset, wanted))
        (held,) = found.IconImageSequence
        assert held.PixelData == icon.PixelData
        assert (held.Rows, held.Columns) == (3, 5)


@pytest.mark.parametrize("broken", [{"Rows": 4}, {"BitsAllocated": 7}, {"Rows": None}])
def test_icons_that_contradict_themselves_go(
    service: Service, broken: dict[str, Any]
) -> None:
    icon = plain_icon()
    for keyword, value in broken.items():
        setattr(icon, keyword, value)
    icons = [plain_icon(), icon]
    dataset, _ = stored(JPEG_2000, GREY, pictures(GREY, 1), IconImageSequence=icons)
    service.store(file_with(dataset, UID(JPEG_2000)))
    assert "IconImageSequence" not in read(asked(service, dataset, RLE))


def plain_icon() -> Dataset:
    icon = Dataset()
    icon.Rows, icon.Columns = 3, 5
    icon.SamplesPerPixel, icon.PhotometricInterpretation = 1, "MONOCHROME2"
    icon.BitsAllocated = icon.BitsStored = 8
    icon.HighBit, icon.PixelRepresentation = 7, 0
    icon.PixelData = bytes(range(15)) + b"\0"
    icon["PixelData"].VR = "OB"
    return icon


def test_a_study_comes_in_one_transfer_syntax(service: Service) -> None:
    uids = {"StudyInstanceUID": new_uid(), "SeriesInstanceUID": new_uid()}
    frames = pictures(GREY, 1)
    forms = (ELE, JPEG_2000, RLE, JPEG_LS)
    made = [stored(form, GREY, frames, **uids) for form in forms]
    report = instance(PixelData=None, **uids)
    service.store(*(content for _, content in made), report)
    url = service.url(report, "study")
    for wanted in (ELE, JPEG_2000, IMPLICIT):
        answer = service.get(url, f"{FILES}; transfer-syntax={wanted}")
        parts = parts_of(answer)
        types = {headers["content-type"] for headers, _ in parts}
        assert types == {f"{FILE}; transfer-syntax={wanted}"}
        *images, last = [content for _, content in parts]
        assert read(last).file_meta.TransferSyntaxUID == wanted
        for content in images:
            assert np.array_equal(frames_of(content).decoded()[0], frames[0])
    whole = service.get(url, "*/*")
    assert [part for _, part in parts_of(whole)][:4] == [each for _, each in made]


def test_each_form_has_an_entity_tag_of_its_own(service: Service) -> None:
    dataset, content = stored(JPEG_2000, GREY, pictures(GREY, 1))
    service.store(content)
    url = service.url(dataset)
    accepts = [f"{FILE}; transfer-syntax={each}" for each in ("*", ELE, RLE, JPEG_LS)]
    answers = [service.get(url, accept) for accept in accepts]
    tags = [answer.headers["etag"] for answer in answers]
    assert len(set(tags)) == 4
    for accept, tag, answer in zip(accepts, tags, answers, strict=True):
        again = service.get(url, accept, if_none_match=tag)
        assert (again.status_code, again.content) == (304, b"")
        assert service.get(url, accept).content == answer.content
        head = service.get(url, accept, "HEAD")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["etag"] == tag


def test_what_cannot_be_made_names_what_can(service: Service) -> None:
    dataset, content = stored(ELE, GREY, pictures(GREY, 1))
    service.store(content)
    url = service.url(dataset)
    for wanted in ("1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.2", "1.2.3"):
        refused = service.get(url, f"{FILE}; transfer-syntax={wanted}")
        assert refused.status_code == 406
        assert JPEG_2000 in refused.text
    refused = service.get(url, f"{FILE}; transfer-syntax={JPEG}")
    assert (refused.status_code, refused.text) == (
        406,
        "JPEG Baseline (Process 1) has unsigned pixels of 8 bits, grey, RGB or YBR.",
    )
    both = f"{FILE}; transfer-syntax={JPEG}, {FILE}; transfer-syntax={RLE};q=0.5"
    assert service.get(url, both).headers["content-type"].endswith(RLE)


def test_single_bits_are_packed_again(service: Service) -> None:
    """Frames of 12 pixels: only one of them fits into whole bytes."""
    bits = ImageDescription(3, 4, 1, 1, 1, 0, False, "MONOCHROME2")
    one = np.array([[0, 1, 1, 0], [1, 0, 0, 1], [1, 1, 0, 1]], np.uint8)
    packed = encode(one, ELE, bits)
    segment = bytes([1]) + packed  # two literal bytes
    header = np.array([1, 64, *[0] * 14], "<u4").tobytes()
    for number, status in ((1, 200), (3, 406)):
        dataset, _ = stored(ELE, bits, [one] * number)
        dataset.PixelData = encapsulate([header + segment + b"\0"] * number)
        dataset["PixelData"].VR = "OB"
        dataset["PixelData"].is_undefined_length = True
        service.store(file_with(dataset, UID(RLE)))
        accept = f"{FILE}; transfer-syntax={ELE}"
        answer = service.get(service.url(dataset), accept)
        assert answer.status_code == status
        if status == 200:
            assert np.array_equal(frames_of(answer.content).decoded()[0], one)
