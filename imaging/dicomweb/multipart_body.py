"""``multipart/related`` bodies of answers (RFC 2046 5.1, DICOM PS3.18 8.6.1.2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.utils.crypto import salted_hmac

from core.media_types import MULTIPART

_BOUNDARY_LENGTH: Final = 32
PART_END: Final = b"\r\n"


@dataclass(frozen=True, slots=True)
class MultipartBody:
    """The frame around the parts of one answer.

    Each part is its `head`, its content and `PART_END`; after the last comes `end`.

    Attributes
    ----------
    type
        Media type of the parts, as far as they share one.
    boundary
        Follows from the entity tag, so that equal tags mean equal bytes
        (RFC 9110 8.8.1), and from a secret, so that nobody can store an object that
        holds the boundary of the answer that it is sent in.
    """

    type: str
    boundary: str

    @classmethod
    def of(cls, media_type: str, etag: str) -> "MultipartBody":
        """Return the frame of the answer that `etag` names."""
        keyed = salted_hmac("imaging.dicomweb.multipart_body", etag, algorithm="sha256")
        return cls(media_type, keyed.hexdigest()[:_BOUNDARY_LENGTH])

    @property
    def content_type(self) -> str:
        """Return the value of the answer's ``Content-Type``."""
        return f'{MULTIPART}; type="{self.type}"; boundary={self.boundary}'

    def head(self, content_type: str, location: str | None = None) -> bytes:
        """Return what goes before the content of a part, with its address if any."""
        at = f"Content-Location: {location}\r\n" if location else ""
        return (
            f"--{self.boundary}\r\nContent-Type: {content_type}\r\n{at}\r\n"
        ).encode()

    @property
    def end(self) -> bytes:
        """Return what goes after the last part."""
        return f"--{self.boundary}--\r\n".encode()

    def size(self, parts: Iterable[tuple[int, int]]) -> int:
        """Return the length of the whole body, from those of each head and content."""
        framed = sum(head + content + len(PART_END) for head, content in parts)
        return framed + len(self.end)
