"""What `bench.fhir` measures, in a process that imports beside a portal.

Prints JSON: how many resources, the seconds and the CPU time that it took, and how long
the followers needed afterwards.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.utils import timezone

import bench.django_setup  # noqa: F401 what follows needs it
from bench.processes import cpu_seconds_of
from core import access, changefeed
from core.database import raw_connection
from core.models import FollowerCursor, Operation, OperationState
from fhirlink.bulk import importing

ACTOR: Final = access.system("bench")
PATIENCE_S: Final = 3 * 3600.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.fhir_inside")
    parser.add_argument("files", type=Path)
    given = parser.parse_args(arguments)
    result, spent = import_files(given.files)
    told: dict[str, Any] = {
        "resources": sum(number for name, number in result.items()),
        "result": result,
        "wall": spent.wall,
        "cpu": spent.own + spent.database,
        "database cpu": spent.database,
        "followed": followed(),
        "patient": _patient(),
    }
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


@dataclass
class Spent:
    """Seconds of an import, over all processes that have worked at it."""

    wall: float = 0.0
    own: float = 0.0
    database: float = 0.0


def import_files(files: Path) -> tuple[dict[str, int], Spent]:
    """Do the steps of an import here, where no worker takes it up.

    How far it has come is kept beside the folder: who begins again goes on from there.
    """
    kept = files.with_name(f"{files.name}.json")
    known = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    spent = Spent(**known.get("spent", {}))
    operation = Operation.objects.create(
        kind=importing.KIND,
        state=OperationState.RUNNING,
        lease_until=timezone.now() + timedelta(days=1),
        actor=ACTOR.name,
        parameters={"folders": [str(files)], "partition": "default"},
        progress=known.get("progress", {}),
    )
    while True:
        with _counted(spent):
            progress = importing.step(operation)
        operation.progress = dict(progress.cursor)
        sys.stderr.write(f"{progress.percent} %\n")
        if progress.errors:
            sys.stderr.write(f"refused: {progress.errors[:3]}\n")
        if progress.result is not None:
            Operation.objects.filter(pk=operation.pk).update(
                state=OperationState.SUCCEEDED, lease_until=None
            )
            return {str(name): int(n) for name, n in progress.result.items()}, spent
        state = {"progress": operation.progress, "spent": asdict(spent)}
        kept.write_text(json.dumps(state), encoding="utf-8")


@contextmanager
def _counted(spent: Spent) -> Iterator[None]:
    """Add what is inside; the connection may be another one each time."""
    begun, own = time.perf_counter(), time.process_time()
    ((backend,),) = raw_connection().execute("SELECT pg_backend_pid()")
    database = cpu_seconds_of(backend)
    yield
    spent.wall += time.perf_counter() - begun
    spent.own += time.process_time() - own
    spent.database += max(0.0, cpu_seconds_of(backend) - database)


def followed() -> float:
    """Return how long it takes the followers of the running portal to catch up."""
    begun = time.perf_counter()
    head = changefeed.head()
    while FollowerCursor.objects.filter(seq__lt=head).exists():
        if time.perf_counter() - begun > PATIENCE_S:
            break
        time.sleep(0.5)
    return time.perf_counter() - begun


def _patient() -> str:
    """Return the id of the patient about whom most is observed, of some."""
    ((found,),) = raw_connection().execute(
        "SELECT fhir_id FROM fhirlink_resource WHERE type = 'Patient'"
        " ORDER BY id LIMIT 1"
    )
    return str(found)


if __name__ == "__main__":
    sys.exit(main())
