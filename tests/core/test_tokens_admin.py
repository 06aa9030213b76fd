"""The admin's pages of tokens: made and rotated, shown once, revoked."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from core.access import Verb, system
from core.accounts.tokens import actor_of_token, create_token
from core.errors import Unauthenticated
from core.models import Account, AuditRecord, Token
from core.partitions import create_partition
from core.reach import EVERYWHERE
from tests.core.test_accounts_admin import signed_in

pytestmark = pytest.mark.django_db
TOKENS = "/admin/core/token/"


@pytest.fixture
def eve() -> Account:
    account = Account.objects.create(username="eve")
    account.groups.add(Group.objects.get(name="Service Reader"))
    return account


def given(account: Account, **more: Any) -> dict[str, Any]:
    times = {"expires_at_0": "", "expires_at_1": ""}
    fields = {"account": str(account.pk), "name": "a script", "only_partitions": ""}
    return {**fields, **times, **more}


def texts(answer: Any) -> list[str]:
    """Return the tokens that a page shows."""
    assert answer.status_code == 200
    return re.findall(r"irp_[\w-]+", answer.content.decode())


def act(client: Client, action: str, *tokens: Token) -> Any:
    chosen = [str(token.pk) for token in tokens]
    fields = {"action": action, "_selected_action": chosen}
    return client.post(TOKENS, fields, follow=True)


def test_a_token_is_made_and_shown_once(eve: Account) -> None:
    client = signed_in("Administrator")
    assert b"Who acts with it" in client.get(f"{TOKENS}add/").content
    answer = client.post(f"{TOKENS}add/", given(eve))
    (text,) = texts(answer)
    assert "no-store" in answer["Cache-Control"]
    actor = actor_of_token(text)
    assert (actor.name, actor.reach(Verb.READ)) == ("eve", EVERYWHERE)
    token = Token.objects.get()
    for page in ("", f"{token.pk}/change/"):
        assert texts(client.get(TOKENS + page)) == []
    assert all(text not in str(cookie) for cookie in client.cookies.values())
    assert AuditRecord.objects.filter(
        actor="ada", detail=f"token {token.pk} made for eve"
    ).exists()


def test_a_token_allows_what_was_chosen(eve: Account) -> None:
    key = create_partition(actor=system("test"), name="site-1").pk
    client = signed_in("Administrator")
    limits = {
        "only_verbs": ["read_data"],
        "only_partitions": "site-1",
        "expires_at_0": "2999-01-01",
        "expires_at_1": "00:00",
    }
    (text,) = texts(client.post(f"{TOKENS}add/", given(eve, **limits)))
    actor = actor_of_token(text)
    assert set(actor.reaches) == {Verb.READ}
    assert actor.reach(Verb.READ).partitions == frozenset({key})
    assert actor.until is not None
    page = client.get(f"{TOKENS}{Token.objects.get().pk}/change/").content.decode()
    assert "see data" in page
    assert "site-1" in page


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"only_partitions": "nowhere"}, "There is no partition"),
        ({"expires_at_0": "2001-01-01", "expires_at_1": "00:00"}, "expired already"),
        ({"name": ""}, "This field is required"),
        ({"only_verbs": ["rule"]}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_told(
    eve: Account, more: dict[str, Any], said: str
) -> None:
    client = signed_in("Administrator")
    answer = client.post(f"{TOKENS}add/", given(eve, **more), follow=True)
    assert said in answer.content.decode()
    assert not Token.objects.exists()


def test_tokens_are_rotated_and_revoked_together(eve: Account) -> None:
    olds = [create_token(account_name="eve", role="Service Reader") for _ in range(2)]
    client = signed_in("Administrator")
    news = texts(act(client, "rotate", *Token.objects.all()))
    assert len(set(news)) == 2
    assert {actor_of_token(text).name for text in (*olds, *news)} == {"eve"}
    assert Token.objects.filter(expires_at=None).count() == 2
    answer = act(client, "revoke", *Token.objects.all())
    assert b"4 revoked." in answer.content
    for text in (*olds, *news):
        with pytest.raises(Unauthenticated):
            actor_of_token(text)
    assert texts(act(client, "rotate", *Token.objects.all())) == []


def test_working_tokens_are_told_from_ended_ones(eve: Account) -> None:
    create_token(account_name="eve", role="Service Reader", name="new")
    old = Token.objects.create(account=eve, name="old", digest=b"x")
    client = signed_in("Administrator")
    act(client, "revoke", old)
    for state, name in (("works", "new"), ("ended", "old")):
        rows = client.get(TOKENS, {"state": state}).context["cl"].result_list
        assert [row.name for row in rows] == [name]
    assert len(client.get(TOKENS, {"q": "eve"}).context["cl"].result_list) == 2
    assert not client.get(TOKENS, {"q": "ev"}).context["cl"].result_list


def test_only_a_superuser_has_tokens_of_a_superuser_made() -> None:
    root = Account.objects.create_superuser("root")
    token = Token.objects.create(account=root, name="his", digest=b"x")
    client = signed_in("Administrator")
    answer = client.post(f"{TOKENS}add/", given(root), follow=True)
    assert b"Only a superuser" in answer.content
    answer = act(client, "rotate", token)
    assert texts(answer) == []
    assert b"Only a superuser" in answer.content
    assert Token.objects.count() == 1
    client.force_login(root)
    assert len(texts(act(client, "rotate", token))) == 1


def test_an_auditor_makes_and_rotates_none(eve: Account) -> None:
    create_token(account_name="eve", role="Service Reader")
    client = signed_in("Auditor")
    assert client.get(TOKENS).status_code == 200
    assert client.get(f"{TOKENS}add/").status_code == 403
    assert client.post(f"{TOKENS}add/", given(eve)).status_code == 403
    assert texts(act(client, "rotate", Token.objects.get())) == []
    assert Token.objects.count() == 1
