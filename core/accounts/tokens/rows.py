"""The rows of tokens: made within limits, revoked, and which of them work."""

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core import audit
from core.access import Actor, Verb
from core.audit import Action, Event
from core.errors import Invalid, NotFound
from core.models import Account, Partition, Token

PREFIX: Final = "irp_"
"""What a token begins with, so that scanners for leaked secrets know it."""

MAXIMUM_NAME: Final = 100  # characters


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


def make(
    actor: Actor,
    account: Account,
    *,
    name: str,
    limits: Limits,
    text: str | None = None,
) -> NewToken:
    """Make a token of an account, within limits; audited.

    Raises
    ------
    Invalid
        It has no name, or would have expired already.
    NotFound
        There is no such partition, or `actor` reaches nothing in it.
    """
    if not 0 < len(name) <= MAXIMUM_NAME:
        message = f"Name what it is for, in at most {MAXIMUM_NAME} characters."
        raise Invalid(message, path="name")
    if limits.expires_at is not None and limits.expires_at <= timezone.now():
        message = "The token would have expired already."
        raise Invalid(message, path="expires_at")
    text = text or new_text()
    token = Token.objects.create(
        digest=digest_of(text),
        account=account,
        name=name,
        expires_at=limits.expires_at,
        verbs=None if limits.verbs is None else sorted(limits.verbs),
        partitions=_partition_keys(actor, limits.partitions),
    )
    record(actor, f"token {token.pk} made for {account}")
    return NewToken(token, text)


def new_text() -> str:
    """Return the text of a token that nobody can guess."""
    return PREFIX + secrets.token_urlsafe(32)


@transaction.atomic
def revoke(actor: Actor, among: QuerySet[Token], token_id: int) -> None:
    """Have one of some tokens work no more; audited.

    Raises
    ------
    NotFound
        It is none of them, or was revoked already.
    """
    token = among.filter(pk=token_id, revoked_at=None).first()
    if token is None or not among.filter(pk=token_id, revoked_at=None).update(
        revoked_at=timezone.now()
    ):
        raise no_such(token_id)
    record(actor, f"token {token_id} of {token.account} revoked")


def no_such(token_id: int) -> NotFound:
    """Return the refusal of a token's number."""
    return NotFound(f"There is no token {token_id} that works.")


def record(actor: Actor, what: str) -> None:
    """Write into the audit log what was done with a token."""
    audit.record(Event(actor, Action.CONFIGURE, detail=what))


def working() -> Q:
    """Return the condition that a token works."""
    unexpired = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return unexpired & Q(revoked_at=None, account__is_active=True)


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
