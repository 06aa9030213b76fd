"""To whom a workitem may be handed over: a list for whoever may do so.

It has those whom `worklist.hand_over` takes: accounts that may see the workitem and
work at it.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Final

from core import audit
from core.access import Actor, Verb, require
from core.accounts.reaching import Deed, accounts_that_may
from core.errors import Forbidden, Invalid
from core.models import Account
from core.partitions import get_partition
from imaging.index import tag_of
from imaging.part10 import JsonModel
from worklist import data_set
from worklist.access import scopes_leading_to
from worklist.errors import NoSuchWorkitem
from worklist.rows import Row, read_workitems
from worklist.rules import State

MOST_WORDS: Final = 10
_STATE: Final = tag_of("ProcedureStepState")


def list_candidates(
    *,
    actor: Actor,
    partition: str,
    uid: str,
    words: str = "",
    after: str | None = None,
    limit: int,
) -> Sequence[Account]:
    """Return the accounts that a workitem may be handed over to, by name.

    Parameters
    ----------
    words
        Beginnings of words of the account's name, or of its person's, without regard to
        case and accents.
    after
        The name after which they begin.

    Raises
    ------
    Forbidden
        The actor may not hand it over.
    NotFound, NoSuchWorkitem
        It may not see it.
    Invalid
        There are too many words.
    """
    require(actor, Verb.PERFORM)
    require(actor, Verb.VIEW_PHI)
    if len(words.split()) > MOST_WORDS:
        message = f"text may have {MOST_WORDS} words at most."
        raise Invalid(message, path="text")
    key = get_partition(actor=actor, name=partition, verb=Verb.VIEW_PHI)
    row = read_workitems(actor, key, [uid]).get(uid)
    if row is None:
        raise NoSuchWorkitem
    if not may_hand_over(actor, row, data_set.unpacked(row.content)):
        message = "You may not hand this workitem over: it is not yours."
        raise Forbidden(message)
    scopes = scopes_leading_to([row.id]).get(row.id, frozenset())
    deed = Deed((Verb.PERFORM, Verb.VIEW_PHI), key, scopes)
    found = list(islice(accounts_that_may(deed, words=words, after=after), limit))
    audit.record_soon(
        audit.Event(
            actor,
            audit.Action.SEARCH,
            partition_id=key,
            patient_id=row.patient_id,
            study_instance_uid=next(iter(row.study_instance_uids), ""),
            detail=f"accounts for workitem {uid} ({len(found)} results)",
            query=words,
        )
    )
    return found


def may_hand_over(actor: Actor, row: Row, model: JsonModel) -> bool:
    """Return whether an actor may hand over a workitem that it sees, as it is now.

    What nobody has claimed may whoever works at it; else who has claimed it, and who
    manages all data of the partition.

    Parameters
    ----------
    model
        What the workitem says.
    """
    if not row.is_reached or row.ended_at is not None:
        return False
    return (
        data_set.text(model, _STATE) == State.SCHEDULED
        or (row.claimed_by_id is not None and row.claimed_by_id == actor.account_id)
        or actor.reach(Verb.MANAGE).has_whole(row.partition_id)
    )
