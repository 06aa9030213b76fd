"""Bearer tokens: made once, kept as SHA-256, resolved to an actor.

Administrators make and revoke any (`create_token`), people their own
(`create_own_token`). A token may allow less than its account: some verbs, some
partitions, some time.
"""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core import audit
from core.access import Actor, Verb, limited, system
from core.accounts import token_uses
from core.accounts.actors import actor_of_account
from core.audit import Action, Event
from core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from core.models import Account, Partition, Token

PREFIX: Final = "irp_"
"""What a token begins with, so that scanners for leaked secrets know it."""

GRACE: Final = timedelta(hours=24)
"""How long a token works on after it was rotated, unless told otherwise."""

MAXIMUM_OWN: Final = 100
"""How many tokens that work one may make for oneself."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a token allows of what its account may do.

    Attributes
    ----------
    verbs
        The only verbs; None for all.
    partitions
        Names of the only partitions; None for all.
    expires_at
        When it ends; None for never.
    """

    verbs: Collection[Verb] | None = None
    partitions: Collection[str] | None = None
    expires_at: datetime | None = None


UNLIMITED: Final = Limits()


class NewToken(NamedTuple):
    """A token that was made, and its text, which is nowhere kept."""

    token: Token
    text: str


def digest_of(token: str) -> bytes:
    """Return what the database keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


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
    return _make(actor, account, name=name, limits=limits, text=token).text


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
    working = Token.objects.select_related("account").filter(_working())
    if account_name is None:
        return working
    return working.filter(account__username=account_name)


def revoke_token(*, actor: Actor | None = None, token_id: int) -> None:
    """Have a token work no more; in every process within seconds. Audited.

    Raises
    ------
    NotFound
        There is no such token, or it was revoked already.
    """
    _revoke(actor or system("command line"), Token.objects.all(), token_id)


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
    working = Token.objects.select_for_update(of=("self",)).select_related("account")
    old = working.filter(_working(), pk=token_id).first()
    if old is None:
        raise _no_such(token_id)
    now = timezone.now()
    text = _new_text()
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
    _record(actor or system("command line"), what)
    return NewToken(new, text)


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
    if not 0 < len(name) <= 100:
        message = "Name what the token is for, in at most 100 characters."
        raise Invalid(message, path="name")
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)  # counts are exact
        if account.tokens.filter(_working()).count() >= MAXIMUM_OWN:
            message = f"You have {MAXIMUM_OWN} tokens already. Revoke some first."
            raise Conflict(message)
        return _make(actor, account, name=name, limits=limits)


def list_own_tokens(*, actor: Actor) -> QuerySet[Token]:
    """Return the tokens of the account that acts that work, newest first."""
    if actor.account_id is None:
        return Token.objects.none()
    return Token.objects.filter(_working(), account_id=actor.account_id)


def revoke_own_token(*, actor: Actor, token_id: int) -> None:
    """Have a token of the account that acts work no more; audited.

    Raises
    ------
    Forbidden
        As with `create_own_token`.
    NotFound
        The account has no such token.
    """
    _revoke(actor, _own_account(actor).tokens.all(), token_id)


def actor_of_token(token: str) -> Actor:
    """Return who acts with `token`, and no further than it allows.

    Raises
    ------
    Unauthenticated
        The token is unknown, expired or revoked, or its account is not active.
    """
    row = (
        Token.objects.select_related("account")
        .filter(_working(), digest=digest_of(token))
        .first()
    )
    if row is None:
        message = "The bearer token is unknown, expired or revoked."
        raise Unauthenticated(message, error="invalid_token")
    token_uses.note(row.pk)
    return limited(
        actor_of_account(row.account),
        verbs=row.verbs,
        partitions=row.partitions,
        until=row.expires_at,
    )


def _make(
    actor: Actor,
    account: Account,
    *,
    name: str,
    limits: Limits,
    text: str | None = None,
) -> NewToken:
    if limits.expires_at is not None and limits.expires_at <= timezone.now():
        message = "The token would have expired already."
        raise Invalid(message, path="expires_at")
    text = text or _new_text()
    token = Token.objects.create(
        digest=digest_of(text),
        account=account,
        name=name,
        expires_at=limits.expires_at,
        verbs=None if limits.verbs is None else sorted(limits.verbs),
        partitions=_partition_keys(actor, limits.partitions),
    )
    _record(actor, f"token {token.pk} made for {account}")
    return NewToken(token, text)


def _new_text() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def _partition_keys(actor: Actor, names: Collection[str] | None) -> list[int] | None:
    if names is None:
        return None
    held = Partition.objects.filter(name__in=set(names), deleted_at=None)
    keys = {
        partition.name: partition.pk
        for partition in held
        if any(reach.enters(partition.pk) for reach in actor.reaches.values())
    }
    for name in names:
        if name not in keys:
            message = f"There is no partition {name!r}."
            raise NotFound(message, path="partitions")
    return sorted(keys.values())


def _own_account(actor: Actor) -> Account:
    if actor.account_id is None or actor.is_limited:
        message = (
            "Tokens are managed after signing in, or with a token that has no limits"
            " and does not expire."
        )
        raise Forbidden(message)
    return Account.objects.get(pk=actor.account_id)


@transaction.atomic
def _revoke(actor: Actor, among: QuerySet[Token], token_id: int) -> None:
    token = among.filter(pk=token_id, revoked_at=None).first()
    if token is None or not among.filter(pk=token_id, revoked_at=None).update(
        revoked_at=timezone.now()
    ):
        raise _no_such(token_id)
    _record(actor, f"token {token_id} of {token.account} revoked")


def _no_such(token_id: int) -> NotFound:
    return NotFound(f"There is no token {token_id} that works.")


def _record(actor: Actor, what: str) -> None:
    audit.record(Event(actor, Action.CONFIGURE, detail=what))


def _working() -> Q:
    unexpired = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return unexpired & Q(revoked_at=None, account__is_active=True)
