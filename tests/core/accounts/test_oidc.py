"""Tokens of an OpenID Connect issuer that nobody here wrote, from end to end."""

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from time import time

import pytest
from pytest_django.fixtures import Settings

from core.access import WITH_STORE, Actor, Verb
from core.accounts.oidc import keys, verify
from core.accounts.oidc.members import actor_of_jwt
from core.accounts.tokens import create_own_token, create_token
from core.authentication import Authenticator
from core.boundary import refusal_of
from core.errors import Busy, Forbidden, Unauthenticated
from core.models import Account, AuditRecord
from tests.actors import READING
from tests.oidc.issuer import Issuer

pytestmark = [pytest.mark.peer("node"), pytest.mark.usefixtures("committing")]


def act(token: str) -> Actor:
    """Return who the boundary says acts with a token."""

    async def ask() -> Actor:
        return (
            await Authenticator(lambda: True).authenticate(f"Bearer {token}", "")
        ).actor

    return asyncio.run(ask())


def details() -> list[str]:
    return list(AuditRecord.objects.order_by("pk").values_list("detail", flat=True))


def test_an_account_is_made_at_first_sight_with_the_roles_of_its_groups(
    issuer: Issuer,
) -> None:
    actor = act(issuer.token("ada", "readers others"))
    assert actor.name == "ada@127.0.0.1"
    assert set(actor.reaches) == READING
    assert actor.is_limited
    assert actor.until is not None
    assert actor.until > datetime.now(UTC)
    account = Account.objects.get(username=actor.name)
    assert (account.issuer, account.subject) == (issuer.url, "ada")
    assert not account.has_usable_password()
    assert not account.is_staff
    assert details() == [
        f"account made at the first token of {issuer.url}",
        "roles by groups of the issuer: +Service Reader",
    ]


def test_roles_follow_each_token_and_others_stay(issuer: Issuer) -> None:
    actor = act(issuer.token("ada", "readers"))
    create_token(account_name=actor.name, role="Auditor")
    seen = act(issuer.token("ada", "writers"))
    assert seen.account_id == actor.account_id
    storing = {Verb.STORE, *WITH_STORE}
    assert set(seen.reaches) == {*storing, Verb.READ_AUDIT, Verb.READ_ACCOUNTS}
    assert set(act(issuer.token("ada")).reaches) == {
        Verb.READ_AUDIT,
        Verb.READ_ACCOUNTS,
    }
    assert details()[-2:] == [
        "roles by groups of the issuer: +Service Writer, -Service Reader",
        "roles by groups of the issuer: -Service Writer",
    ]
    before = len(details())
    act(issuer.token("ada"))
    assert len(details()) == before


def test_an_older_token_does_not_bring_back_what_a_newer_one_took(
    issuer: Issuer,
) -> None:
    now = int(time())
    old = issuer.sign(issuer.claims(groups=["readers", "writers"], iat=now - 30))
    assert set(act(old).reaches) == {*READING, Verb.STORE, *WITH_STORE}
    new = issuer.sign(issuer.claims(groups=["readers"], iat=now - 10))
    for token in (new, old, new):
        assert set(act(token).reaches) == READING
    assert len(details()) == 3


def test_a_name_never_leads_to_somebody_elses_account(issuer: Issuer) -> None:
    for name in ("ada", "ada@127.0.0.1"):
        Account.objects.create_superuser(name)
    actor = act(issuer.token("ada"))
    other = act(issuer.token("ada-of-elsewhere"))  # whom it calls ada as well
    assert actor.name.startswith("ada@127.0.0.1+")
    assert other.name.startswith("ada@127.0.0.1+")
    assert actor.name != other.name
    assert not actor.reaches
    assert act(issuer.token("ada")).account_id == actor.account_id


def test_a_name_of_odd_letters_is_made_plain(issuer: Issuer) -> None:
    claims = issuer.claims(preferred_username="system:Ä \x00\ud800<b>" + "x" * 300)
    name = act(issuer.sign(claims)).name
    assert name.startswith("system_Ä_b_xxx")
    assert len(name) < 150


def test_a_disabled_account_is_refused_while_its_token_lasts(issuer: Issuer) -> None:
    token = issuer.token("ada", "readers")
    account = Account.objects.get(username=act(token).name)
    account.is_active = False
    account.save()
    with pytest.raises(Unauthenticated, match="disabled"):
        act(token)
    account.delete()  # then it is a new one, with what its groups give
    assert act(token).account_id != account.pk


def test_a_token_of_an_issuer_makes_none_that_lasts(issuer: Issuer) -> None:
    with pytest.raises(Forbidden):
        create_own_token(actor=act(issuer.token("ada", "readers")), name="for ever")


def test_our_own_tokens_are_not_taken_for_those_of_an_issuer(issuer: Issuer) -> None:
    token = create_token(account_name="robot", role="Service Reader")
    issuer.stop()
    try:
        assert act(token).name == "robot"
    finally:
        issuer.start()


@pytest.mark.parametrize("algorithm", ["RS256", "PS384", "ES256", "EdDSA"])
def test_a_rotated_key_is_asked_for(issuer: Issuer, algorithm: str) -> None:
    old = issuer.token("ada")
    act(old)
    issuer.rotate(f"next {algorithm}", algorithm)
    assert act(issuer.token("ada")).name == "ada@127.0.0.1"
    with pytest.raises(Unauthenticated):  # a key that was withdrawn
        act(old)


def test_unknown_keys_are_asked_for_once_in_a_while(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    act(issuer.token("ada"))
    known = verify._keys[issuer.url]
    asked_at = [known._fetched_at]
    for number in range(4):
        with pytest.raises(Unauthenticated):
            act(issuer.sign(issuer.claims(), kid=f"no such {number}"))
        asked_at.append(known._fetched_at)
        monkeypatch.setattr(keys, "RETRY_S", 60.0)
    first, second, *others = asked_at
    assert first < second
    assert others == [second] * 3
    assert act(issuer.token("ada")).name == "ada@127.0.0.1"


def test_keys_that_are_known_go_on_while_the_issuer_is_away(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    token = issuer.token("ada", "readers")
    act(token)
    other = issuer.sign(issuer.claims(), kid="no such")
    issuer.stop()
    try:
        monkeypatch.setattr(keys, "REFRESH_S", 0.0)
        with caplog.at_level(logging.WARNING):
            assert set(act(token).reaches) == READING
            with pytest.raises(Busy) as refused:
                act(other)
        refusal = refusal_of(refused.value, "1")
        assert refusal.status == 503
        assert int(refusal.headers["retry-after"]) >= 0
        monkeypatch.setattr(verify, "_keys", {})
        with pytest.raises(Busy):  # nobody knows whether it is good
            act(token)
    finally:
        issuer.start()
    assert set(act(token).reaches) == READING


def test_refusals_say_that_the_token_is_at_fault(issuer: Issuer) -> None:
    with pytest.raises(Unauthenticated) as refused:
        act(issuer.sign(issuer.claims(aud="other")))
    assert refusal_of(refused.value, "1").headers["www-authenticate"] == (
        'Bearer realm="portal", error="invalid_token"'
    )


def test_groups_and_names_are_found_where_the_settings_say(
    issuer: Issuer, settings: Settings
) -> None:
    settings.OIDC_GROUPS_CLAIM = "realm_access.roles"
    settings.OIDC_NAME_CLAIM = "https://names.example/upn"
    claims = issuer.claims(
        realm_access={"roles": ["readers", 7]},
        **{"https://names.example/upn": "Ada"},
    )
    actor = act(issuer.sign(claims))
    assert actor.name == "Ada@127.0.0.1"
    assert set(actor.reaches) == READING


def test_a_token_is_taken_until_the_clocks_surely_agree_that_it_ended(
    issuer: Issuer,
) -> None:
    ended = datetime.now(UTC) - verify.LEEWAY / 2
    token = issuer.sign(issuer.claims(exp=int(ended.timestamp())))
    actor = act(token)
    assert actor.until is not None
    assert actor.until - ended < verify.LEEWAY + timedelta(seconds=1)
    assert actor_of_jwt(token) == actor
