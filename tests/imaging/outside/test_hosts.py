"""Which hosts are connected to, whatever their names and addresses are made of."""

import socket
import threading
from collections.abc import Iterator
from http.client import NotConnected
from ipaddress import ip_address

import pytest
from django.conf import settings

from core.errors import Invalid, Upstream
from imaging.outside.hosts import Hosts, checked_url, connect, connected

INSIDE = [
    "127.0.0.1",
    "127.1.2.3",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "fd12::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "2001:0:7f00:1::80ff:fffe",
]


def listed(monkeypatch: pytest.MonkeyPatch, *entries: str) -> None:
    monkeypatch.setattr(settings, "EXPORT_HOSTS", list(entries))


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Have every name lead to addresses; return the names that were looked up."""
    asked: list[str] = []

    def find(host: str, port: int, **_more: object) -> list[object]:
        asked.append(host)
        return [
            (
                socket.AF_INET6 if ":" in address else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (address, port, 0, 0) if ":" in address else (address, port),
            )
            for address in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", find)
    return asked


@pytest.fixture
def server() -> Iterator[int]:
    """Yield the port of a server on loopback that greets."""
    listener = socket.create_server(("127.0.0.1", 0))

    def greet() -> None:
        try:
            while True:
                client, _ = listener.accept()
                with client:
                    client.sendall(b"hello")
        except OSError:
            return

    thread = threading.Thread(target=greet, daemon=True)
    thread.start()
    yield int(listener.getsockname()[1])
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join()


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_are_refused_unless_listed(address: str) -> None:
    assert not Hosts(["pacs.example"]).allows(ip_address(address))
    assert not Hosts(["192.0.2.7", "2001:db8::/32"]).allows(ip_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07::1"])
def test_addresses_outside_are_for_whoever_is_listed_by_name(address: str) -> None:
    assert Hosts(["pacs.example"]).allows(ip_address(address))


def test_a_network_that_is_listed_is_allowed_in_every_spelling() -> None:
    allowed = Hosts(["10.1.0.0/16"])
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203"):
        assert allowed.allows(ip_address(address))
    assert not allowed.allows(ip_address("10.2.2.3"))


@pytest.mark.parametrize(
    ("entry", "host", "is_listed"),
    [
        ("pacs.example", "pacs.example", True),
        ("pacs.example", "PACS.Example.", True),
        ("pacs.example", "evil-pacs.example", False),
        ("pacs.example", "pacs.example.evil.test", False),
        ("*.blob.example", "account.blob.example", True),
        ("*.blob.example", "blob.example", False),
        ("*.blob.example", "blob.example.evil.test", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "::ffff:10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("127.0.0.1", "2130706433", False),
        ("127.0.0.1", "0x7f000001", False),
        ("127.0.0.1", "0177.0.0.1", False),
        ("127.0.0.1", "127.1", False),
        ("127.0.0.1", "localhost", False),
    ],
)
def test_a_host_is_listed_by_its_whole_name_or_network(
    entry: str, host: str, is_listed: bool
) -> None:
    if is_listed:
        Hosts([entry]).require(host)
        return
    with pytest.raises(Invalid, match="PORTAL_EXPORT_HOSTS"):
        Hosts([entry]).require(host)


@pytest.mark.parametrize(
    "url",
    [
        "https://pacs.example@evil.test/",
        "https://user:word@pacs.example/",
        "https://evil.test#pacs.example",
        "https://evil.test\\@pacs.example.evil.test/",
        "file:///etc/passwd",
        "gopher://pacs.example/",
        "https://",
        "//pacs.example",
        "https://[::1/",
        "https://pacs.example:99999/",
    ],
)
def test_other_addresses_are_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    listed(monkeypatch, "pacs.example")
    with pytest.raises(Invalid):
        checked_url(url)


def test_a_host_that_is_not_listed_is_not_even_looked_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listed(monkeypatch, "pacs.example")
    asked = resolving(monkeypatch, "93.184.215.14")
    with pytest.raises(Invalid):
        connected("other.example", 443)
    assert asked == []


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "10.0.0.9"])
def test_a_listed_name_that_leads_inside_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, server: int, address: str
) -> None:
    listed(monkeypatch, "pacs.example")
    resolving(monkeypatch, address)
    with pytest.raises(Upstream, match="inside") as caught:
        connected("pacs.example", server)
    assert not caught.value.retryable


def test_the_connection_goes_to_the_address_that_was_checked(
    monkeypatch: pytest.MonkeyPatch, server: int
) -> None:
    listed(monkeypatch, "pacs.example", "127.0.0.1")
    asked = resolving(monkeypatch, "127.0.0.1")
    with connected("pacs.example", server) as plain:
        assert plain.recv(5) == b"hello"
        assert plain.getpeername() == ("127.0.0.1", server)
    assert asked == ["pacs.example"]  # once: a second look could lead elsewhere


def test_a_connection_that_breaks_is_not_made_anew(
    monkeypatch: pytest.MonkeyPatch, server: int
) -> None:
    listed(monkeypatch, "127.0.0.1")
    made = connect(checked_url(f"http://127.0.0.1:{server}"))
    assert made.sock is not None
    made.close()
    with pytest.raises(NotConnected):
        made.request("GET", "/")
    assert made.sock is None


def test_a_host_that_is_away_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    listed(monkeypatch, "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Upstream) as caught:
        connected("127.0.0.1", port)
    assert caught.value.retryable
