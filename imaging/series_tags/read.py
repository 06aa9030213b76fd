"""Series by the values that are stored of them: read, of a bounded number.

Attributes of studies and series stand in the index, as their newest instance has them;
all others in the metadata of each instance.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

import orjson

from core.database import raw_connection
from core.errors import TooLarge
from imaging.index import SERIES_ATTRIBUTES, STUDY_ATTRIBUTES, Model
from imaging.metadata import model_of
from imaging.series_tags.sought import Sought

MOST_SERIES: Final = 200_000
MOST_INSTANCES: Final = 20_000
_STUDY: Final = frozenset(STUDY_ATTRIBUTES)
_SERIES: Final = frozenset(SERIES_ATTRIBUTES) - _STUDY


def read_series(
    partition_id: int, uids: Collection[str], sought: Sequence[Sought]
) -> list[frozenset[str]]:
    """Return of some series those that have a value of each attribute that passes.

    Of what has to be missing, those that have one.

    Parameters
    ----------
    uids
        SeriesInstanceUIDs of the partition.

    Raises
    ------
    TooLarge
        They are too many to be read.
    """
    found: list[set[str]] = [set() for _ in sought]
    instances = [at for at, each in enumerate(sought) if not _is_indexed(each)]
    above = [at for at, each in enumerate(sought) if _is_indexed(each)]
    if above:
        for uid, model in _attributes(partition_id, uids):
            _judge(sought, above, uid, model, found)
    if instances:
        for uid, model in _models(partition_id, uids):
            _judge(sought, instances, uid, model, found)
    return [frozenset(each) for each in found]


def _is_indexed(sought: Sought) -> bool:
    return not sought.creator and sought.element in _STUDY | _SERIES


def _judge(
    sought: Sequence[Sought],
    which: Sequence[int],
    uid: str,
    model: Model,
    found: Sequence[set[str]],
) -> None:
    for at in which:
        if uid not in found[at] and sought[at].is_in(model):
            found[at].add(uid)


def _attributes(
    partition_id: int, uids: Collection[str]
) -> Iterator[tuple[str, Model]]:
    _require_few(len(uids), MOST_SERIES, "series")
    rows = raw_connection().execute(_ATTRIBUTES, (list(uids), partition_id))
    for uid, of_study, of_series in rows:
        members = b",".join(bytes(each) for each in (of_study, of_series) if each)
        # Of an attribute of both levels the later one, that of the series, is kept.
        yield uid, orjson.loads(b"{" + members + b"}")


def _models(partition_id: int, uids: Collection[str]) -> Iterator[tuple[str, Model]]:
    values = (list(uids), partition_id)
    ((number,),) = raw_connection().execute(_COUNT, values).fetchall()
    _require_few(number, MOST_INSTANCES, "images")
    cursor = raw_connection().cursor(binary=True)
    for uid, stored in cursor.execute(_MODELS, values):
        yield uid, model_of(stored)


def _require_few(number: int, most: int, what: str) -> None:
    if number > most:
        message = (
            f"An attribute of {number:,} {what} would have to be read; {most:,} can be."
            " Narrow the question, or have the attribute indexed: manage.py querytags"
            " add."
        )
        raise TooLarge(message, path="tag")


_FROM: Final = (
    "FROM unnest(%s::text[]) AS asked (uid)"
    " JOIN imaging_series s ON s.series_instance_uid = asked.uid"
    " JOIN imaging_study st ON st.id = s.study_id AND st.partition_id = %s"
)
_ATTRIBUTES: Final = f"SELECT asked.uid, st.attributes, s.attributes {_FROM}"
_INSTANCES: Final = f"{_FROM} JOIN imaging_instance i ON i.series_id = s.id"
_COUNT: Final = f"SELECT count(*) {_INSTANCES}"
_MODELS: Final = (
    f"SELECT asked.uid, v.metadata {_INSTANCES}"
    " JOIN imaging_instanceversion v ON v.id = i.version_id"
)
