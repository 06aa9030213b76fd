"""How subscribers stand: to how much they are subscribed, and what waits for them."""

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple

from core.changefeed_access import WORKITEM
from core.database import raw_connection
from worklist.events.subscribe_sql import IN_RANGE

MOST: Final = 10_000
"""So many entries of the feed are looked through for each subscriber."""


class Standing(NamedTuple):
    """A subscriber, for whoever looks after it.

    Attributes
    ----------
    subscriptions, locks
        To workitems, to all, to what matches; and how many keep workitems.
    waiting
        Changes that it has not been told of, of the next `MOST` entries of the feed.
    since
        When the first of them was made; None: there is none.
    """

    subscriptions: int = 0
    locks: int = 0
    waiting: int = 0
    since: datetime | None = None


def standing_of(subscribers: Collection[int]) -> dict[int, Standing]:
    """Return how subscribers stand, by their keys, in one statement.

    A change counts as told when the client has confirmed it, or a little later than it
    was sent (`worklist.events.channel`).
    """
    rows = raw_connection().execute(_STANDING, (MOST, list(subscribers)))
    return {key: Standing(*rest) for key, *rest in rows}


# What is said of a workitem alone goes before what is said of many.
_STANDING: Final = f"""
SELECT b.id, n.subscriptions, n.locks, waits.waiting, waits.since
FROM worklist_subscriber b
CROSS JOIN LATERAL (
  SELECT count(*) AS subscriptions, count(*) FILTER (WHERE deletion_lock) AS locks
  FROM worklist_subscription WHERE subscriber_id = b.id AND is_on) n
CROSS JOIN LATERAL (
  SELECT count(*) AS waiting, min(e.at) AS since FROM (
    SELECT e.seq, e.at, e.key FROM core_feedentry e
    WHERE e.partition_id = b.partition_id AND e.seq > b.delivered_seq
      AND e.kind = '{WORKITEM}'
    ORDER BY e.seq LIMIT %s) e
  JOIN worklist_workitem w ON w.partition_id = b.partition_id
    AND w.sop_instance_uid = e.key[1]
  LEFT JOIN worklist_subscription alone ON alone.subscriber_id = b.id
    AND alone.workitem_id = w.id
  WHERE CASE WHEN alone.id IS NOT NULL THEN alone.is_on AND e.seq > alone.from_seq
    ELSE EXISTS (SELECT FROM worklist_subscription s
      WHERE s.subscriber_id = b.id AND {IN_RANGE} AND e.seq > s.from_seq) END) waits
WHERE b.id = ANY(%s)
"""  # noqa: S608 own names
