"""From an account to an actor: its roles say what it may do, its grants where."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, NamedTuple

from core.access import WITH_STORE, Actor, Verb
from core.accounts import roles
from core.database import raw_connection
from core.models import Account, ScopeKind
from core.reach import EVERYWHERE, NOWHERE, Reach, ScopeKey

SEE: Final = "see_scope"
IDENTIFY: Final = "identify_scope"
OWN: Final = "own_scope"
FOR_GOOD: Final = datetime.max.replace(tzinfo=UTC)
_NO_TIME: Final = datetime.min.replace(tzinfo=UTC)


_Roles = Mapping[str, set[str]]  # codenames of permissions, by the role's name
_ALL: Final = dict.fromkeys(Verb, EVERYWHERE)


class _Row(NamedTuple):
    """A grant to an account, or to a group of its."""

    scope_id: int
    kind: str
    object_id: int
    partition_id: int
    level: str
    expires_at: datetime | None


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
    return actors_of_accounts([account])[account.pk]


def lasting(actor: Actor, *, until: datetime = FOR_GOOD) -> Actor:
    """Return an actor without what its grants give for a shorter time.

    So far goes what it opens to others, or takes to where it stays: that would not end
    with the grant.
    """
    if actor.granted_until is None or actor.account_id is None:
        return actor
    account = Account.objects.get(pk=actor.account_id)
    whole = actors_of_accounts([account], until=until)[account.pk]
    reaches = {verb: reach & whole.reach(verb) for verb, reach in actor.reaches.items()}
    return replace(actor, reaches=reaches, granted_until=whole.granted_until)


def actors_of_accounts(
    accounts: Collection[Account], *, until: datetime = _NO_TIME
) -> Mapping[int, Actor]:
    """Return the actors of accounts by the accounts' keys, as `actor_of_account`.

    What they are given is read for all of them together: grants that last now, and do
    not end before a time.
    """
    keys = [account.pk for account in accounts if not account.is_superuser]
    held = _roles_of(keys) if keys else {}
    granted = _granted(keys, until) if keys else {}
    return {
        account.pk: Actor(account.pk, account.username, _ALL)
        if account.is_superuser
        else _actor(account, held[account.pk], granted[account.pk])
        for account in accounts
    }


def _actor(account: Account, of_roles: _Roles, granted: _Granted) -> Actor:
    reaches: dict[Verb, Reach] = {}
    for codenames in of_roles.values():
        is_bound = account.only_granted or roles.EVERYWHERE not in codenames
        for verb, reach in _of_role(codenames, granted, is_bound=is_bound):
            reaches[verb] = reaches.get(verb, NOWHERE) | reach
    if Verb.VIEW_PHI in reaches:  # of what is seen at all
        identified = reaches.pop(Verb.VIEW_PHI) & reaches.get(Verb.READ, NOWHERE)
        if identified != NOWHERE or Verb.READ in reaches:
            reaches[Verb.VIEW_PHI] = identified
    return Actor(
        account.pk,
        account.username,
        reaches,
        until=granted.until,
        granted_until=granted.until,
    )


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
    return _roles_of([account.pk])[account.pk]


def _roles_of(keys: Collection[int]) -> Mapping[int, _Roles]:
    rows = raw_connection().execute(
        "SELECT held.account_id, role.name, permission.codename"
        " FROM core_account_groups AS held"
        " JOIN auth_group AS role ON role.id = held.group_id"
        " JOIN auth_group_permissions AS of_group USING (group_id)"
        " JOIN auth_permission AS permission ON permission.id = of_group.permission_id"
        " WHERE held.account_id = ANY(%(accounts)s)"
        " UNION ALL SELECT own.account_id, 'its own permissions', permission.codename"
        " FROM core_account_user_permissions AS own"
        " JOIN auth_permission AS permission ON permission.id = own.permission_id"
        " WHERE own.account_id = ANY(%(accounts)s)",
        {"accounts": list(keys)},
    )
    found: dict[int, dict[str, set[str]]] = {key: defaultdict(set) for key in keys}
    for key, role, codename in rows:
        found[key][role].add(codename)
    return found


def _granted(keys: Collection[int], until: datetime) -> Mapping[int, _Granted]:
    rows = (
        raw_connection()
        .execute(
            "SELECT given.account_id, scope.id, scope.kind, scope.object_id,"
            " scope.partition_id, permission.codename, given.expires_at FROM ("
            "SELECT user_id AS account_id, content_object_id, permission_id, expires_at"
            " FROM core_accountgrant WHERE user_id = ANY(%(accounts)s)"
            " UNION ALL SELECT held.account_id, given.content_object_id,"
            " given.permission_id, given.expires_at FROM core_groupgrant AS given"
            " JOIN core_account_groups AS held USING (group_id)"
            " WHERE held.account_id = ANY(%(accounts)s)) AS given"
            " JOIN core_scope AS scope ON scope.id = given.content_object_id"
            " JOIN auth_permission AS permission ON permission.id = given.permission_id"
            " WHERE given.expires_at IS NULL"
            " OR given.expires_at > statement_timestamp()"
            " AND given.expires_at >= %(until)s",
            {"accounts": list(keys), "until": until},
        )
        .fetchall()
    )
    found: dict[int, list[_Row]] = {key: [] for key in keys}
    for key, *row in rows:
        found[key].append(_Row(*row))
    return {key: _together(each) for key, each in found.items()}


def _together(rows: Collection[_Row]) -> _Granted:
    partitions: dict[str, set[int]] = defaultdict(set)
    scopes: dict[str, set[ScopeKey]] = defaultdict(set)
    for row in rows:
        if row.kind == ScopeKind.PARTITION:
            partitions[row.level].add(row.object_id)
        else:
            scopes[row.level].add(ScopeKey(row.scope_id, row.partition_id))
    identified, owned = (
        Reach(frozenset(partitions[level]), frozenset(scopes[level]))
        for level in (IDENTIFY, OWN)
    )
    seen = Reach(frozenset(partitions[SEE]), frozenset(scopes[SEE]))
    until = min((row.expires_at for row in rows if row.expires_at), default=None)
    return _Granted(seen | identified | owned, identified, owned, until)
