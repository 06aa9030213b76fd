"""Which studies are to be folded, and when: rows, so that no crash forgets one."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from core.database import raw_connection

StudyKey = tuple[int, str]
"""Partition and StudyInstanceUID."""

MOST_ATTEMPTS: Final = 8
_LATER_S: Final = 30.0  # doubled with each attempt that fails


class Dirty(NamedTuple):
    """A study that is to be folded."""

    partition_id: int
    study_instance_uid: str


def mark(studies: Iterable[StudyKey]) -> None:
    """Have studies folded; those that wait already wait until they are quiet."""
    wanted = sorted(set(studies))
    if wanted:
        columns = [list(column) for column in zip(*wanted, strict=True)]
        raw_connection().execute(_MARK, columns)


def mark_partition(partition_id: int) -> None:
    """Have all studies of a partition folded."""
    raw_connection().execute(_MARK_ALL, {"partition": partition_id})


def take(*, quiet_s: float, most_s: float, limit: int) -> list[Dirty]:
    """Return studies that have been quiet, or have waited long enough, locked."""
    values = {
        "quiet": quiet_s,
        "most": most_s,
        "limit": limit,
        "tries": MOST_ATTEMPTS,
        "later": _LATER_S,
    }
    rows = raw_connection().execute(_TAKE, values).fetchall()
    return [Dirty(*row) for row in rows]


def done(studies: Iterable[StudyKey]) -> None:
    """Forget studies: they have been folded in this transaction."""
    raw_connection().execute(_DONE, _columns(studies))


def failed(study: StudyKey, error: str) -> None:
    """Have a study tried again later, less and less often."""
    raw_connection().execute(_FAILED, (error[:500], *study))


def _columns(studies: Iterable[StudyKey]) -> list[list[int | str]]:
    listed = sorted(studies)
    return [[each[0] for each in listed], [each[1] for each in listed]]


# Whoever marks a study that failed means that something has changed: it is tried anew.
_ON_CONFLICT: Final = (
    " ON CONFLICT (partition_id, study_instance_uid) DO UPDATE"
    " SET last_at = statement_timestamp(), attempts = 0, error = ''"
)
_MARK: Final = (
    "INSERT INTO fhirlink_dirtystudy (partition_id, study_instance_uid)"  # noqa: S608 constants
    f" SELECT * FROM unnest(%s::bigint[], %s::text[]){_ON_CONFLICT}"
)
_MARK_ALL: Final = (
    "INSERT INTO fhirlink_dirtystudy (partition_id, study_instance_uid)"  # noqa: S608 constants
    " SELECT partition_id, study_instance_uid FROM imaging_study"
    " WHERE partition_id = %(partition)s UNION"
    " SELECT partition_id, study_instance_uid FROM fhirlink_linkedstudy"
    f" WHERE partition_id = %(partition)s{_ON_CONFLICT}"
)
_TAKE: Final = """
SELECT partition_id, study_instance_uid FROM fhirlink_dirtystudy
WHERE (last_at <= statement_timestamp() - %(quiet)s * interval '1 second'
    OR first_at <= statement_timestamp() - %(most)s * interval '1 second')
  AND attempts < %(tries)s
  AND (attempts = 0 OR last_at <= statement_timestamp()
    - %(later)s * 2 ^ (attempts - 1) * interval '1 second')
ORDER BY first_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
"""
_DONE: Final = (
    "DELETE FROM fhirlink_dirtystudy d USING"
    " unnest(%s::bigint[], %s::text[]) AS done (partition_id, study)"
    " WHERE d.partition_id = done.partition_id AND d.study_instance_uid = done.study"
)
_FAILED: Final = (
    "UPDATE fhirlink_dirtystudy SET attempts = attempts + 1, error = %s,"
    " last_at = statement_timestamp()"
    " WHERE partition_id = %s AND study_instance_uid = %s"
)
