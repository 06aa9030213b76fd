"""The outer boundary as a client meets it, hostile ones included."""

import asyncio
import logging
from collections.abc import Callable
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from core import asgi, audit
from core.asgi import Boundary
from core.audit_requests import Asked
from core.authentication import Authenticator, Caller
from core.errors import Busy, NotFound, Unauthenticated
from tests.actors import READING, acting

ADA = acting(1, "ada", READING)
TOKEN = {"authorization": "Bearer good"}


@pytest.fixture(autouse=True)
def _directory(monkeypatch: pytest.MonkeyPatch) -> None:
    async def authenticate(
        _self: Authenticator, authorization: str | None, cookies: str
    ) -> Caller:
        if authorization == "Bearer good" or cookies == "sessionid=good":
            return Caller(ADA, "" if authorization else "key")
        message = "no"
        raise Unauthenticated(message)

    monkeypatch.setattr(Authenticator, "authenticate", authenticate)


@pytest.fixture(autouse=True)
def refused(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the statuses of refusals; there is no database for the audit log."""
    statuses: list[int] = []

    async def record(_scope: Scope, _asked: Asked, status: int) -> None:
        statuses.append(status)

    monkeypatch.setattr(asgi, "record_refusal", record)
    return statuses


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the actor's name, or fail as the path says."""
    match scope["path"].rpartition("/")[2]:
        case "missing":
            message = "No such study."
            raise NotFound(message)
        case "busy":
            message = "Later."
            raise Busy(message, retry_after_s=7)
        case "bug":
            message = "secret detail"
            raise ValueError(message)
    actor = scope.get("actor")
    text = actor.name if actor else "nobody"
    query = scope["query_string"].decode()
    headers = {"cache-control": "max-age=9"} if query == "cache" else {}
    await PlainTextResponse(text, headers=headers)(scope, receive, send)


def ask(
    path: str,
    headers: dict[str, str] | None = None,
    method: str = "GET",
    client: tuple[str, int] = ("10.1.1.1", 1),
) -> httpx.Response:
    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(Boundary(echo), client=client)
        async with httpx.AsyncClient(transport=transport, base_url="http://h") as web:
            return await web.request(method, path, headers=headers)

    return asyncio.run(call())


def send_raw(**scope: Any) -> list[Message]:
    """Return what the boundary sends for a request that no client library makes."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def send(message: Message) -> None:
        sent.append(message)

    usual = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": "/",
        "query_string": b"",
        "headers": [(b"host", b"h")],
        "client": None,
    }
    asyncio.run(Boundary(echo)({**usual, **scope}, receive, send))
    return sent


@pytest.mark.parametrize(
    "path", ["/dicomweb", "/dicomweb/studies", "/dicomweb/no", "/fhir/x", "/graphql"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS", "PURGE"])
def test_nobody_gets_in_without_credentials(path: str, method: str) -> None:
    for headers in ({}, {"authorization": "Bearer bad"}):
        answer = ask(path, headers, method)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer realm="portal"'


@pytest.mark.parametrize(
    "path", ["/", "/admin/", "/healthz", "/fhir/metadata", "/dicomwebs", "/static/a"]
)
def test_open_addresses_ask_for_none(path: str) -> None:
    assert ask(path).text == "nobody"


def test_the_actor_is_handed_on() -> None:
    assert ask("/dicomweb/x", TOKEN).text == "ada"
    assert ask("/dicomweb/x", {"cookie": "sessionid=good"}).text == "ada"


def test_metrics_are_for_this_machine_and_for_tokens() -> None:
    assert ask("/metrics").status_code == 401
    assert ask("/metrics", TOKEN).status_code == 200
    assert ask("/metrics", client=("127.0.0.1", 1)).status_code == 200
    proxied = ask("/metrics", {"x-forwarded-for": "1.2.3.4"}, client=("127.0.0.1", 1))
    assert proxied.status_code == 401


def test_a_session_writes_from_our_pages_only() -> None:
    session = {"cookie": "sessionid=good"}
    assert ask("/dicomweb/x", session, "POST").status_code == 403
    ours = {**session, "origin": "http://h"}
    assert ask("/dicomweb/x", ours, "POST").status_code == 200
    evil = {**session, "origin": "http://evil.example"}
    assert ask("/dicomweb/x", evil, "DELETE").status_code == 403
    assert ask("/dicomweb/x", {**evil, **TOKEN}, "DELETE").status_code == 200


def test_errors_read_the_same_everywhere() -> None:
    answer = ask("/missing")
    assert (answer.status_code, answer.text) == (404, "No such study.\n")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    answer = ask("/busy")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")


def test_a_bug_tells_the_client_its_reference_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = ask("/bug", {"x-request-id": "ref-1"})
    assert answer.status_code == 500
    assert answer.text == "Something went wrong on the server. Reference: ref-1\n"
    assert "secret detail" in caplog.text


def test_answers_carry_request_id_and_security_headers() -> None:
    answer = ask("/dicomweb/x", {**TOKEN, "x-request-id": "ref-1"})
    assert answer.headers["x-request-id"] == "ref-1"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert ask("/dicomweb/x?cache", TOKEN).headers["cache-control"] == "max-age=9"
    assert "content-security-policy" not in ask("/admin/").headers
    assert len(ask("/").headers["x-request-id"]) == 16


def test_head_has_no_body() -> None:
    answer = ask("/dicomweb/x", TOKEN, "HEAD")
    assert (answer.content, answer.headers["content-length"]) == (b"", "3")


def test_a_preflight_needs_no_credentials(settings: Any) -> None:
    asked = {
        "origin": "https://v.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
    }
    answer = ask("/dicomweb/studies", asked, "OPTIONS")
    assert answer.status_code == 204
    assert "access-control-allow-origin" not in answer.headers
    settings.CORS_ORIGINS = ["https://v.example"]
    answer = ask("/dicomweb/studies", asked, "OPTIONS")
    assert answer.headers["access-control-allow-origin"] == "https://v.example"
    assert "POST" in answer.headers["access-control-allow-methods"]
    allowed = answer.headers["access-control-allow-headers"].split(", ")
    assert {
        "Authorization",
        "Last-Event-ID",
        "msdicom-expiry-time-milliseconds",
        "msdicom-expiry-option",
        "msdicom-expiry-level",
    } <= set(allowed)
    answer = ask("/dicomweb/x", {"origin": "https://v.example"})
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == "https://v.example"


@pytest.mark.parametrize(
    "scope",
    [
        {"headers": []},
        {"headers": [(b"host", b"h"), (b"host", b"i")]},
        {"headers": [(b"host", b"h"), (b"x", b"y" * 1_000_000)]},
        {"path": "/a\0", "raw_path": b"/a%00"},
        {"path": "/a\0"},
        {"path": "/\udcff"},
        {"path": "/�", "raw_path": b"/%ff"},
        {"path": "/../etc/passwd", "raw_path": b"/%2e%2e/etc/passwd"},
        {"query_string": b"a=%00"},
        {"query_string": b"a=\xff\xfe"},
        {"query_string": b"a" * 100_000},
        {"headers": [(b"host", b"h"), (b"x-request-id", b"\r\nset-cookie: a")]},
        {"headers": [(b"host", b"h"), (b"authorization", b"\xff\0")]},
    ],
)
@pytest.mark.parametrize("prefix", ["", "/dicomweb"])
def test_hostile_requests_are_no_errors_of_ours(
    scope: dict[str, Any], prefix: str
) -> None:
    scope = {**scope, "path": prefix + scope.get("path", "/")}
    if "raw_path" in scope:
        scope["raw_path"] = prefix.encode() + scope["raw_path"]
    start, body = send_raw(**scope)
    assert start["status"] < 500, body
    assert body.get("more_body", False) is False
    for _name, value in start["headers"]:
        assert b"\n" not in value


def test_a_failure_after_the_start_breaks_the_connection() -> None:
    async def half(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        message = "too late"
        raise NotFound(message)

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/",
        "headers": [(b"host", b"h")],
    }
    with pytest.raises(NotFound):
        asyncio.run(Boundary(half)(scope, receive, send))
    assert [message["type"] for message in sent] == ["http.response.start"]


def live(boundary: Boundary, phases: int) -> list[str]:
    """Return what the server is told over the life of the application."""
    told: list[str] = []
    asked = iter(["lifespan.startup", "lifespan.shutdown"][:phases])

    async def receive() -> Message:
        return {"type": next(asked)}

    async def send(message: Message) -> None:
        told.append(message["type"])

    asyncio.run(boundary({"type": "lifespan"}, receive, send))
    return told


def test_hooks_run_when_the_server_starts_and_stops() -> None:
    done: list[str] = []

    def hook(name: str) -> Callable[[], Any]:
        async def note() -> None:
            done.append(name)

        return note

    boundary = Boundary(echo, start=[hook("a"), hook("b")], stop=[hook("c")])
    assert live(boundary, 2) == [
        "lifespan.startup.complete",
        "lifespan.shutdown.complete",
    ]
    assert done == ["a", "b", "c"]


def test_a_server_whose_hook_fails_does_not_start() -> None:
    async def fail() -> None:
        message = "no database"
        raise OSError(message)

    assert live(Boundary(echo, start=[fail]), 1) == ["lifespan.startup.failed"]


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ([(b"authorization", b"Bearer good")], {"type": "websocket.accept"}),
        ([], {"type": "websocket.close", "code": 4401}),
        ([(b"cookie", b"sessionid=good")], {"type": "websocket.close", "code": 4403}),
        (
            [(b"cookie", b"sessionid=good"), (b"origin", b"http://h")],
            {"type": "websocket.accept"},
        ),
    ],
)
def test_a_websocket_needs_credentials_and_our_page(
    headers: list[tuple[bytes, bytes]], sent: Message
) -> None:
    async def accept(scope: Scope, _receive: Receive, send: Send) -> None:
        assert scope["actor"] == ADA
        await send({"type": "websocket.accept"})

    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    scope = {
        "type": "websocket",
        "path": "/ws/x",
        "headers": [(b"host", b"h"), *headers],
    }
    asyncio.run(Boundary(accept)(scope, receive, send))
    assert messages == [sent]


def test_a_token_beside_the_subprotocols_is_told_to_nobody() -> None:
    seen: list[Scope] = []

    async def look(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope)

    async def nothing(_message: Message) -> None:
        raise AssertionError

    scope = {
        "type": "websocket",
        "path": "/ws/x",
        "headers": [(b"host", b"h"), (b"sec-websocket-protocol", b"a, Bearer.good")],
        "subprotocols": ["a", "Bearer.good"],
    }
    asyncio.run(Boundary(look)(scope, receive_nothing, nothing))
    assert seen[0]["actor"] == ADA
    assert seen[0]["subprotocols"] == ["a"]
    assert "good" not in str(seen[0])


async def receive_nothing() -> Message:
    raise AssertionError


def test_a_trusted_proxy_tells_who_asks(settings: Any) -> None:
    settings.TRUSTED_PROXIES = [ip_network("10.1.1.1")]
    seen: list[tuple[str, str, str]] = []

    async def look(scope: Scope, receive: Receive, send: Send) -> None:
        origin = audit.ORIGIN.get().source
        seen.append((scope["client"][0], scope["scheme"], origin))
        await PlainTextResponse("")(scope, receive, send)

    async def call(client: str) -> None:
        transport = httpx.ASGITransport(Boundary(look), client=(client, 1))
        told = {"x-forwarded-for": "192.0.2.7", "x-forwarded-proto": "https"}
        async with httpx.AsyncClient(transport=transport, base_url="http://h") as web:
            await web.get("/", headers=told)

    asyncio.run(call("10.1.1.1"))
    asyncio.run(call("10.1.1.2"))
    assert seen == [
        ("192.0.2.7", "https", "192.0.2.7"),
        ("10.1.1.2", "http", "10.1.1.2"),
    ]
