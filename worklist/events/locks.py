"""Deletion locks: what has ended stays while a subscriber needs it (PS3.4 CC.2.3.2).

The standard knows no end of a lock but its removal (CC.2.1.3), and a subscriber that
never comes back would keep workitems for ever. So a lock holds until the workitem has
ended, and its subscriber been away, for ``PORTAL_DELETION_LOCK_DAYS``. Then it does not
keep the workitem from deletion, and is removed by that; its subscriber is told how many
went so when it comes back.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from core import changefeed
from core.database import raw_connection
from imaging.query.conditions import Condition
from worklist.events.subscribe_sql import IN_RANGE

_EVER: Final = datetime(1, 1, 2, tzinfo=UTC)
# Of a workitem ``w``. What was said of it alone goes before what was said of all.
_LOCKERS: Final = f"""
SELECT b.id, b.seen_at FROM worklist_subscription s
  JOIN worklist_subscriber b ON b.id = s.subscriber_id
  WHERE s.workitem_id = w.id AND s.deletion_lock
UNION ALL SELECT b.id, b.seen_at FROM worklist_subscription s
  JOIN worklist_subscriber b ON b.id = s.subscriber_id
  WHERE b.partition_id = w.partition_id AND s.deletion_lock AND {IN_RANGE}
  AND NOT EXISTS (SELECT FROM worklist_subscription alone
    WHERE alone.workitem_id = w.id AND alone.subscriber_id = s.subscriber_id)
"""  # noqa: S608 own names
_HOLDS: Final = "greatest(w.ended_at, l.seen_at) >= %s"
_OF_ONE: Final = f"""
SELECT l.id, {_HOLDS} FROM worklist_workitem w CROSS JOIN LATERAL ({_LOCKERS}) l
WHERE w.id = %s
"""  # noqa: S608 own names
# Whoever uses a subscriber holds its row, and may wait for who writes workitems: so it
# is not waited for here.
_LOSE: Final = """
UPDATE worklist_subscriber SET lost_seq = %s,
  lost = CASE WHEN lost_seq > delivered_seq THEN lost + 1 ELSE 1 END
WHERE id IN (SELECT id FROM worklist_subscriber
  WHERE id = ANY(%s) AND (seen_at IS NULL OR seen_at < %s)
  ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)
RETURNING aetitle
"""


class Locked(Exception):
    """A deletion lock keeps the workitem."""


def locked() -> Condition:
    """Return what is true of a workitem ``w`` that has ended and that a lock keeps."""
    text = f"EXISTS (SELECT FROM ({_LOCKERS}) l WHERE {_HOLDS})"
    return text, [_held_since()]


def remove_locks(workitem: int) -> list[str]:
    """Remove the locks on an ended workitem that hold no more, for it is deleted.

    Inside the caller's transaction, which has to end without a trace where this raises.

    Returns
    -------
    list of str
        The AE titles whose locks these were; they are told.

    Raises
    ------
    Locked
        One holds, or its subscriber comes back at this moment.
    """
    since = _held_since()
    rows = raw_connection().execute(_OF_ONE, (since, workitem)).fetchall()
    if any(holds for _, holds in rows):
        raise Locked
    if not rows:
        return []
    lockers = [key for key, _ in rows]
    # What is appended to the feed after this gets that number, or a higher one.
    lost = raw_connection().execute(_LOSE, (changefeed.head() + 1, lockers, since))
    titles = sorted(title for (title,) in lost)
    if len(titles) < len(lockers):
        raise Locked
    return titles


def _held_since() -> datetime:
    """Return until when a subscriber was seen, or a workitem ended, whose lock ends."""
    days = settings.DELETION_LOCK_DAYS
    return timezone.now() - timedelta(days=days) if days else _EVER
