"""From an address to its endpoint: verb first, then the path, then the method.

A resource is a path with what may be done there. An actor whose roles lack the verb is
refused before anything is looked up, on addresses that do not exist as well, so that
the answer tells nothing about what is held.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from core.access import Verb, require
from core.errors import NotFound

Endpoint = Callable[[Request], Awaitable[Response]]

PARTITION: Final = "/partitions/{partition}"
# What a method needs where no resource says it.
_USUAL_VERBS: Final = {
    "GET": Verb.READ,
    "HEAD": Verb.READ,
    "OPTIONS": Verb.READ,
    "DELETE": Verb.DELETE,
}


class Action(NamedTuple):
    """What a method does: its endpoint, and the verb that it needs.

    Without a verb the domain function decides, which knows whose object it is.
    """

    verb: Verb | None
    endpoint: Endpoint


class Resource:
    """An ASGI application for one path: a table of methods.

    HEAD is answered as GET: the boundary drops the body.
    """

    def __init__(self, actions: Mapping[str, Action]) -> None:
        self.actions = dict(actions)
        if "GET" in self.actions:
            self.actions.setdefault("HEAD", self.actions["GET"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the verb, call the endpoint, send its response."""
        method = scope["method"]
        action = self.actions.get(method)
        if action is None:
            _require_usual_verb(scope)
            allow = {"allow": ", ".join(sorted(self.actions))}
            text = f"{method} cannot be done here."
            await PlainTextResponse(text, 405, allow)(scope, receive, send)
            return
        if action.verb is not None:
            require(scope["actor"], action.verb)
        response = await action.endpoint(Request(scope, receive))
        await response(scope, receive, send)


Paths = Mapping[str, Mapping[str, Action]]


def router(everywhere: Paths, globally: Paths) -> Router:
    """Return the application of all paths, the hottest first.

    Parameters
    ----------
    everywhere
        Paths that exist in each data partition as well
        (``/partitions/{partition}/studies``), in the order in which they are tried.
    globally
        Paths that belong to no partition.
    """
    paths = {
        **everywhere,
        **globally,
        **{PARTITION + path: actions for path, actions in everywhere.items()},
    }
    routes = [Route(path, Resource(actions)) for path, actions in paths.items()]
    return Router(routes, redirect_slashes=False, default=_nothing_here)


async def _nothing_here(scope: Scope, _receive: Receive, _send: Send) -> None:
    _require_usual_verb(scope)
    message = "There is nothing at this address."
    raise NotFound(message)


def _require_usual_verb(scope: Scope) -> None:
    require(scope["actor"], _USUAL_VERBS.get(scope["method"], Verb.STORE))
