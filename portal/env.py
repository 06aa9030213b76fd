"""Typed readers of environment variables: the only place that reads ``os.environ``.

Every setting that an operator can give is read here by name and documented in
``docs/operations.md``. A value that cannot be read stops the start with a message
that names the variable, because a silently ignored setting is worse than no server.
"""

import os
import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

_LONGEST_OF_CODE: Final = (16, 16, 64)  # SH, SH and LO (DICOM PS3.5 6.2)
_HOST: Final = re.compile(r"(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")


class SettingError(Exception):
    """A variable of the environment has a value that cannot be used."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name}={value!r} cannot be used: expected {expected}.")


def text(name: str, default: str = "") -> str:
    """Return the variable's text, or `default` where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def integer(name: str, default: int, *, minimum: int = 0) -> int:
    """Return the variable as a whole number of at least `minimum`."""
    value = text(name)
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or int(value) < minimum:
        raise SettingError(name, value, f"a whole number of at least {minimum}")
    return int(value)


def uuid(name: str, default: str) -> UUID:
    """Return a UUID."""
    value = text(name, default)
    try:
        return UUID(value)
    except ValueError as error:
        raise SettingError(name, value, "a UUID") from error


def boolean(name: str, *, default: bool) -> bool:
    """Return the variable as a truth value: 1/0, true/false, yes/no, on/off."""
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise SettingError(name, value, "true or false")


def words(name: str) -> list[str]:
    """Return the comma-separated words of the variable."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def code(name: str, default: str) -> tuple[str, str, str]:
    """Return a code as DICOM has them: value, coding scheme designator, meaning."""
    value = text(name, default)
    parts = [part.strip() for part in value.split(",")]
    limits = zip(parts, _LONGEST_OF_CODE, strict=False)
    if len(parts) != len(_LONGEST_OF_CODE) or not all(
        0 < len(part) <= longest and part.isprintable() and "\\" not in part
        for part, longest in limits
    ):
        raise SettingError(name, value, "code, scheme, meaning: WS1, 99HOUSE, Desk 1")
    return parts[0], parts[1], parts[2]


def pairs(name: str) -> dict[str, str]:
    """Return the comma-separated ``key=value`` pairs of the variable."""
    found = {}
    for word in words(name):
        key, separator, value = word.rpartition("=")
        key = key.strip()
        if not separator or not key or not value.strip() or key in found:
            raise SettingError(name, word, "pairs like group=role, each group once")
        found[key] = value.strip()
    return found


def issuers(name: str) -> list[str]:
    """Return the comma-separated addresses of the variable, of OpenID Connect issuers.

    They are https, or lie on this machine.
    """
    found = words(name)
    for address in found:
        parts = urlsplit(address)
        is_local = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "::1"}
        if not parts.hostname or not (parts.scheme == "https" or is_local):
            raise SettingError(name, address, "https:// addresses of issuers")
    return found


def of_each(name: str, owners: Sequence[str]) -> dict[str, str]:
    """Return comma-separated values by whose they are: ``owner=value``.

    Where there is one owner only, the value may stand alone.
    """
    value = text(name)
    if not value:
        return {}
    if len(owners) == 1 and not value.startswith(f"{owners[0]}="):
        return {owners[0]: value}
    found = {}
    for word in words(name):
        owner = next((one for one in owners if word.startswith(f"{one}=")), None)
        if owner is None or owner in found or word == f"{owner}=":
            raise SettingError(name, "…", "issuer=value, each issuer once")
        found[owner] = word.removeprefix(f"{owner}=")
    return found


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Return the comma-separated addresses and networks of the variable."""
    found = []
    for word in words(name):
        try:
            found.append(ip_network(word))
        except ValueError as error:
            expected = "addresses or networks like 10.0.0.0/8"
            raise SettingError(name, word, expected) from error
    return found


def hosts(name: str) -> list[str]:
    """Return the comma-separated hosts of the variable: names, addresses, networks."""
    found = words(name)
    for word in found:
        try:
            ip_network(word)
        except ValueError as error:
            if not _HOST.fullmatch(word):
                expected = "names of hosts, *.domain, addresses or networks"
                raise SettingError(name, word, expected) from error
    return found


def servers(name: str) -> dict[str, str]:
    """Return the addresses of the variable by their names: ``name=https://…``."""
    found = {}
    for word in words(name):
        key, _, value = word.partition("=")
        parts = urlsplit(value)
        if not key or key in found or parts.scheme not in {"http", "https"}:
            raise SettingError(name, word, "names and addresses: name=https://…")
        found[key] = value.rstrip("/")
    return found


def folder(name: str, default: Path) -> Path:
    """Return the variable as an absolute path; it need not exist yet."""
    value = text(name)
    return Path(value).expanduser().absolute() if value else default.absolute()


def bucket(name: str) -> str:
    """Return the variable as the address of a bucket; empty: there is none.

    It holds no credentials, which would stand in logs.
    """
    value = text(name)
    if not value:
        return ""
    parts = urlsplit(value)
    if "@" in value or parts.query or parts.fragment:
        raise SettingError(name, "…", "an address without credentials or parameters")
    if parts.scheme not in {"s3", "az", "gs"} or not parts.netloc:
        expected = "s3://bucket/prefix, az://container/prefix or gs://bucket/prefix"
        raise SettingError(name, value, expected)
    return value


def folder_or_bucket(name: str) -> str:
    """Return an absolute path, or the address of a bucket; empty: there is neither."""
    value = text(name)
    if "://" in value:
        return bucket(name)
    return str(Path(value).expanduser().absolute()) if value else ""


def address(name: str) -> str:
    """Return the variable as the address of a service, without credentials."""
    value = text(name)
    if not value:
        return ""
    parts = urlsplit(value)
    if "@" in value or parts.query or parts.fragment:
        raise SettingError(name, "…", "an address without credentials or parameters")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingError(name, value, "an address that begins with https://")
    return value


def addresses(name: str) -> list[str]:
    """Return the comma-separated addresses of the variable, without credentials."""
    found = []
    for word in words(name):
        parts = urlsplit(word)
        if "@" in word or parts.query or parts.fragment:
            raise SettingError(name, "…", "addresses without credentials or parameters")
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise SettingError(name, word, "addresses that begin with https://")
        found.append(word.rstrip("/"))
    return found


def file(name: str) -> Path | None:
    """Return the variable as the absolute path of a file that can be read."""
    value = text(name)
    if not value:
        return None
    path = Path(value).expanduser().absolute()
    if not os.access(path, os.R_OK) or not path.is_file():
        raise SettingError(name, value, "the path of a file that can be read")
    return path


def folders(name: str) -> list[Path]:
    """Return the comma-separated absolute folders of the variable, links resolved."""
    found = []
    for word in words(name):
        path = Path(word).expanduser()
        if not path.is_absolute() or path == Path("/"):
            expected = "absolute paths of folders, not the whole disk"
            raise SettingError(name, word, expected)
        found.append(path.resolve())
    return found


def everything() -> dict[str, str]:
    """Return all variables, to hand them on to a child process."""
    return dict(os.environ)
