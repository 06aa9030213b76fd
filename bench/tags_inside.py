"""The searches of `bench.tags`, inside of a process beside the portal they are about.

Told row by row, on the standard input, what to ask and for how long; says what each
search took. So one process for each archive and backend takes its turn, as they are
set up alike: by the environment.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

from django.conf import settings

import bench.django_setup  # noqa: F401 what follows needs it
from bench.client import Response, WrongAnswer
from bench.tag_archive import PARTITION, Archive
from bench.tag_questions import Question, questions
from core import access, audit
from core.database import raw_connection
from core.errors import PortalError
from imaging.models import Series
from imaging.query import Level, Target, parse, search
from imaging.query.backends import ANSWERS
from imaging.query.search import Found
from imaging.query_tags.known import known_tags

ACTOR = access.system("bench")


def ask(question: Question, cursor: str | None) -> Found:
    """Search, a page after a cursor."""
    text = question.query + (f"&cursor={cursor}" if cursor else "")
    query = parse(Target(Level.SERIES), text.encode(), tags=known_tags())
    partition = None if question.everywhere else PARTITION
    return search(actor=ACTOR, partition=partition, query=query, base_url="x")


def prove(question: Question) -> str | None:
    """Check the answer; return the cursor before the page that is measured.

    Raises
    ------
    WrongAnswer
        Something else was found.
    """
    cursor = None
    for _ in range(question.page - 1):
        cursor = ask(question, cursor).cursor
    found = ask(question, cursor)
    status = 200 if found.number_of_results else 204
    question.check(Response(status, "", bytearray(found.body)))
    return cursor


def pump(asked: Sequence[tuple[Question, str | None]], seconds: float) -> list[float]:
    """Ask for a while; return what each search took, in ms."""
    taken = []
    until = time.perf_counter() + seconds
    for question, cursor in cycle(asked):
        begun = time.perf_counter()
        ask(question, cursor)
        ended = time.perf_counter()
        taken.append((ended - begun) * 1000)
        if ended >= until:
            return taken
    return taken


def turn(asked: Sequence[Question], seconds: float) -> dict[str, object]:
    """Return what searches took in a turn, and how many the index has answered."""
    try:
        proved = [(question, prove(question)) for question in asked]
        before, cpu_ms = _by_index(), _cpu_ms()
        taken = pump(proved, seconds)
        return {
            "ms": taken,
            "cpu ms": _cpu_ms() - cpu_ms,
            "by index": _by_index() - before,
        }
    except (WrongAnswer, PortalError) as error:
        return {"failure": f"{type(error).__name__}: {error}"}


def _cpu_ms() -> float:
    """Return the CPU time of this process, and of those that answer it.

    Of PostgreSQL the process that serves its connection, no parallel workers;
    Elasticsearch as a whole, with whatever it does besides.
    """
    server = raw_connection().psycopg.info.backend_pid
    schedule = Path(f"/proc/{server}/schedstat").read_text(encoding="ascii")
    own = time.process_time() * 1e3 + int(schedule.split()[0]) / 1e6
    return own + _cpu_ms_of_index() if settings.ELASTICSEARCH_URLS else own


def _cpu_ms_of_index() -> float:
    from imaging.query.elastic.client import connection  # noqa: PLC0415 as below

    stats = connection().tell(lambda client: client.nodes.stats(metric="process").body)
    nodes = stats["nodes"].values()
    return sum(float(node["process"]["cpu"]["total_in_millis"]) for node in nodes)


def _by_index() -> float:
    samples = next(iter(ANSWERS.collect())).samples
    return sum(
        each.value
        for each in samples
        if each.name.endswith("_total") and each.labels["outcome"] == "answered"
    )


def _fill_index() -> None:
    """Have the index hold all series; what is full already stays as it is."""
    # Costs memory, which who does without it is not to pay.
    from imaging.query.elastic import indices  # noqa: PLC0415
    from imaging.query.elastic.client import connection  # noqa: PLC0415
    from imaging.query.elastic.rebuilding import rebuild  # noqa: PLC0415

    held = indices.count(connection(), indices.searched(Level.SERIES))
    if held != Series.objects.count():
        begun = time.monotonic()
        number = rebuild()
        said = f"  {number:,} studies indexed in {time.monotonic() - begun:.0f} s"
        print(said, file=sys.stderr, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer each line with one."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.tags_inside", description=__doc__
    )
    parser.add_argument("--series", type=int, required=True, help="of the archive")
    archive = Archive(parser.parse_args(arguments).series)
    if not archive.is_made():
        archive.make()
    if settings.ELASTICSEARCH_URLS:
        _fill_index()
    asked = questions(archive)
    audit.start_collecting()
    print(json.dumps(list(asked)), flush=True)
    for line in sys.stdin:
        row, seconds = json.loads(line)
        print(json.dumps(turn(asked[row], seconds)), flush=True)
    audit.stop_collecting()
    return 0


if __name__ == "__main__":
    sys.exit(main())
