"""Storing into another DICOMweb server: one request for many instances.

The instances wait in a file without a name, so that the length is known and one that
the server will not take together can be sent alone.

References
----------
DICOM PS3.18 10.5 (store transaction), I.2 (failure reasons).
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from http.client import HTTPException
from typing import IO, Any, Final, NamedTuple
from urllib.parse import SplitResult

import orjson

from core.errors import Upstream
from imaging.outside.hosts import connect

EXISTS: Final = 45070
REFERENCED_SOP: Final = "00081155"
FAILED: Final = "00081198"
FAILURE_REASON: Final = "00081197"
MAXIMUM_ANSWER_BYTES: Final = 16 * 1024 * 1024
_PIECE_BYTES: Final = 256 * 1024
_PASSING: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_DENIED: Final = frozenset({401, 403, 404, 405, 407})


class Part(NamedTuple):
    """An instance in the file that waits to be sent."""

    path: str
    sop_instance_uid: str
    offset: int
    length: int


class Server(NamedTuple):
    """A server, and the token that it knows us by; empty: none."""

    name: str
    url: SplitResult
    token: str


def store(server: Server, spool: IO[bytes], parts: Sequence[Part]) -> Mapping[str, str]:
    """Store instances; return the paths of those that were refused, and why.

    One that the server holds already counts as stored: a repeated step finds its own.

    Raises
    ------
    Upstream
        The server is away, or does not take us.
    """
    if not parts:
        return {}
    status, answer = _post(server, spool, parts)
    if status in _PASSING:
        message = f"The server {server.name} is busy ({status})."
        raise Upstream(message, retryable=True)
    if status in _DENIED or 300 <= status < 400:
        message = f"The server {server.name} does not take what is stored ({status})."
        raise Upstream(message, retryable=False)
    refused = _refused(answer, parts)
    if refused is not None:
        return refused
    if status in {200, 204}:
        return {}
    if len(parts) > 1:  # too much at once, say
        alone = (store(server, spool, [part]) for part in parts)
        return {path: why for each in alone for path, why in each.items()}
    return {parts[0].path: f"The server {server.name} refuses it ({status})."}


def _post(server: Server, spool: IO[bytes], parts: Sequence[Part]) -> tuple[int, bytes]:
    boundary = secrets.token_hex(16)
    head = f"\r\n--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    end = f"\r\n--{boundary}--\r\n".encode()
    size = sum(len(head) + part.length for part in parts) + len(end)
    headers = {
        "Accept": "application/dicom+json",
        "Content-Type": (
            f'multipart/related; type="application/dicom"; boundary={boundary}'
        ),
        "Content-Length": str(size),
    }
    if server.token:
        headers["Authorization"] = f"Bearer {server.token}"
    connection = connect(server.url)
    try:
        # A server that refuses may answer and close before it has read all.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request(
                "POST",
                f"{server.url.path.rstrip('/')}/studies",
                _body(spool, parts, head, end),
                headers,
            )
        response = connection.getresponse()
        return response.status, response.read(MAXIMUM_ANSWER_BYTES)
    except (OSError, HTTPException) as error:
        message = f"The server {server.name} does not answer."
        raise Upstream(message, retryable=True) from error
    finally:
        connection.close()


def _body(
    spool: IO[bytes], parts: Sequence[Part], head: bytes, end: bytes
) -> Iterator[bytes]:
    for part in parts:
        yield head
        spool.seek(part.offset)
        left = part.length
        while left and (piece := spool.read(min(left, _PIECE_BYTES))):
            left -= len(piece)
            yield piece
    yield end


def _refused(answer: bytes, parts: Sequence[Part]) -> dict[str, str] | None:
    """Return what an answer says was not stored; None where it is no such answer."""
    try:
        model = orjson.loads(answer)
        failed = dict(_failures(model))
    except (ValueError, TypeError, AttributeError, KeyError, IndexError):
        return None
    if not isinstance(model, dict) or not model:
        return None
    return {
        part.path: f"The other server refuses it (reason {failed[uid]})."
        for part in parts
        if (uid := part.sop_instance_uid) in failed and failed[uid] != EXISTS
    }


def _failures(model: Any) -> Iterable[tuple[str, int]]:
    for item in model.get(FAILED, {}).get("Value", []):
        reason = int(item[FAILURE_REASON]["Value"][0])
        yield str(item[REFERENCED_SOP]["Value"][0]), reason
