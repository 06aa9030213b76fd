"""DICOMweb in this process, with verbs and bodies, as any actor."""

import asyncio
from typing import Any, Final

import httpx
from starlette.types import Receive, Scope, Send

from core.access import Actor
from core.asgi import Boundary
from core.authentication import Authenticator, Caller
from imaging.dicomweb.app import app as dicomweb
from tests.imaging.stores import ADMIN

BASE: Final = "http://h/dicomweb"


class Known(Authenticator):
    """Takes everybody for one actor, until told that they have gone."""

    def __init__(self, actor: Actor) -> None:
        super().__init__(lambda: True)
        self.actor = actor
        self.error: Exception | None = None

    async def authenticate(self, _authorization: str | None, _cookies: str) -> Caller:
        """Return the actor, or raise the error that was set."""
        if self.error is not None:
            raise self.error
        return Caller(self.actor)


def boundary(authenticator: Authenticator) -> Boundary:
    """Return the whole of DICOMweb behind its boundary."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await dicomweb({**scope, "root_path": "/dicomweb"}, receive, send)

    made = Boundary(app)
    made._authenticator = authenticator
    return made


def ask(path: str, method: str = "GET", **params: Any) -> httpx.Response:
    """Ask at a path below ``/dicomweb`` as who may do everything."""
    return send(path, method, params=params or None)


def send(
    path: str, method: str = "GET", *, actor: Actor = ADMIN, **more: Any
) -> httpx.Response:
    """Ask as `actor`, with what else httpx sends: headers, json, content, params."""

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(boundary(Known(actor)))
        async with httpx.AsyncClient(transport=transport) as web:
            return await web.request(method, BASE + path, **more)

    return asyncio.run(call())
