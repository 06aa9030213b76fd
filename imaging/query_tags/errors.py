"""The instances that could not be indexed by a tag, as far as an actor sees them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from psycopg.rows import class_row

from core.access import Actor, Verb, require, values_within, within
from core.database import raw_connection
from imaging.query_tags.managing import get_tag


class TagFault(NamedTuple):
    """An instance and why it could not be indexed; never its value."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    partition: str
    created_at: datetime
    message: str


def list_faults(
    *, actor: Actor, path: str, limit: int = 100, offset: int = 0
) -> list[TagFault]:
    """Return the instances that could not be indexed by a tag, as they were met.

    Raises
    ------
    Forbidden, Invalid, NotFound
        As for `imaging.query_tags.managing.get_tag`.
    """
    tag = get_tag(actor=actor, path=path)
    cursor = raw_connection().cursor(class_row(TagFault))
    parameters = (tag.pk, *values_within(actor.reach(Verb.READ)), limit, offset)
    return cursor.execute(_LIST, parameters).fetchall()


def count_faults(*, actor: Actor, tags: Collection[int]) -> Mapping[int, int]:
    """Return how many instances that the actor sees each tag could not index.

    Raises
    ------
    Forbidden
        The actor may not see data at all.
    """
    require(actor, Verb.READ)
    parameters = (list(tags), *values_within(actor.reach(Verb.READ)))
    rows = raw_connection().execute(_COUNT, parameters).fetchall()
    return dict(rows)


# Those of versions that are not held any more do not count.
_HELD: Final = f"""
FROM imaging_tagerror fault
JOIN imaging_instance i ON i.version_id = fault.version_id
JOIN imaging_study s ON s.id = i.study_id
{{more}} WHERE {{tag}} AND {within("s.id", "s.partition_id")}
"""
_LIST: Final = f"""
SELECT s.study_instance_uid, e.series_instance_uid, i.sop_instance_uid,
  p.name AS partition, fault.created_at, fault.message
{
    _HELD.format(
        more="JOIN imaging_series e ON e.id = i.series_id"
        " JOIN core_partition p ON p.id = s.partition_id",
        tag="fault.tag_id = %s",
    )
}
ORDER BY fault.id LIMIT %s OFFSET %s
"""
_COUNT: Final = f"""
SELECT fault.tag_id, count(*) {_HELD.format(more="", tag="fault.tag_id = ANY(%s)")}
GROUP BY fault.tag_id
"""
