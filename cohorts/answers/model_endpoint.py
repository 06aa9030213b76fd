"""Asking a model over HTTP, by the API that OpenAI's chat completions have.

Its host has to be on the list of `PORTAL_LANGUAGE_HOSTS` and is connected to at the
address that was checked; without TLS only inside of this network. No redirect is
followed: what is not an answer is an error.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from ipaddress import ip_address
from socket import SHUT_RDWR, socket
from threading import Timer
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import orjson
from django.conf import settings

from core.errors import Upstream
from imaging.outside.hosts import Hosts, connect

TIMEOUT_S: Final = 20.0
"""From the first byte sent to the last one read."""

MAXIMUM_BYTES: Final = 1024 * 1024
HOSTS: Final = "PORTAL_LANGUAGE_HOSTS"
_DONE: Final = 200
_AWAY: Final = "does not answer in time"
_NO_TLS: Final = "is outside of this network: it takes https"
_NOT_THE_API: Final = "answers nothing that is of the API"


def complete(messages: Sequence[Mapping[str, str]], schema: Mapping[str, Any]) -> str:
    """Return the text that the model answers with.

    Parameters
    ----------
    schema
        The JSON Schema that its answer has to have; it is for the caller to check.

    Raises
    ------
    Invalid
        The host is not on the list.
    Upstream
        There is no answer in time, or none of the API.
    """
    url = urlsplit(settings.LANGUAGE_ENDPOINT.rstrip("/") + "/chat/completions")
    listed = Hosts(settings.LANGUAGE_HOSTS, HOSTS)
    listed.require(url.hostname or "")
    body = {
        "model": settings.LANGUAGE_MODEL,
        "messages": list(messages),
        "temperature": 0,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "criteria", "schema": schema},
        },
    }
    with closing(connect(url, listed)) as connection:
        _require_private(url, connection)
        answered = _answered(connection, url.path, orjson.dumps(body))
    try:
        text = orjson.loads(answered)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError) as error:
        raise _failed(_NOT_THE_API) from error
    if not isinstance(text, str):
        raise _failed(_NOT_THE_API)
    return text


def _require_private(url: SplitResult, connection: HTTPConnection) -> None:
    """Refuse to send a question and a key over the Internet without TLS."""
    place = str(connection.sock.getpeername()[0]).partition("%")[0]
    if url.scheme != "https" and ip_address(place).is_global:
        raise _failed(_NO_TLS)


def _answered(connection: HTTPConnection, path: str, body: bytes) -> bytes:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if settings.LANGUAGE_KEY:
        headers["Authorization"] = f"Bearer {settings.LANGUAGE_KEY}"
    # A timeout of the socket is for each read: one that drips would never end.
    end = Timer(TIMEOUT_S, _shut, [connection.sock])
    end.daemon = True
    end.start()
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        read = answer.read(MAXIMUM_BYTES + 1)
    except (OSError, HTTPException, ValueError) as error:
        raise _failed(_AWAY) from error
    finally:
        end.cancel()
    if answer.status != _DONE:
        message = f"answers with {answer.status}"
        raise _failed(message)
    if len(read) > MAXIMUM_BYTES:
        raise _failed(_NOT_THE_API)
    return read


def _shut(sock: socket) -> None:
    with suppress(OSError):
        sock.shutdown(SHUT_RDWR)


def _failed(what: str) -> Upstream:
    message = f"The model of {settings.LANGUAGE_ENDPOINT} {what}."
    return Upstream(message, retryable=True)
