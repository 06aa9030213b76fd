"""WADO-RS: retrieving instances (DICOM PS3.18 10.4).

Metadata: `imaging.dicomweb.wado_metadata`. Frames and bulk data:
`imaging.dicomweb.wado_parts`, `imaging.dicomweb.wado_bulk`. The first query and the
first bytes share one thread hop; from there on bytes are read as the client takes them.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from core.errors import NotAcceptable
from core.media_types import DICOM
from imaging.dicomweb.instance_forms import (
    CONVERTIBLE,
    Form,
    accepted_forms,
    makeable_forms,
)
from imaging.dicomweb.multipart_body import PART_END, MultipartBody
from imaging.dicomweb.reading_threads import find_and_read
from imaging.dicomweb.representation import Representation, respond
from imaging.dicomweb.request import actor_of, base_url, partition_of, uid
from imaging.dicomweb.retrieve_rules import accepted_for_instances, forms_for
from imaging.dicomweb.streaming import (
    HEADERS,
    Chunks,
    entity_tag,
    reader,
    streamed,
)
from imaging.dicomweb.zip_body import ZIP, ZipEntry, zipped
from imaging.errors import CannotTranscode
from imaging.pace import Pace
from imaging.pixels import EXPLICIT_LITTLE_ENDIAN
from imaging.retrieve import (
    Address,
    HeldInstance,
    Listing,
    Row,
    retrieve_instances,
    stored_transfer_syntaxes,
)
from imaging.retrieve.source import stored_bytes
from imaging.retrieve.transcode import re_encoded

_DEFLATED: Final = "1.2.840.10008.1.2.1.99"
_COMPRESSIBLE: Final = CONVERTIBLE - {_DEFLATED} | {EXPLICIT_LITTLE_ENDIAN}


async def instances(request: Request) -> Response:
    """Answer a study, a series or an instance as DICOM files, or a zip of them."""
    address = address_of(request)
    one = address.level == "instance"
    forms = accepted_forms(accepted_for_instances(request), one=one)
    return await find_and_read(_instances, request, address, forms)


def address_of(request: Request) -> Address:
    """Return what the path names.

    Raises
    ------
    Invalid
        A UID in it is none.
    """
    given = request.path_params
    return Address(
        partition_of(request),
        uid(request, "study"),
        uid(request, "series") if "series" in given else None,
        uid(request, "instance") if "instance" in given else None,
    )


def _instances(request: Request, address: Address, forms: Sequence[Form]) -> Response:
    listing = retrieve_instances(actor=actor_of(request), address=address)
    forms = forms_for(request, forms, listing.found.number_of_instances)
    forms = makeable_forms(forms, partial(stored_transfer_syntaxes, listing))
    for form in forms[:-1]:
        # The first frame shows whether it can be made; the client takes others, too.
        with suppress(CannotTranscode):
            return _in_form(request, address, listing, form)
    return _in_form(request, address, listing, forms[-1])


def _in_form(
    request: Request, address: Address, listing: Listing[HeldInstance], form: Form
) -> Response:
    if form.is_multipart:
        return _multipart(request, listing, form)
    if form.is_zip:
        return _zip(request, address, listing, form)
    return _single(request, listing, form)


def _single(request: Request, listing: Listing[HeldInstance], form: Form) -> Response:
    (instance,) = listing.page
    if form.converts(instance.transfer_syntax_uid):
        return _single_anew(request, listing, form)
    syntax, size = instance.transfer_syntax_uid, instance.size_bytes
    read = reader(request, size, partial(stored_bytes, instance, listing.event))
    tag = entity_tag(instance.version_id, syntax)
    return respond(
        request, Representation(_part_type(syntax), size, read, tag, HEADERS)
    )


def _single_anew(
    request: Request, listing: Listing[HeldInstance], form: Form
) -> Response:
    (instance,) = listing.page
    if form.transfer_syntax:
        syntax, content = form.transfer_syntax, None
    else:  # by default: it comes as stored where it cannot be made
        syntax, content = _content(instance, listing, form, Pace())

    def chunks(_pace: Pace) -> Chunks:
        # Not before the first is wanted: it costs the decoding of a frame.
        yield from content or re_encoded(instance, listing.event, syntax)

    tag = entity_tag(instance.version_id, syntax)
    return streamed(request, chunks, media_type=_part_type(syntax), etag=tag)


def _multipart(
    request: Request, listing: Listing[HeldInstance], form: Form
) -> Response:
    base, found = base_url(request), listing.found
    syntax = form.transfer_syntax or "default"
    tag = entity_tag(
        found.newest_version_id, found.number_of_instances, syntax, "parts"
    )
    body = MultipartBody.of(DICOM, tag)

    def head(instance: HeldInstance, syntax: str) -> bytes:
        return body.head(_part_type(syntax), url_of(base, listing, instance))

    def chunks(pace: Pace) -> Chunks:
        for instance in listing.rows():
            syntax, content = _content(instance, listing, form, pace)
            yield head(instance, syntax)
            yield from content
            yield PART_END
        yield body.end

    size = None
    if listing.is_whole and not any(
        form.converts(instance.transfer_syntax_uid) for instance in listing.page
    ):
        size = body.size(
            (len(head(instance, instance.transfer_syntax_uid)), instance.size_bytes)
            for instance in listing.page
        )
    return streamed(request, chunks, media_type=body.content_type, etag=tag, size=size)


def _zip(
    request: Request, address: Address, listing: Listing[HeldInstance], form: Form
) -> Response:
    found = listing.found
    tag = entity_tag(
        found.newest_version_id, found.number_of_instances, form.transfer_syntax, "zip"
    )

    def entries(pace: Pace) -> Iterator[ZipEntry]:
        for instance in listing.rows():
            syntax, content = _content(instance, listing, form, pace)
            is_stored = syntax == instance.transfer_syntax_uid
            yield ZipEntry(
                _path(listing, instance),
                instance.size_bytes if is_stored else None,  # what was deflated grows
                pays=syntax in _COMPRESSIBLE,
                chunks=content,
            )

    named = address.sop_instance_uid or address.series_instance_uid
    name = f"{named or address.study_instance_uid}.zip"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return streamed(
        request,
        lambda pace: zipped(entries(pace)),
        media_type=ZIP,
        etag=tag,
        headers=headers,
    )


def _path(listing: Listing[HeldInstance], instance: HeldInstance) -> str:
    # UIDs are digits and dots that end in a digit (`imaging.store_rules`): no such path
    # leads out of the folder in which it is unpacked.
    return (
        f"{listing.study_instance_uid}/{instance.series_instance_uid}"
        f"/{instance.sop_instance_uid}.dcm"
    )


def _content(
    instance: HeldInstance, listing: Listing[HeldInstance], form: Form, pace: Pace
) -> tuple[str, Chunks]:
    """Return the bytes of an instance, and the transfer syntax that they have."""
    stored = instance.transfer_syntax_uid
    sent = form.sent(stored)
    if sent != stored:
        try:
            return sent, re_encoded(instance, listing.event, sent)
        except NotAcceptable:
            # Better as stored than a study that cannot be had by the default form.
            if form.transfer_syntax:
                raise
    return stored, stored_bytes(instance, listing.event, 0, instance.size_bytes, pace)


def url_of(base: str, listing: Listing[Row], instance: Row) -> str:
    """Return the address of an instance of a listing, below that of the service."""
    return (
        f"{base}/studies/{listing.study_instance_uid}"
        f"/series/{instance.series_instance_uid}"
        f"/instances/{instance.sop_instance_uid}"
    )


def _part_type(transfer_syntax_uid: str) -> str:
    if not transfer_syntax_uid:  # stored without, and it could not be guessed
        return DICOM
    return f"{DICOM}; transfer-syntax={transfer_syntax_uid}"
