"""Load on one server: some connections, each busy with a stream of exchanges."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from bench.answers import Check
from bench.client import Address, Connection
from bench.servers import Server, settle
from bench.stats import percentile

LEAST_REQUESTS: Final = 2  # of each connection, however long they take


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, the check of its answer, and what it counts for in the rate."""

    segments: Sequence[bytes]
    check: Check
    units: float = 1.0


@dataclass(frozen=True, slots=True)
class Workload:
    """A stream of exchanges for each connection, and what to ask when all is done."""

    stream: Callable[[int], Iterator[Exchange]]
    afterwards: Callable[[], Sequence[Exchange]] = tuple


@dataclass(slots=True)
class Tally:
    """What one connection did."""

    latencies_s: list[float] = field(default_factory=list)
    units: float = 0.0
    elapsed_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Measurement:
    """One turn of one server at one row."""

    rate: float
    requests: int
    p50_ms: float
    p95_ms: float
    cpu_ms_per_request: float
    elapsed_s: float


def run_load(
    address: Address, workload: Workload, *, connections: int, seconds: float
) -> list[Tally]:
    """Return what each of `connections` connections did in `seconds`.

    A request under way when time is up is waited for and counts. The preparation of a
    request and the check of an answer lie between requests, as with a client that
    does something with what it gets; latencies don't contain them, rates do.

    Raises
    ------
    WrongAnswer
        At the first answer that is not right.
    """
    together = threading.Barrier(connections)

    def work(number: int) -> Tally:
        with Connection(address) as connection:
            stream = workload.stream(number)
            together.wait()
            return _pump(connection, stream, seconds)

    with ThreadPoolExecutor(connections) as pool:
        tallies = list(pool.map(work, range(connections)))
    _exchange_all(address, workload.afterwards())
    return tallies


def probe(address: Address, workload: Workload, *, requests: int = 2) -> None:
    """Make a few exchanges, so that what is broken or cold shows before the clock."""
    _exchange_all(address, list(islice(workload.stream(0), requests)))


def measure(
    server: Server, workload: Workload, *, connections: int, seconds: float
) -> Measurement:
    """Return one turn's figures; work put off until after the answers counts too."""
    settle([server])
    cpu = server.cpu_seconds()
    tallies = run_load(
        server.address, workload, connections=connections, seconds=seconds
    )
    settle([server])
    cpu = server.cpu_seconds() - cpu
    latencies = [latency for tally in tallies for latency in tally.latencies_s]
    return Measurement(
        rate=sum(tally.units / tally.elapsed_s for tally in tallies),
        requests=len(latencies),
        p50_ms=percentile(latencies, 50) * 1000,
        p95_ms=percentile(latencies, 95) * 1000,
        cpu_ms_per_request=cpu * 1000 / len(latencies),
        elapsed_s=max(tally.elapsed_s for tally in tallies),
    )


def _pump(connection: Connection, stream: Iterator[Exchange], seconds: float) -> Tally:
    tally = Tally()
    start = time.perf_counter()
    for exchange in stream:
        sent = time.perf_counter()
        response = connection.exchange(exchange.segments)
        tally.latencies_s.append(time.perf_counter() - sent)
        exchange.check(response)
        tally.units += exchange.units
        tally.elapsed_s = time.perf_counter() - start
        if tally.elapsed_s >= seconds and len(tally.latencies_s) >= LEAST_REQUESTS:
            break
    return tally


def _exchange_all(address: Address, exchanges: Sequence[Exchange]) -> None:
    with Connection(address) as connection:
        for exchange in exchanges:
            exchange.check(connection.exchange(exchange.segments))
