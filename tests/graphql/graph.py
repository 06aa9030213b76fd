"""The graph in this process, behind its boundary, as any actor."""

import asyncio
from typing import Any, Final

import httpx
from starlette.types import ASGIApp

from core.access import Actor
from core.asgi import Boundary
from core.authentication import Authenticator, Caller
from portal.asgi import dispatch
from tests.imaging.stores import ADMIN

HOST: Final = "http://h"
URL: Final = f"{HOST}/graphql"


class Known(Authenticator):
    """Takes everybody for one actor."""

    def __init__(self, actor: Actor) -> None:
        super().__init__(lambda: True)
        self.actor = actor

    async def authenticate(self, _authorization: str | None, _cookies: str) -> Caller:
        """Return the actor."""
        return Caller(self.actor)


def application(actor: Actor = ADMIN) -> ASGIApp:
    """Return all that the web server serves, for one actor."""
    made = Boundary(dispatch)
    made._authenticator = Known(actor)
    return made


def send(
    method: str = "POST", *, actor: Actor = ADMIN, url: str = URL, **more: Any
) -> httpx.Response:
    """Send a request with what else httpx sends: headers, json, content, params."""

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(application(actor))
        async with httpx.AsyncClient(transport=transport) as web:
            return await web.request(method, url, **more)

    return asyncio.run(call())


def answer(query: str, *, actor: Actor = ADMIN, **variables: Any) -> dict[str, Any]:
    """Return the whole answer to an operation."""
    body = {"query": query, "variables": variables}
    got = send(actor=actor, json=body)
    assert got.status_code == 200, got.text
    whole: dict[str, Any] = got.json()
    return whole


def ask(query: str, *, actor: Actor = ADMIN, **variables: Any) -> Any:
    """Return the data of an operation that has no errors."""
    whole = answer(query, actor=actor, **variables)
    assert "errors" not in whole, whole["errors"]
    return whole["data"]


def errors(query: str, *, actor: Actor = ADMIN, **variables: Any) -> list[Any]:
    """Return the errors of an operation, each by its code and path in `extensions`."""
    found: list[Any] = answer(query, actor=actor, **variables)["errors"]
    return [each["extensions"] for each in found]
