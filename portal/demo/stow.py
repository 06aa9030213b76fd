"""A small client of the store transaction.

References
----------
DICOM PS3.18 10.5 (store transaction), 8.7.3 (multipart/related), I.2 (failure reasons).
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from portal.demo.posting import LoadError, Outcome, Poster

INSTANCE_EXISTS: Final = 45070
_BOUNDARY: Final = "portal-demo-7d1f0c3e"
_HEADERS: Final = {
    "Accept": "application/dicom+json",
    "Content-Type": (
        f'multipart/related; type="application/dicom"; boundary={_BOUNDARY}'
    ),
}


class StowClient:
    """Stores instances; may be used by several threads."""

    def __init__(self, base: str, token: str) -> None:
        """Address the DICOMweb service at `base` with a bearer token."""
        self._poster = Poster(f"{base.rstrip('/')}/studies", token)

    def store(self, instances: Sequence[bytes]) -> Outcome:
        """Store Part 10 files in one request; one that is there already counts so.

        What an attempt stored that was broken off is answered as present by the next.

        Raises
        ------
        LoadError
            The server is down, refuses the token, or answers what no store answers.
        """
        status, body = self._poster.post(_multipart(instances), _HEADERS)
        return _outcome(status, body, len(instances))

    def close(self) -> None:
        """Close the connections that no thread uses."""
        self._poster.close()


def _multipart(instances: Sequence[bytes]) -> list[bytes]:
    """Return the body in chunks, the instances themselves uncopied."""
    chunks = []
    for instance in instances:
        head = f"--{_BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n"
        chunks += [head.encode(), instance, b"\r\n"]
    return [*chunks, f"--{_BOUNDARY}--\r\n".encode()]


def _outcome(status: int, body: bytes, sent: int) -> Outcome:
    """Read the store response (PS3.18 10.5.3): 200, 202 and 409 carry one."""
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
