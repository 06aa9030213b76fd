"""WADO-RS: many rendered pictures in one answer (DICOM PS3.18 8.6.1.2, 10.4.1.1.3).

Each is made when the client has taken those before, in the threads of pictures; the
database is asked for a page of instances at a time. So one who asks for thousands takes
turns with all others.
"""

import hashlib
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import Response

from core.database import run
from core.errors import NotAcceptable, NotFound
from imaging.dicomweb.multipart_body import PART_END, MultipartBody
from imaging.dicomweb.rendering_rules import Asked
from imaging.dicomweb.rendering_threads import in_rendering_thread
from imaging.dicomweb.representation import not_modified
from imaging.dicomweb.request import base_url
from imaging.dicomweb.responses import StreamedResponse
from imaging.dicomweb.streaming import entity_tag
from imaging.dicomweb.wado import url_of
from imaging.pictures import RENDERING_VERSION, Frames, frames_in, make_picture
from imaging.rendering import PictureType
from imaging.retrieve import HeldImage, Listing


class RenderedParts:
    """The pictures of a multipart answer: some frames of each instance of a listing.

    Parameters
    ----------
    level
        What the address names, for who has to be told that it has no pictures.
    presented
        The frames that a presentation state shows, where the address names one: these
        are then the parts, and have no address of their own.
    """

    def __init__(
        self,
        request: Request,
        listing: Listing[HeldImage],
        numbers: Sequence[int],
        asked: Asked,
        made: PictureType,
        level: str,
        presented: Iterator[Frames] | None = None,
    ) -> None:
        self._request = request
        self._base = base_url(request)
        self._query = _of_rendering(request)
        self._listing = listing
        self._asked = asked
        self._made = made
        self._level = level
        self._frames = self._found(numbers) if presented is None else presented
        # Whether the images of a presentation state are the same, is not looked up.
        once = "" if presented is None else secrets.token_hex(8)
        self.tag = self._tag(numbers, once)
        self._body = MultipartBody.of(made, self.tag)

    async def answer(self, headers: dict[str, str]) -> Response:
        """Answer with all pictures, the first of which is made before.

        Raises
        ------
        NotFound, NotAcceptable
            There are none, or none can be made.
        """
        fields = {**headers, "etag": self.tag}
        unchanged = not_modified(self._request, self.tag, fields)
        if unchanged:
            return unchanged
        parts = self._parts()
        first = b"" if self._request.method == "HEAD" else await anext(parts)
        return StreamedResponse(
            _with_first(first, parts),
            media_type=self._body.content_type,
            headers=fields,
        )

    async def _parts(self) -> AsyncGenerator[bytes, None]:
        """Yield a part for each picture; of several instances, for those that can be.

        One that has no pixels, or that no codec reads, must not keep back the others.
        """
        message = f"The {self._level} has no pixel data."
        refusal: NotFound | NotAcceptable | None = NotFound(message, path="rendered")
        while (frames := await run(next, self._frames, None)) is not None:
            for place, number in enumerate(frames.numbers):
                try:
                    picture = await self._picture(frames, place)
                except NotAcceptable as error:
                    if self._is_of_one:
                        raise
                    refusal = refusal and error
                    continue
                refusal = None
                yield self._head(frames, number) + picture + PART_END
        if refusal is not None:
            raise refusal
        yield self._body.end

    async def _picture(self, frames: Frames, place: int) -> bytes:
        look = self._asked.appearance
        return await in_rendering_thread(make_picture, frames, place, look, self._made)

    def _head(self, frames: Frames, number: int) -> bytes:
        if frames.state is not None:
            return self._body.head(self._made)
        url = url_of(self._base, self._listing, frames.image)
        location = f"{url}/frames/{number}/rendered{self._query}"
        return self._body.head(self._made, location)

    @property
    def _is_of_one(self) -> bool:
        return self._listing.found.number_of_instances == 1

    def _found(self, numbers: Sequence[int]) -> Iterator[Frames]:
        for image in self._listing.rows():
            try:
                yield frames_in(image, self._listing.event, numbers)
            except (NotFound, NotAcceptable):
                if self._is_of_one:
                    raise

    def _tag(self, numbers: Sequence[int], once: str) -> str:
        shown = ",".join(map(str, numbers))
        key = f"{self._made} {self._asked.appearance.key} {shown}".encode()
        digest = hashlib.blake2b(key, digest_size=8).hexdigest()
        found = self._listing.found
        return entity_tag(
            found.newest_version_id,
            found.number_of_instances,
            digest + once,
            RENDERING_VERSION,
        )


async def _with_first(
    first: bytes, parts: AsyncGenerator[bytes, None]
) -> AsyncIterator[bytes]:
    async with aclosing(parts):
        yield first
        async for part in parts:
            yield part


def _of_rendering(request: Request) -> str:
    """Return the query of a part, which is to give the same picture."""
    given = parse_qsl(request.scope["query_string"].decode("latin-1"))
    kept = [pair for pair in given if pair[0] not in {"accept", "charset"}]
    return f"?{urlencode(kept)}" if kept else ""
