"""The follower that adds up what each partition holds."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import pytest
from django.db.models import Count, Sum

from core import changefeed, followers
from core.access import Verb, system
from core.errors import Forbidden
from core.models import DeadLetter
from core.partitions import delete_partition, get_or_create_partition
from imaging.delete import delete_instances
from imaging.models import Instance, InstanceVersion, Usage
from imaging.move import move_study
from imaging.usage import PartitionUsage, UsageFollower, list_usage
from tests.actors import READING, acting
from tests.core import house
from tests.imaging.stores import ADMIN, received, store

pytestmark = pytest.mark.django_db


def put(sop: str, size: int, partition: str = "default") -> None:
    one = replace(received("1", "2", sop), size_bytes=size)
    store(one, replace=True, partition=partition)


def delete(partition: str = "default", **uids: str) -> None:
    delete_instances(actor=ADMIN, partition=partition, study_instance_uid="1", **uids)


def move(partition: str, to: str) -> None:
    get_or_create_partition(actor=ADMIN, name=to)
    move_study(
        actor=ADMIN, partition=partition, study_instance_uid="1", to=to, reason="x"
    )


def days() -> list[tuple[Any, ...]]:
    """Return every row that the follower has made."""
    columns = (
        "partition__name", "day", "instances_stored", "instances_replaced",
        "instances_deleted", "bytes_stored", "bytes_freed",
        "instances_held", "bytes_held",
    )  # fmt: skip
    return list(Usage.objects.order_by("partition__name", "day").values_list(*columns))


def held() -> list[PartitionUsage]:
    """Return what the tables themselves say."""
    rows = (
        Instance.objects.values_list("study__partition__name")
        .annotate(number=Count("pk"), size=Sum("version__size_bytes"))
        .order_by("study__partition_id")
    )
    return [PartitionUsage(*row) for row in rows]


def test_stores_replacements_and_deletes_are_added_up() -> None:
    put("3", 100)
    put("4", 10)
    put("3", 70)
    delete(sop_instance_uid="4", series_instance_uid="2")
    followers.run_until_caught_up(UsageFollower())
    (row,) = days()
    assert (row[0], row[2:]) == ("default", (2, 1, 1, 180, 110, 1, 70))
    assert list_usage(actor=ADMIN) == held() == [PartitionUsage("default", 1, 70)]


def test_what_is_stored_again_after_a_delete_counts_anew() -> None:
    put("3", 100)
    delete()
    put("3", 5)
    followers.run_until_caught_up(UsageFollower())
    assert days()[0][2:] == (2, 0, 1, 105, 100, 1, 5)
    delete()
    followers.run_until_caught_up(UsageFollower())
    assert list_usage(actor=ADMIN) == [PartitionUsage("default", 0, 0)]


def test_a_move_counts_in_both_partitions() -> None:
    put("3", 100)
    put("4", 10)
    put("3", 70)
    move("default", "site-1")
    followers.run_until_caught_up(UsageFollower())
    assert [row[0:1] + row[2:] for row in days()] == [
        ("default", 2, 1, 2, 180, 180, 0, 0),
        ("site-1", 2, 0, 0, 80, 0, 2, 80),
    ]
    assert list_usage(actor=ADMIN)[1:] == held() == [PartitionUsage("site-1", 2, 80)]
    move("site-1", "default")
    followers.run_until_caught_up(UsageFollower())
    assert list_usage(actor=ADMIN)[:1] == held() == [PartitionUsage("default", 2, 80)]


def test_each_day_has_a_row_of_its_own() -> None:
    put("3", 100)
    put("4", 10)
    first, second = changefeed.read(actor=ADMIN, after=0, limit=2)
    evening = datetime(2026, 1, 31, 23, 59, tzinfo=UTC)
    night = datetime(2026, 2, 1, 1, tzinfo=UTC).astimezone()
    UsageFollower().apply([replace(second, at=night)])
    UsageFollower().apply([replace(first, at=evening)])  # a dead letter, replayed
    assert [(row[1], row[5], *row[-2:]) for row in days()] == [
        (date(2026, 1, 31), 100, 1, 100),
        (date(2026, 2, 1), 10, 2, 110),
    ]


def test_other_entries_do_not_count() -> None:
    changefeed.append(
        [changefeed.Change("thing", "create", ("1", "2", "3"), None)], actor=ADMIN
    )
    followers.run_until_caught_up(UsageFollower())
    assert days() == []


def test_a_version_that_is_gone_parks_its_entry_and_no_other() -> None:
    put("3", 100)
    put("4", 10)
    put("3", 70)
    Instance.objects.all().delete()
    InstanceVersion.objects.filter(size_bytes=100).delete()
    followers.run_until_caught_up(UsageFollower())
    assert list(DeadLetter.objects.values_list("follower", "seq")) == [
        ("usage", 1),
        ("usage", 3),
    ]
    assert days()[0][2:] == (1, 0, 0, 10, 0, 1, 10)


def test_who_may_see_it() -> None:
    put("3", 100)
    put("3", 10, partition="site-1")
    followers.run_until_caught_up(UsageFollower())
    key = get_or_create_partition(actor=ADMIN, name="site-1")
    bound = acting(1, "bound", frozenset({Verb.MANAGE}), frozenset({key}))
    assert list_usage(actor=bound) == [PartitionUsage("site-1", 1, 10)]
    assert [one.size_bytes for one in list_usage(actor=system("test"))] == [100, 10]
    with pytest.raises(Forbidden):
        list_usage(actor=acting(1, "reader", READING))


def test_the_end_of_a_partition_is_not_that_of_its_usage() -> None:
    """It stays in the table, and leaves the metrics: another may get the name."""
    put("3", 10, partition="site-1")
    delete("site-1")
    followers.run_until_caught_up(UsageFollower())
    assert [one.partition_name for one in list_usage(actor=ADMIN)] == ["site-1"]
    delete_partition(actor=ADMIN, name="site-1")
    assert list_usage(actor=ADMIN) == []
    before = days()
    followers.rebuild(UsageFollower())
    assert days() == before != []


def writes(dice: random.Random) -> list[Callable[[], None]]:
    """Return stores, replacements, deletes and moves in two partitions."""
    made: list[Callable[[], None]] = []
    alive: dict[str, set[str]] = {"default": set(), "site-1": set()}
    for size in range(1, 31):
        partition, other = dice.sample(sorted(alive), 2)
        sop = dice.choice("3456")
        if alive[partition] and not alive[other] and dice.random() < 0.4:
            made.append(partial(move, partition, other))
            alive[partition], alive[other] = alive[other], alive[partition]
            continue
        if sop in alive[partition] and dice.random() < 0.5:
            alive[partition].discard(sop)
            uids = {"series_instance_uid": "2", "sop_instance_uid": sop}
            made.append(partial(delete, partition, **uids))
        else:
            alive[partition].add(sop)
            made.append(partial(put, sop, size, partition))
    return made


@pytest.mark.parametrize("seed", range(4))
def test_house_incremental_equals_rebuilt_and_what_is_held(seed: int) -> None:
    # It adds up in the cursor's transaction, so that no entry reaches it twice.
    house.check(
        UsageFollower(),
        writes=writes(random.Random(seed)),
        snapshot=days,
        seed=seed,
        repeats=False,
    )
    assert [one for one in list_usage(actor=ADMIN) if one.number_of_instances] == held()
