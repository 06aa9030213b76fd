"""Signs of life of the processes that answer no request: Celery's worker and beat.

Each process writes its mark in Redis every few seconds; whoever asks counts the recent
ones. Workers on other machines show in the same way.
"""

import os
import socket
import time
from contextlib import suppress
from typing import Final

from redis import Redis
from redis.exceptions import RedisError

INTERVAL_S: Final = 2.0
LIFETIME_S: Final = 8.0  # a process without a sign for so long counts as dead


def key(role: str) -> str:
    """Return the key of the sorted set: process → time of its last sign."""
    return f"portal:heartbeat:{role}"


def member(pid: int) -> str:
    """Return the name of a process of this machine."""
    return f"{socket.gethostname()}:{pid}"


def send(client: Redis, role: str) -> None:
    """Write this process' sign of life; a Redis that is away is no reason to fail."""
    now = time.time()
    with suppress(RedisError):
        client.zremrangebyscore(key(role), "-inf", now - 10 * LIFETIME_S)
        client.zadd(key(role), {member(os.getpid()): now})


def is_alive(client: Redis, role: str, pid: int | None = None) -> bool:
    """Return whether the process, or any of the role, has lately given a sign."""
    since = time.time() - LIFETIME_S
    if pid is None:
        return bool(client.zcount(key(role), since, "+inf"))
    score = client.zscore(key(role), member(pid))
    return score is not None and float(score) >= since
