"""JPEG: baseline, extended and lossless, by libjpeg-turbo (DICOM PS3.5 8.2.1)."""

from typing import Final

import imagecodecs
import numpy as np

from imaging.pixels.description import ImageDescription
from imaging.pixels.forms import YBR_FULL
from imaging.pixels.headers import JpegHeader, jpeg_header, refuse
from imaging.pixels.native import Samples
from imaging.pixels.precision import conform, precision_of, require, unsigned

_LOSSLESS: Final = 0xC3
_PROGRESSIVE: Final = 0xC2
_WITH_COSINES: Final = frozenset({0xC0, 0xC1, _PROGRESSIVE})
_RGB: Final = "RGB"
_GREY: Final = "GRAYSCALE"
_YCBCR: Final = "YCBCR"
_QUALITY: Final = 90
_FEWEST_BITS: Final = 2
_SPACES: Final = {1: _GREY, 3: _RGB, 4: "CMYK"}


def decode(stream: bytes, description: ImageDescription) -> Samples:
    """Return the samples of a frame; of cosine transformed colours always as RGB.

    Raises
    ------
    CannotTranscode
        The stream is damaged or not what the description says.
    """
    header = jpeg_header(stream)
    if header.process not in {_LOSSLESS, *_WITH_COSINES}:
        refuse("it is of a JPEG process that is not in DICOM")
    require(header, description)
    if 8 * len(stream) < _fewest_bits(header):
        refuse("it ends long before its last pixel")
    stored, wanted = _colours(header, description)
    dtype = np.uint8 if header.precision <= 8 else np.uint16
    try:
        samples = imagecodecs.jpeg8_decode(
            stream,
            colorspace=stored,
            outcolorspace=wanted,
            out=np.empty(description.shape, dtype),
        )
    except (imagecodecs.Jpeg8Error, ValueError):
        refuse("it cannot be decoded as JPEG")
    return conform(samples, header.precision, description)


def encode(samples: Samples, description: ImageDescription, *, lossless: bool) -> bytes:
    """Return the frame as JPEG Lossless with predictor 1, or as baseline.

    Baseline colours are written as YCbCr with chrominance for every other pixel.
    """
    precision = max(_FEWEST_BITS, precision_of(samples, description))
    values = unsigned(samples, precision)
    if lossless:
        space = _SPACES[description.samples_per_pixel]
        return bytes(
            imagecodecs.jpeg8_encode(
                values,
                colorspace=space,
                outcolorspace=space,
                lossless=True,
                predictor=1,
                bitspersample=precision,
            )
        )
    grey = description.samples_per_pixel == 1
    is_ybr = description.photometric_interpretation == YBR_FULL
    return bytes(
        imagecodecs.jpeg8_encode(
            values,
            _QUALITY,
            colorspace=_GREY if grey else _YCBCR if is_ybr else _RGB,
            outcolorspace=_GREY if grey else _YCBCR,
            subsampling=None if grey else "422",
        )
    )


def _fewest_bits(header: JpegHeader) -> int:
    """Return how many bits a picture needs, if it were of one colour all over.

    A decoder makes up what is missing, at the price of a real picture: a bit for each
    sample without loss, two for each block of 64 with cosines; of progressive ones
    nothing can be said.
    """
    if header.process == _LOSSLESS:
        return header.rows * header.columns * header.components
    if header.process == _PROGRESSIVE:
        return 0
    return 2 * (-(-header.rows // 8)) * (-(-header.columns // 8))


def _colours(header: JpegHeader, description: ImageDescription) -> tuple[str, str]:
    """Return what the samples of the stream are, and what they should become.

    The stream's own marks go before the data set, whose Photometric Interpretation is
    often wrong where an image was compressed by something that knew no DICOM.
    """
    space = _SPACES[description.samples_per_pixel]
    if space != _RGB or header.process == _LOSSLESS:
        return space, space  # as they are: nothing is transformed
    by_data_set = description.photometric_interpretation == _RGB
    is_rgb = by_data_set if header.is_rgb is None else header.is_rgb
    return (_RGB if is_rgb else _YCBCR), _RGB
