"""Look-up tables of modalities, windows and palettes (DICOM PS3.3 C.11, C.7.9)."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from imaging.rendering.attributes import Bulk, Model, numbers, octets, tag

MOST_ENTRIES: Final = 1 << 16
_MOST_FIRST: Final = 1 << 32  # beyond what any sample can be
_LUT_DESCRIPTOR: Final = tag("LUTDescriptor")
_LUT_DATA: Final = tag("LUTData")


@dataclass(frozen=True, slots=True)
class Lookup:
    """A table of unsigned values.

    Attributes
    ----------
    first
        The value to which the first entry belongs; what is lower gets it, too.
    maximum
        The highest value that an entry can have.
    entries
        ``float64``, of one dimension.
    """

    first: int
    maximum: int
    entries: NDArray[np.float64]

    def __call__(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the entries of values; those beyond an end get the entry there."""
        places = np.clip(values - self.first, 0, len(self.entries) - 1)
        return self.entries[places.astype(np.intp)]


def lookup_of(item: Model, bulk: Bulk) -> Lookup | None:
    """Return the table of an item of a LUT sequence; None where it has no sound one."""
    described = numbers(item, _LUT_DESCRIPTOR)
    held = np.array(numbers(item, _LUT_DATA))
    data = octets(item, _LUT_DATA, bulk)
    return table(described, data, held=held)


def table(
    described: list[float], data: bytes, *, held: NDArray[np.float64] | None = None
) -> Lookup | None:
    """Return a table by its descriptor; None where the two contradict each other.

    Parameters
    ----------
    described
        Number of entries, first value mapped and bits of an entry.
    data
        Little endian. Entries of 8 bits lie one or two in 16 bits (DICOM PS3.3
        C.11.1.1.1).
    held
        The entries, where the data set has them as numbers.
    """
    if len(described) < 3:
        return None
    number = int(described[0]) & 0xFFFF or MOST_ENTRIES
    first, bits = int(described[1]), int(described[2])
    if held is None or not len(held):
        held = _words(data, number)
    if abs(first) > _MOST_FIRST or not 1 <= bits <= 16 or len(held) < number:
        return None
    entries = np.clip(held[:number], 0, 0xFFFF)
    return Lookup(first, _maximum(entries, bits), entries)


def _words(data: bytes, number: int) -> NDArray[np.float64]:
    is_of_bytes = len(data) < 2 * number
    kind = np.dtype(np.uint8) if is_of_bytes else np.dtype("<u2")
    size = len(data) // kind.itemsize * kind.itemsize
    return np.frombuffer(data[:size], kind)[:number].astype(np.float64)


def _maximum(entries: NDArray[np.float64], bits: int) -> int:
    """Return the highest value that an entry can have.

    Encoders exist that call 12 bits 8, or the other way round for 8 bits in 16: then
    the entries themselves tell.
    """
    stated, highest = (1 << bits) - 1, int(entries.max())
    if highest > stated:
        return (1 << highest.bit_length()) - 1
    return stated
