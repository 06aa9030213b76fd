"""The index of texts: a document for each, and one that tells how far they go."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.conf import settings

from core.database import raw_connection
from fhirlink.events.words import SPACED
from imaging.query.elastic.client import Connection
from imaging.query.elastic.points import Call, Point, point_in_time
from imaging.query.elastic.writing import write_actions

FORM: Final = 1
"""Of the documents. A change of it has them made anew."""

PAGE: Final = 500
LONGEST_WORD: Final = 120  # characters; Lucene cuts words of more than 255 UTF-16 units

_LEFT_OUT: Final = 2047  # bytes of UTF-8, from which on PostgreSQL leaves a word out
_LONGER: Final = "-"  # has the place of a longer word, and is none itself
_MARK: Final = "mark"
_LONG: Final = {"type": "long"}
_MAPPINGS: Final[Mapping[str, Any]] = {
    "dynamic": "strict",
    "properties": {
        "event": _LONG,
        "partition_id": _LONG,
        "resource_id": _LONG,
        "words": {
            "type": "text",
            "analyzer": "whitespace",
            "index_options": "positions",
            "norms": False,
        },
        "up_to": _LONG,
    },
}
_SETTINGS: Final[Mapping[str, Any]] = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    "refresh_interval": "30s",  # the follower has what it wrote searchable
}


class Text(NamedTuple):
    """The words of a text, as the database has them in its own index."""

    event: int
    partition_id: int
    resource_id: int | None
    words: str


def name() -> str:
    """Return the alias that is read and written; its index can be removed by it."""
    return f"{settings.ELASTICSEARCH_PREFIX}-texts-{FORM}"


def make(connection: Connection) -> None:
    """Make it, empty."""
    connection.tell(
        lambda client: client.indices.create(
            index=_index(),
            mappings=_MAPPINGS,
            settings={"index": dict(_SETTINGS)},
            aliases={name(): {}},
        )
    )
    write_mark(connection, 0)


def remove(connection: Connection) -> None:
    """Remove it, and those of other forms."""
    pattern = f"{settings.ELASTICSEARCH_PREFIX}-texts-*"
    found = connection.tell(
        lambda client: (
            client.indices.get(
                index=pattern, expand_wildcards="all", features="aliases"
            ).body
        )
    )
    for each in found:
        connection.tell(
            lambda client, each=each: client.indices.delete(index=each)  # type: ignore[misc]
        )


def is_there(connection: Connection) -> bool:
    """Return whether it is there."""
    return bool(
        connection.tell(lambda client: client.indices.exists_alias(name=name()).body)
    )


def texts_now(call: Call) -> Any:
    """Have the documents as they are now, by the keys of events; raises as `Point`."""
    return point_in_time(call, name(), "event")


def mark_in(point: Point) -> int | None:
    """Return the last event up to which all texts are there; None where none says."""
    of_mark = {"exists": {"field": "up_to"}}
    for hit in point.walk(of_mark, source=["up_to"]):
        return int(hit["_source"]["up_to"])
    return None


def write_mark(connection: Connection, up_to: int) -> None:
    """Say that all texts are there up to an event, and have all that searchable."""
    # Key 0 is no event's: it sorts before them.
    fields = {"event": 0, "up_to": up_to}
    connection.tell(
        lambda client: client.index(
            index=name(), id=_MARK, document=fields, require_alias=True
        )
    )
    connection.tell(lambda client: client.indices.refresh(index=name()))


def write(connection: Connection, texts: Sequence[Text]) -> None:
    """Write texts; whoever comes twice is the same."""
    actions = [{**_action("index", t.event), "_source": t._asdict()} for t in texts]
    connection.tell(lambda client: write_actions(client, actions))


def delete(connection: Connection, events: Sequence[int]) -> None:
    """Remove the texts of events."""
    actions = [_action("delete", event) for event in events]
    connection.tell(lambda client: write_actions(client, actions))


def read_texts(after: int) -> Iterator[Sequence[Text]]:
    """Yield the texts of all events after one, some at once, in their order."""
    while rows := raw_connection().execute(_TEXTS, (after, PAGE)).fetchall():
        yield [
            Text(event, partition_id, resource_id, _indexed(words))
            for event, partition_id, resource_id, words in rows
        ]
        after = rows[-1][0]


def _indexed(words: str) -> str:
    """Return words as the index takes them, each in its place."""
    kept = (each for each in words.split(" ") if len(each.encode()) < _LEFT_OUT)
    return " ".join(e if len(e) <= LONGEST_WORD else _LONGER for e in kept)


def _index() -> str:
    return f"{name()}-index"


def _action(what: str, event: int) -> dict[str, Any]:
    return {
        "_op_type": what,
        "_index": name(),
        "_id": str(event),
        "require_alias": True,
    }


_TEXTS: Final = (
    "SELECT told.event_id, e.partition_id, e.resource_id,"  # noqa: S608 own names
    f" {SPACED.format(column='told.text')}"
    " FROM fhirlink_eventtext told JOIN fhirlink_event e ON e.id = told.event_id"
    " WHERE told.event_id > %s ORDER BY told.event_id LIMIT %s"
)
