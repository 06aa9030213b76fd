"""``GET /changefeed``: the feed of instances, in the form of Azure's DICOM service.

``after=SEQ`` reads on from a number, which neither repeats nor loses entries;
``offset`` counts rows of the window from `startTime` to `endTime`.
"""

from datetime import datetime
from typing import Any, Final

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
from imaging.feed import InstanceEntry, latest_entry, read_feed
from imaging.metadata import render

DEFAULT_LIMIT: Final = 100
MAXIMUM_LIMIT: Final = 200
LAST: Final = 2**63 - 1


async def changefeed(request: Request) -> Response:
    """Answer the next entries, oldest first; an empty list at the end of the feed."""
    entries = await run_read(
        read_feed,
        actor=actor_of(request),
        where=_filter(request),
        after=whole_number(request, "after", 0, maximum=LAST),
        offset=whole_number(request, "offset", 0, maximum=LAST),
        limit=whole_number(
            request, "limit", DEFAULT_LIMIT, minimum=1, maximum=MAXIMUM_LIMIT
        ),
        include_metadata=truth(request, "includeMetadata", default=True),
    )
    rows = [_row(entry, base_url(request)) for entry in entries]
    return Response(orjson.dumps(rows), media_type=JSON)


async def latest(request: Request) -> Response:
    """Answer the last entry; 204 where the feed is empty."""
    entry = await run_read(
        latest_entry,
        actor=actor_of(request),
        include_metadata=truth(request, "includeMetadata", default=True),
    )
    if entry is None:
        return Response(status_code=204)
    return Response(orjson.dumps(_row(entry, base_url(request))), media_type=JSON)


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


def _row(found: InstanceEntry, base: str) -> dict[str, Any]:
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
    return row
