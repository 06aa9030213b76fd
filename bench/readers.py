"""``python -m bench.readers``: what readers of the change feed cost who stores.

The portal alone, taking turns: without readers, then with so many, each of whom
follows the feed by events with a cursor of its own (A B B A). Every reader must have
seen every entry once and in order, or there is no figure.
"""

import argparse
import http.client
import multiprocessing
import re
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from statistics import median
from typing import Final

from bench import requests, servers
from bench.client import Address, WrongAnswer
from bench.load import Measurement, measure
from bench.servers import Server
from bench.template import Kind

TARGET: Final = 0.95  # of the rate without readers
READERS: Final = 10
CAUGHT_UP_S: Final = 60.0
_LOADS: Final = {
    "STOW small c1 m1": (Kind.SMALL, 1, 1),
    "STOW small c4 m10": (Kind.SMALL, 4, 10),
    "STOW ct c4 m10": (Kind.CT, 4, 10),
}


@dataclass(slots=True)
class _Reader:
    """One who follows the feed, and what was wrong with what came."""

    after: int
    problems: list[str] = field(default_factory=list)
    began: threading.Event = field(default_factory=threading.Event)

    def follow(self, address: Address, *, metadata: bool) -> None:
        """Take events until the connection is closed."""
        connection = http.client.HTTPConnection(address.host, address.port)
        query = f"after={self.after}&includeMetadata={str(metadata).lower()}"
        headers = {"Accept": "text/event-stream"}
        if address.token:
            headers["Authorization"] = f"Bearer {address.token}"
        connection.request("GET", f"{address.base}/changefeed?{query}", headers=headers)
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            self.problems.append(f"the feed answered {answer.status}")
            return
        rest = b""
        self.began.set()
        while piece := answer.read1(1 << 16):
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                if line.startswith(b"id: "):
                    self._take(int(line[4:]))

    def _take(self, seq: int) -> None:
        if seq != self.after + 1:
            self.problems.append(f"after {self.after} came {seq}")
        self.after = seq


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all loads; return 1 where readers cost more than they may."""
    given = _parser().parse_args(arguments)
    seconds = given.seconds or (0.5 if given.quick else 5.0)
    rounds = given.rounds or (1 if given.quick else 5)
    reached = True
    with servers.started([(servers.PORTAL, servers.portal)], given.data) as running:
        (server,) = running
        for name in filter(re.compile(given.rows, re.IGNORECASE).search, _LOADS):
            shares = [
                _round(server, name, f"{name} {number}", seconds, given)
                for number in range(rounds)
            ]
            share = median(shares)
            reached &= share >= TARGET
            print(f"{name}: {share:.1%} of the rate without readers", flush=True)
    return 0 if reached or given.quick else 1


def _round(
    server: Server, name: str, seed: str, seconds: float, given: argparse.Namespace
) -> float:
    """Return the rate with readers over that without, of one A B B A."""
    rates: dict[int, float] = {0: 0.0, given.readers: 0.0}
    for turn, number in enumerate((0, given.readers, given.readers, 0)):
        with _following(server.address, number, metadata=given.metadata):
            measured = _store(server, name, f"{seed} turn {turn}", seconds)
        rates[number] += measured.rate
        print(
            f"{name}, {number} readers: {measured.rate:.0f} obj/s, "
            f"{measured.cpu_ms_per_request:.2f} ms CPU a request",
            flush=True,
        )
    return rates[given.readers] / rates[0]


def _store(server: Server, name: str, seed: str, seconds: float) -> Measurement:
    kind, connections, per_request = _LOADS[name]
    workload = requests.store_workload(
        server.address, kind, per_request=per_request, in_megabytes=False, seed=seed
    )
    return measure(server, workload, connections=connections, seconds=seconds)


@contextmanager
def _following(address: Address, number: int, *, metadata: bool) -> Iterator[None]:
    """Have readers follow the feed from its head, and see at the end that all did.

    Raises
    ------
    WrongAnswer
        A reader has lost or repeated an entry, or did not come to the feed's end.
    """
    if not number:
        yield
        return
    ours, theirs = multiprocessing.Pipe()
    # A process of their own: they must not take turns with who stores.
    process = multiprocessing.get_context("spawn").Process(
        target=_read,
        args=(theirs, address, number, _head(address)),
        kwargs={"metadata": metadata},
    )
    process.start()
    try:
        ours.recv()
        yield
        ours.send(_head(address))
        problems: list[str] = ours.recv()
    finally:
        process.terminate()
        process.join()
    if problems:
        raise WrongAnswer("; ".join(problems[:5]))


def _read(
    pipe: Pipe, address: Address, number: int, after: int, *, metadata: bool
) -> None:
    """Be all readers; told the last number, wait until each has it."""
    readers = [_Reader(after) for _ in range(number)]
    for reader in readers:
        threading.Thread(
            target=reader.follow,
            args=(address,),
            kwargs={"metadata": metadata},
            daemon=True,
        ).start()
    for reader in readers:
        reader.began.wait(CAUGHT_UP_S)
    pipe.send("ready")
    last: int = pipe.recv()
    waiting = threading.Event()
    for _ in range(int(CAUGHT_UP_S * 20)):
        if all(reader.after >= last or reader.problems for reader in readers):
            break
        waiting.wait(0.05)
    problems = [text for reader in readers for text in reader.problems]
    problems += [f"stayed at {one.after}" for one in readers if one.after < last]
    pipe.send(problems)


def _head(address: Address) -> int:
    connection = http.client.HTTPConnection(address.host, address.port)
    headers = {"Authorization": f"Bearer {address.token}"}
    path = f"{address.base}/changefeed/latest?includeMetadata=false"
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status == http.client.NO_CONTENT:
        return 0
    return int(body.partition(b'"sequence":')[2].partition(b",")[0])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.readers", description=__doc__
    )
    add = parser.add_argument
    add("--rows", default="", help="regular expression of the loads' names")
    add("--readers", type=int, default=READERS, help=f"how many ({READERS})")
    add("--metadata", action="store_true", help="have them take metadata, too")
    add("--seconds", type=float, help="length of a turn (5)")
    add("--rounds", type=int, help="how often A B B A (5)")
    add("--data", type=Path, help="where the temporary data folder is made")
    add("--quick", action="store_true", help="only to see that it works")
    return parser


if __name__ == "__main__":
    sys.exit(main())
