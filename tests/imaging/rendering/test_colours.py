"""Colours and palettes as pydicom's own pipeline makes them (DICOM PS3.3 C.7.6.3)."""

import struct
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.pixels.processing import (
    _expand_segmented_lut,
    apply_color_lut,
    convert_color_space,
)

from imaging.errors import CannotTranscode
from imaging.rendering.palette import expand
from tests.imaging.rendering.oracle import coloured, grey, noise, picture_of
from tests.synthetic import encode

COLOURS: Final = ("Red", "Green", "Blue")
SHAPE: Final = (24, 40, 3)
SHARED: Final = Path(__file__).parents[4] / "shared" / "data" / "dicom"


def with_palette(
    dataset: Dataset, entries: NDArray[np.int64], first: int, bits: int
) -> Dataset:
    """Return an instance whose values stand for entries, of shape (number, 3)."""
    dataset.PhotometricInterpretation = "PALETTE COLOR"
    dtype = "<u2" if bits > 8 else "u1"
    for place, name in enumerate(COLOURS):
        keyword = f"{name}PaletteColorLookupTable"
        number = len(entries) % 65536
        vr = "SS" if dataset.PixelRepresentation else "US"
        dataset.add_new(f"{keyword}Descriptor", vr, [number, first, bits])
        data = entries[:, place].astype(dtype).tobytes()
        dataset.add_new(f"{keyword}Data", "OW", data + b"\0" * (len(data) % 2))
    return dataset


def ramps(number: int, bits: int) -> NDArray[np.int64]:
    top = (1 << bits) - 1
    up = np.linspace(0, top, number).astype(np.int64)
    return np.stack([up, top - up, up // 2], axis=1)


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize(("number", "first"), [(256, 0), (100, 20), (2, 128)])
@pytest.mark.parametrize("bits", [8, 16])
def test_a_palette(dtype: str, number: int, first: int, bits: int) -> None:
    dataset = with_palette(grey(noise(dtype, 8)), ramps(number, bits), first, bits)
    read = pydicom.dcmread(BytesIO(encode(dataset)))
    wanted = apply_color_lut(read.pixel_array, read) / ((1 << bits) - 1) * 255
    assert np.abs(picture_of(dataset) - wanted).max() <= 0.51


def test_a_palette_of_65536_entries_and_negative_values() -> None:
    values = noise("int16")
    entries = ramps(65536, 16)
    dataset = with_palette(grey(values), entries, -32768, 16)
    wanted = entries[values.astype(int) + 32768] / 65535 * 255
    assert np.abs(picture_of(dataset) - wanted).max() <= 0.51


def test_real_palettes() -> None:
    path = get_testdata_file("examples_palette.dcm", download=False)
    assert isinstance(path, str)
    read = pydicom.dcmread(path)
    wanted = apply_color_lut(read.pixel_array, read) / 65535 * 255
    assert np.abs(picture_of(Path(path).read_bytes()) - wanted).max() <= 0.51


def segments(*words: int, wide: bool) -> bytes:
    return struct.pack(f"<{len(words)}{'H' if wide else 'B'}", *words)


SEGMENTED: Final = (
    (0, 2, 0, 9, 1, 4, 49),
    (0, 1, 200, 1, 10, 100, 0, 3, 7, 8, 9),
    (0, 1, 0, 1, 1, 255, 1, 255, 0),
    # A line, then the same again by an offset of bytes.
    (0, 1, 5, 1, 5, 50),
)


@pytest.mark.parametrize("words", SEGMENTED)
@pytest.mark.parametrize("wide", [True, False])
def test_segments_stand_for_what_pydicom_says(
    words: tuple[int, ...], wide: bool
) -> None:
    data = segments(*words, wide=wide)
    wanted = _expand_segmented_lut(words, "<H" if wide else "<B")
    made = expand(data, wide=wide)
    assert np.abs(made - wanted).max() <= 1  # pydicom cuts where we round
    assert len(made) == len(wanted)


@pytest.mark.parametrize("wide", [True, False])
def test_segments_that_repeat_others(wide: bool) -> None:
    size = 2 if wide else 1
    start = 3 * size  # of the second segment, in bytes
    offset = (start, 0) if wide else (start, 0, 0, 0)
    data = segments(0, 1, 5, 1, 5, 50, 0, 1, 0, 2, 2, *offset, wide=wide)
    line = [14, 23, 32, 41, 50]
    again = [10, 20, 30, 40, 50]
    assert expand(data, wide=wide).tolist() == [5, *line, 0, *again, 0]


def test_a_segmented_palette() -> None:
    dataset = grey(np.arange(256, dtype=np.uint8).reshape(16, 16))
    dataset = with_palette(dataset, ramps(256, 16), 0, 16)
    plain = picture_of(dataset)
    ends = {"Red": (0, 65535), "Green": (65535, 0), "Blue": (0, 32767)}
    for name, (first, last) in ends.items():
        keyword = f"{name}PaletteColorLookupTableData"
        delattr(dataset, keyword)
        data = segments(0, 1, first, 1, 255, last, wide=True)
        dataset.add_new(f"Segmented{keyword}", "OW", data)
    assert np.abs(picture_of(dataset).astype(int) - plain).max() <= 1


@pytest.mark.parametrize(
    "words",
    [
        (1, 5, 50),  # a line from nowhere
        (9, 1, 1),
        (0, 1, 5, *(1, 65535, 0) * 3),  # more than a palette has
        (0, 1, 5, 2, 2, 6, 0, 2, 1, 0, 0),  # repeats a repetition
        (0, 1, 5, 2, 1),
    ],
)
def test_segments_that_make_no_sense_are_refused(words: tuple[int, ...]) -> None:
    with pytest.raises(CannotTranscode):
        expand(segments(*words, wide=True), wide=True)


@pytest.mark.parametrize(
    "broken",
    [
        {"RedPaletteColorLookupTableDescriptor": [600, 0, 16]},
        {"BluePaletteColorLookupTableDescriptor": [256, 0, 99]},
    ],
)
def test_a_palette_that_contradicts_itself_is_refused(broken: dict[str, Any]) -> None:
    dataset = with_palette(grey(noise("uint8")), ramps(256, 16), 0, 16)
    for keyword, value in broken.items():
        setattr(dataset, keyword, value)
    with pytest.raises(CannotTranscode, match="palette"):
        picture_of(dataset)
    delattr(dataset, "GreenPaletteColorLookupTableData")
    with pytest.raises(CannotTranscode, match="palette"):
        picture_of(dataset)


def test_colours_stay_what_they_are() -> None:
    values = noise("uint8", shape=SHAPE)
    assert (picture_of(coloured(values, "RGB")) == values).all()


@pytest.mark.parametrize("planar", [0, 1])
def test_luminance_and_chrominance(planar: int) -> None:
    values = noise("uint8", shape=SHAPE)
    dataset = coloured(values, "YBR_FULL", PlanarConfiguration=planar)
    if planar:
        dataset.PixelData = values.transpose(2, 0, 1).tobytes()
        dataset.PlanarConfiguration = 1
    wanted = convert_color_space(values, "YBR_FULL", "RGB")
    made = picture_of(dataset).astype(int)
    assert np.abs(made - wanted).max() <= 1


def test_chrominance_of_every_other_pixel() -> None:
    # DICOM PS3.3 C.7.6.3.1.2: Y1, Y2, Cb, Cr of each two pixels.
    pairs = noise("uint8", shape=(10, 6, 4))
    full = np.empty((10, 12, 3), np.uint8)
    full[:, 0::2, 0], full[:, 1::2, 0] = pairs[..., 0], pairs[..., 1]
    for place in (0, 1):
        full[:, place::2, 1:] = pairs[..., 2:]
    dataset = coloured(full, "YBR_FULL_422")
    dataset.PixelData = pairs.tobytes()
    wanted = convert_color_space(full, "YBR_FULL", "RGB")
    assert np.abs(picture_of(dataset).astype(int) - wanted).max() <= 1


def test_colours_of_16_bits() -> None:
    values = noise("uint16", 12, shape=SHAPE)
    made = picture_of(coloured(values, "RGB", BitsStored=12))
    assert np.abs(made - values / 4095 * 255).max() <= 0.51


@pytest.mark.parametrize("presentation", ["COLOR", "MIXED", "MONOCHROME"])
def test_a_supplemental_palette_colours_the_upper_values(presentation: str) -> None:
    values = noise("uint16", 12)
    dataset = grey(values, BitsStored=12, WindowCenter="500", WindowWidth="1000")
    plain = picture_of(dataset)
    entries = ramps(3096, 16)
    with_palette(dataset, entries, 1000, 16)
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.PixelPresentation = presentation
    made = picture_of(dataset)
    if presentation == "MONOCHROME":
        assert (made == plain).all()
        return
    low = values < 1000
    assert (made[low] == plain[low][:, None]).all()
    wanted = np.rint(entries[values[~low] - 1000] / 65535 * 255)
    assert (made[~low] == wanted).all()


def test_a_real_supplemental_palette() -> None:
    path = SHARED / "pydicom-data" / "eCT_Supplemental.dcm"
    if not path.exists():
        pytest.skip("without the sample folder")
    made = picture_of(path.read_bytes())
    read = pydicom.dcmread(path)
    values = read.pixel_array[0]
    first = read.RedPaletteColorLookupTableDescriptor[1]
    coloured_ones = values >= first
    del read.PixelPresentation  # pydicom's function would rather not
    wanted = apply_color_lut(values, read)[coloured_ones] / 65535 * 255
    assert coloured_ones.any()
    assert np.abs(made[coloured_ones] - wanted).max() <= 1
    assert np.ptp(made[~coloured_ones], axis=1).max() == 0
