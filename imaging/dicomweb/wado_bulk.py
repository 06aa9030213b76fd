"""WADO-RS: all bulk data, or all pixel data, of a study, a series or an instance.

DICOM PS3.18 10.4.1.1.5, 10.4.1.1.6. Each part has the address that the metadata has for
its value (10.4.3.3.5); frames of compressed pixel data are parts of their own, which
share it. So metadata and these parts can be stored again as they are.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from core.errors import NotFound
from core.media_types import OCTET_STREAM, MediaRange, MediaType
from imaging.dicomweb.instance_forms import TRANSFER_SYNTAX
from imaging.dicomweb.multipart_body import PART_END, MultipartBody
from imaging.dicomweb.part_forms import OCTETS, choose_value_forms, part_type
from imaging.dicomweb.reading_threads import find_and_read
from imaging.dicomweb.request import accepted, actor_of, base_url
from imaging.dicomweb.streaming import Chunks, entity_tag, streamed
from imaging.dicomweb.wado import address_of, url_of
from imaging.errors import CannotTranscode
from imaging.frames import chunks as octet_chunks
from imaging.pace import Pace
from imaging.retrieve import (
    Address,
    HeldBulk,
    HeldParts,
    Listing,
    bulk_values,
    retrieve_all_bulkdata,
    stored_transfer_syntaxes,
    together,
)
from imaging.retrieve.frames_anew import FramesAnew
from imaging.retrieve.source import opened


class _Values(NamedTuple):
    """The bulk values of an instance, by their paths."""

    url: str
    parts: Mapping[str, HeldParts]


async def all_bulkdata(request: Request) -> Response:
    """Answer all bulk values of what the address names."""
    return await _answer(request, pixels_only=False)


async def pixeldata(request: Request) -> Response:
    """Answer the pixel data of what the address names."""
    return await _answer(request, pixels_only=True)


async def _answer(request: Request, *, pixels_only: bool) -> Response:
    address = address_of(request)
    ranges = accepted(request)
    return await find_and_read(
        _streamed, request, address, ranges, pixels_only=pixels_only
    )


def _streamed(
    request: Request,
    address: Address,
    ranges: Sequence[MediaRange],
    *,
    pixels_only: bool,
) -> Response:
    listing = retrieve_all_bulkdata(actor=actor_of(request), address=address)
    forms = choose_value_forms(ranges, stored_transfer_syntaxes(listing))
    what = "pixeldata" if pixels_only else "bulkdata"
    values = _values(listing, base_url(request), pixels_only=pixels_only)
    first = next(values, None)
    if first is None:  # told while a status can still be sent
        message = f"The {address.level} has no {what}."
        raise NotFound(message, path=what)
    types = [form.params["type"] for form in forms.values()]
    syntaxes = [form.params[TRANSFER_SYNTAX] for form in forms.values()]
    found = listing.found
    of_what = (found.newest_version_id, found.number_of_instances, what)
    tag = entity_tag(*of_what, *types, *syntaxes)
    body = MultipartBody.of(types[0] if len({*types}) == 1 else OCTET_STREAM, tag)

    def chunks(pace: Pace) -> Chunks:
        for each in chain([first], values):
            yield from _parts(each, forms, body, pace)
        yield body.end

    return streamed(request, chunks, media_type=body.content_type, etag=tag)


def _values(
    listing: Listing[HeldBulk], base: str, *, pixels_only: bool
) -> Iterator[_Values]:
    for held in listing.rows():
        parts = bulk_values(held, listing.event, pixels_only=pixels_only)
        if parts:
            yield _Values(url_of(base, listing, held), parts)


def _parts(
    values: _Values, forms: Mapping[str, MediaType], body: MultipartBody, pace: Pace
) -> Chunks:
    as_stored: list[HeldParts] = []
    heads: list[bytes] = []
    made: list[tuple[bytes, HeldParts, str]] = []
    for path, parts in values.parts.items():
        stored = parts.version.transfer_syntax_uid
        form = forms.get(stored, OCTETS) if parts.is_compressed else OCTETS
        wanted = form.params[TRANSFER_SYNTAX]
        head = body.head(part_type(form), f"{values.url}/bulkdata/{path}")
        if parts.is_compressed and wanted != stored:
            made.append((head, parts, wanted))
        else:
            as_stored.append(parts)
            heads += [head] * len(parts)
    if as_stored:
        with opened(together(as_stored)) as octets:
            for head, part in zip(heads, octets, strict=True):
                yield head
                yield from octet_chunks(part, 0, part.size, pace)
                yield PART_END
    for head, parts, wanted in made:
        yield from _made(head, FramesAnew(parts), wanted)


def _made(head: bytes, frames: FramesAnew, transfer_syntax_uid: str) -> Chunks:
    """Yield compressed pixel data in another form, a part for each frame as before."""
    why = frames.refusal(transfer_syntax_uid)
    if why:
        raise CannotTranscode(why)
    for frame in frames.made_as(transfer_syntax_uid):
        yield head
        yield frame
        yield PART_END
