"""Frames that are not compressed, as numpy arrays and back (DICOM PS3.5 8.1, A.1-A.5).

In little endian, the first pixel of single bits in the lowest bit of the first byte:
as `imaging.frames` gives them, from whatever they were stored in.
"""

import zlib

import numpy as np
from numpy.typing import NDArray

from imaging.pixels.description import YBR_FULL_422, ImageDescription
from imaging.pixels.headers import refuse

Samples = NDArray[np.generic]


def decode(stream: bytes, description: ImageDescription) -> Samples:
    """Return the samples of a frame, those of a pixel together.

    Chrominance that is there for every other pixel is given to both (DICOM PS3.3
    C.7.6.3.1.2), so that ``YBR_FULL_422`` becomes ``YBR_FULL``.

    Raises
    ------
    CannotTranscode
        The frame is shorter than its description says.
    """
    size = -(-description.native_bits // 8)
    if len(stream) < size:
        refuse(f"it has {len(stream)} bytes of {size}")
    if description.bits_allocated == 1:
        return _single_bits(stream, description)
    dtype = np.dtype(description.dtype).newbyteorder("<")
    flat = np.frombuffer(stream, dtype, size // dtype.itemsize)
    if description.photometric_interpretation == YBR_FULL_422:
        return _all_chrominance(flat, description)
    if description.planar_configuration == 1:
        planes = (description.samples_per_pixel, description.rows, description.columns)
        return np.ascontiguousarray(np.moveaxis(flat.reshape(planes), 0, -1))
    return flat.reshape(description.shape)


def inflate(stream: bytes, description: ImageDescription) -> Samples:
    """Return the samples of a frame in a raw deflate stream (DICOM PS3.5 8.2.16).

    Raises
    ------
    CannotTranscode
        The stream is damaged, or holds less or more than the description says.
    """
    size = -(-description.native_bits // 8)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        octets = inflater.decompress(stream, size + 2)
    except zlib.error:
        refuse("it is not a deflate stream")
    if len(octets) > size + size % 2:
        refuse(f"it inflates to more than {size} bytes")
    return decode(octets, description)


def encode(samples: Samples, description: ImageDescription) -> bytes:
    """Return the frame in little endian, the samples of a pixel together."""
    if description.bits_allocated == 1:
        return np.packbits(samples.astype("u1"), bitorder="little").tobytes()
    return samples.astype(samples.dtype.newbyteorder("<"), copy=False).tobytes()


def _single_bits(stream: bytes, description: ImageDescription) -> Samples:
    packed = np.frombuffer(stream, np.uint8)
    count = description.number_of_samples
    bits = np.unpackbits(packed, count=count, bitorder="little")
    if description.planar_configuration == 1:
        planes = (description.samples_per_pixel, description.rows, description.columns)
        return np.ascontiguousarray(np.moveaxis(bits.reshape(planes), 0, -1))
    return bits.reshape(description.shape)


def _all_chrominance(flat: Samples, description: ImageDescription) -> Samples:
    pairs = flat.reshape(-1, 4)  # Y1 Y2 Cb Cr
    pixels = np.empty((len(pairs), 2, 3), flat.dtype)
    pixels[:, :, 0] = pairs[:, :2]
    pixels[:, :, 1:] = pairs[:, np.newaxis, 2:]
    return pixels.reshape(description.shape)
