"""Graphics that are stored beside the pixels (DICOM PS3.3 C.9.2)."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from imaging.rendering.attributes import Bulk, Model, numbers, octets, text, whole

Bits = NDArray[np.bool_]

GROUPS: Final = tuple(range(0x6000, 0x6020, 2))
_MOST_SIDE: Final = 65_535
_MOST_BITS: Final = 1 << 27
_GRAPHICS: Final = "G"


def graphics(
    samples: NDArray[Any],
    model: Model,
    frame: int,
    bulk: Bulk,
    groups: Iterable[int] = GROUPS,
) -> Iterator[Bits]:
    """Yield each plane of graphics of a frame: where it draws, of the frame's shape.

    Regions of interest (type R) mark pixels and are not drawn.

    Parameters
    ----------
    samples
        As they were decoded: old objects keep graphics beside the stored bits.
    frame
        Its number, from 1.
    groups
        Those of the planes that are wanted.
    """
    for group in groups:
        if text(model, f"{group:04X}0040") != _GRAPHICS:
            continue
        if has_plane(model, group):
            drawn = plane(model, group, samples.shape[:2], bulk, frame)
        else:
            drawn = _embedded(samples, _Overlay(model, group))
        if drawn is not None:
            yield drawn


def has_plane(model: Model, group: int) -> bool:
    """Return whether a group has a plane of its own, not in bits of the pixels."""
    return bool(model.get(f"{group:04X}3000"))


class _Overlay:
    """The attributes of one plane."""

    def __init__(self, model: Model, group: int) -> None:
        self.model = model
        self.key = f"{group:04X}"
        self.rows = whole(model, f"{self.key}0010", 0)
        self.columns = whole(model, f"{self.key}0011", 0)
        self.frames = whole(model, f"{self.key}0015", 1)
        self.first_frame = whole(model, f"{self.key}0051", 1)
        self.bit = whole(model, f"{self.key}0102", 0)
        origin = numbers(model, f"{self.key}0050")
        row, column = origin[:2] if len(origin) > 1 else (1, 1)
        self.row, self.column = int(row), int(column)

    @property
    def is_sound(self) -> bool:
        """Return whether it is a plane that can exist."""
        sides = (self.rows, self.columns)
        places = (self.row, self.column)
        return (
            all(1 <= side <= _MOST_SIDE for side in sides)
            and self.rows * self.columns <= _MOST_BITS
            and all(abs(place) <= _MOST_SIDE for place in places)
        )


def plane(
    model: Model, group: int, shape: tuple[int, ...], bulk: Bulk, frame: int = 1
) -> Bits | None:
    """Return a plane, laid upon a frame of so many rows and columns; None without."""
    overlay = _Overlay(model, group)
    data = octets(model, f"{overlay.key}3000", bulk)
    if not data:
        return None
    number = frame - overlay.first_frame
    if overlay.frames <= 1:
        number = 0
    if not overlay.is_sound or number < 0:
        return None
    size = overlay.rows * overlay.columns
    first, last = number * size, (number + 1) * size
    if last > 8 * len(data):
        return None
    packed = np.frombuffer(data[first // 8 : -(-last // 8)], np.uint8)
    bits = np.unpackbits(packed, bitorder="little")[first % 8 :][:size]
    drawn = bits.reshape(overlay.rows, overlay.columns).astype(bool)
    return _placed(drawn, overlay, shape)


def _embedded(samples: NDArray[Any], overlay: _Overlay) -> Bits | None:
    """Return graphics in the bits beside the stored ones (retired, PS3.5 8.1.2)."""
    bits = 8 * samples.dtype.itemsize
    if samples.ndim != 2 or samples.dtype.kind not in "iu":
        return None
    return (samples >> overlay.bit) & 1 == 1 if 0 < overlay.bit < bits else None


def _placed(drawn: Bits, overlay: _Overlay, shape: tuple[int, ...]) -> Bits:
    """Return a plane where its origin puts it on the frame; what juts out is cut."""
    made = np.zeros(shape, bool)
    row, column = overlay.row - 1, overlay.column - 1
    top, left = max(row, 0), max(column, 0)
    height, width = max(0, shape[0] - top), max(0, shape[1] - left)
    part = drawn[top - row :, left - column :][:height, :width]
    if part.size:
        made[top : top + part.shape[0], left : left + part.shape[1]] = part
    return made
