"""What `bench.worklist` measures with, in a process beside a portal; prints JSON."""

import argparse
import datetime as dt
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final
from uuid import uuid4

from django.db import connection

import bench.django_setup  # noqa: F401 what follows needs it
from bench.fill import ACTOR, STUDIES_A_COMMIT, Press, settle
from bench.population import Population
from bench.stats import percentile
from core.database import raw_connection
from core.errors import PortalError
from core.models import Partition
from core.partitions import get_or_create_partition
from imaging.commit import Item, commit
from imaging.receive import Received
from worklist.change_state import change_state
from worklist.create import New, create_many
from worklist.making.configuring import configure_rule, run_rule
from worklist.making.paths import Related
from worklist.making.plan import Said, Subject, plan_of
from worklist.models import Workitem, WorkitemRule
from worklist.query import parse
from worklist.rules import State
from worklist.search import search
from worklist.uids import new_uid

_TURNS: Final = 60  # of each question
_BATCH: Final = 500
_WAIT_S: Final = 300.0
SMALL: Final = "few"
LARGE: Final = "many"
QUESTIONS: Final = {
    "all that is scheduled": "ProcedureStepState=SCHEDULED",
    "of a worklist": "WorklistLabel=List 7&ProcedureStepState=SCHEDULED",
    "of a patient": "PatientID=P17",
    "of high priority": "ScheduledProcedureStepPriority=HIGH",
    "of a station": "ScheduledStationNameCodeSequence.CodeValue=WS3&limit=20",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.worklist_inside")
    for name in ("studies", "small", "large", "claims"):
        parser.add_argument(name, type=int)
    given = parser.parse_args(arguments)
    told = {
        "run": _run(given.studies),
        "imports": _imports(given.studies),
        "pages": _pages({SMALL: given.small, LARGE: given.large}),
        "claims": _claims(given.claims),
    }
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


def _import(partition: str, number: int) -> float:
    """Store studies of one instance each; return how many seconds it took."""
    press, key = Press(), get_or_create_partition(actor=ACTOR, name=partition)
    studies = Population(number).studies()
    begun = time.perf_counter()
    while some := list(islice(studies, STUDIES_A_COMMIT)):
        commit(
            [
                Item(ACTOR, key, _of(partition, each), replace=False)
                for study in some
                for each in press.instances(replace(study, number_of_instances=1))
            ]
        )
    return time.perf_counter() - begun


def _of(partition: str, received: Received) -> Received:
    """Return an instance with a blob of its own in each partition."""
    return replace(received, blob_key=f"{partition}/{received.blob_key}")


def _rule(partition: str, *, is_enabled: bool) -> WorkitemRule:
    key = get_or_create_partition(actor=ACTOR, name=partition)
    rule = WorkitemRule(partition=Partition.objects.get(pk=key), name="Read")
    values = {
        "source": "Study",
        "worklist_label": "Bench",
        "due": "arrival + 4 h",
        "is_enabled": is_enabled,
    }
    return configure_rule(actor=ACTOR, rule=rule, values=values)


def _run(number: int) -> dict[str, float]:
    """Have a rule look at studies that are there, in this process alone."""
    _import("run", number)
    rule = _rule("run", is_enabled=False)
    settle()  # what follows an import takes the other core
    begun, cpu = time.perf_counter(), time.process_time()
    done = run_rule(actor=ACTOR, rule=rule, tell=lambda *_: None)
    assert done.made == number, done
    return {
        "number": done.made,
        "seconds": time.perf_counter() - begun,
        "cpu_s": time.process_time() - cpu,
    }


def _imports(number: int) -> dict[str, float]:
    """Import with a rule, which the portal's workers apply, and without one."""
    without = _import("without", number)
    settle()
    rule = _rule("with", is_enabled=True)
    begun = time.perf_counter()
    _import("with", number)
    imported = time.perf_counter() - begun
    held = Workitem.objects.filter(partition_id=rule.partition_id)
    while held.count() < number:
        if time.perf_counter() - begun > _WAIT_S:
            message = f"{held.count()} of {number} workitems after {_WAIT_S:.0f} s"
            raise RuntimeError(message)
        time.sleep(0.1)
    made = time.perf_counter() - begun
    return {"with": made, "without": without, "behind": made - imported}


def _pages(sizes: dict[str, int]) -> dict[str, tuple[float, float]]:
    """Ask for pages of both partitions in turns; return the medians in ms."""
    for name, number in sizes.items():
        _fill(name, number)
    raw_connection().execute("VACUUM (ANALYZE)")
    found = {}
    for name, query in QUESTIONS.items():
        taken: dict[str, list[float]] = {each: [] for each in sizes}
        for turn in range(_TURNS + 2):
            for each, times in taken.items():
                begun = time.perf_counter()
                search(actor=ACTOR, partition=each, query=parse(query.encode()))
                if turn > 1:
                    times.append((time.perf_counter() - begun) * 1e3)
        found[name] = (percentile(taken[SMALL], 50), percentile(taken[LARGE], 50))
    return found


def _fill(partition: str, number: int) -> None:
    held = Workitem.objects.filter(partition__name=partition).count()
    models = _models(held, number)
    while some := list(islice(models, _BATCH)):
        create_many(actor=ACTOR, partition=partition, workitems=some)


def _models(first: int, last: int) -> Iterator[New]:
    """Yield workitems as a rule makes them: of fifty worklists and stations."""
    template = {
        "WorklistLabel": {"Value": ["{StudyID}"]},
        "ScheduledProcedureStepPriority": {"Value": ["{SeriesDescription}"]},
        "ScheduledStationNameCodeSequence": {
            "Value": [
                {
                    "CodeValue": {"Value": ["{StationName}"]},
                    "CodingSchemeDesignator": {"Value": ["99BENCH"]},
                    "CodeMeaning": {"Value": ["{StationName}"]},
                }
            ]
        },
    }
    plan = plan_of(Said(uuid4(), "Read", "Study", template))
    at = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
    for number in range(first, last):
        values = {
            "0020000D": ("UI", f"1.2.{number}"),
            "00100020": ("LO", f"P{number}"),
            "00200010": ("SH", f"List {number % 50}"),
            "00081010": ("SH", f"WS{number % 47}"),
            "0008103E": ("LO", ("HIGH", "MEDIUM", "LOW")[number % 3]),
        }
        item = {tag: {"vr": vr, "Value": [each]} for tag, (vr, each) in values.items()}
        moment = at + dt.timedelta(seconds=number)
        filled = plan.fill(Subject(f"1.2.{number}", item, moment), Related())
        yield New(filled.creation.dataset, filled.creation.uid)


def _claims(number: int) -> dict[str, float]:
    """Have two claim the same workitems at the same moments."""
    rows = Workitem.objects.filter(partition__name=LARGE, state="SCHEDULED")
    uids = list(rows.order_by("id").values_list("sop_instance_uid", flat=True)[:number])
    won: list[str] = []
    start = threading.Barrier(2)

    def claim() -> None:
        for uid in uids:
            start.wait()
            if _is_won(uid):
                won.append(uid)
        connection.close()

    begun = time.perf_counter()
    _together(claim)
    ms = (time.perf_counter() - begun) * 1e3 / max(len(uids), 1)
    assert len(won) == len(set(won)), "one was had by two"
    return {"number": len(won), "ms": ms}


def _is_won(uid: str) -> bool:
    try:
        change_state(
            actor=ACTOR,
            partition=LARGE,
            uid=uid,
            state=State.IN_PROGRESS,
            transaction_uid=new_uid(),
        )
    except PortalError:
        return False
    return True


def _together(do: Callable[[], Any]) -> None:
    threads = [threading.Thread(target=do) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


if __name__ == "__main__":
    sys.exit(main())
