"""The statements of exports: the set is written down, read in steps, counted.

Hundreds of thousands of items never pass through this process at once.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from core.access import values_within, within
from core.database import as_rows, raw_connection
from core.reach import Reach
from imaging.export.asked import Identifier
from imaging.models import ExportOutcome
from imaging.query.conditions import Condition

LINES_A_PAGE: Final = 2_000

_INTO: Final = (
    "INSERT INTO imaging_exportitem (operation_id, study_instance_uid,"
    " series_instance_uid, sop_instance_uid, instance_key, version_key)"
)
_HELD: Final = (
    "imaging_instance i JOIN imaging_series e ON e.id = i.series_id"
    " JOIN imaging_study s ON s.id = i.study_id"
)
_ASKED: Final = (
    "json_to_recordset(%(asked)s::json)"
    " AS asked (study text, series text, instance text)"
)
_SEEN: Final = within(
    "s.id", "s.partition_id", partitions="%(whole)s", scopes="%(scopes)s"
)
# By level, so that each is found by its own index.
_FOUND: Final = " UNION ".join(
    f"SELECT asked.study, asked.series, asked.instance, i.id FROM {_ASKED}"  # noqa: S608
    " JOIN imaging_study s ON s.study_instance_uid = asked.study"
    " AND s.partition_id = %(partition)s JOIN imaging_series e ON e.study_id = s.id"
    f" {of_series} JOIN imaging_instance i ON i.series_id = e.id {of_instance}"
    f" WHERE {level} AND {_SEEN}"
    for level, of_series, of_instance in (
        ("asked.series = ''", "", ""),
        (
            "asked.series <> '' AND asked.instance = ''",
            "AND e.series_instance_uid = asked.series",
            "",
        ),
        (
            "asked.instance <> ''",
            "AND e.series_instance_uid = asked.series",
            "AND i.sop_instance_uid = asked.instance",
        ),
    )
)
# In the order in which they were stored: restored so, the same one is the newest.
_NAMED: Final = f"""
WITH found AS MATERIALIZED ({_FOUND}),
taken AS (
{_INTO} SELECT %(operation)s, s.study_instance_uid, e.series_instance_uid,
  i.sop_instance_uid, i.id, i.version_id
FROM {_HELD} WHERE i.id IN (SELECT id FROM found) ORDER BY i.version_id
RETURNING 1),
unknown AS (
{_INTO[: _INTO.index(", instance_key")]})
SELECT %(operation)s, asked.study, asked.series, asked.instance FROM {_ASKED}
WHERE NOT EXISTS (SELECT FROM found WHERE (found.study, found.series, found.instance)
  = (asked.study, asked.series, asked.instance))
RETURNING 1)
SELECT (SELECT count(*) FROM taken), (SELECT count(*) FROM unknown)
"""  # noqa: S608 constants
_NEXT: Final = """
SELECT x.id, x.study_instance_uid, x.series_instance_uid, x.sop_instance_uid,
  s.id IS NOT NULL AND v.id IS NOT NULL, s.linked_patient_id, coalesce(v.id, 0),
  coalesce(v.transfer_syntax_uid, ''), coalesce(v.blob_key, ''),
  coalesce(v.size_bytes, 0), v.stored_at, v.sha256, x.instance_key IS NOT NULL
FROM (SELECT * FROM imaging_exportitem WHERE operation_id = %s AND id > %s
  ORDER BY id LIMIT %s) x
LEFT JOIN imaging_instance i ON i.id = x.instance_key
LEFT JOIN imaging_study s ON s.id = i.study_id AND s.partition_id = %s
LEFT JOIN imaging_instanceversion v ON v.id = x.version_key
ORDER BY x.id
"""
_DONE: Final = """
UPDATE imaging_exportitem AS x SET outcome = new.outcome, path = new.path,
  transfer_syntax_uid = new.syntax, size_bytes = new.size,
  sha256 = decode(new.sha256, 'hex'), error = new.error, done_at = now()
FROM json_to_recordset(%s::json) AS new (id bigint, outcome text, path text,
  syntax text, size bigint, sha256 text, error text)
WHERE x.id = new.id
"""
_LINES: Final = """
SELECT id, study_instance_uid, series_instance_uid, sop_instance_uid, path,
  transfer_syntax_uid, size_bytes, sha256, error, done_at
FROM imaging_exportitem WHERE operation_id = %s AND outcome = %s AND id > %s
ORDER BY id LIMIT %s
"""
_UNREACHED: Final = f"""
SELECT EXISTS (SELECT FROM imaging_exportitem x
  LEFT JOIN imaging_instance i ON i.id = x.instance_key
  LEFT JOIN imaging_study s ON s.id = i.study_id
  WHERE x.operation_id = %s AND x.outcome = 'exported'
  AND (s.id IS NULL OR NOT {within("s.id", "s.partition_id")}))
"""  # noqa: S608 constants


class Waiting(NamedTuple):
    """An item that is to be taken, with where its bytes lie.

    Attributes
    ----------
    is_held
        Whether the instance is still there, in the same partition.
    was_found
        Whether there was an instance when the export was started.
    """

    id: int
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    is_held: bool
    patient_key: int | None
    version_id: int
    transfer_syntax_uid: str
    blob_key: str
    size_bytes: int
    stored_at: datetime
    sha256: bytes
    was_found: bool

    @property
    def identifier(self) -> str:
        """Return it as a request names it."""
        uids = self[1:4]
        return "/".join(uid for uid in uids if uid)


class Done(NamedTuple):
    """What became of an item; the names are those of the statement."""

    id: int
    outcome: ExportOutcome
    path: str = ""
    syntax: str = ""
    size: int | None = None
    sha256: str = ""
    error: str = ""


class Line(NamedTuple):
    """A row of the manifest, or of the list of errors."""

    id: int
    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str
    path: str
    transfer_syntax_uid: str
    size_bytes: int | None
    sha256: bytes | None
    error: str
    done_at: datetime


def write_named(
    operation_id: UUID, partition_id: int, reach: Reach, values: Collection[Identifier]
) -> tuple[int, int]:
    """Write down what identifiers name; return how many that is, and unknown ones."""
    names = ("study", "series", "instance")
    asked = as_rows(dict(zip(names, each, strict=True)) for each in values)
    (counts,) = raw_connection().execute(
        _NAMED,
        {
            "operation": operation_id,
            "partition": partition_id,
            "asked": asked,
            "whole": reach.partition_keys,
            "scopes": reach.scope_keys,
        },
    )
    return counts[0], counts[1]


def write_matching(operation_id: UUID, condition: Condition) -> int:
    """Write down the instances of which a condition is true; return how many."""
    text, parameters = condition
    cursor = raw_connection().execute(
        f"{_INTO} SELECT %s, s.study_instance_uid, e.series_instance_uid,"  # noqa: S608
        f" i.sop_instance_uid, i.id, i.version_id FROM {_HELD}"
        f" WHERE {text} ORDER BY i.version_id",
        [operation_id, *parameters],
    )
    return cursor.rowcount


def next_items(
    operation_id: UUID, partition_id: int, after: int, limit: int
) -> list[Waiting]:
    """Return the items that come after one, in order."""
    values = [operation_id, after, limit, partition_id]
    with raw_connection().cursor(binary=True) as cursor:
        return [Waiting(*row) for row in cursor.execute(_NEXT, values).fetchall()]


def write_done(done: Collection[Done]) -> None:
    """Write what became of items; the same again changes nothing."""
    raw_connection().execute(_DONE, [as_rows(each._asdict() for each in done)])


def lines(operation_id: UUID, outcome: ExportOutcome) -> Iterator[Line]:
    """Yield the items of an outcome in order, a page in memory at a time."""
    after = 0
    while True:
        values = [operation_id, outcome.value, after, LINES_A_PAGE]
        with raw_connection().cursor(binary=True) as cursor:
            page = [Line(*row) for row in cursor.execute(_LINES, values).fetchall()]
        yield from page
        if len(page) < LINES_A_PAGE:
            return
        after = page[-1].id


def has_unreached(operation_id: UUID, reach: Reach) -> bool:
    """Return whether an export holds what a reach has not, or not any more."""
    values = [operation_id, *values_within(reach)]
    ((found,),) = raw_connection().execute(_UNREACHED, values).fetchall()
    return bool(found)
