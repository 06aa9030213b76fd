"""Studies of a partition that match a search, whole: for what is made of them.

Always from the database itself, which has what was acknowledged. Nothing is asked of
who may, and nothing recorded: callers work in all of a partition.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, NamedTuple

import orjson

from core.database import raw_connection
from core.errors import Invalid
from imaging.index import Model
from imaging.levels import Level
from imaging.query.area import Area
from imaging.query.parse import Query, Target, names_tags, parse
from imaging.query.sql import matching_where
from imaging.query_tags.known import known_tags

_MODALITIES: Final = "00080061"
_SOP_CLASSES: Final = "00080062"
_SERIES: Final = "00201206"
_INSTANCES: Final = "00201208"
_OPTIONS: Final = ("limit", "offset", "sort", "orderby", "cursor", "includefield")


class HeldStudy(NamedTuple):
    """A study as search answers it, with all that is kept of it.

    Attributes
    ----------
    key
        Of its row: later ones came later.
    arrived_at
        When its first instance did.
    """

    key: int
    study_instance_uid: str
    arrived_at: datetime
    attributes: Model


def study_query(text: str) -> Query:
    """Return a search of studies by a query string, without options of the answer.

    Raises
    ------
    Invalid
        It names no attribute, or says how to answer.
    """
    given = text.encode()
    for name in (pair.partition("=")[0].lower() for pair in text.split("&")):
        if name in _OPTIONS:
            message = f"Say which studies, not how they are answered: leave {name} out."
            raise Invalid(message, path=name)
    tags = known_tags() if names_tags(given) else {}
    query = parse(Target(Level.STUDY), given, tags=tags)
    if query.warnings:
        raise Invalid(query.warnings[0])
    return query


def matching_studies(
    partition_id: int,
    query: Query,
    *,
    uids: Collection[str] | None = None,
    after: int = 0,
    limit: int,
    newest: bool = False,
) -> list[HeldStudy]:
    """Return studies that match, in the order in which they came.

    Parameters
    ----------
    uids
        The only ones that are asked for; None: all.
    after
        Their keys are higher.
    newest
        Whether those that came last are returned, the last one first.
    """
    where, values = matching_where(query, area=Area([partition_id]))
    if uids is not None:
        where += " AND s.study_instance_uid = ANY(%s::text[])"
        values = [*values, list(uids)]
    order = "DESC" if newest else "ASC"
    rows = raw_connection().execute(
        f"{_STUDIES}{where} AND s.id > %s ORDER BY s.id {order} LIMIT %s",
        [*values, after, limit],
    )
    return [_study(*row) for row in rows]


def changed_at(partition_id: int, uids: Collection[str]) -> dict[str, datetime]:
    """Return when something was last stored into studies, or deleted, by their UIDs."""
    rows = raw_connection().execute(_CHANGED, (partition_id, list(uids)))
    return dict(rows.fetchall())


def _study(
    key: int,
    uid: str,
    arrived_at: datetime,
    attributes: bytes,
    modalities: list[str],
    classes: list[str],
    series: int,
    instances: int,
) -> HeldStudy:
    model: dict[str, Any] = orjson.loads(b"{%b}" % bytes(attributes))
    model[_MODALITIES] = {"vr": "CS", "Value": modalities}
    model[_SOP_CLASSES] = {"vr": "UI", "Value": classes}
    model[_SERIES] = {"vr": "IS", "Value": [series]}
    model[_INSTANCES] = {"vr": "IS", "Value": [instances]}
    return HeldStudy(key, uid, arrived_at, model)


_CHANGED: Final = (
    "SELECT study_instance_uid, updated_at FROM imaging_study"
    " WHERE partition_id = %s AND study_instance_uid = ANY(%s::text[])"
)
_STUDIES: Final = (
    "SELECT s.id, s.study_instance_uid, s.created_at, s.attributes,"
    " s.modalities_in_study, s.sop_classes_in_study, s.number_of_series,"
    " s.number_of_instances FROM imaging_study s"
)
