"""Pixels as a presentation state wants them, before they are cut out and turned."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imaging.rendering import grey, palette
from imaging.rendering.appearance import Window
from imaging.rendering.attributes import Model, text
from imaging.rendering.overlays import GROUPS, Bits, graphics, has_plane
from imaging.rendering.source import FrameSource
from imaging.rendering.states import shutters
from imaging.rendering.states.state import PresentationState
from imaging.rendering.windows import presented


def grey_levels(
    values: NDArray[Any],
    bits_stored: int,
    frame: Model,
    state: PresentationState,
    window: Window | None,
) -> NDArray[np.uint8]:
    """Return grey levels, or the colours of a state with a palette.

    Parameters
    ----------
    values
        Stored values of a frame.
    frame
        What is said of it, with what the state says instead.
    window
        What is asked for instead of that.
    """
    of = grey.GreyFrame(
        values,
        bits_stored,
        state.is_inverse,  # whatever the image's own sense is (PS3.3 C.11.6)
        frame,
        state.bulk,
        is_spread=False,
        presentation=presented(state.model, state.bulk),
    )
    levels = grey.levels(of, window)
    if not state.has_palette:
        return levels
    return palette.of_levels(levels, state.model, state.bulk)


def shuttered(levels: NDArray[np.uint8], state: PresentationState) -> NDArray[np.uint8]:
    """Return grey levels or colours without what the state's shutters cover."""
    rows, columns = levels.shape[:2]
    hidden = shutters.covered(state.model, state.bulk, (rows, columns))
    if hidden is None:
        return levels
    made = levels if levels.flags.writeable else levels.copy()
    made[hidden] = shutters.level(state.model)
    return made


def planes(
    samples: NDArray[Any], source: FrameSource, state: PresentationState
) -> Iterator[Bits]:
    """Yield the graphics that a state activates (PS3.3 C.11.7).

    They are its own where it has a plane of the group, else the image's.
    """
    for group in GROUPS:
        if not text(state.model, f"{group:04X}1001"):
            continue
        if has_plane(state.model, group):
            yield from graphics(samples, state.model, 1, state.bulk, (group,))
        else:
            of_image = source.model, source.number, source.bulk
            yield from graphics(samples, *of_image, (group,))
