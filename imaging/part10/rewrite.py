"""Re-encoding of an object in another transfer syntax, its header and all.

As Explicit VR Little Endian, which every receiver understands (DICOM PS3.5 A.2, PS3.18
8.7.3.3), as Implicit, or around other pixel data. Streams: values are read, swapped and
passed on a piece at a time; sequences and items get undefined lengths, as their new
lengths are not known when they begin. What becomes of pixels, `imaging.pixels` knows.
"""

from array import array
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from struct import Struct
from typing import Any, Final

from imaging.part10.dictionary_table import (
    ITEM,
    ITEM_DELIMITER,
    PIXEL_DATA,
    describe,
)
from imaging.part10.encapsulated import UNDEFINED
from imaging.part10.encode import encode_values
from imaging.part10.errors import Malformed, UnsupportedTransferSyntax
from imaging.part10.inflate import CHUNK, DataSetStream, Read, as_read
from imaging.part10.instance import EXPLICIT_LITTLE, IMPLICIT_LITTLE
from imaging.part10.model import JsonModel, ParsedInstance
from imaging.part10.values import (
    ENCODED,
    WORD_SIZE,
    looks_explicit,
    unknown_header,
)
from imaging.part10.writing import (
    ITEM_END,
    ITEM_START,
    MAX_SHORT,
    SEQUENCE_END,
    file_head,
    header,
    implicit_header,
    is_long,
    padding,
)

_WINDOW: Final = 1 << 16
_TYPE_CODE: Final = {2: "H", 4: "I", 8: "Q"}

Pieces = Generator[bytes, None, int]


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What a file becomes.

    Attributes
    ----------
    changes
        Attributes of the data set that are others, by tag; None: left out.
    pixels
        The element of pixel data with its header, in place of the one that is stored.
    """

    transfer_syntax_uid: str
    changes: Mapping[int, dict[str, Any] | None] = field(default_factory=dict)
    pixels: Iterable[bytes] | None = None


def rewrite(
    file: Read | bytes | bytearray | memoryview,
    parsed: ParsedInstance,
    becomes: Rewriting,
) -> Iterator[bytes]:
    """Yield the whole Part 10 file as something else, at most 1 MiB a time.

    Parameters
    ----------
    file, parsed
        As of `to_explicit_little_endian`.

    Raises
    ------
    Malformed
        While yielding, if an element is not in the model.
    UnsupportedTransferSyntax
        While yielding, if a value inside of a sequence is compressed.
    """
    encoding = parsed.encoding
    stream = DataSetStream(
        as_read(file), parsed.data_set_offset, deflated=encoding.deflated
    )
    return _gathered(_recoded(stream, parsed, becomes))


def to_explicit_little_endian(
    file: Read | bytes | bytearray | memoryview, parsed: ParsedInstance
) -> Iterator[bytes]:
    """Yield the whole Part 10 file in Explicit VR Little Endian, at most 1 MiB a time.

    Parameters
    ----------
    file
        The stored file, or a function that reads a range of it.
    parsed
        What `parse` made of that file, its model not pruned: it knows each element's
        value representation, also where the file doesn't say.

    Raises
    ------
    UnsupportedTransferSyntax
        If pixel data are compressed: these have to be decoded instead.
    Malformed
        While yielding, if an element is not in the model.
    """
    if parsed.pixels is not None and parsed.pixels.encapsulated:
        message = "the pixel data are compressed"
        raise UnsupportedTransferSyntax(message)
    encoding = parsed.encoding
    stream = DataSetStream(
        as_read(file), parsed.data_set_offset, deflated=encoding.deflated
    )
    if encoding.implicit_vr or not encoding.little_endian:
        return _gathered(_recoded(stream, parsed, Rewriting(EXPLICIT_LITTLE)))
    if parsed.has_part10_header and parsed.transfer_syntax_uid == EXPLICIT_LITTLE:
        return stream.read_range(0, parsed.stream_length)
    return _gathered(_copied(stream, parsed))


def _copied(stream: DataSetStream, parsed: ParsedInstance) -> Iterator[bytes]:
    yield file_head(parsed.model, EXPLICIT_LITTLE, parsed.file_meta)
    start = parsed.data_set_offset
    yield from stream.read_range(start, parsed.stream_length - start)


def _recoded(
    stream: DataSetStream, parsed: ParsedInstance, becomes: Rewriting
) -> Iterator[bytes]:
    yield file_head(parsed.model, becomes.transfer_syntax_uid, parsed.file_meta)
    recoder = _Recoder(
        stream,
        little_endian=parsed.encoding.little_endian,
        to_implicit=becomes.transfer_syntax_uid == IMPLICIT_LITTLE,
    )
    yield from recoder.whole(parsed, becomes)


def _gathered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Join small pieces, as each one yielded costs a write."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        if size + len(piece) > CHUNK:
            yield b"".join(held)
            held, size = [], 0
        held.append(piece)
        size += len(piece)
    yield b"".join(held)


BITS_ALLOCATED: Final = "00280100"
_NO_TAG: Final = 1 << 32


class _Recoder:
    """Reads elements of one encoding and writes them in the other."""

    def __init__(
        self, stream: DataSetStream, *, little_endian: bool, to_implicit: bool
    ) -> None:
        self._stream = stream
        self._header = implicit_header if to_implicit else header
        self._encoded = ENCODED[little_endian]
        self._swap = not little_endian
        self._order = order = "<" if little_endian else ">"
        self._tag = Struct(order + "HH")
        self._short = Struct(order + "H")
        self._long = Struct(order + "I")
        self._held, self._held_at = b"", 0

    def whole(self, parsed: ParsedInstance, becomes: Rewriting) -> Iterator[bytes]:
        """Write the data set with its changes, each in its place."""
        pos, end = parsed.data_set_offset, parsed.stream_length
        implicit = parsed.encoding.implicit_vr
        made = {tag: self._made(tag, each) for tag, each in becomes.changes.items()}
        if becomes.pixels is not None:
            made[PIXEL_DATA] = becomes.pixels
        for tag in sorted(made):
            pos = yield from self.data_set(
                parsed.model, pos, end, implicit=implicit, until=tag
            )
            yield from made[tag]
            if pos + 8 <= end and self._element(pos, end, implicit=implicit)[0] == tag:
                pos = self._past(pos, end, implicit=implicit)
        yield from self.data_set(parsed.model, pos, end, implicit=implicit)

    def _made(self, tag: int, attribute: dict[str, Any] | None) -> Iterable[bytes]:
        if attribute is None:
            return ()
        vr = attribute["vr"]
        value = encode_values(vr, tag, attribute["Value"])
        value += padding(vr, len(value))
        return (self._header(tag, vr, len(value)), value)

    def data_set(
        self,
        model: JsonModel,
        pos: int,
        end: int,
        *,
        implicit: bool,
        until: int = _NO_TAG,
    ) -> Pieces:
        """Write the elements up to `end` or an item delimiter; return where that is.

        Or up to the first whose tag is not below `until`.
        """
        while pos + 8 <= end:
            tag, start, length = self._element(pos, end, implicit=implicit)
            attribute = model.get(f"{tag:08X}")
            if tag >= until:
                return pos
            if tag == ITEM_DELIMITER:
                return start
            if attribute is not None:
                word = self._word(model, tag, attribute["vr"])
                pos = yield from self._attribute(
                    tag, attribute, start, length, end, word=word, implicit=implicit
                )
            elif tag >> 16 == 0xFFFE:
                pos = start
            elif tag == 0:
                return end
            elif not tag & 0xFFFF:
                pos = start + length
            else:
                message = f"{describe(tag)} is not in the model"
                raise Malformed(message)
        return end

    def _word(self, model: JsonModel, tag: int, vr: str) -> int:
        """Return the size of what is turned round in a value, in bytes.

        Cells of pixel data may be longer than the words of OW (DICOM PS3.5 8.1.1).
        """
        if not self._swap:
            return 1
        if tag == PIXEL_DATA and vr == "OW":
            bits = model.get(BITS_ALLOCATED, {}).get("Value", [16])[0]
            return int(bits) // 8 if bits in {32, 64} else WORD_SIZE[vr]
        return WORD_SIZE.get(vr, 1)

    def _attribute(
        self,
        tag: int,
        attribute: dict[str, Any],
        start: int,
        length: int,
        end: int,
        *,
        word: int,
        implicit: bool,
    ) -> Pieces:
        vr = attribute["vr"]
        if vr == "SQ":
            yield self._header(tag, vr, UNDEFINED)
            items = attribute.get("Value", [])
            pos = yield from self._items(items, start, length, end, implicit=implicit)
            yield SEQUENCE_END
            return pos
        if length == UNDEFINED:
            message = f"{describe(tag)} is compressed"
            raise UnsupportedTransferSyntax(message)
        if length > MAX_SHORT and not is_long(vr):
            vr = "UN"  # too long for explicit VR (PS3.5 6.2.2, note 1)
        pad = padding(vr, length)
        yield self._header(tag, vr, length + len(pad))
        yield from self._value(start, length, word)
        yield pad
        return start + length

    def _items(
        self,
        items: list[JsonModel],
        pos: int,
        length: int,
        end: int,
        *,
        implicit: bool,
    ) -> Pieces:
        stop = end if length == UNDEFINED else pos + length
        for model in items:
            tag, size = self._item(pos)
            if tag != ITEM:
                message = f"no item at byte {pos}"
                raise Malformed(message)
            pos += 8
            item_end = stop if size == UNDEFINED else pos + size
            code = self._bytes(pos + 4, 2)
            inner = implicit or not looks_explicit(code)
            yield ITEM_START
            pos = yield from self.data_set(model, pos, item_end, implicit=inner)
            yield ITEM_END
        return pos + 8 if length == UNDEFINED else stop

    def _value(self, start: int, length: int, word: int) -> Iterator[bytes]:
        if length <= _WINDOW:
            yield _swapped(self._bytes(start, length), word)
            return
        for chunk in self._stream.read_range(start, length):
            yield _swapped(chunk, word)

    def _past(self, pos: int, end: int, *, implicit: bool) -> int:
        """Return where the element behind the one at `pos` begins."""
        _tag, start, length = self._element(pos, end, implicit=implicit)
        if length != UNDEFINED:
            return start + length
        while start + 8 <= end:
            tag, size = self._item(start)
            start += 8
            if tag != ITEM:
                return start
            if size != UNDEFINED:
                start += size
                continue
            inner = implicit or not looks_explicit(self._bytes(start + 4, 2))
            while start + 8 <= end and self._item(start)[0] != ITEM_DELIMITER:
                start = self._past(start, end, implicit=inner)
            start += 8
        message = f"the element at byte {pos} has no end"
        raise Malformed(message)

    def _element(self, pos: int, end: int, *, implicit: bool) -> tuple[int, int, int]:
        """Return tag, value offset and length of the element at `pos`."""
        head = self._bytes(pos, 12)
        group, element = self._tag.unpack_from(head)
        tag, code = group << 16 | element, head[4:6]
        known = None if implicit else self._encoded.get(code)
        if known is None:
            if not implicit and b"AA" <= code <= b"ZZ":
                size, length = unknown_header(head, self._order, end - pos)
                return tag, pos + size, length
            return tag, pos + 8, self._long.unpack_from(head, 4)[0]
        if known.long:
            return tag, pos + 12, self._long.unpack_from(head, 8)[0]
        return tag, pos + 8, self._short.unpack_from(head, 6)[0]

    def _item(self, pos: int) -> tuple[int, int]:
        head = self._bytes(pos, 8)
        group, element = self._tag.unpack_from(head)
        return group << 16 | element, self._long.unpack_from(head, 4)[0]

    def _bytes(self, pos: int, length: int) -> bytes:
        """Return some bytes through a window, as headers are read one by one."""
        at = pos - self._held_at
        if at < 0 or at + length > len(self._held):
            self._held = self._stream.read(pos, max(length, _WINDOW))
            self._held_at, at = pos, 0
        return self._held[at : at + length]


def _swapped(value: bytes, word: int) -> bytes:
    """Return the value with the bytes of each word reversed."""
    whole = len(value) - len(value) % word
    if word == 1 or not whole:
        return value
    words = array(_TYPE_CODE[word], value[:whole])
    words.byteswap()
    return words.tobytes() + value[whole:]
