"""What `bench.lake` measures, in a process that writes the lake beside a portal.

Prints JSON: how fast entries of the feed were taken over, how long it took to merge
files, what a delete took, and how much memory each of these.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final

import bench.django_setup  # noqa: F401 what follows needs it
from bench.growing import watched
from bench.population import WHOLE, Population
from core import access, followers
from core.models import FollowerCursor
from imaging.delete import delete_instances
from imaging.lake import LakeFollower, compact_lake, list_states
from imaging.models import LakeBuild, LakeTableState

ACTOR: Final = access.system("bench")


def begin() -> None:
    """Have the follower begin with the first entry, in a lake that is empty."""
    FollowerCursor.objects.filter(name=LakeFollower.name).delete()
    LakeBuild.objects.all().delete()
    LakeTableState.objects.all().delete()


def measured(work: Callable[[], object]) -> dict[str, float]:
    """Return seconds and growth of memory, in MB, of some work."""
    with watched([os.getpid()]) as growths:
        begun = time.perf_counter()
        work()
        seconds = time.perf_counter() - begun
    return {"s": seconds, "MB": growths[0].rss / 1e6}


def catch_up() -> None:
    """Have the follower take all entries there are."""
    while followers.advance(LakeFollower()):
        pass


def delete(population: Population, number: int) -> list[dict[str, float]]:
    """Delete an instance of each of some studies; return what the follower took."""
    taken = []
    for study in islice(population.studies(), number):
        delete_instances(
            actor=ACTOR,
            partition=WHOLE,
            study_instance_uid=study.study_instance_uid,
            series_instance_uid=study.series_instance_uid,
            sop_instance_uid=next(iter(study.instance_uids())),
        )
        taken.append(measured(catch_up))
    return taken


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.lake_inside", description=__doc__
    )
    parser.add_argument("--studies", type=int, required=True, help="that are held")
    parser.add_argument("--deletes", type=int, required=True)
    given = parser.parse_args(arguments)
    begin()
    appended = measured(catch_up)
    merged = measured(lambda: compact_lake(wait=True))
    tables = {
        one.name: {
            "rows": one.number_of_rows,
            "files": one.number_of_files,
            "MB": one.size_bytes / 1e6,
        }
        for one in list_states()
    }
    deleted = delete(Population(given.studies), given.deletes)
    figures = {
        "appended": appended,
        "merged": merged,
        "tables": tables,
        "deleted": deleted,
    }
    print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())
