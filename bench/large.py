"""Objects too large for memory: made while they are sent, known byte by byte.

All frames share their bytes but for the first eight, which carry the frame's number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Final

from bench.corpus import STAMP_BYTES, Corpus, stamp_of
from bench.template import SHAPES, Kind

LARGEST_BYTES: Final = 2**32 - 2  # of a native value
_SHAPE: Final = SHAPES[Kind.MULTI_FRAME]
_NUMBER_OF_FRAMES: Final = b"\x28\x00\x08\x00IS"  # (0028,0008), DICOM PS3.5 7.1.2
_PIXEL_DATA: Final = b"\xe0\x7f\x10\x00OB\x00\x00"  # (7FE0,0010)


@dataclass(frozen=True, slots=True)
class LargeObject:
    """A multi-frame object of 8 bits; `head` is all before its pixels."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    head: bytes
    number_of_frames: int

    @property
    def size_bytes(self) -> int:
        """Return the length of the whole DICOM file."""
        return len(self.head) + self.number_of_frames * _SHAPE.frame_bytes

    @property
    def path(self) -> str:
        """Return the address of the instance below the service's base."""
        series = f"/studies/{self.study_instance_uid}/series/{self.series_instance_uid}"
        return f"{series}/instances/{self.sop_instance_uid}"

    def content(self) -> Iterator[bytes]:
        """Yield the DICOM file in pieces."""
        return chain([self.head], map(frame, range(1, self.number_of_frames + 1)))


def frame(number: int) -> bytes:
    """Return the pixels of frame `number`, counted from 1."""
    return number.to_bytes(STAMP_BYTES, "little") + _shared()


def large_study(seed: str, *, objects: int, size_bytes: int) -> list[LargeObject]:
    """Return the objects of a study, each of about `size_bytes` and equally long.

    The same `seed` gives the same bytes.

    Raises
    ------
    ValueError
        No native pixel data can be so long.
    """
    number = max(1, round(size_bytes / _SHAPE.frame_bytes))
    if number * _SHAPE.frame_bytes > LARGEST_BYTES:
        message = f"no pixel data has {number * _SHAPE.frame_bytes:,} bytes"
        raise ValueError(message)
    corpus = Corpus(seed).studies(Kind.MULTI_FRAME, instances_per_series=objects)
    study = next(corpus)
    (series,) = study.series
    return [
        LargeObject(
            study.study_instance_uid,
            series.series_instance_uid,
            instance.sop_instance_uid,
            _with_frames(instance.head[:-STAMP_BYTES], number),
            number,
        )
        for instance in series.instances
    ]


def _with_frames(head: bytes, number: int) -> bytes:
    """Return the bytes before the pixels, changed to so many frames."""
    before, tag, after = head.partition(_NUMBER_OF_FRAMES)
    length = int.from_bytes(after[:2], "little")
    text = str(number).encode()
    text += b" " * (len(text) % 2)
    others = after[2 + length :].removesuffix(_pixels(_SHAPE.number_of_frames))
    value = len(text).to_bytes(2, "little") + text
    return before + tag + value + others + _pixels(number)


def _pixels(number_of_frames: int) -> bytes:
    """Return how an element of so many frames begins (DICOM PS3.5 7.1.2)."""
    length = number_of_frames * _SHAPE.frame_bytes
    return _PIXEL_DATA + length.to_bytes(4, "little")


@cache
def _shared() -> bytes:
    return stamp_of(Kind.MULTI_FRAME).tail[: _SHAPE.frame_bytes - STAMP_BYTES]
