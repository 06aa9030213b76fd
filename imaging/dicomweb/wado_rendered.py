"""WADO-RS: retrieving rendered instances and frames (DICOM PS3.18 10.4.1.1.3, 4).

What is asked for comes as one picture: of an instance its first frame, of a series or
study that of the instance in the middle (`imaging.retrieve.representative`). In
multipart come all instances that have pictures, or all frames of a list. The database
is asked in one thread and pictures are made in another, of which there are few.
"""

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from core.database import run_read
from core.errors import Invalid, NotAcceptable
from imaging.dicomweb.media_types import MULTIPART, MediaRange, MediaType, choose
from imaging.dicomweb.rendered_parts import RenderedParts
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
from imaging.dicomweb.streaming import HEADERS, entity_tag, reader
from imaging.dicomweb.wado import address_of
from imaging.dicomweb.wado_parts import frame_numbers, one_part
from imaging.pictures import (
    PDF,
    RENDERING_VERSION,
    Frames,
    find_image,
    frames_in,
    make_picture,
    pdf_in,
)
from imaging.rendering import Appearance, PictureType
from imaging.retrieve import Address, HeldImage, HeldParts, retrieve_images
from imaging.retrieve.source import opened

_FIRST: Final = (1,)
_WHAT: Final = "rendered instances"
# A browser shows nothing of the document in our name, whatever it holds.
_DOCUMENT_HEADERS: Final = {"content-security-policy": "sandbox; default-src 'none'"}


async def rendered(request: Request) -> Response:
    """Answer pictures of a study, a series, an instance or frames of it."""
    address = address_of(request)
    given = request.path_params.get("frames")
    numbers = _FIRST if given is None else frame_numbers(given)
    asked = asked_of(request)
    form = _form(request, accepted_for_pictures(request), len(numbers))
    if form.type == MULTIPART:
        parts = await run_read(_several, request, address, numbers, asked, form)
        return await parts.answer(_headers(request, asked))
    made = await run_read(_single, request, address, numbers, asked, form)
    if isinstance(made, Response):
        return made
    return await _answer(request, made, asked, PictureType(form.type))


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
    request: Request,
    address: Address,
    numbers: Sequence[int],
    asked: Asked,
    form: MediaType,
) -> Frames | Response:
    listing = find_image(
        actor=actor_of(request), address=address, numbers=numbers, what=_WHAT
    )
    (image,) = listing.page
    rules, ranges = rules_of(request), accepted_for_pictures(request)
    document = pdf_in(image, listing.event) if rules.documents else None
    if document is not None:
        choose(ranges, rules.documents)
        return _document(request, image, document)
    if form.type == PDF:
        choose(ranges, rules.singles)  # tells which
    tag = picture_tag(image, numbers[0], asked.appearance, form.type)
    unchanged = not_modified(request, tag, _headers(request, asked))
    return unchanged or frames_in(image, listing.event, numbers)


def picture_tag(
    image: HeldImage, number: int, appearance: Appearance, form: str
) -> str:
    """Return the entity tag of a picture."""
    key = f"{form} {appearance.key}".encode()
    digest = hashlib.blake2b(key, digest_size=8).hexdigest()
    return entity_tag(image.version_id, number, digest, RENDERING_VERSION)


async def _answer(
    request: Request, frames: Frames, asked: Asked, made: PictureType
) -> Response:
    """Make a picture of the first of the frames, and answer with it."""
    body = await in_rendering_thread(make_picture, frames, 0, asked.appearance, made)
    tag = picture_tag(frames.image, frames.numbers[0], asked.appearance, made)
    return respond(
        request,
        Representation(made, len(body), in_memory(body), tag, _headers(request, asked)),
    )


def _document(request: Request, image: HeldImage, parts: HeldParts) -> Response:
    with opened(parts) as (octets,):
        size = octets.size
    name = f"{image.sop_instance_uid}.pdf"
    headers = {
        **HEADERS,
        **_DOCUMENT_HEADERS,
        "content-disposition": f'attachment; filename="{name}"',
    }
    read = reader(request, size, partial(one_part, parts))
    tag = entity_tag(image.version_id, "document")
    return respond(request, Representation(PDF, size, read, tag, headers))


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
    return RenderedParts(request, listing, numbers, asked, made, address.level)


def _headers(request: Request, asked: Asked) -> dict[str, str]:
    """Return ``Warning`` in the form of PS3.18, with a colon, where there is one."""
    if not asked.warning:
        return dict(HEADERS)
    warning = f'299 {request.url.netloc}: "{asked.warning}"'
    return {**HEADERS, "warning": warning}
