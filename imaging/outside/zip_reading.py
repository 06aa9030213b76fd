"""Reading zip archives that others have made, wherever they lie, a little at a time.

Nothing of an archive is believed: what lies where is bounded by its length, what comes
out of a member by what its row of the directory says, and names are text that is shown.
The directory is read in windows from a place in it, so that an archive of any number
of files takes no more memory than one of a few.

References
----------
PKWARE APPNOTE 6.3.10, 4.3 to 4.5.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, Protocol

from core.errors import Invalid

WINDOW_BYTES: Final = 256 * 1024
PIECE_BYTES: Final = 1024 * 1024
SLACK_BYTES: Final = 512  # of a local header, with a name and what else it may have

_LOCAL: Final = struct.Struct("<IHHHHHIIIHH")
_CENTRAL: Final = struct.Struct("<IHHHHHHIIIHHHHHII")
_END: Final = struct.Struct("<IHHHHIIH")
_END_64: Final = struct.Struct("<IQHHIIQQQQ")
_LOCATOR: Final = struct.Struct("<IIQI")
_LONGEST_COMMENT: Final = 0xFFFF
_MOST: Final = 0xFFFFFFFF
_STORED, _DEFLATED = 0, 8
_ONE_DISK: Final = {0, 0xFFFF}  # the latter where 64 bits tell
_ENCRYPTED: Final = 0x2041  # bits 0, 6 and 13: in any way
_IS_UTF_8: Final = 0x0800

NO_ARCHIVE: Final = "The file is no zip archive, or not a whole one."
SPLIT: Final = "The archive is split into several files: join them first."
OVERLAPPING: Final = "The files of the archive overlap: it is damaged, or a trap."


class Bytes(Protocol):
    """A file that is read anywhere."""

    @property
    def size(self) -> int:
        """Return its length."""

    def read(self, offset: int, length: int) -> bytes:
        """Return the bytes at `offset`, fewer than `length` only where it ends."""


class MemberError(Exception):
    """A file of an archive cannot be had; its text says why."""


class Directory(NamedTuple):
    """Where the central directory of an archive lies.

    Attributes
    ----------
    before
        Bytes before the archive, as of one that unpacks itself.
    """

    offset: int
    size: int
    before: int


class Member(NamedTuple):
    """A file of an archive, as its row of the directory says."""

    name: str
    flags: int
    method: int
    checksum: int
    compressed: int
    size: int
    offset: int


def directory_of(file: Bytes) -> Directory:
    """Return where the directory of an archive lies.

    Raises
    ------
    Invalid
        It is no archive, or one that cannot be read.
    """
    length = min(file.size, _END.size + _LONGEST_COMMENT + _LOCATOR.size)
    tail = file.read(file.size - length, length)
    at = _end_in(tail)
    _, disk, first, here, number, size, offset, _ = _END.unpack_from(tail, at)
    if disk not in _ONE_DISK or first not in _ONE_DISK or here != number:
        raise Invalid(SPLIT, path="path")
    end = file.size - length + at
    end, size, offset = _large(file, tail, at) or (end, size, offset)
    before = end - size - offset
    if before < 0:
        raise Invalid(NO_ARCHIVE, path="path")
    return Directory(offset + before, size, before)


def _end_in(tail: bytes) -> int:
    """Return where the last record begins; a comment behind it may look like one."""
    before = len(tail) - _END.size + 4
    while (at := tail.rfind(b"PK\5\6", 0, max(before, 0))) >= 0:
        comment_length = _END.unpack_from(tail, at)[-1]
        if at + _END.size + comment_length == len(tail):
            return at
        before = at + 3
    raise Invalid(NO_ARCHIVE, path="path")


def _large(file: Bytes, tail: bytes, at: int) -> tuple[int, int, int] | None:
    """Return where the directory ends, how long it is and where it begins: 64 bits."""
    if at < _LOCATOR.size or tail[at - _LOCATOR.size :][:4] != b"PK\6\7":
        return None
    _, disk, where, disks = _LOCATOR.unpack_from(tail, at - _LOCATOR.size)
    behind = file.size - len(tail) + at - _LOCATOR.size
    for place in (where, behind - _END_64.size):  # also behind what comes before
        record = file.read(place, _END_64.size) if 0 <= place < behind else b""
        if len(record) == _END_64.size and record.startswith(b"PK\6\6"):
            *_, own, first, here, number, size, offset = _END_64.unpack(record)
            if disk or own or first or disks > 1 or here != number:
                raise Invalid(SPLIT, path="path")
            return place, size, offset
    raise Invalid(NO_ARCHIVE, path="path")


def members_at(
    file: Bytes, directory: Directory, place: int
) -> tuple[Sequence[Member], int]:
    """Return the files whose rows begin at a place of the directory, and where it ends.

    As many as a window holds; none, where the place is the end of the directory.

    Raises
    ------
    Invalid
        There is no row.
    """
    length = min(WINDOW_BYTES, directory.size - place)
    window = file.read(directory.offset + place, length)
    found: list[Member] = []
    at = 0
    while (row := _row(window, at, directory)) is not None:
        member, at = row
        found.append(member)
    if not found and length:
        raise Invalid(NO_ARCHIVE, path="path")
    return found, place + at


def _row(window: bytes, at: int, directory: Directory) -> tuple[Member, int] | None:
    """Return the row at a place, and where the next one begins; None: not whole."""
    if len(window) - at < _CENTRAL.size:
        return None
    (
        signature, _, _, flags, method, _, _, checksum, compressed, size, name_length,
        extra_length, comment_length, _, _, _, offset,
    ) = _CENTRAL.unpack_from(window, at)  # fmt: skip
    name_at = at + _CENTRAL.size
    extra_at = name_at + name_length
    end = extra_at + extra_length + comment_length
    if end > len(window):
        return None
    if signature != 0x02014B50:
        raise Invalid(NO_ARCHIVE, path="path")
    extra = window[extra_at : extra_at + extra_length]
    size, compressed, offset = _sizes_of(extra, [size, compressed, offset])
    name = window[name_at:extra_at].decode(
        "utf-8" if flags & _IS_UTF_8 else "cp437", "replace"
    )
    where = offset + directory.before
    return Member(name, flags, method, checksum, compressed, size, where), end


def _sizes_of(extra: bytes, values: list[int]) -> list[int]:
    """Return sizes and offset, those that are too large for a row from what it adds."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            held = extra[at + 4 : at + 4 + length]
            numbers = iter(struct.unpack(f"<{len(held) // 8}Q", held[: len(held) & ~7]))
            return [
                next(numbers, value) if value == _MOST else value for value in values
            ]
        at += 4 + length
    return values


def pieces_of(file: Bytes, member: Member, *, limit: int) -> Iterator[bytes]:
    """Yield the bytes of a file of an archive.

    Parameters
    ----------
    limit
        How long it may be.

    Raises
    ------
    MemberError
        It is encrypted, too long, damaged, or not what its row says: where that shows
        at the end only, then.
    """
    if member.flags & _ENCRYPTED:
        message = "The file is encrypted: unpack the archive with its password first."
        raise MemberError(message)
    if member.size > limit:
        message = f"The file is said to have {member.size:,} bytes: too many."
        raise MemberError(message)
    if member.method not in {_STORED, _DEFLATED}:
        message = (
            f"The file is compressed by a method (number {member.method}) that is not"
            " read: only deflate is."
        )
        raise MemberError(message)
    size = checksum = 0
    compressed = _compressed(file, member)
    for piece in compressed if member.method == _STORED else _inflated(compressed):
        size += len(piece)
        if size > member.size:
            break
        checksum = zlib.crc32(piece, checksum)
        yield piece
    if (size, checksum) != (member.size, member.checksum):
        message = (
            "The file is damaged: it is not as long, or not what, the archive says."
        )
        raise MemberError(message)


def _compressed(file: Bytes, member: Member) -> Iterator[bytes]:
    """Yield what lies in the archive: a small file in one read with its header."""
    ahead = _LOCAL.size + SLACK_BYTES + min(member.compressed, PIECE_BYTES)
    head = file.read(member.offset, ahead)
    if len(head) < _LOCAL.size or not head.startswith(b"PK\3\4"):
        message = "The archive has no file where its directory says."
        raise MemberError(message)
    name_length, extra_length = _LOCAL.unpack_from(head)[-2:]
    begin = _LOCAL.size + name_length + extra_length
    left, offset = member.compressed, member.offset + begin
    piece = head[begin : begin + left]
    while left:
        if not piece:
            piece = file.read(offset, min(left, PIECE_BYTES))
            if not piece:
                message = "The archive ends within the file."
                raise MemberError(message)
        yield piece
        left, offset, piece = left - len(piece), offset + len(piece), b""


def _inflated(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what was deflated, never more than a piece of it at once."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for piece in pieces:
            waiting = piece
            while waiting and not inflate.eof:
                if made := inflate.decompress(waiting, PIECE_BYTES):
                    yield made
                waiting = inflate.unconsumed_tail
            if inflate.eof:
                return
        # What it had not given yet, where the last piece ended with the input.
        while made := inflate.decompress(inflate.unconsumed_tail, PIECE_BYTES):
            yield made
    except zlib.error as error:
        message = "The file is damaged: it cannot be unpacked."
        raise MemberError(message) from error
