"""How PostgreSQL answers the questions of `bench.cohorts`: the plans, as they ran.

In a process beside the portal that ``PORTAL_DATA`` names. Prints text: of each question
its plan with times and buffers, after one run that warms up.
"""

import sys
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import bench.django_setup  # noqa: F401 what follows needs it
from bench.cohorts import NOW, QUESTIONS
from cohorts.criteria import parse_criteria
from cohorts.execution import asking
from cohorts.execution.running import executed, in_time
from cohorts.execution.statement import Sql
from cohorts.execution.steps import counting
from core import access

PARTITION: Final = "default"
_ACTOR: Final = access.system("bench")


def main() -> int:
    """Print the plans."""
    for name, where in QUESTIONS.items():
        sys.stdout.write(f"## {name}\n\n")
        sys.stdout.writelines(f"{line}\n" for line in _plan(where))
        sys.stdout.write("\n")
    return 0


def _plan(where: Any) -> Iterator[str]:
    asked = asking.prepare(
        actor=_ACTOR,
        partition=PARTITION,
        criteria=parse_criteria({"v": 1, "find": "patients", "where": where}),
        now=date.fromisoformat(NOW),
    )
    statement = counting(asked)
    explained = Sql(
        f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {statement.text}", statement.values
    )
    with in_time():
        executed(statement)
        yield from (line for (line,) in executed(explained))


if __name__ == "__main__":
    sys.exit(main())
