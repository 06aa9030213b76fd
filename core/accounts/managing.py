"""What holds for all that administrators do with accounts and roles.

Who may manage accounts may give any role. Three things are refused: that one locks
oneself out, that a superuser is changed by anybody else, and that a token which was
made to end gives what lasts. Whatever is done is a row of the audit log.
"""

from typing import Final

from core import access, audit
from core.access import Actor, Verb
from core.accounts.actors import actor_of_account
from core.audit import Action, Event
from core.database import raw_connection
from core.errors import Conflict, Forbidden
from core.models import Account
from core.reach import EVERYWHERE

_LOCK: Final = 7017281943


def require_manager(actor: Actor) -> None:
    """Refuse credentials that are for some partitions: accounts are of all of them.

    Raises
    ------
    Forbidden
        So they are, or the roles lack the verb.
    """
    message = "Accounts are managed with a reach of all partitions."
    access.require_everywhere(actor, Verb.MANAGE_ACCOUNTS, message)


def require_lasting(actor: Actor) -> None:
    """Refuse a token that was made to end, where what it gives would last.

    Raises
    ------
    Forbidden
        It is such a token.
    """
    if actor.gives_until is not None:
        message = (
            "Your token expires, and what it gives here would not: sign in, or use a"
            " token that does not expire."
        )
        raise Forbidden(message)


def require_above(actor: Actor, account: Account) -> None:
    """Refuse to change a superuser, but to the portal itself and to superusers.

    Raises
    ------
    Forbidden
        The account is one, and who acts is none.
    """
    if not account.is_superuser or actor.account_id is None:
        return
    if not Account.objects.filter(pk=actor.account_id, is_superuser=True).exists():
        message = "Only a superuser changes a superuser."
        raise Forbidden(message)


def keep_managing(*, actor: Actor) -> None:
    """Refuse, in its transaction, a change by which one locks oneself out.

    So there is always somebody left who can mend it. The portal itself, which is
    whoever uses its command line, can always.

    Raises
    ------
    Conflict
        The account that acts could not manage accounts any more.
    """
    # One at a time: two who take the right from each other would not see it otherwise.
    raw_connection().execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
    account = Account.objects.filter(pk=actor.account_id or 0).first()
    if account is None:
        return
    reach = actor_of_account(account).reach(Verb.MANAGE_ACCOUNTS)
    if not account.is_active or reach != EVERYWHERE:
        message = (
            "You could not manage accounts any more yourself. Have another"
            " administrator do this."
        )
        raise Conflict(message)


def record(actor: Actor, what: str) -> None:
    """Write into the audit log what was done with accounts or roles."""
    audit.record(Event(actor, Action.CONFIGURE, detail=what))
