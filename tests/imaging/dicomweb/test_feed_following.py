"""Following the change feed: ``wait=SECONDS`` and server-sent events."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

import httpx
import orjson
import pytest
from django.db import connection
from starlette.types import Message, Scope

from core import changefeed, database, feed_listener
from core.access import Verb
from core.errors import Unauthenticated
from imaging import following
from imaging.dicomweb import feed_events, feed_rules
from imaging.feed import peek_feed
from tests.actors import READING, acting
from tests.imaging.dicomweb.asking import BASE, Known, boundary
from tests.imaging.stores import ADMIN, received, store

pytestmark = pytest.mark.usefixtures("committing")
LONG_S = 20.0


class Event(NamedTuple):
    """One block of a stream: fields, and comments below the empty name."""

    fields: dict[str, str]

    @property
    def sequence(self) -> int:
        """Return the number of the entry that it brings."""
        data: dict[str, Any] = orjson.loads(self.fields["data"])
        assert self.fields["id"] == str(data["sequence"])
        assert self.fields["event"] == data["action"]
        number: int = data["sequence"]
        return number


class Stream:
    """A client of a stream of events, in the loop of the server."""

    def __init__(self, who: Known, query: str = "", **headers: str) -> None:
        self.gone = asyncio.Event()
        self.began: asyncio.Future[Message] = asyncio.Future()
        self._blocks: asyncio.Queue[bytes] = asyncio.Queue()
        self._rest = b""
        sent = {"accept": "text/event-stream", **headers}
        scope: Scope = {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "path": "/dicomweb/changefeed",
            "query_string": query.encode(),
            "root_path": "",
            "client": ("127.0.0.1", 1),
            "headers": [(b"host", b"h")]
            + [(k.replace("_", "-").encode(), v.encode()) for k, v in sent.items()],
        }
        self.task = asyncio.create_task(boundary(who)(scope, self._receive, self._send))

    async def next(self) -> Event:
        """Return the next block."""
        async with asyncio.timeout(LONG_S):
            block = await self._blocks.get()
        lines = (line.partition(b":") for line in block.split(b"\n"))
        fields = {name.decode(): value.strip().decode() for name, _, value in lines}
        return Event(fields)

    async def entry(self) -> int:
        """Return the number of the next entry."""
        while True:
            event = await self.next()
            if "data" in event.fields:
                return event.sequence

    async def ended(self) -> None:
        """Wait until the server has ended the answer."""
        async with asyncio.timeout(LONG_S):
            await self.task

    async def _receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.began.set_result(message)
            return
        *blocks, self._rest = (self._rest + message.get("body", b"")).split(b"\n\n")
        for block in blocks:
            self._blocks.put_nowait(block)


@asynccontextmanager
async def serving() -> AsyncIterator[None]:
    feed_listener.start_listening()
    try:
        yield
    finally:
        await feed_listener.stop_listening()


def play(scene: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        async with serving():
            await scene()

    asyncio.run(main())


async def poll(who: Known | None = None, **params: Any) -> httpx.Response:
    transport = httpx.ASGITransport(boundary(who or Known(ADMIN)))
    async with httpx.AsyncClient(transport=transport) as web:
        return await web.get(f"{BASE}/changefeed", params=params)


async def write(sop: str = "", study: str = "1") -> int:
    """Store an instance, and return the number of its entry."""
    one = received(study, "2", sop or secrets.token_hex(8))
    await database.run(store, one)
    return await database.run(changefeed.head)


def sequences(answer: httpx.Response) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [each["sequence"] for each in answer.json()]


def read_many(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list of the numbers that following reads after, as it goes on."""
    places: list[int] = []

    def watched(**arguments: Any) -> Any:
        places.append(arguments["after"])
        return peek_feed(**arguments)

    monkeypatch.setattr(feed_rules, "peek_feed", watched)
    return places


# wait=SECONDS -----------------------------------------------------------------------


def test_a_poll_answers_at_once_what_is_there() -> None:
    async def scene() -> None:
        seq = await write()
        assert sequences(await poll(after=seq - 1, wait=60)) == [seq]

    play(scene)


def test_a_poll_is_answered_by_the_entry_that_comes() -> None:
    async def scene() -> None:
        seq = await write()
        waiting = asyncio.create_task(poll(after=seq, wait=60))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await write()
        assert sequences(await waiting) == [seq + 1]

    play(scene)


def test_a_poll_without_news_is_an_empty_list_that_leads_on() -> None:
    async def scene() -> None:
        seq = await write()
        began = time.monotonic()
        answer = await poll(after=seq, wait=1, studyInstanceUid="1")
        assert time.monotonic() - began >= 1
        assert sequences(answer) == []
        query = f"wait=1&studyInstanceUid=1&after={seq}"
        assert answer.headers["link"] == f'<{BASE}/changefeed?{query}>; rel="next"'

    play(scene)


def test_a_filter_without_match_neither_spins_nor_reads_the_same_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    places = read_many(monkeypatch)

    async def scene() -> None:
        began = time.monotonic()
        waiting = asyncio.create_task(poll(after=0, wait=2, action="delete"))
        last = 0
        while not waiting.done():
            last = await write()
        read = len(places)
        assert read <= 3 + (time.monotonic() - began) / following.PACE_S
        assert sorted(places) == places
        assert len(set(places)) >= read - 1  # the first time, nobody knew the head
        link = (await waiting).headers["link"]
        assert 0 < int(link.partition("after=")[2].partition(">")[0]) <= last

    play(scene)


def test_who_waits_holds_neither_thread_nor_connection(
    settings: Any,
) -> None:
    many = 5 * settings.DATABASE_THREADS

    async def scene() -> None:
        seq = await write()
        waiting = [asyncio.create_task(poll(after=seq, wait=60)) for _ in range(many)]
        streams = [Stream(Known(ADMIN), f"after={seq}") for _ in range(many)]
        await asyncio.gather(*(stream.began for stream in streams))
        assert sequences(await poll(after=seq - 1)) == [seq]  # others are served
        await write()
        answers = await asyncio.gather(*waiting)
        assert [sequences(answer) for answer in answers] == [[seq + 1]] * many
        assert [await stream.entry() for stream in streams] == [seq + 1] * many
        for stream in streams:
            stream.gone.set()
            await stream.ended()

    play(scene)


def test_who_asks_for_the_same_reads_together(monkeypatch: pytest.MonkeyPatch) -> None:
    places = read_many(monkeypatch)
    other = acting(2, "other", READING, frozenset())

    async def scene() -> None:
        seq = await write()
        await poll(after=seq - 1, wait=1)  # the head is known from here on
        places.clear()
        readers = [Known(ADMIN)] * 5 + [Known(other)]
        streams = [Stream(who, f"after={seq}") for who in readers]
        for stream in streams:
            assert "retry" in (await stream.next()).fields
        while len(places) < 6:  # each looks once by itself
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        await write()
        assert [await stream.entry() for stream in streams[:-1]] == [seq + 1] * 5
        while len(places) < 8:
            await asyncio.sleep(0.01)
        assert len(places) == 8
        for stream in streams:
            stream.gone.set()
            await stream.ended()

    play(scene)


def test_a_poll_of_who_may_read_no_longer_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "ASKED_AGAIN_S", 0.05)

    async def scene() -> None:
        revoked, demoted = Known(ADMIN), Known(ADMIN)
        waiting = [
            asyncio.create_task(poll(who, after=0, wait=60))
            for who in (revoked, demoted)
        ]
        await asyncio.sleep(0.1)
        revoked.error = Unauthenticated("The token was revoked.")
        demoted.actor = acting(1, "demoted", frozenset({Verb.STORE}))
        answers = await asyncio.gather(*waiting)
        assert [answer.status_code for answer in answers] == [401, 403]

    play(scene)


def test_polls_and_streams_end_when_the_server_stops() -> None:
    async def scene() -> None:
        seq = await write()
        waiting = asyncio.create_task(poll(after=seq, wait=60))
        stream = Stream(Known(ADMIN), f"after={seq}")
        assert "retry" in (await stream.next()).fields
        await asyncio.sleep(0.1)
        feed_listener.end_waiting()
        assert sequences(await waiting) == []
        await stream.ended()

    play(scene)


# Server-sent events -----------------------------------------------------------------


def test_a_stream_sends_what_is_there_and_what_comes() -> None:
    async def scene() -> None:
        seq = await write("3")
        stream = Stream(Known(ADMIN), f"after={seq - 1}")
        began = await stream.began
        headers = dict(began["headers"])
        assert headers[b"content-type"] == b"text/event-stream; charset=utf-8"
        assert headers[b"cache-control"] == b"no-store"
        assert (await stream.next()).fields == {"retry": "3000"}
        event = await stream.next()
        assert event.sequence == seq
        data = orjson.loads(event.fields["data"])
        assert data["metadata"]["00080018"]["Value"] == ["3"]
        assert await write() == await stream.entry()
        stream.gone.set()
        await stream.ended()

    play(scene)


def test_a_stream_is_resumed_after_the_last_event() -> None:
    async def scene() -> None:
        first = await write()
        await write()
        third = await write()
        stream = Stream(Known(ADMIN), "after=0", last_event_id=str(first + 1))
        assert await stream.entry() == third
        stream.gone.set()
        await stream.ended()

    play(scene)


def test_a_silent_stream_is_kept_alive_and_remembers_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feed_events, "SILENCE_S", 0.05)

    async def scene() -> None:
        stream = Stream(Known(ADMIN), "studyInstanceUid=7")
        assert "retry" in (await stream.next()).fields
        assert (await stream.next()).fields == {"": "nothing new"}
        seq = await write(study="1")
        while (fields := (await stream.next()).fields) == {"": "nothing new"}:
            pass
        assert fields == {"id": str(seq), "": "nothing for you"}
        await write(study="7")
        assert await stream.entry() == seq + 1
        stream.gone.set()
        await stream.ended()

    play(scene)


def test_a_stream_ends_when_the_token_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "ASKED_AGAIN_S", 0.05)

    async def scene() -> None:
        who = Known(ADMIN)
        stream = Stream(who)
        assert "retry" in (await stream.next()).fields
        who.error = Unauthenticated("The token was revoked.")
        await stream.ended()

    play(scene)


def test_a_stream_of_many_is_read_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_events, "AT_ONCE", 3)
    places = read_many(monkeypatch)

    async def scene() -> None:
        first = await write()
        for _ in range(6):
            last = await write()
        began = time.monotonic()
        stream = Stream(Known(ADMIN), f"after={first - 1}&limit=1")
        found = [await stream.entry() for _ in range(last - first + 1)]
        assert found == list(range(first, last + 1))
        assert places[:3] == [first - 1, first + 2, first + 5]
        assert time.monotonic() - began < LONG_S
        stream.gone.set()
        await stream.ended()

    play(scene)


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", {"last_event_id": "x"}),
        ("", {"last_event_id": "-1"}),
        ("", {"last_event_id": "99999999999999999999"}),
        ("after=x", {}),
        ("offset=1", {}),
        ("limit=0", {}),
    ],
)
def test_a_stream_from_nowhere_is_refused(query: str, headers: dict[str, str]) -> None:
    async def scene() -> None:
        stream = Stream(Known(ADMIN), query, **headers)
        assert (await stream.began)["status"] == 400
        stream.gone.set()
        with suppress(asyncio.CancelledError):
            await stream.ended()

    play(scene)


# Many writers -----------------------------------------------------------------------


WRITERS, EACH = 4, 12


def write_many(writer: int) -> None:
    try:
        for number in range(EACH):
            store(received(f"1.{writer}", "2", str(number)))
    finally:
        connection.close()


async def follow_by_polls(start: int) -> list[int]:
    found: list[int] = []
    while len(found) < WRITERS * EACH:
        after = found[-1] if found else start
        page = await poll(after=after, wait=20, limit=5, includeMetadata="false")
        found += sequences(page)
    return found


async def follow_by_events(start: int) -> list[int]:
    """Read a few events on each connection, and resume after the last."""
    found: list[int] = []
    while len(found) < WRITERS * EACH:
        after = found[-1] if found else start
        stream = Stream(Known(ADMIN), "after=0", last_event_id=str(after))
        number = min(7, WRITERS * EACH - len(found))
        found += [await stream.entry() for _ in range(number)]
        stream.gone.set()
        await stream.ended()
    return found


def test_followers_lose_and_repeat_nothing_while_many_write() -> None:
    async def scene() -> None:
        start = await write()
        followers = [
            asyncio.create_task(follow(start))
            for follow in (follow_by_polls, follow_by_events) * 2
        ]
        await asyncio.gather(
            *(asyncio.to_thread(write_many, writer) for writer in range(WRITERS))
        )
        expected = list(range(start + 1, start + 1 + WRITERS * EACH))
        assert await asyncio.gather(*followers) == [expected] * 4

    play(scene)
