"""STOW-RS: storing instances (DICOM PS3.18 10.5).

The body is read as it comes: each part goes to its blob in pieces, parts are finished
while the next ones come, and nothing becomes visible before the whole request has been
read. A request that is malformed or cut off stores nothing of what it had not yet
committed; large requests are committed every `COMMIT_AFTER` instances.
"""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Final, NamedTuple

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from core.access import Actor, Verb, require
from core.audit_requests import recorded
from core.database import in_time, run, run_read
from core.errors import Invalid
from core.partitions import (
    get_or_create_partition,
    known_partition,
    known_stored_as,
    stored_as,
)
from imaging.blobs import CHUNK_BYTES
from imaging.dicomweb import stow_response
from imaging.dicomweb.dialect import dialect_of
from imaging.dicomweb.expiry_headers import expires_after
from imaging.dicomweb.multipart import PartData, PartEnd, PartStart
from imaging.dicomweb.request import (
    accepted_data_set,
    actor_of,
    partition_of,
    uid,
)
from imaging.dicomweb.storage_threads import arrived, in_thread
from imaging.dicomweb.stow_body import Piece, parts_of
from imaging.dicomweb.stow_rules import RULES
from imaging.query_tags.known import indexed_paths
from imaging.receive import Incoming, Received
from imaging.store import (
    Refused,
    StoreOutcome,
    record_refused,
    require_expiry,
    store_instances,
)
from imaging.store_rules import StoreRules, with_decisive

COMMIT_AFTER: Final = 1_000  # instances of one request in memory, about 6 KB each
AHEAD_BYTES: Final = 2 * CHUNK_BYTES  # of one request that wait for a thread


async def post_instances(request: Request) -> Response:
    """Store new instances; those that are held already fail."""
    return await _store(request, replace=False)


async def put_instances(request: Request) -> Response:
    """Store instances and replace those that are held already."""
    return await _store(request, replace=True)


async def _store(request: Request, *, replace: bool) -> Response:
    actor = actor_of(request)
    require(actor, Verb.STORE if replace else Verb.STORE_RESULTS)
    form = accepted_data_set(request)
    rules = RULES[dialect_of(request)]
    study = uid(request, "study") if "study" in request.path_params else None
    expiry = expires_after(request)
    require_expiry(actor, expiry)
    parts = parts_of(request, rules)
    name = partition_of(request)
    partition_id = known_partition(actor=actor, name=name)
    if partition_id is None:
        partition_id = await run(get_or_create_partition, actor=actor, name=name)
    form_held = known_stored_as(name)
    if form_held is None:
        form_held = await run(stored_as, name)
    store_rules = rules.store
    if store_rules.keeps_bad_values:  # then what is indexed decides
        store_rules = with_decisive(store_rules, await run_read(indexed_paths))
    order = _Order(actor, partition_id, study, store_rules, replace, expiry, form_held)
    intake = _Intake(order)
    try:
        async with aclosing(parts):
            async for piece in parts:
                await intake.take(piece)
        outcomes = await intake.commit()
    except ClientDisconnect as error:
        message = "The request was cut off; send it again."
        raise Invalid(message) from error
    finally:
        await intake.discard()
    await recorded(
        record_refused, actor=actor, partition_id=partition_id, outcomes=outcomes
    )
    return stow_response.render(request, study, outcomes, rules, form)


class _Part(NamedTuple):
    """A part that has come whole: what is written of it, and its last piece."""

    incoming: Incoming | None
    data: bytearray


class _Order(NamedTuple):
    """How the instances of one request are to be stored."""

    actor: Actor
    partition_id: int
    study: str | None
    rules: StoreRules
    replace: bool
    expires_after: timedelta | None
    stored_as: str


class _Intake:
    """The instances of one request on their way to the database.

    Parts that come while a thread is busy with others wait for it together: a hop for
    each of many small parts would cost more than the parts.
    """

    def __init__(self, order: _Order) -> None:
        self._order = order
        self._incoming: Incoming | None = None
        # One buffer, not a list: a client may send its body byte by byte.
        self._pending = bytearray()
        self._waiting: list[_Part | Refused] = []
        self._waiting_bytes = 0
        self._finishing: asyncio.Task[None] | None = None
        self._finished: list[Received | Refused] = []
        self._number_of_parts = 0  # since the last commit
        self._outcomes: list[StoreOutcome] = []

    async def take(self, piece: Piece) -> None:
        """Take the next piece of the body."""
        match piece:
            case PartStart():
                self._incoming = None
            case PartData(data):
                self._pending += data
                if len(self._pending) >= CHUNK_BYTES:
                    await self._write()
            case PartEnd():
                part, self._incoming = _Part(self._incoming, self._taken()), None
                await self._finish_part(part)
            case Refused():
                await self._finish_part(piece)

    async def commit(self) -> list[StoreOutcome]:
        """Commit what has not been, and return all outcomes in the order of parts."""
        await self._finish_all()
        await arrived(
            one.durable for one in self._finished if isinstance(one, Received)
        )
        # From here on the commit decides about the bytes.
        finished, self._finished, self._number_of_parts = self._finished, [], 0
        received = [one for one in finished if isinstance(one, Received)]
        stored = iter(await self._stored(received) if received else ())
        self._outcomes += [
            one if isinstance(one, Refused) else next(stored) for one in finished
        ]
        return self._outcomes

    async def discard(self) -> None:
        """Remove the bytes of what was not handed to a commit."""
        begun = [*_incoming_of(self._waiting), self._incoming]
        self._waiting.clear()
        if self._finishing is not None:
            await asyncio.gather(self._finishing, return_exceptions=True)
        for one in (*self._finished, *begun):
            if isinstance(one, Received | Incoming):
                await in_thread(one.discard)

    async def _stored(self, received: list[Received]) -> list[StoreOutcome]:
        outcomes = store_instances(
            self._order.actor,
            partition_id=self._order.partition_id,
            received=received,
            replace=self._order.replace,
            expires_after=self._order.expires_after,
        )
        return await in_time(asyncio.wrap_future(outcomes))

    async def _write(self) -> None:
        if self._incoming is None:
            self._incoming = await in_thread(_incoming, self._order)
        await in_thread(self._incoming.write, self._taken())

    async def _finish_part(self, part: _Part | Refused) -> None:
        self._waiting.append(part)
        self._waiting_bytes += len(part.data) if isinstance(part, _Part) else 0
        self._number_of_parts += 1
        if self._finishing is None or self._finishing.done():
            await self._finish_all()  # tells what went wrong, if anything did
            self._finishing = asyncio.create_task(self._finish_waiting())
        if self._waiting_bytes > AHEAD_BYTES:
            await self._finish_all()
        if self._number_of_parts >= COMMIT_AFTER:
            await self.commit()

    async def _finish_waiting(self) -> None:
        while self._waiting:
            parts, self._waiting, self._waiting_bytes = self._waiting, [], 0
            self._finished += await in_thread(_finish, parts, self._order)

    async def _finish_all(self) -> None:
        if self._finishing is not None:
            await asyncio.shield(self._finishing)

    def _taken(self) -> bytearray:
        data, self._pending = self._pending, bytearray()
        return data


def _incoming(order: _Order) -> Incoming:
    return Incoming(order.study, order.rules, order.stored_as)


def _incoming_of(parts: Sequence[_Part | Refused]) -> list[Incoming | None]:
    return [part.incoming for part in parts if isinstance(part, _Part)]


def _finish(
    parts: Sequence[_Part | Refused], order: _Order
) -> list[Received | Refused]:
    """Write the last pieces of parts, the only ones of small parts; read the headers.

    Where one cannot be written, the bytes of all are removed.
    """
    begun: list[Incoming] = []
    finished: list[Received | Refused] = []
    try:
        for part in parts:
            if isinstance(part, Refused):
                finished.append(part)
                continue
            begun.append(part.incoming or _incoming(order))
            begun[-1].write(part.data)
            finished.append(begun[-1].finish())
    except BaseException:
        rest = _incoming_of(parts)
        for one in (*begun, *rest):
            if one is not None:
                one.discard()
        raise
    return finished
