"""Sessions of the web sign-in, resolved to an actor."""

from dataclasses import replace
from importlib import import_module

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.utils.crypto import constant_time_compare

from core.access import Actor
from core.accounts.actors import actor_of_account
from core.errors import Unauthenticated
from core.models import Account


def actor_of_session(session_key: str) -> Actor:
    """Return who signed in with the session.

    Unlike `django.contrib.auth.get_user` it never writes: an edge that only reads
    must not end or renew a session.

    Raises
    ------
    Unauthenticated
        The session is unknown or has ended, the account is not active, or its
        password has changed since.
    """
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    key = str(store.get(SESSION_KEY, ""))
    account = (
        Account.objects.filter(pk=int(key), is_active=True).first()
        if key.isdecimal()
        else None
    )
    if account is None or not constant_time_compare(
        str(store.get(HASH_SESSION_KEY, "")), account.get_session_auth_hash()
    ):
        message = "The session has ended. Sign in again."
        raise Unauthenticated(message)
    return replace(actor_of_account(account), via="session")
