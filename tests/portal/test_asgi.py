"""The boundary behind the real server: raw bytes in, never a 5xx out."""

import socket
from contextlib import suppress

import httpx
import pytest

from tests.stack import Stack

HOST = b"Host: localhost\r\n"


@pytest.fixture(scope="module")
def writer(stack: Stack) -> str:
    """Return a bearer token of a Service Writer."""
    return stack.manage("token", "create", "writer", "--role", "Service Writer")


def send(stack: Stack, request: bytes) -> int:
    """Return the status of the answer to raw bytes; 0 for a closed connection."""
    with socket.create_connection(("127.0.0.1", stack.port), timeout=20) as client:
        try:
            client.sendall(request)
            answer = client.recv(4096)
        except ConnectionError:  # the server has read enough
            return 0
    return int(answer.split(b" ", 2)[1]) if answer else 0


def get(stack: Stack, path: bytes, headers: bytes = HOST) -> int:
    token = f"Authorization: Bearer {stack.token}\r\n".encode()
    lines = b"GET " + path + b" HTTP/1.1\r\n" + headers + token
    return send(stack, lines + b"Connection: close\r\n\r\n")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (b"/dicomweb/studies/%00", 400),
        (b"/dicomweb/studies/%ff", 400),
        (b"/dicomweb/studies/%zz", 400),
        (b"/dicomweb/studies/%0d%0aa:b", 400),
        (b"/dicomweb/../admin/", 400),
        (b"/dicomweb/%2e%2e/%2e%2e/etc/passwd", 400),
        (b"/static/../../etc/passwd", 400),
        (b"/dicomweb/studies?PatientName=%00", 400),
        (b"/dicomweb/studies?PatientName=%ed%a0%80", 400),
        (b"/dicomweb/studies?PatientName=\xff\xfe", 400),
        (b"/dicomweb/studies?PatientName=" + b"a" * 40_000, 413),
        (b"/dicomweb/studies?PatientName=" + b"a" * 100_000, 414),
        (b"/dicomweb/studies/abc", 400),
        (b"/dicomweb/no/such", 404),
        (b"/no/such", 404),
        (b"http://evil.example/dicomweb/no/such", 404),
        (b"*", 400),
        (b"/dicomweb/changefeed?limit=99999999999999999999", 400),
        (b"/dicomweb/partitions/%E2%82%AC/studies", 400),
    ],
)
def test_bad_addresses_are_refused(stack: Stack, path: bytes, status: int) -> None:
    assert get(stack, path) == status


@pytest.mark.parametrize(
    "headers",
    [
        b"",
        HOST + HOST,
        b"Host: \r\n",
        b"Host: a b\r\n",
        b"Host: \xff\r\n",
        HOST + b"X: " + b"y" * 1_000_000 + b"\r\n",
        HOST + b"X: y\r\n" * 1000,
        HOST + b"X y\r\n",
        HOST + b"Content-Length: -1\r\n",
        HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n",
    ],
)
def test_bad_headers_are_refused(stack: Stack, headers: bytes) -> None:
    assert get(stack, b"/dicomweb/studies", headers) in {0, 400, 413, 431}


@pytest.mark.parametrize(
    "headers",
    [
        HOST + b'Range: bytes=x\r\nIf-None-Match: "\r\nAccept-Encoding: ;;q=x\r\n',
        HOST + b"Accept: " + b'"' * 999 + b"\r\n",
        HOST + b"Cookie: " + b"=;" * 999 + b"\r\n",
        HOST + b"X-Request-ID: \xff\xfe\r\nOrigin: \xff\r\n",
    ],
)
def test_odd_headers_do_no_harm(stack: Stack, headers: bytes) -> None:
    assert get(stack, b"/dicomweb/studies/1.2.3/metadata", headers) in {404, 406}


def test_rubbish_is_no_request(stack: Stack) -> None:
    for rubbish in (b"\0" * 100 + b"\r\n\r\n", b"\x16\x03\x01\x02\0", b"A B C\r\n\r\n"):
        assert send(stack, rubbish + b"\r\n\r\n") in {0, 400}


def test_a_page_takes_no_body_without_end(stack: Stack) -> None:
    """Django writes a body to a file before anyone knows who sends it."""
    head = b"POST /admin/login/ HTTP/1.1\r\n" + HOST
    chunk = b"100000\r\n" + bytes(0x100000) + b"\r\n"
    with socket.create_connection(("127.0.0.1", stack.port), timeout=20) as client:
        client.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
        with suppress(ConnectionError):  # the server has read enough
            for _ in range(100):
                client.sendall(chunk)
        with suppress(ConnectionError):
            assert b" 413 " in client.recv(4096).partition(b"\r\n")[0]
            assert client.recv(4096) == b""


@pytest.mark.parametrize("path", [b"/dicomweb/studies", b"/admin/", b"/ws/any"])
def test_an_address_without_websocket_says_so_quietly(
    stack: Stack, path: bytes
) -> None:
    log = stack.places.logs / "web.log"
    before = log.stat().st_size
    upgrade = (
        b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    )
    assert get(stack, path, HOST + upgrade) == 403
    assert b"Traceback" not in log.read_bytes()[before:]


def test_the_door_is_closed_and_the_pages_are_open(stack: Stack) -> None:
    with httpx.Client(base_url=stack.base_url) as web:
        for path in ("/dicomweb", "/dicomweb/studies", "/fhir/Patient", "/graphql"):
            assert web.get(path).status_code == 401
        assert web.get("/healthz").status_code == 200
        assert web.get("/admin/login/").status_code == 200
        assert web.get("/metrics").status_code == 200
        web.headers["authorization"] = f"Bearer {stack.token}"
        assert web.options("/dicomweb").status_code == 200
        assert web.options("/dicomweb/").status_code == 200
        assert web.get("/fhir/metadata").status_code == 200
        answer = web.get("/dicomweb/changefeed")
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/fhir/1/2/3/4/5", "/fhir/Patient/1/2/3/4", "/graphql/x", "/dicomweb/x"]
)
def test_the_verb_goes_before_what_is_not_built(
    stack: Stack, writer: str, path: str
) -> None:
    with httpx.Client(base_url=stack.base_url) as web:
        bearer = {"authorization": f"Bearer {writer}"}
        assert web.get(path, headers=bearer).status_code == 403
        assert web.delete(path, headers=bearer).status_code == 403
        assert web.post(path, headers=bearer).status_code == 404
        bearer = {"authorization": f"Bearer {stack.token}"}
        answer = web.get(path, headers=bearer)
        assert answer.status_code == 404
        assert "There is nothing at this address." in answer.text
