"""How much processes grow while something is done, from ``/proc``."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from portal.embedded import state
from portal.embedded.places import Places

_PROC: Final = Path("/proc")
_GONE: Final = (FileNotFoundError, ProcessLookupError)
_LOOK_EVERY_S: Final = 0.05
_RESET_PEAK: Final = "5"  # proc(5), clear_refs


@dataclass(slots=True)
class Growth:
    """What a process held before, and the most that it held meanwhile, in bytes.

    RSS counts shared pages whole, those of mapped files among them, and its peak is
    the kernel's own; PSS counts its part of them and is looked at often.
    """

    rss_before: int
    pss_before: int
    rss_peak: int = 0
    pss_peak: int = 0

    @property
    def rss(self) -> int:
        """Return how much the resident memory has grown."""
        return max(0, self.rss_peak - self.rss_before)

    @property
    def pss(self) -> int:
        """Return how much the proportional memory has grown."""
        return max(0, self.pss_peak - self.pss_before)


@contextmanager
def watched(processes: Sequence[int]) -> Iterator[list[Growth]]:
    """Give a list that holds the growth of each process once the watch has ended.

    Raises
    ------
    OSError
        A process has ended meanwhile: its peak is not known.
    """
    before = [Growth(_status(pid, "VmRSS"), _pss(pid)) for pid in processes]
    for pid in processes:
        (_PROC / str(pid) / "clear_refs").write_text(_RESET_PEAK, encoding="ascii")
    ended = threading.Event()
    looking = threading.Thread(target=_look, args=(processes, before, ended))
    looking.start()
    growths: list[Growth] = []
    try:
        yield growths
    finally:
        ended.set()
        looking.join()
    for pid, growth in zip(processes, before, strict=True):
        growth.rss_peak = _status(pid, "VmHWM")
        growths.append(growth)


def web_workers(data: Path) -> list[int]:
    """Return the workers of the web server that runs on the data folder `data`."""
    web = next(part.pid for part in state.read(Places(data)) if part.name == "web")
    children = _PROC / str(web) / "task" / str(web) / "children"
    return [int(pid) for pid in children.read_text(encoding="ascii").split()]


def _look(
    processes: Sequence[int], growths: Sequence[Growth], ended: threading.Event
) -> None:
    while not ended.wait(_LOOK_EVERY_S):
        for pid, growth in zip(processes, growths, strict=True):
            with suppress(*_GONE):
                growth.pss_peak = max(growth.pss_peak, _pss(pid))


def _status(pid: int, name: str) -> int:
    return _bytes(_PROC / str(pid) / "status", name)


def _pss(pid: int) -> int:
    return _bytes(_PROC / str(pid) / "smaps_rollup", "Pss")


def _bytes(path: Path, name: str) -> int:
    lines = (line.partition(":") for line in path.read_text("ascii").splitlines())
    values = {key: value for key, _, value in lines}
    return int(values[name].split()[0]) * 1024
