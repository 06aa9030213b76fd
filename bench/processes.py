"""CPU time and memory of a server: all its processes, read from ``/proc``.

A server is the process that was started, its descendants, and whatever else carries
its mark in the environment (a daemon that has left the tree) with its descendants.
"""

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MARK: Final = "PORTAL_BENCH_SERVER"
_PROC: Final = Path("/proc")
_TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")
_GONE: Final = (FileNotFoundError, ProcessLookupError, PermissionError)


@dataclass(frozen=True, slots=True)
class Memory:
    """Memory of a server in bytes: shared pages counted once (PSS), or each time."""

    pss: int
    rss: int
    number_of_processes: int


def cpu_seconds(pid: int, mark: str) -> float:
    """Return the CPU time used so far, user and system, ended children included."""
    return sum(cpu_seconds_of(member) for member in members(pid, mark))


def cpu_seconds_of(pid: int) -> float:
    """Return the CPU time that one process has used so far; 0 where it is gone."""
    with suppress(*_GONE):
        return sum(int(field) for field in _stat(pid)[11:15]) / _TICKS_PER_SECOND
    return 0.0


def memory(pid: int, mark: str) -> Memory:
    """Return what the server's processes hold in memory now."""
    pss = rss = number = 0
    for member in members(pid, mark):
        with suppress(*_GONE):
            lines = (_PROC / str(member) / "smaps_rollup").read_text().splitlines()[1:]
            sizes = {name: rest for name, _, rest in (x.partition(":") for x in lines)}
            pss += int(sizes["Pss"].split()[0]) * 1024
            rss += int(sizes["Rss"].split()[0]) * 1024
            number += 1
    return Memory(pss, rss, number)


def members(pid: int, mark: str) -> set[int]:
    """Return the ids of the server's processes."""
    children: dict[int, list[int]] = defaultdict(list)
    open_ends = [pid]
    needle = f"{MARK}={mark}\0".encode()
    for process in _processes():
        with suppress(*_GONE):
            children[int(_stat(process)[1])].append(process)
            if needle in (_PROC / str(process) / "environ").read_bytes():
                open_ends.append(process)
    found: set[int] = set()
    while open_ends:
        process = open_ends.pop()
        if process not in found:
            found.add(process)
            open_ends += children[process]
    return found


def _processes() -> Iterator[int]:
    return (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit())


def _stat(pid: int) -> list[str]:
    """Return the fields of ``/proc/pid/stat`` from the third, the state, onwards."""
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
