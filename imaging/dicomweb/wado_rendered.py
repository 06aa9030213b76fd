"""WADO-RS: retrieving rendered instances and frames (DICOM PS3.18 10.4.1.1.3, 4).

What is asked for comes as one picture: of an instance its first frame, of a series or
study that of the instance in the middle (`imaging.retrieve.representative`). In
multipart come all instances that have pictures, or all frames of a list. A report comes
as text (`imaging.dicomweb.rendered_documents`). The database is asked in one thread and
pictures and texts are made in another, of which there are few.
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from core.database import run_read
from core.errors import Invalid, NotAcceptable
from core.media_types import MULTIPART, MediaRange, MediaType, choose
from imaging.dicomweb.rendered_documents import (
    RenderedReport,
    answer_report,
    document_of,
)
from imaging.dicomweb.rendered_parts import RenderedParts
from imaging.dicomweb.rendered_states import all_shown, first_shown, state_of
from imaging.dicomweb.rendering_rules import (
    Asked,
    accepted_for_pictures,
    asked_of,
    rules_of,
)
from imaging.dicomweb.rendering_threads import in_rendering_thread
from imaging.dicomweb.representation import (
    Representation,
    in_memory,
    not_modified,
    respond,
)
from imaging.dicomweb.request import actor_of
from imaging.dicomweb.streaming import HEADERS, entity_tag
from imaging.dicomweb.wado import address_of
from imaging.dicomweb.wado_parts import frame_numbers
from imaging.pictures import (
    ALL_FRAMES,
    RENDERING_VERSION,
    Frames,
    find_image,
    frames_in,
    make_animation,
    make_picture,
)
from imaging.rendering import Appearance, PictureType
from imaging.retrieve import Address, HeldImage, retrieve_images

_FIRST: Final = (1,)
_WHAT: Final = "rendered instances"


async def rendered(request: Request) -> Response:
    """Answer pictures of a study, a series, an instance or frames of it."""
    address = address_of(request)
    given = request.path_params.get("frames")
    numbers: Sequence[int] = _FIRST if given is None else frame_numbers(given)
    asked = asked_of(request)
    form = _form(request, accepted_for_pictures(request), len(numbers))
    if form.type == MULTIPART:
        parts = await run_read(_several, request, address, numbers, asked, form)
        return await parts.answer(_headers(request, asked))
    if given is None and _shows_several(request):
        numbers = ALL_FRAMES
    made = await run_read(_single, request, address, numbers, asked)
    if isinstance(made, Response):
        return made
    if isinstance(made, RenderedReport):
        return await answer_report(request, made)
    return await _answer(request, made, asked, _picture_form(request))


def _form(request: Request, ranges: Sequence[MediaRange], number: int) -> MediaType:
    """Return the form that the client likes best.

    Raises
    ------
    Invalid
        Several frames are asked for, and only one can come so.
    NotAcceptable
        The client takes none that is made here.
    """
    rules = rules_of(request)
    one = [*rules.singles, *rules.documents, *rules.several]
    if number == 1:
        return choose(ranges, one)
    try:
        return choose(ranges, rules.several)
    except NotAcceptable:
        choose(ranges, one)
        message = f"{number} pictures come as {MULTIPART} only. Accept that."
        raise Invalid(message, path="Accept") from None


def _single(
    request: Request, address: Address, numbers: Sequence[int], asked: Asked
) -> Frames | RenderedReport | Response:
    listing = find_image(
        actor=actor_of(request), address=address, numbers=numbers, what=_WHAT
    )
    (image,) = listing.page
    document = document_of(request, image, listing.event)
    if document is not None:
        return document
    form, headers = _picture_form(request), _headers(request, asked)
    state = state_of(request, image, listing.event)
    if state is not None:
        shown = first_shown(request, address, state, _WHAT)
        return not_modified(request, _tag(shown, asked, form), headers) or shown
    tag = picture_tag(image, numbers[0], asked.appearance, form)
    unchanged = not_modified(request, tag, headers)
    return unchanged or frames_in(image, listing.event, numbers)


def _tag(frames: Frames, asked: Asked, form: PictureType) -> str:
    """Return the entity tag of the picture of the first of some frames."""
    version = frames.state.image.version_id if frames.state else 0
    number = frames.numbers[0]
    return picture_tag(frames.image, number, asked.appearance, form, state=version)


def _picture_form(request: Request) -> PictureType:
    """Return in which type the client likes pictures best.

    Raises
    ------
    NotAcceptable
        It takes documents only; the message says what can be made.
    """
    ranges = accepted_for_pictures(request)
    return PictureType(choose(ranges, rules_of(request).singles).type)


def picture_tag(
    image: HeldImage, number: int, appearance: Appearance, form: str, *, state: int = 0
) -> str:
    """Return the entity tag of a picture.

    Parameters
    ----------
    state
        Key of the version of the presentation state by which it is shown, if any.
    """
    key = f"{form} {appearance.key} {state or ''}".encode()
    digest = hashlib.blake2b(key, digest_size=8).hexdigest()
    return entity_tag(image.version_id, number, digest, RENDERING_VERSION)


def _shows_several(request: Request) -> bool:
    """Return whether a picture is wanted in the only type that can move."""
    with suppress(NotAcceptable):
        return _picture_form(request) is PictureType.GIF
    return False


async def _answer(
    request: Request, frames: Frames, asked: Asked, made: PictureType
) -> Response:
    """Make a picture of the first of the frames, or of all, and answer with it."""
    look = asked.appearance
    if made is PictureType.GIF and len(frames.numbers) > 1:
        body = await in_rendering_thread(make_animation, frames, look)
    else:
        body = await in_rendering_thread(make_picture, frames, 0, look, made)
    tag, headers = _tag(frames, asked, made), _headers(request, asked)
    return respond(
        request, Representation(made, len(body), in_memory(body), tag, headers)
    )


def _several(
    request: Request,
    address: Address,
    numbers: Sequence[int],
    asked: Asked,
    form: MediaType,
) -> RenderedParts:
    listing = retrieve_images(
        actor=actor_of(request), address=address, numbers=numbers, what=_WHAT
    )
    made = PictureType(form.params["type"])
    presented = all_shown(request, address, listing, _WHAT)
    return RenderedParts(
        request, listing, numbers, asked, made, address.level, presented
    )


def _headers(request: Request, asked: Asked) -> dict[str, str]:
    """Return ``Warning`` in the form of PS3.18, with a colon, where there is one."""
    if not asked.warning:
        return dict(HEADERS)
    warning = f'299 {request.url.netloc}: "{asked.warning}"'
    return {**HEADERS, "warning": warning}
