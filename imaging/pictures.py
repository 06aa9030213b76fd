"""Pictures of what is held: of an instance, a frame, or what stands for a series.

Domain half of rendered resources (DICOM PS3.18 10.4.1.1.3): finds the frames and hands
them to `imaging.rendering`, which knows how they look.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import orjson

from core import audit
from core.access import Actor
from core.errors import NotFound
from imaging.frames import Octets
from imaging.layout import Layout
from imaging.metadata import unpack
from imaging.rendering import Appearance, FrameSource, PictureType, render
from imaging.rendering.attributes import Model, text
from imaging.retrieve import (
    MIDDLE_FRAME,
    Address,
    HeldImage,
    HeldParts,
    Listing,
    find_representative,
    frames_of,
    middle_of,
    retrieve_images,
    value_of,
)
from imaging.retrieve.source import opened

RENDERING_VERSION: Final = 1
"""Raised where the same frame becomes another picture than before, for entity tags."""

_MOST_BULK_BYTES: Final = 64 << 20
"""Of a look-up table, a profile, or the graphics of all frames."""

_DOCUMENT: Final = "00420011"
_DOCUMENT_TYPE: Final = "00420012"
PDF: Final = "application/pdf"


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames of an instance of which pictures can be made, in the order asked for."""

    image: HeldImage
    event: audit.Event
    numbers: Sequence[int]
    parts: HeldParts
    model: Model


def find_image(
    *, actor: Actor, address: Address, numbers: Sequence[int], what: str
) -> Listing[HeldImage]:
    """Return the instance that an address names, or that stands for what it names.

    Raises
    ------
    NotFound
        There is none that the actor may see.
    Forbidden
        The actor may not see who the patient is.
    """
    one = find_representative(actor=actor, address=address)
    return retrieve_images(actor=actor, address=one, numbers=numbers, what=what)


def frames_in(image: HeldImage, event: audit.Event, numbers: Sequence[int]) -> Frames:
    """Return the frames of an image that were asked for.

    Raises
    ------
    NotFound
        It has no pixel data, or not so many frames.
    NotAcceptable
        Its frames cannot be told apart.
    """
    known = [middle_of(image) if each == MIDDLE_FRAME else each for each in numbers]
    parts = frames_of(image, event, known)
    return Frames(image, event, known, parts, _model(image))


def make_picture(
    frames: Frames, place: int, appearance: Appearance, made: PictureType
) -> bytes:
    """Return a picture of one of the frames, as a file.

    Takes a processor for some time, and no database.

    Raises
    ------
    CannotTranscode
        It cannot be made.
    Busy
        Others are being made that need much memory.
    Upstream
        The blob is missing or damaged: logged and audited.
    """
    image = frames.image
    with opened(frames.parts) as octets:
        source = FrameSource(
            partial(_whole, octets[place]),
            octets[place].size,
            image.transfer_syntax_uid,
            frames.model,
            frames.numbers[place],
            partial(_bulk, image, frames.event),
        )
        return render(source, appearance, made)


def pdf_in(image: HeldImage, event: audit.Event) -> HeldParts | None:
    """Return the PDF that an instance encapsulates; None where it does not.

    What type it is the data set says; it is not looked into.
    """
    if _DOCUMENT not in Layout.load(image.layout).bulk:
        return None
    if text(_model(image), _DOCUMENT_TYPE).lower() != PDF:
        return None
    return value_of(image, event, _DOCUMENT)


def _model(image: HeldImage) -> Model:
    model: Model = orjson.loads(unpack(image.metadata))
    return model


def _whole(octets: Octets) -> bytes:
    return octets.read(0, octets.size)


def _bulk(image: HeldImage, event: audit.Event, path: str) -> bytes:
    try:
        parts = value_of(image, event, path)
    except NotFound:
        return b""
    with opened(parts) as octets:
        if len(octets) != 1 or octets[0].size > _MOST_BULK_BYTES:
            return b""
        return _whole(octets[0])
