"""Palettes: stored values that stand for colours (DICOM PS3.3 C.7.6.3.1.5, C.7.9)."""

import struct
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from imaging.errors import CannotTranscode
from imaging.rendering.attributes import Bulk, Model, numbers, octets, tag, text
from imaging.rendering.lookup import MOST_ENTRIES, Lookup, table

Colours = NDArray[np.uint8]
"""Of shape (rows, columns, 3): red, green, blue."""

_WHITE: Final = 255
_COLOURS: Final = ("Red", "Green", "Blue")
_DESCRIPTOR: Final = tag("RedPaletteColorLookupTableDescriptor")
_PRESENTATION: Final = tag("PixelPresentation")
_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2


def colours(samples: NDArray[Any], frame: Model, bulk: Bulk) -> Colours:
    """Return the colours that stored values stand for.

    Raises
    ------
    CannotTranscode
        The data set has no palette, or one that contradicts itself.
    """
    tables = [_eight_bits(_palette(name, frame, bulk)) for name in _COLOURS]
    made = np.empty((*samples.shape, 3), np.uint8)
    for place, (first, entries) in enumerate(tables):
        found = np.clip(samples.astype(np.int64) - first, 0, len(entries) - 1)
        made[..., place] = entries[found]
    return made


def is_supplemental(frame: Model) -> bool:
    """Return whether a palette colours the upper of the stored values (C.7.6.19)."""
    is_coloured = text(frame, _PRESENTATION) in {"COLOR", "MIXED"}
    return is_coloured and bool(numbers(frame, _DESCRIPTOR))


def supplemented(
    levels: NDArray[np.uint8], samples: NDArray[Any], frame: Model, bulk: Bulk
) -> Colours:
    """Return grey levels, and colours where stored values have some of their own.

    Raises
    ------
    CannotTranscode
        As of `colours`.
    """
    first = numbers(frame, _DESCRIPTOR)[1:2]
    has_colour = samples >= (first or [np.inf])[0]
    made = np.repeat(levels[..., None], 3, axis=2)
    made[has_colour] = colours(samples[has_colour], frame, bulk)
    return made


def of_levels(levels: NDArray[np.uint8], state: Model, bulk: Bulk) -> Colours:
    """Return the colours that a palette gives grey levels, spread over all of it.

    Raises
    ------
    CannotTranscode
        As of `colours`.
    """
    every = []
    for name in _COLOURS:
        _first, entries = _eight_bits(_palette(name, state, bulk))
        places = np.rint(np.linspace(0, len(entries) - 1, _WHITE + 1)).astype(np.intp)
        every.append(entries[places])
    return np.stack(every, axis=1)[levels]


def _eight_bits(lut: Lookup) -> tuple[int, NDArray[np.uint8]]:
    scaled = np.rint(lut.entries / lut.maximum * _WHITE)
    return lut.first, scaled.astype(np.uint8)


def _palette(name: str, frame: Model, bulk: Bulk) -> Lookup:
    described = numbers(frame, tag(f"{name}PaletteColorLookupTableDescriptor"))
    data = octets(frame, tag(f"{name}PaletteColorLookupTableData"), bulk)
    if not data and len(described) == 3:
        segments = octets(
            frame, tag(f"Segmented{name}PaletteColorLookupTableData"), bulk
        )
        wide = described[2] > 8
        data = expand(segments, wide=wide).astype("<u2" if wide else "u1").tobytes()
    found = table(described, data)
    if found is None:
        message = "The instance has no usable palette. Ask for it as stored."
        raise CannotTranscode(message)
    return found


def expand(segments: bytes, *, wide: bool) -> NDArray[np.int64]:
    """Return the entries that segments stand for (DICOM PS3.3 C.7.9.2).

    Parameters
    ----------
    wide
        Whether opcodes, lengths and values have 16 bits, not 8.

    Raises
    ------
    CannotTranscode
        They are more than a palette can have, or make no sense.
    """
    return _Expansion(segments, wide=wide).entries()


class _Expansion:
    """Reads segments; never more entries than a palette can have."""

    def __init__(self, segments: bytes, *, wide: bool) -> None:
        kind = np.dtype("<u2" if wide else "u1")
        size = len(segments) // kind.itemsize * kind.itemsize
        self._words = np.frombuffer(segments[:size], kind).astype(np.int64)
        # An offset has 32 bits, in bytes, the words of which lie low word first.
        self._word_bytes = kind.itemsize
        self._offset_words = struct.calcsize("<I") // kind.itemsize
        self._made: list[NDArray[np.int64]] = []
        self._number = 0

    def entries(self) -> NDArray[np.int64]:
        self._segments(0, None, nested=False)
        return np.concatenate(self._made) if self._made else np.zeros(0, np.int64)

    def _segments(self, position: int, number: int | None, *, nested: bool) -> None:
        """Read so many segments from a position; None: all that there are."""
        while position + 2 <= len(self._words) and (number is None or number > 0):
            opcode, length = int(self._words[position]), int(self._words[position + 1])
            position += 2
            if opcode == _DISCRETE:
                self._add(self._words[position : position + length])
                position += length
            elif opcode == _LINEAR and self._number and position < len(self._words):
                self._add(self._line(length, int(self._words[position])))
                position += 1
            elif opcode == _INDIRECT and not nested:
                self._segments(self._target(position), length, nested=True)
                position += self._offset_words
            else:
                raise _unsound()
            number = None if number is None else number - 1

    def _line(self, length: int, end: int) -> NDArray[np.int64]:
        start = self._made[-1][-1]
        steps = np.linspace(start, end, length + 1)[1:]
        return np.rint(steps).astype(np.int64)

    def _target(self, position: int) -> int:
        words = self._words[position : position + self._offset_words]
        if len(words) < self._offset_words:
            raise _unsound()
        bits = 8 * self._word_bytes
        offset = sum(int(word) << bits * place for place, word in enumerate(words))
        return offset // self._word_bytes

    def _add(self, entries: NDArray[np.int64]) -> None:
        self._number += len(entries)
        if self._number > MOST_ENTRIES:
            raise _unsound()
        if len(entries):
            self._made.append(entries)


def _unsound() -> CannotTranscode:
    message = "The palette of the instance makes no sense. Ask for it as stored."
    return CannotTranscode(message)
