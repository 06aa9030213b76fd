"""``GET /changefeed``: the feed of instances, in the form of Azure's DICOM service.

``after=SEQ`` reads on from a number, which neither repeats nor loses entries;
``offset`` counts rows of the window from `startTime` to `endTime`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response

from core.changefeed import Filter
from core.database import run_read
from core.errors import Invalid
from core.partitions import DEFAULT_PARTITION
from imaging.dicomweb.media_types import JSON
from imaging.dicomweb.request import (
    actor_of,
    base_url,
    checked_uid,
    truth,
    whole_number,
)
from imaging.dicomweb.responses import json_stream
from imaging.dicomweb.streaming import Chunks, stream
from imaging.feed import InstanceEntry, latest_entry, read_feed
from imaging.metadata import render

DEFAULT_LIMIT: Final = 100
MAXIMUM_LIMIT: Final = 1000
LAST: Final = 2**63 - 1


async def changefeed(request: Request) -> Response:
    """Answer the next entries, oldest first; an empty list at the end of the feed."""
    limit = whole_number(
        request, "limit", DEFAULT_LIMIT, minimum=1, maximum=MAXIMUM_LIMIT
    )
    entries = await run_read(
        read_feed,
        actor=actor_of(request),
        where=_filter(request),
        after=whole_number(request, "after", 0, maximum=LAST),
        offset=whole_number(request, "offset", 0, maximum=LAST),
        limit=limit,
        include_metadata=truth(request, "includeMetadata", default=True),
    )
    more = _next(request, entries[-1]) if len(entries) == limit else {}
    rows = _rows(entries, base_url(request))
    return json_stream(request, stream(rows), media_type=JSON, headers=more)


async def latest(request: Request) -> Response:
    """Answer the last entry; 204 where the feed is empty."""
    entry = await run_read(
        latest_entry,
        actor=actor_of(request),
        include_metadata=truth(request, "includeMetadata", default=True),
    )
    if entry is None:
        return Response(status_code=204)
    return Response(_row(entry, base_url(request)), media_type=JSON)


def _filter(request: Request) -> Filter:
    start, end = _time(request, "startTime"), _time(request, "endTime")
    if start is not None and end is not None and start >= end:
        message = "endTime must be later than startTime."
        raise Invalid(message, path="endTime")
    study = request.query_params.get("studyInstanceUid")
    prefix = () if study is None else (checked_uid(study, "study"),)
    return Filter(key_prefix=prefix, from_at=start, until_at=end)


def _time(request: Request, name: str) -> datetime | None:
    """Return a moment of the query; its time zone is mandatory."""
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        # In a query string ``+`` stands for a space: ``2026-01-01T00:00:00+02:00``.
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        message = f"{name} must be a date and time of ISO 8601 with its time zone."
        raise Invalid(message, path=name)
    return moment


def _next(request: Request, last: InstanceEntry) -> dict[str, str]:
    """Return the ``Link`` to what follows (RFC 8288)."""
    query = {
        name: value
        for name, value in request.query_params.items()
        if name not in {"after", "offset"}
    }
    more = urlencode({**query, "after": last.entry.seq})
    return {"link": f'<{base_url(request)}/changefeed?{more}>; rel="next"'}


def _rows(entries: Sequence[InstanceEntry], base: str) -> Chunks:
    """Yield the array piece by piece: metadata can be large."""
    yield b"["
    for number, entry in enumerate(entries):
        yield (b"," if number else b"") + _row(entry, base)
    yield b"]"


def _row(found: InstanceEntry, base: str) -> bytes:
    entry = found.entry
    study, series, instance = entry.key
    row: dict[str, Any] = {
        "sequence": entry.seq,
        "partitionName": found.partition_name,
        "studyInstanceUid": study,
        "seriesInstanceUid": series,
        "sopInstanceUid": instance,
        "action": entry.op,
        "timestamp": entry.at,
        "state": found.state,
    }
    if found.metadata is not None:
        name = found.partition_name
        root = base if name == DEFAULT_PARTITION else f"{base}/partitions/{name}"
        address = f"{root}/studies/{study}/series/{series}/instances/{instance}"
        row["metadata"] = orjson.Fragment(render(found.metadata, instance_url=address))
    return orjson.dumps(row)
