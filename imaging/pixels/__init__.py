"""Pixels: frames decoded to numbers and encoded again, frame by frame.

Pure: no database, no knowledge of files. A frame is what `imaging.frames` reads: its
compressed stream, or its octets in little endian. How to turn one into another form::

    described = ImageDescription.of(model)            # the stored DICOM JSON model
    samples, meaning = decode(stream, stored_syntax, described)
    plain = after_decoding(stored_syntax, described)  # of the samples
    made = encode(samples, wanted_syntax, plain)
    header = after_encoding(wanted_syntax, plain)     # of what was made

The codecs are loaded by the first frame: an idle server holds neither them nor numpy.
"""

from typing import TYPE_CHECKING

from imaging.pixels.description import ImageDescription
from imaging.pixels.forms import after_decoding, after_encoding, longest_stream
from imaging.pixels.syntaxes_table import (
    CODECS,
    DECODED,
    ENCODED,
    EXPLICIT_LITTLE_ENDIAN,
    IMPLICIT_LITTLE_ENDIAN,
    NATIVE,
)

if TYPE_CHECKING:
    from imaging.pixels.codec import Decoded
    from imaging.pixels.native import Samples

__all__ = [
    "CODECS",
    "DECODED",
    "ENCODED",
    "EXPLICIT_LITTLE_ENDIAN",
    "IMPLICIT_LITTLE_ENDIAN",
    "NATIVE",
    "ImageDescription",
    "after_decoding",
    "after_encoding",
    "decode",
    "encode",
    "longest_stream",
    "stored_values",
]


def decode(
    stream: bytes, transfer_syntax_uid: str, description: ImageDescription
) -> "Decoded":
    """Return the samples of a frame, and what they mean.

    Parameters
    ----------
    stream
        The compressed stream of one frame, or its octets in little endian.
    transfer_syntax_uid
        That of the stream; one of `DECODED`.

    Returns
    -------
    Decoded
        ``(samples, photometric_interpretation)``: an array of shape (rows, columns) or
        (rows, columns, samples), index 0 top left, of the description's ``dtype``; and
        the Photometric Interpretation that is now right, as of `after_decoding`. Bits
        that are not stored ones are as they were (`stored_values`). It may be read
        only.

    Raises
    ------
    CannotTranscode
        The stream is damaged, contradicts the description, or is larger than is
        decoded: told before memory is allocated for what it declares.
    Busy
        Several large frames are being decoded.

    References
    ----------
    DICOM PS3.5 8.2, annex A
    """
    from imaging.pixels import codec  # noqa: PLC0415 loads numpy and the codecs

    return codec.decode(stream, transfer_syntax_uid, description)


def encode(
    samples: "Samples", transfer_syntax_uid: str, description: ImageDescription
) -> bytes:
    """Return the stream of a frame; exact where the transfer syntax is lossless.

    Parameters
    ----------
    samples
        As of `decode`.
    transfer_syntax_uid
        One of `ENCODED`.
    description
        What is said of these samples; their Planar Configuration is not looked at.

    Raises
    ------
    CannotTranscode
        Such pixels cannot be in that transfer syntax, as `after_encoding` says.
    ValueError
        The samples are not of the shape and type described: a bug of the caller.
    """
    from imaging.pixels import codec  # noqa: PLC0415 loads numpy and the codecs

    return codec.encode(samples, transfer_syntax_uid, description)


def stored_values(samples: "Samples", description: ImageDescription) -> "Samples":
    """Return samples without bits beside the stored ones (DICOM PS3.5 8.1.1, 8.1.2).

    What a picture is made of; old objects keep overlays in the other bits.
    """
    from imaging.pixels import precision  # noqa: PLC0415 loads numpy

    return precision.stored_values(samples, description)
