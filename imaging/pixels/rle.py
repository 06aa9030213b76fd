"""RLE Lossless: a segment for each byte of each sample (DICOM PS3.5 annex G)."""

from struct import pack, unpack_from
from typing import Final

import imagecodecs
import numpy as np

from imaging.pixels import native
from imaging.pixels.description import ImageDescription
from imaging.pixels.headers import refuse
from imaging.pixels.native import Samples

_HEADER: Final = 64
_MOST_SEGMENTS: Final = 15


def decode(stream: bytes, description: ImageDescription) -> Samples:
    """Return the samples of a frame.

    Raises
    ------
    CannotTranscode
        It has not as many segments as the description asks for, or one is cut off.
    """
    if description.bits_allocated == 1:  # packed like native ones
        (segment,) = _segments(stream, 1)
        packed = _expanded(segment, -(-description.native_bits // 8))
        return native.decode(packed.tobytes(), description)
    width = np.dtype(description.dtype).itemsize
    number = width * description.samples_per_pixel
    size = description.rows * description.columns
    planes = np.empty((description.samples_per_pixel, size, width), np.uint8)
    for index, segment in enumerate(_segments(stream, number)):
        sample, place = divmod(index, width)
        # Most significant byte first (DICOM PS3.5 G.2).
        planes[sample, :, width - 1 - place] = _expanded(segment, size)
    samples = planes.view(np.dtype(description.dtype).newbyteorder("<"))
    return np.ascontiguousarray(samples[:, :, 0].T).reshape(description.shape)


def encode(samples: Samples, description: ImageDescription) -> bytes:
    """Return the frame as a stream; runs end with their row (DICOM PS3.5 G.3.1)."""
    width = samples.dtype.itemsize
    number = width * description.samples_per_pixel
    shape = (description.rows, description.columns, number)
    little = samples.astype(samples.dtype.newbyteorder("<"), copy=False)
    rows = np.ascontiguousarray(little).view(np.uint8).reshape(shape)
    segments = []
    for index in range(number):
        sample, place = divmod(index, width)
        plane = np.ascontiguousarray(rows[:, :, sample * width + width - 1 - place])
        if description.columns == 1:  # of no use to it, and not taken
            segment = np.insert(plane.ravel(), range(plane.size), 0).tobytes()
        else:
            segment = bytes(imagecodecs.packbits_encode(plane, axis=-1))
        segments.append(segment + bytes(len(segment) % 2))
    offsets = [0] * _MOST_SEGMENTS
    position = _HEADER
    for index, segment in enumerate(segments):
        offsets[index] = position
        position += len(segment)
    return pack("<16I", number, *offsets) + b"".join(segments)


def _segments(stream: bytes, number: int) -> list[bytes]:
    if len(stream) < _HEADER:
        refuse("its header is cut off")
    count, *offsets = unpack_from("<16I", stream)
    if count != number:
        refuse(f"it has {count} segments, not {number}")
    bounds = [*offsets[:count], len(stream)]
    if bounds[0] < _HEADER or bounds != sorted(bounds):
        refuse("its segments lie outside of it")
    return [stream[bounds[i] : bounds[i + 1]] for i in range(count)]


def _expanded(segment: bytes, size: int) -> Samples:
    try:
        plane = imagecodecs.packbits_decode(segment, out=bytearray(size))
    except imagecodecs.PackbitsError:
        plane = b""
    if len(plane) != size:
        refuse("a segment is of the wrong length")
    return np.frombuffer(plane, np.uint8)
