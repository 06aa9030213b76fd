"""The answers of DICOMweb: streamed bodies, and text compressed where it pays.

A streamed body is read as slowly as the client takes it and is closed as soon as the
client goes away or reads no more. A HEAD request gets the headers of the GET and
reads nothing. Ranges and conditions: `imaging.dicomweb.representation`.
"""

import asyncio
import re
import zlib
from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from core.errors import TooSlow, Upstream
from core.media_types import DICOM_JSON
from core.patience import Patience

UNREAD_S: Final = 600.0
"""How long a chunk may wait for a client to read: a slow one takes 128 kB in two
minutes; one that takes nothing must not keep its memory and its connection."""

_REFUSED: Final = re.compile(r"\s*q\s*=\s*0(\.0*)?\s*")
# Below this, gzip costs more than it saves.
GZIP_MINIMUM_BYTES: Final = 1024
_GZIP_LEVEL: Final = 1
_GZIP_FRAME: Final = 16 + zlib.MAX_WBITS  # with gzip's header and trailer


class StreamedResponse(Response):
    """A response whose body comes in chunks.

    Parameters
    ----------
    size
        Length of the whole body, where it is known before.
    """

    def __init__(
        self,
        chunks: AsyncIterator[bytes],
        *,
        media_type: str,
        size: int | None = None,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.chunks = chunks
        self.size = size
        self.background = None
        self.status_code = status_code
        # Before the body is set: Starlette would announce its length, which is 0.
        self.init_headers({**(headers or {}), "content-type": media_type})
        self.body = b""
        if size is not None:
            self.headers["content-length"] = str(size)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the headers, then the chunks until the client goes away."""
        start = {"type": "http.response.start", "status": self.status_code}
        await send({**start, "headers": self.raw_headers})
        try:
            if scope["method"] == "HEAD":
                await send({"type": "http.response.body", "body": b""})
            else:
                await self._send_chunks(receive, send)
        finally:
            close = getattr(self.chunks, "aclose", None)
            if close:
                await close()

    async def _send_chunks(self, receive: Receive, send: Send) -> None:
        patience = Patience(UNREAD_S)
        sent, gone = 0, None
        try:
            async for chunk in self.chunks:
                if sent and gone is None:
                    # The server's `send` does not tell that the client has gone.
                    gone = asyncio.create_task(_wait_until_gone(receive))
                if gone is not None and gone.done():
                    return
                if chunk:
                    sent += len(chunk)
                    await _while_read(
                        patience, send(_body(chunk, more=sent != self.size))
                    )
            if sent != (self.size or sent):
                message = f"The body has {sent} bytes, not {self.size} as announced."
                raise Upstream(message, retryable=True)
            if not self.size:
                await send(_body(b"", more=False))
        finally:
            patience.end()
            if gone is not None:
                gone.cancel()


async def _while_read(patience: Patience, sending: Awaitable[None]) -> None:
    try:
        await patience.wait(sending)
    except TimeoutError as error:
        message = "The client has not read on."
        raise TooSlow(message) from error


def text_response(
    request: Request,
    body: bytes,
    *,
    media_type: str = DICOM_JSON,
    status_code: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with text, compressed where the client takes gzip and it pays."""
    fields = {"vary": "Accept, Accept-Encoding", **(headers or {})}
    if len(body) > GZIP_MINIMUM_BYTES and takes_gzip(request):
        body = zlib.compress(body, _GZIP_LEVEL, _GZIP_FRAME)
        fields["content-encoding"] = "gzip"
    return Response(body, status_code, fields, media_type)


def json_stream(
    request: Request,
    chunks: AsyncIterator[bytes],
    *,
    media_type: str = DICOM_JSON,
    headers: Mapping[str, str] | None = None,
) -> StreamedResponse:
    """Answer with JSON text that is made while it is sent."""
    fields = {"vary": "Accept, Accept-Encoding", **(headers or {})}
    if takes_gzip(request):
        chunks = _gzipped(chunks)
        fields["content-encoding"] = "gzip"
    return StreamedResponse(chunks, media_type=media_type, headers=fields)


def takes_gzip(request: Request) -> bool:
    """Return whether the client takes gzip (RFC 9110 12.5.3)."""
    takes: dict[str, bool] = {}
    for element in ",".join(request.headers.getlist("accept-encoding")).split(","):
        coding, _, weight = element.partition(";")
        takes[coding.strip().lower()] = not _REFUSED.fullmatch(weight)
    return takes.get("gzip", takes.get("*", False))


async def _gzipped(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_FRAME)
    async for chunk in chunks:
        packed = packer.compress(chunk)
        if packed:
            yield packed
    yield packer.flush()


def _body(chunk: bytes, *, more: bool) -> dict[str, object]:
    return {"type": "http.response.body", "body": chunk, "more_body": more}


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
