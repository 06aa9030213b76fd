"""Requests with the credentials of somebody of the cast, for tests of attacks."""

import asyncio
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import httpx
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

from core.asgi import Boundary
from core.models import Account
from portal.asgi import dispatch
from tests.access.cast import Cast


def send(
    method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any
) -> httpx.Response:
    """Send a request with its path as it is written."""

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(Boundary(dispatch))
        async with httpx.AsyncClient(transport=transport) as web:
            url = httpx.URL("http://h").copy_with(raw_path=path.encode())
            return await web.request(method, url, headers=headers, **more)

    return asyncio.run(call())


def bearer(cast: Cast, name: str) -> dict[str, str]:
    """Return the header with the token of somebody."""
    return {"authorization": f"Bearer {cast.tokens[name]}"}


def session_of(name: str) -> dict[str, str]:
    """Return the cookie of somebody who has signed in."""
    account = Account.objects.get(username=name)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.create()
    return {"cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}"}
