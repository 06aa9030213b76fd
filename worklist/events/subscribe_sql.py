"""The statements of subscriptions (decision 0046)."""

from typing import Final, LiteralString

_COLUMNS: Final = (
    "subscriber_id, workitem_id, filter, is_on, deletion_lock, is_made_by_filter,"
    " from_seq, initial_version, above, up_to"
)
_RANGES: Final = (
    "subscriber_id = %(subscriber)s AND workitem_id IS NULL AND filter = ''"
)
IN_RANGE: Final = (
    "s.workitem_id IS NULL AND s.filter = '' AND s.above < w.id"
    " AND (s.up_to IS NULL OR s.up_to >= w.id)"
)
"""What is true of a subscription ``s`` to many workitems, of which ``w`` is one."""
# The key of the workitem that was made last, of whichever partition.
_LAST: Final = (
    "(SELECT CASE WHEN is_called THEN last_value ELSE 0 END"
    " FROM worklist_workitem_id_seq)"
)

# Who was told of it before is told of all since then, too.
SUBSCRIBE_TO_ONE: Final = f"""
INSERT INTO worklist_subscription AS held ({_COLUMNS})
SELECT %(subscriber)s, %(workitem)s, '', true, %(lock)s, false,
  coalesce((SELECT from_seq FROM worklist_subscription
    WHERE {_RANGES} AND above < %(workitem)s
    AND (up_to IS NULL OR up_to >= %(workitem)s)), %(head)s),
  NULL, 0, NULL
ON CONFLICT (workitem_id, subscriber_id) WHERE workitem_id IS NOT NULL
DO UPDATE SET is_on = true, deletion_lock = excluded.deletion_lock,
  is_made_by_filter = false,
  from_seq = CASE WHEN held.is_on THEN held.from_seq ELSE %(head)s END
"""  # noqa: S608 own names

CLOSE_RANGE: Final = f"""
UPDATE worklist_subscription SET up_to = {_LAST} WHERE {_RANGES} AND up_to IS NULL
"""  # noqa: S608 own names
DROP_EMPTY_RANGES: Final = f"""
DELETE FROM worklist_subscription s WHERE {_RANGES} AND NOT EXISTS (
  SELECT FROM worklist_workitem w
  WHERE w.partition_id = %(partition)s AND w.id > s.above AND w.id <= s.up_to)
"""  # noqa: S608 own names
SWITCH_ON: Final = """
UPDATE worklist_subscription SET is_on = true, deletion_lock = %(lock)s,
  from_seq = %(head)s, is_made_by_filter = false, initial_version = NULL
WHERE subscriber_id = %(subscriber)s AND NOT is_on
"""
OPEN_RANGE: Final = f"""
INSERT INTO worklist_subscription ({_COLUMNS})
SELECT %(subscriber)s, NULL, '', true, %(lock)s, false, %(head)s, NULL,
  coalesce(max(up_to), 0), NULL FROM worklist_subscription WHERE {_RANGES}
"""  # noqa: S608 own names

KEEP_FILTER: Final = f"""
INSERT INTO worklist_subscription ({_COLUMNS})
VALUES (%(subscriber)s, NULL, %(filter)s, true, %(lock)s, false, %(head)s, NULL, 0,
  NULL)
ON CONFLICT (subscriber_id, filter) WHERE NOT filter = ''
DO UPDATE SET deletion_lock = excluded.deletion_lock
"""  # noqa: S608 own names
NUMBER_OF_FILTERS: Final = """
SELECT count(*) FROM worklist_subscription
WHERE subscriber_id = %(subscriber)s AND filter <> ''
"""
DROP_FILTERS: Final = """
DELETE FROM worklist_subscription
WHERE subscriber_id = %(subscriber)s AND filter <> ''
"""
FORGET_FILTERS: Final = """
DELETE FROM worklist_subscription
WHERE subscriber_id = %(subscriber)s AND (filter <> '' OR is_made_by_filter)
"""
FORGET_ALL: Final = """
DELETE FROM worklist_subscription WHERE subscriber_id = %(subscriber)s
"""

# It stays as a row where something else would have the workitem told of.
SWITCH_OFF: Final = f"""
INSERT INTO worklist_subscription AS held ({_COLUMNS})
SELECT %(subscriber)s, w.id, '', false, false, false, 0, NULL, 0, NULL
FROM worklist_workitem w
WHERE w.partition_id = %(partition)s AND w.sop_instance_uid = %(uid)s AND (
  EXISTS (SELECT FROM worklist_subscription WHERE subscriber_id = %(subscriber)s
    AND workitem_id = w.id AND is_on)
  OR EXISTS (SELECT FROM worklist_subscription s
    WHERE s.subscriber_id = %(subscriber)s AND {IN_RANGE}
    AND NOT EXISTS (SELECT FROM worklist_subscription
      WHERE subscriber_id = %(subscriber)s AND workitem_id = w.id AND NOT is_on)))
ON CONFLICT (workitem_id, subscriber_id) WHERE workitem_id IS NOT NULL
DO UPDATE SET is_on = false, deletion_lock = false, is_made_by_filter = false
"""  # noqa: S608 own names


def subscribe_to_matching(condition: LiteralString) -> LiteralString:
    """Return what subscribes to the workitems ``w`` of which a condition is true.

    Parameters are the subscriber, the lock, the head of the feed, those of the
    condition, and the subscriber. What it is told of already stays as it is.
    """
    return f"""
INSERT INTO worklist_subscription AS held ({_COLUMNS})
SELECT %s, w.id, '', true, %s, true, %s, w.version_id, 0, NULL
FROM worklist_workitem w WHERE {condition} AND NOT EXISTS (
  SELECT FROM worklist_subscription s WHERE s.subscriber_id = %s AND {IN_RANGE})
ORDER BY w.id
ON CONFLICT (workitem_id, subscriber_id) WHERE workitem_id IS NOT NULL
DO UPDATE SET is_on = true, deletion_lock = excluded.deletion_lock,
  is_made_by_filter = true, from_seq = excluded.from_seq,
  initial_version = excluded.initial_version
WHERE NOT held.is_on
"""  # noqa: S608 own names, and a condition of `worklist.search_sql`
