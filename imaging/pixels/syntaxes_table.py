"""Transfer syntaxes: which are decoded and encoded here, by what, under which licence.

DICOM PS3.5 annex A, PS3.6 table A-1. The same table is in docs/conformance.md; a test
holds them together. What is lossy is made only where a client asks for it by name.
"""

from typing import Final, NamedTuple

IMPLICIT_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2"
EXPLICIT_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2.1"
ENCAPSULATED_UNCOMPRESSED: Final = "1.2.840.10008.1.2.1.98"
DEFLATED: Final = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG_ENDIAN: Final = "1.2.840.10008.1.2.2"
JPEG_BASELINE: Final = "1.2.840.10008.1.2.4.50"
JPEG_EXTENDED: Final = "1.2.840.10008.1.2.4.51"
JPEG_LOSSLESS: Final = "1.2.840.10008.1.2.4.57"
JPEG_LOSSLESS_SV1: Final = "1.2.840.10008.1.2.4.70"
JPEG_LS_LOSSLESS: Final = "1.2.840.10008.1.2.4.80"
JPEG_LS_NEAR_LOSSLESS: Final = "1.2.840.10008.1.2.4.81"
JPEG_2000_LOSSLESS: Final = "1.2.840.10008.1.2.4.90"
JPEG_2000: Final = "1.2.840.10008.1.2.4.91"
HTJ2K_LOSSLESS: Final = "1.2.840.10008.1.2.4.201"
HTJ2K_LOSSLESS_RPCL: Final = "1.2.840.10008.1.2.4.202"
HTJ2K: Final = "1.2.840.10008.1.2.4.203"
RLE_LOSSLESS: Final = "1.2.840.10008.1.2.5"
DEFLATED_FRAMES: Final = "1.2.840.10008.1.2.8.1"


class Codec(NamedTuple):
    """What can be done with a transfer syntax.

    Attributes
    ----------
    kind
        Which module handles it.
    writes
        ``exact`` or ``lossy``; empty where it is read only.
    method
        Lossy Image Compression Method of what may be lossy (DICOM PS3.3 C.7.6.1.1.5.1).
    """

    uid: str
    name: str
    kind: str
    writes: str
    library: str
    licence: str
    method: str = ""

    @property
    def encodes(self) -> bool:
        """Return whether it is also written."""
        return bool(self.writes)

    @property
    def lossless(self) -> bool:
        """Return whether what is written is exact."""
        return self.writes == "exact"

    @property
    def has_cosines(self) -> bool:
        """Return whether JPEG's lossy process makes it, which transforms colours."""
        return self.method == _ISO_10918_1


_ZLIB: Final = ("zlib (Python)", "Zlib")
_NUMPY: Final = ("numpy", "BSD-3-Clause")
_TURBO: Final = ("libjpeg-turbo (imagecodecs)", "IJG, BSD-3-Clause")
_CHARLS: Final = ("CharLS (imagecodecs)", "BSD-3-Clause")
_OPENJPEG: Final = ("OpenJPEG (imagecodecs)", "BSD-2-Clause")
_OPENJPH: Final = ("OpenJPEG, written by OpenJPH (imagecodecs)", "BSD-2-Clause")
_PACKBITS: Final = ("imagecodecs", "BSD-3-Clause")
_ISO_10918_1: Final = "ISO_10918_1"
_ISO_14495_1: Final = "ISO_14495_1"
_ISO_15444_1: Final = "ISO_15444_1"
_ISO_15444_15: Final = "ISO_15444_15"

_ROWS: Final = (
    Codec(IMPLICIT_LITTLE_ENDIAN, "Implicit VR Little Endian", "native", "exact", *_NUMPY),
    Codec(EXPLICIT_LITTLE_ENDIAN, "Explicit VR Little Endian", "native", "exact", *_NUMPY),
    Codec(ENCAPSULATED_UNCOMPRESSED, "Encapsulated Uncompressed Explicit VR Little Endian", "native", "", *_NUMPY),
    Codec(DEFLATED, "Deflated Explicit VR Little Endian", "native", "", *_NUMPY),
    Codec(EXPLICIT_BIG_ENDIAN, "Explicit VR Big Endian", "native", "", *_NUMPY),
    Codec(JPEG_BASELINE, "JPEG Baseline (Process 1)", "jpeg", "lossy", *_TURBO, _ISO_10918_1),
    Codec(JPEG_EXTENDED, "JPEG Extended (Process 2 & 4)", "jpeg", "", *_TURBO, _ISO_10918_1),
    Codec(JPEG_LOSSLESS, "JPEG Lossless (Process 14)", "jpeg", "", *_TURBO),
    Codec(JPEG_LOSSLESS_SV1, "JPEG Lossless (Process 14, Selection Value 1)", "jpeg", "exact", *_TURBO),
    Codec(JPEG_LS_LOSSLESS, "JPEG-LS Lossless", "jpeg-ls", "exact", *_CHARLS),
    Codec(JPEG_LS_NEAR_LOSSLESS, "JPEG-LS Near-Lossless", "jpeg-ls", "", *_CHARLS, _ISO_14495_1),
    Codec(JPEG_2000_LOSSLESS, "JPEG 2000 Lossless", "jpeg-2000", "exact", *_OPENJPEG),
    Codec(JPEG_2000, "JPEG 2000", "jpeg-2000", "lossy", *_OPENJPEG, _ISO_15444_1),
    Codec(HTJ2K_LOSSLESS, "High-Throughput JPEG 2000 Lossless", "htj2k", "exact", *_OPENJPH),
    Codec(HTJ2K_LOSSLESS_RPCL, "High-Throughput JPEG 2000 Lossless RPCL", "htj2k", "", *_OPENJPH),
    Codec(HTJ2K, "High-Throughput JPEG 2000", "htj2k", "", *_OPENJPH, _ISO_15444_15),
    Codec(RLE_LOSSLESS, "RLE Lossless", "rle", "exact", *_PACKBITS),
    Codec(DEFLATED_FRAMES, "Deflated Image Frame Compression", "deflate", "", *_ZLIB),
)  # fmt: skip
CODECS: Final = {codec.uid: codec for codec in _ROWS}
DECODED: Final = frozenset(CODECS)
ENCODED: Final = frozenset(uid for uid, codec in CODECS.items() if codec.encodes)
NATIVE: Final = frozenset(
    uid for uid, codec in CODECS.items() if codec.kind == "native"
)
"""Not compressed; a frame of them is given and taken in little endian."""
