"""``python -m bench.lake``: what it costs to write the lake, and to delete from it.

The follower takes over what a portal holds, its small files are merged, and then one
instance after another is deleted: each rewrites the file that it is in. Sizes are
arguments, as nothing else decides what a rewrite takes.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import machine, servers
from bench.filled import filled
from bench.population import Population
from bench.report import in_columns, number
from bench.stats import median_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    plan = _plan(arguments)
    with ExitStack() as stack:
        folder = plan.data or stack.enter_context(_temporary())
        population = Population(plan.studies)
        portal = (folder / f"lake-{plan.studies}").absolute()
        stack.enter_context(filled(portal, population, "lake"))
        lake = stack.enter_context(_temporary(portal))
        figures = _measured(portal, lake, plan)
    print("\n" + in_columns(list(_lines(figures))) + "\n")
    facts = {
        "date": machine.now(),
        "machine": machine.machine(),
        "commit": machine.commit(),
        "plan": f"{population.number_of_instances:,} instances, {plan.deletes} deletes",
    }
    for name, fact in facts.items():
        print(f"{name}: {fact}")
    if plan.json is not None:
        text = json.dumps({**facts, **figures}, indent=1) + "\n"
        plan.json.write_text(text, encoding="utf-8")
    return 0


def _measured(portal: Path, lake: Path, plan: argparse.Namespace) -> dict[str, Any]:
    command = [
        *(sys.executable, "-m", "bench.lake_inside"),
        *("--studies", str(plan.studies), "--deletes", str(plan.deletes)),
    ]
    done = subprocess.run(
        command,
        cwd=servers.REPOSITORY,
        env={**servers.beside(portal), "PORTAL_LAKE": str(lake)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _lines(figures: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the table: seconds and memory of each kind of work."""
    instances = figures["tables"]["instances"]
    yield "", "s", "MB more", "rows/s"
    appended, merged = figures["appended"], figures["merged"]
    rate = number(instances["rows"] / appended["s"])
    yield "all taken over", number(appended["s"]), number(appended["MB"]), rate
    yield "files merged", number(merged["s"]), number(merged["MB"]), ""
    seconds, megabytes = ([each[k] for each in figures["deleted"]] for k in ("s", "MB"))
    deleted = number(median_of(seconds)), number(max(megabytes))
    yield "an instance deleted (median s, most MB)", *deleted, ""
    size = instances["MB"] / instances["files"]
    yield f"file of instances: {size:.1f} MB, rows", "", "", f"{instances['rows']:,}"


@contextmanager
def _temporary(inside: Path | None = None) -> Iterator[Path]:
    with TemporaryDirectory(
        prefix="bench-", dir=inside, ignore_cleanup_errors=True
    ) as made:
        Path(made).chmod(0o755)  # started by root, PostgreSQL has another uid
        yield Path(made)


def _plan(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.lake", description=__doc__)
    add = parser.add_argument
    add("--studies", type=int, default=1000, help="of 40 instances, that are held")
    add("--deletes", type=int, default=5, help="of one instance each")
    add("--json", type=Path, help="file for all figures")
    add("--data", type=Path, help="folder of the filled portal, which stays there")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    servers.stop_when_ended()
    sys.exit(main())
