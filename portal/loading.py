"""What every process of the portal does first: it loads a few thousand modules."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Look for no garbage while a process loads what it keeps.

    The collector would go through all of it, again and again: a quarter of the time.
    Nor does it later, which leaves the memory shared with processes that are forked.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
