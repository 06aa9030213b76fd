"""When sessions end: unused, after some hours, signed out; on the server's side."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from core.accounts.session_store import SessionStore
from core.accounts.sessions import actor_of_session, session_uses
from core.errors import Unauthenticated
from core.models import Account
from tests.portal.test_sign_in import PASSWORD, sign_in

pytestmark = pytest.mark.usefixtures("committing")
COOKIE = settings.SESSION_COOKIE_NAME
IDLE = timedelta(seconds=settings.SESSION_IDLE_S)
LONGEST = timedelta(seconds=settings.SESSION_COOKIE_AGE)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def browser() -> Client:
    """Return the browser of somebody who has just signed in."""
    Account.objects.create_user("ada", password=PASSWORD)
    browser = Client(enforce_csrf_checks=True)
    sign_in(browser)
    return browser


@pytest.fixture
def noting() -> Iterator[None]:
    """Have uses of sessions be noted, as in a server."""
    session_uses.start_writing()
    yield
    session_uses.stop_writing()


def key_of(browser: Client) -> str:
    return browser.cookies[COOKIE].value


def end_of(browser: Client) -> datetime:
    return Session.objects.get(session_key=key_of(browser)).expire_date


def kept_for(browser: Client) -> timedelta:
    """Return for how long the cache goes on saying whose session it is."""
    key = cache.make_key(f"{SessionStore.cache_key_prefix}{key_of(browser)}")
    client = cache._cache.get_client(key)  # type: ignore[attr-defined] # of Django's Redis cache
    return timedelta(seconds=client.ttl(key))


def go_forward(browser: Client, by: timedelta) -> None:
    """Have the session be as it will be when time has passed and nobody used it."""
    left = kept_for(browser) - by
    store = SessionStore(key_of(browser))
    held = Session.objects.filter(session_key=key_of(browser))
    held.update(expire_date=end_of(browser) - by)
    if left > timedelta():
        cache.touch(store.cache_key, int(left.total_seconds()))
    else:
        cache.delete(store.cache_key)


def is_in(browser: Client) -> bool:
    """Return whether the session opens pages; the interfaces must say the same."""
    try:
        actor_of_session(key_of(browser))
    except Unauthenticated:
        on_interfaces = False
    else:
        on_interfaces = True
    on_pages = b"You are signed in as" in browser.get("/sign-in/").content
    assert on_pages == on_interfaces
    return on_pages


def test_a_session_ends_when_it_is_not_used(browser: Client) -> None:
    assert abs(end_of(browser) - timezone.now() - IDLE) < MINUTE
    assert abs(kept_for(browser) - IDLE) < MINUTE
    go_forward(browser, IDLE - MINUTE)
    assert is_in(browser)
    go_forward(browser, MINUTE)
    assert not is_in(browser)


def test_each_use_lets_it_go_on(browser: Client, noting: None) -> None:
    go_forward(browser, IDLE - MINUTE)
    assert is_in(browser)
    session_uses.stop_writing()
    assert abs(end_of(browser) - timezone.now() - IDLE) < MINUTE
    assert abs(kept_for(browser) - IDLE) < MINUTE


def test_it_ends_some_hours_after_the_sign_in_whatever_is_done(
    browser: Client, noting: None
) -> None:
    session = SessionStore(key_of(browser))
    absolute = datetime.fromisoformat(session["_session_expiry"])
    assert abs(absolute - timezone.now() - LONGEST) < MINUTE
    session.set_expiry(timezone.now() + 2 * MINUTE)  # as it will be then
    session.save()
    assert end_of(browser) <= timezone.now() + 2 * MINUTE
    assert is_in(browser)
    session_uses.stop_writing()
    assert end_of(browser) <= timezone.now() + 2 * MINUTE
    assert kept_for(browser) <= 2 * MINUTE
    go_forward(browser, 2 * MINUTE)
    assert not is_in(browser)


def test_a_use_does_not_bring_back_what_has_ended(browser: Client) -> None:
    session_uses.start_writing()
    session_uses.note(key_of(browser))
    go_forward(browser, IDLE)
    session_uses.stop_writing()
    assert not is_in(browser)
    session_uses.start_writing()
    session_uses.note(key_of(browser))
    session_uses.note("nosuchsessionofanybody")
    Session.objects.all().delete()
    session_uses.stop_writing()
    assert not Session.objects.exists()


def test_what_redis_forgets_the_database_knows(browser: Client) -> None:
    cache.clear()
    assert is_in(browser)
    assert kept_for(browser) <= IDLE


def test_a_visitor_leaves_no_session(noting: None, db: None) -> None:
    visitor = Client()
    visitor.get("/sign-in/")
    visitor.get("/admin/")
    assert not Session.objects.exists()
