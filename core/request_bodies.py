"""How long and how much of a request's body is waited for.

The server gives a client half a minute for its headers, and as long as it likes for
the body. Who sends nothing for long is told so and cut off; bodies of pages, which
Django keeps in a file before it looks at them, have a size.
"""

import asyncio
from typing import Final

from starlette.types import Message, Receive

from core.errors import TooLarge, TooSlow

SILENCE_S: Final = 60.0  # between two pieces of a body
MAXIMUM_PAGE_BYTES: Final = 10 * 1024 * 1024  # of what is sent to a page


def awaited(receive: Receive, *, maximum_bytes: int | None = None) -> Receive:
    """Return `receive` with the limits of this module, for as long as a body comes.

    Raises
    ------
    TooSlow
        Nothing came for `SILENCE_S`: raised by the function that is returned.
    TooLarge
        More than `maximum_bytes` came; likewise.
    """
    number_of_bytes = 0
    complete = False
    watch = _Watch()

    async def receive_in_time() -> Message:
        nonlocal number_of_bytes, complete
        if complete:  # all that can come now is the client's end
            return await receive()
        message = await watch.next(receive)
        complete = not message.get("more_body", False)
        if complete:
            watch.end()
        number_of_bytes += len(message.get("body", b""))
        if maximum_bytes is not None and number_of_bytes > maximum_bytes:
            text = f"The body is longer than {maximum_bytes} bytes."
            raise TooLarge(text)
        return message

    return receive_in_time


class _Watch:
    """One timer for a whole body, however many pieces it comes in.

    A timeout for each piece costs more than the piece: a study comes in thousands.
    """

    def __init__(self) -> None:
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: asyncio.Task[object] | None = None
        self._since = 0.0  # of the loop's clock
        self._is_over = False

    async def next(self, receive: Receive) -> Message:
        """Await the next piece.

        Raises
        ------
        TooSlow
            It did not come.
        """
        loop = asyncio.get_running_loop()
        self._since = loop.time()
        self._waiting = asyncio.current_task()
        if self._timer is None:
            self._timer = loop.call_later(SILENCE_S, self._look, loop)
        try:
            return await receive()
        except asyncio.CancelledError as error:
            if not self._is_over or self._waiting is None:
                raise
            self._waiting.uncancel()
            text = "Nothing of the body came for a minute: it was cut off. Send again."
            raise TooSlow(text) from error
        finally:
            self._waiting = None

    def end(self) -> None:
        """Watch no more."""
        if self._timer is not None:
            self._timer.cancel()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Cut off who has been silent for long; look again later where one waits."""
        self._timer = None
        if self._waiting is None:
            return
        left_s = self._since + SILENCE_S - loop.time()
        if left_s > 0:
            self._timer = loop.call_later(left_s, self._look, loop)
        else:
            self._is_over = True
            self._waiting.cancel()
