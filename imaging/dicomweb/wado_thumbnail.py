"""WADO-RS: retrieving thumbnails (DICOM PS3.18 10.4.1.1.5), one at each address."""

from starlette.requests import Request
from starlette.responses import Response

from core.database import run, run_read
from core.errors import Invalid
from core.media_types import choose
from imaging.dicomweb.rendering_rules import (
    accepted_for_pictures,
    rules_of,
    viewport_of,
)
from imaging.dicomweb.rendering_threads import in_rendering_thread
from imaging.dicomweb.representation import (
    Representation,
    in_memory,
    not_modified,
    respond,
)
from imaging.dicomweb.request import actor_of
from imaging.dicomweb.streaming import HEADERS
from imaging.dicomweb.wado import address_of
from imaging.dicomweb.wado_parts import frame_numbers
from imaging.dicomweb.wado_rendered import picture_tag
from imaging.pictures import Frames, make_picture
from imaging.rendering import Appearance, PictureType
from imaging.retrieve import Address
from imaging.thumbnails import (
    SIZE,
    FoundThumbnail,
    appearance_of,
    find_thumbnail,
    keep,
)


async def thumbnail(request: Request) -> Response:
    """Answer a small picture of a study, a series, an instance or a frame."""
    address, number = address_of(request), _number(request)
    appearance = appearance_of(viewport_of(request, SIZE))
    form = choose(accepted_for_pictures(request), rules_of(request).singles)
    made = PictureType(form.type)
    found, plan = await run_read(_find, request, address, number, appearance, made)
    if isinstance(plan, Response):
        return plan
    if isinstance(plan, Frames):
        picture = await in_rendering_thread(make_picture, plan, 0, appearance, made)
        if _is_usual(appearance, made) and number is None:
            await run(keep, found, picture)
    else:
        picture = plan
    tag = picture_tag(found.image, found.number, appearance, made)
    representation = Representation(
        made, len(picture), in_memory(picture), tag, HEADERS
    )
    return respond(request, representation)


def _number(request: Request) -> int | None:
    """Return the number of the frame that the address names, if it does.

    Raises
    ------
    Invalid
        It names several.
    """
    given = request.path_params.get("frames")
    if given is None:
        return None
    first, *others = frame_numbers(given)
    if others:
        message = "A thumbnail shows one frame: name one."
        raise Invalid(message, path="frames")
    return first


def _find(
    request: Request,
    address: Address,
    number: int | None,
    appearance: Appearance,
    made: PictureType,
) -> tuple[FoundThumbnail, Frames | bytes | Response]:
    """Return what is shown, and what is kept of it, or is to be drawn."""
    actor = actor_of(request)
    found = find_thumbnail(actor=actor, address=address, number=number)
    tag = picture_tag(found.image, found.number, appearance, made)
    unchanged = not_modified(request, tag, HEADERS)
    if unchanged:
        return found, unchanged
    if found.kept is not None and _is_usual(appearance, made):
        return found, found.kept
    return found, found.frames()


def _is_usual(appearance: Appearance, made: PictureType) -> bool:
    """Return whether such thumbnails are kept."""
    return appearance.viewport == SIZE and made is PictureType.JPEG
