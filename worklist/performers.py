"""Accounts as people who are to do something, or did it (DICOM PS3.3 10.6)."""

from typing import Final

from core.access import Actor, Verb
from core.accounts.actors import actor_of_account
from core.database import raw_connection
from core.errors import NotFound
from core.models import Account, Partition
from imaging.index import tag_of
from imaging.part10 import JsonModel
from worklist import data_set
from worklist.access import within
from worklist.describing import Code, attribute, person_name, short_text
from worklist.held import Held

SCHEME: Final = "99PORTAL"
"""Coding Scheme Designator of accounts: the code is what the account is called."""

SCHEDULED: Final = tag_of("ScheduledHumanPerformersSequence")

_CODE: Final = tag_of("HumanPerformerCodeSequence")
_VALUES: Final = (tag_of("CodeValue"), tag_of("LongCodeValue"))
_SCHEME: Final = tag_of("CodingSchemeDesignator")


def performer_of(account: Account, partition_id: int) -> JsonModel:
    """Return an account as an item of a sequence of human performers.

    Its organization is the partition, which is a tenant.
    """
    name = person_name(account.first_name, account.last_name)
    called = short_text(account.get_full_name() or account.username)
    code = Code(account.username, SCHEME, called)
    partition = Partition.objects.get(pk=partition_id).name
    return {
        **attribute("HumanPerformerCodeSequence", "SQ", code.item()),
        **attribute("HumanPerformerName", "PN", {"Alphabetic": name or called}),
        **attribute("HumanPerformerOrganization", "LO", short_text(partition)),
    }


def acting_performer(actor: Actor, partition_id: int) -> JsonModel | None:
    """Return who acts as a human performer; None: the portal itself does."""
    account = Account.objects.filter(pk=actor.account_id or 0).first()
    return None if account is None else performer_of(account, partition_id)


def is_account(performer: JsonModel, name: str) -> bool:
    """Return whether an item of a sequence of human performers is an account."""
    return any(
        data_set.text(code, _SCHEME) == SCHEME
        and name in {data_set.text(code, tag) for tag in _VALUES}
        for code in data_set.items(performer, _CODE)
    )


def find_performer(partition_id: int, held: Held, name: str) -> Account:
    """Return the account of a name, which may see a workitem and work at it.

    Raises
    ------
    NotFound
        There is none, or it may not: which of these is not told.
    """
    account = Account.objects.filter(username=name, is_active=True).first()
    if account is None or not _may_perform(account, partition_id, held):
        message = "There is nobody of this name who may do it."
        raise NotFound(message, path="to")
    return account


def _may_perform(account: Account, partition_id: int, held: Held) -> bool:
    actor = actor_of_account(account)
    visible, of_visible = within(actor.reach(Verb.VIEW_PHI), partition_id)
    reached, of_reached = within(actor.reach(Verb.PERFORM), partition_id)
    row = raw_connection().execute(
        f"SELECT FROM worklist_workitem w WHERE id = %s AND {visible} AND {reached}",
        (held.id, *of_visible, *of_reached),
    )
    return row.fetchone() is not None
