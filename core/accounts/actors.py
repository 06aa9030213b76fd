"""From an account to an actor: its roles say what it may do, its grants where."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final, NamedTuple

from core.access import (
    EVERYWHERE,
    NOWHERE,
    WITH_STORE,
    Actor,
    Reach,
    ScopeKey,
    Verb,
)
from core.accounts import roles
from core.database import raw_connection
from core.models import Account, ScopeKind

SEE: Final = "see_scope"
IDENTIFY: Final = "identify_scope"
OWN: Final = "own_scope"


class _Granted(NamedTuple):
    """What an account's grants lead to, by level, and when the first of them ends."""

    seen: Reach
    identified: Reach
    owned: Reach
    until: datetime | None


def actor_of_account(account: Account) -> Actor:
    """Return the actor of an account: for each verb where a role or grant lets it.

    A role holds everywhere, or where something is granted; each verb has the reach of
    the roles that have it, together. Who may see data may also see who patients are, or
    say who else sees them, where a grant of theirs is of that level.
    """
    if account.is_superuser:
        return Actor(account.pk, account.username, dict.fromkeys(Verb, EVERYWHERE))
    granted = _granted(account)
    reaches: dict[Verb, Reach] = {}
    for codenames in roles_of(account).values():
        is_bound = account.only_granted or roles.EVERYWHERE not in codenames
        for verb, reach in _of_role(codenames, granted, is_bound=is_bound):
            reaches[verb] = reaches.get(verb, NOWHERE) | reach
    if Verb.VIEW_PHI in reaches:  # of what is seen at all
        identified = reaches.pop(Verb.VIEW_PHI) & reaches.get(Verb.READ, NOWHERE)
        if identified != NOWHERE or Verb.READ in reaches:
            reaches[Verb.VIEW_PHI] = identified
    return Actor(account.pk, account.username, reaches, granted.until)


def _of_role(
    codenames: set[str], granted: _Granted, *, is_bound: bool
) -> Iterable[tuple[Verb, Reach]]:
    reach = granted.seen if is_bound else EVERYWHERE
    for verb in Verb:
        if verb in codenames:
            yield verb, reach
    if Verb.STORE in codenames:
        yield from ((verb, reach) for verb in WITH_STORE)
    if Verb.READ in codenames:
        for verb, given in (
            (Verb.VIEW_PHI, granted.identified),
            (Verb.SHARE, granted.owned),
        ):
            if given != NOWHERE:
                yield verb, given & reach


def roles_of(account: Account) -> Mapping[str, set[str]]:
    """Return the permissions of each role by its name; the account's own are one."""
    rows = raw_connection().execute(
        "SELECT role.name, permission.codename"
        " FROM core_account_groups AS held"
        " JOIN auth_group AS role ON role.id = held.group_id"
        " JOIN auth_group_permissions AS of_group USING (group_id)"
        " JOIN auth_permission AS permission ON permission.id = of_group.permission_id"
        " WHERE held.account_id = %(account)s"
        " UNION ALL SELECT 'its own permissions', permission.codename"
        " FROM core_account_user_permissions AS own"
        " JOIN auth_permission AS permission ON permission.id = own.permission_id"
        " WHERE own.account_id = %(account)s",
        {"account": account.pk},
    )
    codenames: dict[str, set[str]] = defaultdict(set)
    for role, codename in rows:
        codenames[role].add(codename)
    return codenames


def _granted(account: Account) -> _Granted:
    rows = (
        raw_connection()
        .execute(
            "SELECT scope.id, scope.kind, scope.object_id, scope.partition_id,"
            " permission.codename, given.expires_at FROM ("
            "SELECT content_object_id, permission_id, expires_at"
            " FROM core_accountgrant WHERE user_id = %(account)s"
            " UNION ALL SELECT given.content_object_id, given.permission_id,"
            " given.expires_at FROM core_groupgrant AS given"
            " JOIN core_account_groups AS held USING (group_id)"
            " WHERE held.account_id = %(account)s) AS given"
            " JOIN core_scope AS scope ON scope.id = given.content_object_id"
            " JOIN auth_permission AS permission ON permission.id = given.permission_id"
            " WHERE given.expires_at IS NULL"
            " OR given.expires_at > statement_timestamp()",
            {"account": account.pk},
        )
        .fetchall()
    )
    partitions: dict[str, set[int]] = defaultdict(set)
    scopes: dict[str, set[ScopeKey]] = defaultdict(set)
    for scope_id, kind, object_id, partition_id, level, _expires_at in rows:
        if kind == ScopeKind.PARTITION:
            partitions[level].add(object_id)
        else:
            scopes[level].add(ScopeKey(scope_id, partition_id))
    identified, owned = (
        Reach(frozenset(partitions[level]), frozenset(scopes[level]))
        for level in (IDENTIFY, OWN)
    )
    seen = Reach(frozenset(partitions[SEE]), frozenset(scopes[SEE]))
    until = min((row[5] for row in rows if row[5]), default=None)
    return _Granted(seen | identified | owned, identified, owned, until)
