"""From roles and grants to what an actor may do, and where."""

import pytest
from django.contrib.auth.models import Group, Permission

from core.access import WITH_STORE, Verb, system
from core.accounts.actors import actor_of_account
from core.accounts.grants import Level, grant, scope_of
from core.accounts.roles import ROLES, seed_roles
from core.models import Account, Partition, Scope, ScopeKind
from core.reach import EVERYWHERE, NOWHERE, Reach, ScopeKey

pytestmark = pytest.mark.django_db
ACTOR = system("test")


@pytest.fixture
def partition() -> Partition:
    return Partition.objects.create(name="north")


def account(*roles: str, only_granted: bool = False) -> Account:
    made = Account.objects.create(username="ada", only_granted=only_granted)
    made.groups.add(*Group.objects.filter(name__in=roles))
    return made


def project(partition: Partition, key: int = 7) -> Scope:
    return scope_of(ScopeKind.PROJECT, key, partition.pk)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_everywhere_or_what_is_granted(
    role: str, partition: Partition
) -> None:
    ada = account(role)
    bound = "reach_everything" not in ROLES[role]
    verbs = {Verb(name) for name in ROLES[role] - {"reach_everything"}}
    verbs |= set(WITH_STORE) if Verb.STORE in verbs else set()
    actor = actor_of_account(ada)
    assert set(actor.reaches) == verbs
    wanted = NOWHERE if bound else EVERYWHERE
    assert set(actor.reaches.values()) == {wanted}
    whole = scope_of(ScopeKind.PARTITION, partition.pk, partition.pk)
    grant(actor=ACTOR, scope=whole, to=ada, level=Level.SEE)
    wanted = Reach(frozenset({partition.pk})) if bound else EVERYWHERE
    assert set(actor_of_account(ada).reaches.values()) == {wanted}


def test_roles_of_one_account_do_not_mix(partition: Partition) -> None:
    ada = account("Service Writer", "Researcher")
    on = project(partition)
    grant(actor=ACTOR, scope=on, to=ada, level=Level.SEE)
    actor = actor_of_account(ada)
    assert actor.reach(Verb.STORE) == EVERYWHERE
    key = ScopeKey(on.pk, partition.pk)
    assert actor.reach(Verb.READ) == Reach(frozenset(), frozenset({key}))
    assert actor.reach(Verb.READ).enters(partition.pk)
    assert not actor.reach(Verb.READ).has_whole(partition.pk)
    assert not actor.may(Verb.VIEW_PHI)


def test_a_grant_that_identifies_or_owns_gives_that_and_sight(
    partition: Partition,
) -> None:
    ada = account("Researcher")
    one, two = project(partition, 1), project(partition, 2)
    grant(actor=ACTOR, scope=one, to=ada, level=Level.IDENTIFY)
    grant(actor=ACTOR, scope=two, to=ada, level=Level.OWN)
    actor = actor_of_account(ada)
    keys = [ScopeKey(each.pk, partition.pk) for each in (one, two)]
    assert actor.reach(Verb.READ).scopes == frozenset(keys)
    assert actor.reach(Verb.VIEW_PHI).scopes == frozenset(keys[:1])
    assert actor.reach(Verb.SHARE).scopes == frozenset(keys[1:])


def test_what_a_group_is_granted_its_members_are(partition: Partition) -> None:
    ada, team = account("Researcher"), Group.objects.create(name="team")
    grant(actor=ACTOR, scope=project(partition), to=team, level=Level.SEE)
    assert actor_of_account(ada).reach(Verb.READ) == NOWHERE
    ada.groups.add(team)
    assert actor_of_account(ada).reach(Verb.READ).enters(partition.pk)


def test_a_bound_account_reaches_only_what_is_granted(partition: Partition) -> None:
    ada = account("Administrator", only_granted=True)
    assert set(actor_of_account(ada).reaches.values()) == {NOWHERE}
    grant(actor=ACTOR, scope=project(partition), to=ada, level=Level.SEE)
    assert actor_of_account(ada).reach(Verb.DELETE).enters(partition.pk)


def test_a_grant_gives_nothing_without_a_role(partition: Partition) -> None:
    ada = account()
    grant(actor=ACTOR, scope=project(partition), to=ada, level=Level.OWN)
    assert not actor_of_account(ada).reaches


def test_who_patients_are_is_seen_only_of_what_is_seen(partition: Partition) -> None:
    ada = account("Service Reader")
    role = Group.objects.get(name="Service Reader")
    role.permissions.remove(Permission.objects.get(codename="read_data"))
    assert not actor_of_account(ada).reaches


def test_a_new_permission_comes_to_roles_and_a_removed_one_does_not() -> None:
    role = Group.objects.get(name="Auditor")
    Permission.objects.filter(codename="read_accounts").delete()
    role.permissions.remove(Permission.objects.get(codename="read_audit"))
    seed_roles()
    held = set(role.permissions.values_list("codename", flat=True))
    assert held == {"read_accounts", "reach_everything"}


def test_reaches_join_and_meet() -> None:
    scope, other = ScopeKey(1, 5), ScopeKey(2, 6)
    some = Reach(frozenset({6}), frozenset({scope}))
    assert some | EVERYWHERE == EVERYWHERE
    assert some & EVERYWHERE == some
    assert some & Reach(frozenset({5})) == Reach(frozenset(), frozenset({scope}))
    assert some & Reach(frozenset(), frozenset({other})) == Reach(
        frozenset(), frozenset({other})
    )
    assert some.within(6) == Reach(frozenset({6}))
    assert some.within(5) == Reach(frozenset(), frozenset({scope}))
    assert some.within(7) == NOWHERE
