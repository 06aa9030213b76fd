"""From an address to its endpoint: verb first, then the path, then the method.

A resource is a path with what may be done there. An actor whose roles lack the verb is
refused before anything is looked up, on addresses that do not exist as well, so that
the answer tells nothing about what is held.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from core.access import Verb, require
from core.audit_events import Action as AuditAction
from core.audit_requests import Asked, record_view
from core.errors import NotAllowed, NotFound

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

    Attributes
    ----------
    verb
        None: the domain function decides, which knows whose object it is.
    audited
        How the audit log calls it; None where nothing is told of what is held. The
        domain function records it, except `AuditAction.VIEW`.
    """

    verb: Verb | None
    endpoint: Endpoint
    audited: AuditAction | None = None


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
        asked: Asked = scope.setdefault("asked", Asked())
        asked.find(action and action.audited, scope.get("path_params", {}))
        if action is None:
            _require_usual_verb(scope)
            message = f"{method} cannot be done here."
            raise NotAllowed(message, allowed=sorted(self.actions))
        if action.verb is not None:
            require(scope["actor"], action.verb)
        response = await action.endpoint(Request(scope, receive))
        if action.audited is AuditAction.VIEW:
            await record_view(scope, asked)
        await response(scope, receive, send)


Paths = Mapping[str, Mapping[str, Action]]


class Router:
    """An ASGI application that finds the resource of a path, a segment at a time.

    Its cost grows with the depth of an address, not with the number of addresses. A
    literal segment goes before a variable one, where it leads anywhere.
    ``{name}`` takes any one segment, ``{name:path}`` all that follow.
    """

    def __init__(self, paths: Paths) -> None:
        self._root = _Node()
        for path, actions in paths.items():
            self._root.add(path.split("/"), Resource(actions))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, its path below ``root_path``."""
        path: str = scope["path"].removeprefix(scope["root_path"])
        found: dict[str, str] = {}
        resource = self._root.find(path.split("/"), found)
        if resource is None:
            await nothing_here(scope, receive, send)
        else:
            scope["path_params"] = found
            await resource(scope, receive, send)


class _Node:
    """What may follow at one place of a path; literal segments before variable ones."""

    __slots__ = ("_following", "_name", "_takes_rest", "_variable", "resource")

    def __init__(self) -> None:
        self.resource: Resource | None = None
        self._following: dict[str, _Node] = {}
        self._variable: _Node | None = None
        self._name = ""
        self._takes_rest = False

    def add(self, segments: Sequence[str], resource: Resource) -> None:
        """Put a resource at the end of `segments`."""
        if not segments:
            self.resource = resource
            return
        first, *rest = segments
        if not first.startswith("{"):
            self._following.setdefault(first, _Node()).add(rest, resource)
            return
        name, _, kind = first[1:-1].partition(":")
        self._variable = self._variable or _Node()
        self._name, self._takes_rest = name, kind == "path"
        self._variable.add(rest, resource)

    def find(
        self, segments: Sequence[str], found: dict[str, str], at: int = 0
    ) -> Resource | None:
        """Return what lies at the end of `segments`; what variable ones are in `found`.

        None where there is nothing.
        """
        if at == len(segments):
            return self.resource
        following = self._following.get(segments[at])
        if following is not None:
            resource = following.find(segments, found, at + 1)
            if resource is not None:
                return resource
        if self._variable is None or not segments[at]:
            return None
        if self._takes_rest:
            found[self._name] = "/".join(segments[at:])
            return self._variable.resource
        found[self._name] = segments[at]
        return self._variable.find(segments, found, at + 1)


def router(everywhere: Paths, globally: Paths) -> Router:
    """Return the application of all paths.

    Parameters
    ----------
    everywhere
        Paths that exist in each data partition as well
        (``/partitions/{partition}/studies``).
    globally
        Paths that belong to no partition.
    """
    below = {PARTITION + path: actions for path, actions in everywhere.items()}
    return Router({**everywhere, **globally, **below})


async def nothing_here(scope: Scope, _receive: Receive, _send: Send) -> None:
    """Answer for an address at which nothing is built."""
    if "actor" in scope:  # not where anybody may ask
        _require_usual_verb(scope)
    message = "There is nothing at this address."
    raise NotFound(message)


def _require_usual_verb(scope: Scope) -> None:
    require(scope["actor"], _USUAL_VERBS.get(scope["method"], Verb.STORE))
