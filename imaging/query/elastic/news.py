"""What the index has not been told yet: studies that have changed a moment ago.

While images come in, the follower is behind nearly always. So a search does not wait
for it: it leaves out, in the index, every study of the entries that the follower has
not written, and has the database look at those studies alone. Both together have
everything that was acknowledged before the search began.
"""

from typing import Final, NamedTuple

from core.database import raw_connection
from imaging.feed import KIND
from imaging.levels import Level
from imaging.query.elastic.fields import FORM, KINDS

MOST_ENTRIES: Final = 2000  # that a search reads
MOST_ROWS: Final = 1000  # that the database looks at besides


class News(NamedTuple):
    """Studies that have changed since the follower wrote.

    Attributes
    ----------
    studies
        UIDs by the key of their partition; whether they are still held or not.
    keys
        Keys of those that are held.
    """

    studies: dict[int, list[str]]
    keys: list[int]

    def keys_at(self, level: Level) -> list[int] | None:
        """Return the keys of what there is at a level; None where it is too much."""
        if level is Level.STUDY or not self.keys:
            return self.keys
        rows = (
            raw_connection()
            .execute(
                "SELECT id FROM imaging_series WHERE study_id = ANY(%s::bigint[])"
                " LIMIT %s",
                (self.keys, MOST_ROWS + 1),
            )
            .fetchall()
        )
        return None if len(rows) > MOST_ROWS else [key for (key,) in rows]


NO_NEWS: Final = News({}, [])


class Standing(NamedTuple):
    """How far the follower is.

    Attributes
    ----------
    head
        The last entry of the feed.
    lag
        How many entries the follower has not written.
    has_failed
        Whether it has passed over entries.
    """

    head: int
    lag: int
    has_failed: bool


def standing() -> Standing:
    """Return how far the follower is behind the feed."""
    row = raw_connection().execute(_STANDING, (FORM,)).fetchone()
    assert row is not None  # noqa: S101 it always answers
    head, cursor, has_failed = row
    # Without a cursor nothing was written yet, whatever the feed has.
    lag = MOST_ENTRIES + 1 if cursor is None else head - cursor
    return Standing(head, lag, has_failed)


def cursor() -> int:
    """Return the last entry that the follower has written."""
    row = raw_connection().execute(_CURSOR, (FORM,)).fetchone()
    return -1 if row is None else int(row[0])


def news_of(found: Standing) -> News | None:
    """Return what has changed since the follower wrote, up to the feed's end then.

    None where that is too much, or does not show in entries about instances alone: who
    may see what has changed, for instance.
    """
    if found.lag > MOST_ENTRIES:
        return None
    rows = raw_connection().execute(
        _NEWS, (found.head - found.lag, found.head, list(KINDS))
    )
    news = News({}, [])
    for kind, partition_id, uid, key in rows:
        if kind != KIND:
            return None
        news.studies.setdefault(partition_id, []).append(uid)
        if key is not None:
            news.keys.append(key)
    return None if _number_of(news.studies) > MOST_ROWS else news


def _number_of(studies: dict[int, list[str]]) -> int:
    return sum(map(len, studies.values()))


_CURSOR: Final = (
    "SELECT seq FROM core_followercursor WHERE name = 'search' AND version = %s"
)
_STANDING: Final = f"""
SELECT coalesce((SELECT seq FROM core_feedentry ORDER BY seq DESC LIMIT 1), 0),
  ({_CURSOR}), EXISTS (SELECT FROM core_deadletter WHERE follower = 'search')
"""  # noqa: S608 constants
_NEWS: Final = """
SELECT changed.kind, changed.partition_id, changed.uid, s.id FROM (
  SELECT DISTINCT kind, partition_id, key[1] AS uid FROM core_feedentry
  WHERE seq > %s AND seq <= %s AND kind = ANY(%s::text[])
) changed LEFT JOIN imaging_study s
  ON s.partition_id = changed.partition_id AND s.study_instance_uid = changed.uid
"""
