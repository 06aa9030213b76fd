"""The portal as a client of issuers: what it is called there."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from core.errors import NotFound

_UNUSUAL: Final = re.compile(r"[^\w.]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Client:
    """What an issuer knows the portal as.

    Attributes
    ----------
    secret
        Empty: the issuer gave none, a public client (RFC 6749 2.1).
    """

    issuer: str
    client_id: str
    secret: str

    @property
    def name(self) -> str:
        """Return what the issuer is called in addresses of ours: host and path."""
        parts = urlsplit(self.issuer)
        return _UNUSUAL.sub("-", f"{parts.netloc}{parts.path}").strip("-")

    @property
    def label(self) -> str:
        """Return what people are told that the issuer is: its host."""
        return urlsplit(self.issuer).hostname or self.issuer


def all_clients() -> list[Client]:
    """Return what the portal is at each issuer that people can sign in at."""
    secrets: dict[str, str] = settings.OIDC_CLIENT_SECRETS
    return [
        Client(issuer, client_id, secrets.get(issuer, ""))
        for issuer, client_id in settings.OIDC_CLIENT_IDS.items()
    ]


def client_named(name: str) -> Client:
    """Return the client whose issuer has a name in addresses.

    Raises
    ------
    NotFound
        Nobody signs in there.
    """
    for client in all_clients():
        if client.name == name:
            return client
    message = "Nobody signs in at an issuer of this name."
    raise NotFound(message)


def client_at(issuer: str) -> Client | None:
    """Return the client at an issuer, if people can sign in there."""
    return next((each for each in all_clients() if each.issuer == issuer), None)
