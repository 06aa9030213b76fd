"""When each token was last used, written a while after.

A look-up of a token only notes it; a thread of the server writes what was noted every
`FLUSH_EVERY_S`. A process that is killed loses what it has noted since: that a token is
not used any more is a matter of days.
"""

import logging
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from django.db import connection
from django.utils import timezone

from core.database import AWAY, as_rows, raw_connection

logger = logging.getLogger(__name__)

FLUSH_EVERY_S: Final = 30.0


def note(token_id: int) -> None:
    """Note that a token is used now; nothing where no thread writes it (a command)."""
    if _notes.thread is not None:
        with _notes.lock:
            _notes.used_at[token_id] = timezone.now()


def start_writing() -> None:
    """Start the thread that writes what `note` notes; once in a server."""
    _notes.start()


def stop_writing() -> None:
    """Write what was noted and end the thread."""
    _notes.stop()


class _Notes:
    """Uses on their way to the database; one row a token, however often it is used."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.used_at: dict[int, datetime] = {}
        self.ending = threading.Event()
        self.thread: threading.Thread | None = None

    def start(self) -> None:
        if self.thread is None:
            self.ending.clear()
            self.thread = threading.Thread(
                target=self.run, name="token uses", daemon=True
            )
            self.thread.start()

    def stop(self) -> None:
        thread, self.thread = self.thread, None
        self.ending.set()
        if thread is not None:
            thread.join()

    def run(self) -> None:
        """Flush now and then, and once more at the end."""
        while not self.ending.wait(FLUSH_EVERY_S):
            self.flush()
        self.flush()

    def flush(self) -> None:
        """Write what was noted; what cannot be written now is noted again."""
        with self.lock:
            used_at, self.used_at = self.used_at, {}
        if not used_at:
            return
        try:
            _write(used_at)
        except AWAY as error:
            logger.warning("uses of tokens wait: %s", type(error).__name__)
            with self.lock:
                self.used_at = used_at | self.used_at
        finally:
            connection.close()  # it would rest for long


def _write(used_at: Mapping[int, datetime]) -> None:
    # Rows are locked in the order of their keys: two processes write at once.
    rows = [{"id": key, "at": used_at[key]} for key in sorted(used_at)]
    raw_connection().execute(_UPDATE, (as_rows(rows),))


_UPDATE: Final = (
    "WITH used AS (SELECT * FROM json_to_recordset(%s::json)"
    " AS used (id bigint, at timestamptz)),"
    " held AS (SELECT token.id, used.at FROM core_token AS token JOIN used USING (id)"
    " ORDER BY token.id FOR NO KEY UPDATE OF token)"
    " UPDATE core_token SET last_used_at = greatest(last_used_at, held.at)"
    " FROM held WHERE core_token.id = held.id"
)

_notes = _Notes()
