"""The lines of a manifest, and files that have to be as they say."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import orjson

MANIFEST: Final = "manifest.jsonl"
MAXIMUM_PATH: Final = 512
_SHA_256: Final = re.compile(r"[0-9a-f]{64}")

DIFFERENT: Final = "The file is not the one that was exported: its SHA-256 differs."
NO_LINE: Final = "This line of the manifest cannot be read."


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a manifest: a file, and what it is to be."""

    path: str
    size: int
    sha256: str

    @classmethod
    def of(cls, text: bytes) -> "Line | None":
        """Return it; None where it is none."""
        try:
            row = orjson.loads(text)
            line = cls(row["path"], row["size"], row["sha256"])
        except (ValueError, TypeError, KeyError):
            return None
        kinds = zip((line.path, line.size, line.sha256), (str, int, str), strict=True)
        if not all(isinstance(value, kind) for value, kind in kinds):
            return None
        if not 0 <= line.size < 2**63 or not _SHA_256.fullmatch(line.sha256):
            return None
        return line if "\0" not in line.path and len(line.path) < MAXIMUM_PATH else None


class DifferentError(Exception):
    """A file is not the one that was exported."""


def checked(pieces: Iterable[bytes], line: Line) -> Iterator[bytes]:
    """Yield the bytes of a file.

    Raises
    ------
    DifferentError
        They are not its own; perhaps only at their end.
    """
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        size += len(piece)
        if size > line.size:
            raise DifferentError
        digest.update(piece)
        yield piece
    if digest.hexdigest() != line.sha256:
        raise DifferentError
