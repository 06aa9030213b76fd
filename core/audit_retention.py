"""The end of old rows of the audit log, after which its chains still prove the rest.

The rows of a writer are a chain, and the oldest of them are its beginning. In one
transaction with their removal stands where each chain was cut: the number and the hash
of the last row that went (`Action.CUT`). `core.audit_chain` takes that for the chain's
beginning, and tells a cut that took what was not old enough by the seals.
"""

import json
import logging
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import audit_chain
from core.access import system
from core.audit import Action, Event, record
from core.audit_chain import Cut
from core.database import lift_limit, raw_connection

logger = logging.getLogger(__name__)

ACTOR: Final = system("audit retention")
BATCH: Final = 50_000  # rows of one transaction, about


def remove_old_records(*, time_limit_s: float) -> int:
    """Remove the rows that have been kept for ``PORTAL_AUDIT_KEEP_DAYS``.

    Seals the log before.

    Returns
    -------
    int
        How many; where the time is over, not all of them.
    """
    before = timezone.now() - timedelta(days=settings.AUDIT_KEEP_DAYS)
    end = time.monotonic() + time_limit_s
    removed = 0
    while time.monotonic() < end and _ends_of_old(before):
        if not removed:
            audit_chain.seal()
        number = _cut(before)
        removed += number
        if not number:  # what is left is behind a newer row of its chain
            break
    if removed:
        logger.info("audit log: removed %d rows from before %s", removed, before)
    return removed


def _cut(before: datetime) -> int:
    with transaction.atomic(durable=True):
        lift_limit()
        # One at a time: two would name the same beginnings.
        raw_connection().execute("SELECT pg_advisory_xact_lock(7017281942)")
        ends = _ends_of_old(before)
        if not ends:
            return 0
        kept = _cuts_that_count(ends)
        raw_connection().execute("SET LOCAL portal.retention = 'on'")
        removed = 0
        for writer, cut in ends.items():
            removed += (
                raw_connection()
                .execute(
                    "DELETE FROM core_auditrecord WHERE writer = %s AND sequence <= %s",
                    (writer, cut.sequence),
                )
                .rowcount
            )
        raw_connection().execute("SET LOCAL portal.retention = 'off'")
        beginnings = {
            writer: [cut.sequence, cut.digest] for writer, cut in (kept | ends).items()
        }
        told = {"before": before.isoformat(), "beginnings": beginnings}
        record(Event(ACTOR, Action.CUT, detail=json.dumps(told)))
    return removed


def _ends_of_old(before: datetime) -> dict[str, Cut]:
    """Return for each chain the last row of its beginning that is old as a whole.

    A chain is in the order in which rows were written, about that of their times.
    """
    rows = raw_connection().execute(_ENDS, {"before": before, "batch": BATCH})
    return {
        writer: Cut(sequence, bytes(digest).hex()) for writer, sequence, digest in rows
    }


def _cuts_that_count(ends: Mapping[str, Cut]) -> dict[str, Cut]:
    """Return the earlier cuts of other chains that have rows: told again.

    The row that told of them may be among those that go.
    """
    cuts = {
        writer: cut for writer, cut in audit_chain.cuts().items() if writer not in ends
    }
    rows = raw_connection().execute(
        "SELECT name FROM unnest(%s::text[]) AS writer (name) WHERE EXISTS"
        " (SELECT FROM core_auditrecord WHERE writer = name)",
        (list(cuts),),
    )
    return {writer: cuts[writer] for (writer,) in rows}


_ENDS: Final = """
WITH old AS (
  SELECT writer, max(sequence) AS last FROM (
    SELECT writer, sequence FROM core_auditrecord WHERE at < %(before)s
    ORDER BY at, id LIMIT %(batch)s) AS oldest
  GROUP BY writer
), cut AS (
  SELECT writer, coalesce(
    (SELECT min(newer.sequence) - 1 FROM core_auditrecord newer
     WHERE newer.writer = old.writer AND newer.sequence < old.last
     AND newer.at >= %(before)s), last) AS last
  FROM old
)
SELECT held.writer, held.sequence, held.hash
FROM cut JOIN core_auditrecord held ON held.writer = cut.writer
  AND held.sequence = cut.last
"""
