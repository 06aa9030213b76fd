"""Which workitems rules have made, and what is known of one by that."""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from core.database import raw_connection
from worklist.describing import Code
from worklist.making.usual import STUDY

INTERPRETATION: Final = Code("110005", "DCM", "Interpretation")
"""What studies are put on a worklist for (DICOM PS3.16 CID 9231)."""
WORK: Final = Code("WORK", "99PORTAL", "Work of a worklist")
"""What was done where nobody has said more, and the workitem was made of a resource."""


class Maker(NamedTuple):
    """The rule that has made a workitem.

    Attributes
    ----------
    source
        Of what: Study, or a type of resource.
    """

    name: str
    source: str

    @property
    def usual_code(self) -> Code:
        """Return what is done with its workitems where it gives them no code."""
        return INTERPRETATION if self.source == STUDY else WORK


def makers_of(partition_id: int, uids: Collection[str]) -> Mapping[str, Maker]:
    """Return the rules that have made workitems, by the workitems' UIDs."""
    rows = raw_connection().execute(_MAKERS, (partition_id, list(uids)))
    return {uid: Maker(name, source) for uid, name, source in rows.fetchall()}


def go_on_as(partition_id: int, uid: str, new: str) -> None:
    """Have a workitem count as made by the rule that made the one it replaces."""
    raw_connection().execute(_GO_ON, (new, partition_id, uid))


_MAKERS: Final = (
    "SELECT made.sop_instance_uid, rule.name, rule.source"
    " FROM worklist_madeworkitem made JOIN worklist_workitemrule rule"
    " ON rule.id = made.rule_id"
    " WHERE made.partition_id = %s AND made.sop_instance_uid = ANY(%s::text[])"
)
_GO_ON: Final = (
    "UPDATE worklist_madeworkitem SET sop_instance_uid = %s"
    " WHERE partition_id = %s AND sop_instance_uid = %s"
)
