"""Managing accounts and roles: what is done, and what nobody may do."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any, Final

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils import timezone

from core.access import Actor, Verb, system
from core.accounts import changes
from core.accounts.actors import actor_of_account
from core.accounts.grants import Level, Terms, grant, scope_of
from core.accounts.role_changes import change_role, create_role, delete_role
from core.accounts.tokens import actor_of_token, create_token
from core.errors import Conflict, Forbidden, Invalid, NotFound, PortalError
from core.models import (
    Account,
    AccountGrant,
    AuditRecord,
    FeedEntry,
    GroupGrant,
    Partition,
    ScopeKind,
)
from tests.actors import acting

pytestmark = pytest.mark.django_db
PORTAL: Final = system("test")
OWN_PASSWORD: Final = "a-long-one-of-tests"
HOUR: Final = timedelta(hours=1)


def administrator(name: str = "ada") -> Actor:
    account = Account.objects.create_user(name)
    account.groups.add(Group.objects.get(name="Administrator"))
    return actor_of_account(account)


def role(*verbs: Verb, everywhere: bool = True) -> Group:
    return create_role(actor=PORTAL, name="Warden", verbs=verbs, everywhere=everywhere)


def told() -> list[str]:
    rows = AuditRecord.objects.filter(action="configure").order_by("pk")
    return list(rows.values_list("detail", flat=True))


def test_an_account_is_made_with_roles_and_bounds() -> None:
    made = changes.create_account(
        actor=PORTAL, name="eve", roles=["Researcher"], only_granted=True
    )
    held = Account.objects.get(username="eve")
    assert held.check_password(made.password)
    assert held.only_granted
    assert not held.is_staff
    assert told() == ["account eve made", "role Researcher given to eve"]
    assert made.password not in str(told())


def test_only_granted_is_set_and_audited_once() -> None:
    administrator()
    for only_granted in (True, True, False):
        changes.set_only_granted(actor=PORTAL, name="ada", only_granted=only_granted)
        assert Account.objects.get().only_granted is only_granted
    assert told() == [
        "account ada reaches what is granted",
        "account ada reaches what its roles reach",
    ]


@pytest.mark.parametrize(
    "change",
    [
        lambda ada: changes.set_roles(actor=ada, name="ada", roles=["Researcher"]),
        lambda ada: changes.set_roles(actor=ada, name="ada", roles=[]),
        lambda ada: changes.set_active(actor=ada, name="ada", is_active=False),
        lambda ada: changes.set_only_granted(actor=ada, name="ada", only_granted=True),
        lambda ada: change_role(actor=ada, name="Administrator", everywhere=False),
        lambda ada: change_role(actor=ada, name="Administrator", verbs=[Verb.READ]),
    ],
)
def test_nobody_locks_oneself_out(change: Callable[[Actor], Any]) -> None:
    ada = administrator()
    before = actor_of_account(Account.objects.get()).reaches, told()
    with pytest.raises(Conflict, match="another administrator"), transaction.atomic():
        change(ada)
    held = Account.objects.get()
    assert (held.is_active, held.only_granted) == (True, False)
    assert (actor_of_account(held).reaches, told()) == before


def test_what_leaves_one_in_charge_is_done() -> None:
    ada = administrator()
    role(Verb.MANAGE_ACCOUNTS)
    changes.set_roles(actor=ada, name="ada", roles=["Warden"])
    with pytest.raises(Conflict), transaction.atomic():
        delete_role(actor=ada, name="Warden")
    assert Group.objects.filter(name="Warden").exists()
    changes.set_roles(actor=ada, name="ada", roles=["Administrator", "Researcher"])
    delete_role(actor=ada, name="Warden")
    administrator("bob")
    changes.set_active(actor=ada, name="bob", is_active=False)
    changes.set_roles(actor=ada, name="bob", roles=[])
    # The portal itself can always mend it.
    changes.set_roles(actor=PORTAL, name="ada", roles=[])


@pytest.mark.usefixtures("committing")
def test_two_who_take_the_right_from_each_other_are_not_both_heard() -> None:
    actors = [administrator(name) for name in ("ada", "bob")]
    names, ready = ["bob", "ada"], Barrier(2)

    def take(actor: Actor, name: str) -> str:
        try:
            with transaction.atomic():
                account = Account.objects.select_for_update().get(username=name)
                ready.wait(timeout=60)
                assert account.is_active
                changes.set_active(actor=actor, name=name, is_active=False)
        except PortalError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        done = sorted(pool.map(take, actors, names))
    assert done == ["CONFLICT", "done"]
    assert Account.objects.filter(is_active=True).count() == 1


def test_a_superuser_is_changed_by_superusers_and_the_portal_only() -> None:
    ada = administrator()
    root = Account.objects.create_superuser("root", password=OWN_PASSWORD)
    attempts: list[Callable[[Actor], Any]] = [
        lambda who: changes.set_active(actor=who, name="root", is_active=False),
        lambda who: changes.set_password(actor=who, name="root"),
        lambda who: changes.set_roles(actor=who, name="root", roles=[]),
        lambda who: changes.set_only_granted(
            actor=who, name="root", only_granted=False
        ),
    ]
    for attempt in attempts:
        with pytest.raises(Forbidden, match="Only a superuser"):
            attempt(ada)
    root.refresh_from_db()
    assert root.is_active
    assert root.check_password(OWN_PASSWORD)
    other = Account.objects.create_superuser("other")
    with pytest.raises(Conflict):
        changes.set_active(actor=actor_of_account(root), name="root", is_active=False)
    for actor in (actor_of_account(other), PORTAL):
        changes.set_active(actor=actor, name="root", is_active=False)
        changes.set_active(actor=actor, name="root", is_active=True)


def test_roles_are_made_changed_and_deleted() -> None:
    ada = administrator()
    made = create_role(actor=ada, name="Warden", verbs=[Verb.READ, Verb.VIEW_PHI])
    changes.create_account(actor=ada, name="eve", roles=["Warden"])
    eve = Account.objects.get(username="eve")
    assert set(actor_of_account(eve).reaches) == {Verb.READ, Verb.VIEW_PHI}
    assert actor_of_account(eve).reach(Verb.READ).partitions == frozenset()
    change_role(actor=ada, name="Warden", everywhere=True)
    assert actor_of_account(eve).reach(Verb.VIEW_PHI).partitions is None
    change_role(actor=ada, name="Warden", verbs=[Verb.READ, Verb.STORE])
    assert Verb.VIEW_PHI not in actor_of_account(eve).reaches
    assert actor_of_account(eve).reach(Verb.STORE).partitions is None
    change_role(actor=ada, name="Warden", verbs=[Verb.STORE, Verb.READ])
    place = Partition.objects.create(name="ward")
    scope = scope_of(ScopeKind.PARTITION, place.pk, place.pk)
    grant(actor=ada, scope=scope, to=made, level=Level.SEE)
    delete_role(actor=ada, name="Warden")
    assert actor_of_account(eve).reaches == {}
    assert not GroupGrant.objects.exists()
    assert told() == [
        "role Warden made: read_data, view_phi",
        "account eve made",
        "role Warden given to eve",
        "role Warden changed: +reach_everything",
        "role Warden changed: +store_data, -view_phi",
        "role Warden deleted, which 1 accounts had",
    ]
    revoked = AuditRecord.objects.get(action="revoke")
    assert revoked.detail.endswith(": the role is deleted")
    kinds = FeedEntry.objects.order_by("seq").values_list("kind", "op")
    assert list(kinds) == [("grant", "create"), ("grant", "delete")]


def test_roles_that_make_no_sense_are_refused() -> None:
    for name in ("", "a\0b", "x" * 151, "a\nb"):
        with pytest.raises(Invalid):
            create_role(actor=PORTAL, name=name)
    with pytest.raises(Conflict):
        create_role(actor=PORTAL, name="Auditor")
    with pytest.raises(NotFound):
        change_role(actor=PORTAL, name="nobody")
    with pytest.raises(NotFound):
        delete_role(actor=PORTAL, name="nobody")
    with pytest.raises(Conflict, match="comes with the portal"):
        delete_role(actor=PORTAL, name="Auditor")
    eve = acting(2, "eve", {Verb.READ_ACCOUNTS})
    for attempt in (create_role, change_role, delete_role):
        with pytest.raises(Forbidden):
            attempt(actor=eve, name="Auditor")


def test_a_token_that_ends_gives_nothing_that_lasts() -> None:
    place = Partition.objects.create(name="ward")
    scope = scope_of(ScopeKind.PARTITION, place.pk, place.pk)
    eve = Account.objects.create_user("eve")
    end = timezone.now() + HOUR
    text = create_token(account_name="ada", role="Administrator", expires_at=end)
    ada = actor_of_token(text)
    given: list[Callable[[], Any]] = [
        lambda: changes.create_account(actor=ada, name="new"),
        lambda: changes.set_password(actor=ada, name="eve"),
        lambda: changes.set_roles(actor=ada, name="eve", roles=["Auditor"]),
        lambda: changes.set_only_granted(actor=ada, name="eve", only_granted=True),
        lambda: create_role(actor=ada, name="new"),
        lambda: change_role(actor=ada, name="Auditor", verbs=[]),
        lambda: delete_role(actor=ada, name="Auditor"),
    ]
    for each in given:
        with pytest.raises(Forbidden, match="Your token expires"):
            each()
    for terms in (Terms(), Terms(end + HOUR)):
        with pytest.raises(Invalid, match="Your token ends at") as refused:
            grant(actor=ada, scope=scope, to=eve, level=Level.SEE, terms=terms)
        assert refused.value.path == "expiresAt"
    assert not AccountGrant.objects.exists()
    grant(actor=ada, scope=scope, to=eve, level=Level.SEE, terms=Terms(end))
    changes.set_active(actor=ada, name="eve", is_active=False)  # takes, gives nothing
    assert not Account.objects.get(username="eve").is_active


def test_what_lasts_grants_what_lasts() -> None:
    """A grant of one's own that ends elsewhere, and a token with fewer verbs, too."""
    place = Partition.objects.create(name="ward")
    scope = scope_of(ScopeKind.PARTITION, place.pk, place.pk)
    eve = Account.objects.create_user("eve")
    text = create_token(
        account_name="ada", role="Administrator", verbs=[Verb.MANAGE_ACCOUNTS]
    )
    ada = Account.objects.get(username="ada")
    soon = Terms(timezone.now() + HOUR)
    grant(actor=PORTAL, scope=scope, to=ada, level=Level.SEE, terms=soon)
    assert actor_of_account(ada).until is not None
    for actor in (actor_of_account(ada), actor_of_token(text)):
        given = grant(actor=actor, scope=scope, to=eve, level=Level.SEE)
        assert given.expires_at is None
