"""Pictures as DCMTK makes them of the same files: a second opinion."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from tests.imaging.rendering.oracle import coloured, grey, noise, picture_of
from tests.imaging.rendering.test_colours import ramps, with_palette
from tests.imaging.rendering.test_grey import lut
from tests.peers import require_peer
from tests.synthetic import encode

pytestmark = pytest.mark.peer("dcmtk")
WINDOW: Final = {"WindowCenter": "900", "WindowWidth": "1800"}
FIRST_WINDOW: Final = ("+Wi", "1")
FIRST_LUT: Final = ("+Wl", "1")


def twelve_bits(**attributes: Any) -> Dataset:
    return grey(noise("uint16", 12), BitsStored=12, **attributes)


def negative() -> Dataset:
    return grey(noise("int16", 12), BitsStored=12, WindowCenter="40", WindowWidth="400")


def rescaled() -> Dataset:
    rescaling = {"RescaleSlope": "2.5", "RescaleIntercept": "-1024"}
    return twelve_bits(**WINDOW, **rescaling, RescaleType="HU")


def inverted() -> Dataset:
    return twelve_bits(**WINDOW, PhotometricInterpretation="MONOCHROME1")


def mapped() -> Dataset:
    table = lut(4096, 0, 12, ModalityLUTType="OD")
    return twelve_bits(**WINDOW, ModalityLUTSequence=[table])


def tabled() -> Dataset:
    return twelve_bits(VOILUTSequence=[lut(4096, 0, 12)])


def sigmoid() -> Dataset:
    return twelve_bits(**WINDOW, VOILUTFunction="SIGMOID")


def with_colours() -> Dataset:
    return coloured(noise("uint8", shape=(24, 40, 3)), "RGB")


def with_luminance() -> Dataset:
    return coloured(noise("uint8", shape=(24, 40, 3)), "YBR_FULL")


def with_indexes() -> Dataset:
    return with_palette(grey(noise("uint8")), ramps(256, 16), 0, 16)


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (lambda: twelve_bits(**WINDOW), FIRST_WINDOW),
        (negative, FIRST_WINDOW),
        (rescaled, FIRST_WINDOW),
        (inverted, FIRST_WINDOW),
        (mapped, FIRST_WINDOW),
        (sigmoid, FIRST_WINDOW),
        (tabled, FIRST_LUT),
        (with_colours, ()),
        (with_luminance, ()),
        (with_indexes, ()),
    ],
)
def test_made_images(
    make: Callable[[], Dataset], options: tuple[str, ...], tmp_path: Path
) -> None:
    path = tmp_path / "image.dcm"
    path.write_bytes(encode(make()))
    compare(path, options, tmp_path)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("MR_small.dcm", FIRST_WINDOW),
        ("examples_rgb_color.dcm", ()),
        ("examples_palette.dcm", ()),
        ("SC_rgb_jpeg_dcmtk.dcm", ()),
        ("examples_ybr_color.dcm", ()),
        ("MR_small_RLE.dcm", FIRST_WINDOW),
    ],
)
def test_real_images(name: str, options: tuple[str, ...], tmp_path: Path) -> None:
    path = get_testdata_file(name, download=False)
    if path is None:
        pytest.skip(f"pydicom brings no {name}")
    compare(Path(str(path)), options, tmp_path)


def compare(path: Path, options: tuple[str, ...], folder: Path) -> None:
    """Assert that no pixel differs by more than is rounded."""
    ours = picture_of(path.read_bytes()).astype(int)
    theirs = of_dcmtk(path, options, folder)
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= 2


def of_dcmtk(path: Path, options: tuple[str, ...], folder: Path) -> NDArray[np.int64]:
    program = str(require_peer("dcmtk")["dcmj2pnm"])
    made = str(folder / "made.pnm")
    command = [program, *options, str(path), made]
    subprocess.run(command, check=True, capture_output=True)
    return np.asarray(Image.open(made)).astype(np.int64)
