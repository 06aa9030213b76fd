"""Starts one process that cannot outlive the supervisor."""

import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from portal import env
from portal.embedded import linux
from portal.embedded.options import ROOT

LOG_LIMIT_BYTES: Final = 16 * 1024**2  # then the log is put aside at the next start
MARK: Final = "PORTAL_SUPERVISED"  # names the data folder in each child's environment


def nothing() -> None:
    """Prepare nothing."""


@dataclass(frozen=True, slots=True)
class Command:
    """A program with all that its process needs.

    Attributes
    ----------
    prepare
        Called in the child before the program starts, to change its user.
    last_signal
        What the kernel sends the process when the supervisor is killed.
    """

    arguments: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[], None] = nothing
    last_signal: signal.Signals = signal.SIGKILL


def spawn(command: Command) -> subprocess.Popen[bytes]:
    """Start the command in a session of its own, writing to its log.

    Call it from the main thread: the kernel ties the child to the thread that forked.
    """
    supervisor = os.getpid()

    def prepare() -> None:
        command.prepare()
        # Last, because a change of the user clears it.
        linux.die_with_parent(command.last_signal, supervisor)

    rotate(command.log)
    with command.log.open("ab") as log:
        return subprocess.Popen(  # noqa: S603 our own commands
            command.arguments,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=env.everything() | dict(command.environment),
            start_new_session=True,
            preexec_fn=prepare,  # noqa: PLW1509 the supervisor has a single thread
        )


def rotate(log: Path) -> None:
    """Put a log that has grown beyond the limit aside as ``.1``."""
    with suppress(FileNotFoundError):
        if log.stat().st_size > LOG_LIMIT_BYTES:
            log.replace(log.with_suffix(".log.1"))


def has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Return whether the process has ended; what is left of its group is killed.

    The group goes before the process is reaped: until then its number is not reused.
    """
    if process.returncode is not None:
        return True
    looked = os.WEXITED | os.WNOHANG | os.WNOWAIT
    if os.waitid(os.P_PID, process.pid, looked) is None:
        return False
    kill_group(process)
    return process.poll() is not None


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and its descendants of the same group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
