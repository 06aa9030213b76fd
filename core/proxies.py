"""Who asks where proxies stand between: as those tell that are trusted."""

from collections.abc import Collection, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import NamedTuple

from starlette.types import Scope

Networks = Collection[IPv4Network | IPv6Network]


class Sender(NamedTuple):
    """A client's address, and the scheme that it used."""

    address: str
    scheme: str


def sender_of(scope: Scope, proxies: Networks) -> Sender:
    """Return the address of the client and the scheme that it used.

    Behind proxies that are trusted they are what these tell: each adds the address that
    it was asked from, so the last one that is no proxy's is the client's. What stands
    before that anybody may have written.
    """
    address, scheme = (scope.get("client") or ("",))[0], str(scope.get("scheme", ""))
    if not proxies or not _is_within(address, proxies):
        return Sender(address, scheme)
    for told in reversed(_values(scope["headers"], b"x-forwarded-for")):
        plain = _address(told)
        if not plain:
            break
        address = plain
        if not _is_within(address, proxies):
            break
    schemes = _values(scope["headers"], b"x-forwarded-proto")
    if schemes and schemes[-1] in {"http", "https"} and scheme in {"http", "https"}:
        scheme = schemes[-1]
    return Sender(address, scheme)


def _values(raw_headers: Iterable[tuple[bytes, bytes]], name: bytes) -> list[str]:
    """Return the comma-separated values of all headers of a name, in their order."""
    joined = ",".join(
        value.decode("latin-1") for key, value in raw_headers if key == name
    )
    return [word.strip() for word in joined.split(",") if word.strip()]


def _address(told: str) -> str:
    """Return an address without its port; nothing where it is none."""
    plain = told
    if told.startswith("["):
        plain = told[1:].partition("]")[0]
    elif told.count(":") == 1:
        plain = told.partition(":")[0]
    try:
        return str(ip_address(plain))
    except ValueError:
        return ""


def _is_within(address: str, networks: Networks) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:  # of a socket without one
        return False
    return any(parsed in network for network in networks)
