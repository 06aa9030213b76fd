"""Who asks behind proxies: what they tell is believed, what clients tell is not."""

from ipaddress import ip_network
from typing import Any

import pytest

from core.proxies import Sender, sender_of

PROXIES = [ip_network("10.0.0.0/24"), ip_network("fd00::/64")]


def ask(client: str, *forwarded: str, proto: str = "", scheme: str = "http") -> Sender:
    headers = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    if proto:
        headers.append((b"x-forwarded-proto", proto.encode()))
    scope: dict[str, Any] = {"client": (client, 1), "headers": headers}
    return sender_of(scope | {"scheme": scheme}, PROXIES)


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ([], "10.0.0.1"),
        (["192.0.2.7"], "192.0.2.7"),
        (["192.0.2.7:4711"], "192.0.2.7"),
        (["[2001:db8::7]:4711"], "2001:db8::7"),
        (["2001:db8::7"], "2001:db8::7"),
        (["192.0.2.7, 10.0.0.2"], "192.0.2.7"),
        (["192.0.2.7", "10.0.0.2"], "192.0.2.7"),
        (["127.0.0.1, 192.0.2.7"], "192.0.2.7"),
        (["127.0.0.1", "192.0.2.7, fd00::2"], "192.0.2.7"),
        (["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        (["192.0.2.7, unknown, 10.0.0.2"], "10.0.0.2"),
        (["192.0.2.7, ,"], "192.0.2.7"),
        (["evil"], "10.0.0.1"),
    ],
)
def test_the_last_that_is_no_proxy_asks(forwarded: list[str], address: str) -> None:
    assert ask("10.0.0.1", *forwarded).address == address


def test_others_are_not_believed() -> None:
    assert ask("10.0.1.1", "127.0.0.1", proto="https") == Sender("10.0.1.1", "http")
    assert ask("", "127.0.0.1", proto="https") == Sender("", "http")


@pytest.mark.parametrize(
    ("proto", "scheme"),
    [("https", "https"), ("http,https", "https"), ("javascript", "http"), ("", "http")],
)
def test_a_proxy_tells_the_scheme(proto: str, scheme: str) -> None:
    assert ask("10.0.0.1", "192.0.2.7", proto=proto).scheme == scheme


def test_the_scheme_of_a_web_socket_stays() -> None:
    assert ask("10.0.0.1", proto="https", scheme="ws").scheme == "ws"
