"""JPEG 2000 by OpenJPEG, which reads high-throughput, too; OpenJPH writes that.

DICOM PS3.5 8.2.4, 8.2.14.

Colours are transformed inside of a codestream and come out of it as they went in.
"""

from typing import Final

import imagecodecs

from imaging.pixels.description import ImageDescription
from imaging.pixels.forms import RGB
from imaging.pixels.headers import jpeg_2000_codestream, jpeg_2000_header, refuse
from imaging.pixels.native import Samples
from imaging.pixels.precision import conform, precision_of, require

_RESOLUTIONS: Final = 6
# Signal to noise in dB: what real archives call visually lossless.
_QUALITY: Final = 50


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
    return bytes(
        imagecodecs.jpeg2k_encode(
            samples,
            0 if lossless else _QUALITY,
            codecformat="J2K",
            bitspersample=precision_of(samples, description),
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


def _resolutions(description: ImageDescription) -> int:
    """Return the usual six, fewer for small pictures, which have no more."""
    side = min(description.rows, description.columns)
    return max(1, min(_RESOLUTIONS, side.bit_length()))
