"""What is killed, and how: always ``kill -9``."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Final

from portal.embedded import state
from portal.embedded.options import ROOT
from portal.embedded.orphans import find_orphans
from tests.stack import Stack

PROC: Final = Path("/proc")
START_S: Final = 6.0  # how long a start takes, about
SWEEP_S: Final = 1.5  # a sweep, most of it until it begins


class Victim(StrEnum):
    """What a round kills."""

    WEB_PROCESS = "web process"
    WEB = "web server"
    JOB_PROCESS = "job process"
    WORKER = "worker"
    BEAT = "beat"
    DATABASE = "database"
    BACKEND = "backend"
    REDIS = "redis"
    SUPERVISOR = "supervisor"
    START = "supervisor while it starts"
    EVERYTHING = "everything"
    SWEEPER = "sweeper"


# One of the processes that a part has forked, not its first.
CHILDREN: Final = {
    Victim.WEB_PROCESS: "web",
    Victim.JOB_PROCESS: "worker",
    Victim.BACKEND: "database",
}
PARTS: Final = {
    Victim.WEB: "web",
    Victim.WORKER: "worker",
    Victim.BEAT: "beat",
    Victim.DATABASE: "database",
    Victim.REDIS: "redis",
}
BACKEND: Final = b"postgres: portal portal"
IDLE: Final = b" idle"


def kill(stack: Stack, victim: Victim, dice: random.Random) -> bool:
    """Kill the victim; return whether it was there.

    After the supervisor, and all that goes with it, the stack is started again.
    """
    if victim is Victim.SWEEPER:
        _kill_sweeper(stack, dice)
        return True
    if victim in OF_THE_STACK:
        OF_THE_STACK[victim](stack, dice)
        stack.start()
        return True
    pid = _pid(stack, victim, dice)
    if pid is None:
        return False
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


def _kill_sweeper(stack: Stack, dice: random.Random) -> None:
    """Begin to remove what was freed without any grace, and end in the midst of it."""
    with subprocess.Popen(
        [sys.executable, "manage.py", "sweep"],
        cwd=ROOT,
        env=stack.environment() | {"PORTAL_BLOB_GRACE_S": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as sweeper:
        time.sleep(dice.uniform(0.7, SWEEP_S))
        sweeper.kill()


def _kill_supervisor(stack: Stack, _dice: random.Random) -> None:
    stack.kill()


def _kill_start(stack: Stack, dice: random.Random) -> None:
    stack.kill()
    stack.launch()
    time.sleep(dice.uniform(0.2, START_S))
    stack.kill()


def _kill_everything(stack: Stack, _dice: random.Random) -> None:
    assert stack.process is not None
    stack.process.send_signal(signal.SIGSTOP)  # so that it restarts nothing
    for pid in find_orphans(stack.places):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    stack.kill()


def _pid(stack: Stack, victim: Victim, dice: random.Random) -> int | None:
    if victim in PARTS:
        return _first_process(stack, PARTS[victim])
    parent = _first_process(stack, CHILDREN[victim])
    found = sorted(_children(parent)) if parent is not None else []
    if victim is Victim.BACKEND:
        found = _backends(found)
    return dice.choice(found) if found else None


def _first_process(stack: Stack, part: str) -> int | None:
    return {each.name: each.pid for each in state.read(stack.places)}.get(part)


def _children(parent: int) -> Iterator[int]:
    for entry in PROC.glob("[0-9]*/stat"):
        with suppress(OSError):  # ended meanwhile
            # The name, in brackets, may hold spaces.
            fields = entry.read_text(encoding="utf-8").rpartition(")")[2].split()
            if int(fields[1]) == parent:
                yield int(entry.parent.name)


def _backends(pids: list[int]) -> list[int]:
    """Return who serves clients of the portal, rather those in the midst of work."""
    titles = {}
    for pid in pids:
        with suppress(OSError):
            titles[pid] = (PROC / str(pid) / "cmdline").read_bytes()
    serving = {pid: each for pid, each in titles.items() if each.startswith(BACKEND)}
    busy = [pid for pid, title in serving.items() if IDLE not in title]
    return busy or list(serving)


OF_THE_STACK: Final[dict[Victim, Callable[[Stack, random.Random], None]]] = {
    Victim.SUPERVISOR: _kill_supervisor,
    Victim.START: _kill_start,
    Victim.EVERYTHING: _kill_everything,
}
