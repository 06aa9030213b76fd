"""A frame decoded or encoded: the one door to all codecs, with their limits.

Memory: OpenJPEG keeps 32 bits for each sample, and another copy is made, so that a
frame of the largest size takes 1 GB for a moment. Of frames that are large, one at a
time is worked on in a process: many requests for them wait instead of adding up.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final, NamedTuple

from core.errors import Busy
from imaging.pixels import jpeg, jpeg_2000, jpeg_ls, native, rle
from imaging.pixels.description import ImageDescription
from imaging.pixels.forms import after_decoding, after_encoding, longest_stream
from imaging.pixels.headers import refuse
from imaging.pixels.native import Samples
from imaging.pixels.syntaxes_table import CODECS

_LARGE: Final = 1 << 24
_WAIT_S: Final = 20.0
_one_large: Final = Lock()


class Decoded(NamedTuple):
    """A frame as numbers.

    Attributes
    ----------
    samples
        Of shape (rows, columns) or (rows, columns, samples).
    photometric_interpretation
        What the samples mean; not always what the data set says of the stream.
    """

    samples: Samples
    photometric_interpretation: str


def decode(
    stream: bytes, transfer_syntax_uid: str, description: ImageDescription
) -> Decoded:
    """Return the samples of a frame; see `imaging.pixels.decode`."""
    becomes = after_decoding(transfer_syntax_uid, description)
    if len(stream) > longest_stream(description):
        refuse("it is longer than its pixels could make it")
    with _memory(description):
        match CODECS[transfer_syntax_uid].kind:
            case "native":
                samples = native.decode(stream, description)
            case "rle":
                samples = rle.decode(stream, description)
            case "jpeg":
                samples = jpeg.decode(stream, description)
            case "jpeg-ls":
                samples = jpeg_ls.decode(stream, description)
            case "deflate":
                samples = native.inflate(stream, description)
            case _:
                samples = jpeg_2000.decode(stream, description)
    return Decoded(samples, becomes.photometric_interpretation)


def encode(
    samples: Samples, transfer_syntax_uid: str, description: ImageDescription
) -> bytes:
    """Return the stream of a frame; see `imaging.pixels.encode`."""
    after_encoding(transfer_syntax_uid, description)
    if samples.shape != description.shape or samples.dtype != description.dtype:
        message = f"{samples.dtype} of {samples.shape} is not as described"
        raise ValueError(message)
    lossless = CODECS[transfer_syntax_uid].lossless
    with _memory(description):
        match CODECS[transfer_syntax_uid].kind:
            case "native":
                return native.encode(samples, description)
            case "rle":
                return rle.encode(samples, description)
            case "jpeg":
                return jpeg.encode(samples, description, lossless=lossless)
            case "jpeg-ls":
                return jpeg_ls.encode(samples, description)
            case "htj2k":
                return jpeg_2000.encode_throughput(samples, description)
            case _:
                return jpeg_2000.encode(samples, description, lossless=lossless)


@contextmanager
def _memory(description: ImageDescription) -> Iterator[None]:
    """Wait for the turn of a large frame."""
    if description.number_of_samples <= _LARGE:
        yield
        return
    if not _one_large.acquire(timeout=_WAIT_S):
        message = "Other large frames are being decoded. Try again."
        raise Busy(message)
    try:
        yield
    finally:
        _one_large.release()
