"""Several frames as one moving picture, in GIF (DICOM PS3.18 8.7.4)."""

from collections.abc import Iterable
from io import BytesIO
from itertools import chain, islice
from typing import Final

from PIL import Image

from imaging.rendering.appearance import MOST_ANIMATED_FRAMES, Appearance
from imaging.rendering.attributes import Model, number, numbers, tag
from imaging.rendering.encoding import GIF_COLOURS
from imaging.rendering.frame import drawn
from imaging.rendering.source import FrameSource

MOST_PIXELS: Final = 1 << 25
"""Of all pictures together, which are in memory until the last is made."""

_RATES: Final = tuple(map(tag, ("RecommendedDisplayFrameRate", "CineRate")))
_TIME: Final = tag("FrameTime")
_TIMES: Final = tag("FrameTimeVector")
_USUAL_MS: Final = 100.0
_SHORTEST_MS: Final = 20.0  # browsers show anything shorter slowly
_LONGEST_MS: Final = 10_000.0


def animate(sources: Iterable[FrameSource], appearance: Appearance) -> bytes:
    """Return the first of some frames as one; see `imaging.rendering.animate`."""
    remaining = iter(sources)
    first = next(remaining)
    shown = _frame(first, appearance)
    most = min(MOST_ANIMATED_FRAMES, MOST_PIXELS // (shown.width * shown.height))
    others = (_frame(each, appearance) for each in remaining)
    frames = chain([shown], islice(others, max(0, most - 1)))
    target = BytesIO()
    next(frames).save(
        target,
        "GIF",
        save_all=True,
        append_images=frames,
        duration=round(pause_ms(first.model)),
        loop=0,
    )
    return target.getvalue()


def pause_ms(model: Model) -> float:
    """Return how long each frame is shown (DICOM PS3.3 C.7.6.5)."""
    rates = [number(model, key) for key in _RATES]
    found = [1000 / rate for rate in rates if rate is not None and rate > 0]
    times = numbers(model, _TIMES)[1:]  # the first is where they begin
    found.append(number(model, _TIME) or 0)
    found.append(sum(times) / len(times) if times else 0)
    said = next((each for each in found if each > 0), _USUAL_MS)
    return min(max(said, _SHORTEST_MS), _LONGEST_MS)


def _frame(source: FrameSource, appearance: Appearance) -> Image.Image:
    with drawn(source, appearance) as picture:
        return picture if picture.mode == "L" else picture.quantize(GIF_COLOURS)
