"""What resolvers know of the operation that they work for."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, ParamSpec, TypeVar

import strawberry
from django.conf import settings
from starlette.types import Scope

from core import database
from core.access import Actor
from core.addresses import origin_of
from core.errors import Busy, Forbidden, PortalError, Unauthenticated

P = ParamSpec("P")
R = TypeVar("R")

AT_ONCE: Final = 2  # threads of the database that one operation may hold

Authenticate = Callable[..., Awaitable[Actor]]


class Context:
    """One operation: who asks, from where, and what was loaded for it.

    Attributes
    ----------
    actor
        Who asks, as the boundary found out.
    request_id
        What logs and answers call the request.
    origin
        Scheme, host and port that addresses in the answer begin with.
    operation_name
        Which operation of the document is meant, if it was said.
    ended_by
        What ended a subscription because its reader may not read any more.
    refused
        Fields that were refused or failed, for the audit log; the last error of each.
    warnings
        What the client is to know about how it was answered, each once.
    """

    def __init__(self, scope: Scope, operation_name: str | None = None) -> None:
        self.actor: Actor = scope["actor"]
        self.request_id: str = scope["request_id"]
        self.origin = origin_of(scope)
        self.operation_name = operation_name
        self.ended_by: PortalError | None = None
        self.refused: dict[str, Exception] = {}
        self.warnings: list[str] = []
        self._authenticate: Authenticate = scope["authenticate"]
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._until = asyncio.get_running_loop().time() + settings.ANSWER_S
        self._loaded: dict[object, Any] = {}

    async def ask(
        self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Await a domain function that only reads.

        Raises
        ------
        Busy
            The operation has taken ``PORTAL_ANSWER_S`` by now.
        """
        try:
            async with asyncio.timeout_at(self._until), self._turns:
                return await database.run_read(function, *args, **kwargs)
        except TimeoutError as error:
            message = "The query took too long. Ask for less at once."
            raise Busy(message, retry_after_s=database.RETRY_AFTER_S) from error

    async def do(
        self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Await a domain function that writes, as long as it takes."""
        return await database.run_long(function, *args, **kwargs)

    async def find_actor(self) -> Actor:
        """Find out anew who asks, for what lasts: what was loaded is forgotten.

        Raises
        ------
        Unauthenticated, Forbidden
            That has ended. The connection is closed with the code of the error.
        """
        try:
            self.actor = await self._authenticate()
        except (Unauthenticated, Forbidden) as error:
            self.ended_by = error
            raise
        self._loaded = {}
        self._until = asyncio.get_running_loop().time() + settings.ANSWER_S
        return self.actor

    def warn(self, warnings: Iterable[str]) -> None:
        """Tell the client something about how it was answered."""
        self.warnings += (each for each in warnings if each not in self.warnings)

    def once(self, key: object, make: Callable[[], R]) -> R:
        """Return what is made once for each operation, such as a data loader."""
        if key not in self._loaded:
            self._loaded[key] = make()
        found: R = self._loaded[key]
        return found

    async def once_awaited(self, key: object, look_up: Callable[[], Awaitable[R]]) -> R:
        """Return what is looked up once for each operation, whoever asks first."""
        task = self.once(key, lambda: asyncio.ensure_future(look_up()))
        return await asyncio.shield(task)


Info = strawberry.Info[Context, None]
