"""Whether each part that the portal needs does its work, asked of the part itself."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import psycopg
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from imaging.blobs import store as blob_store
from portal import heartbeat
from portal.embedded import state
from portal.embedded.state import Condition, PartState

TIMEOUT_S: Final = 2  # per part: whoever asks must hear within seconds
STORAGE_FRESH_S: Final = 2.0  # anybody may ask, and asking writes to the disk
READY: Final = "ready"
DOWN: Final = "down"
REDIS: Final = Redis.from_url(
    settings.REDIS_URL, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
)


@dataclass(frozen=True, slots=True)
class PartHealth:
    """One part and what it is doing: ready, down, or what its supervisor says.

    The storage is ready, full or unwritable.
    """

    name: str
    state: str

    @property
    def is_ready(self) -> bool:
        """Return whether the part does its work."""
        return self.state == READY


def check_parts() -> list[PartHealth]:
    """Ask each part; never raises."""
    embedded = {part.name: part for part in state.read(settings.PLACES)}
    checks: dict[str, Callable[[], bool]] = {
        "database": database_answers,
        "redis": redis_answers,
        "worker": lambda: _is_alive("worker", embedded),
        "beat": lambda: _is_alive("beat", embedded),
    }
    return [
        *(
            PartHealth(name, _state(embedded.get(name), check))
            for name, check in checks.items()
        ),
        PartHealth("storage", _storage.state()),
    ]


def database_answers() -> bool:
    """Return whether PostgreSQL answers a query, on a connection of its own.

    A pool's connection would say more about the pool.
    """
    given = settings.DATABASES["default"]
    with (
        suppress(psycopg.Error),
        psycopg.connect(
            host=given["HOST"],
            port=given["PORT"] or None,
            dbname=given["NAME"],
            user=given["USER"] or None,
            password=given["PASSWORD"] or None,
            connect_timeout=TIMEOUT_S,
            options=f"-c statement_timeout={TIMEOUT_S}s",
        ) as connection,
    ):
        return connection.execute("SELECT 1").fetchone() == (1,)
    return False


def redis_answers() -> bool:
    """Return whether Redis answers a PING."""
    with suppress(RedisError):
        return bool(REDIS.ping())
    return False


class _Storage:
    """The condition of the blobs, as it was a moment ago."""

    def __init__(self) -> None:
        self._condition = ""
        self._asked_at = -STORAGE_FRESH_S  # time.monotonic()

    def state(self) -> str:
        now = time.monotonic()
        if now - self._asked_at >= STORAGE_FRESH_S:
            self._asked_at = now
            self._condition = blob_store().condition().value
        return self._condition


_storage = _Storage()


def _is_alive(role: str, embedded: dict[str, PartState]) -> bool:
    own = embedded.get(role)
    with suppress(RedisError):
        return heartbeat.is_alive(REDIS, role, own.pid if own else None)
    return False


def _state(part: PartState | None, check: Callable[[], bool]) -> str:
    """Return what the part itself shows, and else what its supervisor says."""
    is_running = part is None or part.pid is not None
    if is_running and check():
        return READY
    if part is None or part.condition is Condition.READY:
        return DOWN  # the supervisor has not noticed yet, or there is none
    return part.condition
