"""A small client that posts, on the standard library alone: patient and restartable."""

import http.client
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Final
from urllib.parse import SplitResult, urlsplit

ATTEMPTS: Final = 5
_TIMEOUT_S: Final = 120
_LONGEST_WAIT_S: Final = 30
_BUSY: Final = (429, 503)
_REFUSALS: Final = {
    401: "The server does not know the token (401): give --token.",
    403: "The token's account may not store instances (403).",
}


class LoadError(Exception):
    """Loading cannot go on; the message says why and what to do."""


@dataclass(slots=True)
class Outcome:
    """What became of the things of one or more requests."""

    stored: int = 0
    present: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        """Add the counts of another outcome to this one."""
        self.stored += other.stored
        self.present += other.present
        self.failures += other.failures


class Poster:
    """Posts to one address; may be used by several threads, each on a connection."""

    def __init__(self, url: str, token: str) -> None:
        """Address what is at `url` with a bearer token."""
        self._url = url
        self._address = _address(url)
        self._token = token
        self._idle: SimpleQueue[http.client.HTTPConnection] = SimpleQueue()

    def post(
        self, chunks: Sequence[bytes], headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        """Send a body in chunks and return the status and body of the answer.

        A lost connection or a busy server is tried again, so what is posted must do no
        harm twice.

        Raises
        ------
        LoadError
            The server is down, or refuses the token.
        """
        for attempt in range(1, ATTEMPTS + 1):
            try:
                status, retry_after, body = self._once(chunks, headers)
            except (OSError, http.client.HTTPException) as error:
                reason, wait = f"no answer from {self._url}: {error}", 0.5 * attempt
            else:
                if status in _REFUSALS:
                    raise LoadError(_REFUSALS[status])
                if status not in _BUSY:
                    return status, body
                reason, wait = f"{self._url} is busy ({status})", retry_after
            if attempt < ATTEMPTS:
                time.sleep(wait)
        message = f"Loading stopped: {reason}. Is the server up (`make serve`)?"
        raise LoadError(message)

    def close(self) -> None:
        """Close the connections that no thread uses."""
        with suppress(Empty):
            while True:
                self._idle.get_nowait().close()

    def _once(
        self, chunks: Sequence[bytes], headers: Mapping[str, str]
    ) -> tuple[int, float, bytes]:
        connection = self._connection()
        whole = {
            "Authorization": f"Bearer {self._token}",
            "Content-Length": str(sum(map(len, chunks))),
            **headers,
        }
        try:
            # A server that refuses may answer and close before it has read the body.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request("POST", self._address.path, list(chunks), whole)
            response = connection.getresponse()
            body = response.read()
        except BaseException:
            connection.close()
            raise
        self._idle.put(connection)
        seconds = response.getheader("Retry-After", "")
        wait = float(seconds) if seconds.isdigit() else 1.0
        return response.status, min(wait, _LONGEST_WAIT_S), body

    def _connection(self) -> http.client.HTTPConnection:
        with suppress(Empty):
            return self._idle.get_nowait()
        kind = (
            http.client.HTTPSConnection
            if self._address.scheme == "https"
            else http.client.HTTPConnection
        )
        host = self._address.hostname or ""
        return kind(host, self._address.port, timeout=_TIMEOUT_S)


def _address(url: str) -> SplitResult:
    address = urlsplit(url)
    if address.scheme not in ("http", "https") or not address.hostname:
        message = f"{url} is no address of a server; http://host:port is."
        raise LoadError(message)
    return address
