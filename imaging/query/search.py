"""Searching (DICOM PS3.18 10.6), newest first."""

from typing import Final, NamedTuple

from psycopg.errors import QueryCanceled

from core import audit
from core.access import Actor, Verb, require
from core.database import raw_connection
from core.errors import TooLarge
from core.partitions import get_partition
from imaging.query.answer import columns, pieces_of, render_rows
from imaging.query.parse import Query
from imaging.query.sql import compile_query

TOO_BROAD: Final = (
    "The search took too long. Narrow it: name a study or a patient, give a range of"
    " StudyDate, or begin text with something other than a wild card."
)


class Found(NamedTuple):
    """The results of a search as a DICOM JSON array, and how many they are."""

    body: bytes
    number_of_results: int


def search(*, actor: Actor, partition: str, query: Query, base_url: str) -> Found:
    """Return what matches and the actor may see; one line in the audit log.

    Parameters
    ----------
    partition
        Name of the data partition that is searched.
    base_url
        What addresses in the answer begin with, up to ``/studies``.

    Raises
    ------
    Forbidden, NotFound
        The actor may not read, or not see the partition.
    TooLarge
        It took the database too long: 413, as PS3.18 10.6.3.1 answers what is too
        broad.
    """
    require(actor, Verb.READ)
    partition_id = get_partition(actor=actor, name=partition)
    pieces = pieces_of(query)
    statement, parameters = compile_query(
        query,
        partition_id=partition_id,
        columns=columns(pieces, query.target.level),
    )
    # Binary, because a bytea in text form is twice as long.
    try:
        with raw_connection().cursor(binary=True) as cursor:
            rows = cursor.execute(statement, parameters).fetchall()
    except QueryCanceled as error:
        raise TooLarge(TOO_BROAD) from error
    _audit(actor, partition_id, query, len(rows))
    return Found(render_rows(pieces, rows, base_url=base_url), len(rows))


def _audit(actor: Actor, partition_id: int, query: Query, number: int) -> None:
    target = query.target
    uids = (target.study_instance_uid, target.series_instance_uid)
    path = "/".join(uid for uid in uids if uid)
    detail = f"{target.level.name.lower()} {path}?{query.text} ({number} results)"
    audit.record_soon(
        audit.Event(
            actor,
            audit.Action.SEARCH,
            partition_id=partition_id,
            study_instance_uid=target.study_instance_uid or "",
            detail=detail,
        )
    )
