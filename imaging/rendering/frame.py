"""A frame as a picture: the whole way from its stream to a file (DICOM PS3.4 N.2)."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import Invalid
from imaging.errors import CannotTranscode
from imaging.pixels import (
    ImageDescription,
    after_decoding,
    decode,
    longest_stream,
    stored_values,
)
from imaging.rendering import annotations, colour, drawing, geometry, grey, palette
from imaging.rendering.appearance import Annotation, Appearance, PictureType
from imaging.rendering.attributes import Model, of_frame
from imaging.rendering.encoding import encoded, profile_of
from imaging.rendering.overlays import Bits, graphics
from imaging.rendering.source import FrameSource
from imaging.rendering.states import annotating, applying
from imaging.rendering.states.area import Area

_LARGE: Final = 1 << 23  # samples
_one_large: Final = Lock()


def render(source: FrameSource, appearance: Appearance, made: PictureType) -> bytes:
    """Return a picture of a frame; see `imaging.rendering.render`."""
    with drawn(source, appearance) as picture:
        profile = profile_of(source.model, source.bulk)
        return encoded(picture, made, appearance, profile)


@contextmanager
def drawn(source: FrameSource, appearance: Appearance) -> Iterator[Image.Image]:
    """Give a picture of a frame, not yet as a file; raises what `render` does.

    Large frames one at a time: a process has memory for one.
    """
    description = ImageDescription.of(source.model)
    after_decoding(source.transfer_syntax_uid, description)  # or it is told why not
    if source.size > longest_stream(description):
        message = "The frame is longer than its pixels could make it."
        raise CannotTranscode(message)
    is_large = description.number_of_samples > _LARGE
    with _one_large if is_large else nullcontext():
        yield _picture(source, description, appearance)


def _picture(
    source: FrameSource, description: ImageDescription, appearance: Appearance
) -> Image.Image:
    frame, state = _model(source), source.state
    levels = _levels(source, description, appearance, frame)
    ratio, viewport = geometry.pixel_ratio(frame), appearance.viewport
    area = None
    if state is not None:
        selection = state.area(source.number)
        area = Area.of(state.model, selection, levels.shape[1], levels.shape[0])
        levels = area.shown(levels)
        ratio = 1 / ratio if area.turns % 2 else ratio
    rows, columns = levels.shape[:2]
    placement = geometry.place(columns, rows, ratio, viewport)
    if placement is None:
        message = "The viewport shows nothing of the image."
        raise Invalid(message, path="viewport")
    if placement.width * placement.height > geometry.MOST_PICTURE_PIXELS:
        message = "The picture would be too large. Ask for a viewport."
        raise CannotTranscode(message, path="viewport")
    picture = drawing.shown(levels, placement, viewport)
    if state is not None and area is not None:
        place = annotating.placed(area, placement, viewport)
        annotating.draw(picture, state, source.number, place)
    return _annotated(picture, frame, source.number, description, appearance)


def _annotated(
    picture: Image.Image,
    frame: Model,
    number: int,
    description: ImageDescription,
    appearance: Appearance,
) -> Image.Image:
    asked = appearance.annotations
    if not asked:
        return picture
    of_patient = annotations.of_patient(frame)
    of_technique = annotations.of_technique(frame, number, description.number_of_frames)
    return drawing.annotated(
        picture,
        of_patient if Annotation.PATIENT in asked else (),
        of_technique if Annotation.TECHNIQUE in asked else (),
    )


def _model(source: FrameSource) -> Model:
    """Return what is said of the frame, by a presentation state in the end."""
    frame = of_frame(source.model, source.number)
    return source.state.applied(frame, source.number) if source.state else frame


def _levels(
    source: FrameSource,
    description: ImageDescription,
    appearance: Appearance,
    frame: Model,
) -> NDArray[np.uint8]:
    """Return grey levels or colours, with shutters and graphics drawn upon them."""
    syntax, state = source.transfer_syntax_uid, source.state
    decoded = decode(source.read(), syntax, description)
    plain = after_decoding(syntax, description)
    values = stored_values(decoded.samples, plain)
    meaning = plain.photometric_interpretation
    bits = 0 if plain.is_float else plain.bits_stored
    if plain.samples_per_pixel > 1:
        levels = colour.rgb(values, meaning, bits)
    elif meaning == "PALETTE COLOR":
        levels = palette.colours(values, frame, source.bulk)
    elif state is not None and state.is_of_grey:
        levels = applying.grey_levels(values, bits, frame, state, appearance.window)
    else:
        of = grey.GreyFrame(values, bits, meaning == "MONOCHROME1", frame, source.bulk)
        levels = grey.levels(of, appearance.window)
        if palette.is_supplemental(frame):
            levels = palette.supplemented(levels, values, frame, source.bulk)
    if state is not None:
        levels = applying.shuttered(levels, state)
    if appearance.overlays:
        for plane in _planes(source, decoded.samples):
            levels = levels if levels.flags.writeable else levels.copy()
            drawing.with_graphics(levels, plane)
    return levels


def _planes(source: FrameSource, samples: NDArray[Any]) -> Iterator[Bits]:
    """Yield what graphics of overlays are drawn."""
    if source.state is None:
        return graphics(samples, source.model, source.number, source.bulk)
    return applying.planes(samples, source, source.state)
