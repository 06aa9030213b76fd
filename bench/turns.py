"""Sides that take turns: A B A B, so that a machine's moods hit all alike."""

from collections.abc import Callable, Sequence

from bench import servers
from bench.client import WrongAnswer
from bench.load import Workload, measure, probe
from bench.report import Side
from bench.servers import Server

Make = Callable[[Server, str], Workload]
"""From a side's server and a seed that is new in each turn."""


def take_turns(
    sides: Sequence[Server],
    make: Make,
    *,
    name: str,
    connections: int,
    seconds: float,
    rounds: int,
) -> list[Side]:
    """Return the figures of each side; without figures where an answer was wrong."""
    print(f"{name} ...", flush=True)
    found = [Side() for _ in sides]
    for turn in range(rounds + 1):  # turn 0 only proves and warms
        for server, side in zip(sides, found, strict=True):
            if side.failure is not None:
                continue
            servers.settle(sides)
            try:
                workload = make(server, f"{name} turn {turn}")
                if turn == 0:
                    probe(server.address, workload)
                else:
                    measured = measure(
                        server, workload, connections=connections, seconds=seconds
                    )
                    side.turns.append(measured)
            except (WrongAnswer, OSError, ValueError, LookupError) as error:
                side.failure = f"{type(error).__name__}: {error}"
                side.turns.clear()
    return found
