"""Moving pictures: which frames, how fast, and how many at most."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset

from imaging.errors import CannotTranscode
from imaging.rendering import Appearance, FrameSource, Viewport, animate, animation
from imaging.rendering.animation import pause_ms
from tests.imaging.rendering.oracle import coloured, grey, noise, source_of
from tests.synthetic import encode


def sources(dataset: Dataset, number: int) -> Iterator[FrameSource]:
    content = encode(dataset)
    return (source_of(content, place + 1) for place in range(number))


def moving(dataset: Dataset, number: int, **asked: Any) -> tuple[list[np.ndarray], int]:
    """Return the pictures and for how many milliseconds each is shown."""
    made = Image.open(BytesIO(animate(sources(dataset, number), Appearance(**asked))))
    shown = []
    for place in range(getattr(made, "n_frames", 1)):
        made.seek(place)
        shown.append(np.asarray(made.convert("RGB")))
    return shown, int(made.info["duration"])


def steps(number: int) -> Dataset:
    values = [np.full((6, 8), 20 * (place + 1), np.uint8) for place in range(number)]
    return grey(np.stack(values))


@pytest.mark.parametrize(
    ("said", "pause"),
    [
        ({}, 100),
        ({"FrameTime": "40"}, 40),
        ({"FrameTime": "40", "CineRate": "5"}, 200),
        ({"CineRate": "5", "RecommendedDisplayFrameRate": "10"}, 100),
        ({"FrameTimeVector": ["0", "60", "80"]}, 70),
        ({"CineRate": "1000"}, 20),
        ({"FrameTime": "9999999"}, 10_000),
        ({"CineRate": "0", "FrameTime": "-1"}, 100),
    ],
)
def test_frames_are_shown_at_the_rate_that_is_said(
    said: dict[str, Any], pause: int
) -> None:
    dataset = steps(3)
    for keyword, value in said.items():
        setattr(dataset, keyword, value)
    shown, duration = moving(dataset, 3)
    assert [each[0, 0, 0] for each in shown] == [20, 40, 60]
    assert duration == pause
    assert pause_ms(source_of(encode(dataset)).model) == pause


def test_colours_move_too() -> None:
    pixels = np.zeros((6, 8, 3), np.uint8)
    pixels[:3] = (200, 10, 20)
    dataset = coloured(pixels, "RGB", NumberOfFrames=2)
    dataset.PixelData = pixels.tobytes() + pixels[::-1].tobytes()
    shown, _ = moving(dataset, 2)
    assert (shown[0] == pixels).all()
    assert (shown[1] == pixels[::-1]).all()


def test_so_many_frames_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(animation, "MOST_ANIMATED_FRAMES", 4)
    assert len(moving(steps(6), 6)[0]) == 4
    monkeypatch.setattr(animation, "MOST_PIXELS", 100)
    assert len(moving(steps(6), 6)[0]) == 2
    small = Viewport(4, 3)
    assert len(moving(steps(6), 6, viewport=small)[0]) == 4
    monkeypatch.setattr(animation, "MOST_PIXELS", 1)
    assert len(moving(steps(6), 6)[0]) == 1


def test_frames_are_read_one_after_the_other_and_no_others() -> None:
    read: list[int] = []

    def noted(source: FrameSource) -> FrameSource:
        def octets() -> bytes:
            read.append(source.number)
            return source.read()

        return replace(source, read=octets)

    dataset = grey(np.stack([noise("uint8")] * 3))
    given = map(noted, sources(dataset, 3))
    first = next(given)
    animate(iter([first]), Appearance())
    assert read == [1]
    animate(given, Appearance())
    assert read == [1, 2, 3]


def test_a_frame_that_cannot_be_decoded_is_told() -> None:
    good, bad = sources(steps(2), 2)
    with pytest.raises(CannotTranscode):
        animate(iter([good, replace(bad, read=lambda: b"short")]), Appearance())
