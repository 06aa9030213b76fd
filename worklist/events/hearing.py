"""Whether who performs a workitem can hear that it is to be canceled (PS3.4 CC.2.2.3).

The account that has claimed it hears of it where a subscriber of its own is told of it,
whose channel is open, or was within the time for which events are kept.
"""

from typing import Final

from django.conf import settings

from core.database import raw_connection
from worklist.events.subscribe_sql import IN_RANGE

_HEARS: Final = f"""
SELECT EXISTS (
  SELECT FROM worklist_workitem w
  JOIN worklist_subscriber b ON b.partition_id = w.partition_id
  WHERE w.partition_id = %(partition)s AND w.sop_instance_uid = %(uid)s
  AND b.seen_at > now() - %(days)s * interval '1 day'
  AND b.account_id = w.claimed_by_id
  AND coalesce(
    (SELECT s.is_on FROM worklist_subscription s
      WHERE s.subscriber_id = b.id AND s.workitem_id = w.id),
    EXISTS (SELECT FROM worklist_subscription s
      WHERE s.subscriber_id = b.id AND {IN_RANGE})))
"""  # noqa: S608 own names


def performer_hears(partition_id: int, uid: str) -> bool:
    """Return whether events of a workitem reach who has claimed it."""
    row = (
        raw_connection()
        .execute(
            _HEARS,
            {"partition": partition_id, "uid": uid, "days": settings.EVENT_DAYS},
        )
        .fetchone()
    )
    return bool(row and row[0])
