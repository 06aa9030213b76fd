"""Views that accounts keep: their own, few and small, seen by nobody else."""

from typing import Final, NamedTuple

from django.db import transaction

from core import audit
from core.access import Actor
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.models import Account, SavedView
from core.models.saved_view import LONGEST_NAME, LONGEST_QUERY

MAXIMUM: Final = 50


class View(NamedTuple):
    """A view.

    Attributes
    ----------
    query
        What stands in the address of its page behind the question mark.
    """

    name: str
    query: str


def list_views(*, actor: Actor) -> list[View]:
    """Return the views of the account that acts, by name; of no account none."""
    if actor.account_id is None:
        return []
    held = SavedView.objects.filter(account_id=actor.account_id)
    return [View(each.name, each.query) for each in held]


@transaction.atomic
def save_view(*, actor: Actor, view: View) -> None:
    """Keep a view for the account that acts, in place of that of its name; audited.

    Raises
    ------
    Forbidden
        The actor is no account, or uses a token that allows less than the account.
    Invalid
        It has no name, or is too long.
    Conflict
        The account has too many already.
    """
    name, query = view.name.strip(), view.query
    if not 0 < len(name) <= LONGEST_NAME:
        message = f"Give it a name, of at most {LONGEST_NAME} characters."
        raise Invalid(message, path="name")
    if len(query) > LONGEST_QUERY:
        message = f"What a view keeps has at most {LONGEST_QUERY} characters."
        raise Invalid(message, path="query")
    account = _locked(actor)
    others = account.saved_views.exclude(name=name)
    if others.count() >= MAXIMUM:
        message = f"You have {MAXIMUM} views already. Remove one first."
        raise Conflict(message)
    SavedView.objects.update_or_create(
        account=account, name=name, defaults={"query": query}
    )
    _record(actor, "saved")


@transaction.atomic
def remove_view(*, actor: Actor, name: str) -> None:
    """Forget a view of the account that acts; audited.

    Raises
    ------
    Forbidden
        The actor is no account, or uses a token that allows less than the account.
    NotFound
        It has none of this name.
    """
    number, _ = _locked(actor).saved_views.filter(name=name).delete()
    if not number:
        message = "You have no view of this name."
        raise NotFound(message, path="name")
    _record(actor, "removed")


def _locked(actor: Actor) -> Account:
    """Return the account that acts, whose views nobody else changes meanwhile."""
    if actor.account_id is None or actor.is_limited:
        message = (
            "Views are kept for accounts, after signing in or with a token that has no"
            " limits."
        )
        raise Forbidden(message)
    return Account.objects.select_for_update().get(pk=actor.account_id)


def _record(actor: Actor, done: str) -> None:
    # Its name is the account's own business.
    event = audit.Event(actor, audit.Action.CONFIGURE, detail=f"{done} a view")
    audit.record(event)
