"""Every address of DICOMweb, for everybody: status, what is seen, what is changed.

The table is ``dicomweb.txt``. An address that has no line there fails. To write what is
found into ``build/``, in the form of the table: ``PORTAL_MATRIX=build pytest …``.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from core.asgi import Boundary
from core.models import OperationState
from core.routing import PARTITION as PARTITION_PATH
from core.routing import Paths
from imaging.dicomweb import app
from imaging.dicomweb.app import GLOBALLY
from imaging.dicomweb.capabilities_table import EVERYWHERE as IMAGING_ROWS
from imaging.dicomweb.capabilities_table import GLOBALLY as GLOBAL_ROWS
from portal.asgi import dispatch
from tests.access import cast as of
from tests.access.cast import EVERYBODY, Cast, report, snapshot
from tests.access.outcomes import (
    checked,
    last_audited,
    read,
    unaudited,
    word,
)
from tests.synthetic import multipart
from tests.worklist.steps import attribute, state, step
from worklist.upsrs.app import PART

pytestmark = pytest.mark.usefixtures("committing")

TABLE: Final = Path(__file__).with_name("dicomweb.txt")
INSIDE: Final = f"/partitions/{of.PARTITION}"
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY")
EVERYWHERE: Final = {**app.EVERYWHERE, **PART.paths}
ROWS: Final = {**IMAGING_ROWS, **PART.rows}
BODIES: Final[Mapping[tuple[str, str], Any]] = {
    ("/partitions", "POST"): {"partitionName": of.MADE},
    ("/import", "POST"): {"source": {"type": "folder", "settings": {"path": "/x"}}},
    ("/export", "POST"): {
        "source": {"type": "identifiers", "settings": {"values": [of.STUDY]}},
        "destination": {"type": "download"},
    },
    ("/extendedquerytags", "POST"): [{"path": of.MADE_TAG, "level": "series"}],
    ("/extendedquerytags/{tag}", "PATCH"): {"queryStatus": "disabled"},
    ("/workitems", "POST"): [step(label=of.MADE)],
    ("/workitems/{workitem}", "POST"): [{"00741204": attribute("LO", "x")}],
    ("/workitems/{workitem}/state", "PUT"): [state("IN PROGRESS", "1.2.9")],
    ("/workitems/{workitem}/cancelrequest", "POST"): [{}],
    (PARTITION_PATH, "PATCH"): {"partitionName": f"{of.SPARE}-{of.MADE}"},
}


def routes() -> Iterator[tuple[str, str]]:
    """Yield every method and path of the router's own tables."""
    for paths in (EVERYWHERE, GLOBALLY):
        for path, actions in paths.items():
            yield from ((method, path) for method in actions)
            yield "OPTIONS", path
    yield "OPTIONS", "/"


def address(method: str, path: str, cast: Cast) -> str:
    """Return a path with the values of what is there."""
    state = {"POST": OperationState.FAILED}.get(method, OperationState.NOT_STARTED)
    if path.endswith("/cancel"):
        state = OperationState.NOT_STARTED
    return (
        path.format_map(
            {
                "study": of.STUDY,
                "series": of.SERIES,
                "instance": of.INSTANCE,
                "frames": "1",
                "partition": of.SPARE,
                "tag": of.TAG,
                "operation": cast.operations[state].pk,
                "file": of.FILE,
                "workitem": of.WORKITEM,
                "aetitle": "WATCHER",
            }
        )
        if ":path" not in path
        else address(method, path.replace("{path:path}", "7FE00010"), cast)
    )


def content(method: str, path: str) -> dict[str, Any]:
    """Return the body that a request needs."""
    if (path, method) in BODIES:
        return {"json": BODIES[path, method]}
    if method in {"POST", "PUT"} and "/operations" not in path:
        body, headers = multipart(report())
        return {"content": body, "headers": headers}
    return {}


async def ask(
    web: httpx.AsyncClient, cast: Cast, name: str, method: str, url: str, **more: Any
) -> httpx.Response:
    """Send a request as somebody."""
    token = cast.tokens[name]
    headers = {**more.pop("headers", {})}
    root = more.pop("root", "/dicomweb")
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    return await web.request(method, f"{root}{url}", headers=headers, **more)


def tried(
    cast: Cast, method: str, url: str, people: Sequence[str] = EVERYBODY, **more: Any
) -> dict[str, str]:
    """Return what comes of a request for everybody."""
    words: dict[str, str] = {}
    sent = url.encode() + more.get("content", b"")
    writes = more.pop("writes", method not in {"GET", "HEAD", "OPTIONS"})
    listed = last_audited()

    async def run(names: Sequence[str]) -> None:
        transport = httpx.ASGITransport(Boundary(dispatch))
        async with httpx.AsyncClient(transport=transport, base_url="http://h") as web:
            for name in names:
                got = await ask(web, cast, name, method, url, **more)
                headers = repr(got.headers.multi_items()).encode()
                words[name] = word(got.status_code, sent, got.content + headers, cast)

    for names in [(name,) for name in people] if writes else [people]:
        asyncio.run(run(names))
        if snapshot() != cast.before:
            assert writes, url
            words[names[0]] += "!"
            cast.mend()
    assert unaudited(words, listed) == [], (method, url)
    return words


def test_everybody_gets_what_the_table_says_and_no_more() -> None:
    cast = Cast()
    checked(
        {
            f"{method} {path}": tried(
                cast, method, address(method, path, cast), **content(method, path)
            )
            for method, path in routes()
        },
        TABLE,
    )


def test_the_addresses_of_a_partition_open_no_more() -> None:
    cast, found = Cast(), {}
    known = read(TABLE)
    for method, path in routes():
        if path in EVERYWHERE:
            url = INSIDE + address(method, path, cast)
            asked = f"{method} {INSIDE}{path}"
            asked = asked if asked in known else f"{method} {path}"
            found[asked] = tried(cast, method, url, **content(method, path))
    checked(found, TABLE)


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_dialects_of_azure_open_no_more(version: str) -> None:
    cast, found = Cast(), {}
    rows = {**ROWS, **GLOBAL_ROWS}
    for method, path in routes():
        if (path, method) in rows and not rows[path, method].is_ours:
            url = f"/{version}{address(method, path, cast)}"
            words = tried(cast, method, url, **content(method, path))
            if path == "/export" and method == "POST":
                # They know other destinations only: whose the partition is not, too.
                told = {"400": "202!"}
                known = read(TABLE)["POST /export"]
                words = {who: told.get(got, got) for who, got in words.items()}
                words |= {who: "404" for who in words if known[who] == "404"}
            found[f"{method} {path}"] = words
    checked(found, TABLE)


def test_a_method_that_an_address_has_not_does_nothing_for_anybody() -> None:
    cast = Cast()
    people = ("nobody", "member", "administrator")
    tables: tuple[Paths, ...] = (EVERYWHERE, GLOBALLY)
    for path, actions in (pair for table in tables for pair in table.items()):
        for method in set(METHODS) - {*actions, "OPTIONS", "HEAD"}:
            words = tried(cast, method, address(method, path, cast), people)
            assert words["nobody"] == "401", (method, path)
            assert words["member"] in {"403", "405"}, (method, path)
            assert words["administrator"] == "405", (method, path)


def test_the_table_has_no_line_of_what_is_not_there() -> None:
    known = {f"{method} {path.removeprefix(INSIDE)}" for method, path in routes()}
    assert {asked.replace(INSIDE, "") for asked in read(TABLE)} == known
