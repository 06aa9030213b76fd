"""Tokens that people manage for themselves."""

from collections.abc import Collection, Mapping
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from core.access import Actor
from core.accounts.tokens.managed import rotate_token
from core.accounts.tokens.rows import (
    UNLIMITED,
    Limits,
    NewToken,
    make,
    no_such,
    revoke,
    working,
)
from core.errors import Conflict, Forbidden
from core.models import Account, Partition, Token

MAXIMUM_OWN: Final = 100
"""How many tokens that work one may make for oneself."""


def create_own_token(
    *, actor: Actor, name: str, limits: Limits = UNLIMITED
) -> NewToken:
    """Make a token for the account that acts; audited.

    Raises
    ------
    Forbidden
        The actor is no account, or uses a token that allows less than the account:
        what it makes would allow more.
    Invalid
        The name or the limits make no sense.
    NotFound
        There is no such partition, or nothing in it is reached.
    Conflict
        The account has too many already.
    """
    account = _own_account(actor)
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)  # counts are exact
        if account.tokens.filter(working()).count() >= MAXIMUM_OWN:
            message = f"You have {MAXIMUM_OWN} tokens already. Revoke some first."
            raise Conflict(message)
        return make(actor, account, name=name, limits=limits)


def list_own_tokens(*, actor: Actor) -> QuerySet[Token]:
    """Return the tokens of the account that acts that work, newest first."""
    if actor.account_id is None:
        return Token.objects.none()
    return Token.objects.filter(working(), account_id=actor.account_id)


def revoke_own_token(*, actor: Actor, token_id: int) -> None:
    """Have a token of the account that acts work no more; audited.

    Raises
    ------
    Forbidden
        As with `create_own_token`.
    NotFound
        The account has no such token.
    """
    revoke(actor, _own_account(actor).tokens.all(), token_id)


@transaction.atomic
def rotate_own_token(*, actor: Actor, token_id: int) -> NewToken:
    """Make a token that takes the place of one of the account that acts; audited.

    Raises
    ------
    Forbidden
        As with `create_own_token`.
    NotFound
        The account has no such token that works.
    """
    if not _own_account(actor).tokens.filter(pk=token_id).exists():
        raise no_such(token_id)
    return rotate_token(actor=actor, token_id=token_id)


def partitions_of(tokens: Collection[Token]) -> Mapping[int, str]:
    """Return the names of the partitions that some tokens are limited to, by key."""
    keys = {key for token in tokens for key in token.partitions or ()}
    held = Partition.objects.filter(pk__in=keys, deleted_at=None)
    return dict(held.values_list("pk", "name"))


def _own_account(actor: Actor) -> Account:
    if actor.account_id is None or actor.is_limited:
        message = (
            "Tokens are managed after signing in, or with a token that has no limits"
            " and does not expire."
        )
        raise Forbidden(message)
    return Account.objects.get(pk=actor.account_id)
