"""``python -m bench.audit``: which part of a search's CPU time the audit log takes.

One portal that holds a population is asked inside of a process, in turns with its
searches recorded and not: A B A B. The CPU time is that of the process and of all
processes of the portal, PostgreSQL's among them, up to when the rows are written. What
recording adds is set against the CPU time of the same search over HTTP.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench import servers
from bench.figure import Figure, table
from bench.filled import filled
from bench.growth_rows import READERS, searches_of
from bench.load import Workload
from bench.population import Population
from bench.questions import questions
from bench.servers import Server
from bench.turns import take_turns

MOST: Final = 0.10  # of the CPU time of a search


def _figures(server: Server, folder: Path, plan: argparse.Namespace) -> list[Figure]:
    asked = questions(Population(plan.studies))
    inside = _measured(server, folder, plan)
    found = []
    for name, (recorded, unrecorded) in inside.items():

        def make(server: Server, _seed: str, row: str = name) -> Workload:
            return searches_of(server, asked[row])

        (side,) = take_turns(
            [server],
            make,
            name=name,
            connections=READERS,
            seconds=plan.seconds,
            rounds=plan.rounds,
        )
        whole = side.cpu_ms_per_request
        added = recorded - unrecorded
        details = {
            "ms CPU recorded": recorded,
            "unrecorded": unrecorded,
            "over HTTP": whole or 0.0,
        }
        value = added / whole if whole else None
        found.append(
            Figure(name, "x", value, MOST, details=details, failure=side.failure)
        )
    return found


def _measured(server: Server, folder: Path, plan: argparse.Namespace) -> dict[str, Any]:
    command = [
        *(sys.executable, "-m", "bench.audit_inside"),
        *("--studies", str(plan.studies), "--pid", str(server.pid)),
        *("--mark", server.mark, "--seconds", str(plan.seconds)),
        *("--rounds", str(plan.rounds)),
    ]
    done = subprocess.run(
        command,
        cwd=servers.REPOSITORY,
        env=servers.beside(folder),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    rows: dict[str, Any] = json.loads(done.stdout)
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.audit", description=__doc__)
    add = parser.add_argument
    add("--studies", type=int, default=250, help="that the portal holds")
    add("--seconds", type=float, default=2.0, help="length of a turn")
    add("--rounds", type=int, default=8, help="turns of each side")
    add("--quick", action="store_true", help="only shows that it works")
    add("--data", type=Path, help="where the portal is kept; filled once")
    add("--json", type=Path, metavar="FILE", help="write the figures there as well")
    plan = parser.parse_args(arguments)
    if plan.quick:
        plan.studies, plan.seconds, plan.rounds = 12, 0.3, 1
    with TemporaryDirectory(dir=plan.data) as temporary:
        folder = plan.data or Path(temporary)
        with filled(folder, Population(plan.studies), "audited") as server:
            found = _figures(server, folder, plan)
    print(table(found))
    if plan.json:
        text = json.dumps([one.as_json() for one in found], indent=1)
        plan.json.write_text(text, encoding="utf-8")
    return int(not all(one.reached for one in found))


if __name__ == "__main__":
    sys.exit(main())
