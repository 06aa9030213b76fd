"""Sample files: what pydicom decodes, and lossless forms of one image."""

import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.pixels.decoders.base import get_decoder

from imaging.pixels import CODECS
from tests.imaging.part10.samples import CUT_OFF, sample_files, sample_id
from tests.imaging.pixels.reading import Array, frames_in

SHARED = Path(__file__).parents[4] / "shared" / "data" / "dicom"
BROKEN = "JPEG2000-embedded-sequence-delimiter.dcm"  # its stream is none
# JPEG's cosines are rounded in many ways; its colours, too.
COSINES, COLOURS = 1, 3
LIMIT_BYTES = 4_000_000
MOST_FRAMES = 3


def is_image(path: Path) -> bool:
    if path.name in {*CUT_OFF, BROKEN} or path.stat().st_size > LIMIT_BYTES:
        return False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(path, force=True, defer_size=1000)
    needed = ("Rows", "BitsAllocated", "PixelData")
    syntax = getattr(dataset, "file_meta", {}).get("TransferSyntaxUID")
    return all(word in dataset for word in needed) and syntax in CODECS


IMAGES = [path for path in sample_files() if is_image(path)]


def expected(path: Path, number: int) -> list[Array] | None:
    """Return the frames as pydicom decodes them, None where it cannot."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(path, force=True)
        frames: list[Array] = []
        try:
            decoder = get_decoder(dataset.file_meta.TransferSyntaxUID)
            has_cosines = CODECS[decoder.UID].has_cosines
            for frame, _ in decoder.iter_array(dataset, raw=not has_cosines):
                frames.append(frame)
                if len(frames) == number:
                    break
        except (RuntimeError, NotImplementedError, ValueError, AttributeError):
            return None  # no plugin, or one that fails
    return frames


@pytest.mark.parametrize("path", IMAGES, ids=sample_id)
def test_samples_decode_to_what_pydicom_decodes(path: Path) -> None:
    frames = frames_in(path)
    frames = frames._replace(streams=frames.streams[:MOST_FRAMES])
    wanted = expected(path, len(frames.streams))
    found = frames.decoded()
    assert all(each.shape == frames.description.shape for each in found)
    if wanted is None:
        pytest.skip("pydicom has no decoder for it here")
    is_colour = frames.description.samples_per_pixel > 1
    codec = CODECS[frames.transfer_syntax_uid]
    allowed = (COLOURS if is_colour else COSINES) if codec.has_cosines else 0
    assert len(found) == len(wanted)
    for ours, theirs in zip(found, wanted, strict=True):
        assert worst(ours, theirs) <= allowed


def worst(one: Array, other: Array) -> int:
    assert one.shape == other.shape
    return int(np.abs(one.astype(np.int64) - other.astype(np.int64)).max())


# The same picture compressed without loss, and not compressed.
PAIRS = [
    ("dicom-server/dec_FromJPEG2000Lossless", "in", "out"),
    ("dicom-server/dec_FromJPEGProcess14SV1", "in", "out"),
    ("dicom-server/dec_FromJPEGProcess14", "in", "out"),
    ("dicom-server/dec_FromRLELossless", "in", "out"),
]
EXACT = [
    *((f"{name}_{one}.dcm", f"{name}_{other}.dcm") for name, one, other in PAIRS),
    *(
        (
            f"pydicom-data/emri_small_{form}.dcm",
            "pydicom-data/emri_small.dcm",
        )
        for form in ("RLE", "big_endian", "jpeg_2k_lossless", "jpeg_ls_lossless")
    ),
    *(
        (
            f"cornerstone/CTImage.dcm_{form}.dcm",
            "cornerstone/CTImage.dcm_LittleEndianExplicitTransferSyntax"
            "_1.2.840.10008.1.2.1.dcm",
        )
        for form in (
            "DeflatedExplicitVRLittleEndianTransferSyntax_1.2.840.10008.1.2.1.99",
            "JPEG2000LosslessOnlyTransferSyntax_1.2.840.10008.1.2.4.90",
            "JPEGLSLosslessTransferSyntax_1.2.840.10008.1.2.4.80",
            "JPEGProcess14SV1TransferSyntax_1.2.840.10008.1.2.4.70",
            "JPEGProcess14TransferSyntax_1.2.840.10008.1.2.4.57",
            "RLELosslessTransferSyntax_1.2.840.10008.1.2.5",
        )
    ),
    *(
        (f"nema-wg04/{form}/{image}_{form}", f"nema-wg04/RLE/{image}_RLE")
        for form in ("JPLL", "JLSL", "J2KR")
        for image in ("CT2", "MR4", "NM1", "XA1")
        if (form, image) != ("J2KR", "XA1")
    ),
    ("pydicom-data/liver_rle.dcm", "pydicom-data/liver_deflate.dcm"),
    (
        "pydicom-data/liver_nonbyte_aligned_rle.dcm",
        "pydicom-data/liver_nonbyte_aligned_deflate.dcm",
    ),
]


@pytest.mark.parametrize(("form", "same"), EXACT, ids=[pair[0] for pair in EXACT])
def test_lossless_forms_of_an_image_are_the_same_image(form: str, same: str) -> None:
    if not SHARED.is_dir():
        pytest.skip("the shared sample files are not here")
    one, other = frames_in(SHARED / form), frames_in(SHARED / same)
    assert len(one.streams) == len(other.streams)
    for ours, theirs in zip(one.decoded(), other.decoded(), strict=True):
        assert worst(ours, theirs) == 0
