"""Bearer tokens: made once, kept as SHA-256, resolved to an actor."""

import hashlib
import secrets
from datetime import datetime

from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.access import Actor
from core.accounts.actors import actor_of_account
from core.errors import Invalid, NotFound, Unauthenticated
from core.models import Account, Token


def digest_of(token: str) -> bytes:
    """Return what the database keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


def create_token(
    *,
    account_name: str,
    role: str,
    name: str = "command line",
    expires_at: datetime | None = None,
    token: str | None = None,
) -> str:
    """Give `account_name` a new token, and make the account if needed.

    Parameters
    ----------
    role
        Name of a role (a Django group) that the account gets as well.
    token
        The token's text where the caller has one; random otherwise.

    Returns
    -------
    str
        The token, shown this once: the database keeps its SHA-256 only.

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
    account, created = Account.objects.get_or_create(username=account_name)
    if created:
        account.set_unusable_password()
        account.save(update_fields=["password"])
    account.groups.add(group)
    token = token or secrets.token_urlsafe(32)
    Token.objects.get_or_create(
        digest=digest_of(token),
        defaults={"account": account, "name": name, "expires_at": expires_at},
    )
    return token


def list_tokens(*, account_name: str | None = None) -> QuerySet[Token]:
    """Return the tokens that work, newest first; of one account where named."""
    working = Token.objects.select_related("account").filter(_working())
    if account_name is None:
        return working
    return working.filter(account__username=account_name)


def revoke_token(*, token_id: int) -> None:
    """Have a token work no more; in every process within seconds.

    Raises
    ------
    NotFound
        There is no such token, or it was revoked already.
    """
    revoked = Token.objects.filter(pk=token_id, revoked_at=None).update(
        revoked_at=timezone.now()
    )
    if not revoked:
        message = f"There is no token {token_id} that could be revoked."
        raise NotFound(message)


def actor_of_token(token: str) -> Actor:
    """Return who acts with `token`.

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
        raise Unauthenticated(message)
    return actor_of_account(row.account)


def _working() -> Q:
    unexpired = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return unexpired & Q(revoked_at=None, account__is_active=True)
