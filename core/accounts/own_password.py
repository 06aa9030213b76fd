"""What people do with their own password, without an administrator."""

from django.db import transaction

from core import audit
from core.access import Actor
from core.accounts.changes import give_password
from core.accounts.sign_in import check_again
from core.audit import Action, Event
from core.errors import Conflict, Invalid
from core.models import Account


def change_own_password(*, actor: Actor, old: str, new: str) -> Account:
    """Give the actor another password; its sessions end, its tokens go on. Audited.

    Raises
    ------
    Invalid
        The old one is wrong, or no account can have the new one.
    Conflict
        The account belongs to an issuer, where its password is.
    TooMany
        There were too many attempts of late.
    """
    account = Account.objects.get(username=actor.name)
    if account.issuer:
        message = f"Your password is kept at {account.issuer}: change it there."
        raise Conflict(message)
    if not check_again(account=account, password=old):
        message = "The old password is not right."
        raise Invalid(message, path="old")
    with transaction.atomic():
        give_password(account, new)
        account.save(update_fields=["password"])
        audit.record(Event(actor, Action.CONFIGURE, detail="own password changed"))
    return account
