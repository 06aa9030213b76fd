"""Bearer tokens: made once, kept as SHA-256, resolved to an actor.

Administrators make and revoke any (`create_token`), people their own
(`create_own_token`). A token may allow less than its account: some verbs, some
partitions, some time.
"""

from core.accounts.tokens.bearers import actor_of_token
from core.accounts.tokens.managed import (
    GRACE,
    create_token,
    create_token_for,
    list_tokens,
    revoke_token,
    role_named,
    rotate_token,
    rotate_token_for,
)
from core.accounts.tokens.own import (
    MAXIMUM_OWN,
    create_own_token,
    list_own_tokens,
    partitions_of,
    revoke_own_token,
    rotate_own_token,
)
from core.accounts.tokens.rows import (
    PREFIX,
    UNLIMITED,
    Limits,
    NewToken,
    digest_of,
    working,
)

__all__ = [
    "GRACE",
    "MAXIMUM_OWN",
    "PREFIX",
    "UNLIMITED",
    "Limits",
    "NewToken",
    "actor_of_token",
    "create_own_token",
    "create_token",
    "create_token_for",
    "digest_of",
    "list_own_tokens",
    "list_tokens",
    "partitions_of",
    "revoke_own_token",
    "revoke_token",
    "role_named",
    "rotate_own_token",
    "rotate_token",
    "rotate_token_for",
    "working",
]
