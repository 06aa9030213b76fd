"""The admin's pages of accounts, roles and tokens: who sees and who changes them."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from core.access import Verb, system
from core.accounts.actors import actor_of_account
from core.accounts.grants import Level, grant, revoke, scope_of
from core.accounts.tokens import create_token
from core.models import (
    Account,
    AuditRecord,
    Partition,
    ScopeKind,
    Token,
)

pytestmark = pytest.mark.django_db
ACCOUNTS = "/admin/core/account/"
ROLES = "/admin/auth/group/"


def signed_in(role: str) -> Client:
    account = Account.objects.create_user("ada", is_staff=True)
    account.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(account)
    return client


def eve() -> Account:
    return Account.objects.create_user("eve", password="Long enough 1!")


def fields(account: Account, **more: str) -> dict[str, str]:
    return {
        "username": account.username,
        "is_active": "on",
        "first_name": "",
        "last_name": "",
        "email": "",
        **more,
    }


def test_an_administrator_gives_a_role_and_it_is_audited() -> None:
    client, account = signed_in("Administrator"), eve()
    role = Group.objects.get(name="Radiologist")
    page = f"{ACCOUNTS}{account.pk}/change/"
    assert client.get(page).status_code == 200
    answer = client.post(page, fields(account, groups=str(role.pk)), follow=True)
    assert answer.status_code == 200
    assert list(account.groups.all()) == [role]
    details = list(AuditRecord.objects.values_list("detail", flat=True))
    assert any("(eve): Changed Groups" in each for each in details), details


def test_nobody_makes_himself_a_superuser() -> None:
    client = signed_in("Administrator")
    own = Account.objects.get(username="ada")
    page = f"{ACCOUNTS}{own.pk}/change/"
    more = {"is_superuser": "on", "is_staff": "on", "user_permissions": "1"}
    client.post(page, fields(own, **more), follow=True)
    own.refresh_from_db()
    assert not own.is_superuser
    assert not own.user_permissions.exists()


def test_a_superuser_is_changed_by_superusers_only() -> None:
    client = signed_in("Administrator")
    root = Account.objects.create_superuser("root", password="Long enough 1!")
    before = root.password
    page = f"{ACCOUNTS}{root.pk}/change/"
    assert client.post(page, fields(root, first_name="x")).status_code == 403
    words = {"password1": "Another long 1!", "password2": "Another long 1!"}
    answer = client.post(f"{ACCOUNTS}{root.pk}/password/", words)
    assert answer.status_code == 403
    chosen = {"action": "disable", "_selected_action": [str(root.pk)]}
    assert b"Only a superuser" in client.post(ACCOUNTS, chosen, follow=True).content
    root.refresh_from_db()
    assert (root.is_active, root.password) == (True, before)


def test_a_password_that_an_issuer_keeps_is_not_set_here() -> None:
    issuer = "https://issuer.example"
    other = Account.objects.create_user("other", issuer=issuer, subject="other")
    before = other.password
    words = {"password1": "Another long 1!", "password2": "Another long 1!"}
    client = signed_in("Administrator")
    answer = client.post(f"{ACCOUNTS}{other.pk}/password/", words, follow=True)
    other.refresh_from_db()
    assert f"This account signs in at {issuer}" in answer.text
    assert other.password == before


def test_accounts_are_disabled_and_enabled_together() -> None:
    client, account = signed_in("Administrator"), eve()
    for action, is_active in (("disable", False), ("enable", True)):
        chosen = {"action": action, "_selected_action": [str(account.pk)]}
        client.post(ACCOUNTS, chosen, follow=True)
        account.refresh_from_db()
        assert account.is_active == is_active


def test_accounts_are_signed_out_in_all_browsers_together() -> None:
    client, account = signed_in("Administrator"), eve()
    theirs = Client()
    theirs.force_login(account)
    assert "_auth_user_id" in theirs.session
    chosen = {"action": "sign_out", "_selected_action": [str(account.pk)]}
    answer = client.post(ACCOUNTS, chosen, follow=True)
    assert "1 signed out." in answer.text
    assert "signed in as" not in theirs.get("/sign-in/").content.decode()
    assert AuditRecord.objects.filter(detail="sessions of eve ended").exists()


def test_nobody_locks_oneself_out() -> None:
    client = signed_in("Administrator")
    own, role = Account.objects.get(), Group.objects.get(name="Administrator")
    told = AuditRecord.objects.count()
    page = f"{ACCOUNTS}{own.pk}/change/"
    staff = {"is_staff": "on", "groups": str(role.pk)}
    for more in ({"is_staff": "on"}, {**staff, "only_granted": "on"}):
        answer = client.post(page, fields(own, **more), follow=True)
        assert b"another administrator" in answer.content
    inactive = fields(own, **staff)
    del inactive["is_active"]
    client.post(page, inactive)
    chosen = {"action": "disable", "_selected_action": [str(own.pk)]}
    answer = client.post(ACCOUNTS, chosen, follow=True)
    assert b"another administrator" in answer.content
    words = {"name": role.name, "permissions": []}
    answer = client.post(f"{ROLES}{role.pk}/change/", words, follow=True)
    assert b"another administrator" in answer.content
    own.refresh_from_db()
    assert (own.is_active, own.only_granted) == (True, False)
    assert actor_of_account(own).reach(Verb.MANAGE_ACCOUNTS).partitions is None
    assert AuditRecord.objects.count() == told


def test_a_role_is_deleted_once_nothing_is_granted_to_it() -> None:
    client = signed_in("Administrator")
    role = Group.objects.create(name="Student")
    place = Partition.objects.create(name="ward")
    on = scope_of(ScopeKind.PARTITION, place.pk, place.pk)
    given = grant(actor=system("test"), scope=on, to=role, level=Level.SEE)
    page = f"{ROLES}{role.pk}/delete/"
    assert client.post(page, {"post": "yes"}).status_code == 403
    revoke(actor=system("test"), given=given)
    client.post(page, {"post": "yes"}, follow=True)
    assert not Group.objects.filter(name="Student").exists()
    own = Account.objects.get()
    warden = Group.objects.create(name="Warden")
    warden.permissions.set(Group.objects.get(name="Administrator").permissions.all())
    own.groups.set([warden])
    answer = client.post(f"{ROLES}{warden.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 409
    assert list(own.groups.all()) == [warden]
    held = Group.objects.get(name="Researcher")
    answer = client.post(f"{ROLES}{held.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 403


def test_an_auditor_looks_and_changes_nothing() -> None:
    client, account = signed_in("Auditor"), eve()
    create_token(account_name="eve", role="Researcher")
    for page in (ACCOUNTS, f"{ACCOUNTS}{account.pk}/change/", ROLES):
        assert client.get(page).status_code == 200
    assert client.get("/admin/core/token/").status_code == 200
    page = f"{ACCOUNTS}{account.pk}/change/"
    assert client.post(page, fields(account, is_staff="on")).status_code == 403
    assert client.get(f"{ACCOUNTS}add/").status_code == 403
    chosen = {"action": "revoke", "_selected_action": [str(Token.objects.get().pk)]}
    client.post("/admin/core/token/", chosen)
    assert Token.objects.get().revoked_at is None


@pytest.mark.parametrize("role", ["Data Manager", "Radiologist", "Researcher"])
def test_others_see_no_accounts(role: str) -> None:
    client = signed_in(role)
    for page in (ACCOUNTS, ROLES, "/admin/core/token/", "/admin/core/accountgrant/"):
        assert client.get(page).status_code == 403


def test_a_role_is_edited_by_its_verbs() -> None:
    client = signed_in("Administrator")
    role = Group.objects.create(name="Student")
    page = f"{ROLES}{role.pk}/change/"
    content = client.get(page).content
    assert b"May see data" in content
    assert b"Everywhere, not only where granted" in content
    assert b"Can add" not in content
    given = Permission.objects.get(codename="read_data")
    other = Permission.objects.filter(codename="add_group").get()
    client.post(page, {"name": "Student", "permissions": [str(given.pk)]})
    assert list(role.permissions.all()) == [given]
    client.post(page, {"name": "Student", "permissions": [str(other.pk)]})
    assert list(role.permissions.all()) == [given]
    account = eve()
    account.groups.add(role)
    assert set(actor_of_account(account).reaches) == {Verb.READ}


def test_the_index_is_grouped_by_task_and_shows_what_one_may() -> None:
    content = signed_in("Administrator").get("/admin/").content.decode()
    order = [
        "Images",
        "The clinical record",
        "Who may what",
        "What was done",
        "What runs",
        "System status",
    ]
    places = [content.index(f"{each}") for each in order]
    assert places == sorted(places)
    Account.objects.all().delete()
    content = signed_in("Auditor").get("/admin/").content.decode()
    assert "Who may what" in content
    assert "Studies" not in content
    assert "System status" not in content


def test_the_status_page_names_each_part() -> None:
    client = signed_in("Data Manager")
    content = client.get("/admin/status/").content.decode()
    for part in ("database", "redis", "worker", "beat", "storage", "free"):
        assert part in content
    Account.objects.all().delete()
    assert signed_in("Auditor").get("/admin/status/").status_code == 403
