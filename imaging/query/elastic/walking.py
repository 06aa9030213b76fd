"""Going through a whole index, in the order of keys and at one point in time."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from imaging.levels import Level
from imaging.query.elastic.client import Connection
from imaging.query.elastic.documents import Document, StudyKey
from imaging.query.elastic.indices import Generation
from imaging.query.elastic.points import point_in_time

_MOST_BUCKETS: Final = 10_000


def documents_in(
    connection: Connection, generation: Generation, level: Level
) -> Iterator[Document]:
    """Yield all documents of a level in the order of their keys."""
    for hit in _walk(connection, generation, level, {"match_all": {}}, source=True):
        yield Document(level, hit["_id"], hit["_source"])


def studies_in_scopes(
    connection: Connection, generation: Generation, scope: int
) -> Iterator[tuple[int, StudyKey]]:
    """Yield the studies whose documents name a scope, by their keys."""
    clause = {"term": {"scopes": scope}}
    wanted = ["key", "partition_id", "study_instance_uid"]
    for hit in _walk(connection, generation, Level.STUDY, clause, source=wanted):
        fields = hit["_source"]
        yield fields["key"], (fields["partition_id"], fields["study_instance_uid"])


def scopes_in(connection: Connection, generation: Generation) -> set[int]:
    """Return all scopes that documents of studies name."""
    found: set[int] = set()
    after: Mapping[str, Any] = {}
    while True:
        composite: dict[str, Any] = {
            "size": _MOST_BUCKETS,
            "sources": [{"scope": {"terms": {"field": "scopes"}}}],
            **after,
        }
        answer = connection.tell(
            lambda client, asked=composite: (
                client.search(  # type: ignore[misc]
                    index=generation.names[Level.STUDY],
                    size=0,
                    aggregations={"scopes": {"composite": asked}},
                ).body
            )
        )
        buckets = answer["aggregations"]["scopes"]["buckets"]
        found.update(int(bucket["key"]["scope"]) for bucket in buckets)
        if len(buckets) < _MOST_BUCKETS:
            return found
        after = {"after": answer["aggregations"]["scopes"]["after_key"]}


def _walk(
    connection: Connection,
    generation: Generation,
    level: Level,
    query: Mapping[str, Any],
    *,
    source: bool | Sequence[str],
) -> Iterator[dict[str, Any]]:
    with point_in_time(connection.tell, generation.names[level], "key") as point:
        yield from point.walk(query, source=source)
