"""When things were last used, written a while after.

A use is only noted; a thread of the server writes what was noted every `FLUSH_EVERY_S`,
one row a thing, however often it is used. A process that is killed loses what it has
noted since.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final, Generic, TypeVar

from django.db import connection
from django.utils import timezone

from core.database import AWAY

logger = logging.getLogger(__name__)

FLUSH_EVERY_S: Final = 30.0

Key = TypeVar("Key", int, str)


class NotedUses(Generic[Key]):
    """Uses on their way to the database.

    Parameters
    ----------
    name
        What is used, in words.
    write
        Writes when each was last used.
    """

    def __init__(
        self, name: str, write: Callable[[Mapping[Key, datetime]], None]
    ) -> None:
        self._name = name
        self._write: Callable[[Mapping[Key, datetime]], None] = write
        self._lock = threading.Lock()
        self._used_at: dict[Key, datetime] = {}
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, key: Key) -> None:
        """Note a use now; nothing where no thread writes it (a command)."""
        if self._thread is not None:
            with self._lock:
                self._used_at[key] = timezone.now()

    def start_writing(self) -> None:
        """Start the thread that writes; once in a server."""
        if self._thread is None:
            self._ending.clear()
            self._thread = threading.Thread(
                target=self._run, name=f"uses of {self._name}", daemon=True
            )
            self._thread.start()

    def stop_writing(self) -> None:
        """Write what was noted and end the thread."""
        thread, self._thread = self._thread, None
        self._ending.set()
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while not self._ending.wait(FLUSH_EVERY_S):
            self._flush()
        self._flush()

    def _flush(self) -> None:
        """Write what was noted; what cannot be written now is noted again."""
        with self._lock:
            used_at, self._used_at = self._used_at, {}
        if not used_at:
            return
        try:
            self._write(used_at)
        except AWAY as error:
            logger.warning("uses of %s wait: %s", self._name, type(error).__name__)
            with self._lock:
                self._used_at = used_at | self._used_at
        finally:
            connection.close()  # it would rest for long
