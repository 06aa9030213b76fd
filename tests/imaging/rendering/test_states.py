"""Presentation states (DICOM PS3.4 N.2, PS3.3 C.10, C.11); what DCMTK makes of them."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.uid import (
    ColorSoftcopyPresentationStateStorage,
    PseudoColorSoftcopyPresentationStateStorage,
)

from imaging.rendering import Viewport
from imaging.rendering import Window as Asked
from imaging.rendering.states import references_of
from imaging.rendering.states.annotating import MOST_OBJECTS
from imaging.rendering.states.state import MOST_REFERENCES
from tests.imaging.rendering.oracle import coloured, grey, noise, picture_of
from tests.imaging.rendering.presenting import (
    LAYER,
    area,
    as_kept,
    item,
    of,
    presented,
    state_of,
    window,
)
from tests.imaging.rendering.test_colours import ramps, with_palette
from tests.imaging.rendering.test_grey import lut
from tests.imaging.rendering.test_pictures import cross, overlay, quarters
from tests.peers import require_peer
from tests.synthetic import encode, new_uid

Levels = NDArray[np.uint8]
WHITE: Final = 255


def twelve_bits(**attributes: Any) -> Dataset:
    return grey(noise("uint16", 12), BitsStored=12, **attributes)


def black(rows: int = 60, columns: int = 80) -> Dataset:
    return grey(np.zeros((rows, columns), np.uint8))


LOOKS: Final[dict[str, dict[str, Any]]] = {
    "nothing": {},
    "window": {"SoftcopyVOILUTSequence": [window(900, 1800)]},
    "inverse": {
        "SoftcopyVOILUTSequence": [window(900, 1800)],
        "PresentationLUTShape": "INVERSE",
    },
    "voi-lut": {"SoftcopyVOILUTSequence": [item(VOILUTSequence=[lut(4096, 0, 16)])]},
    "presentation-lut": {
        "SoftcopyVOILUTSequence": [window(900, 1800)],
        "PresentationLUTShape": None,
        "PresentationLUTSequence": [lut(256, 0, 8)],
    },
    "rescaling": {
        "RescaleSlope": "2",
        "RescaleIntercept": "-100",
        "RescaleType": "HU",
        "SoftcopyVOILUTSequence": [window(900, 1800)],
    },
    "modality-lut": {
        "ModalityLUTSequence": [lut(4096, 0, 12, ModalityLUTType="OD")],
        "SoftcopyVOILUTSequence": [window(900, 1800)],
    },
}


@pytest.mark.peer("dcmtk")
@pytest.mark.parametrize("meaning", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_grey_levels_are_those_of_dcmtk(
    look: dict[str, Any], meaning: str, tmp_path: Path
) -> None:
    # What the image says of its grey levels is not what counts.
    image = twelve_bits(WindowCenter="1", WindowWidth="2", RescaleSlope="3")
    image.RescaleIntercept, image.PhotometricInterpretation = "7", meaning
    if "ModalityLUTSequence" in look or "RescaleSlope" in look:
        del image.RescaleSlope, image.RescaleIntercept  # DCMTK takes the image's
    else:
        look = {**look, "RescaleSlope": "3", "RescaleIntercept": "7"}
        look["RescaleType"] = "US"
    state = state_of(image, **look)
    ours, theirs = presented(image, state), of_dcmtk(image, state, tmp_path)
    assert np.abs(ours.astype(int) - theirs).max() <= 1


@pytest.mark.peer("dcmtk")
def test_a_shutter_of_bits_is_that_of_dcmtk(tmp_path: Path) -> None:
    image = twelve_bits()
    state = state_of(
        image,
        ShutterShape="BITMAP",
        ShutterOverlayGroup=0x6000,
        ShutterPresentationValue=0,
    )
    overlay(state, noise("uint8") > 100, (1, 1))
    ours, theirs = presented(image, state), of_dcmtk(image, state, tmp_path)
    assert np.abs(ours.astype(int) - theirs).max() <= 1
    assert (ours[noise("uint8") > 100] == 0).all()


def of_dcmtk(image: Dataset, state: Dataset, folder: Path) -> Levels:
    """Return what DCMTK shows of an image by a state."""
    files = folder / "image.dcm", folder / "state.dcm", folder / "made.pgm"
    files[0].write_bytes(encode(image))
    files[1].write_bytes(encode(state))
    program = str(require_peer("dcmtk")["dcmp2pgm"])
    given, shown, made = map(str, files)
    command = [program, "-p", shown, given, made]
    subprocess.run(command, check=True, capture_output=True)
    return np.asarray(Image.open(made))


def test_a_window_of_another_image_or_frame_is_not_taken() -> None:
    frames = np.stack([noise("uint16", 12), noise("uint16", 12)])
    image = grey(frames, BitsStored=12)
    other, first = twelve_bits(), of(image, ReferencedFrameNumber=1)
    state = state_of(
        image,
        SoftcopyVOILUTSequence=[
            window(5, 10, ReferencedImageSequence=[of(other)]),
            window(90, 20, ReferencedImageSequence=[first]),
            window(900, 1800, ReferencedImageSequence=[of(image)]),
        ],
    )
    for number, asked in ((1, Asked(90, 20)), (2, Asked(900, 1800))):
        wanted = picture_of(image, number=number, window=asked)
        assert (presented(image, state, number=number) == wanted).all()


def test_a_window_that_is_asked_for_goes_before_the_states() -> None:
    image = twelve_bits()
    state = state_of(image, SoftcopyVOILUTSequence=[window(5, 10)])
    asked = Asked(900, 1800)
    wanted = picture_of(image, window=asked)
    assert (presented(image, state, window=asked) == wanted).all()


@pytest.mark.parametrize("flip", ["N", "Y"])
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_an_image_is_turned_and_then_mirrored(degrees: int, flip: str) -> None:
    image = grey(noise("uint8"))
    state = state_of(image, ImageRotation=degrees, ImageHorizontalFlip=flip)
    turned = Image.fromarray(noise("uint8")).rotate(-degrees, expand=True)
    wanted = np.asarray(turned)[:, :: -1 if flip == "Y" else 1]
    assert (presented(image, state) == wanted).all()


@pytest.mark.parametrize(
    ("corners", "part"),
    [
        ((1, 1, 40, 24), (slice(0, 24), slice(0, 40))),
        ((11, 3, 20, 12), (slice(2, 12), slice(10, 20))),
        ((20, 12, 11, 3), (slice(2, 12), slice(10, 20))),
        ((-9, -9, 10, 10), (slice(0, 10), slice(0, 10))),
        ((31, 20, 400, 240), (slice(19, 24), slice(30, 40))),
        ((500, 500, 600, 600), (slice(0, 24), slice(0, 40))),
    ],
)
def test_the_displayed_area(
    corners: tuple[int, int, int, int], part: tuple[slice, slice]
) -> None:
    image = grey(noise("uint8"))
    state = state_of(image, DisplayedAreaSelectionSequence=[area(*corners)])
    assert (presented(image, state) == noise("uint8")[part]).all()
    turned = state_of(
        image,
        DisplayedAreaSelectionSequence=[area(*corners)],
        ImageRotation=90,
        ImageHorizontalFlip="N",
    )
    assert (presented(image, turned) == np.rot90(noise("uint8")[part], -1)).all()


def test_pixels_of_the_area_that_are_not_square() -> None:
    image = grey(noise("uint8"), PixelSpacing=["1", "1"])
    wide = area(1, 1, 40, 24)
    wide.PresentationPixelAspectRatio = ["2", "1"]
    state = state_of(image, DisplayedAreaSelectionSequence=[wide])
    assert presented(image, state).shape == (48, 40)
    state.ImageRotation, state.ImageHorizontalFlip = 90, "N"
    assert presented(image, state).shape == (40, 48)
    del wide.PresentationPixelAspectRatio
    wide.PresentationPixelSpacing = ["1", "4"]
    assert presented(image, state).shape == (160, 24)


def test_a_viewport_is_of_the_displayed_area() -> None:
    image = grey(quarters())
    rows, columns = quarters().shape
    half = area(columns // 2 + 1, 1, columns, rows)
    state = state_of(image, DisplayedAreaSelectionSequence=[half])
    seen = presented(image, state)
    assert seen.shape == (rows, columns // 2)
    viewport = Viewport(columns, rows, 0, rows / 2)
    lower = presented(image, state, viewport=viewport)
    assert len(np.unique(lower)) == 1
    assert lower.flat[0] == seen[-1, 0]


SHUTTERS: Final[dict[str, tuple[dict[str, Any], Callable[[Any, Any], Any]]]] = {
    "rectangular": (
        {
            "ShutterLeftVerticalEdge": "5",
            "ShutterRightVerticalEdge": "30",
            "ShutterUpperHorizontalEdge": "3",
            "ShutterLowerHorizontalEdge": "20",
        },
        lambda row, column: (column >= 5) & (column <= 30) & (row >= 3) & (row <= 20),
    ),
    "circular": (
        {"CenterOfCircularShutter": ["12", "20"], "RadiusOfCircularShutter": "9"},
        lambda row, column: (row - 12) ** 2 + (column - 20) ** 2 <= 81,
    ),
    "polygonal": (
        {"VerticesOfThePolygonalShutter": ["2", "2", "22", "2", "2", "22"]},
        lambda row, column: (row >= 2) & (column >= 2) & (row + column <= 24),
    ),
}


@pytest.mark.parametrize("shape", SHUTTERS)
def test_what_is_outside_of_a_shutter_is_covered(shape: str) -> None:
    attributes, inside = SHUTTERS[shape]
    image = grey(noise("uint8"))
    state = state_of(
        image,
        ShutterShape=shape.upper(),
        ShutterPresentationValue=0xFFFF // 5,
        **attributes,
    )
    row, column = np.mgrid[1:25, 1:41]
    wanted = np.where(inside(row, column), noise("uint8"), 51)
    assert (presented(image, state) == wanted).all()


def test_shutters_leave_what_is_inside_of_all() -> None:
    image = grey(np.full((24, 40), 9, np.uint8))
    state = state_of(image, ShutterShape=["RECTANGULAR", "CIRCULAR"])
    row, column = np.mgrid[1:25, 1:41]
    seen = np.ones((24, 40), bool)
    for shape in ("rectangular", "circular"):
        attributes, inside = SHUTTERS[shape]
        state.update(item(**attributes))
        seen &= inside(row, column)
    assert ((presented(image, state) == 9) == seen).all()


def test_overlays_are_drawn_where_they_are_activated() -> None:
    image = black()
    overlay(image, cross(), (4, 6))
    state = state_of(image)
    assert not presented(image, state).any()
    state.add_new(0x60001001, "CS", LAYER)
    assert presented(image, state).sum() == WHITE * cross().sum()
    overlay(state, cross(9, 11), (4, 6))  # its own instead
    assert presented(image, state).sum() == WHITE * cross(9, 11).sum()
    assert not presented(image, state, overlays=False).any()


def graphic(kind: str, *points: float, **attributes: Any) -> Dataset:
    return item(
        GraphicAnnotationUnits=attributes.pop("units", "PIXEL"),
        GraphicDimensions=2,
        NumberOfGraphicPoints=len(points) // 2,
        GraphicData=list(points),
        GraphicType=kind,
        **{"GraphicFilled": "N", **attributes},
    )


def drawn(image: Dataset, *graphics: Dataset, **attributes: Any) -> Levels:
    """Return a picture with graphics of one layer."""
    annotation = item(GraphicLayer=LAYER, GraphicObjectSequence=list(graphics))
    state = state_of(image, GraphicAnnotationSequence=[annotation], **attributes)
    return presented(image, state)


def box(levels: Levels) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of what is white."""
    rows, columns = np.nonzero(levels > WHITE // 2)
    return columns.min(), rows.min(), columns.max(), rows.max()


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [
        (graphic("POLYLINE", 10, 10, 30, 10, 30, 40), (10, 10, 30, 40)),
        (graphic("CIRCLE", 40, 30, 50, 30), (30, 20, 50, 40)),
        (graphic("ELLIPSE", 20, 30, 60, 30, 40, 20, 40, 40), (20, 20, 60, 40)),
        (graphic("INTERPOLATED", 10, 30, 40, 30, 70, 30), (10, 30, 70, 30)),
        (graphic("POINT", 40, 30), (38, 28, 42, 32)),
        (graphic("POLYLINE", 0.5, 0.5, 0.75, 0.5, units="DISPLAY"), (40, 30, 60, 30)),
    ],
)
def test_graphics(shape: Dataset, wanted: tuple[int, ...]) -> None:
    found = box(drawn(black(), shape))
    assert np.abs(np.subtract(found, wanted)).max() <= 1
    assert drawn(black(), shape)[30, 40] in {0, WHITE}


def test_graphics_are_filled_and_can_be_seen_on_white() -> None:
    circle = graphic("CIRCLE", 40, 30, 50, 30, GraphicFilled="Y")
    assert drawn(black(), circle)[30, 40] == WHITE
    white = grey(np.full((60, 80), WHITE, np.uint8))
    assert not drawn(white, graphic("POLYLINE", 10, 10, 60, 10)).all()


def test_graphics_turn_with_the_image_and_texts_stay_readable() -> None:
    line = graphic("POLYLINE", 10, 10, 30, 10)
    turned = drawn(black(), line, ImageRotation=90, ImageHorizontalFlip="N")
    assert turned.shape == (80, 60)
    assert np.abs(np.subtract(box(turned), (50, 10, 50, 30))).max() <= 1
    part = drawn(black(), line, DisplayedAreaSelectionSequence=[area(11, 6, 40, 30)])
    assert np.abs(np.subtract(box(part), (0, 5, 20, 5))).max() <= 1


def test_graphics_of_another_image_are_not_drawn() -> None:
    image, other = black(), black()
    annotation = item(
        GraphicLayer=LAYER,
        ReferencedImageSequence=[of(other)],
        GraphicObjectSequence=[graphic("CIRCLE", 40, 30, 50, 30)],
    )
    state = state_of(image, other, GraphicAnnotationSequence=[annotation])
    assert not presented(image, state).any()
    assert presented(other, state).any()


def told(words: str, **attributes: Any) -> Dataset:
    return item(UnformattedTextValue=words, **attributes)


BOXED: Final[dict[str, Any]] = {
    "BoundingBoxAnnotationUnits": "PIXEL",
    "BoundingBoxTopLeftHandCorner": [100.0, 50.0],
    "BoundingBoxBottomRightHandCorner": [180.0, 90.0],
    "BoundingBoxTextHorizontalJustification": "LEFT",
}
ANCHORED: Final[dict[str, Any]] = {
    "AnchorPointAnnotationUnits": "PIXEL",
    "AnchorPoint": [20.0, 20.0],
    "AnchorPointVisibility": "Y",
}


def written(*texts: Dataset) -> Levels:
    image = black(200, 300)
    annotation = item(GraphicLayer=LAYER, TextObjectSequence=list(texts))
    return presented(image, state_of(image, GraphicAnnotationSequence=[annotation]))


def test_texts_are_where_they_belong() -> None:
    left, top, right, bottom = box(written(told("a finding", **BOXED)))
    assert left >= 100
    assert top >= 50
    assert right < 200
    assert bottom < 75
    two = box(written(told("a finding\r\nof two lines", **BOXED)))
    assert two[3] > bottom
    led = written(told("a finding", **BOXED, **ANCHORED))
    assert np.abs(np.subtract(box(led)[:2], (18, 18))).max() <= 1
    assert (written(told("x", **ANCHORED))[10:40, 25:60] > WHITE // 2).any()
    assert not written(told("nowhere")).any()


def test_a_palette_gives_grey_levels_colours() -> None:
    image = twelve_bits()
    state = state_of(
        image,
        SOPClassUID=PseudoColorSoftcopyPresentationStateStorage,
        PresentationLUTShape=None,
        SoftcopyVOILUTSequence=[window(900, 1800)],
    )
    entries = ramps(256, 8)
    with_palette(_with_pixel_representation(state), entries, 0, 8)
    levels = picture_of(image, window=Asked(900, 1800))
    assert (presented(image, state) == entries[levels]).all()


def _with_pixel_representation(state: Dataset) -> Dataset:
    state.PixelRepresentation = 0
    return state


def test_a_state_of_colours_leaves_colours_and_grey_levels() -> None:
    pixels = noise("uint8", shape=(24, 40, 3))
    image = coloured(pixels, "RGB")
    state = state_of(
        image,
        SOPClassUID=ColorSoftcopyPresentationStateStorage,
        PresentationLUTShape=None,
        ImageRotation=180,
        ImageHorizontalFlip="N",
    )
    assert (presented(image, state) == pixels[::-1, ::-1]).all()
    plain = twelve_bits(WindowCenter="900", WindowWidth="1800")
    assert (presented(plain, state) == picture_of(plain)[::-1, ::-1]).all()


def test_so_much_is_drawn_and_no_more() -> None:
    many = [graphic("POINT", 40, 30)] * MOST_OBJECTS
    assert box(drawn(black(), *many, graphic("POINT", 5, 5)))[0] > 30
    huge = graphic("POLYLINE", *[1e30, -1e30] * 6_000)
    assert drawn(black(), huge).shape == (60, 80)
    assert drawn(black(), graphic("CIRCLE", 1e30, 1e30, 0, 0)).shape == (60, 80)
    assert drawn(black(), graphic("ELLIPSE", 1, 1), graphic("CURVE", 1, 1)).any()


def test_references_are_uids_and_bounded() -> None:
    image = black()
    state = state_of(image, *[image] * (MOST_REFERENCES + 5))
    found = references_of(as_kept(state, "1").model)
    assert len(found) == MOST_REFERENCES
    assert found[0] == (image.SeriesInstanceUID, image.SOPInstanceUID, ())
    model = dict(as_kept(state_of(image), new_uid()).model)
    for odd in ("\0", "x", "1" * 65, 7, None):
        model["00081115"] = {
            "vr": "SQ",
            "Value": [
                {
                    "0020000E": {"vr": "UI", "Value": ["1.2"]},
                    "00081140": {
                        "vr": "SQ",
                        "Value": [{"00081155": {"vr": "UI", "Value": [odd]}}],
                    },
                }
            ],
        }
        assert references_of(model) == []
