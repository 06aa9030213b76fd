"""From the samples of a stream to those of the data set, and back.

Streams count the bits of a sample themselves, and most know no sign: negative numbers
lie in them as their two's complement (DICOM PS3.5 8.2).
"""

from typing import Protocol

import numpy as np

from imaging.pixels.description import ImageDescription
from imaging.pixels.headers import refuse
from imaging.pixels.native import Samples


class Header(Protocol):
    """What any stream says of its size."""

    @property
    def precision(self) -> int:
        """Return the number of bits of a sample."""

    @property
    def rows(self) -> int:
        """Return the height."""

    @property
    def columns(self) -> int:
        """Return the width."""

    @property
    def components(self) -> int:
        """Return the number of samples of a pixel."""


def require(header: Header, description: ImageDescription) -> None:
    """Refuse a stream that is not of the size that the data set says.

    Raises
    ------
    CannotTranscode
        They differ: one of them would have memory allocated for nothing.
    """
    found = (header.rows, header.columns, header.components)
    wanted = (description.rows, description.columns, description.samples_per_pixel)
    if found != wanted:
        refuse(f"it is of {found} rows, columns and samples, not {wanted}")
    if header.precision > max(8, description.bits_allocated):
        allocated = description.bits_allocated
        refuse(f"it has {header.precision} bits a sample, not {allocated}")


def conform(samples: Samples, precision: int, description: ImageDescription) -> Samples:
    """Return samples of `precision` bits as the data set means them.

    Raises
    ------
    CannotTranscode
        They are of another shape than the stream said.
    """
    if samples.shape != description.shape:
        refuse("it holds something else than it says")
    dtype = np.dtype(description.dtype)
    spare = 8 * dtype.itemsize - precision
    wide = samples.astype(dtype, copy=False)
    if description.is_signed == _is_signed(samples) or not spare:
        return wide
    # Shifted up and down again, the highest bit is taken for a sign, or for none.
    shifted: Samples = np.right_shift(np.left_shift(wide, spare), spare)
    return shifted


def precision_of(samples: Samples, description: ImageDescription) -> int:
    """Return how many bits an exact stream of these samples needs.

    Usually Bits Stored; all that are allocated where others are in use, too: overlays
    of old objects lie there (DICOM PS3.5 8.1.2).
    """
    stored, allocated = description.bits_stored, max(8, description.bits_allocated)
    if not description.is_plain or stored == allocated:
        return allocated
    low, high = int(samples.min()), int(samples.max())
    if description.is_signed:
        fits = -(1 << (stored - 1)) <= low and high < 1 << (stored - 1)
    else:
        fits = high < 1 << stored
    return stored if fits else allocated


def unsigned(samples: Samples, precision: int) -> Samples:
    """Return the two's complement of `precision` bits of each sample."""
    bare = np.ascontiguousarray(samples).view(f"u{samples.dtype.itemsize}")
    if precision < 8 * samples.dtype.itemsize and _is_signed(samples):
        bare = bare & bare.dtype.type((1 << precision) - 1)
    return bare.astype(np.uint8) if precision <= 8 and bare.itemsize > 1 else bare


def stored_values(samples: Samples, description: ImageDescription) -> Samples:
    """Return samples without the bits that are not theirs (DICOM PS3.5 8.1.1).

    What lies above High Bit, or below the stored bits, in old objects overlays.
    """
    if description.is_float or description.bits_allocated == 1:
        return samples
    bits = 8 * samples.dtype.itemsize
    above, below = bits - 1 - description.high_bit, bits - description.bits_stored
    if not below:
        return samples
    if above == below and not _is_signed(samples):
        mask = (1 << description.bits_stored) - 1
        alone: Samples = np.bitwise_and(samples, mask, dtype=samples.dtype)
        return alone
    shifted: Samples = np.left_shift(samples, above)
    return np.right_shift(shifted, below, out=shifted)


def _is_signed(samples: Samples) -> bool:
    return samples.dtype.kind == "i"
