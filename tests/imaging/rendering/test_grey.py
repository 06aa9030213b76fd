"""Grey levels as pydicom's own pipeline makes them (DICOM PS3.4 N.2.1)."""

from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from imaging.rendering import Shape, Window
from tests.imaging.rendering.oracle import expected, grey, noise, picture_of

RESCALED: Final = {"RescaleSlope": "1.5", "RescaleIntercept": "-1024"}
WINDOW: Final = {"WindowCenter": "40", "WindowWidth": "400"}
KINDS: Final = [
    ("uint8", 8),
    ("int8", 8),
    ("uint16", 16),
    ("uint16", 12),
    ("int16", 16),
    ("int16", 12),
]


def lut(entries: int, first: int, bits: int, **more: Any) -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "SS" if first < 0 else "US", [entries, first, bits])
    values = np.linspace(0, (1 << bits) - 1, entries) ** 2 / ((1 << bits) - 1)
    item.add_new("LUTData", "US", [int(each) for each in values])
    for keyword, value in more.items():
        setattr(item, keyword, value)
    return item


def alike(dataset: Dataset) -> bool:
    """Return whether a picture has the levels of pydicom's, but for rounding."""
    return bool(np.abs(picture_of(dataset) - expected(dataset)).max() <= 0.51)


@pytest.mark.parametrize(("dtype", "bits"), KINDS)
@pytest.mark.parametrize("rescaled", [{}, RESCALED])
@pytest.mark.parametrize("function", ["", "LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize("meaning", ["MONOCHROME1", "MONOCHROME2"])
def test_windows(
    dtype: str, bits: int, rescaled: dict[str, str], function: str, meaning: str
) -> None:
    dataset = grey(
        noise(dtype, bits),
        BitsStored=bits,
        PhotometricInterpretation=meaning,
        **WINDOW,
        **rescaled,
    )
    if function:
        dataset.VOILUTFunction = function
    assert alike(dataset)


@pytest.mark.parametrize(("center", "width"), [(0, 1), (100, 2), (-3.5, 1.0001)])
def test_windows_that_are_thresholds(center: float, width: float) -> None:
    dataset = grey(noise("int16"), WindowCenter=str(center), WindowWidth=str(width))
    made = picture_of(dataset)
    assert set(np.unique(made)) <= {0, 128, 255}
    values = noise("int16")
    assert (made[values > center + 1] == 255).all()
    assert (made[values < center - 1] == 0).all()


def test_of_several_windows_the_first(  # which pydicom takes, too
) -> None:
    dataset = grey(noise("uint16", 12), BitsStored=12)
    dataset.WindowCenter = [300, 2000]
    dataset.WindowWidth = [100, 4000]
    assert alike(dataset)


def entries_of(item: Dataset, values: NDArray[Any]) -> NDArray[np.float64]:
    """Return the entries of a table for values, by the letter of PS3.3 C.11.1.1.

    pydicom counts places in the type of the values or of the entries, which overflow.
    """
    number, first, _ = item.LUTDescriptor
    places = np.clip(values.astype(int) - first, 0, number - 1)
    entries: NDArray[np.float64] = np.asarray(item.LUTData, np.float64)
    found: NDArray[np.float64] = entries[places]
    return found


@pytest.mark.parametrize(("dtype", "bits"), KINDS[2:])
@pytest.mark.parametrize("depth", [8, 12, 16])
def test_a_modality_lut(dtype: str, bits: int, depth: int) -> None:
    values = noise(dtype, bits)
    dataset = grey(values, BitsStored=bits)
    dataset.WindowCenter, dataset.WindowWidth = "100", "120"
    first = int(values.min()) + 3 if dtype == "int16" else 100
    item = lut(1000, first, depth, ModalityLUTType="US")
    dataset.ModalityLUTSequence = [item]
    wanted = (entries_of(item, values) - 99.5) / 119 + 0.5
    wanted = 255 * np.clip(wanted, 0, 1)
    assert np.abs(picture_of(dataset) - wanted).max() <= 0.51
    if depth == 16 and dtype == "uint16":
        assert alike(dataset)


@pytest.mark.parametrize(("dtype", "bits"), KINDS)
@pytest.mark.parametrize(("entries", "first"), [(256, 0), (300, -40), (4096, 17)])
@pytest.mark.parametrize("depth", [8, 10, 16])
def test_a_voi_lut_goes_before_windows(
    dtype: str, bits: int, entries: int, first: int, depth: int
) -> None:
    if first < 0 and dtype.startswith("u"):
        pytest.skip("its descriptor is unsigned")
    values = noise(dtype, bits)
    dataset = grey(values, BitsStored=bits, **WINDOW)
    item = lut(entries, first, depth)
    dataset.VOILUTSequence = [item]
    wanted = entries_of(item, values) / ((1 << depth) - 1) * 255
    assert np.abs(picture_of(dataset) - wanted).max() <= 0.51
    if depth == 16 and dtype == "uint16":
        assert alike(dataset)


def test_tables_of_words_and_of_bytes() -> None:
    dataset = grey(noise("uint8"))
    ramp = np.arange(256, dtype=np.uint16)[::-1]
    item = lut(256, 0, 8)
    for data in (ramp.astype("<u2").tobytes(), ramp.astype(np.uint8).tobytes()):
        item.add_new("LUTData", "OW", data)
        dataset.VOILUTSequence = [item]
        assert (picture_of(dataset) == 255 - noise("uint8")).all()


@pytest.mark.parametrize(
    "descriptor", [[10, 0, 8], [256, 0, 40], [256, 0, 0], [256, 0]]
)
def test_a_table_that_contradicts_itself_is_passed_over(descriptor: list[int]) -> None:
    dataset = grey(noise("uint8"))
    item = lut(9, 0, 8)
    item.LUTDescriptor = descriptor
    dataset.VOILUTSequence = [item]
    assert (picture_of(dataset) == noise("uint8")).all()


def test_a_window_that_is_asked_for_goes_before_all() -> None:
    dataset = grey(noise("int16"), **RESCALED, **WINDOW)
    dataset.VOILUTSequence = [lut(256, 0, 8)]
    asked = Window(-600, 1500, Shape.SIGMOID)
    same = grey(noise("int16"), **RESCALED, WindowCenter="-600", WindowWidth="1500")
    same.VOILUTFunction = "SIGMOID"
    assert np.abs(picture_of(dataset, window=asked) - expected(same)).max() <= 0.51


@pytest.mark.parametrize("dtype", ["int32", "uint32"])
def test_values_of_32_bits(dtype: str) -> None:
    values = noise("uint16").astype(dtype) * 1000
    dataset = grey(values, WindowCenter="30000000", WindowWidth="40000000")
    assert alike(dataset)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_values_of_floating_point(dtype: str) -> None:
    values = np.linspace(-1, 1, 600).reshape(20, 30).astype(dtype)
    values[0, 0], values[0, 1], values[0, 2] = np.nan, np.inf, -np.inf
    dataset = grey(noise("uint16", shape=(20, 30)))
    for keyword in ("PixelData", "BitsStored", "HighBit", "PixelRepresentation"):
        delattr(dataset, keyword)
    dataset.BitsAllocated = 8 * values.itemsize
    is_double = dtype == "float64"
    keyword = "DoubleFloatPixelData" if is_double else "FloatPixelData"
    dataset.add_new(keyword, "OD" if is_double else "OF", values.tobytes())
    dataset.WindowCenter, dataset.WindowWidth = "0", "2"
    dataset.VOILUTFunction = "LINEAR_EXACT"
    made = picture_of(dataset)
    wanted = np.rint((np.clip(np.nan_to_num(values, nan=-1), -1, 1) + 1) / 2 * 255)
    assert np.abs(made - wanted).max() <= 1


@pytest.mark.parametrize("dtype", ["uint8", "int8"])
def test_values_of_8_bits_without_a_window_are_grey_levels(dtype: str) -> None:
    values = noise(dtype)
    assert (picture_of(grey(values)) == values.astype(int) - values.min()).all()


def test_without_a_window_a_few_outliers_do_not_count() -> None:
    values = np.full((100, 100), 1000, np.int16)
    values[:, 50:] = 1200
    values[0, :3], values[1, :3] = -30_000, 30_000
    made = picture_of(grey(values, **RESCALED))
    assert (made[50, 10], made[50, 90]) == (0, 255)


@pytest.mark.parametrize("limit", [None, -1990])
def test_padding_is_black_and_does_not_count(limit: int | None) -> None:
    values = np.linspace(0, 100, 10_000).reshape(100, 100).astype(np.int16)
    values[:40] = -2000
    values[40:50] = -1995
    for meaning in ("MONOCHROME1", "MONOCHROME2"):
        dataset = grey(values, PhotometricInterpretation=meaning)
        dataset.add_new("PixelPaddingValue", "SS", -2000)
        if limit is not None:
            dataset.add_new("PixelPaddingRangeLimit", "SS", limit)
        made = picture_of(dataset)
        assert (made[:40] == 0).all()
        inside = made[60:] if meaning == "MONOCHROME2" else 255 - made[60:]
        if limit is not None:
            assert (made[40:50] == 0).all()
            assert inside.min() < 60
        assert inside.max() == 255


def test_each_frame_has_its_own_functional_groups() -> None:
    values = np.stack([noise("uint16", 12)] * 3)
    dataset = grey(values, BitsStored=12)

    def group(keyword: str, **attributes: str) -> Dataset:
        item, holder = Dataset(), Dataset()
        for name, value in attributes.items():
            setattr(item, name, value)
        setattr(holder, keyword, [item])
        return holder

    shared = group("PixelValueTransformationSequence", **RESCALED)
    dataset.SharedFunctionalGroupsSequence = [shared]
    windows = [("100", "300"), ("2000", "900"), ("-500", "100")]
    dataset.PerFrameFunctionalGroupsSequence = [
        group("FrameVOILUTSequence", WindowCenter=center, WindowWidth=width)
        for center, width in windows
    ]
    for number, (center, width) in enumerate(windows, 1):
        alone = grey(
            values[0],
            BitsStored=12,
            WindowCenter=center,
            WindowWidth=width,
            **RESCALED,
        )
        made = picture_of(dataset, number=number)
        assert np.abs(made - expected(alone)).max() <= 0.51


def test_single_bits_are_black_and_white() -> None:
    bits = np.random.default_rng(3).integers(0, 2, (3, 5, 7)).astype(np.uint8)
    dataset = grey(bits)
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 1, 1, 0
    dataset.PixelData = np.packbits(bits.ravel(), bitorder="little").tobytes() + b"\0"
    for number in (1, 2, 3):
        assert (picture_of(dataset, number=number) == 255 * bits[number - 1]).all()


@pytest.mark.parametrize(
    ("kind", "attributes", "highest"),
    [("FRACTIONAL", {"MaximumFractionalValue": 200}, 200), ("LABELMAP", {}, 4)],
)
def test_segmentations(kind: str, attributes: dict[str, int], highest: int) -> None:
    values = np.arange(5, dtype=np.uint8).repeat(8).reshape(5, 8) * (highest // 4)
    dataset = grey(values, SegmentationType=kind, **attributes)
    assert picture_of(dataset)[:, 0].tolist() == [0, 64, 128, 191, 255]


@pytest.mark.parametrize(
    "attributes",
    [
        {"WindowCenter": "0", "WindowWidth": "0"},
        {"WindowCenter": "1e40", "WindowWidth": "-4"},
        {"WindowCenter": "5", "WindowWidth": "0.5", "VOILUTFunction": "LINEAR"},
        {"RescaleSlope": "0", "RescaleIntercept": "0"},
    ],
)
def test_values_that_mean_nothing_are_passed_over(attributes: dict[str, str]) -> None:
    dataset = grey(noise("uint8"), **attributes)
    assert (picture_of(dataset) == noise("uint8")).all()


@pytest.mark.parametrize(
    ("center", "width"), [("1e300", "1e-300"), ("-1e300", "1e300"), ("0", "1e300")]
)
def test_extreme_windows_do_no_harm(center: str, width: str) -> None:
    for function in Shape:
        asked = Window(float(center), float(width), function)
        made = picture_of(grey(noise("int16")), window=asked)
        assert made.shape == (24, 40)


def test_a_frame_of_one_value() -> None:
    values = np.full((4, 4), 700, np.uint16)
    assert len(np.unique(picture_of(grey(values)))) == 1
