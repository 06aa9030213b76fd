"""Retrieving a workitem (DICOM PS3.18 11.5)."""

from dataclasses import dataclass

from core import audit
from core.access import Actor, Verb, require
from core.changefeed_access import WORKITEM
from core.database import raw_connection
from core.errors import Gone, NotFound
from core.partitions import get_partition
from core.reach import Reach
from imaging.part10 import JsonModel
from worklist import data_set
from worklist.access import within
from worklist.errors import NoSuchWorkitem


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A workitem as whoever may see it gets it: without the Transaction UID.

    Attributes
    ----------
    version
        What happened last: another one once anything has.
    """

    content: bytes
    version: int

    def json(self) -> bytes:
        """Return its DICOM JSON."""
        return data_set.json_of(self.content)

    def model(self) -> JsonModel:
        """Return its data set."""
        return data_set.unpacked(self.content)


def retrieve_workitem(*, actor: Actor, partition: str, uid: str) -> Retrieved:
    """Return a workitem; the audit log names the patient.

    Raises
    ------
    Forbidden
        The actor may see no patient anywhere.
    NoSuchWorkitem
        There is none, or the actor may not see it.
    Gone
        It was deleted, and the actor saw all of the partition.
    """
    require(actor, Verb.VIEW_PHI)
    partition_id = get_partition(actor=actor, name=partition, verb=Verb.VIEW_PHI)
    reach = actor.reach(Verb.VIEW_PHI)
    visible, values = within(reach, partition_id)
    with raw_connection().cursor(binary=True) as cursor:
        cursor.execute(
            "SELECT content, version_id, patient_id, study_instance_uids[1]"  # noqa: S608 own names
            " FROM worklist_workitem w WHERE partition_id = %s"
            f" AND sop_instance_uid = %s AND {visible}",
            (partition_id, uid, *values),
        )
        row = cursor.fetchone()
    if row is None:
        raise _missing(reach, partition_id, uid)
    content, version, patient_id, study = row
    audit.record_soon(
        audit.Event(
            actor,
            audit.Action.RETRIEVE,
            partition_id=partition_id,
            patient_id=patient_id,
            study_instance_uid=study or "",
            detail=f"workitem {uid}",
        )
    )
    return Retrieved(content, version)


def _missing(reach: Reach, partition_id: int, uid: str) -> NotFound:
    """Return what is told of a workitem that is not there.

    That it was deleted (PS3.18 11.5.3) is told to who sees all of the partition.
    """
    if reach.has_whole(partition_id):
        last = raw_connection().execute(
            "SELECT op FROM core_feedentry WHERE key[1] = %s AND kind = %s"
            " AND partition_id = %s ORDER BY seq DESC LIMIT 1",
            (uid, WORKITEM, partition_id),
        )
        if last.fetchone() == ("delete",):
            message = "The workitem has been deleted."
            return Gone(message, path="workitem")
    return NoSuchWorkitem()
