"""What is written into pictures: letters of any script, or none, but no boxes."""

from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from imaging.rendering import Annotation, fonts
from imaging.rendering.drawing import write
from tests.imaging.rendering.oracle import grey, picture_of


@pytest.fixture
def without_machine_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    fonts._machine_fonts.cache_clear()
    monkeypatch.setattr(fonts, "MACHINE_FONTS", ("no such font.ttf",))
    yield
    fonts._machine_fonts.cache_clear()


@pytest.mark.usefixtures("without_machine_fonts")
@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Doe, Jane 12 mm", "Doe, Jane 12 mm"),
        ("Šťastný Zoë", "Stastny Zoe"),
        ("山田 Tarou", " Tarou"),
        ("山田", ""),
        ("\u2460 mm", "1 mm"),
        ("", ""),
    ],
)
def test_what_no_font_has_is_left_out(line: str, shown: str) -> None:
    assert fonts.written(line, 12)[0] == shown
    picture = Image.new("L", (200, 40))
    write(picture, (2, 2), line, 12)
    assert (np.asarray(picture) > 0).any() == bool(shown.strip())


@pytest.mark.parametrize("line", ["Šťastný", "Иванов", "山田太郎", "김희중", "علي"])
def test_the_machines_fonts_write_other_scripts(line: str) -> None:
    if not fonts._machine_fonts():
        pytest.skip("no font of another script on this machine")
    shown, font = fonts.written(line, 16)
    if shown != line:
        pytest.skip("no font of this script on this machine")
    missing = bytes(font.getmask("\U0010fffe"))
    assert missing not in {bytes(font.getmask(letter)) for letter in line}


def test_annotations_use_them() -> None:
    image = grey(np.zeros((300, 300), np.uint8))
    image.PatientName = "=山田^太郎"
    patient = frozenset({Annotation.PATIENT})
    named = picture_of(image, annotations=patient)
    assert named.any()
    image.PatientName = "=山本^太郎"
    has_script = fonts.written("山田", 12)[0] == "山田"
    assert (picture_of(image, annotations=patient) != named).any() == has_script
