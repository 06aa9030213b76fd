"""Reading of one Part 10 file or bare data set, from its first byte to its last.

DICOM PS3.10 7.1: preamble, prefix and file meta information are in explicit VR little
endian; the transfer syntax in there says how the data set behind them is encoded.
Files without preamble, without file meta information or without transfer syntax are
read too, and the first element has the last word on implicit or explicit VR.
"""

import base64
from collections.abc import Iterator
from mmap import mmap
from struct import unpack_from
from typing import Final, NamedTuple

from pydicom._uid_dict import UID_dictionary

from imaging.part10 import fallback
from imaging.part10.dictionary_table import starts_data_set
from imaging.part10.encapsulated import UNDEFINED, frame_table
from imaging.part10.errors import (
    Malformed,
    NotDicom,
    Part10Error,
    TooLarge,
    Truncated,
    UnsupportedTransferSyntax,
)
from imaging.part10.findings import Findings, Undecided
from imaging.part10.inflate import CHUNK, DEFLATED, MAX_HEADER, as_read, inflated
from imaging.part10.model import Encoding, JsonModel, ParsedInstance, PixelLayout
from imaging.part10.values import ENCODED, Buffer, looks_explicit
from imaging.part10.walker import Walker

IMPLICIT_LITTLE: Final = "1.2.840.10008.1.2"
EXPLICIT_LITTLE: Final = "1.2.840.10008.1.2.1"
EXPLICIT_BIG: Final = "1.2.840.10008.1.2.2"

_PREAMBLE: Final = 128
_PREFIX: Final = b"DICM"
_FLOAT_BITS: Final = {"7FE00008": 32, "7FE00009": 64}


class _Header(NamedTuple):
    """What comes before the data set."""

    has_preamble: bool
    file_meta: JsonModel
    transfer_syntax_uid: str
    data_set_offset: int


class _Content(NamedTuple):
    """The data set, and the stream that its offsets count in as far as it is held."""

    model: JsonModel
    findings: Findings
    held: Buffer
    stream_length: int


def parse(buffer: Buffer, *, size: int | None = None) -> ParsedInstance:
    """Parse the first `size` bytes of `buffer`, by default all of them.

    Values of pixel data and other bulk data are neither read nor copied, so that a
    file of some gigabytes may be handed over as a memory map. A deflated data set is
    inflated up to its pixel data and beyond it, in bounded memory.

    Raises
    ------
    Part10Error
        If the bytes are no DICOM, are cut off, or break the encoding.
    """
    if not isinstance(buffer, bytes | mmap):
        buffer = memoryview(buffer).cast("B")
    size = len(buffer) if size is None else min(size, len(buffer))
    header = _read_header(buffer, size)
    encoding = _encoding(buffer, size, header)
    try:
        content = _read_content(buffer, size, header, encoding)
    except (Malformed, Truncated) as error:
        uid = header.transfer_syntax_uid
        if uid and (
            uid not in UID_dictionary or "Transfer" not in UID_dictionary[uid][1]
        ):
            message = f"unknown transfer syntax that does not parse: {error.reason}"
            raise UnsupportedTransferSyntax(message) from error
        raise
    return _assemble(header, encoding, content)


def _read_header(buffer: Buffer, size: int) -> _Header:
    prefix_at = _PREAMBLE if size >= _PREAMBLE + 4 else 0
    has_preamble = buffer[prefix_at : prefix_at + 4] == _PREFIX
    start = prefix_at + 4 if has_preamble else 0
    if not has_preamble and size < 8:
        message = "shorter than one element"
        raise NotDicom(message)
    end, encoding = _meta_end(buffer, start, size)
    file_meta: JsonModel = {}
    if end > start:
        walker = Walker(buffer, end, encoding)
        file_meta = walker.walk(start)
        for locator in walker.findings.bulk:
            value = bytes(buffer[locator.offset : locator.offset + locator.length])
            inline = base64.b64encode(value).decode()
            file_meta[locator.path] = {"vr": locator.vr, "InlineBinary": inline}
    values = file_meta.get("00020010", {}).get("Value") or [""]
    uid = values[0] if isinstance(values[0], str) else ""
    return _Header(has_preamble, file_meta, uid.strip(" \0"), end)


def _meta_end(buffer: Buffer, start: int, size: int) -> tuple[int, Encoding]:
    """Return where group 2 ends: its group length is often wrong."""
    pos, implicit = start, False
    while pos + 8 <= size:
        group, code, short = unpack_from("<H2x2sH", buffer, pos)
        if group != 2:
            break
        known = ENCODED[True].get(code)
        if known is None or known.long:
            at = pos + (8 if known else 4)
            implicit |= known is None and pos == start
            if at + 4 > size:
                message = "the file meta information is cut off"
                raise Truncated(message)
            (length,) = unpack_from("<I", buffer, at)
            pos = at + 4 + length
            if length == UNDEFINED:
                message = "undefined length in the file meta information"
                raise Malformed(message)
        else:
            pos += 8 + short
    if pos > size:
        message = "the file meta information is cut off"
        raise Truncated(message)
    return pos, Encoding(implicit_vr=implicit, little_endian=True)


def _encoding(buffer: Buffer, size: int, header: _Header) -> Encoding:
    uid, start = header.transfer_syntax_uid, header.data_set_offset
    if uid in DEFLATED:
        return Encoding(implicit_vr=False, little_endian=True, deflated=True)
    if start + 8 > size:
        return Encoding(implicit_vr=uid == IMPLICIT_LITTLE, little_endian=True)
    group, element, code = unpack_from("<HH2s", buffer, start)
    little = uid != EXPLICIT_BIG
    if not uid:
        # Groups below 0x0400 begin big endian data sets; pydicom guesses likewise.
        little = group < 0x0400 or code not in ENCODED[True]
    group, element = unpack_from("<HH" if little else ">HH", buffer, start)
    if not group or not (header.file_meta or starts_data_set(group << 16 | element)):
        message = "neither a Part 10 header nor a data set"
        raise NotDicom(message)
    return Encoding(implicit_vr=not looks_explicit(code), little_endian=little)


def _read_content(
    buffer: Buffer, size: int, header: _Header, encoding: Encoding
) -> _Content:
    start = header.data_set_offset
    if encoding.deflated:
        return _read_deflated(buffer, size, start, encoding)
    walker = Walker(buffer, size, encoding)
    try:
        model = walker.walk(start)
    except Undecided as doubt:
        model, findings = fallback.read(buffer, start, size, encoding, str(doubt))
        return _Content(model, findings, buffer, size)
    return _Content(model, walker.findings, buffer, size)


def _read_deflated(
    buffer: Buffer, size: int, start: int, encoding: Encoding
) -> _Content:
    """Inflate as much as it takes to walk all but the pixel data.

    What is held grows twofold until the walk succeeds, so the work stays linear.
    """
    chunks = inflated(as_read(memoryview(buffer)[:size]), start)
    held, wanted, ended = bytearray(buffer[:start]), CHUNK, False
    while wanted <= MAX_HEADER:
        while len(held) < start + wanted and not ended:
            chunk = next(chunks, None)
            ended = chunk is None
            held += chunk or b""
        walker = Walker(held, len(held), encoding, partial=not ended)
        found = _walk_held(walker, start, ended=ended)
        if found is not None and ended:
            return _Content(*found, held, len(held))
        if found is not None and walker.reached > len(held):
            return _read_tail(walker, found[0], held, chunks)
        wanted *= 2
    message = f"more than {MAX_HEADER} bytes beside the pixel data"
    raise TooLarge(message)


def _walk_held(
    walker: Walker, start: int, *, ended: bool
) -> tuple[JsonModel, Findings] | None:
    """Walk what is inflated so far; None if that takes more."""
    try:
        return walker.walk(start), walker.findings
    except Undecided as doubt:
        if ended:
            return fallback.read(
                walker.buffer, start, walker.size, walker.encoding, str(doubt)
            )
    except Part10Error:
        if ended:
            raise
    return None


def _read_tail(
    walker: Walker, model: JsonModel, held: bytearray, chunks: Iterator[bytes]
) -> _Content:
    """Pass over the rest of the pixel data and walk what follows them."""
    missing, tail = walker.reached - len(held), bytearray()
    for chunk in chunks:
        tail += chunk[missing:] if missing > 0 else chunk
        missing -= len(chunk)
        if len(tail) > MAX_HEADER:
            message = f"more than {MAX_HEADER} bytes beside the pixel data"
            raise TooLarge(message)
    if missing > 0:
        message = f"the pixel data end {missing} bytes beyond the data set"
        raise Truncated(message)
    rest = Walker(tail, len(tail), walker.encoding, shift=walker.reached)
    found = rest.walk(0, charset=walker.charset)
    findings = walker.findings
    for key in found.keys() & model.keys():
        findings.forget(key)
    findings.bulk += rest.findings.bulk
    findings.issues += rest.findings.issues
    findings.warnings += rest.findings.warnings
    model = dict(sorted((model | found).items()))
    return _Content(model, findings, held, walker.reached + len(tail))


def _assemble(header: _Header, encoding: Encoding, content: _Content) -> ParsedInstance:
    pixels = _layout(content)
    uid = header.transfer_syntax_uid
    if not uid and not (pixels and pixels.encapsulated):
        little = IMPLICIT_LITTLE if encoding.implicit_vr else EXPLICIT_LITTLE
        uid = little if encoding.little_endian else EXPLICIT_BIG
    findings = content.findings
    return ParsedInstance(
        transfer_syntax_uid=uid,
        file_meta=header.file_meta,
        data_set_offset=header.data_set_offset,
        has_part10_header=header.has_preamble,
        encoding=encoding,
        model=content.model,
        bulk=tuple(findings.bulk),
        pixels=pixels,
        issues=tuple(findings.issues),
        warnings=tuple(findings.warnings),
        stream_length=content.stream_length,
    )


def _layout(content: _Content) -> PixelLayout | None:
    place, model = content.findings.pixels, content.model
    if place is None:
        return None
    number_of_frames = max(1, _integer(model, "00280008", 1))
    frames: bytes | None = b""
    if place.fragments is not None:
        extended = _extended_offsets(content)
        frames = frame_table(content.held, place.fragments, number_of_frames, extended)
    native = place.fragments is None
    return PixelLayout(
        tag=place.entry.key,
        offset=place.offset,
        length=place.length,
        encapsulated=not native,
        number_of_frames=number_of_frames,
        bits_per_frame=_bits_per_frame(model, place.entry.key) if native else 0,
        frames=frames or b"",
        frames_known=frames is not None,
    )


def _extended_offsets(content: _Content) -> tuple[int, ...]:
    """Return the Extended Offset Table (7FE0,0001), DICOM PS3.3 C.7.6.3.1.8."""
    for locator in content.findings.bulk:
        if locator.path == "7FE00001":
            count = locator.length // 8
            return unpack_from(f"<{count}Q", content.held, locator.offset)
    return ()


def _bits_per_frame(model: JsonModel, tag: str) -> int:
    """Return the size of a native frame, 0 if an attribute is missing."""
    samples = _integer(model, "00280002", 1)
    if model.get("00280004", {}).get("Value") == ["YBR_FULL_422"]:
        samples = 2  # chrominance is there for every other pixel (PS3.3 C.7.6.3.1.2)
    bits = _FLOAT_BITS.get(tag) or _integer(model, "00280100", 0)
    return (
        _integer(model, "00280010", 0) * _integer(model, "00280011", 0) * samples * bits
    )


def _integer(model: JsonModel, key: str, default: int) -> int:
    values = model.get(key, {}).get("Value")
    return values[0] if values and isinstance(values[0], int) else default
