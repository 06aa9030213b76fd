"""JPEG-LS by CharLS (DICOM PS3.5 8.2.3)."""

from typing import Final

import imagecodecs
import numpy as np

from imaging.pixels.description import ImageDescription
from imaging.pixels.headers import jpeg_header, refuse
from imaging.pixels.native import Samples
from imaging.pixels.precision import conform, require, unsigned

_PROCESS: Final = 0xF7
_HEADER_BYTES: Final = 1024


def decode(stream: bytes, description: ImageDescription) -> Samples:
    """Return the samples of a frame, whatever their interleaving in the stream.

    Raises
    ------
    CannotTranscode
        The stream is damaged or not what the description says.
    """
    header = jpeg_header(stream)
    if header.process != _PROCESS:
        refuse("it is not JPEG-LS")
    require(header, description)
    try:
        samples = imagecodecs.jpegls_decode(stream)
    except (imagecodecs.JpeglsError, ValueError):
        refuse("it cannot be decoded as JPEG-LS")
    planes = (description.samples_per_pixel, description.rows, description.columns)
    if samples.shape == planes != description.shape:
        samples = np.ascontiguousarray(np.moveaxis(samples, 0, -1))
    return conform(samples, header.precision, description)


def encode(samples: Samples, description: ImageDescription) -> bytes:
    """Return the frame as a lossless stream, of as many bits as are allocated.

    Negative numbers then keep their sign for readers who look at no data set; those of
    12 bits take 1.5 % more than in a stream of 12.
    """
    values = unsigned(samples, description.bits_allocated)
    # Noise becomes longer; the room that the library takes by itself is too small then.
    room = 2 * values.nbytes + _HEADER_BYTES
    return bytes(imagecodecs.jpegls_encode(values, out=room))
