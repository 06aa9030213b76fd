"""``python -m bench.memory``: how much large objects cost a worker in memory.

Objects are made while they are sent and compared while they come back. What counts is
the peak of each worker's resident memory above what it held before.
"""

import argparse
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench import machine, servers
from bench.client import Address, WrongAnswer
from bench.figure import Figure, table
from bench.growing import watched, web_workers
from bench.large import LargeObject, large_study
from bench.servers import PORTAL, Server
from bench.streaming import (
    retrieve,
    retrieve_anew,
    retrieve_frames,
    retrieve_rendered,
    store,
)

MEGABYTE: Final = 1_000_000
LARGEST: Final = 64.0  # MB that a worker may grow
IDLE: Final = 700.0  # MB of all processes
_SIZES: Final = {"one": 4_000, "study": 10_000, "frames": 2_000}  # MB
_OBJECTS_OF_STUDY: Final = 20
_SPARE: Final = 2_000  # MB that stay free
_QUICK: Final = 0.02
_WARM_CONNECTIONS: Final = 8


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is done once, watched."""

    name: str
    megabytes: float
    do: Callable[[], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; return 1 where a target is missed or a row has no figure."""
    given = _parser().parse_args(arguments)
    scale = given.scale or (_QUICK if given.quick else 1.0)
    with TemporaryDirectory(
        prefix="bench-", dir=given.data, ignore_cleanup_errors=True
    ) as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)  # started by root, PostgreSQL has another uid
        _require_space(folder, scale)
        with servers.portal(folder) as server:
            figures = [_idle(server)]
            _warm(server.address)
            workers = web_workers(servers.portal_data(folder))
            figures += [_measured(step, workers) for step in _steps(server, scale)]
            versions = {PORTAL: machine.versions(server)}
    facts = {
        "title": "Memory that a worker adds for large objects",
        "date": machine.now(),
        "machine": machine.machine(),
        "versions": versions,
        "plan": f"Sizes by {scale:g}",
    }
    print("\n" + table(figures) + "\n", flush=True)
    for name, fact in facts.items():
        print(f"{name}: {fact}", flush=True)
    if given.json is not None:
        whole = {**facts, "figures": [figure.as_json() for figure in figures]}
        given.json.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    return 0 if all(figure.reached for figure in figures) else 1


def _idle(server: Server) -> Figure:
    servers.settle([server])
    held = server.memory()
    details = {"processes": float(held.number_of_processes)}
    value = held.pss / MEGABYTE
    return Figure("idle, PSS of all processes", "MB", value, IDLE, details=details)


def _steps(server: Server, scale: float) -> Iterator[Step]:
    """Yield what is done, in order; reads want what was stored before."""
    address = server.address
    one, study, frames = _objects(scale)
    yield _store("STOW", [one], address)
    yield _store("STOW, of a study", study, address)
    yield _whole(
        "WADO study", f"/studies/{study[0].study_instance_uid}", study, address
    )
    yield _store("STOW, of many frames", [frames], address)
    last = frames.number_of_frames
    apart = max(1, last // 10)
    asked = {
        "first": [1],
        "last": [last],
        "ten": list(range(1, last + 1, apart))[:10],
    }
    for which, numbers in asked.items():
        do = partial(retrieve_frames, address, frames, numbers)
        yield Step(f"WADO frames: {which} of {last}", 0.0, do)
    yield _whole("WADO instance, of many frames", frames.path, [frames], address)
    picture = partial(retrieve_rendered, address, frames, last)
    yield Step(f"WADO rendered: last of {last}", 0.0, picture)
    anew = partial(retrieve_anew, address, frames)
    name = _sized("WADO instance as JPEG-LS, of many frames", [frames])
    yield Step(name, _megabytes([frames]), anew)


def _store(name: str, objects: Sequence[LargeObject], address: Address) -> Step:
    def do() -> None:
        for each in objects:
            store(address, each)

    return Step(_sized(name, objects), _megabytes(objects), do)


def _whole(
    name: str, path: str, objects: Sequence[LargeObject], address: Address
) -> Step:
    do = partial(retrieve, address, path, objects)
    return Step(_sized(name, objects), _megabytes(objects), do)


def _measured(step: Step, workers: Sequence[int]) -> Figure:
    print(f"{step.name} ...", flush=True)
    begun = time.monotonic()
    try:
        with watched(workers) as growths:
            step.do()
    except (WrongAnswer, OSError) as error:
        failure = f"{type(error).__name__}: {error}"
        return Figure(step.name, "MB", None, LARGEST, failure=failure)
    most = max(growths, key=lambda growth: growth.rss)
    details = {
        "RSS before": most.rss_before / MEGABYTE,
        "RSS peak": most.rss_peak / MEGABYTE,
        "PSS growth": max(growth.pss for growth in growths) / MEGABYTE,
    }
    if step.megabytes:
        details["MB/s"] = step.megabytes / (time.monotonic() - begun)
    return Figure(step.name, "MB", most.rss / MEGABYTE, LARGEST, details=details)


def _warm(address: Address) -> None:
    """Have every worker do small things once: what it loads for them is no growth."""

    def use(number: int) -> None:
        (small,) = large_study(f"warm {number}", objects=1, size_bytes=MEGABYTE)
        store(address, small)
        retrieve(address, small.path, [small])
        retrieve(address, f"/studies/{small.study_instance_uid}", [small])
        retrieve_frames(address, small, [1, small.number_of_frames])
        retrieve_rendered(address, small, 1)
        retrieve_anew(address, small)

    with ThreadPoolExecutor(_WARM_CONNECTIONS) as pool:
        list(pool.map(use, range(2 * _WARM_CONNECTIONS)))


def _objects(scale: float) -> tuple[LargeObject, list[LargeObject], LargeObject]:
    sizes = {name: round(size * scale * MEGABYTE) for name, size in _SIZES.items()}
    (one,) = large_study("one", objects=1, size_bytes=sizes["one"])
    (frames,) = large_study("frames", objects=1, size_bytes=sizes["frames"])
    number = _OBJECTS_OF_STUDY
    study = large_study("study", objects=number, size_bytes=sizes["study"] // number)
    return one, study, frames


def _require_space(folder: Path, scale: float) -> None:
    wanted = sum(_SIZES.values()) * scale + _SPARE
    free = shutil.disk_usage(folder).free / MEGABYTE
    if free < wanted:
        sys.exit(
            f"{folder} has {free:,.0f} MB free, {wanted:,.0f} are wanted:"
            " give another --data, or a smaller --scale."
        )


def _megabytes(objects: Sequence[LargeObject]) -> float:
    return sum(each.size_bytes for each in objects) / MEGABYTE


def _sized(name: str, objects: Sequence[LargeObject]) -> str:
    each = f"{objects[0].size_bytes / MEGABYTE:,.0f} MB"
    return (
        f"{name}: {each}" if len(objects) == 1 else f"{name}: {len(objects)} x {each}"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.memory", description=__doc__)
    add = parser.add_argument
    add("--scale", type=float, help="of all sizes: 1 is 4 GB, 10 GB, 2 GB (1)")
    add("--quick", action="store_true", help=f"the same as --scale {_QUICK}")
    add("--json", type=Path, help="file for all figures")
    add("--data", type=Path, help="where the temporary data folder is made")
    return parser


if __name__ == "__main__":
    servers.stop_when_ended()
    sys.exit(main())
