"""Who there is: accounts and roles, for those who may see them."""

from collections.abc import Sequence

from django.contrib.auth.models import Group
from django.db.models import QuerySet

from core.access import Actor, Verb, require
from core.accounts.changes import list_accounts
from core.errors import NotFound
from core.models import Account


def page_of_accounts(
    *, actor: Actor, limit: int, after: str | None = None, role: str | None = None
) -> Sequence[Account]:
    """Return accounts with their roles, by name.

    Parameters
    ----------
    after
        The name after which they begin.
    role
        The name of a role that all of them have.
    """
    found = _accounts(actor, role)
    return list((found if after is None else found.filter(username__gt=after))[:limit])


def count_accounts(*, actor: Actor, role: str | None = None) -> int:
    """Return how many accounts there are; of those that have a role, where named."""
    return _accounts(actor, role).count()


def find_account(*, actor: Actor, name: str) -> Account:
    """Return an account with its roles.

    Raises
    ------
    NotFound
        There is none of this name.
    """
    account = _accounts(actor, None).filter(username=name).first()
    if account is None:
        message = f"There is no account {name!r}."
        raise NotFound(message, path="account")
    return account


def list_roles(*, actor: Actor) -> Sequence[Group]:
    """Return all roles with their permissions, by name."""
    require(actor, Verb.READ_ACCOUNTS)
    return list(Group.objects.prefetch_related("permissions").order_by("name"))


def _accounts(actor: Actor, role: str | None) -> QuerySet[Account]:
    found = list_accounts(actor=actor).prefetch_related("groups__permissions")
    return found if role is None else found.filter(groups__name=role)
