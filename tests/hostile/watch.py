"""What a running portal holds while clients misbehave, read from ``/proc``."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.stack import PATIENCE_S, Stack

_PROC: Final = Path("/proc")


@dataclass(frozen=True, slots=True)
class Worker:
    """What one web worker holds.

    Attributes
    ----------
    memory_bytes
        Resident, what it shares with others included.
    peak_bytes
        The most that was resident since `measured_anew`.
    """

    pid: int
    memory_bytes: int
    peak_bytes: int
    descriptors: int
    threads: int


def web_workers(stack: Stack) -> dict[int, Worker]:
    """Return the web server's workers by process id."""
    server = stack.part("web").pid
    found = {}
    for entry in _PROC.iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):
            if entry.name.isdigit() and _parent(entry) == server:
                found[int(entry.name)] = _worker(entry)
    return found


def measured_anew(stack: Stack) -> dict[int, Worker]:
    """Return the workers, whose peaks are forgotten: other tests have had theirs."""
    found = web_workers(stack)
    for pid in found:
        (_PROC / str(pid) / "clear_refs").write_text("5", encoding="ascii")
    return found


def stored_files(stack: Stack) -> set[Path]:
    """Return the files of all blobs, named by a row or not."""
    folder = Path(stack.settings.get("PORTAL_BLOBS", stack.places.blobs))
    return {path for path in folder.rglob("*") if path.is_file()}


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Wait until `condition` holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


class Log:
    """What the web server has logged since this was made."""

    def __init__(self, stack: Stack) -> None:
        self._path = stack.places.logs / "web.log"
        self._start = self._path.stat().st_size

    def faults(self) -> list[str]:
        """Return the lines that tell of a bug: tracebacks and panics, with context."""
        text = self._path.read_bytes()[self._start :].decode(errors="replace")
        lines = text.splitlines()
        return [
            "\n".join(lines[max(0, at - 2) : at + 30])
            for at, line in enumerate(lines)
            if line.startswith("Traceback") or "panicked" in line
        ]


def _parent(process: Path) -> int:
    stat = (process / "stat").read_text(encoding="utf-8")
    return int(stat.rpartition(")")[2].split()[1])


def _worker(process: Path) -> Worker:
    lines = (process / "status").read_text(encoding="utf-8").splitlines()
    status = dict(line.partition(":")[::2] for line in lines)
    return Worker(
        pid=int(process.name),
        memory_bytes=int(status["VmRSS"].split()[0]) * 1024,
        peak_bytes=int(status["VmHWM"].split()[0]) * 1024,
        descriptors=len(list((process / "fd").iterdir())),
        threads=int(status["Threads"]),
    )
