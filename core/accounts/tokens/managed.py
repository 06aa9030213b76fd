"""Tokens of any account, as administrators and commands manage them."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core.access import Actor, Verb, require, system
from core.accounts.managing import require_above
from core.accounts.tokens.rows import (
    UNLIMITED,
    Limits,
    NewToken,
    digest_of,
    make,
    new_text,
    no_such,
    record,
    revoke,
    working,
)
from core.errors import Forbidden, Invalid
from core.models import Account, Token
from core.reach import EVERYWHERE

GRACE: Final = timedelta(hours=24)
"""How long a token works on after it was rotated, unless told otherwise."""


@transaction.atomic
def create_token(
    *,
    actor: Actor | None = None,
    account_name: str,
    role: str,
    name: str = "command line",
    expires_at: datetime | None = None,
    verbs: Collection[Verb] | None = None,
    partitions: Collection[str] | None = None,
    token: str | None = None,
) -> str:
    """Give `account_name` a new token, and make the account if needed; audited.

    Parameters
    ----------
    actor
        Who does it; the system where nobody is named.
    role
        Name of a role (a Django group) that the account gets as well.
    verbs, partitions
        The only ones that the token allows; None for all of the account's.
    token
        The token's text where the caller has one; random otherwise.

    Returns
    -------
    str
        The token, shown this once: the database keeps its SHA-256 only.

    Raises
    ------
    Invalid
        There is no such role, or it would never work.
    NotFound
        There is no such partition.
    """
    actor = actor or system("command line")
    group = role_named(role)
    account, created = Account.objects.get_or_create(username=account_name)
    if created:
        account.set_unusable_password()
        account.save(update_fields=["password"])
    account.groups.add(group)
    if token is not None and Token.objects.filter(digest=digest_of(token)).exists():
        return token
    limits = Limits(verbs, partitions, expires_at)
    return make(actor, account, name=name, limits=limits, text=token).text


@transaction.atomic
def create_token_for(
    *, actor: Actor, account: Account, name: str, limits: Limits = UNLIMITED
) -> NewToken:
    """Make a token for an account that is there; audited.

    Raises
    ------
    Forbidden
        The actor may not manage all accounts, or acts with credentials that are
        limited; or the account is a superuser's and the actor is none.
    Invalid
        The name or the limits make no sense.
    NotFound
        There is no such partition.
    """
    _require_may_act_as(actor, account)
    return make(actor, account, name=name, limits=limits)


@transaction.atomic
def rotate_token_for(*, actor: Actor, token_id: int) -> NewToken:
    """Rotate a token of any account, as `rotate_token` does.

    Raises
    ------
    Forbidden
        As with `create_token_for`.
    NotFound
        There is no such token that works.
    """
    held = Token.objects.select_related("account").filter(pk=token_id).first()
    if held is None:
        raise no_such(token_id)
    _require_may_act_as(actor, held.account)
    return rotate_token(actor=actor, token_id=token_id)


def _require_may_act_as(actor: Actor, account: Account) -> None:
    """Refuse who may not have the text of a token of an account."""
    require(actor, Verb.MANAGE_ACCOUNTS)
    if actor.is_limited or actor.reach(Verb.MANAGE_ACCOUNTS) != EVERYWHERE:
        message = "Tokens of others are made by who manages all accounts, signed in."
        raise Forbidden(message)
    require_above(actor, account)


def role_named(role: str) -> Group:
    """Return a role.

    Raises
    ------
    Invalid
        There is no such role.
    """
    group = Group.objects.filter(name=role).first()
    if group is None:
        names = ", ".join(Group.objects.values_list("name", flat=True))
        message = f"There is no role {role!r}. The roles are: {names}."
        raise Invalid(message, path="role")
    return group


def list_tokens(*, account_name: str | None = None) -> QuerySet[Token]:
    """Return the tokens that work, newest first; of one account where named."""
    held = Token.objects.select_related("account").filter(working())
    if account_name is None:
        return held
    return held.filter(account__username=account_name)


def revoke_token(*, actor: Actor | None = None, token_id: int) -> None:
    """Have a token work no more; in every process within seconds. Audited.

    Raises
    ------
    NotFound
        There is no such token, or it was revoked already.
    """
    revoke(actor or system("command line"), Token.objects.all(), token_id)


@transaction.atomic
def rotate_token(
    *, actor: Actor | None = None, token_id: int, grace: timedelta = GRACE
) -> NewToken:
    """Make a token that takes the place of another, which soon ends; audited.

    The new one allows the same, and lasts as long as the other did from its making.

    Parameters
    ----------
    grace
        How long the other one works on, unless it expires before.

    Raises
    ------
    NotFound
        There is no such token that works.
    """
    held = Token.objects.select_for_update(of=("self",)).select_related("account")
    old = held.filter(working(), pk=token_id).first()
    if old is None:
        raise no_such(token_id)
    now = timezone.now()
    text = new_text()
    new = Token.objects.create(
        digest=digest_of(text),
        account=old.account,
        name=old.name,
        verbs=old.verbs,
        partitions=old.partitions,
        expires_at=old.expires_at and now + (old.expires_at - old.created_at),
    )
    old.expires_at = min(now + grace, old.expires_at or now + grace)
    old.save(update_fields=["expires_at"])
    what = f"token {old.pk} of {old.account} rotated to {new.pk}"
    record(actor or system("command line"), what)
    return NewToken(new, text)
