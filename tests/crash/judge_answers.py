"""Whether what clients were told is true: asked over HTTP, while nobody writes."""

import hashlib
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

import httpx

from tests.crash.feed_reader import FeedReader
from tests.crash.ledger import Content, Key, Ledger, Request

PATIENCE_S: Final = 60.0
PAGE: Final = 1000
AS_STORED: Final = {"Accept": "application/dicom; transfer-syntax=*"}
STUDY, SERIES, INSTANCE = "0020000D", "0020000E", "00080018"
NUMBER_OF_SERIES, NUMBER_OF_INSTANCES = "00201206", "00201208"
PATIENT_NAME: Final = "00100010"


class PatientClient(httpx.Client):
    """A client that waits for a portal that comes back."""

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send a request, again and again while the portal is away."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                answer = super().send(request, **options)
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
            else:
                if answer.status_code != 503 or time.monotonic() > deadline:
                    return answer
            time.sleep(0.1)


def resolve(client: httpx.Client, ledger: Ledger) -> Iterator[str]:
    """Find out what became of the open requests; yield those that half happened."""
    for request in ledger.aside:
        found = {key: _found(client, key) for key in request.after}
        before = {key: ledger.held.get(key) for key in request.after}
        if found == _digests(request.after):
            ledger.settle(request)
        elif found != _digests(before):
            yield f"half done: {_told(request)}, found {found}"
    ledger.aside.clear()


def check_held(client: httpx.Client, held: Mapping[Key, Content]) -> Iterator[str]:
    """Yield what is missing, or not the same to the last byte."""
    for key, content in held.items():
        found = _found(client, key)
        if found is None:
            yield f"lost: {key.path}"
        elif isinstance(found, int):
            yield f"cannot be read, {found}: {key.path}"
        elif found != content.sha256:
            yield f"other bytes: {key.path}"


def check_gone(client: httpx.Client, ledger: Ledger) -> Iterator[str]:
    """Yield what was deleted and still answers."""
    for key in ledger.gone:
        for path in (key.path, f"{key.path}/metadata"):
            status = client.get(path).status_code
            if status != 404:
                yield f"deleted, but answers {status}: {path}"
    ledger.gone.clear()


def check_search(client: httpx.Client, held: Mapping[Key, Content]) -> Iterator[str]:
    """Yield where search finds more or less than what is held, or counts it wrong."""
    found = Counter(
        Key(_value(row, STUDY), _value(row, SERIES), _value(row, INSTANCE))
        for row in _search(client, "/instances")
    )
    for key in found.keys() ^ held.keys() | {k for k, n in found.items() if n > 1}:
        yield f"search finds {found[key]} times: {key.path}"
    expected = {
        study: (
            len({key.series for key in held if key.study == study}),
            sum(key.study == study for key in held),
        )
        for study in {key.study for key in held}
    }
    counted = {
        _value(row, STUDY): (
            _value(row, NUMBER_OF_SERIES),
            _value(row, NUMBER_OF_INSTANCES),
        )
        for row in _search(client, "/studies")
    }
    if counted != expected:
        yield f"studies count {_difference(counted, expected)}"


def check_metadata(client: httpx.Client, held: Mapping[Key, Content]) -> Iterator[str]:
    """Yield where metadata is not that of the bytes held."""
    for study in sorted({key.study for key in held}):
        answer = client.get(f"/studies/{study}/metadata")
        found = {
            Key(study, _value(row, SERIES), _value(row, INSTANCE)): _value(
                row, PATIENT_NAME
            )["Alphabetic"]
            for row in (answer.json() if answer.status_code == 200 else ())
        }
        expected = {key: each.name for key, each in held.items() if key.study == study}
        if found != expected:
            yield f"metadata of {study}: {_difference(found, expected)}"


def check_feed(
    base_url: str, token: str, readers: list[FeedReader], held: Mapping[Key, Content]
) -> Iterator[str]:
    """Yield where a reader saw another feed than one who begins at 1, or it misleads.

    Followed from its beginning, the feed must give what is held.
    """
    anew = FeedReader(PAGE)
    anew.catch_up(base_url, token)
    yield from anew.problems
    for reader in readers:
        reader.catch_up(base_url, token)
        yield from reader.problems
        reader.problems.clear()
        if reader.seen != anew.seen:
            yield f"a reader saw {len(reader.seen)} entries of {len(anew.seen)}"
    folded: set[Key] = set()
    for entry in anew.seen:
        key = Key(entry.study, entry.series, entry.instance)
        if (key in folded) != (entry.action != "create"):
            yield f"feed: entry {entry.sequence} is {entry.action} of {key.path}"
        (folded.discard if entry.action == "delete" else folded.add)(key)
    if folded != held.keys():
        yield f"the feed leads to {folded ^ held.keys()}"


def _found(client: httpx.Client, key: Key) -> bytes | int | None:
    """Return the digest of what is held, None, or the status of another answer."""
    answer = client.get(key.path, headers=AS_STORED)
    if answer.status_code == 404:
        return None
    if answer.status_code != 200:
        return answer.status_code
    return hashlib.sha256(answer.content).digest()


def _digests(states: Mapping[Key, Content | None]) -> dict[Key, bytes | None]:
    return {key: content and content.sha256 for key, content in states.items()}


def _search(client: httpx.Client, path: str) -> Iterator[dict[str, Any]]:
    for offset in range(0, 100 * PAGE, PAGE):
        query = f"limit={PAGE}&offset={offset}&includefield=all"
        answer = client.get(f"{path}?{query}")
        if answer.status_code == 204:
            return
        answer.raise_for_status()
        yield from answer.json()


def _value(row: Mapping[str, Any], tag: str) -> Any:
    return row[tag]["Value"][0]


def _difference(found: Mapping[Any, Any], expected: Mapping[Any, Any]) -> str:
    wrong = {k for k in found.keys() | expected if found.get(k) != expected.get(k)}
    return "; ".join(
        f"{key}: {found.get(key)} for {expected.get(key)}" for key in sorted(wrong)
    )


def _told(request: Request) -> str:
    return f"{request.verb} {request.path} of {len(request.after)} instances"
