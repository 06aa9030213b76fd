"""Deletion locks: what has ended stays while a subscriber needs it (PS3.4 CC.2.3.2)."""

from typing import Final

from worklist.events.subscribe_sql import IN_RANGE

# Of a workitem ``w``. What was said of it alone goes before what was said of all.
LOCKED: Final = f"""
EXISTS (SELECT FROM worklist_subscription s WHERE s.workitem_id = w.id
  AND s.deletion_lock)
OR EXISTS (SELECT FROM worklist_subscription s
  JOIN worklist_subscriber b ON b.id = s.subscriber_id
  WHERE b.partition_id = w.partition_id AND s.deletion_lock AND {IN_RANGE}
  AND NOT EXISTS (SELECT FROM worklist_subscription alone
    WHERE alone.workitem_id = w.id AND alone.subscriber_id = s.subscriber_id))
"""  # noqa: S608 own names
