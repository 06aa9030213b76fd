"""The sweeper: bytes that nothing needs any more.

Two kinds: blobs that a delete or a replacement freed, once the grace time is over, and
orphans, which no held instance names and which do not wait for that: a store left them
behind without ever committing a row, or a copy did. Bytes go before
the row that names them, so that a crash in between leaves work for the next sweep and
never a blob that nobody remembers. Any number of sweepers may run at once.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import audit
from core.access import system
from core.database import raw_connection
from imaging.blobs import store

ACTOR: Final = system("sweeper")

BATCH: Final = 500
# No store takes so long between its last byte and its commit.
ORPHAN_AGE: Final = timedelta(hours=24)


def sweep_freed(*, time_limit_s: float) -> int:
    """Remove blobs that were freed longer ago than the grace time.

    Returns
    -------
    int
        How many; where the time is over, not all of them.
    """
    removed = 0
    end = time.monotonic() + time_limit_s
    while time.monotonic() < end:
        number = _sweep_batch()
        removed += number
        if number < BATCH:
            break
    _record(removed, "freed blobs")
    return removed


def sweep_orphans() -> int:
    """Remove blobs that neither are held nor were freed; return how many."""
    aborted = store().abort_unfinished(timezone.now() - ORPHAN_AGE)
    _record(aborted, "unfinished uploads")
    removed = 0
    files = store().keys_before(timezone.now() - ORPHAN_AGE)
    while batch := list(islice(files, BATCH)):
        orphans = _unnamed(batch)
        store().delete(orphans)
        removed += len(orphans)
    _record(removed, "orphans")
    return removed


def _record(removed: int, what: str) -> None:
    if removed:
        detail = f"removed {removed} {what}"
        audit.record(audit.Event(ACTOR, audit.Action.OPERATE, detail=detail))


def _sweep_batch() -> int:
    """Remove up to `BATCH` blobs, those that no other sweeper is at."""
    before = timezone.now() - timedelta(seconds=settings.BLOB_GRACE_S)
    with transaction.atomic(durable=True):
        rows = (
            raw_connection()
            .execute(
                "SELECT f.id, f.blob_key FROM imaging_freedblob f"
                " WHERE f.freed_at < %s ORDER BY f.freed_at LIMIT %s"
                " FOR UPDATE SKIP LOCKED",
                (before, BATCH),
            )
            .fetchall()
        )
        store().delete([key for _, key in rows])
        raw_connection().execute(
            "DELETE FROM imaging_freedblob WHERE id = ANY(%s::bigint[])",
            ([row_id for row_id, _ in rows],),
        )
    return len(rows)


def _unnamed(keys: Sequence[str]) -> list[str]:
    rows = raw_connection().execute(
        "SELECT file.key FROM unnest(%s::text[]) AS file (key) WHERE NOT EXISTS"
        " (SELECT FROM imaging_instanceversion v JOIN imaging_instance i"
        " ON i.version_id = v.id WHERE v.blob_key = file.key)"
        " AND NOT EXISTS"
        " (SELECT FROM imaging_freedblob f WHERE f.blob_key = file.key)",
        (list(keys),),
    )
    return [row[0] for row in rows]
