"""What happened to workitems, as whoever may see them is told."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

import orjson
from psycopg.rows import args_row

from core.access import Actor, Verb, require
from core.database import raw_connection
from imaging.index import tag_of
from imaging.part10 import JsonModel
from worklist import data_set
from worklist.access import within
from worklist.models import Happened
from worklist.rules import State

MOST: Final = 100
"""That are told of one workitem: the last ones."""

_REASON: Final = tag_of("ReasonForCancellation")
_PROGRESS: Final = tag_of("ProcedureStepProgressInformationSequence")
_CONTACT: Final = tag_of("ContactDisplayName")
_COLUMNS: Final = (
    "v.sop_instance_uid, v.id, v.at, v.actor, v.happened, v.state, v.information"
)


class Past(NamedTuple):
    """What happened to a workitem at one moment.

    Attributes
    ----------
    version
        Of these a workitem has one for each entry of the change feed.
    by
        As feed and audit log call who did it.
    state
        Since then.
    information
        DICOM JSON of what events told.
    """

    sop_instance_uid: str
    version: int
    at: dt.datetime
    by: str
    happened: list[str]
    state: State
    information: bytes

    @property
    def reason(self) -> str:
        """Return why it was canceled, or is to be; empty where nobody said."""
        model = self._model()
        progress = data_set.first(model, _PROGRESS)
        inside = progress if isinstance(progress, dict) else {}
        was_canceled = self.state is State.CANCELED and Happened.STATE in self.happened
        is_wish = Happened.CANCEL_REQUESTED in self.happened
        told = data_set.text(model, _REASON) if is_wish else ""
        return told or (data_set.text(inside, _REASON) if was_canceled else "")

    @property
    def contact(self) -> str:
        """Return whom to ask about a wish to cancel; empty where nobody was named."""
        return data_set.text(self._model(), _CONTACT)

    def _model(self) -> JsonModel:
        model: JsonModel = orjson.loads(self.information)
        return model


def history_of(
    *, actor: Actor, partition_id: int, uids: Collection[str]
) -> Mapping[str, list[Past]]:
    """Return what happened to workitems that the actor may see, the first thing first.

    Of each workitem the last `MOST`.

    Raises
    ------
    Forbidden
        The actor may see no patient anywhere.
    """
    require(actor, Verb.VIEW_PHI)
    visible, values = within(actor.reach(Verb.VIEW_PHI), partition_id)
    with raw_connection().cursor(args_row(_past), binary=True) as cursor:
        rows = cursor.execute(
            f"SELECT v.* FROM worklist_workitem w CROSS JOIN LATERAL (SELECT {_COLUMNS}"  # noqa: S608 own names
            " FROM worklist_workitemversion v WHERE v.partition_id = w.partition_id"
            " AND v.sop_instance_uid = w.sop_instance_uid"
            " ORDER BY v.id DESC LIMIT %s) AS v"
            " WHERE w.partition_id = %s AND w.sop_instance_uid = ANY(%s::text[])"
            f" AND {visible} ORDER BY v.id",
            (MOST, partition_id, list(uids), *values),
        ).fetchall()
    found: dict[str, list[Past]] = {uid: [] for uid in uids}
    for row in rows:
        found[row.sop_instance_uid].append(row)
    return found


def versions_of(
    *, actor: Actor, partition_id: int, versions: Collection[int]
) -> Mapping[int, Past]:
    """Return what happened by its versions, of workitems that the actor may see.

    Raises
    ------
    Forbidden
        The actor may see no patient anywhere.
    """
    require(actor, Verb.VIEW_PHI)
    visible, values = within(actor.reach(Verb.VIEW_PHI), partition_id)
    with raw_connection().cursor(args_row(_past), binary=True) as cursor:
        rows = cursor.execute(
            f"SELECT {_COLUMNS} FROM worklist_workitemversion v"  # noqa: S608 own names
            " JOIN worklist_workitem w ON w.partition_id = v.partition_id"
            " AND w.sop_instance_uid = v.sop_instance_uid"
            " WHERE v.id = ANY(%s::bigint[]) AND v.partition_id = %s"
            f" AND {visible}",
            (list(versions), partition_id, *values),
        ).fetchall()
    return {row.version: row for row in rows}


def _past(
    uid: str,
    version: int,
    at: dt.datetime,
    by: str,
    happened: list[str],
    state: str,
    information: bytes,
) -> Past:
    return Past(uid, version, at, by, happened, State(state), information)
