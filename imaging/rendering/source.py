"""What a picture is made of: pure, without numpy."""

from dataclasses import dataclass

from imaging.rendering.attributes import Bulk, Model


@dataclass(frozen=True, slots=True)
class FrameSource:
    """One frame as it is stored.

    Attributes
    ----------
    stream
        Its compressed stream, or its octets in little endian.
    model
        The DICOM JSON model of its instance.
    number
        Of the frame, from 1.
    bulk
        Reads the bulk values that the model names.
    """

    stream: bytes
    transfer_syntax_uid: str
    model: Model
    number: int
    bulk: Bulk
