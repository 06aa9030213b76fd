"""``python -m bench.inside``: what a search costs inside of a process, for any actor.

Asks the databases of two portals in turns: the small one that ``PORTAL_DATA`` names and
a large one, each as some actors. So it also measures those that no account can be yet,
such as one that may see some of the partitions. Prints JSON for `bench.growth`.
"""

import argparse
import json
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import psycopg
from django.db import connections, transaction
from django.db.utils import ConnectionHandler

import bench.django_setup  # noqa: F401 what follows needs it
from bench.client import Response, WrongAnswer
from bench.population import WHOLE, Population
from bench.questions import Question, Who, page_size, questions, visible
from bench.stats import percentile
from core import audit, partitions
from core.access import Actor, Verb
from core.database import raw_connection
from core.errors import PortalError
from core.models import Partition
from core.reach import Reach, ScopeKey
from imaging.query import Level, Target, parse, search
from portal.embedded.places import Places
from portal.settings import database

BASE_URL: Final = "http://127.0.0.1/dicomweb"
_LEVELS: Final = {
    "studies": Level.STUDY,
    "series": Level.SERIES,
    "instances": Level.INSTANCE,
}


@dataclass(slots=True)
class Side:
    """A database with a population in it, and what searches in it took."""

    use: Callable[[], None]
    actor: Actor
    partition: str | None
    questions: dict[str, list[Question]]
    taken_ms: list[float] = field(default_factory=list)
    statements: int = 0

    def ask(self, question: Question) -> None:
        """Search as the actor, and check the answer."""
        ask(question, actor=self.actor, partition=self.partition)

    def cost(self) -> dict[str, float]:
        """Return the figures of the searches so far, and forget them."""
        taken, self.taken_ms = self.taken_ms, []
        return {
            "p50_ms": percentile(taken, 50),
            "p95_ms": percentile(taken, 95),
            "statements": self.statements,
            "searches": len(taken),
        }


def ask(question: Question, *, actor: Actor, partition: str | None) -> None:
    """Search and check the answer.

    Parameters
    ----------
    partition
        Where; None for all that the actor may see.

    Raises
    ------
    WrongAnswer
        Something else was found.
    """
    target = Target(_LEVELS[question.level], question.study_instance_uid or None)
    query = parse(target, question.query.encode())
    asked: dict[str, Any] = {"actor": actor, "partition": partition, "query": query}
    found = search(**asked, base_url=BASE_URL)
    status = 200 if found.number_of_results else 204
    question.check(Response(status, "", bytearray(found.body)))


def compare(sides: Sequence[Side], *, seconds: float, rounds: int) -> dict[str, object]:
    """Return the cost of each row on all sides, or why there is none."""
    rows: dict[str, object] = {}
    for row in sides[0].questions:
        try:
            for side in sides:
                _prove(side, row)
            for _ in range(rounds):
                for side in sides:
                    _pump(side, row, seconds)
            rows[row] = [side.cost() for side in sides]
        except (WrongAnswer, PortalError, TypeError) as error:
            rows[row] = f"{type(error).__name__}: {error}"
            for side in sides:
                side.taken_ms.clear()
    return rows


def _prove(side: Side, row: str) -> None:
    """Ask everything once, and then count the statements of one question."""
    side.use()
    for question in side.questions[row]:
        side.ask(question)
    with _counted() as statements:
        side.ask(question)
    side.statements = len(statements)


def _pump(side: Side, row: str, seconds: float) -> None:
    side.use()
    asked = side.questions[row]
    for question in asked[:2]:  # finds the partition anew
        side.ask(question)
    until = time.perf_counter() + seconds
    for question in cycle(asked):
        begun = time.perf_counter()
        side.ask(question)
        ended = time.perf_counter()
        side.taken_ms.append((ended - begun) * 1000)
        if ended >= until:
            return


@contextmanager
def _counted() -> Iterator[list[object]]:
    """Give a list that grows with each statement of this thread."""
    seen: list[object] = []
    here = threading.get_ident()
    execute = psycopg.Cursor.execute

    def counting(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        if threading.get_ident() == here:
            seen.append(query)
        return execute(self, query, *args, **kwargs)

    with patch.object(psycopg.Cursor, "execute", counting):
        yield seen


def _side(data: Path, population: Population, who: Who, page: int) -> Side:
    given = {"default": database(Places(data).database_url)}
    connection = ConnectionHandler(given)["default"]

    def use() -> None:
        connections["default"] = connection
        partitions.forget()

    use()
    names = visible(population, who)
    reach = Reach(_keys(names))
    if who is Who.OF_PROJECTS:
        reach = Reach(frozenset(), _projects(reach.partitions or frozenset()))
    actor = Actor(None, "bench", dict.fromkeys(Verb, reach))
    where = WHOLE if who is Who.ADMINISTRATOR else None
    return Side(use, actor, where, questions(population, visible=names, page=page))


def _projects(partitions: Collection[int]) -> frozenset[ScopeKey]:
    """Return a project for each partition with all its studies, made at first.

    All partitions get one: a member's are found among those of others.
    """
    with transaction.atomic():
        connection = raw_connection()
        connection.execute(
            "INSERT INTO core_scope (kind, object_id, partition_id)"
            " SELECT 'project', id, id FROM core_partition ON CONFLICT DO NOTHING"
        )
        connection.execute(
            "INSERT INTO core_scopedstudy"
            " (scope_id, partition_id, study_instance_uid, study_id)"
            " SELECT scope.id, study.partition_id, study.study_instance_uid, study.id"
            " FROM imaging_study AS study JOIN core_scope AS scope"
            " ON scope.kind = 'project' AND scope.object_id = study.partition_id"
            " ON CONFLICT DO NOTHING"
        )
        rows = connection.execute("SELECT id, partition_id FROM core_scope").fetchall()
    raw_connection().execute("ANALYZE core_scopedstudy")
    return frozenset(ScopeKey(*row) for row in rows if row[1] in partitions)


def _keys(names: Collection[str] | None) -> frozenset[int] | None:
    if names is None:
        return None
    found = Partition.objects.filter(name__in=names).values_list("pk", flat=True)
    return frozenset(found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.inside", description=__doc__)
    add = parser.add_argument
    add("small", type=Path, help="data folder of the small portal")
    add("large", type=Path, help="data folder of the large portal")
    add("--studies", type=int, nargs=2, required=True, help="in each of them")
    add("--partitions", type=int, default=1, help="that they are spread over")
    add("--who", type=Who, nargs="+", default=[Who.ADMINISTRATOR])
    add("--seconds", type=float, default=0.25, help="length of a turn")
    add("--rounds", type=int, default=12, help="turns of each side")
    given = parser.parse_args(arguments)
    small, large = (Population(n, given.partitions) for n in given.studies)
    page = min(page_size(small, who) for who in given.who)
    # Reads are audited as in the server: by a thread, into the small database.
    audit.start_collecting()
    sides = [
        _side(data, population, who, page)
        for who in given.who
        for data, population in ((given.small, small), (given.large, large))
    ]
    rows = compare(sides, seconds=given.seconds, rounds=given.rounds)
    audit.stop_collecting()
    print(json.dumps(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
