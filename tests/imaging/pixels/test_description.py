"""What a data set says of its pixels, and what is refused of it."""

from typing import Any

import pytest

from imaging.errors import CannotTranscode
from imaging.pixels import ImageDescription

MODEL: dict[str, dict[str, Any]] = {
    "00280002": {"vr": "US", "Value": [1]},
    "00280004": {"vr": "CS", "Value": ["MONOCHROME1"]},
    "00280008": {"vr": "IS", "Value": [3]},
    "00280010": {"vr": "US", "Value": [4]},
    "00280011": {"vr": "US", "Value": [6]},
    "00280100": {"vr": "US", "Value": [16]},
    "00280101": {"vr": "US", "Value": [12]},
    "00280102": {"vr": "US", "Value": [11]},
    "00280103": {"vr": "US", "Value": [1]},
}


def model(**values: Any) -> dict[str, dict[str, Any]]:
    changed = {**MODEL}
    for key, value in values.items():
        tag = key.removeprefix("x")
        if value is None:
            del changed[tag]
        else:
            changed[tag] = {"vr": "US", "Value": [value]}
    return changed


def test_a_description_is_that_of_the_data_set() -> None:
    assert ImageDescription.of(MODEL) == ImageDescription(
        rows=4,
        columns=6,
        samples_per_pixel=1,
        bits_allocated=16,
        bits_stored=12,
        high_bit=11,
        is_signed=True,
        photometric_interpretation="MONOCHROME1",
        planar_configuration=0,
        number_of_frames=3,
    )


def test_what_is_missing_is_taken_as_usual() -> None:
    missing = dict.fromkeys(
        ("x00280002", "x00280004", "x00280008", "x00280101", "x00280102", "x00280103")
    )
    found = ImageDescription.of(model(**missing))
    assert found.photometric_interpretation == "MONOCHROME2"
    assert (found.samples_per_pixel, found.bits_stored, found.high_bit) == (1, 16, 15)
    assert (found.number_of_frames, found.dtype) == (1, "uint16")


@pytest.mark.parametrize(
    ("bits", "signed", "dtype"),
    [
        (1, 0, "uint8"),
        (8, 0, "uint8"),
        (8, 1, "int8"),
        (16, 1, "int16"),
        (32, 0, "uint32"),
    ],
)
def test_samples_have_the_type_of_what_is_allocated(
    bits: int, signed: int, dtype: str
) -> None:
    changed = model(
        x00280100=bits, x00280101=bits, x00280102=bits - 1, x00280103=signed
    )
    assert ImageDescription.of(changed).dtype == dtype


def test_floating_point_pixels_have_the_type_of_their_element() -> None:
    found = ImageDescription.of({**MODEL, "7FE00009": {"vr": "OD"}})
    assert (found.dtype, found.is_float, found.bits_allocated) == ("float64", True, 64)


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("x00280010", None, "Rows"),
        ("x00280010", 0, "Rows"),
        ("x00280010", -4, "Rows"),
        ("x00280010", 65536, "Rows"),
        ("x00280011", "many", "Columns"),
        ("x00280002", 2, "Samples per Pixel"),
        ("x00280002", 60000, "Samples per Pixel"),
        ("x00280100", None, "Bits Allocated"),
        ("x00280100", 12, "Bits Allocated"),
        ("x00280101", 17, "Bits Stored"),
        ("x00280101", 0, "Bits Stored"),
        ("x00280102", 16, "High Bit"),
        ("x00280102", 3, "High Bit"),
    ],
)
def test_pixels_that_cannot_exist_are_refused(
    key: str, value: object, named: str
) -> None:
    with pytest.raises(CannotTranscode, match=named):
        ImageDescription.of(model(**{key: value}))


def test_shared_chrominance_needs_pairs_of_pixels() -> None:
    changed = model(x00280004="YBR_FULL_422", x00280002=3, x00280011=5)
    with pytest.raises(CannotTranscode, match="Photometric Interpretation"):
        ImageDescription.of(changed)
