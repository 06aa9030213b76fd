"""What is encoded without loss is exactly what was given, for every kind of pixels."""

import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID

from imaging.errors import CannotTranscode
from imaging.pixels import (
    CODECS,
    ENCODED,
    ImageDescription,
    after_encoding,
    decode,
    encode,
    stored_values,
)
from tests.imaging.pixels.reading import Array

LOSSLESS = sorted(uid for uid in ENCODED if CODECS[uid].lossless)
RLE = "1.2.840.10008.1.2.5"
NATIVE = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1")
JPEG, JPEG_2000 = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.91"

KINDS = {
    "8 bits": (1, 8, 8, False, "MONOCHROME2"),
    "8 signed bits": (1, 8, 8, True, "MONOCHROME2"),
    "1 of 8 bits": (1, 8, 1, False, "MONOCHROME2"),
    "7 of 8 bits": (1, 8, 7, False, "MONOCHROME1"),
    "indexes": (1, 8, 8, False, "PALETTE COLOR"),
    "16-bit indexes": (1, 16, 16, False, "PALETTE COLOR"),
    "12 of 16 bits": (1, 16, 12, False, "MONOCHROME2"),
    "12 of 16 signed bits": (1, 16, 12, True, "MONOCHROME2"),
    "10 of 16 bits": (1, 16, 10, False, "MONOCHROME2"),
    "16 bits": (1, 16, 16, False, "MONOCHROME1"),
    "16 signed bits": (1, 16, 16, True, "MONOCHROME2"),
    "RGB": (3, 8, 8, False, "RGB"),
    "16-bit RGB": (3, 16, 16, False, "RGB"),
    "YBR": (3, 8, 8, False, "YBR_FULL"),
}
SHAPES = [(1, 1), (1, 7), (5, 1), (33, 47), (64, 64)]


def described(kind: str, shape: tuple[int, int]) -> ImageDescription:
    samples, allocated, stored, signed, meaning = KINDS[kind]
    return ImageDescription(
        *shape, samples, allocated, stored, stored - 1, signed, meaning
    )


def pictures(description: ImageDescription) -> Iterator[Array]:
    """Yield noise, a ramp, and the extremes, of the bits that are stored."""
    bits, dtype = description.bits_stored, np.dtype(description.dtype)
    low = -(1 << (bits - 1)) if description.is_signed else 0
    high = low + (1 << bits) - 1
    size = description.number_of_samples
    noise = np.random.default_rng(5).integers(low, high, size, endpoint=True)
    ramp = low + np.arange(size) % (1 << bits)
    steps = np.where(np.arange(size) % 3, low, high)
    for values in (noise, ramp, steps):
        yield values.astype(dtype).reshape(description.shape)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("syntax", LOSSLESS)
@pytest.mark.parametrize("shape", SHAPES)
def test_lossless_is_exact(syntax: str, kind: str, shape: tuple[int, int]) -> None:
    description = described(kind, shape)
    for picture in pictures(description):
        made = encode(picture, syntax, description)
        back, meaning = decode(made, syntax, after_encoding(syntax, description))
        assert back.dtype == picture.dtype
        assert np.array_equal(back, picture)
        assert meaning == description.photometric_interpretation


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("syntax", [each for each in LOSSLESS if each not in NATIVE])
def test_pydicom_reads_the_same_picture(syntax: str, kind: str) -> None:
    description = described(kind, (33, 47))
    picture = next(pictures(description))
    becomes = after_encoding(syntax, description)
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    dataset.Rows, dataset.Columns = description.rows, description.columns
    dataset.SamplesPerPixel = description.samples_per_pixel
    dataset.BitsAllocated = description.bits_allocated
    dataset.BitsStored = description.bits_stored
    dataset.HighBit = description.high_bit
    dataset.PixelRepresentation = int(description.is_signed)
    dataset.PhotometricInterpretation = becomes.photometric_interpretation
    if description.samples_per_pixel > 1:
        dataset.PlanarConfiguration = 0
    dataset.PixelData = encapsulate([encode(picture, syntax, description)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found, _ = get_decoder(syntax).as_array(dataset, raw=True)
        except RuntimeError as error:
            pytest.skip(f"pydicom has no decoder for it here: {str(error)[:60]}")
    assert np.array_equal(found, picture)


@pytest.mark.parametrize("syntax", LOSSLESS)
def test_bits_beside_the_stored_ones_are_kept(syntax: str) -> None:
    """Old objects keep overlays there (DICOM PS3.5 8.1.2)."""
    description = described("12 of 16 bits", (16, 16))
    picture = np.arange(256, dtype=np.uint16).reshape(16, 16) | 0x8000
    made = encode(picture, syntax, description)
    back, _meaning = decode(made, syntax, description)
    assert np.array_equal(back, picture)
    assert np.array_equal(stored_values(back, description), picture & 0x0FFF)


def test_stored_values_of_signed_samples_keep_their_sign() -> None:
    description = described("12 of 16 signed bits", (1, 3))
    raw = np.array([[0x0FFF, 0x0800, 0x7FF]], np.int16)
    assert stored_values(raw, description).tolist() == [[-1, -2048, 2047]]


def test_stored_values_may_lie_above_the_lowest_bits() -> None:
    description = ImageDescription(1, 2, 1, 16, 12, 15, False, "MONOCHROME2")
    raw = np.array([[0xFFF3, 0x0010]], np.uint16)
    assert stored_values(raw, description).tolist() == [[0xFFF, 1]]


@pytest.mark.parametrize("syntax", [JPEG, JPEG_2000])
@pytest.mark.parametrize("kind", ["8 bits", "RGB"])
def test_lossy_is_near(syntax: str, kind: str) -> None:
    description = described(kind, (64, 64))
    rows, columns = np.mgrid[:64, :64]
    smooth = (100 + 60 * np.sin(rows / 9) + 40 * np.cos(columns / 7)).astype(np.uint8)
    picture = smooth if kind == "8 bits" else np.dstack([smooth, smooth // 2, smooth])
    made = encode(picture, syntax, description)
    back, meaning = decode(made, syntax, after_encoding(syntax, description))
    assert meaning == description.photometric_interpretation
    assert len(made) < picture.nbytes / 2
    assert np.abs(back.astype(int) - picture.astype(int)).max() <= 12


@pytest.mark.parametrize("stored", [12, 16])
def test_lossy_is_near_in_the_range_that_is_in_use(stored: int) -> None:
    """A CT of 16 bits uses a few thousand values of them: that is its scale."""
    signed = ImageDescription(128, 128, 1, 16, stored, stored - 1, True, "MONOCHROME2")
    rows, columns = np.mgrid[:128, :128]
    noise = np.random.default_rng(2).normal(0, 10, (128, 128))
    tissue = 300 * np.sin(rows / 20) * np.cos(columns / 15) + noise - 100
    picture = np.where(rows + columns < 30, -1000, tissue).astype(np.int16)
    made = encode(picture, JPEG_2000, signed)
    back, _meaning = decode(made, JPEG_2000, signed)
    error = np.sqrt(np.mean((back.astype(float) - picture) ** 2))
    assert error < 3
    assert len(made) < picture.nbytes / 2.5


@pytest.mark.parametrize(
    ("syntax", "kind"),
    [
        (JPEG, "12 of 16 bits"),
        (JPEG, "8 signed bits"),
        (JPEG, "indexes"),
        (JPEG_2000, "indexes"),
        *((each, "32 bits") for each in LOSSLESS if each not in (*NATIVE, RLE)),
        *((each, "1 bit") for each in ENCODED if each not in NATIVE),
    ],
)
def test_what_a_syntax_cannot_hold_is_refused(syntax: str, kind: str) -> None:
    odd = {
        "32 bits": ImageDescription(4, 4, 1, 32, 32, 31, False, "MONOCHROME2"),
        "1 bit": ImageDescription(4, 4, 1, 1, 1, 0, False, "MONOCHROME2"),
    }
    description = odd.get(kind) or described(kind, (4, 4))
    with pytest.raises(CannotTranscode):
        after_encoding(syntax, description)
    with pytest.raises(CannotTranscode):
        encode(np.zeros((4, 4), description.dtype), syntax, description)


def test_single_bits_are_packed_and_unpacked() -> None:
    description = ImageDescription(3, 5, 1, 1, 1, 0, False, "MONOCHROME2")
    picture = (np.arange(15) % 3 == 0).astype(np.uint8).reshape(3, 5)
    made = encode(picture, NATIVE[1], description)
    assert made == bytes([0b01001001, 0b0010010])
    assert np.array_equal(decode(made, NATIVE[1], description).samples, picture)


def test_samples_that_are_not_as_described_are_a_bug() -> None:
    description = described("8 bits", (4, 4))
    with pytest.raises(ValueError, match="not as described"):
        encode(np.zeros((4, 5), np.uint8), RLE, description)
    with pytest.raises(ValueError, match="not as described"):
        encode(np.zeros((4, 4), np.int16), RLE, description)
