"""Every field of the graph's roots, for everybody: codes, what is seen and changed.

The table is ``graphql.txt``; `tests.access.asked` says what is asked. A field of the
schema that stands in neither fails. To write what is found: see `test_dicomweb_matrix`.
"""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import pytest

from core import feed_listener
from core.asgi import Boundary
from portal.asgi import dispatch
from tests.access.asked import ROOTS, document, fields
from tests.access.cast import EVERYBODY, Cast, snapshot
from tests.access.outcomes import checked, last_audited, read, unaudited, word
from tests.access.socket import first_message

pytestmark = pytest.mark.usefixtures("committing")

TABLE: Final = Path(__file__).with_name("graphql.txt")
QUIET_S: Final = 0.5  # of a subscription that should tell nothing
AT_ONCE: Final = 4  # sockets: all write the audit log themselves, where nobody collects
SHORT: Final = {
    "FORBIDDEN": "forbid",
    "NOT_FOUND": "absent",
    "WORKITEM_REFUSED": "refused",
}
LONG_S: Final = 60.0  # for one that should


def code(error: dict[str, Any]) -> str:
    """Return the code of an error or fault, as the table has it."""
    found = str(error["code"])
    return SHORT.get(found, found)


def told(got: httpx.Response) -> str:
    """Return the status, the code of an error or fault, or what came otherwise."""
    if got.status_code != 200:
        return str(got.status_code)
    whole = got.json()
    if "errors" in whole:
        return code(whole["errors"][0]["extensions"])
    (value,) = whole["data"].values()
    if value is None:
        return "null"
    is_fault = not isinstance(value, int) and "code" in value
    return code(value) if is_fault else "200"


def tried(cast: Cast, root: str, name: str) -> dict[str, str]:
    """Return what comes of a query or mutation for everybody."""
    words: dict[str, str] = {}
    listed = last_audited()

    async def run(names: Sequence[str]) -> None:
        transport = httpx.ASGITransport(Boundary(dispatch))
        async with httpx.AsyncClient(transport=transport, base_url="http://h") as web:
            for person in names:
                query, variables = document(root, name, cast)
                body = orjson.dumps({"query": query, "variables": variables})
                headers = {"content-type": "application/json"}
                if (token := cast.tokens[person]) is not None:
                    headers["authorization"] = f"Bearer {token}"
                got = await web.post("/graphql", content=body, headers=headers)
                words[person] = word(told(got), body, got.content, cast)

    is_query = root == "query"
    for names in [EVERYBODY] if is_query else [(person,) for person in EVERYBODY]:
        asyncio.run(run(names))
        if snapshot() != cast.before:
            assert not is_query, name
            words[names[0]] += "!"
            cast.mend()
    assert unaudited(words, listed) == [], name
    return words


def followed(cast: Cast, name: str, expected: dict[str, str]) -> dict[str, str]:
    """Return what comes first of a subscription for everybody."""
    query, variables = document("subscription", name, cast)
    body = orjson.dumps({"query": query, "variables": variables})
    listed = last_audited()

    turns = asyncio.Semaphore(AT_ONCE)

    async def one(person: str) -> str:
        is_told = expected.get(person, "quiet") != "quiet"
        async with turns:
            got = await first_message(
                Boundary(dispatch),
                cast.tokens[person],
                {"query": query, "variables": variables},
                timeout_s=LONG_S if is_told else QUIET_S,
            )
        return word(_kind(got), body, orjson.dumps(got), cast)

    async def run() -> list[str]:
        feed_listener.start_listening()
        try:
            return await asyncio.gather(*map(one, EVERYBODY))
        finally:
            await feed_listener.stop_listening()

    words = dict(zip(EVERYBODY, asyncio.run(run()), strict=True))
    assert unaudited(words, listed) == [], name
    return words


def _kind(message: Any) -> str:
    """Return how a subscription goes: its close code, an error's, or 200 for data."""
    match message:
        case None:
            return "quiet"
        case int():
            return str(message)
        case {"type": "next", "payload": {"errors": [error, *_]}}:
            return code(error["extensions"])
        case {"type": "error", "payload": [error, *_]}:
            return code(error["extensions"])
        case {"type": "next"}:
            return "200"
    return str(message["type"])


def test_everybody_gets_what_the_table_says_and_no_more() -> None:
    cast = Cast()
    checked(
        {
            f"{root} {name}": tried(cast, root, name)
            for root in ("query", "mutation")
            for name in ROOTS[root]
        },
        TABLE,
    )


def test_everybody_follows_what_the_table_says_and_no_more() -> None:
    cast, table = Cast(), read(TABLE)
    found = {}
    for name in ROOTS["subscription"]:
        asked = f"subscription {name}"
        found[asked] = followed(cast, name, dict(table.get(asked, {})))
    assert snapshot() == cast.before
    checked(found, TABLE)


def test_every_field_of_the_roots_has_its_line() -> None:
    asked = {f"{root} {name}" for root, lines in ROOTS.items() for name in lines}
    assert set(read(TABLE)) == asked
    assert set(fields()) <= asked
