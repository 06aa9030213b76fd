"""How long and how much of a request's body is waited for.

The server gives a client half a minute for its headers, and as long as it likes for
the body. Who sends nothing for long is told so and cut off; bodies of pages, which
Django keeps in a file before it looks at them, have a size.
"""

from typing import Final

from starlette.types import Message, Receive

from core.errors import TooLarge, TooSlow
from core.patience import Patience

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
    patience = Patience(SILENCE_S)

    async def receive_in_time() -> Message:
        nonlocal number_of_bytes, complete
        if complete:  # all that can come now is the client's end
            return await receive()
        try:
            message = await patience.wait(receive())
        except TimeoutError as error:
            text = "Nothing of the body came for a minute: it was cut off. Send again."
            raise TooSlow(text) from error
        complete = not message.get("more_body", False)
        if complete:
            patience.end()
        number_of_bytes += len(message.get("body", b""))
        if maximum_bytes is not None and number_of_bytes > maximum_bytes:
            text = f"The body is longer than {maximum_bytes} bytes."
            raise TooLarge(text)
        return message

    return receive_in_time
