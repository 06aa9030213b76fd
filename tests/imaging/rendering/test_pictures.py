"""Size and part of pictures, graphics, annotations, files, colour spaces."""

from dataclasses import replace
from io import BytesIO
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from core.errors import Invalid
from imaging.errors import CannotTranscode
from imaging.rendering import (
    Annotation,
    Appearance,
    IccProfile,
    PictureType,
    Viewport,
    render,
)
from tests.imaging.rendering.oracle import (
    coloured,
    grey,
    noise,
    picture_of,
    source_of,
)
from tests.synthetic import encode

SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def file_of(dataset: Dataset, made: PictureType, **asked: Any) -> bytes:
    return render(source_of(encode(dataset)), Appearance(**asked), made)


def quarters() -> NDArray[np.uint8]:
    """Return an image of 60 columns and 40 rows, with a level in each quarter."""
    made = np.zeros((40, 60), np.uint8)
    made[:20, 30:], made[20:, :30], made[20:, 30:] = 80, 160, 240
    return made


@pytest.mark.parametrize(
    ("viewport", "size"),
    [
        (Viewport(30, 30), (20, 30)),
        (Viewport(30, 10), (10, 15)),
        (Viewport(600, 600), (400, 600)),
        (Viewport(60, 40), (40, 60)),
        (Viewport(1, 1), (1, 1)),
        (Viewport(30, 30, 30, 20, 30, 20), (20, 30)),
        (Viewport(90, 90, source_width=10, source_height=30), (90, 30)),
        (Viewport(100, 100, left=55.5, top=0), (100, 11)),
    ],
)
def test_a_picture_fills_the_viewport_in_one_direction(
    viewport: Viewport, size: tuple[int, int]
) -> None:
    assert picture_of(grey(quarters()), viewport=viewport).shape == size


def test_a_part_of_the_image_and_no_more() -> None:
    dataset = grey(quarters())
    for left, top, level in ((0, 0, 0), (30, 0, 80), (0, 20, 160), (30, 20, 240)):
        made = picture_of(dataset, viewport=Viewport(15, 10, left, top, 30, 20))
        assert np.unique(made).tolist() == [level]
    beyond = Viewport(15, 10, 30, 20, 500, 500)
    assert np.unique(picture_of(dataset, viewport=beyond)).tolist() == [240]


@pytest.mark.parametrize("across", [False, True])
@pytest.mark.parametrize("down", [False, True])
def test_a_picture_is_mirrored(across: bool, down: bool) -> None:
    values = quarters()
    viewport = Viewport(60, 40, flips_horizontally=across, flips_vertically=down)
    made = picture_of(grey(values), viewport=viewport)
    wanted = values[:: -1 if down else 1, :: -1 if across else 1]
    assert (made == wanted).all()


def test_a_viewport_beside_the_image_is_refused() -> None:
    for viewport in (Viewport(10, 10, left=60), Viewport(10, 10, top=400)):
        with pytest.raises(Invalid, match="shows nothing"):
            picture_of(grey(quarters()), viewport=viewport)


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ({"PixelAspectRatio": ["2", "1"]}, (80, 60)),
        ({"PixelAspectRatio": ["1", "3"]}, (40, 180)),
        ({"PixelSpacing": ["1.5", "1"]}, (60, 60)),
        ({"ImagerPixelSpacing": ["0.1", "0.2"]}, (40, 120)),
        ({"PixelAspectRatio": ["1", "1"], "PixelSpacing": ["9", "1"]}, (40, 60)),
        ({"PixelSpacing": ["0.7001", "0.7"]}, (40, 60)),
        ({"PixelAspectRatio": ["0", "1"]}, (40, 60)),
        ({"PixelAspectRatio": ["1000000", "1"]}, (40, 60)),
    ],
)
def test_pixels_that_are_not_square_are_made_so(
    attributes: dict[str, list[str]], size: tuple[int, int]
) -> None:
    dataset = grey(quarters(), **attributes)
    assert picture_of(dataset).shape == size
    height, width = size
    scale = min(30 / width, 30 / height)
    wanted = (round(height * scale), round(width * scale))
    assert picture_of(dataset, viewport=Viewport(30, 30)).shape == wanted


def test_a_picture_that_would_be_too_large_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("imaging.rendering.geometry.MOST_PICTURE_PIXELS", 2399)
    with pytest.raises(CannotTranscode, match="viewport"):
        picture_of(grey(quarters()))
    assert picture_of(grey(quarters()), viewport=Viewport(50, 40)).shape == (33, 50)


def overlay(
    dataset: Dataset, drawn: NDArray[np.bool_], origin: tuple[int, int], **more: Any
) -> None:
    """Give an instance graphics: of shape (rows, columns), or of frames of it."""
    group = more.pop("group", 0x6000)
    rows, columns = drawn.shape[-2:]
    packed = np.packbits(drawn.ravel(), bitorder="little").tobytes()
    dataset.add_new((group, 0x0010), "US", rows)
    dataset.add_new((group, 0x0011), "US", columns)
    dataset.add_new((group, 0x0040), "CS", more.get("type", "G"))
    dataset.add_new((group, 0x0050), "SS", list(origin))
    dataset.add_new((group, 0x0100), "US", 1)
    dataset.add_new((group, 0x0102), "US", 0)
    if drawn.ndim == 3:
        dataset.add_new((group, 0x0015), "IS", str(len(drawn)))
        dataset.add_new((group, 0x0051), "US", more.get("first", 1))
    dataset.add_new((group, 0x3000), "OW", packed + b"\0" * (len(packed) % 2))


def cross(rows: int = 5, columns: int = 7) -> NDArray[np.bool_]:
    made = np.zeros((rows, columns), bool)
    made[rows // 2], made[:, columns // 2] = True, True
    return made


@pytest.mark.parametrize("origin", [(1, 1), (10, 20), (-1, -2), (38, 58)])
def test_graphics_are_white(origin: tuple[int, int]) -> None:
    values = np.full((40, 60), 100, np.uint8)
    dataset = grey(values)
    overlay(dataset, cross(), origin)
    wanted = np.zeros((60, 80), bool)  # with a margin of 10, which is cut off
    top, left = origin[0] + 9, origin[1] + 9
    wanted[top : top + 5, left : left + 7] = cross()
    made = picture_of(dataset)
    assert (made == np.where(wanted[10:50, 10:70], 255, 100)).all()
    assert (picture_of(dataset, overlays=False) == 100).all()


def test_graphics_of_several_groups_and_on_colours() -> None:
    values = np.full((20, 30, 3), 50, np.uint8)
    dataset = coloured(values, "RGB")
    overlay(dataset, cross(), (1, 1))
    overlay(dataset, cross(), (11, 11), group=0x601E)
    overlay(dataset, cross(), (1, 11), group=0x6002, type="R")
    made = picture_of(dataset)
    drawn = (made == 255).all(axis=2)
    assert drawn.sum() == 2 * cross().sum()
    assert (made[~drawn] == 50).all()


def test_graphics_of_frames() -> None:
    frames = np.full((4, 8, 8), 9, np.uint8)
    drawn = np.zeros((2, 8, 8), bool)
    drawn[0, 1, 1], drawn[1, 2, 2] = True, True
    dataset = grey(frames)
    overlay(dataset, drawn, (1, 1), first=2)
    found = [np.argwhere(picture_of(dataset, number=n) == 255) for n in (1, 2, 3, 4)]
    assert [each.tolist() for each in found] == [[], [[1, 1]], [[2, 2]], []]


def test_graphics_beside_the_stored_bits() -> None:
    values = np.full((8, 8), 50, np.uint16)
    dataset = grey(values | np.uint16(0x8000) * cross(8, 8), BitsStored=8)
    dataset.add_new((0x6000, 0x0010), "US", 8)
    dataset.add_new((0x6000, 0x0011), "US", 8)
    dataset.add_new((0x6000, 0x0040), "CS", "G")
    dataset.add_new((0x6000, 0x0050), "SS", [1, 1])
    dataset.add_new((0x6000, 0x0100), "US", 16)
    dataset.add_new((0x6000, 0x0102), "US", 15)
    assert (picture_of(dataset) == np.where(cross(8, 8), 255, 50)).all()


def test_real_graphics() -> None:
    path = get_testdata_file("examples_overlay.dcm", read=True, download=False)
    assert isinstance(path, Dataset)
    drawn = path.overlay_array(0x6000)
    made = picture_of(path)
    assert drawn.any()
    assert (made[drawn == 1] == 255).all()


@pytest.mark.parametrize(
    "broken",
    [
        {0x0010: 60000, 0x0011: 60000},
        {0x0010: 0},
        {0x0050: [-30000, -30000]},
        {0x0050: [30000, 30000]},
        {0x0050: None},
    ],
)
def test_graphics_that_make_no_sense_draw_nothing_beyond(
    broken: dict[int, Any],
) -> None:
    dataset = grey(np.full((40, 60), 100, np.uint8))
    overlay(dataset, cross(), (1, 1))
    for element, value in broken.items():
        if value is None:
            del dataset[0x6000, element]
        else:
            dataset[0x6000, element].value = value
    made = picture_of(dataset)
    assert made.shape == (40, 60)
    assert (made == 255).sum() in {0, cross().sum()}


def annotated(*asked: Annotation, **attributes: Any) -> NDArray[np.bool_]:
    """Return which pixels of a black image annotations change."""
    dataset = grey(np.zeros((400, 600), np.uint8), InstanceNumber=7, **attributes)
    return picture_of(dataset, annotations=frozenset(asked)) > 0


def test_annotations_are_in_their_corners() -> None:
    assert not annotated().any()
    patient = annotated(Annotation.PATIENT)
    assert patient[:100, :300].any()
    assert not patient[200:].any()
    technique = annotated(Annotation.TECHNIQUE)
    assert technique[250:, :300].any()
    assert not technique[:100].any()
    both = annotated(Annotation.PATIENT, Annotation.TECHNIQUE)
    assert (both == (patient | technique)).all()


def test_annotations_say_who_it_is() -> None:
    one = annotated(Annotation.PATIENT, PatientName="Ay^Bee")
    other = annotated(Annotation.PATIENT, PatientName="Cee^Dee")
    assert (one != other).any()


def test_annotations_fit_any_picture_and_any_text() -> None:
    name = "Ünal^Şükrü=山田^太郎\n\x1b[31m" + "W" * 500
    for size in ((1, 1), (16, 16), (2000, 30)):
        source = source_of(encode(grey(np.zeros(size, np.uint8))))
        value = {"vr": "PN", "Value": [{"Alphabetic": name}]}
        source = replace(source, model={**source.model, "00100010": value})
        appearance = Appearance(annotations=frozenset(Annotation))
        made = render(source, appearance, PictureType.PNG)
        assert Image.open(BytesIO(made)).size == size[::-1]


@pytest.mark.parametrize("quality", [1, 50, 100])
def test_jpeg(quality: int) -> None:
    smooth = np.add.outer(np.arange(64), np.arange(64)).astype(np.uint8)
    made = file_of(grey(smooth), PictureType.JPEG, quality=quality)
    picture = Image.open(BytesIO(made))
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "L", (64, 64))
    allowed = {1: 64, 50: 12, 100: 2}[quality]
    assert np.abs(np.asarray(picture).astype(int) - smooth).max() <= allowed
    sizes = [
        len(file_of(grey(noise("uint8")), PictureType.JPEG, quality=each))
        for each in (1, quality, 100)
    ]
    assert sizes == sorted(sizes)


def test_gif() -> None:
    values = noise("uint8")
    picture = Image.open(BytesIO(file_of(grey(values), PictureType.GIF)))
    assert picture.format == "GIF"
    assert (np.asarray(picture.convert("L")) == values).all()
    colours = np.zeros((10, 10, 3), np.uint8)
    colours[:5] = (200, 10, 20)
    made = file_of(coloured(colours, "RGB"), PictureType.GIF)
    assert (np.asarray(Image.open(BytesIO(made)).convert("RGB")) == colours).all()


@pytest.mark.parametrize("made", [PictureType.JPEG, PictureType.PNG])
def test_colour_spaces(made: PictureType) -> None:
    dataset = coloured(noise("uint8", shape=(8, 8, 3)), "RGB")
    stored = SRGB[:24] + b"\x07\xc0" + SRGB[26:]  # made in another year

    def profile(asked: IccProfile) -> bytes | None:
        picture = Image.open(BytesIO(file_of(dataset, made, icc_profile=asked)))
        held = picture.info.get("icc_profile")
        assert held is None or isinstance(held, bytes)
        return held

    assert profile(IccProfile.NO) is None
    assert profile(IccProfile.YES) == profile(IccProfile.SRGB) != None  # noqa: E711
    dataset.ICCProfile = stored + b"\0" * (len(stored) % 2)
    assert profile(IccProfile.NO) is None
    yes = profile(IccProfile.YES)
    assert yes is not None
    assert yes.startswith(stored)
    assert profile(IccProfile.SRGB) != yes


def test_colours_are_converted_to_the_space_asked_for() -> None:
    dataset = coloured(noise("uint8", shape=(8, 8, 3)), "RGB")
    plain = picture_of(dataset)
    # A profile of the same primaries with red and blue changed over.
    turned = bytearray(SRGB)
    tags = {turned[at : at + 4].decode("latin-1"): at for at in range(132, 330, 12)}
    red, blue = tags["rXYZ"], tags["bXYZ"]
    turned[red + 4 : red + 12], turned[blue + 4 : blue + 12] = (
        turned[blue + 4 : blue + 12],
        turned[red + 4 : red + 12],
    )
    dataset.ICCProfile = bytes(turned) + b"\0" * (len(turned) % 2)
    made = picture_of(dataset, icc_profile=IccProfile.SRGB)
    assert np.abs(made[..., ::-1].astype(int) - plain).max() <= 2
    assert (picture_of(dataset, icc_profile=IccProfile.YES) == plain).all()


def test_a_profile_that_is_none_is_refused_only_where_it_is_needed() -> None:
    dataset = coloured(noise("uint8", shape=(8, 8, 3)), "RGB")
    dataset.ICCProfile = b"no profile at all!"
    picture_of(dataset)
    with pytest.raises(CannotTranscode, match="ICC"):
        picture_of(dataset, icc_profile=IccProfile.SRGB)


def test_grey_pictures_have_no_profile() -> None:
    made = file_of(grey(noise("uint8")), PictureType.PNG, icc_profile=IccProfile.YES)
    assert "icc_profile" not in Image.open(BytesIO(made)).info
