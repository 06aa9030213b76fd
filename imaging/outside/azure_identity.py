"""Tokens for Azure's blob storage by the identity that Azure gives a machine.

Three services hand them out, each where Azure's own variables say so: to pods of
Kubernetes for a file with a token of theirs, to apps at an address of their own, to
machines at one that is the same for all. Only the settings say which is asked, never a
request; none of it goes through proxies for data, and no redirect is followed.

References
----------
Microsoft identity platform: managed identities, workload identity federation.
"""

from http.client import HTTPException
from pathlib import Path
from typing import Final, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import OpenerDirector, Request

import orjson
from django.conf import settings

from core.errors import Upstream
from core.without_redirects import DIRECT, OPENER

RESOURCE: Final = "https://storage.azure.com/"
_ANSWER_BYTES: Final = 256 * 1024
_OF_APPS: Final = "2019-08-01"
_OF_MACHINES: Final = "2018-02-01"
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_PASSING: Final = frozenset({404, 410, 429})  # as Azure says of its own service

AWAY: Final = "The managed identity of the portal cannot be asked for at the moment."
REFUSED: Final = "The portal has no managed identity here, or is not given its token."


class Identity(NamedTuple):
    """Azure's variables.

    Attributes
    ----------
    machines
        Address of the service for machines.
    endpoint, header
        Address of the service for apps, and what it wants to be shown.
    token_file, tenant_id, authority
        Of pods: the file, and who takes what is in it.
    client_id
        Which identity, where there are several; always for pods.
    """

    machines: str
    endpoint: str = ""
    header: str = ""
    token_file: str = ""
    tenant_id: str = ""
    authority: str = ""
    client_id: str = ""


def storage_token(*, patience_s: int) -> str:
    """Return a token for blob storage.

    Raises
    ------
    Upstream
        There is none: now, or at all.
    """
    request, opener = _asked(Identity(*settings.AZURE_IDENTITY))
    failure, is_passing = REFUSED, False
    try:
        with opener.open(request, timeout=patience_s) as answer:
            token = orjson.loads(answer.read(_ANSWER_BYTES))["access_token"]
        if isinstance(token, str) and token.isascii() and token.isprintable():
            return token
    except HTTPError as error:
        with error:
            is_passing = error.code in _PASSING or error.code >= 500
        failure = AWAY if is_passing else REFUSED
    except (OSError, HTTPException):
        failure, is_passing = AWAY, True
    except (ValueError, KeyError, TypeError):  # no answer of such a service
        pass
    raise Upstream(failure, retryable=is_passing) from None


def _asked(identity: Identity) -> tuple[Request, OpenerDirector]:
    """Return the question to the service that there is, and the way to it."""
    if identity.token_file:
        return _of_pods(identity), OPENER
    asked = {"api-version": _OF_MACHINES, "resource": RESOURCE}
    headers, address = {"Metadata": "true"}, identity.machines
    if identity.endpoint and identity.header:
        asked["api-version"] = _OF_APPS
        headers, address = {"X-IDENTITY-HEADER": identity.header}, identity.endpoint
    if identity.client_id:
        asked["client_id"] = identity.client_id
    url = f"{address}?{urlencode(asked)}"
    return Request(url, headers=headers), DIRECT  # noqa: S310 of the settings


def _of_pods(identity: Identity) -> Request:
    try:
        assertion = Path(identity.token_file).read_text("ascii").strip()
    except (OSError, ValueError):
        raise Upstream(REFUSED, retryable=False) from None
    body = {
        "grant_type": "client_credentials",
        "client_id": identity.client_id,
        "client_assertion_type": _ASSERTION,
        "client_assertion": assertion,
        "scope": f"{RESOURCE}.default",
    }
    authority = identity.authority.rstrip("/")
    url = f"{authority}/{identity.tenant_id}/oauth2/v2.0/token"
    return Request(url, urlencode(body).encode())  # noqa: S310 of the settings
