"""``python -m bench.worklist``: workitems by a rule, found among many, and claimed.

A portal with two partitions, of which one has many times as many open workitems as
the other: both are asked the same, in turns. Studies are imported as any import does.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench import servers
from bench.figure import Figure, tell

RATE: Final = 1_000.0
"""Workitems that a rule makes in a second."""
GROWTH: Final = 1.5
"""Of a page among many workitems to one among few."""
KEEPS_UP: Final = 2.0
"""An import until all workitems are there, to the import without a rule."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; return 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.worklist")
    parser.add_argument("--studies", type=int, default=5_000, help="of an import")
    parser.add_argument("--small", type=int, default=1_000, help="open workitems")
    parser.add_argument("--large", type=int, default=100_000)
    parser.add_argument("--claims", type=int, default=1_000)
    parser.add_argument("--json", type=Path)
    plan = parser.parse_args(arguments)
    with ExitStack() as stack:
        temporary = TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True)
        folder = Path(stack.enter_context(temporary))
        folder.chmod(0o755)  # started by root, PostgreSQL has another uid
        stack.enter_context(servers.portal(folder))
        told = _inside(folder, plan)
    figures = list(figures_of(told, plan.claims))
    said = f"{plan.studies:,} studies; {plan.small:,} and {plan.large:,} open"
    return tell(figures, said, plan.json)


def figures_of(told: dict[str, Any], claims: int) -> Iterator[Figure]:
    """Yield the figures of what was measured."""
    made = told["run"]
    yield Figure(
        "a rule makes workitems of what is there",
        "/s",
        made["number"] / made["seconds"],
        RATE,
        at_most=False,
        details={"ms of CPU each": made["cpu_s"] / made["number"] * 1e3},
    )
    imports = told["imports"]
    yield Figure(
        "an import until all workitems are there, to one without a rule",
        "x",
        imports["with"] / imports["without"],
        KEEPS_UP,
        details={
            "with s": imports["with"],
            "without s": imports["without"],
            "behind s": imports["behind"],
        },
    )
    for name, (small, large) in told["pages"].items():
        details = {"small ms": small, "large ms": large}
        yield Figure(f"page: {name}", "x", large / small, GROWTH, details=details)
    won = told["claims"]
    details = {"ms each": won["ms"]}
    yield Figure(
        "two who claim at once: each workitem is had by one",
        "of all",
        won["number"] / claims,
        1.0,
        at_most=False,
        details=details,
    )


def _inside(folder: Path, plan: argparse.Namespace) -> dict[str, Any]:
    numbers = [plan.studies, plan.small, plan.large, plan.claims]
    done = subprocess.run(
        [sys.executable, "-m", "bench.worklist_inside", *map(str, numbers)],
        cwd=servers.REPOSITORY,
        env=servers.beside(folder),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


if __name__ == "__main__":
    sys.exit(main())
