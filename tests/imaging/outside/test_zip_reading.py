"""Archives of others, also of those who mean harm, read a little at a time."""

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.errors import Invalid
from imaging.outside import zip_reading
from imaging.outside.zip_reading import (
    Member,
    MemberError,
    directory_of,
    members_at,
    pieces_of,
)

MEGABYTE = 1024 * 1024


@dataclass
class Memory:
    """Bytes, and how much of them was asked for at once at most."""

    content: bytes
    most: int = 0
    reads: list[int] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.content)

    def read(self, offset: int, length: int) -> bytes:
        assert offset >= 0
        assert length >= 0
        self.reads.append(length)
        self.most = max(self.most, length)
        return self.content[offset : offset + length]


class Unseekable(io.RawIOBase):
    """Where `zipfile` writes sizes behind the files, as they are not known before."""

    def __init__(self) -> None:
        self.written = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.written += bytes(data)
        return len(data)


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def members(file: Memory) -> list[Member]:
    directory, place = directory_of(file), 0
    found: list[Member] = []
    while True:
        some, place = members_at(file, directory, place)
        if not some:
            return found
        found += some


def read(file: Memory, member: Member, limit: int = 1 << 40) -> bytes:
    return b"".join(pieces_of(file, member, limit=limit))


def contents(content: bytes) -> dict[str, bytes]:
    file = Memory(content)
    return {each.name: read(file, each) for each in members(file)}


FILES = {
    "study/series/one.dcm": os.urandom(3 * MEGABYTE + 7),
    "study/series/zeros.dcm": bytes(5 * MEGABYTE),
    "empty": b"",
    "Ä/名.dcm": b"text",
}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_files_come_out_as_they_went_in(method: int) -> None:
    assert contents(zipped(FILES, method)) == FILES


def test_sizes_may_come_behind_the_files() -> None:
    target = Unseekable()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)
    assert contents(target.written) == FILES


def test_an_archive_may_lie_behind_something_else_and_have_a_comment() -> None:
    target = io.BytesIO(zipped(FILES))
    with zipfile.ZipFile(target, "a") as archive:
        archive.comment = b"PK\5\6 is how an end begins" * 1000
    assert contents(b"#!/bin/sh\n" + target.getvalue()) == FILES


def test_large_archives_have_numbers_of_64_bits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 1000)
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 2)
    content = zipped(FILES)
    assert b"PK\6\6" in content
    assert contents(content) == FILES
    assert contents(b"before it" + content) == FILES


def test_thousands_of_files_take_no_more_memory_than_a_few() -> None:
    files = {f"{number:08}/" + "x" * 100: b"%d" % number for number in range(20_000)}
    file = Memory(zipped(files, zipfile.ZIP_STORED))
    found = members(file)
    assert [each.name for each in found] == list(files)
    assert file.most <= zip_reading.WINDOW_BYTES
    assert len(file.reads) < 30
    assert read(file, found[12_345]) == b"12345"


def test_a_bomb_ends_where_its_row_says() -> None:
    content = bytearray(zipped({"bomb": bytes(500 * MEGABYTE)}))
    file = Memory(bytes(content))
    (bomb,) = members(file)
    seen = 0
    with pytest.raises(MemberError, match="damaged"):
        for piece in pieces_of(file, bomb._replace(size=3 * MEGABYTE), limit=1 << 40):
            assert len(piece) <= zip_reading.PIECE_BYTES
            seen += len(piece)
    assert seen <= 3 * MEGABYTE
    with pytest.raises(MemberError, match="too many"):
        read(file, bomb, limit=400 * MEGABYTE)


def test_an_encrypted_file_is_told() -> None:
    file = Memory(zipped({"secret": b"x"}))
    (member,) = members(file)
    for flag in (0x1, 0x40, 0x2000):
        with pytest.raises(MemberError, match="encrypted"):
            read(file, member._replace(flags=flag))


def test_another_compression_is_told() -> None:
    content = zipped({"x": b"x" * 1000}, zipfile.ZIP_LZMA)
    with pytest.raises(MemberError, match="number 14"):
        contents(content)


@pytest.mark.parametrize(
    "change",
    [
        lambda member: member._replace(checksum=1),
        lambda member: member._replace(size=member.size + 1),
        lambda member: member._replace(size=member.size - 1),
        lambda member: member._replace(compressed=member.compressed - 5),
        lambda member: member._replace(offset=member.offset + 1),
        lambda member: member._replace(offset=1 << 62),
        lambda member: member._replace(method=0),
    ],
)
def test_what_contradicts_its_row_is_refused(
    change: Callable[[Member], Member],
) -> None:
    file = Memory(zipped({"x": os.urandom(2000) + bytes(2000)}))
    (member,) = members(file)
    with pytest.raises(MemberError):
        read(file, change(member))


def test_deflated_bytes_that_are_none_are_refused() -> None:
    content = zipped({"x": bytes(1000)}).replace(zlib.compress(bytes(1000))[2:-4], b"")
    broken = bytearray(zipped({"x": bytes(100_000)}))
    broken[40:60] = b"\xff" * 20
    with pytest.raises((MemberError, Invalid)):
        contents(bytes(broken))
    with pytest.raises((MemberError, Invalid)):
        contents(content)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\5\6", b"no archive" * 10_000, bytes(100_000), b"PK\3\4" + bytes(100)],
    ids=len,
)
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        directory_of(Memory(content))


def test_an_archive_that_is_cut_off_is_refused() -> None:
    content = zipped(FILES)
    for length in (len(content) - 1, len(content) - 30, len(content) // 2):
        with pytest.raises(Invalid):
            members(Memory(content[:length]))


def end(**values: int) -> bytes:
    named = {"disk": 0, "first": 0, "here": 1, "all": 1, "size": 0, "at": 0} | values
    return struct.pack("<IHHHHIIH", 0x06054B50, *named.values(), 0)


@pytest.mark.parametrize(
    "content",
    [
        end(disk=1),
        end(here=2),
        end(size=1000),
        end(at=1000),
        bytes(46) + end(size=46),
        b"PK\1\2" + b"\xff" * 42 + end(size=46),
        end(size=0xFFFFFFFF),
        struct.pack("<IIQI", 0x07064B50, 0, 1 << 62, 1) + end(at=0xFFFFFFFF),
        struct.pack("<IIQI", 0x07064B50, 0, 0, 1) + end(at=0xFFFFFFFF),
        struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 0, 0, 0, 0, 1, 1, 1 << 63, 1 << 63)
        + struct.pack("<IIQI", 0x07064B50, 0, 0, 1)
        + end(at=0xFFFFFFFF),
    ],
)
def test_ends_that_lie_are_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        members(Memory(content))


def test_no_change_of_a_byte_does_more_than_be_refused() -> None:
    whole = zipped({"a/b.dcm": bytes(300), "c": os.urandom(50)})
    for at in range(len(whole)):
        for value in (0x00, 0xFF, whole[at] ^ 0x40):
            changed = whole[:at] + bytes([value]) + whole[at + 1 :]
            file = Memory(changed)
            try:
                for member in members(file):
                    read(file, member, limit=10 * MEGABYTE)
            except (Invalid, MemberError):
                continue
