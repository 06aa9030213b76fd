"""What a picture is made of: pure, without numpy."""

from collections.abc import Callable
from dataclasses import dataclass

from imaging.rendering.attributes import Bulk, Model
from imaging.rendering.states import PresentationState


@dataclass(frozen=True, slots=True)
class FrameSource:
    """One frame as it is stored.

    Attributes
    ----------
    read
        Reads its compressed stream, or its octets in little endian: once it is known
        that they can be decoded.
    size
        Of that, in bytes.
    model
        The DICOM JSON model of its instance.
    number
        Of the frame, from 1.
    bulk
        Reads the bulk values that the model names.
    state
        The presentation state by which it is shown, if any.
    """

    read: Callable[[], bytes]
    size: int
    transfer_syntax_uid: str
    model: Model
    number: int
    bulk: Bulk
    state: PresentationState | None = None
