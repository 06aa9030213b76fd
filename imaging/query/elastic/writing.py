"""Writing documents: whatever comes twice, late or out of order, the newest rows stay.

A document carries how far the change feed was before its rows were read. It holds all
changes up to there, so a document that carries less is never newer: Elasticsearch
refuses it (external versions), and that is no error.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final

from elasticsearch import Elasticsearch
from elasticsearch.helpers import streaming_bulk

from core import changefeed
from imaging.levels import Level
from imaging.query.elastic.client import Away, Connection, Refused
from imaging.query.elastic.documents import (
    Document,
    StudyKey,
    id_of,
    read_series,
    read_studies,
)
from imaging.query.elastic.indices import Generation, written

SeriesKey = tuple[int, str, str]
"""Partition, StudyInstanceUID and SeriesInstanceUID."""

CHUNK: Final = 500  # documents in one request
_NEWER_IS_THERE: Final = 409
_NOT_NOW: Final = frozenset({403, 404, 429})  # blocked, gone, busy


def write_studies(
    connection: Connection,
    to: Sequence[Generation],
    studies: Sequence[StudyKey],
    series: Sequence[SeriesKey] = (),
) -> None:
    """Write what studies and all of their series are now.

    Parameters
    ----------
    series
        Those that may not be there any more.

    Raises
    ------
    Away
        Elasticsearch cannot take it now.
    Refused
        It will never take one of the documents.
    """
    if not studies:
        return
    seq = changefeed.head()  # before the rows are read
    documents = _now(studies, series)
    actions = (
        _action(document, generation.names[document.level], seq)
        for document in documents
        for generation in to
    )
    connection.tell(lambda client: write_actions(client, actions))


def _now(
    studies: Sequence[StudyKey], series: Sequence[SeriesKey]
) -> Iterator[Document]:
    """Yield the documents of what is there, and empty ones of what is not."""
    gone = {
        **{id_of(*key): Level.STUDY for key in studies},
        **{id_of(*key): Level.SERIES for key in series},
    }
    for document in chain(read_studies(studies), read_series(studies)):
        gone.pop(document.id, None)
        yield document
    for each, level in gone.items():
        yield Document(level, each, {})


def _action(document: Document, index: str, seq: int) -> dict[str, Any]:
    action: dict[str, Any] = {
        "_op_type": "index" if document.fields else "delete",
        "_index": written(index),
        "_id": document.id,
        "require_alias": True,
        "version": seq,
        "version_type": "external_gte",
    }
    if document.fields:
        action["_source"] = document.fields
    return action


def write_actions(client: Elasticsearch, actions: Iterable[dict[str, Any]]) -> None:
    """Do what bulk actions say; what is newer already, or gone, is as it should be.

    Raises
    ------
    Away, Refused
        As `write_studies`.
    """
    done = streaming_bulk(
        client, actions, chunk_size=CHUNK, raise_on_error=False, refresh=False
    )
    refused = [_status(each) for ok, each in done if not ok]
    failed = [status for status in refused if status is not None]
    if any(status in _NOT_NOW or status >= 500 for status in failed):
        message = f"Elasticsearch takes no documents: {sorted(set(failed))}."
        raise Away(message)
    if failed:
        message = f"Elasticsearch refused documents: {sorted(set(failed))}."
        raise Refused(message)


def _status(item: dict[str, Any]) -> int | None:
    """Return the status of what was not written; None where that is as it should be."""
    ((operation, answer),) = item.items()
    status = int(answer["status"])
    if status == _NEWER_IS_THERE or (operation == "delete" and _is_absent(answer)):
        return None
    return status


def _is_absent(answer: dict[str, Any]) -> bool:
    return answer["status"] == 404 and answer.get("result") == "not_found"
