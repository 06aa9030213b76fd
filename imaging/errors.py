"""Errors of the imaging archive; the tree is `core.errors`."""

from core.errors import Busy, NotAcceptable


class StorageUnavailable(Busy):
    """Nothing can be written to the blobs: no space is left, or no leave to write."""

    code = "STORAGE_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__(
            "The server cannot write to its storage at the moment. Nothing of this "
            "request was stored; send it again later.",
            retry_after_s=30,
        )


class StorageAway(Busy):
    """The storage does not answer: what lies there cannot be read at the moment."""

    code = "STORAGE_AWAY"

    def __init__(self) -> None:
        message = "The storage does not answer at the moment. Try again later."
        super().__init__(message, retry_after_s=10)


class CannotTranscode(NotAcceptable):
    """Pixels that cannot be decoded or encoded.

    They are damaged, contradict their description, are larger than is decoded, or no
    codec is there for the transfer syntax. The instance can always be had as stored.
    """

    code = "CANNOT_TRANSCODE"
