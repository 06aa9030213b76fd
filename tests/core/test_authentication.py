"""Bearer tokens and sessions, and what is kept of them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from importlib import import_module
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.core.management import CommandError, call_command
from django.utils import timezone

from core import authentication, database
from core.access import WITH_STORE, Actor, Verb
from core.accounts.sessions import actor_of_session
from core.accounts.tokens import (
    actor_of_token,
    create_token,
    list_tokens,
    revoke_token,
)
from core.authentication import Authenticator, Caller
from core.errors import NotFound, Unauthenticated
from core.models import Account, Token
from tests.actors import READING, acting

ADA = acting(1, "ada", READING)


class Directory:
    """Stands for the database: knows one token, counts the questions."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def run(self, look_up: Callable[[str], Actor], secret: str) -> Actor:
        self.asked.append(secret)
        await asyncio.sleep(0)
        if secret != "good":
            message = "unknown"
            raise Unauthenticated(message)
        return ADA


@pytest.fixture
def directory(monkeypatch: pytest.MonkeyPatch) -> Directory:
    held = Directory()
    monkeypatch.setattr(database, "run_read", held.run)
    return held


def run(steps: Callable[[Authenticator], Awaitable[None]]) -> None:
    async def inside() -> None:
        await steps(Authenticator(lambda: True))

    asyncio.run(inside())


def test_a_bearer_token_names_the_actor(directory: Directory) -> None:
    async def steps(door: Authenticator) -> None:
        for form in ("Bearer good", "bearer good", "BEARER  good "):
            assert await door.authenticate(form, "") == Caller(ADA)

    run(steps)
    assert directory.asked == ["good"]


def test_a_session_names_the_actor(directory: Directory) -> None:
    async def steps(door: Authenticator) -> None:
        cookies = f"a=b; {settings.SESSION_COOKIE_NAME}=good"
        assert await door.authenticate(None, cookies) == Caller(ADA, "good")

    run(steps)


def test_a_token_is_no_session(directory: Directory) -> None:
    async def steps(door: Authenticator) -> None:
        await door.authenticate("Bearer good", "")
        await door.authenticate(None, f"{settings.SESSION_COOKIE_NAME}=good")

    run(steps)
    assert directory.asked == ["good", "good"]


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer ", "Bearer a b", "Basic YTpi", "good", "Bearer \xe9"],
)
def test_other_credentials_are_refused(
    authorization: str, directory: Directory
) -> None:
    async def steps(door: Authenticator) -> None:
        with pytest.raises(Unauthenticated):
            await door.authenticate(authorization, "")

    run(steps)
    assert directory.asked == []


@pytest.mark.parametrize("cookies", ["", "a=b", "sessionid=", "sessionid=../x", ";;="])
def test_no_credentials_are_refused(cookies: str, directory: Directory) -> None:
    async def steps(door: Authenticator) -> None:
        with pytest.raises(Unauthenticated):
            await door.authenticate(None, cookies)

    run(steps)
    assert directory.asked == []


def test_a_hundred_requests_at_once_ask_once(directory: Directory) -> None:
    async def steps(door: Authenticator) -> None:
        await asyncio.gather(
            *(door.authenticate("Bearer good", "") for _ in range(100))
        )

    run(steps)
    assert directory.asked == ["good"]


def test_a_cancelled_request_does_not_fail_the_others(directory: Directory) -> None:
    async def steps(door: Authenticator) -> None:
        first = asyncio.create_task(door.authenticate("Bearer good", ""))
        second = asyncio.create_task(door.authenticate("Bearer good", ""))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).actor == ADA

    run(steps)


def test_refusals_are_not_kept(directory: Directory) -> None:
    async def steps(door: Authenticator) -> None:
        for _ in range(2):
            with pytest.raises(Unauthenticated):
                await door.authenticate("Bearer bad", "")

    run(steps)
    assert directory.asked == ["bad", "bad"]


def test_what_is_kept_ends(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authentication, "KEPT_S", 0.0)

    async def steps(door: Authenticator) -> None:
        await door.authenticate("Bearer good", "")
        await door.authenticate("Bearer good", "")

    run(steps)
    assert directory.asked == ["good", "good"]


def test_what_is_kept_is_bounded(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authentication, "MAXIMUM_KEPT", 1)

    async def steps(door: Authenticator) -> None:
        await door.authenticate("Bearer good", "")
        await door.authenticate(None, f"{settings.SESSION_COOKIE_NAME}=good")
        await door.authenticate("Bearer good", "")

    run(steps)
    assert directory.asked == ["good", "good", "good"]


@pytest.mark.django_db
def test_a_token_ends_when_it_expires_or_is_revoked() -> None:
    token = create_token(account_name="robot", role="Service Writer")
    assert set(actor_of_token(token).reaches) == {Verb.STORE, *WITH_STORE}
    (row,) = list_tokens(account_name="robot")
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Unauthenticated):
        actor_of_token(token)
    Token.objects.update(expires_at=None)
    revoke_token(token_id=row.pk)
    with pytest.raises(Unauthenticated):
        actor_of_token(token)
    with pytest.raises(NotFound):
        revoke_token(token_id=row.pk)
    assert not list_tokens().exists()


@pytest.mark.django_db
def test_a_session_acts_until_the_password_changes() -> None:
    ada = Account.objects.create_user("ada", password="one")
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(ada.pk)
    session[HASH_SESSION_KEY] = ada.get_session_auth_hash()
    session.create()
    assert actor_of_session(session.session_key).name == "ada"
    ada.set_password("two")
    ada.save()
    with pytest.raises(Unauthenticated):
        actor_of_session(session.session_key)


@pytest.mark.django_db
def test_an_unknown_session_is_refused() -> None:
    with pytest.raises(Unauthenticated):
        actor_of_session("0" * 32)


@pytest.mark.django_db
def test_tokens_are_managed_on_the_command_line() -> None:
    out = StringIO()
    call_command("token", "create", "robot", "--role", "Service Reader", stdout=out)
    assert set(actor_of_token(out.getvalue().strip()).reaches) == READING
    out = StringIO()
    call_command("token", "list", "robot", stdout=out)
    number, account, _name, expires, used = out.getvalue().strip().split("\t")
    assert (account, expires, used) == ("robot", "expires never", "used never")
    call_command("token", "revoke", number)
    with pytest.raises(CommandError):
        call_command("token", "revoke", number)
