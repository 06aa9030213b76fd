"""``python -m bench.growth``: what searches and stores cost as the archive grows.

A small and a large portal take turns: A B A B. Both hold a population
(`bench.population`), once in one data partition and once spread over many. What counts
is the ratio.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench import machine, servers
from bench.figure import Figure, table
from bench.filled import filled
from bench.growth_rows import (
    Pair,
    searches_inside,
    searches_over_http,
    series_metadata,
    stores,
)
from bench.population import INSTANCES_PER_STUDY, Population
from bench.questions import Who
from bench.servers import PORTAL

ONE: Final = "one"
MANY: Final = "many"
_USUAL: Final = {
    "small": 250,
    "large": 25_000,
    "partitions": 1000,
    "seconds": 3.0,
    "rounds": 3,
}
_QUICK: Final = {
    "small": 12,
    "large": 120,
    "partitions": 20,
    "seconds": 0.3,
    "rounds": 1,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure, and how long."""

    small: int
    large: int
    partitions: int
    seconds: float
    rounds: int
    shapes: tuple[str, ...]
    data: Path | None
    json: Path | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; return 1 where a target is missed or a row has no figure."""
    plan = _plan(arguments)
    figures: list[Figure] = []
    with _folder(plan.data) as root:
        for shape in plan.shapes:
            with _pair(root, shape, plan) as pair:
                rows = _of_one if shape == ONE else _of_many
                figures += rows(pair, root)
                versions = {PORTAL: machine.versions(pair.large)}
    facts = {
        "title": "Cost in a large archive against a small one",
        "date": machine.now(),
        "machine": machine.machine(),
        "versions": versions,
        "plan": f"{plan.rounds} rounds of {plan.seconds:g} s, small:"
        f" {plan.small * INSTANCES_PER_STUDY:,} instances, large:"
        f" {plan.large * INSTANCES_PER_STUDY:,}, many: {plan.partitions} partitions",
    }
    print("\n" + table(figures) + "\n", flush=True)
    for name, fact in facts.items():
        print(f"{name}: {fact}", flush=True)
    if plan.json is not None:
        whole = {**facts, "figures": [figure.as_json() for figure in figures]}
        plan.json.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    return 0 if all(figure.reached for figure in figures) else 1


def _of_one(pair: Pair, root: Path) -> Iterator[Figure]:
    """Yield the rows with everything in one partition."""
    who = Who.ADMINISTRATOR
    yield from searches_over_http(pair, who, "/dicomweb")
    yield from searches_inside(pair, who)
    yield from series_metadata(pair)
    with (
        TemporaryDirectory(prefix="bench-", dir=root, ignore_cleanup_errors=True) as at,
        servers.portal(_open(Path(at)), "empty") as empty,
    ):
        yield from stores(empty, pair)


def _of_many(pair: Pair, _root: Path) -> Iterator[Figure]:
    """Yield the rows with everything spread over many partitions."""
    yield from searches_over_http(pair, Who.EVERYWHERE, "/dicomweb/partitions/*")
    yield from searches_inside(pair, Who.EVERYWHERE, Who.MEMBER, Who.OF_PROJECTS)


@contextmanager
def _pair(root: Path, shape: str, plan: Plan) -> Iterator[Pair]:
    """Run the small and the large portal of a shape."""
    partitions = 1 if shape == ONE else plan.partitions
    small, large = (Population(n, partitions) for n in (plan.small, plan.large))
    folders = root / f"{shape}-small", root / f"{shape}-large"
    with ExitStack() as stack:
        first = stack.enter_context(filled(folders[0], small, "small"))
        second = stack.enter_context(filled(folders[1], large, "large"))
        populations = small, large
        yield Pair(folders, first, second, populations, plan.seconds, plan.rounds)


@contextmanager
def _folder(data: Path | None) -> Iterator[Path]:
    if data is not None:
        data.mkdir(parents=True, exist_ok=True)
        yield data.absolute()
        return
    with TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as temporary:
        yield _open(Path(temporary))


def _open(folder: Path) -> Path:
    folder.chmod(0o755)  # started by root, PostgreSQL has another uid
    return folder


def _plan(arguments: Sequence[str] | None) -> Plan:
    given = _parser().parse_args(arguments)
    for name, value in (_QUICK if given.quick else _USUAL).items():
        if getattr(given, name) is None:
            setattr(given, name, value)
    shapes = (ONE, MANY) if given.shape is None else (given.shape,)
    settings = {name: getattr(given, name) for name in (*_USUAL, "data", "json")}
    return Plan(shapes=shapes, **settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    add = parser.add_argument
    add("--small", type=int, help="studies of 40 in the small portal (250)")
    add("--large", type=int, help="studies of 40 in the large portal (25000)")
    add("--partitions", type=int, help="that the studies are spread over (1000)")
    add("--shape", choices=(ONE, MANY), help="only: in one partition, or spread")
    add("--seconds", type=float, help="length of a turn (3)")
    add("--rounds", type=int, help="turns of each side at each row (3)")
    add("--json", type=Path, help="file for all figures")
    add("--data", type=Path, help="folder of the filled portals, which stay there")
    add("--quick", action="store_true", help="a minute to see that all rows work")
    return parser


if __name__ == "__main__":
    servers.stop_when_ended()
    sys.exit(main())
