"""Pictures of what is held: of an instance, a frame, or what stands for a series.

Domain half of rendered resources (DICOM PS3.18 10.4.1.1.3): finds the frames and hands
them to `imaging.rendering`, which knows how they look.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, NamedTuple

from core import audit
from core.access import Actor
from core.errors import NotAcceptable, NotFound
from imaging.frames import Octets
from imaging.layout import Layout
from imaging.metadata import model_of
from imaging.rendering import (
    MOST_ANIMATED_FRAMES,
    Appearance,
    FrameSource,
    PictureType,
    animate,
    render,
)
from imaging.rendering.attributes import Model
from imaging.rendering.states import (
    PresentationState,
    is_presentation_state,
    references_of,
)
from imaging.retrieve import (
    MIDDLE_FRAME,
    Address,
    HeldImage,
    HeldParts,
    Listing,
    find_representative,
    frames_of,
    middle_of,
    number_of_frames,
    retrieve_images,
    value_of,
)
from imaging.retrieve.source import opened

RENDERING_VERSION: Final = 2
"""Raised where the same frame becomes another picture than before, for entity tags."""

ALL_FRAMES: Final = range(1, MOST_ANIMATED_FRAMES + 1)
"""Stands for the numbers of all frames that an image has, as far as they move."""

_MOST_BULK_BYTES: Final = 64 << 20
"""Of a look-up table, a profile, or the graphics of all frames."""


class HeldState(NamedTuple):
    """A presentation state, and what the audit log was told of it."""

    image: HeldImage
    event: audit.Event
    model: Model


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames of an instance of which pictures can be made, in the order asked for.

    Attributes
    ----------
    state
        The presentation state by which they are shown, if any.
    """

    image: HeldImage
    event: audit.Event
    numbers: Sequence[int]
    parts: HeldParts
    model: Model
    state: "HeldState | None" = None


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
    if numbers == ALL_FRAMES:
        numbers = ALL_FRAMES[: max(1, number_of_frames(image))]
    known = [middle_of(image) if each == MIDDLE_FRAME else each for each in numbers]
    parts = frames_of(image, event, known)
    return Frames(image, event, known, parts, model_of(image.metadata))


def state_in(image: HeldImage, event: audit.Event) -> HeldState | None:
    """Return the presentation state that an instance is; None where it is none.

    Raises
    ------
    CannotTranscode
        It is one that is not applied here.
    """
    if Layout.load(image.layout).pixels is not None:
        return None
    model = model_of(image.metadata)
    return HeldState(image, event, model) if is_presentation_state(model) else None


def frames_of_state(
    *, actor: Actor, address: Address, state: HeldState, what: str
) -> Iterator[Frames]:
    """Yield the frames that a presentation state shows, of an image at a time.

    Of each image the frames that it names, else the first. Images that are not held, or
    that the actor may not see, are passed over; each is asked for in its turn.

    Parameters
    ----------
    address
        Of the presentation state: its images are of the same study.
    """
    for series, instance, frames in references_of(state.model):
        numbers = list(frames or (1,))
        of_image = replace(
            address, series_instance_uid=series, sop_instance_uid=instance
        )
        try:
            listing = retrieve_images(
                actor=actor, address=of_image, numbers=numbers, what=what
            )
            (image,) = listing.page
            found = frames_in(image, listing.event, numbers)
        except (NotFound, NotAcceptable):
            continue
        yield replace(found, state=state)


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
    with opened(frames.parts) as octets:
        return render(_source(frames, place, octets[place]), appearance, made)


def make_animation(frames: Frames, appearance: Appearance) -> bytes:
    """Return the frames as one moving picture, a GIF; raises what `make_picture` does.

    They are read one after the other.
    """
    with opened(frames.parts) as octets:
        sources = (_source(frames, place, each) for place, each in enumerate(octets))
        return animate(sources, appearance)


def _source(frames: Frames, place: int, octets: Octets) -> FrameSource:
    image = frames.image
    return FrameSource(
        partial(_whole, octets),
        octets.size,
        image.transfer_syntax_uid,
        frames.model,
        frames.numbers[place],
        partial(_bulk, image, frames.event),
        _state_of(frames),
    )


def _state_of(frames: Frames) -> PresentationState | None:
    if frames.state is None:
        return None
    image, event, model = frames.state
    shown = frames.image.sop_instance_uid
    return PresentationState(model, partial(_bulk, image, event), shown)


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
