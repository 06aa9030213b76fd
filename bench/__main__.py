"""``python -m bench``: the portal and Orthanc side by side, A B A B.

Both servers hold the same scene. Reading rows come before storing ones, so that every
reading row sees the same store; the table has the order of ``bench.rows``.
"""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from bench import machine, servers
from bench.load import Workload
from bench.report import Result, Side, table
from bench.rows import ROWS, Row
from bench.scene import Scene, fill, make_scene
from bench.servers import ORTHANC, PORTAL, Server, Starter
from bench.turns import take_turns

_QUICK: Final = {"seconds": 0.5, "rounds": 1, "studies": 12}
_ALONE: Final = (
    "!!! ORTHANC OR ITS DICOMWEB PLUGIN IS NOT INSTALLED: NO OPPONENT, NO RATIOS. !!!\n"
    "!!! Debian: apt-get install orthanc orthanc-dicomweb                         !!!"
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure, and how long."""

    rows: tuple[Row, ...]
    seconds: float
    rounds: int
    studies: int
    readers: int | None
    ours: str
    data: Path | None
    json: Path | None

    def connections(self, row: Row) -> int:
        """Return over how many connections `row` runs."""
        return row.connections if row.writes else self.readers or row.connections


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; return 1 where a target is missed or a row has no figure."""
    plan = _plan(arguments)
    starters = _starters(plan.ours)
    scene = make_scene(plan.studies)
    with servers.started(starters, plan.data) as running:
        idle = _memory(running)
        for server in running:
            print(f"storing the scene on {server.name} ...", flush=True)
            fill(server.address, scene)
        results = [_measure(row, plan, scene, running) for row in _in_order(plan.rows)]
        results.sort(key=lambda result: ROWS.index(result.row))
        versions = {server.name: machine.versions(server) for server in running}
        facts: dict[str, object] = {
            "date": machine.now(),
            "machine": machine.machine(),
            "versions": versions,
            "opponent": _opponent(versions),
            "plan": f"{plan.rounds} rounds of {plan.seconds:g} s, "
            f"{len(scene.small)} small studies in store",
            "memory_idle": idle,
            "memory_after": _memory(running),
        }
    _show(results, facts, alone=len(running) == 1)
    if plan.json is not None:
        whole = {**facts, "rows": [result.as_json() for result in results]}
        plan.json.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    return 0 if all(result.reached for result in results) else 1


def _measure(row: Row, plan: Plan, scene: Scene, running: Sequence[Server]) -> Result:
    """Return the figures of `row`, the servers taking turns."""

    def make(server: Server, seed: str) -> Workload:
        return row.make(scene, server.address, seed)

    connections = plan.connections(row)
    sides = take_turns(
        running,
        make,
        name=row.name,
        connections=connections,
        seconds=plan.seconds,
        rounds=plan.rounds,
    )
    return Result(row, connections, sides[0] if len(sides) > 1 else Side(), sides[-1])


def _in_order(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.writes)


def _starters(ours: str) -> list[tuple[str, Starter]]:
    second = servers.portal if ours == PORTAL else servers.orthanc
    name = PORTAL if ours == PORTAL else f"{ORTHANC} again"
    if servers.orthanc_program() is None:
        print(_ALONE, flush=True)
        return [(name, second)]
    return [(ORTHANC, servers.orthanc), (name, second)]


def _opponent(versions: dict[str, dict[str, str]]) -> str:
    return machine.opponent(versions[ORTHANC]) if ORTHANC in versions else _ALONE


def _memory(running: Sequence[Server]) -> dict[str, dict[str, int]]:
    return {server.name: asdict(server.memory()) for server in running}


def _show(results: Sequence[Result], facts: dict[str, object], *, alone: bool) -> None:
    print("\n" + table(results) + "\n", flush=True)
    for name, fact in facts.items():
        print(
            f"{name}: {fact if isinstance(fact, str) else json.dumps(fact)}", flush=True
        )
    if alone:
        print(_ALONE, flush=True)


def _plan(arguments: Sequence[str] | None) -> Plan:
    given = _parser().parse_args(arguments)
    defaults = {"seconds": 5.0, "rounds": 3, "studies": 250}
    for name, value in (_QUICK if given.quick else defaults).items():
        if getattr(given, name) is None:
            setattr(given, name, value)
    rows = tuple(row for row in ROWS if re.search(given.rows, row.name, re.IGNORECASE))
    if not rows:
        _parser().error(f"no row matches {given.rows!r}")
    settings = {name: getattr(given, name) for name in _OPTIONS}
    return Plan(rows=rows, **settings)


_OPTIONS: Final = ("seconds", "rounds", "studies", "readers", "ours", "data", "json")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    add = parser.add_argument
    add("--rows", default="", help="regular expression of the rows' names")
    add("--seconds", type=float, help="length of a turn (5)")
    add("--rounds", type=int, help="turns of each server at each row (3)")
    add("--studies", type=int, help="small studies of 40 in store (250)")
    add("--readers", type=int, help="connections of the reading rows")
    add("--json", type=Path, help="file for all figures")
    add("--data", type=Path, help="where the temporary data folders are made")
    add("--quick", action="store_true", help="a minute to see that all rows work")
    add("--ours", choices=(PORTAL, "orthanc"), default=PORTAL,
        help="orthanc: Orthanc against itself, which shows the noise")  # fmt: skip
    return parser


if __name__ == "__main__":
    servers.stop_when_ended()
    sys.exit(main())
