"""Which hosts may be talked to, and connections to the addresses that were checked.

A host is on the list by its name, and each address that it has is looked at when it is
connected to: what leads into this machine or its networks has to be on the list itself.
A name that is looked up once more could have got another address meanwhile, so the
connection goes to the address that was checked.
"""

import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from core.errors import Invalid, Upstream

SETTING: Final = "PORTAL_EXPORT_HOSTS"
CONNECT_S: Final = 10.0
TIMEOUT_S: Final = 120.0

Address = IPv4Address | IPv6Address
# Addresses that hold one of IPv4, to which some networks translate: RFC 6052, 3056.
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Hosts:
    """A list of hosts: names, names below a domain (``*.example``), networks."""

    listed: Sequence[str]
    setting: str = SETTING

    def require(self, host: str) -> None:
        """Refuse a host that is not on the list.

        Raises
        ------
        Invalid
            It is not; whether there is such a host is not looked up.
        """
        if not self._has_name(host) and not self._has_literal(host):
            message = (
                "The host is none that data may be sent to. An administrator lists"
                f" those in {self.setting}."
            )
            raise Invalid(message, path="destination")

    def allows(self, address: Address) -> bool:
        """Return whether to connect to an address of a host that is on the list."""
        inner = _inner(address)
        if inner.is_global and not inner.is_multicast:
            return True
        return any(inner in network for network in self._networks())

    def _has_name(self, host: str) -> bool:
        name = host.lower().rstrip(".")
        return any(
            name == entry
            or (entry.startswith("*.") and name.endswith(entry[1:]) and name != entry)
            for entry in map(str.lower, self.listed)
        )

    def _has_literal(self, host: str) -> bool:
        """Return whether an address is on the list, in the one spelling that it has."""
        try:
            address = _inner(ip_address(host))
        except ValueError:
            return False
        return any(address in network for network in self._networks())

    def _networks(self) -> list[IPv4Network | IPv6Network]:
        found = []
        for entry in self.listed:
            try:
                found.append(ip_network(entry))
            except ValueError:  # a name
                continue
        return found


def hosts() -> Hosts:
    """Return the configured list."""
    return Hosts(settings.EXPORT_HOSTS)


def checked_url(url: str) -> SplitResult:
    """Return the address of a service on a host that is on the list.

    Raises
    ------
    Invalid
        It is none, or holds credentials, or its host is not on the list.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in {"http", "https"} or not host or parts.username is not None:
        message = "It takes an address that begins with https:// or http://."
        raise Invalid(message, path="destination")
    hosts().require(host)
    return parts


def connect(url: SplitResult, listed: Hosts | None = None) -> HTTPConnection:
    """Return a connection to a service, made to an address that was checked.

    It is not made anew when it breaks, and redirects are for the caller to refuse.

    Raises
    ------
    Upstream
        It cannot be reached, or only where connections may not lead.
    """
    host = url.hostname or ""
    is_tls = url.scheme == "https"
    port = url.port or (443 if is_tls else 80)
    plain = connected(host, port, listed)
    made: HTTPConnection
    try:
        if is_tls:
            context = ssl.create_default_context()
            made = HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)
            made.sock = context.wrap_socket(plain, server_hostname=host)
        else:
            made = HTTPConnection(host, port, timeout=TIMEOUT_S)
            made.sock = plain
    except OSError as error:
        plain.close()
        raise _away(host) from error
    made.auto_open = 0
    return made


def connected(host: str, port: int, listed: Hosts | None = None) -> socket.socket:
    """Return a socket that is connected to a checked address of a listed host.

    Parameters
    ----------
    listed
        The list; that of exports if there is no other.

    Raises
    ------
    Invalid
        The host is not on the list.
    Upstream
        It cannot be reached, or only where connections may not lead.
    """
    listed = listed or hosts()
    listed.require(host)
    for family, kind, protocol, place in _found(listed, host, port):
        plain = socket.socket(family, kind, protocol)
        try:
            plain.settimeout(CONNECT_S)
            plain.connect(place)
        except OSError:
            plain.close()
            continue
        plain.settimeout(TIMEOUT_S)
        return plain
    raise _away(host)


def _found(
    listed: Hosts, host: str, port: int
) -> list[tuple[int, int, int, tuple[str, int] | tuple[str, int, int, int]]]:
    """Return the addresses of a host to which connections may lead."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _away(host) from error
    allowed = [
        (int(family), int(kind), protocol, place)
        for family, kind, protocol, _, place in found
        if listed.allows(ip_address(str(place[0]).partition("%")[0]))
    ]
    if not allowed:
        message = (
            f"The host {host} has only addresses inside of this network, which are not"
            f" listed in {listed.setting}."
        )
        raise Upstream(message, retryable=False)
    return allowed  # type: ignore[return-value] # stubs: places of other families, too


def _inner(address: Address) -> Address:
    """Return the address of IPv4 that one of IPv6 stands for, else itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour or address


def _away(host: str) -> Upstream:
    return Upstream(f"The host {host} cannot be reached.", retryable=True)
