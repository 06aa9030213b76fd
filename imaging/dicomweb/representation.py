"""A form of an object that is answered whole, in part or not at all (RFC 9110).

Whole instances, bulk data and single frames go through `respond`, which does HEAD,
``Range``, ``If-Range``, ``If-Match`` and ``If-None-Match`` the same for all.
"""

import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from core.errors import PreconditionFailed
from imaging.dicomweb.conditions import Span, etag_in, parse_ranges
from imaging.dicomweb.responses import StreamedResponse

Read = Callable[[int, int], AsyncIterator[bytes]]


@dataclass(frozen=True, slots=True)
class Representation:
    """Bytes that can be answered in whole or in part.

    Attributes
    ----------
    read
        Given an offset and a length, yields exactly these bytes.
    etag
        Strong entity tag with its quotes; empty where there is none.
    """

    media_type: str
    size: int
    read: Read
    etag: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def respond(request: Request, representation: Representation) -> Response:
    """Answer with a representation, or the part of it that the client asks for.

    Returns
    -------
    Response
        200, 206 (one range, or ``multipart/byteranges``), 304 or 416.

    Raises
    ------
    PreconditionFailed
        ``If-Match`` does not hold.
    """
    headers = {"accept-ranges": "bytes", **representation.headers}
    if representation.etag:
        headers["etag"] = representation.etag
        unchanged = not_modified(request, representation.etag, headers)
        if unchanged:
            return unchanged
    spans = _wanted_spans(request, representation)
    if spans is None:
        return StreamedResponse(
            representation.read(0, representation.size),
            media_type=representation.media_type,
            size=representation.size,
            headers=headers,
        )
    if not spans:
        headers["content-range"] = f"bytes */{representation.size}"
        return Response(status_code=416, headers=headers)
    if len(spans) == 1:
        return _one_span(representation, spans[0], headers)
    return _many_spans(representation, spans, headers)


def not_modified(
    request: Request, etag: str, headers: Mapping[str, str] | None = None
) -> Response | None:
    """Return the 304 answer where the client has the current form already.

    Raises
    ------
    PreconditionFailed
        ``If-Match`` names another form (RFC 9110 13.1.1).
    """
    wanted = ",".join(request.headers.getlist("if-match"))
    if wanted and not etag_in(wanted, etag, strong=True):
        message = "It has changed since: If-Match does not name its entity tag."
        raise PreconditionFailed(message, path="If-Match")
    held = ",".join(request.headers.getlist("if-none-match"))
    if not held or not etag_in(held, etag):
        return None
    return Response(status_code=304, headers={**(headers or {}), "etag": etag})


async def whole(body: bytes) -> AsyncIterator[bytes]:
    """Yield bytes that are in memory already."""
    yield body


def in_memory(body: bytes) -> Read:
    """Return a reader of bytes that are in memory already."""
    return lambda offset, length: whole(body[offset : offset + length])


def _wanted_spans(request: Request, made: Representation) -> list[Span] | None:
    # Only GET has ranges (RFC 9110 14.2); with If-Range only of an unchanged form,
    # which a date cannot show here: we send no Last-Modified.
    value = request.headers.get("range")
    if value is None or request.method != "GET":
        return None
    held = request.headers.get("if-range")
    if held is not None and not _is_held(held, made.etag):
        return None
    return parse_ranges(value, made.size)


def _is_held(if_range: str, etag: str) -> bool:
    is_tag = if_range.strip().startswith('"')
    return bool(etag) and is_tag and etag_in(if_range, etag, strong=True)


def _one_span(made: Representation, span: Span, headers: dict[str, str]) -> Response:
    return StreamedResponse(
        made.read(span.start, span.length),
        media_type=made.media_type,
        size=span.length,
        status_code=206,
        headers={**headers, "content-range": _content_range(span, made.size)},
    )


def _many_spans(
    made: Representation, spans: list[Span], headers: dict[str, str]
) -> Response:
    boundary = secrets.token_hex(16)
    heads = [
        f"\r\n--{boundary}\r\nContent-Type: {made.media_type}\r\n"
        f"Content-Range: {_content_range(span, made.size)}\r\n\r\n".encode()
        for span in spans
    ]
    end = f"\r\n--{boundary}--\r\n".encode()

    async def parts() -> AsyncIterator[bytes]:
        for head, span in zip(heads, spans, strict=True):
            yield head
            async for chunk in made.read(span.start, span.length):
                yield chunk
        yield end

    size = sum(map(len, heads)) + sum(span.length for span in spans) + len(end)
    return StreamedResponse(
        parts(),
        media_type=f"multipart/byteranges; boundary={boundary}",
        size=size,
        status_code=206,
        headers=headers,
    )


def _content_range(span: Span, size: int) -> str:
    return f"bytes {span.start}-{span.end - 1}/{size}"
