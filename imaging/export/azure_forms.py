"""How requests in Azure's dialect name a container, and what opens it.

``blobContainerUri`` with a signature, or with the portal's managed identity; or
``connectionString`` with a signature and ``blobContainerName``.
"""

import re
from typing import Final, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

from core.errors import Invalid
from imaging.export.asked import Typed

_NO_KEYS: Final = (
    "Give a shared access signature, or useManagedIdentity: keys of accounts are not"
    " taken."
)
_NAME: Final = re.compile(r"[a-z0-9](-?[a-z0-9]){2,62}|\$(root|web|logs)")
_IDENTITY_BY_URI: Final = "With useManagedIdentity give blobContainerUri alone."
_NOT_LISTED: Final = (
    "The container is none that the portal's own identity is used for. An administrator"
    " lists those in PORTAL_EXPORT_IDENTITY_CONTAINERS."
)
_ONE_FORM: Final = (
    "Give either blobContainerUri, or connectionString and blobContainerName."
)


class Container(NamedTuple):
    """A container by its address, and the signature or the identity that opens it."""

    address: str
    signature: str
    by_identity: bool


def asked_container(given: Typed) -> Container:
    """Return the container that the settings of a destination name.

    Raises
    ------
    Invalid
        The forms are mixed, or incomplete; the credentials are of a kind that is not
        taken; the identity is not for this container.
    """
    given.only(
        "blobContainerUri", "connectionString", "blobContainerName",
        "useManagedIdentity",
    )  # fmt: skip
    named = {name for name, value in given.settings.items() if value}
    by_identity = given.flag("useManagedIdentity")
    if by_identity and named != {"blobcontaineruri", "usemanagedidentity"}:
        raise Invalid(_IDENTITY_BY_URI, path="useManagedIdentity")
    if "blobcontaineruri" in named and len(named) == 1 + by_identity:
        address, query = _signed(given.text("blobContainerUri"))
    elif named == {"connectionstring", "blobcontainername"}:
        base, query = service_and_signature(given.text("connectionString"))
        address = f"{base}/{_container(given.text('blobContainerName'))}"
    else:
        raise Invalid(_ONE_FORM, path="destination")
    address = address.rstrip("/")
    _require_one_key(address, query, by_identity=by_identity)
    return Container(address, query, by_identity)


def _require_one_key(address: str, query: str, *, by_identity: bool) -> None:
    """Refuse an address with another key than the one that is to open it."""
    if by_identity and query:
        raise Invalid(_IDENTITY_BY_URI, path="blobContainerUri")
    if by_identity:
        require_listed(address)
    elif "sig=" not in query:
        raise Invalid(_NO_KEYS, path="destination")


def require_listed(container: str) -> None:
    """Refuse a container that is not for the portal's own identity.

    Its token opens all that the identity may use: no request chooses who sees it.
    """
    if container not in settings.EXPORT_IDENTITY_CONTAINERS:
        raise Invalid(_NOT_LISTED, path="blobContainerUri")


def _container(name: str) -> str:
    """Return the name of a container, which is no path and has no parameters."""
    if not _NAME.fullmatch(name):
        message = "The blobContainerName is none that a container can have."
        raise Invalid(message, path="blobContainerName")
    return name


def _signed(uri: str) -> tuple[str, str]:
    """Return the address of a container, and the signature behind it."""
    try:
        parts = urlsplit(uri)
    except ValueError as error:
        message = "The blobContainerUri is no address."
        raise Invalid(message, path="blobContainerUri") from error
    return urlunsplit(parts._replace(query="")), parts.query


def service_and_signature(text: str) -> tuple[str, str]:
    """Return the address of the service and the signature of a connection string.

    The address stands there, or what it is made of for an account of Azure.

    Raises
    ------
    Invalid
        It brings a key, or no address.
    """
    pairs = (part.partition("=") for part in text.split(";") if part)
    held: dict[str, str] = {key.strip().lower(): value for key, _, value in pairs}
    if "accountkey" in held or "usedevelopmentstorage" in held:
        raise Invalid(_NO_KEYS, path="connectionString")
    address = held.get("blobendpoint", "")
    if not address and held.get("accountname"):
        scheme = held.get("defaultendpointsprotocol") or "https"
        suffix = held.get("endpointsuffix") or "core.windows.net"
        address = f"{scheme}://{held['accountname']}.blob.{suffix}"
    if not address:
        message = "The connectionString names neither BlobEndpoint nor AccountName."
        raise Invalid(message, path="connectionString")
    return address.rstrip("/"), held.get("sharedaccesssignature", "").lstrip("?")
