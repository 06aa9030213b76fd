"""``python -m bench.tags``: what searches by query tags cost as the archive grows.

A small and a large archive of index rows (`bench.tag_archive`) take turns: A B A B, for
each backend. Searches run inside of a process (`bench.tags_inside`); what counts is the
ratio of the medians.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench import servers
from bench.figure import Figure, tell
from bench.stats import median_of, ratio

MOST: Final = 1.5  # times the cost of a small archive
DATABASE: Final = "PostgreSQL"
INDEX: Final = "Elasticsearch"


@dataclass(slots=True)
class Side:
    """A process that searches in one archive by one backend."""

    process: "subprocess.Popen[str]"
    taken_ms: list[float] = field(default_factory=list)
    cpu_ms: float = 0.0
    by_index: float = 0.0
    failure: str | None = None

    def take_turn(self, row: str, seconds: float) -> None:
        """Have it ask a row's questions for a while."""
        if self.failure is None:
            answer = self._tell([row, seconds])
            self.failure = answer.get("failure")
            self.taken_ms += answer.get("ms", ())
            self.cpu_ms += answer.get("cpu ms", 0)
            self.by_index += answer.get("by index", 0)

    def forget(self) -> None:
        """Begin with another row."""
        self.taken_ms.clear()
        self.cpu_ms, self.by_index, self.failure = 0.0, 0.0, None

    @property
    def cpu_ms_a_search(self) -> float:
        """Return the CPU time of a search, its own and PostgreSQL's."""
        return self.cpu_ms / len(self.taken_ms)

    def read(self) -> Any:
        """Return its next line."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def _tell(self, what: Sequence[object]) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = self.read()
        return answer


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; return 1 where a target is missed or a row has no figure."""
    plan = _plan(arguments)
    with _folder(plan.data) as root:
        figures = list(_measured(root, plan))
    small, large = plan.series
    said = (
        f"{plan.rounds} rounds of {plan.seconds:g} s, small: {small:,} series,"
        f" large: {large:,}"
    )
    title = "Searches by query tags in a large archive against a small one"
    return tell(figures, said, plan.json, title=title)


def _measured(root: Path, plan: argparse.Namespace) -> Iterator[Figure]:
    """Yield the rows of each backend, with both portals running."""
    with ExitStack() as stack:
        backends = {DATABASE: ""}
        if plan.elastic:
            backends[INDEX] = plan.elasticsearch or stack.enter_context(_node(root))
        folders = {number: root / f"tags-{number}" for number in plan.series}
        for number, folder in folders.items():
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o755)  # started by root, PostgreSQL has another uid
            stack.enter_context(servers.portal(folder, f"{number:,}"))
        for name, url in backends.items():
            with _asking(folders, url) as sides:
                yield from _figures(name, sides, plan)


def _figures(
    backend: str, sides: Sequence[Side], plan: argparse.Namespace
) -> Iterator[Figure]:
    names, _ = (side.read() for side in sides)  # both have filled then
    for row in names:
        if plan.only not in row:
            continue
        print(f"{row}, {backend} ...", flush=True)
        for side in sides:
            side.forget()
        for _ in range(plan.rounds):
            for side in sides:
                side.take_turn(row, plan.seconds)
        yield _figure(f"{row}, {backend}", sides, by_index=backend == INDEX)


def _figure(name: str, sides: Sequence[Side], *, by_index: bool) -> Figure:
    failure = next((side.failure for side in sides if side.failure), None)
    unanswered = sum(len(side.taken_ms) - side.by_index for side in sides)
    if failure is None and by_index and unanswered:
        failure = f"PostgreSQL has answered {unanswered:.0f} of the searches"
    if failure is not None:
        return Figure(name, "x", None, MOST, failure=failure)
    one, other = sides
    small, large = median_of(one.taken_ms), median_of(other.taken_ms)
    cpu = one.cpu_ms_a_search, other.cpu_ms_a_search
    details = {
        "small ms": small or 0.0,
        "large ms": large or 0.0,
        "CPU ms small": cpu[0],
        "CPU ms large": cpu[1],
        "CPU x": cpu[1] / cpu[0],
        "searches": float(min(len(side.taken_ms) for side in sides)),
    }
    return Figure(name, "x", ratio(large, small), MOST, details=details)


@contextmanager
def _asking(folders: dict[int, Path], url: str) -> Iterator[list[Side]]:
    """Run a process for each archive; without `url` they ask PostgreSQL."""
    sides = []
    try:
        for number, folder in folders.items():
            process = subprocess.Popen(
                [sys.executable, "-m", "bench.tags_inside", "--series", str(number)],
                cwd=servers.REPOSITORY,
                env={
                    **servers.beside(folder),
                    "ELASTICSEARCH_URL": url,
                    "ELASTICSEARCH_PREFIX": f"bench-{number}",
                    "ELASTICSEARCH_TIMEOUT_MS": "10000",
                },
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            sides.append(Side(process))
        yield sides
    finally:
        for side in sides:
            side.process.terminate()
            side.process.wait()


@contextmanager
def _node(root: Path) -> Iterator[str]:
    """Run the Elasticsearch that the tests run, with its data kept beside the others'.

    Raises
    ------
    Exception
        There is none, as `tests.elastic.node` says.
    """
    from tests.elastic.node import own_node  # noqa: PLC0415 needs pytest

    with own_node(root / "elasticsearch") as node:
        yield node.url


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is not None:
        data.mkdir(parents=True, exist_ok=True)
        yield data.absolute()
        return
    with TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as temporary:
        Path(temporary).chmod(0o755)
        yield Path(temporary)


def _plan(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.tags", description=__doc__)
    add = parser.add_argument
    add("--series", type=int, nargs=2, default=[10_000, 1_000_000], help="in each")
    add("--only", default="", help="rows whose name has this in it")
    add("--seconds", type=float, default=0.25, help="length of a turn")
    add("--rounds", type=int, default=16, help="turns of each side at each row")
    add("--elastic", action="store_true", help="Elasticsearch as well")
    add(
        "--elasticsearch",
        default=os.environ.get("ELASTICSEARCH_URL", ""),
        help="its address (ELASTICSEARCH_URL); without one, a node as the tests run it",
    )
    add("--json", type=Path, help="file for all figures")
    add("--data", type=Path, help="folder of the filled portals, which stay there")
    add("--quick", action="store_true", help="a minute to see that all rows work")
    plan = parser.parse_args(arguments)
    if plan.quick:
        plan.series, plan.seconds, plan.rounds = [10_000, 20_000], 0.05, 2
    return plan


if __name__ == "__main__":
    servers.stop_when_ended()
    sys.exit(main())
