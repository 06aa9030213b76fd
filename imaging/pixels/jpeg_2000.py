"""JPEG 2000 by OpenJPEG, which reads high-throughput, too; OpenJPH writes that.

DICOM PS3.5 8.2.4, 8.2.14.

Colours are transformed inside of a codestream and come out of it as they went in.
"""

from math import ceil, log10
from typing import Final

import imagecodecs

from imaging.pixels.description import ImageDescription
from imaging.pixels.forms import RGB
from imaging.pixels.headers import jpeg_2000_codestream, jpeg_2000_header, refuse
from imaging.pixels.native import Samples
from imaging.pixels.precision import conform, precision_of, require

_RESOLUTIONS: Final = 6
# Root mean square, in steps of a sample and as a part of the range in use: about half
# the noise of a CT.
_LEAST_ERROR: Final = 1.0
_PARTS_OF_RANGE: Final = 1000


def decode(stream: bytes, description: ImageDescription) -> Samples:
    """Return the samples of a frame, high-throughput or not: OpenJPEG reads both.

    Raises
    ------
    CannotTranscode
        The stream is damaged or not what the description says.
    """
    codestream = jpeg_2000_codestream(stream)
    header = jpeg_2000_header(codestream)
    require(header, description)
    try:
        samples = imagecodecs.jpeg2k_decode(codestream, numthreads=1)
    except (imagecodecs.Jpeg2kError, ValueError):
        refuse("it cannot be decoded as JPEG 2000")
    return conform(samples, header.precision, description)


def encode(samples: Samples, description: ImageDescription, *, lossless: bool) -> bytes:
    """Return the frame as a codestream of JPEG 2000."""
    precision = precision_of(samples, description)
    return bytes(
        imagecodecs.jpeg2k_encode(
            samples,
            0 if lossless else _quality(samples, precision),
            codecformat="J2K",
            bitspersample=precision,
            reversible=lossless,
            mct=description.photometric_interpretation == RGB,
            resolutions=_resolutions(description),
            numthreads=1,
        )
    )


def encode_throughput(samples: Samples, description: ImageDescription) -> bytes:
    """Return the frame as a lossless codestream of high-throughput JPEG 2000."""
    is_rgb = description.photometric_interpretation == RGB
    return bytes(imagecodecs.htj2k_encode(samples, reversible=True, rgb=is_rgb))


def _quality(samples: Samples, precision: int) -> int:
    """Return the ratio of signal to noise, in dB, that OpenJPEG should reach.

    It counts from the largest number of so many bits. A CT in 16 bits uses a tenth of
    these, and what is near in the whole of them is far off in tissue: the error aimed
    at is a part of the range in use.
    """
    in_use = int(samples.max()) - int(samples.min())
    error = max(_LEAST_ERROR, in_use / _PARTS_OF_RANGE)
    return ceil(20 * log10(((1 << precision) - 1) / error))


def _resolutions(description: ImageDescription) -> int:
    """Return the usual six, fewer for small pictures, which have no more."""
    side = min(description.rows, description.columns)
    return max(1, min(_RESOLUTIONS, side.bit_length()))
