"""A zip archive that grows in parts, each of which is written by itself.

A part holds some files, and behind them their rows of the central directory. The
archive is what the parts hold of files, then their rows, then the end: who puts it
together so need not copy anything. Files are kept as they are, not compressed. Zip64
is used for what needs it only: large files, and archives of many.

References
----------
PKWARE APPNOTE 6.3.10, 4.3.
"""

import struct
import zlib
from collections.abc import Iterable
from typing import IO, Final, NamedTuple

LARGE_BYTES: Final = 1 << 30
"""Files that are larger get sizes of 64 bits, and those whose size is not known."""

_LOCAL: Final = struct.Struct("<IHHHHHIIIHH")
_CENTRAL: Final = struct.Struct("<IHHHHHHIIIHHHHHII")
_END: Final = struct.Struct("<IHHHHIIH")
_END_64: Final = struct.Struct("<IQHHIIQQQQ")
_LOCATOR: Final = struct.Struct("<IIQI")
_SIZES_64: Final = struct.Struct("<HHQQ")
_MOST: Final = 0xFFFFFFFF
_MOST_FILES: Final = 0xFFFF
_FIRST_DAY: Final = 0x21  # the first of January 1980: no times are kept
_VERSION: Final = 20
_VERSION_64: Final = 45
_UNIX: Final = 3 << 8
_MODE: Final = 0o100640 << 16


class Grown(NamedTuple):
    """How far an archive has come.

    Attributes
    ----------
    size
        Of what its files take, with their headers.
    index_size
        Of their rows of the central directory.
    """

    size: int = 0
    index_size: int = 0
    number_of_files: int = 0


class ZipPart:
    """A part of an archive that is being written.

    Parameters
    ----------
    file
        Empty, and to be written anywhere in it.
    grown
        How far the archive has come in the parts before.
    """

    def __init__(self, file: IO[bytes], grown: Grown) -> None:
        self.grown = grown
        self._file = file
        self._start = grown.size
        self._rows = bytearray()

    def add(self, name: str, size: int | None, pieces: Iterable[bytes]) -> None:
        """Add a file; nothing of it where its pieces end in an error."""
        offset = self.grown.size
        start = offset - self._start
        encoded = name.encode("ascii")
        is_large = size is None or size > LARGE_BYTES
        head_size = _LOCAL.size + len(encoded) + (_SIZES_64.size if is_large else 0)
        try:
            self._file.seek(start + head_size)
            checksum, written = self._write(pieces)
            head = _local_header(encoded, checksum, written, is_large=is_large)
            self._file.seek(start)
            self._file.write(head)
        except BaseException:
            self._file.truncate(start)
            raise
        row = _central_header(encoded, checksum, written, offset, is_large=is_large)
        self._rows += row
        self.grown = Grown(
            offset + head_size + written,
            self.grown.index_size + len(row),
            self.grown.number_of_files + 1,
        )

    def end(self) -> tuple[int, int]:
        """Write the rows behind the files; return how long files and rows are."""
        size = self.grown.size - self._start
        self._file.seek(size)
        self._file.write(self._rows)
        return size, len(self._rows)

    def _write(self, pieces: Iterable[bytes]) -> tuple[int, int]:
        checksum = size = 0
        for piece in pieces:
            self._file.write(piece)
            checksum = zlib.crc32(piece, checksum)
            size += len(piece)
        return checksum, size


def end_of(grown: Grown) -> bytes:
    """Return what comes behind the rows and makes the archive whole."""
    size, index_size, number = grown
    is_large = max(size, index_size) >= _MOST or number >= _MOST_FILES
    short, at = min(number, _MOST_FILES), min(size, _MOST)
    length = min(index_size, _MOST)
    end = _END.pack(0x06054B50, 0, 0, short, short, length, at, 0)
    return (_end_64(grown) if is_large else b"") + end


def _local_header(name: bytes, checksum: int, size: int, *, is_large: bool) -> bytes:
    shown = _MOST if is_large else size
    extra = _SIZES_64.pack(1, 16, size, size) if is_large else b""
    version = _VERSION_64 if is_large else _VERSION
    head = _LOCAL.pack(
        0x04034B50, version, 0, 0, 0, _FIRST_DAY, checksum, shown, shown, len(name),
        len(extra),
    )  # fmt: skip
    return head + name + extra


def _central_header(
    name: bytes, checksum: int, size: int, offset: int, *, is_large: bool
) -> bytes:
    is_far = offset >= _MOST
    values = [size, size] if is_large else []
    values += [offset] if is_far else []
    extra = struct.pack(f"<HH{len(values)}Q", 1, 8 * len(values), *values)
    extra = extra if values else b""
    version = _VERSION_64 if values else _VERSION
    shown = _MOST if is_large else size
    head = _CENTRAL.pack(
        0x02014B50, _UNIX | version, version, 0, 0, 0, _FIRST_DAY, checksum, shown,
        shown, len(name), len(extra), 0, 0, 0, _MODE, _MOST if is_far else offset,
    )  # fmt: skip
    return head + name + extra


def _end_64(grown: Grown) -> bytes:
    size, index_size, number = grown
    record = _END_64.pack(
        0x06064B50, _END_64.size - 12, _UNIX | _VERSION_64, _VERSION_64, 0, 0, number,
        number, index_size, size,
    )  # fmt: skip
    return record + _LOCATOR.pack(0x07064B50, 0, size + index_size, 1)
