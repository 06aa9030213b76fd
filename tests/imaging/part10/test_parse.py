"""Files as a whole: headers, transfer syntaxes, deflation, hostile input."""

import mmap
import random
import zlib
from pathlib import Path
from struct import pack

import pytest

from imaging.part10 import (
    Malformed,
    Part10Error,
    TooLarge,
    Truncated,
    UnsupportedTransferSyntax,
    inflate,
    open_stream,
    parse,
    to_explicit_little_endian,
)
from tests.imaging.part10 import fuzz
from tests.imaging.part10.build import element, image, implicit, part10

EXPLICIT, DEFLATED = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99"
UID = element(0x00080018, "UI", b"1.2.3\0")


def deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"1234567890",
        bytes(10),
        bytes(5000),
        b"\xff" * 5000,
        b"%PDF-1.7" + bytes(500),
        bytes(128) + b"DICM" + bytes(500),
    ],
)
def test_what_is_not_dicom_is_refused(data: bytes) -> None:
    with pytest.raises(Part10Error):
        parse(data)


def test_random_bytes_are_refused() -> None:
    rng = random.Random(7)
    for _ in range(200):
        data = rng.randbytes(rng.randrange(2000))
        for candidate in (data, bytes(128) + b"DICM" + data):
            with pytest.raises(Part10Error):
                parse(candidate)


def test_a_bare_data_set_is_recognised() -> None:
    parsed = parse(UID)
    assert (parsed.has_part10_header, parsed.transfer_syntax_uid) == (False, EXPLICIT)
    parsed = parse(implicit(0x00080018, b"1.2.3\0"))
    assert parsed.transfer_syntax_uid == "1.2.840.10008.1.2"
    assert parsed.model == {"00080018": {"vr": "UI", "Value": ["1.2.3"]}}


def test_file_meta_without_preamble_is_read() -> None:
    parsed = parse(part10(UID)[132:])
    assert not parsed.has_part10_header
    assert parsed.file_meta["00020010"]["Value"] == [EXPLICIT]
    assert list(parsed.model) == ["00080018"]


def test_file_meta_keeps_binary_values_inline() -> None:
    data = bytes(128) + b"DICM" + element(0x00020001, "OB", b"\0\1") + UID
    assert parse(data).file_meta == {"00020001": {"vr": "OB", "InlineBinary": "AAE="}}


def test_an_unknown_transfer_syntax_is_read_as_explicit_if_it_parses() -> None:
    assert list(parse(part10(UID, "1.2.3.4")).model) == ["00080018"]
    with pytest.raises(UnsupportedTransferSyntax):
        parse(part10(UID[:-1], "1.2.3.4"))


def test_what_is_found_outweighs_what_is_declared() -> None:
    parsed = parse(part10(implicit(0x00080018, b"1.2.3\0"), EXPLICIT))
    assert parsed.encoding.implicit_vr
    assert parsed.model["00080018"]["Value"] == ["1.2.3"]


def test_a_memory_map_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sparse.dcm"
    head = part10(image(element(0x7FE00010, "OW", b"", 3 << 30), rows=4, columns=4))
    with path.open("w+b") as file:
        file.write(head)
        file.truncate(len(head) + (3 << 30))
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            parsed = parse(view)
    assert parsed.pixels is not None
    assert (parsed.pixels.offset, parsed.pixels.length) == (len(head), 3 << 30)


def test_offsets_of_a_deflated_object_count_in_its_stream() -> None:
    pixels, signature = random.Random(1).randbytes(3 << 20), b"sign"
    content = image(element(0x7FE00010, "OB", pixels)) + element(
        0xFFFCFFFC, "OB", signature
    )
    data = part10(deflate(content), DEFLATED)
    parsed = parse(data)
    stream = open_stream(data, parsed.transfer_syntax_uid, parsed.data_set_offset)
    values = [b"".join(stream.read_range(s.offset, s.length)) for s in parsed.bulk]
    assert values == [pixels, signature]
    assert b"".join(stream.read_range(parsed.bulk[0].offset, 9)) == pixels[:9]
    assert parsed.stream_length == parsed.data_set_offset + len(content)
    written = b"".join(to_explicit_little_endian(data, parsed))
    assert written.endswith(content)


def test_a_deflated_object_that_is_cut_off_is_refused() -> None:
    whole = deflate(image(element(0x7FE00010, "OB", b"12", 3 << 20)))
    for content in (whole, whole[:-3], deflate(UID)[:-2]):
        with pytest.raises(Truncated):
            parse(part10(content, DEFLATED))
    with pytest.raises(Malformed):
        parse(part10(b"\xff" * 40, DEFLATED))


def test_deflate_bombs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = element(0x00420011, "OB", bytes(9 << 20))
    monkeypatch.setattr("imaging.part10.instance.MAX_HEADER", 4 << 20)
    with pytest.raises(TooLarge):
        parse(part10(deflate(bomb), DEFLATED))
    chunks = inflate.inflated(inflate.as_read(deflate(bomb)), 0, limit=1 << 20)
    with pytest.raises(TooLarge):
        sum(map(len, chunks))


def test_rewriting_streams_in_pieces() -> None:
    value = bytes(range(256)) * 16384
    data = part10(implicit(0x00080018, b"1.2.3\0"), "1.2.840.10008.1.2") + implicit(
        0x7FE00010, value
    )
    pieces = list(to_explicit_little_endian(data, parse(data)))
    assert max(map(len, pieces)) <= 1 << 20
    assert b"".join(pieces).endswith(value)


def test_rewriting_keeps_values_of_unknown_representations() -> None:
    big_endian = "1.2.840.10008.1.2.2"
    elements = (
        pack(">HH2sH", 0x0008, 0x0018, b"UI", 6) + b"1.2.3\0",
        pack(">HH2sH", 0x0018, 0x0023, b"ZX", 2) + b"3D",
        pack(">HH2s2xI", 0x0018, 0x0024, b"ZZ", 4) + b"four",
    )
    data = part10(b"".join(elements), big_endian)
    written = b"".join(to_explicit_little_endian(data, parse(data)))
    again = parse(written)
    assert again.model["00080018"]["Value"] == ["1.2.3"]
    assert written.endswith(
        element(0x00180023, "UN", b"3D") + element(0x00180024, "UN", b"four")
    )


def test_rewriting_reads_only_what_it_needs() -> None:
    data = part10(UID) + element(0x7FE00010, "OW", bytes(64))
    asked: list[tuple[int, int]] = []

    def read(offset: int, length: int) -> bytes:
        asked.append((offset, length))
        return data[offset : offset + length]

    assert b"".join(to_explicit_little_endian(read, parse(data))) == data
    assert asked == [(0, len(data))]


@pytest.mark.parametrize("start", range(0, 600, 50))
def test_mutated_files_are_read_like_pydicom_or_refused(start: int) -> None:
    wrong = {
        number: result
        for number in range(start, start + 50)
        if (result := fuzz.verdict(fuzz.mutated(number))).startswith("WRONG")
    }
    assert wrong == {}
