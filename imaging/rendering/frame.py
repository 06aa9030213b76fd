"""A frame as a picture: the whole way from its stream to a file (DICOM PS3.4 N.2)."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

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
from imaging.rendering.attributes import of_frame
from imaging.rendering.encoding import encoded, profile_of
from imaging.rendering.overlays import graphics
from imaging.rendering.source import FrameSource

_LARGE: Final = 1 << 23  # samples
_one_large: Final = Lock()


def render(source: FrameSource, appearance: Appearance, made: PictureType) -> bytes:
    """Return a picture of a frame; see `imaging.rendering.render`."""
    description = ImageDescription.of(source.model)
    after_decoding(source.transfer_syntax_uid, description)  # or it is told why not
    if source.size > longest_stream(description):
        message = "The frame is longer than its pixels could make it."
        raise CannotTranscode(message)
    with _memory(description):
        picture = _picture(source, description, appearance)
        profile = profile_of(source.model, source.bulk)
        return encoded(picture, made, appearance, profile)


def _picture(
    source: FrameSource, description: ImageDescription, appearance: Appearance
) -> Image.Image:
    levels = _levels(source, description, appearance)
    frame = of_frame(source.model, source.number)
    rows, columns = levels.shape[:2]
    ratio, viewport = geometry.pixel_ratio(frame), appearance.viewport
    placement = geometry.place(columns, rows, ratio, viewport)
    if placement is None:
        message = "The viewport shows nothing of the image."
        raise Invalid(message, path="viewport")
    if placement.width * placement.height > geometry.MOST_PICTURE_PIXELS:
        message = "The picture would be too large. Ask for a viewport."
        raise CannotTranscode(message, path="viewport")
    picture = drawing.shown(levels, placement, viewport)
    asked = appearance.annotations
    if not asked:
        return picture
    of_patient = annotations.of_patient(frame)
    of_technique = annotations.of_technique(
        frame, source.number, description.number_of_frames
    )
    return drawing.annotated(
        picture,
        of_patient if Annotation.PATIENT in asked else (),
        of_technique if Annotation.TECHNIQUE in asked else (),
    )


def _levels(
    source: FrameSource, description: ImageDescription, appearance: Appearance
) -> NDArray[np.uint8]:
    """Return grey levels or colours, with the graphics drawn upon them."""
    syntax, bulk = source.transfer_syntax_uid, source.bulk
    decoded = decode(source.read(), syntax, description)
    plain = after_decoding(syntax, description)
    values = stored_values(decoded.samples, plain)
    frame = of_frame(source.model, source.number)
    meaning = plain.photometric_interpretation
    bits = 0 if plain.is_float else plain.bits_stored
    if plain.samples_per_pixel > 1:
        levels = colour.rgb(values, meaning, bits)
    elif meaning == "PALETTE COLOR":
        levels = palette.colours(values, frame, bulk)
    else:
        inverted = meaning == "MONOCHROME1"
        of = grey.GreyFrame(values, bits, inverted, frame, bulk)
        levels = grey.levels(of, appearance.window)
    if appearance.overlays:
        for plane in graphics(decoded.samples, source.model, source.number, bulk):
            levels = levels if levels.flags.writeable else levels.copy()
            drawing.with_graphics(levels, plane)
    return levels


@contextmanager
def _memory(description: ImageDescription) -> Iterator[None]:
    """Have large frames made one at a time: a process has memory for one."""
    if description.number_of_samples <= _LARGE:
        yield
        return
    with _one_large:
        yield
