"""Bodies that stop coming, or never stop."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from starlette.types import Message

from core import request_bodies
from core.errors import TooLarge, TooSlow

PIECE: Message = {"type": "http.request", "body": b"12345", "more_body": True}
LAST: Message = {"type": "http.request", "body": b"", "more_body": False}
GONE: Message = {"type": "http.disconnect"}


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "SILENCE_S", 0.05)


def client(*messages: Message) -> Callable[[], Awaitable[Message]]:
    """Return the `receive` of a client that sends these and then hangs."""
    left = list(messages)

    async def receive() -> Message:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    return receive


def take(number: int, *messages: Message, maximum: int | None = None) -> list[Message]:
    async def main() -> list[Message]:
        receive = request_bodies.awaited(client(*messages), maximum_bytes=maximum)
        return [await receive() for _ in range(number)]

    return asyncio.run(main())


def test_a_body_that_comes_passes() -> None:
    assert take(3, PIECE, LAST, GONE) == [PIECE, LAST, GONE]


def test_a_body_that_stops_coming_is_too_slow() -> None:
    with pytest.raises(TooSlow):
        take(2, PIECE)


def test_silence_is_counted_from_the_last_piece_and_only_while_one_is_awaited() -> None:
    async def main() -> float:
        receive = request_bodies.awaited(client(PIECE, PIECE, PIECE))
        for _ in range(3):
            await receive()
            await asyncio.sleep(0.06)  # busy with the piece
        began = asyncio.get_running_loop().time()
        with pytest.raises(TooSlow):
            await receive()
        return asyncio.get_running_loop().time() - began

    assert asyncio.run(main()) >= 0.05


def test_a_request_that_is_cancelled_for_another_reason_is_not_too_slow() -> None:
    async def main() -> None:
        receive = request_bodies.awaited(client(PIECE))
        await receive()
        waiting = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        waiting.cancel()
        await waiting

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(main())


def test_after_a_body_the_client_may_be_silent() -> None:
    async def main() -> None:
        receive = request_bodies.awaited(client(LAST))
        await receive()
        await asyncio.wait_for(receive(), 0.2)

    with pytest.raises(TimeoutError):
        asyncio.run(main())


def test_a_body_beyond_its_size_is_too_large() -> None:
    assert take(3, PIECE, PIECE, LAST, maximum=10) == [PIECE, PIECE, LAST]
    with pytest.raises(TooLarge):
        take(2, PIECE, PIECE, maximum=9)
