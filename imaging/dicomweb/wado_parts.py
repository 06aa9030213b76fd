"""WADO-RS: retrieving frames and bulk data (DICOM PS3.18 10.4.1.1.6 and 10.4.1.1.5)."""

import re
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from core.errors import Invalid, NotAcceptable
from core.media_types import MULTIPART, MediaRange, MediaType
from imaging.dicomweb.instance_forms import TRANSFER_SYNTAX
from imaging.dicomweb.multipart_body import PART_END, MultipartBody
from imaging.dicomweb.part_forms import (
    choose_frame_form,
    choose_part_form,
    part_type,
)
from imaging.dicomweb.reading_threads import find_and_read
from imaging.dicomweb.representation import (
    Representation,
    not_modified,
    respond,
)
from imaging.dicomweb.request import accepted_tolerantly, actor_of, base_url
from imaging.dicomweb.retrieve_rules import accepted_for_frames
from imaging.dicomweb.streaming import (
    HEADERS,
    Chunks,
    entity_tag,
    reader,
    streamed,
)
from imaging.dicomweb.wado import address_of
from imaging.errors import CannotTranscode
from imaging.frames import chunks as octet_chunks
from imaging.pace import Pace
from imaging.pixels import DECODED, EXPLICIT_LITTLE_ENDIAN
from imaging.retrieve import Address, HeldParts, retrieve_bulkdata, retrieve_frames
from imaging.retrieve.frames_anew import FramesAnew
from imaging.retrieve.source import Opening, measured

_FRAME_NUMBER: Final = re.compile(r"0*[1-9][0-9]{0,17}", re.ASCII)


async def frames(request: Request) -> Response:
    """Answer frames of an instance, in the order of the list."""
    address = address_of(request)
    numbers = frame_numbers(request.path_params["frames"])
    ranges = accepted_for_frames(request)
    return await find_and_read(_frames, request, address, numbers, ranges)


async def bulkdata(request: Request) -> Response:
    """Answer the value that a ``BulkDataURI`` of the metadata names."""
    address = address_of(request)
    path = request.path_params["path"]
    # In every dialect: Azure's service has no bulk data whose rules to keep.
    ranges = accepted_tolerantly(request)
    return await find_and_read(_bulkdata, request, address, path, ranges)


def frame_numbers(text: str) -> list[int]:
    """Return the numbers of a frame list, from 1; order and repeats are kept.

    Raises
    ------
    Invalid
        It is no list of whole numbers from 1, separated by commas.
    """
    elements = text.split(",")
    if not all(_FRAME_NUMBER.fullmatch(element) for element in elements):
        message = "Frames are named by whole numbers from 1, separated by commas."
        raise Invalid(message, path="frames")
    return [int(element) for element in elements]


def _frames(
    request: Request,
    address: Address,
    numbers: Sequence[int],
    ranges: Sequence[MediaRange],
) -> Response:
    parts = retrieve_frames(actor=actor_of(request), address=address, numbers=numbers)
    locations = [f"frames/{number}" for number in numbers]
    stored = parts.version.transfer_syntax_uid if parts.is_compressed else None
    frames = FramesAnew(parts)
    form = choose_frame_form(ranges, stored, parts=len(parts), refusal=frames.refusal)
    if form.params[TRANSFER_SYNTAX] == (stored or EXPLICIT_LITTLE_ENDIAN):
        return _as_stored(request, parts, form, locations)
    try:
        return _anew(request, frames, form, locations)
    except CannotTranscode:
        # Better as stored than not at all, for who takes that.
        with suppress(NotAcceptable):
            form = choose_part_form(ranges, stored, parts=len(parts))
            return _as_stored(request, parts, form, locations)
        raise


def _bulkdata(
    request: Request, address: Address, path: str, ranges: Sequence[MediaRange]
) -> Response:
    parts = retrieve_bulkdata(actor=actor_of(request), address=address, path=path)
    locations = (
        [f"frames/{number}" for number in range(1, len(parts) + 1)]
        if len(parts) > 1
        else [f"bulkdata/{path}"]
    )
    syntax = parts.version.transfer_syntax_uid if parts.is_compressed else None
    number = len(parts)
    try:
        form = choose_part_form(ranges, syntax, parts=number, single_first=True)
    except NotAcceptable:
        if syntax not in DECODED:
            raise
        frames = FramesAnew(parts)
        form = choose_frame_form(ranges, syntax, parts=number, refusal=frames.refusal)
        return _anew(request, frames, form, locations)
    return _as_stored(request, parts, form, locations)


def _as_stored(
    request: Request, parts: HeldParts, form: MediaType, locations: Sequence[str]
) -> Response:
    tag = entity_tag(parts.version.version_id, *form.params.values(), form.type)
    unchanged = not_modified(request, tag, HEADERS)
    if unchanged:
        return unchanged
    sizes, opening = measured(parts)
    if form.type != MULTIPART:
        read = partial(one_part, opening)
        made = Representation(
            part_type(form), sizes[0], reader(request, sizes[0], read), tag, HEADERS
        )
        return respond(request, made)
    return _multipart(request, opening, form, tag, locations, sizes)


def _multipart(
    request: Request,
    opening: Opening,
    form: MediaType,
    tag: str,
    locations: Sequence[str],
    sizes: Sequence[int],
) -> Response:
    body = MultipartBody.of(form.params["type"], tag)
    url = _instance_url(request)
    heads = [body.head(part_type(form), f"{url}/{each}") for each in locations]

    def chunks(pace: Pace) -> Chunks:
        with opening() as octets:
            for head, part in zip(heads, octets, strict=True):
                yield head
                yield from octet_chunks(part, 0, part.size, pace)
                yield PART_END
        yield body.end

    size = body.size(zip(map(len, heads), sizes, strict=True))
    return streamed(request, chunks, media_type=body.content_type, etag=tag, size=size)


def _anew(
    request: Request, frames: FramesAnew, form: MediaType, locations: Sequence[str]
) -> Response:
    """Answer frames that are made of the stored ones, each when it is sent."""
    syntax = form.params[TRANSFER_SYNTAX]
    tag = entity_tag(frames.parts.version.version_id, *form.params.values(), form.type)
    size = frames.size_as(syntax)
    if form.type != MULTIPART:
        return streamed(
            request,
            lambda _pace: frames.made_as(syntax),
            media_type=part_type(form),
            etag=tag,
            size=size,
        )
    body = MultipartBody.of(form.params["type"], tag)
    url = _instance_url(request)
    heads = [body.head(part_type(form), f"{url}/{each}") for each in locations]

    def chunks(_pace: Pace) -> Chunks:
        for head, frame in zip(heads, frames.made_as(syntax), strict=True):
            yield head
            yield frame
            yield PART_END
        yield body.end

    whole = size and body.size((len(head), size) for head in heads)
    return streamed(request, chunks, media_type=body.content_type, etag=tag, size=whole)


def one_part(opening: Opening, start: int, length: int, pace: Pace) -> Chunks:
    """Yield bytes of the only part."""
    with opening() as (part,):
        yield from octet_chunks(part, start, length, pace)


def _instance_url(request: Request) -> str:
    address = address_of(request)
    return (
        f"{base_url(request)}/studies/{address.study_instance_uid}"
        f"/series/{address.series_instance_uid}"
        f"/instances/{address.sop_instance_uid}"
    )
