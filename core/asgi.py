"""The outer boundary around all that speaks HTTP: our ASGI handlers and Django.

In this order: sizes, host, encodings; CORS; who it is; then the application. On the
way out: request id, security headers, and the one map of errors (`core.boundary`).
A handler behind it parses, finds ``scope["actor"]``, calls a domain function and lets
its errors pass.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Final

from django.conf import settings
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import audit, feed_listener, proxies, subprotocols
from core import request_rules as rules
from core.access import Actor
from core.accounts import news
from core.accounts.sessions import session_uses
from core.audit_requests import Asked, record_refusal
from core.authentication import Authenticator
from core.boundary import Refusal, fault_of, log_failure, refusal_of
from core.errors import PortalError, Unauthenticated
from core.pinging import Line

logger = logging.getLogger(__name__)

Hook = Callable[[], Awaitable[None]]
Render = Callable[[Exception, Refusal], Response]
"""Makes the answer to a request that failed, from what failed and what is told."""

PROTECTED: Final = ("/dicomweb", "/fhir", "/graphql", "/ws")
OPEN: Final = frozenset({"/fhir/metadata"})
# Pages cannot give a WebSocket headers: its token may come in the first message, or
# beside its subprotocols (`core.subprotocols`).
TOKEN_FOLLOWS: Final = frozenset({"/graphql"})
METRICS: Final = "/metrics"
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})
_CLOSE_UNAUTHENTICATED: Final = 4401
_CLOSE_FORBIDDEN: Final = 4403
_CLOSE_FAILED: Final = 1011


class Boundary:
    """The ASGI application that the server runs.

    Parameters
    ----------
    app
        What lies behind.
    start, stop
        Awaited in their order when the server starts and stops.
    renders
        How failures are answered below some addresses; elsewhere as plain text.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        start: Sequence[Hook] = (),
        stop: Sequence[Hook] = (),
        renders: Mapping[str, Render] | None = None,
    ) -> None:
        self._app = app
        self._renders = renders or {}
        self._start = start
        self._stop = stop
        self._authenticator = Authenticator(feed_listener.hears)
        news.register(self._authenticator.forget)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, one WebSocket, or the life of the server."""
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._serve_websocket(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = _Exchange(scope, send)
        try:
            exchange.check()
            # For what lasts: awaited, it finds the actor again, and raises where that
            # ends.
            scope["authenticate"] = partial(self._authenticate, exchange)
            if exchange.is_protected and rules.is_preflight(
                scope["method"], exchange.headers
            ):
                await Response(status_code=204)(scope, receive, exchange.send)
                return
            if exchange.needs_actor:
                await self._authenticate(exchange)
                exchange.note_session()
            await self._app(scope, receive, exchange.send)
        except ClientDisconnect:
            return
        except Exception as error:
            if exchange.begun:
                # Only a broken connection tells the client that the rest is missing.
                log_failure(error, exchange.request_id, has_begun=True)
                await exchange.audit(fault_of(error).http)
                raise
            answer = self._refusal(error, exchange)
            await answer(scope, receive, exchange.send)

    def _refusal(self, error: Exception, exchange: "_Exchange") -> Response:
        """Return the answer to a request that failed."""
        log_failure(error, exchange.request_id)
        refusal = refusal_of(error, exchange.request_id)
        path: str = exchange.scope["path"]
        for prefix, render in self._renders.items():
            if path == prefix or path.startswith(f"{prefix}/"):
                return render(error, refusal)
        return PlainTextResponse(refusal.text + "\n", refusal.status, refusal.headers)

    async def _authenticate(
        self, exchange: "_Exchange", authorization: str | None = None
    ) -> Actor:
        """Find the actor of a request.

        Parameters
        ----------
        authorization
            The value of ``Authorization`` where it came otherwise than in the headers;
            it stands for them from then on.
        """
        scope, headers = exchange.scope, exchange.headers
        if authorization is not None:
            exchange.authorization = authorization
        caller = await self._authenticator.authenticate(
            exchange.authorization, headers.get(b"cookie", b"").decode("latin-1")
        )
        if caller.by_session:
            rules.check_same_site(scope, headers, settings.CSRF_TRUSTED_ORIGINS)
        scope["actor"] = caller.actor
        exchange.session_key = caller.session_key
        return caller.actor

    async def _serve_websocket(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        scope["line"] = Line.of(scope)  # before a proxy's word for it
        exchange = _Exchange(scope, send)
        try:
            exchange.check()
            if exchange.authorization is None:
                exchange.authorization = subprotocols.authorization_in(scope)
            subprotocols.forget_tokens(scope)
            scope["authenticate"] = partial(self._authenticate, exchange)
            try:
                await self._authenticate(exchange)
                exchange.note_session()
            except Unauthenticated:
                if exchange.authorization or scope["path"] not in TOKEN_FOLLOWS:
                    raise
            await self._app(scope, receive, send)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 the boundary
            log_failure(error, exchange.request_id)
            await exchange.audit(fault_of(error).http)
            code = close_code(error)
            with suppress(Exception):  # closed already
                await send({"type": "websocket.close", "code": code})

    async def _live(self, receive: Receive, send: Send) -> None:
        for phase, hooks in (("startup", self._start), ("shutdown", self._stop)):
            await receive()
            try:
                for hook in hooks:
                    await hook()
            except Exception as error:
                logger.exception("the %s of the server failed", phase)
                await send({"type": f"lifespan.{phase}.failed", "message": str(error)})
                return
            await send({"type": f"lifespan.{phase}.complete"})


def is_protected(path: str) -> bool:
    """Return whether patient data lies at an address, built or not."""
    return any(path == prefix or path.startswith(f"{prefix}/") for prefix in PROTECTED)


class _Exchange:
    """One request and the way back of its answer."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self.headers: rules.Headers = dict(scope["headers"])
        given = self.headers.get(b"authorization")
        self.authorization = None if given is None else given.decode("latin-1")
        self.request_id = rules.request_id_of(self.headers)
        self.session_key = ""  # once it is known to be good
        self.begun = False
        self._send = send
        path: str = scope["path"]
        self.is_protected = is_protected(path)
        scope["request_id"] = self.request_id
        # What an application adds here stands on refusals, too.
        self._wanted: list[tuple[bytes, bytes]] = []
        scope["answer_headers"] = self._wanted
        if settings.TRUSTED_PROXIES:
            told = proxies.sender_of(scope, settings.TRUSTED_PROXIES)
            scope["client"], scope["scheme"] = (told.address, 0), told.scheme
        # What the route tells of the request, for the audit log.
        self._asked = scope["asked"] = Asked()
        self._client = (scope.get("client") or ("",))[0]
        audit.ORIGIN.set(audit.Origin(self._client, self.request_id))

    @property
    def needs_actor(self) -> bool:
        """Return whether nobody gets further without credentials."""
        path = self.scope["path"]
        if path == METRICS:
            return not self._is_local()
        return self.is_protected and path not in OPEN

    def check(self) -> None:
        """Refuse what no handler should see."""
        scope = self.scope
        raw_path = scope.get("raw_path") or scope["path"].encode(errors="surrogatepass")
        query = scope.get("query_string", b"")
        rules.check_size(scope["headers"], raw_path + query)
        rules.check_host(scope["headers"], settings.ALLOWED_HOSTS, scope["path"])
        rules.check_path(scope["path"], raw_path)
        scope["query_string"] = rules.checked_query(query)

    async def send(self, message: Message) -> None:
        """Pass a message to the server, with the headers of the boundary."""
        if message["type"] == "http.response.start":
            self.begun = True
            message = {**message, "headers": self._completed(message["headers"])}
            if message["status"] >= HTTPStatus.BAD_REQUEST:
                await self.audit(message["status"])
        elif self.scope["method"] == "HEAD" and message.get("body"):
            message = {**message, "body": b""}
        await self._send(message)

    def note_session(self) -> None:
        """Have the session go on. What lasts asks who it is anew, and is no use."""
        if self.session_key:
            session_uses.note(self.session_key)

    async def audit(self, status: int) -> None:
        """Record a refusal or failure where patient data lie."""
        if self.is_protected:
            await record_refusal(self.scope, self._asked, status)

    def _completed(self, given: Sequence[tuple[bytes, bytes]]) -> rules.RawHeaders:
        headers = [*given, *self._wanted]
        held = {name.lower() for name, _ in headers}
        usual = rules.DATA_HEADERS if self.is_protected else rules.SECURITY_HEADERS
        headers += [(name, value) for name, value in usual if name not in held]
        headers.append((b"x-request-id", self.request_id.encode()))
        if self.is_protected:
            origins = settings.CORS_ORIGINS
            if rules.is_preflight(self.scope["method"], self.headers):
                headers += rules.preflight_headers(self.headers, origins)
            else:
                headers += rules.cors_headers(self.headers, origins)
        return headers

    def _is_local(self) -> bool:
        """Return whether the client is on this machine, and no proxy speaks for it."""
        forwarded = {b"forwarded", b"x-forwarded-for"} & self.headers.keys()
        return self._client in _LOOPBACK and not forwarded


def close_code(error: Exception) -> int:
    """Return the code that a WebSocket is closed with where `error` ends it."""
    if isinstance(error, Unauthenticated):
        return _CLOSE_UNAUTHENTICATED
    return _CLOSE_FORBIDDEN if isinstance(error, PortalError) else _CLOSE_FAILED
