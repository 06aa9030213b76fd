"""Workitems as they are held, locked by whoever is about to change them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from psycopg.rows import args_row

from core.database import raw_connection
from core.reach import Reach
from imaging.part10 import JsonModel
from worklist import data_set
from worklist.access import within
from worklist.errors import NoSuchWorkitem
from worklist.rules import State


class Claim(NamedTuple):
    """Who works at a workitem.

    Attributes
    ----------
    transaction_uid
        The lock: never shown. Empty where nobody has claimed it.
    account_id
        Key of the account that has claimed it; None where the portal itself has, or
        nobody.
    is_here
        Whether the portal made the lock: it tells the account of wishes to cancel.
    """

    transaction_uid: str = ""
    account_id: int | None = None
    is_here: bool = False


NO_CLAIM: Final = Claim()


@dataclass(frozen=True, slots=True)
class Held:
    """A workitem as it is held, locked until the transaction ends.

    Attributes
    ----------
    is_reached
        Whether what is to be done reaches it; it is seen in any case.
    """

    id: int
    sop_instance_uid: str
    state: State
    content: bytes
    modified_at: datetime
    patient_id: str
    claim: Claim
    is_reached: bool

    @property
    def transaction_uid(self) -> str:
        """Return the lock; empty where nobody has claimed it."""
        return self.claim.transaction_uid

    def model(self) -> JsonModel:
        """Return its data set, without the Transaction UID."""
        return data_set.unpacked(self.content)


def lock(partition_id: int, uid: str, *, seen: Reach, reach: Reach) -> Held:
    """Return a workitem, locked: others that would change it wait.

    Parameters
    ----------
    seen, reach
        How far who asks sees workitems, and how far that goes what is to be done.

    Raises
    ------
    NoSuchWorkitem
        There is none, or it is not seen.
    """
    visible, of_visible = within(seen, partition_id)
    reached, of_reached = within(reach, partition_id)
    with raw_connection().cursor(args_row(_held), binary=True) as cursor:
        cursor.execute(
            "SELECT id, sop_instance_uid, state, content, modified_at, patient_id,"  # noqa: S608 own names
            f" transaction_uid, claimed_by_id, is_claimed_here, {reached}"
            " FROM worklist_workitem w"
            " WHERE partition_id = %s AND sop_instance_uid = %s"
            f" AND {visible} FOR UPDATE",
            (*of_reached, partition_id, uid, *of_visible),
        )
        held = cursor.fetchone()
    if held is None:
        raise NoSuchWorkitem
    return held


def _held(key: int, uid: str, state: str, *rest: Any) -> Held:
    content, modified_at, patient_id, *claim, is_reached = rest
    return Held(
        *(key, uid, State(state), content, modified_at, patient_id),
        claim=Claim(*claim),
        is_reached=is_reached,
    )
