"""The statements that keep the values of query tags: set-based and prepared.

They run inside the transaction of whoever changes what is held, and under the lock of
its studies. Who writes reads the tags *after* that lock, in the same transaction: it
then has a number that an operation waits for which begins to index, or to remove, a
tag (`imaging.query_tags.waiting`). So no value is lost, and none stays behind.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from psycopg import Cursor

from core.database import as_rows, raw_connection
from imaging.index import Model
from imaging.levels import Level
from imaging.models import TagLevel
from imaging.query_tags.tag import LEVELS, Tag
from imaging.query_tags.values import Entry, values_of

Tags = Mapping[Level, Sequence[Tag]]
"""The tags that are indexed, by level."""

_NAMES: Final = {level: name.value for name, level in LEVELS.items()}


@dataclass
class Rewritten:
    """What rows have of tags from now on; all that is not in here goes."""

    tags: Tags
    owners: list[dict[str, object]] = field(default_factory=list)
    values: list[dict[str, object]] = field(default_factory=list)
    faults: list[dict[str, object]] = field(default_factory=list)

    def add(
        self,
        level: Level,
        model: Model,
        *,
        partition_id: int,
        version_id: int,
        row_id: int | None = None,
    ) -> None:
        """Say what a study, a series or an instance has.

        Parameters
        ----------
        version_id
            Of the instance that `model` is of.
        row_id
            Key of the study, series or instance; None for the instance that is of
            the version.
        """
        key = {"row_id": row_id, "version_id": version_id}
        self.owners.append({"level": _NAMES[level], **key})
        for tag in self.tags.get(level, ()):
            found = values_of(tag, model)
            if found.fault:
                self.faults.append(
                    {
                        "tag_id": tag.id,
                        "version_id": version_id,
                        "message": f"{tag.name} {found.fault}",
                    }
                )
            for entry in found.entries:
                self.values.append(_value(tag, partition_id, key, entry))

    def forget(self, level: Level, row_ids: Collection[int]) -> None:
        """Say that rows are gone; done at once."""
        if self.tags and row_ids:
            keys = [tag.id for tag in self.tags[level]]
            raw_connection().execute(_FORGET, (list(row_ids), keys))


def _value(
    tag: Tag, partition_id: int, key: Mapping[str, object], entry: Entry
) -> dict[str, object]:
    return {"tag_id": tag.id, "partition_id": partition_id, **key, **entry._asdict()}


def ask_tags() -> Cursor[Any]:
    """Ask for the tags that are indexed; `read_tags` reads the answer."""
    return raw_connection().execute(_TAGS)


def read_tags(answer: Cursor[Any]) -> Tags:
    """Return the tags, by level."""
    rows = answer.fetchall()
    return _tags(tuple(rows)) if rows else {}


def indexed_tags() -> Tags:
    """Return the tags that are indexed, by level."""
    return read_tags(ask_tags())


@lru_cache(maxsize=8)
def _tags(rows: tuple[tuple[Any, ...], ...]) -> Tags:
    found: dict[Level, list[Tag]] = {level: [] for level in Level}
    for key, path, vr, creator, level in rows:
        tag = Tag(key, tuple(path.split(".")), vr, creator, LEVELS[TagLevel(level)])
        found[tag.level].append(tag)
    return {level: tuple(tags) for level, tags in found.items()}


def write(rewritten: Rewritten) -> None:
    """Write values: one statement, and one more where some could not be indexed."""
    connection = raw_connection()
    connection.execute(
        _WRITE,
        (
            as_rows(rewritten.values),
            as_rows(rewritten.owners),
            as_rows(_tag_rows(rewritten.tags)),
        ),
    )
    if rewritten.faults:
        connection.execute(_WRITE_FAULTS, (as_rows(rewritten.faults),))


def _tag_rows(tags: Tags) -> Iterable[dict[str, object]]:
    return (
        {"id": tag.id, "level": _NAMES[level]}
        for level, several in tags.items()
        for tag in several
    )


def move(study_id: int, partition_id: int) -> None:
    """Have the values of a study's series and instances be in another partition."""
    connection = raw_connection()
    for level in (TagLevel.SERIES, TagLevel.INSTANCE):
        connection.execute(_MOVE[level], (partition_id, study_id, level.value))


_TAGS: Final = """
SELECT id, path, vr, private_creator, level FROM imaging_querytag
WHERE status <> 'deleting' ORDER BY id
"""
# What stays as it was is not touched, so the order in which PostgreSQL does both parts
# does not matter: no row is deleted and written.
_WRITE: Final = """
WITH new AS MATERIALIZED (
  SELECT v.tag_id, v.partition_id, coalesce(v.row_id, i.id) AS row_id, v.part, v.text,
    v.long, v.places
  FROM json_to_recordset(%s::json) AS v (
    tag_id int, partition_id int, row_id bigint, version_id bigint, part smallint,
    text text, long text, places int[]
  )
  LEFT JOIN imaging_instance i ON v.row_id IS NULL AND i.version_id = v.version_id
), gone AS (
  DELETE FROM imaging_tagvalue held USING (
    SELECT tag.id AS tag_id, coalesce(o.row_id, i.id) AS row_id
    FROM json_to_recordset(%s::json) AS o (
      level text, row_id bigint, version_id bigint
    )
    JOIN json_to_recordset(%s::json) AS tag (id int, level text)
      ON tag.level = o.level
    LEFT JOIN imaging_instance i ON o.row_id IS NULL AND i.version_id = o.version_id
  ) AS owner
  WHERE held.row_id = owner.row_id AND held.tag_id = owner.tag_id AND NOT EXISTS (
    SELECT FROM new WHERE new.row_id = held.row_id AND new.tag_id = held.tag_id
      AND new.partition_id = held.partition_id AND new.part = held.part
      AND new.text = held.text
  )
)
INSERT INTO imaging_tagvalue AS held (tag_id, partition_id, row_id, part, text, long,
  places)
SELECT tag_id, partition_id, row_id, part, text, long, places FROM new
WHERE row_id IS NOT NULL
ON CONFLICT (tag_id, partition_id, part, text, row_id) DO UPDATE
SET places = excluded.places WHERE held.places IS DISTINCT FROM excluded.places
"""
_WRITE_FAULTS: Final = """
INSERT INTO imaging_tagerror (tag_id, version_id, message)
SELECT tag_id, version_id, message FROM json_to_recordset(%s::json) AS fault (
  tag_id int, version_id bigint, message text
)
ON CONFLICT DO NOTHING
"""
_FORGET: Final = """
DELETE FROM imaging_tagvalue
WHERE row_id = ANY(%s::bigint[]) AND tag_id = ANY(%s::int[])
"""


def _moving(table: str) -> str:
    return f"""
UPDATE imaging_tagvalue v SET partition_id = %s
WHERE v.row_id IN (SELECT id FROM {table} WHERE study_id = %s)
  AND v.tag_id IN (SELECT id FROM imaging_querytag WHERE level = %s)
"""  # noqa: S608 own names


_MOVE: Final = {
    TagLevel.SERIES: _moving("imaging_series"),
    TagLevel.INSTANCE: _moving("imaging_instance"),
}
