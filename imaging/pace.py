"""How much is read at once for a client: little for a slow one, more for a fast one.

What waits to be sent stays in memory, for minutes where a client reads slowly, so a
new client gets small pieces. Each piece and each turn of a thread costs as much as
some hundred kilobytes do, so one that reads promptly gets larger ones.
"""

from typing import Final

CHUNK_BYTES: Final = 128 * 1024
"""What is read and sent in one piece at first."""

BATCH_BYTES: Final = 256 * 1024
"""What is read in one turn at first: a slow client keeps up to this and three chunks in
memory, 0.7 MB."""

WHOLE_BYTES: Final = 1024 * 1024
"""The most in one piece or turn. A client that was fast and then stops reading keeps
this once; what is not longer is read in one piece for everybody."""

PROMPT_S: Final = 0.02
"""A client that takes a turn's pieces in this time is fast."""

BUFFERED_BYTES: Final = 8 * 1024 * 1024
"""So much the kernels on both sides may take in the name of a client that reads
nothing: only beyond it is a client known to be fast."""


class Pace:
    """What to read at once for one client.

    Parameters
    ----------
    size
        Length of all that will be sent, where it is known.

    Attributes
    ----------
    chunk_bytes
        At most so much in one piece.
    batch_bytes
        At least so much in one turn of a thread.
    """

    __slots__ = ("_prompt_bytes", "batch_bytes", "chunk_bytes")

    def __init__(self, size: int | None = None) -> None:
        is_short = size is not None and size <= WHOLE_BYTES
        self.chunk_bytes = WHOLE_BYTES if is_short else CHUNK_BYTES
        self.batch_bytes = WHOLE_BYTES if is_short else BATCH_BYTES
        self._prompt_bytes = 0

    def adapt(self, sent_bytes: int, sending_s: float) -> None:
        """Read more at once, or little again, after what a batch took to be sent."""
        if sending_s >= PROMPT_S:
            self._prompt_bytes = 0
            self.chunk_bytes, self.batch_bytes = CHUNK_BYTES, BATCH_BYTES
            return
        self._prompt_bytes += sent_bytes
        if self._prompt_bytes > BUFFERED_BYTES:
            self.chunk_bytes = self.batch_bytes = WHOLE_BYTES
