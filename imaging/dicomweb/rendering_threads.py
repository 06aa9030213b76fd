"""The threads in which the edge makes pictures: few, so that searches go on."""

from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from django.conf import settings

from core.database import guarded
from core.errors import Busy
from core.patience import Patience
from core.threads import Threads

# Each may hold a large frame in memory; codecs free Python's lock while they work.
RENDERING_THREADS: Final = 2
_RETRY_AFTER_S: Final = 2

T = TypeVar("T")
_threads = Threads(RENDERING_THREADS, name="rendering")


async def in_rendering_thread(function: Callable[..., T], *args: object) -> T:
    """Await a function that makes a picture.

    Raises
    ------
    Busy
        So many wait before it that it did not come in time.
    """
    patience = Patience(settings.ANSWER_S)
    try:
        # A blob that cannot be read is told to the audit log.
        return await patience.wait(_threads.run(partial(guarded, function, *args)))
    except TimeoutError as error:
        message = "Too many pictures are asked for at the moment. Try again later."
        raise Busy(message, retry_after_s=_RETRY_AFTER_S) from error
    finally:
        patience.end()
