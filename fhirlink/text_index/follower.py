"""The follower that keeps the index of texts, behind the one that writes events.

Entries tell when, and which resources may have texts that are gone. Which texts are new
their keys tell.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from core.changefeed import Entry
from core.database import raw_connection
from core.followers import Follower
from fhirlink.events import sources
from fhirlink.events.follower import RESOURCE, EventFollower
from fhirlink.text_index import index
from imaging.query.elastic.client import connection


class TextFollower(Follower):
    """Keeps the words of what reports and documents say."""

    name = "texts"
    version = index.FORM
    batch: ClassVar[int] = sources.MOST
    gathers_s: ClassVar[float] = EventFollower.gathers_s
    follows: ClassVar[str] = EventFollower.name

    def is_sound(self) -> bool:
        """Return whether the index is there, and of the events that there are."""
        held = connection()
        if not index.is_there(held):
            return False
        with index.texts_now(held.tell) as point:
            up_to = index.mark_in(point)
        return up_to is not None and not _is_of_other_events(up_to)

    def reset(self) -> None:
        """Make an empty index."""
        index.remove(connection())
        index.make(connection())

    def apply(self, entries: Sequence[Entry]) -> None:
        """Write the texts that are new, and remove those that are gone."""
        held = connection()
        with index.texts_now(held.tell) as point:
            up_to = index.mark_in(point) or 0
        told = (each for each in entries if each.kind == RESOURCE)
        resources = set(sources.changed_ids(told))
        for texts in index.read_texts(up_to):
            index.write(held, texts)
            resources.update(each.resource_id for each in texts if each.resource_id)
            up_to = texts[-1].event
        _remove_gone(resources)
        index.write_mark(held, up_to)


def _is_of_other_events(up_to: int) -> bool:
    """Return whether it is of events that were, or of a database that was, before.

    After events were made anew all keys are newer; after an older state of the database
    was put back, keys that the index has may come once more.
    """
    row = raw_connection().execute(_KEYS).fetchone()
    first, last = row or (None, None)
    return up_to > (last or 0) or 0 < up_to < (first or 0)


def _remove_gone(resources: Iterable[int]) -> None:
    """Remove the documents of resources whose events are gone."""
    held = connection()
    waiting = sorted(resources)
    for at in range(0, len(waiting), index.PAGE):
        of_some = {"terms": {"resource_id": waiting[at : at + index.PAGE]}}
        with index.texts_now(held.tell) as point:
            events = [hit["sort"][0] for hit in point.walk(of_some)]
        rows = raw_connection().execute(_PRESENT, (events,)) if events else ()
        if gone := set(events).difference(key for (key,) in rows):
            index.delete(held, sorted(gone))


_KEYS: Final = (
    "SELECT (SELECT min(event_id) FROM fhirlink_eventtext),"
    " pg_sequence_last_value(pg_get_serial_sequence('fhirlink_event', 'id')::regclass)"
)
_PRESENT: Final = (
    "SELECT event_id FROM fhirlink_eventtext WHERE event_id = ANY(%s::bigint[])"
)
