"""Refusals to nobody known: the first of each source is told, further ones counted.

So whoever floods the server without credentials leaves two rows a minute, not a full
disk. Who is known leaves a row for each refusal, as for each read.
"""

import threading
import time
from dataclasses import dataclass, replace
from typing import Final

from django.utils import timezone

from core.audit_events import Event

COUNTED_S: Final = 60.0
MAXIMUM_SOURCES: Final = 1_000  # told apart meanwhile
OTHER_SOURCES: Final = "others"


@dataclass(slots=True)
class _Count:
    """Refusals of a source since the first one."""

    until: float
    first: Event
    further: int = 0


class Refusals:
    """Counts what is refused to nobody known, by source."""

    def __init__(self) -> None:
        self.counts: dict[str, _Count] = {}
        self.lock = threading.Lock()

    def is_first(self, event: Event) -> bool:
        """Return whether an event is the first of its source; count it otherwise."""
        with self.lock:
            source = event.origin.source
            if source not in self.counts and len(self.counts) >= MAXIMUM_SOURCES:
                source = OTHER_SOURCES
            count = self.counts.get(source)
            if count is None:
                until = time.monotonic() + COUNTED_S
                origin = replace(event.origin, source=source)
                self.counts[source] = _Count(until, replace(event, origin=origin))
                return True
            count.further += 1
            return False

    def ended(self, now: float) -> list[Event]:
        """Return an event for each source that was refused more than once."""
        with self.lock:
            over = [key for key, count in self.counts.items() if count.until <= now]
            counts = [self.counts.pop(key) for key in over]
        return [
            replace(
                count.first,
                detail=f"{count.further} more in {COUNTED_S:.0f} s",
                query="",
                origin=replace(count.first.origin, request_id=""),
                at=timezone.now(),
            )
            for count in counts
            if count.further
        ]
