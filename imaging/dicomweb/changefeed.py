"""``GET /changefeed``: the feed of instances, in the form of Azure's DICOM service.

``after=SEQ`` reads on from a number, which neither repeats nor loses entries, and costs
the same wherever it is; ``offset`` counts rows of the window from `startTime` to
`endTime`, all of which are read. Who follows the feed waits for news
(``wait=SECONDS``) or has them sent (`imaging.dicomweb.feed_events`).
"""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from core.database import run_read
from core.feed_listener import listener
from core.media_types import JSON
from imaging.dicomweb.feed_events import event_stream, wants_events
from imaging.dicomweb.feed_rows import array, row
from imaging.dicomweb.feed_rules import Asked, asked_of, following, rules_of
from imaging.dicomweb.request import actor_of, base_url, link_to_next
from imaging.dicomweb.responses import json_stream
from imaging.dicomweb.streaming import stream
from imaging.feed import InstanceEntry, latest_entry, read_feed


async def changefeed(request: Request) -> Response:
    """Answer the next entries, oldest first; an empty list at the end of the feed."""
    asked = asked_of(request)
    if asked.partitions is not None:
        asked = await run_read(asked.found, actor_of(request))
    can_follow = rules_of(request).can_follow
    if can_follow and wants_events(request):
        return event_stream(request, asked, listener())
    if not asked.wait_s:
        entries = await run_read(_read, request, asked)
        more = can_follow and len(entries) == asked.limit
        return _page(request, entries, entries[-1].entry.seq if more else None)
    place = following(request, asked, listener())
    entries = await place.next(asked.wait_s)
    return _page(request, entries, place.after)


async def latest(request: Request) -> Response:
    """Answer the last entry; 204 where the feed is empty."""
    asked = asked_of(request)
    if asked.partitions is not None:
        asked = await run_read(asked.found, actor_of(request))
    entry = await run_read(
        latest_entry,
        actor=actor_of(request),
        where=asked.where,
        metadata=asked.metadata,
    )
    if entry is None:
        return Response(status_code=204)
    return Response(row(entry, base_url(request)), media_type=JSON)


def _read(request: Request, asked: Asked) -> list[InstanceEntry]:
    return read_feed(
        actor=actor_of(request),
        where=asked.where,
        after=asked.after,
        offset=asked.offset,
        limit=asked.limit,
        metadata=asked.metadata,
    )


def _page(
    request: Request, entries: Sequence[InstanceEntry], go_on_after: int | None
) -> Response:
    """Answer entries, with a ``Link`` to what follows (RFC 8288)."""
    headers = {}
    if go_on_after is not None:
        headers["link"] = link_to_next(request, "after", go_on_after)
    rows = stream(array(entries, base_url(request)))
    return json_stream(request, rows, media_type=JSON, headers=headers)
