"""The rows of `bench.growth`: each function measures some and returns their figures."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from bench import answers, requests, servers
from bench.client import Connection
from bench.figure import Figure
from bench.load import Exchange, Workload
from bench.population import METADATA_PARTITION, SERIES_SIZES, Population
from bench.questions import Question, Who, page_size, questions
from bench.report import Side
from bench.servers import Server
from bench.stats import ratio
from bench.template import Kind
from bench.turns import take_turns

READERS: Final = 4
TURNS: Final = 8  # a turn inside of a process is so many times shorter, and as often
MOST: Final = 1.5  # times the cost of a small archive
LEAST: Final = 0.9  # of the rate of an empty one
LONGEST_METADATA_MS: Final = 50.0  # of the largest series
STORED_PARTITION: Final = "stored"  # what is stored here is removed again
_STORES: Final = (("STOW small c1 m1", 1, 1), ("STOW small c4 m10", 4, 10))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two running portals, what they hold, and how long to measure them."""

    folders: tuple[Path, Path]
    small: Server
    large: Server
    populations: tuple[Population, Population]
    seconds: float
    rounds: int

    @property
    def sides(self) -> tuple[Server, Server]:
        """Return both portals, the small one first."""
        return self.small, self.large


def searches_over_http(pair: Pair, who: Who, base: str) -> Iterator[Figure]:
    """Yield the cost of the searches below `base`, as an administrator."""
    sides = [_at(server, base) for server in pair.sides]
    page = page_size(pair.populations[0], who)
    asked = {
        server.name: questions(population, page=page)
        for server, population in zip(sides, pair.populations, strict=True)
    }
    for row in asked[sides[0].name]:

        def make(server: Server, _seed: str, row: str = row) -> Workload:
            return searches_of(server, asked[server.name][row])

        name = f"{row}, {who}, HTTP"
        small, large = take_turns(
            sides,
            make,
            name=name,
            connections=READERS,
            seconds=pair.seconds,
            rounds=pair.rounds,
        )
        yield _grown(name, small, large)


def searches_inside(pair: Pair, *asking: Who) -> Iterator[Figure]:
    """Yield the cost of searches inside of a process, of all who ask in turns.

    Where there are several, also what each pays in the large archive against the first.
    """
    print(f"QIDO, {' and '.join(asking)}, in process ...", flush=True)
    rows = _measured_inside(pair, asking)
    for number, who in enumerate(asking):
        for row, costs in rows.items():
            sides = costs if isinstance(costs, str) else costs[2 * number :][:2]
            yield _inside(f"{row}, {who}, in process", sides)
    for number, who in enumerate(asking[1:], start=1):
        for row, costs in rows.items():
            large = costs
            if not isinstance(costs, str):
                large = [costs[1], costs[2 * number + 1]]
            yield _inside(f"{row}, {who} against administrator, in process", large)


def _measured_inside(pair: Pair, asking: Sequence[Who]) -> dict[str, Any]:
    """Return the costs of each row: small and large of the first, and so on."""
    folders = [str(servers.portal_data(folder)) for folder in pair.folders]
    sizes = [str(each.number_of_studies) for each in pair.populations]
    command = [
        *(sys.executable, "-m", "bench.inside", *folders),
        *("--studies", *sizes, "--who", *(who.value for who in asking)),
        *("--partitions", str(pair.populations[0].number_of_partitions)),
        *("--seconds", str(pair.seconds / TURNS), "--rounds", str(pair.rounds * TURNS)),
    ]
    done = subprocess.run(
        command,
        cwd=servers.REPOSITORY,
        env=servers.beside(pair.folders[0]),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    rows: dict[str, Any] = json.loads(done.stdout)
    return rows


def stores(empty: Server, pair: Pair) -> Iterator[Figure]:
    """Yield the rate of stores into the large portal against an empty one."""
    sides = [_at(each, f"/dicomweb/partitions/{STORED_PARTITION}")
             for each in (empty, pair.large)]  # fmt: skip
    remove_stored(sides[1])
    for row, connections, per_request in _STORES:

        def make(server: Server, seed: str, per_request: int = per_request) -> Workload:
            return requests.store_workload(
                server.address,
                Kind.SMALL,
                per_request=per_request,
                in_megabytes=False,
                seed=seed,
            )

        before, after = take_turns(
            sides,
            make,
            name=row,
            connections=connections,
            seconds=pair.seconds,
            rounds=pair.rounds,
        )
        details = _known(
            {
                "empty obj/s": before.rate,
                "large obj/s": after.rate,
                "CPU ms small": before.cpu_ms_per_request,
                "CPU ms large": after.cpu_ms_per_request,
            }
        )
        value = ratio(after.rate, before.rate)
        failure = before.failure or after.failure
        yield Figure(row, "x", value, LEAST, at_most=False, details=details,
                     failure=failure)  # fmt: skip
    remove_stored(sides[1])


def series_metadata(pair: Pair) -> Iterator[Figure]:
    """Yield how the metadata of a series costs more with its instances."""
    base = f"/dicomweb/partitions/{METADATA_PARTITION}"
    whole = pair.populations[1]
    studies = {str(one.number_of_instances): one for one in whole.metadata_studies()}
    sides = [replace(_at(pair.large, base), name=size) for size in studies]

    def make(server: Server, _seed: str) -> Workload:
        study = studies[server.name]
        path = (
            f"/studies/{study.study_instance_uid}"
            f"/series/{study.series_instance_uid}/metadata"
        )
        check = answers.lists(
            answers.INSTANCE_UID,
            study.instance_uids(),
            attributes=requests.FEWEST_ATTRIBUTES,
        )
        asked = requests.search(server.address, path, check)
        return Workload(lambda _connection: cycle([asked]))

    found = take_turns(
        sides,
        make,
        name="series metadata",
        connections=1,
        seconds=pair.seconds,
        rounds=pair.rounds,
    )
    yield from _linear(dict(zip(SERIES_SIZES, found, strict=True)))


def remove_stored(server: Server) -> None:
    """Delete all that the storing rows have stored, now or in a run that was ended."""
    address = server.address
    with Connection(address) as connection:

        def uids() -> list[str]:
            head = address.request("GET", "/studies?limit=1000", {"Accept": "*/*"})
            answer = connection.exchange([head])
            if answer.status != 200:
                return []
            items = json.loads(answer.body)
            return [item[answers.STUDY_UID]["Value"][0] for item in items]

        while found := uids():
            for uid in found:
                connection.exchange([address.request("DELETE", f"/studies/{uid}", {})])


def _at(server: Server, base: str) -> Server:
    return replace(server, address=replace(server.address, base=base))


def searches_of(server: Server, asked: Sequence[Question]) -> Workload:
    """Return the load that asks everything in turns, and checks the answers."""
    made: list[Exchange] = [
        requests.search(server.address, each.path, each.check) for each in asked
    ]
    return Workload(lambda connection: cycle(made[connection:] + made[:connection]))


def _grown(name: str, small: Side, large: Side) -> Figure:
    rates = small.rate, large.rate
    details = {
        "small ms": 1000 / rates[0] if rates[0] else None,
        "large ms": 1000 / rates[1] if rates[1] else None,
        "CPU ms small": small.cpu_ms_per_request,
        "CPU ms large": large.cpu_ms_per_request,
    }
    failure = small.failure or large.failure
    value = ratio(*rates)
    return Figure(name, "x", value, MOST, details=_known(details), failure=failure)


def _inside(name: str, costs: Any) -> Figure:
    if isinstance(costs, str):
        return Figure(name, "x", None, MOST, failure=costs)
    small, large = costs
    details = {
        "small ms": small["p50_ms"],
        "large ms": large["p50_ms"],
        "statements": large["statements"],
    }
    return Figure(name, "x", ratio(large["p50_ms"], small["p50_ms"]), MOST,
                  details=details)  # fmt: skip


def _linear(found: dict[int, Side]) -> Iterator[Figure]:
    (least, first), *others = found.items()
    base = first.p50_ms
    for size, side in others:
        details = _known({"small ms": base, "large ms": side.p50_ms})
        each = side.p50_ms / size if side.p50_ms is not None else None
        value = ratio(each, base / least if base is not None else None)
        failure = first.failure or side.failure
        name = f"series metadata, an instance of {size} against one of {least}"
        yield Figure(name, "x", value, MOST, details=details, failure=failure)
    size, side = others[-1]
    name = f"series metadata, {size} instances"
    yield Figure(name, "ms", side.p50_ms, LONGEST_METADATA_MS, failure=side.failure)


def _known(details: dict[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in details.items() if value is not None}
