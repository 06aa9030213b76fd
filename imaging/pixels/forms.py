"""What a data set says of its pixels once these are decoded, or encoded.

Pure, without any codec: the header of an instance can be written, and what cannot be
made be refused, before the first frame is looked at.
"""

from dataclasses import replace
from typing import Final

from imaging.errors import CannotTranscode
from imaging.pixels.description import YBR_FULL_422, ImageDescription
from imaging.pixels.syntaxes_table import (
    CODECS,
    DECODED,
    ENCODED,
    HTJ2K_LOSSLESS,
    JPEG_2000,
    JPEG_2000_LOSSLESS,
    JPEG_BASELINE,
    NATIVE,
    RLE_LOSSLESS,
)

RGB: Final = "RGB"
YBR_FULL: Final = "YBR_FULL"
PALETTE: Final = "PALETTE COLOR"
MOST_SAMPLES: Final = 1 << 27
"""Of a frame that is decoded: 11,585 by 11,585 grey pixels, say."""

_COLOURS: Final = 3
_MOST_BITS: Final = 16
_SLACK_BYTES: Final = 1 << 20  # headers, colour profiles, previews
_MOST_RLE_BITS: Final = 32
_TRANSFORMED: Final = frozenset({"YBR_ICT", "YBR_RCT"})
# DICOM PS3.5 8.2.1, 8.2.4, 14: what the colours of an RGB image become in a stream.
_RGB_BECOMES: Final = {
    JPEG_BASELINE: YBR_FULL_422,
    JPEG_2000_LOSSLESS: "YBR_RCT",
    JPEG_2000: "YBR_ICT",
    HTJ2K_LOSSLESS: "YBR_RCT",
}


def after_decoding(
    transfer_syntax_uid: str, description: ImageDescription
) -> ImageDescription:
    """Return what is said of the samples that `imaging.pixels.decode` gives.

    Samples of a pixel lie together. Colours of cosine transformed JPEG come as RGB,
    whatever the stream had; those of JPEG 2000 with its transformation undone. Other
    ``YBR_FULL`` stays, with chrominance for every pixel.

    Raises
    ------
    CannotTranscode
        There is no codec for the transfer syntax, or a frame is larger than is decoded.
    """
    if description.number_of_samples > MOST_SAMPLES:
        size = f"{description.rows} by {description.columns}"
        message = (
            f"A frame of {size} pixels is larger than is decoded. Ask for it as stored."
        )
        raise CannotTranscode(message)
    if transfer_syntax_uid not in DECODED:
        message = "There is no codec for the transfer syntax. Ask for it as stored."
        raise CannotTranscode(message)
    meaning = description.photometric_interpretation
    codec = CODECS[transfer_syntax_uid]
    if meaning in _TRANSFORMED or (
        codec.has_cosines and description.samples_per_pixel == _COLOURS
    ):
        meaning = RGB
    elif meaning == YBR_FULL_422:
        meaning = YBR_FULL
    return replace(
        description, photometric_interpretation=meaning, planar_configuration=0
    )


def after_encoding(
    transfer_syntax_uid: str, description: ImageDescription
) -> ImageDescription:
    """Return what is said of samples that `imaging.pixels.encode` has encoded.

    Raises
    ------
    CannotTranscode
        Such pixels cannot be in that transfer syntax, or it is not encoded here.
    """
    refusal = _refusal(transfer_syntax_uid, description)
    if refusal:
        raise CannotTranscode(refusal)
    meaning = description.photometric_interpretation
    if meaning == RGB:
        meaning = _RGB_BECOMES.get(transfer_syntax_uid, RGB)
    elif meaning == YBR_FULL and transfer_syntax_uid == JPEG_BASELINE:
        meaning = YBR_FULL_422
    return replace(description, photometric_interpretation=meaning)


def longest_stream(description: ImageDescription) -> int:
    """Return how many bytes of a frame are looked at: no codec makes more of it."""
    return 2 * (description.native_bits // 8) + _SLACK_BYTES


def _refusal(transfer_syntax_uid: str, description: ImageDescription) -> str:
    if transfer_syntax_uid not in ENCODED:
        return "The transfer syntax is not encoded here."
    if transfer_syntax_uid in NATIVE:
        return ""
    name = CODECS[transfer_syntax_uid].name
    bits = description.bits_allocated
    if description.is_float or bits == 1:
        kind = "Floating point" if description.is_float else "Single-bit"
        return f"{kind} pixels are not encoded as {name}."
    if bits > (_MOST_RLE_BITS if transfer_syntax_uid == RLE_LOSSLESS else _MOST_BITS):
        return f"Pixels of {bits} bits are not encoded as {name}."
    if CODECS[transfer_syntax_uid].lossless:
        return ""
    if description.photometric_interpretation == PALETTE:
        return f"Indexes of a palette would become others as {name}."
    if transfer_syntax_uid == JPEG_BASELINE and not _is_baseline(description):
        return f"{name} has unsigned pixels of 8 bits, grey, RGB or YBR."
    return ""


def _is_baseline(description: ImageDescription) -> bool:
    grey = description.samples_per_pixel == 1
    colours = description.photometric_interpretation in {RGB, YBR_FULL}
    return (
        description.bits_allocated == 8
        and not description.is_signed
        and (grey or colours)
    )
