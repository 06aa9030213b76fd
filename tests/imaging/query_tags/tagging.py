"""Tags that are added and indexed, and instances with values of them, for tests."""

from dataclasses import replace
from typing import Any

import orjson
from django.utils import timezone

from core import followers
from core.access import Actor
from core.models import Operation
from core.operation_worker import run_operation
from core.operations import start_operation
from imaging.models import QueryTag, TagValue
from imaging.query import Count, Level, Target, index_tags, parse, resolve, search
from imaging.query.backend import Backend, Wanted
from imaging.query.backends import DATABASE
from imaging.query.elastic import answering
from imaging.query.elastic.follower import SearchFollower
from imaging.query.facets import facet_of_tag, told
from imaging.query.order import make_cursor, parse_cursor
from imaging.query.order_sql import KEY
from imaging.query.search import scene_of
from imaging.query_tags.definition import define
from imaging.query_tags.known import known_tags
from imaging.query_tags.managing import add_tags
from imaging.receive import Received
from tests.imaging.query.rows import model
from tests.imaging.stores import ADMIN, received_model

COLUMN = {
    Level.STUDY: "s.study_instance_uid",
    Level.SERIES: "e.series_instance_uid",
    Level.INSTANCE: "i.sop_instance_uid",
}
UID = {Level.STUDY: "0020000D", Level.SERIES: "0020000E", Level.INSTANCE: "00080018"}


def instance(study: str, series: str, sop: str, **values: Any) -> Received:
    """Return an instance with values by keyword, besides what it must have."""
    return received_model(whole(study, series, sop, **values))


def whole(study: str, series: str, sop: str, **values: Any) -> dict[str, Any]:
    """Return the model of such an instance."""
    given = {"PatientID": "P1", "PatientName": "A", "Modality": "CT", **values}
    return model(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.2",
        SOPInstanceUID=sop,
        StudyInstanceUID=study,
        SeriesInstanceUID=series,
        **given,
    )


def add(*paths: str, level: str = "study", **more: str) -> Operation:
    """Add tags without indexing by them."""
    definitions = [define(path, level=level, **more) for path in paths]
    return add_tags(actor=ADMIN, definitions=definitions)


def ready(*paths: str, level: str = "study", **more: str) -> None:
    """Add tags and index by them."""
    run(add(*paths, level=level, **more))


def run(operation: Operation) -> Operation:
    """Have a worker do an operation to its end."""
    while run_operation(operation.pk):
        pass
    operation.refresh_from_db()
    return operation


def expire(operation: Operation) -> None:
    """Let the lease of a dead worker run out."""
    Operation.objects.filter(pk=operation.pk).update(lease_until=timezone.now())


def find(
    text: str,
    level: Level = Level.STUDY,
    partition: str | None = "default",
    actor: Actor = ADMIN,
) -> list[str]:
    """Return the UIDs of what matches a query string, newest first."""
    query = parse(Target(level), text.encode(), tags=known_tags())
    found = search(actor=actor, partition=partition, query=query, base_url="x")
    return [row[UID[level]]["Value"][0] for row in orjson.loads(found.body)]


class Asking:
    """Asks one backend alone: the index where there is a follower, else the database.

    Of instances the index knows nothing: the database answers.
    """

    def __init__(self, follower: SearchFollower | None) -> None:
        self.follower = follower

    def settle(self) -> None:
        """Have the index take over all that was written."""
        if self.follower is not None:
            settle(self.follower)

    def find(
        self, text: str, level: Level = Level.STUDY, partition: str | None = "default"
    ) -> list[str]:
        """Return the UIDs of what matches, newest first, once they were counted."""
        query = parse(Target(level), text.encode(), tags=known_tags())
        area = scene_of(ADMIN, partition, query, everywhere=True).area
        backend = self._backend(level)
        rows = backend.rows(query, area, Wanted([COLUMN[level]]))
        assert backend.count(query, area) == len(rows), text
        return [uid for (uid,) in rows]

    def walk(
        self, text: str, limit: int, level: Level, partition: str | None
    ) -> list[str]:
        """Return the UIDs of what matches, newest first, page by page."""
        query = parse(
            Target(level), f"{text}&limit={limit}".encode(), tags=known_tags()
        )
        area = scene_of(ADMIN, partition, query, everywhere=True).area
        backend = self._backend(level)
        uids: list[str] = []
        while True:
            rows = backend.rows(query, area, Wanted([COLUMN[level], KEY[level]]))
            uids += [uid for uid, _ in rows[:limit]]
            if len(rows) <= limit:
                return uids
            cursor = make_cursor(level, (), rows[limit - 1][1], ())
            query = replace(query, cursor=parse_cursor(cursor), offset=0)

    def facets(self, path: str, text: str, partition: str | None) -> list[Count]:
        """Return how many of the studies that match have which values of a tag."""
        known = known_tags()
        attribute = known[resolve(path) or ""].attribute
        query = parse(Target(Level.STUDY), text.encode(), tags=known)
        query = replace(query, counted=(attribute,))
        area = scene_of(ADMIN, partition, query, everywhere=True).area
        facet = facet_of_tag(attribute)
        (counts,) = self._backend(attribute.level).facets(query, area, [facet])
        return told(facet, counts)

    def _backend(self, level: Level) -> Backend:
        is_held = self.follower is not None and level is not Level.INSTANCE
        return answering.backend() if is_held else DATABASE


def settle(follower: SearchFollower) -> None:
    """Have the follower catch up, and documents hold the tags that are ready."""
    followers.run_until_caught_up(follower)
    for operation in Operation.objects.filter(kind=index_tags.KIND, percent__lt=100):
        assert run(operation).state == "succeeded"


def held() -> set[tuple[Any, ...]]:
    """Return all values that are held, by paths."""
    paths = dict(QueryTag.objects.values_list("pk", "path"))
    return {
        (paths[value.tag_id], value.partition_id, value.row_id, value.part,
         value.text, value.long, tuple(value.places or (0,)))
        for value in TagValue.objects.all()
    }  # fmt: skip


def rebuilt() -> set[tuple[Any, ...]]:
    """Return what indexing everything anew makes of what is held."""
    TagValue.objects.all().delete()
    tags = QueryTag.objects.filter(status="ready")
    keys = list(tags.values_list("pk", flat=True))
    tags.update(status="adding")
    run(
        start_operation(
            actor=ADMIN, kind="reindex", parameters={"tags": keys, "paths": []}
        )
    )
    return held()
