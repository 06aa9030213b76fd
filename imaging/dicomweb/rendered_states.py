"""WADO-RS: presentation states, shown with their images (DICOM PS3.18 10.4.1.1.3)."""

from collections.abc import Iterator

from starlette.requests import Request

from core import audit
from core.errors import NotFound
from imaging.dicomweb.rendering_rules import rules_of
from imaging.dicomweb.request import actor_of
from imaging.pictures import Frames, HeldState, frames_of_state, state_in
from imaging.retrieve import Address, HeldImage, Listing


def state_of(
    request: Request, image: HeldImage, event: audit.Event
) -> HeldState | None:
    """Return the presentation state that is asked for, if it is one.

    Azure's service has none, and frames are those of images only.
    """
    if not rules_of(request).documents or "frames" in request.path_params:
        return None
    return state_in(image, event)


def first_shown(
    request: Request, address: Address, state: HeldState, what: str
) -> Frames:
    """Return the frames of the first image that a presentation state shows.

    Parameters
    ----------
    what
        Is given of the image, for the audit log.

    Raises
    ------
    NotFound
        None of its images is held, as far as the actor sees.
    """
    actor = actor_of(request)
    shown = frames_of_state(actor=actor, address=address, state=state, what=what)
    found = next(shown, None)
    if found is None:
        message = "No image of the presentation state is held."
        raise NotFound(message, path="rendered")
    return found


def all_shown(
    request: Request, address: Address, listing: Listing[HeldImage], what: str
) -> Iterator[Frames] | None:
    """Return all frames of a presentation state, where the address names one."""
    if address.level != "instance":
        return None
    state = state_of(request, listing.page[0], listing.event)
    if state is None:
        return None
    actor = actor_of(request)
    return frames_of_state(actor=actor, address=address, state=state, what=what)
