"""The searches of `bench.audit`, inside of a process beside the portal they are about.

Prints, as JSON, the CPU time of a search in each row: recorded, and not, in ms.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle
from typing import Final
from unittest.mock import patch

import bench.django_setup  # noqa: F401 what follows needs it
from bench.inside import ask
from bench.population import WHOLE, Population
from bench.processes import cpu_seconds
from bench.questions import Question, questions
from core import audit
from core.access import system

ACTOR: Final = system("bench")


class Side:
    """Searches that are recorded, or not, and what they have cost."""

    def __init__(self, *, is_recorded: bool) -> None:
        self._is_recorded = is_recorded
        self.taken_s = 0.0
        self.searches = 0

    def ask(
        self, asked: Sequence[Question], seconds: float, pid: int, mark: str
    ) -> None:
        """Ask for a while; the time ends when the rows of it are written."""
        begun = cpu_seconds(pid, mark) + time.process_time()
        with _recording() if self._is_recorded else _silence():
            until = time.perf_counter() + seconds
            for question in cycle(asked):
                ask(question, actor=ACTOR, partition=WHOLE)
                self.searches += 1
                if time.perf_counter() >= until:
                    break
        self.taken_s += cpu_seconds(pid, mark) + time.process_time() - begun

    def cost_ms(self) -> float:
        """Return the CPU time of a search."""
        return self.taken_s / self.searches * 1000


@contextmanager
def _recording() -> Iterator[None]:
    """Record as in the server: by a thread, which has written all at the end."""
    audit.start_collecting()
    try:
        yield
    finally:
        audit.stop_collecting()


@contextmanager
def _silence() -> Iterator[None]:
    with patch.object(audit, "record_soon", lambda _event: None):
        yield


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the costs as JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.audit_inside", description=__doc__
    )
    add = parser.add_argument
    add("--studies", type=int, required=True, help="that the portal holds")
    add("--pid", type=int, required=True, help="of the portal")
    add("--mark", required=True, help="of all its processes")
    add("--seconds", type=float, required=True, help="length of a turn")
    add("--rounds", type=int, required=True, help="turns of each side")
    given = parser.parse_args(arguments)
    rows = {}
    for name, asked in questions(Population(given.studies)).items():
        sides = Side(is_recorded=True), Side(is_recorded=False)
        for question in asked:  # prove and warm
            ask(question, actor=ACTOR, partition=WHOLE)
        for _ in range(given.rounds):
            for side in sides:
                side.ask(asked, given.seconds, given.pid, given.mark)
        rows[name] = [side.cost_ms() for side in sides]
    print(json.dumps(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
