"""``application/zip`` bodies of answers, made while they are sent (PS3.18 8.6.1.3).

Sizes and checksums follow each file, as they are not known before it; a client so needs
no more than the zip of 1993, but for files above `LARGE_BYTES` and for more than 65,535
files, which need zip64.
"""

from collections.abc import Generator, Iterable, Iterator
from typing import Final, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

ZIP: Final = "application/zip"
LARGE_BYTES: Final = 1 << 30
"""Files that are larger get sizes of 64 bits; others cannot grow beyond 32 bits."""

_FASTEST: Final = 1
# Deflated in any case, but for the cost of a copy: readers of a stream cannot know
# where a file ends whose size follows it, unless its compression says so.
_AS_IT_IS: Final = 0


class ZipEntry(NamedTuple):
    """One file.

    Attributes
    ----------
    name
        Its path in the archive, with slashes.
    size
        Its length in bytes; None where it is not known.
    pays
        Whether compressing it saves more than it costs.
    """

    name: str
    size: int | None
    pays: bool
    chunks: Iterable[bytes]


class _Sink:
    """Takes what is written, until it is taken out; it can neither seek nor tell."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Take `data`."""
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: all can be taken out at once."""

    def close(self) -> None:
        """Do nothing: what was written stays."""

    def taken(self) -> Iterator[bytes]:
        """Yield what was written since the last time."""
        pieces, self._pieces = self._pieces, []
        yield from pieces


def zipped(entries: Iterable[ZipEntry]) -> Generator[bytes, None, None]:
    """Yield the archive of the entries, a chunk of one of them in memory at a time.

    The same entries make the same bytes: no times are kept.
    """
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:
        for entry in entries:
            archive.compresslevel = _FASTEST if entry.pays else _AS_IT_IS
            is_large = entry.size is None or entry.size > LARGE_BYTES
            with archive.open(entry.name, "w", force_zip64=is_large) as file:
                for chunk in entry.chunks:
                    file.write(chunk)
                    yield from sink.taken()
    yield from sink.taken()
