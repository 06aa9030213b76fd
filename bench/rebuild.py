"""``python -m bench.rebuild``: searches and stores while the search index is made anew.

Fills a portal with index rows, makes its index in an Elasticsearch, and makes it anew
while four connections search and one stores studies and looks for each at once. Every
answer is checked against what the population says; who answered, index or database, the
portal's own counters tell. With ``--hang PID`` Elasticsearch, which is that process, is
stopped for a while under the same load afterwards, and how long the index needs to
catch up is measured.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench import answers, requests, servers
from bench.client import Address, Connection, WrongAnswer
from bench.corpus import Corpus
from bench.filled import filled
from bench.population import Population
from bench.questions import DATE, EVERYTHING, NAME, questions
from bench.servers import REPOSITORY, Server
from bench.template import Kind

STUDIES: Final = 5000  # 200,000 instances
READERS: Final = 4
STORED: Final = "stored"  # the partition of what is stored meanwhile
BEFORE_S: Final = 2.0  # that the load goes on before anything happens
PATIENCE_S: Final = 300.0
CAUGHT_UP: Final = 20  # entries, while stores go on
_LAG: Final = re.compile(r"^follower\t.*\tlag (\d+) ", re.MULTILINE)
_COUNTER: Final = re.compile(
    r'^portal_index_searches_total\{outcome="([^"]+)"\} (\S+)', re.MULTILINE
)
_ANY_NAME: Final = "PatientName=*&limit=1&includefield=00100020"

Work = Callable[[Connection], Iterator[None]]


@dataclass(slots=True)
class Load:
    """What asks and stores meanwhile.

    Attributes
    ----------
    number
        How many answers there were, by the name of what was asked.
    wrong
        What was wrong with answers; right ones leave nothing here.
    """

    server: Server
    population: Population
    number: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    is_ending: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Ask and store until the block ends."""
        works = [*([self._search] * READERS), self._store]
        threads = [
            threading.Thread(target=self._until_the_end, args=[work]) for work in works
        ]
        for each in threads:
            each.start()
        try:
            yield
        finally:
            self.is_ending.set()
            for each in threads:
                each.join()

    def _until_the_end(self, work: Work) -> None:
        with Connection(self.server.address) as connection:
            for _ in work(connection):
                if self.is_ending.is_set():
                    return

    def _search(self, connection: Connection) -> Iterator[None]:
        address = replace(self.server.address, base="/dicomweb")
        found = questions(self.population)
        rows = {name: found[name] for name in (DATE, NAME, EVERYTHING)}
        asked = [(name, each) for name, some in rows.items() for each in some]
        for name, each in cycle(asked):
            exchange = requests.search(address, each.path, each.check)
            self._ask(connection, name, exchange.segments, exchange.check)
            yield

    def _store(self, connection: Connection) -> Iterator[None]:
        address = replace(self.server.address, base=f"/dicomweb/partitions/{STORED}")
        corpus = Corpus(f"rebuild {time.time()}")
        for study in corpus.studies(Kind.SMALL, instances_per_series=1):
            exchange = requests.store(address, study.instances, units=1)
            self._ask(connection, "store", exchange.segments, exchange.check)
            # The newest comes first, and nothing in the search leads to one study.
            check = answers.lists(answers.STUDY_UID, [study.study_instance_uid])
            look = requests.search(address, f"/studies?{_ANY_NAME}", check)
            self._ask(connection, "found at once", look.segments, look.check)
            yield

    def _ask(
        self,
        connection: Connection,
        name: str,
        segments: Sequence[bytes],
        check: answers.Check,
    ) -> None:
        self.number[name] += 1
        try:
            check(connection.exchange(segments))
        except (WrongAnswer, OSError, ValueError, LookupError) as error:
            connection.close()
            self.wrong.append(f"{name}: {type(error).__name__}: {error}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the index anew under load; return 1 where an answer was wrong."""
    given = _parser().parse_args(arguments)
    population = Population(given.studies, 1)
    settings = {
        "ELASTICSEARCH_URL": given.elasticsearch,
        "ELASTICSEARCH_PREFIX": "bench",
    }
    with ExitStack() as stack:
        root = given.data
        if root is None:
            temporary = TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True)
            root = Path(stack.enter_context(temporary))
            root.chmod(0o755)  # started by root, PostgreSQL has another uid
        folder = root / "filled"
        server = stack.enter_context(filled(folder, population, "filled", settings))
        manage = Manage(folder, settings)
        print(f"the first index: {manage.timed('rebuild'):.1f} s", flush=True)
        print(f"compared with the rows: {manage.timed('verify'):.1f} s", flush=True)
        is_right = _under_load(server, population, "rebuild", manage)
        if given.hang:

            def hang() -> None:
                os.kill(given.hang, signal.SIGSTOP)
                time.sleep(given.seconds)
                os.kill(given.hang, signal.SIGCONT)

            is_right &= _under_load(server, population, hang, manage)
        manage.timed("verify")
    return 0 if is_right else 1


@dataclass(frozen=True, slots=True)
class Manage:
    """The command ``manage.py search`` beside a portal."""

    folder: Path
    settings: dict[str, str]

    def __call__(self, verb: str) -> str:
        """Return what it prints.

        Raises
        ------
        CalledProcessError
            It has failed, as it does where index and rows differ.
        """
        done = subprocess.run(
            [sys.executable, "manage.py", "search", verb],
            cwd=REPOSITORY,
            env={**servers.beside(self.folder), **self.settings},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout

    def timed(self, verb: str) -> float:
        """Return how many seconds it took."""
        begun = time.monotonic()
        self(verb)
        return time.monotonic() - begun


def _under_load(
    server: Server,
    population: Population,
    happening: str | Callable[[], None],
    manage: Manage,
) -> bool:
    """Have something happen under load; say, and return, whether all was right."""
    load = Load(server, population)
    before = _answered(server.address)
    begun = time.monotonic()
    with load.running():
        time.sleep(BEFORE_S)
        if isinstance(happening, str):
            print(
                f"{happening} under load: {manage.timed(happening):.1f} s", flush=True
            )
        else:
            happening()
            print(f"caught up: {_catch_up(manage):.1f} s later", flush=True)
    seconds = time.monotonic() - begun
    after = _answered(server.address)
    by = {name: int(number - before.get(name, 0)) for name, number in after.items()}
    print(f"asked in {seconds:.0f} s: {dict(load.number)}", flush=True)
    print(f"what came of asking the index: {by}", flush=True)
    print(f"wrong: {len(load.wrong)}", *load.wrong[:10], sep="\n  ", flush=True)
    return not load.wrong


def _catch_up(manage: Manage) -> float:
    """Return after how long the follower has come to the end of the feed."""
    begun = time.monotonic()
    while time.monotonic() - begun < PATIENCE_S:
        found = _LAG.search(manage("status"))
        if found is not None and int(found[1]) <= CAUGHT_UP:
            return time.monotonic() - begun
    message = "The index did not catch up."
    raise TimeoutError(message)


def _answered(address: Address) -> dict[str, float]:
    """Return what came of asking the index so far, as ``/metrics`` tells it."""
    with Connection(address) as connection:
        whole = replace(address, base="")
        answer = connection.exchange([whole.request("GET", "/metrics", {})])
        text = answer.body.decode()
    return {name: float(number) for name, number in _COUNTER.findall(text)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.rebuild", description=__doc__
    )
    add = parser.add_argument
    add(
        "elasticsearch", help="the address of an Elasticsearch, with nothing else to do"
    )
    add("--studies", type=int, default=STUDIES, help=f"of 40 instances ({STUDIES})")
    add("--data", type=Path, help="folder of the filled portal, which stays there")
    add("--hang", type=int, metavar="PID", help="the process of Elasticsearch, here")
    add("--seconds", type=float, default=20, help="how long it hangs (20)")
    return parser


if __name__ == "__main__":
    servers.stop_when_ended()
    sys.exit(main())
