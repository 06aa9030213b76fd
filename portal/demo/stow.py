"""A small client of the store transaction, on the standard library alone.

References
----------
DICOM PS3.18 10.5 (store transaction), 8.7.3 (multipart/related), I.2 (failure reasons).
"""

import http.client
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

INSTANCE_EXISTS: Final = 45070
_BOUNDARY: Final = "portal-demo-7d1f0c3e"
_ATTEMPTS: Final = 5
_TIMEOUT_S: Final = 120
_LONGEST_WAIT_S: Final = 30
_REFUSALS: Final = {
    401: "The server does not know the token (401): give --token.",
    403: "The token's account may not store instances (403).",
}


class LoadError(Exception):
    """Loading cannot go on; the message says why and what to do."""


@dataclass(slots=True)
class Outcome:
    """What became of the instances of one or more store requests."""

    stored: int = 0
    present: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        """Add the counts of another outcome to this one."""
        self.stored += other.stored
        self.present += other.present
        self.failures += other.failures


class StowClient:
    """Stores instances; may be used by several threads, each on its own connection."""

    def __init__(self, base: str, token: str) -> None:
        """Address the DICOMweb service at `base` with a bearer token."""
        self._base = base.rstrip("/")
        self._address = _address(self._base)
        self._target = f"{self._address.path}/studies"
        self._token = token
        self._idle: SimpleQueue[http.client.HTTPConnection] = SimpleQueue()

    def store(self, instances: Sequence[bytes]) -> Outcome:
        """Store Part 10 files in one request; one that is there already counts so.

        A lost connection or a busy server is tried again: what the first attempt
        stored is then answered as present.

        Raises
        ------
        LoadError
            The server is down, refuses the token, or answers what no store answers.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                status, retry_after, body = self._post(instances)
            except (OSError, http.client.HTTPException) as error:
                reason, wait = f"no answer from {self._base}: {error}", 0.5 * attempt
            else:
                if status not in (429, 503):
                    return _outcome(status, body, len(instances))
                reason, wait = f"{self._base} is busy ({status})", retry_after
            if attempt < _ATTEMPTS:
                time.sleep(wait)
        message = f"Loading stopped: {reason}. Is the server up (`make serve`)?"
        raise LoadError(message)

    def close(self) -> None:
        """Close the connections that no thread uses."""
        with suppress(Empty):
            while True:
                self._idle.get_nowait().close()

    def _post(self, instances: Sequence[bytes]) -> tuple[int, float, bytes]:
        connection = self._connection()
        chunks = _multipart(instances)
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Accept": "application/dicom+json",
            "Content-Type": (
                f'multipart/related; type="application/dicom"; boundary={_BOUNDARY}'
            ),
            "Content-Length": str(sum(map(len, chunks))),
        }
        try:
            # A server that refuses may answer and close before it has read the body.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request("POST", self._target, chunks, headers)
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


def _address(base: str) -> SplitResult:
    address = urlsplit(base)
    if address.scheme not in ("http", "https") or not address.hostname:
        message = f"{base} is no address of a server; http://host:port is."
        raise LoadError(message)
    return address


def _multipart(instances: Sequence[bytes]) -> list[bytes]:
    """Return the body in chunks, the instances themselves uncopied."""
    chunks = []
    for instance in instances:
        head = f"--{_BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n"
        chunks += [head.encode(), instance, b"\r\n"]
    return [*chunks, f"--{_BOUNDARY}--\r\n".encode()]


def _outcome(status: int, body: bytes, sent: int) -> Outcome:
    """Read the store response (PS3.18 10.5.3): 200, 202 and 409 carry one."""
    if status in _REFUSALS:
        raise LoadError(_REFUSALS[status])
    try:
        answer = json.loads(body) if status in (200, 202, 409) else None
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        text = body[:200].decode(errors="replace")
        message = f"The server answered {status} to a store request: {text}"
        raise LoadError(message)
    outcome = Outcome()
    for item in answer.get("00081198", {}).get("Value", []):
        if _first(item, "00081197") == INSTANCE_EXISTS:
            outcome.present += 1
        else:
            outcome.failures.append(_failure(item))
    outcome.stored = sent - outcome.present - len(outcome.failures)
    return outcome


def _failure(item: dict[str, Any]) -> str:
    instance, reason = _first(item, "00081155"), _first(item, "00081197")
    comment = _first(item, "00000902") or ""
    return f"{instance}: failure reason {reason} {comment}".rstrip()


def _first(item: dict[str, Any], tag: str) -> Any:
    values = item.get(tag, {}).get("Value") or [None]
    return values[0]
