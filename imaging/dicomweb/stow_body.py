"""The body of a store, part by part as it comes (DICOM PS3.18 10.5.1)."""

from collections.abc import AsyncGenerator, AsyncIterator

from django.conf import settings
from starlette.requests import Request

from core.errors import Invalid, TooLarge, UnsupportedMedia
from core.media_types import (
    DICOM,
    MULTIPART,
    parse_media_type,
)
from core.request_bodies import awaited
from imaging.dicomweb.multipart import (
    Event,
    MultipartSplitter,
    PartData,
    PartEnd,
    PartStart,
    checked_boundary,
)
from imaging.dicomweb.request import base_url, header
from imaging.dicomweb.stow_formats import FORMATS
from imaging.dicomweb.stow_json import data_sets
from imaging.dicomweb.stow_rules import StowRules
from imaging.store_status import Refused

Piece = Event | Refused
"""A piece of an instance, or in its place why it cannot be one."""


def parts_of(request: Request, rules: StowRules) -> AsyncGenerator[Piece, None]:
    """Return the instances of the request by its Content-Type.

    Raises
    ------
    UnsupportedMedia
        The body, or a part of it, is not DICOM (DICOM PS3.18 10.5.1).
    Invalid
        The Content-Type has a parameter that is not taken.
    """
    if header(request, b"content-encoding").strip().lower() not in {"", "identity"}:
        message = "Send the body without a Content-Encoding."
        raise UnsupportedMedia(message, path="Content-Encoding")
    media_type = parse_media_type(request.headers.get("content-type", ""))
    if media_type is not None and media_type.type == DICOM:
        return _single_part(request)
    formats = FORMATS if rules.takes_models else {}
    if media_type is not None and (form := formats.get(media_type.type)):
        return data_sets(_single_part(request), _address(request), rules.store, form)
    if media_type is None or media_type.type != MULTIPART:
        message = f"Send {DICOM}, or {MULTIPART} with parts of that type."
        raise UnsupportedMedia(message)
    if "boundary" not in media_type.params:
        message = f"The Content-Type {MULTIPART} needs the parameter boundary."
        raise UnsupportedMedia(message, path="boundary")
    if "start" in media_type.params and not rules.takes_start:
        message = "The parameter start of the Content-Type is not supported."
        raise Invalid(message, path="start")
    parts = _many_parts(request, media_type.params["boundary"])
    default = media_type.params.get("type", DICOM)
    if form := formats.get(default.lower()):
        return data_sets(parts, _address(request), rules.store, form)
    return _instances(parts, default)


async def _single_part(request: Request) -> AsyncGenerator[Event, None]:
    yield PartStart({})
    async for data in _body(request):
        yield PartData(data)
    yield PartEnd()


async def _instances(
    parts: AsyncGenerator[Event, None], default_type: str
) -> AsyncGenerator[Event, None]:
    async for event in parts:
        if isinstance(event, PartStart):
            _require_dicom(event.headers.get("content-type", default_type))
        yield event


async def _many_parts(request: Request, boundary: str) -> AsyncGenerator[Event, None]:
    splitter = MultipartSplitter(checked_boundary(boundary))
    is_empty = True
    # .NET's client writes a body without parts as one without headers and content.
    is_none = False
    async for data in _body(request):
        is_empty = is_empty and not data
        for event in splitter.feed(data):
            match event:
                case PartStart(headers):
                    is_none = not headers
                case PartData():
                    is_none = False
            if not (is_none and isinstance(event, PartEnd)):
                yield event
    if not is_empty:
        splitter.end()


async def _body(request: Request) -> AsyncIterator[bytes]:
    size_bytes = 0
    body = Request(request.scope, awaited(request.receive))
    async for data in body.stream():
        size_bytes += len(data)
        if size_bytes > settings.STORE_LIMIT_BYTES:
            message = "The request is larger than the server takes: send less at once."
            raise TooLarge(message)
        yield data


def _require_dicom(content_type: str) -> None:
    media_type = parse_media_type(content_type)
    if media_type is None or media_type.type != DICOM:
        message = f"Each part must be of the type {DICOM}. Nothing was stored."
        raise UnsupportedMedia(message)


def _address(request: Request) -> str:
    study = request.path_params.get("study")
    return f"{base_url(request)}/studies" + (f"/{study}" if study else "")
