"""One pass over the elements of a data set (DICOM PS3.5 Section 7).

Yields the DICOM JSON model and the places of bulk values without reading these. What
the standard leaves open is read as pydicom reads it, so that both give the same model
(tests/imaging/part10/oracle.py lists the differences). Stricter than pydicom: elements
lie inside their item and the file, items and delimiters where they belong.
"""

from typing import Any, Final

from imaging.part10.charset import DEFAULT, Charset
from imaging.part10.dictionary_table import (
    CHARACTER_SET,
    ITEM,
    ITEM_DELIMITER,
    PIXEL_TAGS,
    SEQUENCE_DELIMITER,
    describe,
    is_private_creator,
    unlisted,
)
from imaging.part10.elements import MAX_INLINE, Element, ElementReader, Scope
from imaging.part10.encapsulated import UNDEFINED
from imaging.part10.errors import Malformed, Part10Error, TooLarge, Truncated
from imaging.part10.findings import Undecided
from imaging.part10.model import Encoding, JsonModel
from imaging.part10.values import SEQUENCE, UNKNOWN, Buffer, looks_explicit

MAX_DEPTH: Final = 64
MAX_ELEMENTS: Final = 2_000_000
"""Elements and items in all: about what 100,000 frames with functional groups need."""
MAX_DISORDER: Final = 1_000_000
"""Steps spent on elements out of order or repeated, so that time stays linear."""

NO_SEQUENCE: Final = "is no sequence, though the dictionary says so"
_TOO_MANY: Final = "more elements than any known kind of instance has"
_BLANK_STEP: Final = 1 << 20


class Walker(ElementReader):
    """Reads one data set of `buffer` in a given encoding; good for one use.

    With `partial`, the native pixel data may reach beyond the buffer. `reached` is
    where the data set, or that value, ends; `charset` the one in force there.
    """

    def __init__(
        self,
        buffer: Buffer,
        size: int,
        encoding: Encoding,
        *,
        shift: int = 0,
        partial: bool = False,
    ) -> None:
        super().__init__(buffer, size, encoding, shift=shift)
        self.reached = 0
        self.charset = DEFAULT
        self._partial = partial
        self._budget = MAX_ELEMENTS
        self._disorder = MAX_DISORDER

    def walk(self, start: int, *, charset: Charset = DEFAULT) -> JsonModel:
        """Return the model of the data set from `start` to the end of the buffer."""
        root: JsonModel = {}
        scope = Scope(root, (root,), self.encoding.implicit_vr, charset)
        self.reached = self._data_set(start, self.size, scope, 0)
        self.charset = scope.charset
        for pending in self._pending:
            self._decide(pending)
        if self._pending:
            self.findings.bulk.sort(key=lambda locator: locator.offset)
        return root

    def _data_set(  # noqa: C901 - the hot loop, see below
        self, pos: int, end: int, scope: Scope, depth: int
    ) -> int:
        """Read elements up to `end` or the item's delimiter; return where that was.

        Nearly all time of a parse is spent here. So what most elements need is inline,
        state is in local names, and one test leads all others to `_special`.
        """
        buffer, entries, little = self.buffer, self._entries, self._little
        encoded, named, model = self._encoded, self._named, scope.model
        implicit, charset, prefix = scope.implicit, scope.charset, scope.prefix
        implicit_header, explicit_header = self._implicit_header, self._explicit_header
        last = -1
        for _ in range(self._budget):
            if pos + 8 > end:
                break
            start = pos + 8
            if implicit:
                raw, length = implicit_header(buffer, pos)
                entry = entries.get(raw) or unlisted(raw, little)
                key, tag, vr, flag = entry
                known = named[vr] if vr else self._implied(tag, model)
                name, special, _, decode = known
                special = special or length > MAX_INLINE
            else:
                raw, code, length = explicit_header(buffer, pos)
                entry = entries.get(raw) or unlisted(raw, little)
                key, tag, _, flag = entry
                if code in encoded:
                    known = encoded[code]
                    name, special, long, decode = known
                    if long:
                        length, start = self._long_length(start, end), pos + 12
                        special = True
                else:
                    known, start, length = self._odd_header(
                        entry, code, pos, end, scope
                    )
                    name, special, decode = known.name, True, known.decode
            stop = start + length
            if special or flag > 1 or stop > end or tag <= last:
                if tag == ITEM_DELIMITER and scope.delimited:
                    scope.closed, pos = True, start
                    break
                if tag <= last:
                    self._out_of_order(tag, key, scope)
                element = Element(entry, known, prefix + key, start, length)
                pos = self._special(element, pos, end, scope, depth)
                charset, last = scope.charset, max(last, tag)
                continue
            last = tag
            values, reason = decode(buffer, start, stop, charset)
            if values is None:
                model[key] = {"vr": name}
            else:
                model[key] = {"vr": name, "Value": values}
                if flag and len(values) > 1:
                    self.findings.too_many(prefix + key, tag, name, len(values))
            if reason:
                self.findings.fault(prefix + key, tag, name, reason)
            pos = stop
        else:
            raise TooLarge(_TOO_MANY)
        self._finish(pos, end, scope)
        return pos

    def _long_length(self, pos: int, end: int) -> int:
        if pos + 4 > end:
            message = f"an element's header is cut off at byte {pos}"
            raise Truncated(message)
        return int(self._length(self.buffer, pos)[0])

    def _finish(self, pos: int, end: int, scope: Scope) -> None:
        """Check that the data set ended where it may."""
        self._budget -= len(scope.model) + 1
        if scope.disordered:
            ordered = sorted(scope.model.items())
            scope.model.clear()
            scope.model.update(ordered)
        if scope.closed or (pos >= end and not scope.delimited):
            return
        if not scope.prefix and self._blank(pos):
            return
        if not scope.prefix or end >= self.size:
            message = f"the data set ends inside an element at byte {pos}"
            raise Truncated(message)
        message = f"item without end at byte {pos}"
        raise Malformed(message)

    def _blank(self, pos: int) -> bool:
        """Tell whether only zeros follow, as some writers pad files."""
        for at in range(pos, self.size, _BLANK_STEP):
            stop = min(at + _BLANK_STEP, self.size)
            if bytes(self.buffer[at:stop]).strip(b"\0"):
                return False
        self.findings.warn("00000000", 0, "", "zero padding after the data set")
        return True

    def _out_of_order(self, tag: int, key: str, scope: Scope) -> None:
        """Prepare for an element that is late or there a second time: it wins."""
        if tag == CHARACTER_SET or is_private_creator(tag):
            message = f"{describe(tag)} is out of order"
            raise Undecided(message)
        self._disorder -= 1
        if tag >> 16 != 0xFFFE and tag & 0xFFFF:
            scope.disordered = True
            if key in scope.model:
                self._disorder -= self.findings.forget(scope.prefix + key)
                self.findings.warn(scope.prefix + key, tag, "", "is there twice")
        if self._disorder < 0:
            message = "too many elements are out of order"
            raise TooLarge(message)

    def _special(
        self, element: Element, pos: int, end: int, scope: Scope, depth: int
    ) -> int:
        """Read an element that is more than a short value; return where it ends."""
        entry, known, _, start, length = element
        tag, stop = entry.tag, start + length
        if tag >> 16 == 0xFFFE or tag == 0:
            return self._stray(element, pos, end, scope)
        if length == UNDEFINED:
            return self._undefined(element, pos, end, scope, depth)
        if not (self._partial and tag in PIXEL_TAGS and not scope.prefix):
            self._require(tag, stop, end)
        if not tag & 0xFFFF:
            return stop  # group lengths are not part of the model (PS3.18 F.2.2)
        hidden = known.kind == UNKNOWN and not scope.implicit
        if hidden:
            element = self._uncovered(element, scope)
        if element.known.kind == SEQUENCE:
            guess = hidden or (not entry.vr and scope.implicit)
            attribute = self._defined_sequence(element, scope, depth, guess=guess)
        else:
            attribute = self._attribute(element, scope)
        scope.model[entry.key] = attribute
        return stop

    def _require(self, tag: int, stop: int, end: int) -> None:
        if stop > self.size:
            beyond = stop - self.size
            message = f"{describe(tag)} ends {beyond} bytes beyond the data"
            raise Truncated(message)
        if stop > end:
            message = f"{describe(tag)} reaches beyond its item"
            raise Malformed(message)

    def _stray(self, element: Element, pos: int, end: int, scope: Scope) -> int:
        """Read what is no element: a delimiter too many, or padding."""
        tag = element.entry.tag
        if tag == 0 and not scope.prefix and self._blank(pos):
            return end
        if tag == SEQUENCE_DELIMITER and not element.length:
            self.findings.warn(element.path, tag, "", "stray delimiter")
            return element.start
        message = f"{describe(tag)} has no place at byte {pos}"
        raise Malformed(message)

    def _undefined(
        self, element: Element, pos: int, end: int, scope: Scope, depth: int
    ) -> int:
        """Read an element of undefined length: a sequence, or fragments."""
        entry, known, path, start, _ = element
        if not entry.tag & 0xFFFF:
            message = f"{describe(entry.tag)} has undefined length"
            raise Malformed(message)
        implied = start == pos + 8
        if known.kind == SEQUENCE and (entry.vr or not implied):
            is_sequence = True
        elif implied:
            is_sequence = not entry.vr and self._at_item(start, end)
        else:  # UN hides a sequence in implicit VR (PS3.5 6.2.2)
            is_sequence = known.kind == UNKNOWN
        if not is_sequence:
            return self._fragments(element, end, scope)
        items, pos = self._items(path, start, None, end, scope, depth)
        scope.model[entry.key] = _sequence(items)
        return pos

    def _at_item(self, pos: int, end: int) -> bool:
        if pos + 8 > end:
            return False
        group, element, _ = self._item_header(self.buffer, pos)
        return bool(group << 16 | element == ITEM)

    def _defined_sequence(
        self, element: Element, scope: Scope, depth: int, *, guess: bool
    ) -> dict[str, Any]:
        """Read a sequence; one that only a dictionary calls so may be none."""
        entry, _, path, start, length = element
        stop = start + length
        mark, pending = self.findings.mark(), len(self._pending)
        try:
            items, _ = self._items(path, start, stop, stop, scope, depth)
        except Part10Error:
            if not guess:
                raise
            self.findings.rewind(mark)
            del self._pending[pending:]
            self.findings.warn(path, entry.tag, "UN", NO_SEQUENCE)
            return dict(self.findings.add_bulk(path, entry, "UN", start, length))
        return _sequence(items)

    def _items(
        self,
        path: str,
        pos: int,
        stop: int | None,
        end: int,
        scope: Scope,
        depth: int,
    ) -> tuple[list[JsonModel], int]:
        """Read the items of a sequence, `stop` being None if a delimiter ends it."""
        if depth >= MAX_DEPTH:
            message = f"sequences nested deeper than {MAX_DEPTH}"
            raise Malformed(message)
        items: list[JsonModel] = []
        while pos + 8 <= end:
            group, element, length = self._item_header(self.buffer, pos)
            tag = group << 16 | element
            pos += 8
            if tag == SEQUENCE_DELIMITER and (stop is None or pos == stop):
                return items, pos
            if tag != ITEM:
                message = f"no item at byte {pos - 8}"
                raise Malformed(message)
            if not length:
                items.append({})
                self._budget -= 1
                if self._budget <= 0:
                    raise TooLarge(_TOO_MANY)
                continue
            item_end = end if length == UNDEFINED else pos + length
            self._require(tag, item_end, end)
            inner = self._item_scope(f"{path}/{len(items) + 1}/", pos, scope)
            inner.delimited = length == UNDEFINED
            pos = self._data_set(pos, item_end, inner, depth + 1)
            items.append(inner.model)
        if stop is not None and pos == stop:
            return items, pos
        if end >= self.size:
            message = f"sequence {path} has no end"
            raise Truncated(message)
        message = f"sequence {path} has no end"
        raise Malformed(message)

    def _item_scope(self, prefix: str, pos: int, scope: Scope) -> Scope:
        """Begin an item, which may be in implicit VR inside explicit (PS3.5 6.2.2)."""
        code = self.buffer[pos + 4 : pos + 6]
        implicit = scope.implicit or (len(code) == 2 and not looks_explicit(code))
        model: JsonModel = {}
        return Scope(model, (*scope.models, model), implicit, scope.charset, prefix)


def _sequence(items: list[JsonModel]) -> dict[str, Any]:
    return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
