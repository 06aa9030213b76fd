"""The operations of query tags: index what is held by new ones, remove old ones.

Indexing goes down the keys of instances, series and studies, some hundred in one
transaction, under the locks that stores take. What is stored or moved meanwhile knows
of the tags and indexes itself. A step that is repeated finds the values there already.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.db import transaction

from core.models import Operation
from core.operations import Progress
from imaging.index import Model, with_patient_id
from imaging.levels import Level
from imaging.models import QueryTag, TagError, TagLevel, TagStatus
from imaging.query.index_tags import start_indexing
from imaging.query_tags import rows as tag_rows
from imaging.query_tags import waiting
from imaging.query_tags.reindex_sql import about, lock, read, remove_some
from imaging.query_tags.tag import LEVELS
from imaging.receive import load_model

REINDEX: Final = "reindex"
REMOVE: Final = "remove-query-tag"
ROWS_AT_ONCE: Final = 200
VALUES_AT_ONCE: Final = 20_000
STEP_S: Final = 5.0

_ORDER: Final = (Level.STUDY, Level.SERIES, Level.INSTANCE)


def reindex(operation: Operation) -> Progress:
    """Index what is held by the tags of the operation, for some seconds."""
    keys: list[int] = operation.parameters["tags"]
    progress: Mapping[str, Any] = operation.progress
    if waited := _wait(progress):
        return waited
    done: int = progress["done"]
    total = progress.get("total") or _count(keys)
    before: Mapping[str, Any] = progress.get("before") or {}
    until = time.monotonic() + STEP_S
    place: _Place | None = _Place.of(before)
    while place is not None:
        place, number = _index_some(keys, place)
        done += number
        if time.monotonic() >= until:
            break
    if place is None:
        return Progress({**progress, "done": done}, 100, result=_make_ready(keys, done))
    cursor: dict[str, Any] = {
        "last_writer": progress["last_writer"],
        "done": done,
        "total": total,
        "before": place.as_json(),
    }
    return Progress(cursor, percent=min(99, 100 * done // max(1, total)))


class _Place(NamedTuple):
    """Where indexing goes on: in the rows of a level, below a key."""

    level: Level
    key: int | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "_Place":
        """Return the place that progress names; the first without one."""
        level = given.get("level")
        return cls(_ORDER[0] if level is None else Level(level), given.get("key"))

    def as_json(self) -> dict[str, Any]:
        """Return it as progress keeps it."""
        return {"level": self.level.value, "key": self.key}

    def next_level(self) -> "_Place | None":
        """Return the beginning of what comes after this level."""
        after = _ORDER.index(self.level) + 1
        return None if after == len(_ORDER) else _Place(_ORDER[after])


def _wait(progress: Mapping[str, Any]) -> Progress | None:
    """Wait for those who may not know of the tags; None once they have ended."""
    if "last_writer" not in progress:
        last = waiting.last_writer()
        return Progress({"last_writer": last, "done": 0}, percent=0)
    if waiting.have_ended(progress["last_writer"]):
        return None
    return Progress(dict(progress), percent=0)


def _count(keys: Sequence[int]) -> int:
    """Return about how many rows there are to index, for the percentage."""
    held = QueryTag.objects.filter(pk__in=keys)
    levels = set(held.values_list("level", flat=True))
    return sum(about(LEVELS[TagLevel(level)]) for level in levels)


def _index_some(keys: Sequence[int], place: _Place) -> tuple[_Place | None, int]:
    """Index the next rows of a level; return where to go on, and how many they were."""
    level = place.level
    with transaction.atomic(durable=True):
        found = lock(level, place.key, ROWS_AT_ONCE)
        # Under the lock: who removes a tag waits for this transaction.
        tags = _still_adding(keys)
        if not found or not tags.get(level):
            return place.next_level(), 0
        written = tag_rows.Rewritten(tags)
        for row in read(level, found):
            written.add(
                level,
                _model(row.metadata, row.with_patient_id),
                partition_id=row.partition_id,
                version_id=row.version_id,
                row_id=row.row_id,
            )
        tag_rows.write(written)
        _disable({int(str(fault["tag_id"])) for fault in written.faults})
    return _Place(level, found[-1]), len(found)


def _model(metadata: bytes, with_one: bytes | None) -> Model:
    model = load_model(metadata)
    return with_patient_id(model, load_model(with_one)) if with_one else model


def _still_adding(keys: Sequence[int]) -> tag_rows.Tags:
    held = set(
        QueryTag.objects.filter(pk__in=keys, status=TagStatus.ADDING).values_list(
            "pk", flat=True
        )
    )
    tags = tag_rows.indexed_tags()
    return {
        level: [tag for tag in several if tag.id in held]
        for level, several in tags.items()
    }


def _disable(keys: set[int]) -> None:
    """Have searches not use tags by which not all could be indexed.

    Once: who enables a tag again knows of its errors.
    """
    if keys:
        held = QueryTag.objects.filter(pk__in=keys, had_errors=False)
        held.update(is_enabled=False, had_errors=True)


def _make_ready(keys: Sequence[int], done: int) -> dict[str, Any]:
    held = QueryTag.objects.filter(pk__in=keys, status=TagStatus.ADDING)
    with transaction.atomic(durable=True):
        if held.update(status=TagStatus.READY):
            start_indexing()
    return {"indexed": done}


def remove(operation: Operation) -> Progress:
    """Remove the values of a tag that is deleted, and at last the tag."""
    (key,) = operation.parameters["tags"]
    progress: Mapping[str, Any] = operation.progress
    if waited := _wait(progress):
        return waited
    done: int = progress["done"]
    until = time.monotonic() + STEP_S
    while number := remove_some(key, VALUES_AT_ONCE):
        done += number
        if time.monotonic() >= until:
            return Progress({**progress, "done": done}, percent=50)
    _forget(key)
    return Progress({**progress, "done": done}, 100, result={"removed": done})


def _forget(key: int) -> None:
    with transaction.atomic(durable=True):
        TagError.objects.filter(tag_id=key).delete()
        gone, _ = QueryTag.objects.filter(pk=key, status=TagStatus.DELETING).delete()
        if gone:
            start_indexing()
