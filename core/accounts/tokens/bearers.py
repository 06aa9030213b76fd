"""From a bearer token to the actor that it stands for."""

from dataclasses import replace

from core.access import Actor, limited
from core.accounts.actors import actor_of_account
from core.accounts.tokens.rows import digest_of, working
from core.accounts.tokens.uses import token_uses
from core.errors import Unauthenticated
from core.models import Token


def actor_of_token(token: str) -> Actor:
    """Return who acts with `token`, and no further than it allows.

    Raises
    ------
    Unauthenticated
        The token is unknown, expired or revoked, or its account is not active.
    """
    row = (
        Token.objects.select_related("account")
        .filter(working(), digest=digest_of(token))
        .first()
    )
    if row is None:
        message = "The bearer token is unknown, expired or revoked."
        raise Unauthenticated(message, error="invalid_token")
    token_uses.note(row.pk)
    account = actor_of_account(row.account)
    return limited(
        replace(account, via=f"token {row.pk}", gives_until=row.expires_at),
        verbs=row.verbs,
        partitions=row.partitions,
        until=row.expires_at,
    )
