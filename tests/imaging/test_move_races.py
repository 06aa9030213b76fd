"""Moves that meet stores, deletes, changes of projects and each other."""

import random
import secrets
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial

import pytest
from django.db import connection, transaction

from core.errors import NotFound, PortalError
from core.models import FeedEntry
from core.partitions import create_partition
from imaging.commit import Item, commit
from imaging.delete import delete_instances
from imaging.models import FreedBlob, Instance, PatientVariant, Project, Series, Study
from imaging.move import move_study
from imaging.project_contents import (
    PatientIdentity,
    add_patients,
    add_studies,
    remove_studies,
)
from imaging.projects import create_project
from tests.access.cast import snapshot
from tests.imaging.races import LONG_S, await_waiting, feed_held, in_thread
from tests.imaging.stores import ADMIN, DURABLE, received

pytestmark = pytest.mark.usefixtures("committing")
STEPS = 25


@pytest.fixture
def keys() -> dict[str, int]:
    """Return the keys of two partitions."""
    names = (f"race-{secrets.token_hex(4)}" for _ in range(2))
    return {name: create_partition(actor=ADMIN, name=name).pk for name in names}


def store(
    *places: tuple[int, str], sop: str, durable: "Future[None]" = DURABLE
) -> None:
    """Store an instance into each of the studies, in one transaction."""
    items = [Item(ADMIN, key, received(uid, "2", sop), False) for key, uid in places]
    commit(items, [durable])


def move(source: str, to: str, uid: str = "1") -> int:
    return move_study(
        actor=ADMIN, partition=source, study_instance_uid=uid, to=to, reason="race"
    )


def wait_until_locked(key: int, uid: str = "1") -> None:
    """Wait until somebody has locked the row of a study."""
    for _ in range(LONG_S * 100):
        with transaction.atomic():
            free = Study.objects.select_for_update(skip_locked=True)
            if not free.filter(partition=key, study_instance_uid=uid).exists():
                return
        threading.Event().wait(0.01)
    raise AssertionError


def held(key: int, uid: str = "1") -> set[str]:
    """Return the instances of a study."""
    rows = Instance.objects.filter(study__partition=key, study__study_instance_uid=uid)
    return set(rows.values_list("sop_instance_uid", flat=True))


@pytest.mark.parametrize("there", [0, 1])
def test_a_move_takes_along_what_was_being_stored(
    keys: dict[str, int], there: int
) -> None:
    names = list(keys)
    source, to = names[1 - there], names[there]
    store((keys[source], "1"), sop="3")
    durable: Future[None] = Future()
    with ThreadPoolExecutor(2) as threads:
        storing = threads.submit(
            in_thread, partial(store, (keys[source], "1"), sop="4", durable=durable)
        )
        wait_until_locked(keys[source])
        moving = threads.submit(in_thread, partial(move, source, to))
        with pytest.raises(TimeoutError):
            moving.result(0.3)
        durable.set_result(None)
        storing.result(LONG_S)
        moving.result(LONG_S)
    assert (held(keys[source]), held(keys[to])) == (set(), {"3", "4"})
    assert Study.objects.get().number_of_instances == 2


@pytest.mark.parametrize("there", [0, 1])
def test_a_store_that_comes_while_it_moves_begins_a_study_here_and_goes_on_there(
    keys: dict[str, int], there: int
) -> None:
    names = list(keys)
    source, to = names[1 - there], names[there]
    store((keys[source], "1"), sop="3")
    with ThreadPoolExecutor(3) as threads:
        with feed_held():
            moving = threads.submit(in_thread, partial(move, source, to))
            await_waiting()
            both = [(keys[source], "1"), (keys[to], "1")]
            storing = threads.submit(in_thread, partial(store, *both, sop="4"))
            with pytest.raises(TimeoutError):
                storing.result(0.3)
        moving.result(LONG_S)
        storing.result(LONG_S)
    assert (held(keys[source]), held(keys[to])) == ({"4"}, {"3", "4"})
    numbers = Study.objects.order_by("partition_id").values_list("number_of_instances")
    assert sorted(numbers) == [(1,), (2,)]


def test_what_a_delete_finds_gone_is_not_deleted_there(keys: dict[str, int]) -> None:
    source, to = keys
    store((keys[source], "1"), sop="3")
    delete = partial(
        delete_instances, actor=ADMIN, partition=source, study_instance_uid="1"
    )
    with ThreadPoolExecutor(2) as threads:
        with feed_held():
            moving = threads.submit(in_thread, partial(move, source, to))
            await_waiting()
            deleting = threads.submit(in_thread, delete)
            with pytest.raises(TimeoutError):
                deleting.result(0.3)
        moving.result(LONG_S)
        with pytest.raises(NotFound):
            deleting.result(LONG_S)
    assert held(keys[to]) == {"3"}
    assert not FreedBlob.objects.exists()


def test_a_move_that_is_cut_off_has_not_begun(keys: dict[str, int]) -> None:
    """Its connection is ended when all but the feed is written."""
    source, to = keys
    store((keys[source], "1"), sop="3")
    project = create_project(actor=ADMIN, partition=source, name="p")
    add_studies(actor=ADMIN, project_id=project.pk, uids=["1"])
    before = snapshot()
    with ThreadPoolExecutor(1) as threads, feed_held():
        moving = threads.submit(in_thread, partial(move, source, to))
        cursor = connection.cursor()
        cursor.execute("SELECT pg_terminate_backend(%s)", await_waiting())
        with pytest.raises(Exception, match="terminat"):
            moving.result(LONG_S)
    assert snapshot() == before
    assert move(source, to) == 1


def test_moves_in_opposite_directions_wait_for_projects_in_one_order(
    keys: dict[str, int],
) -> None:
    """Both studies are in projects, which a change of one project holds up."""
    lower, upper = keys
    for uid, name in (("1", lower), ("2", upper), ("9", lower)):
        store((keys[name], uid), sop="3")
    held_up = create_project(actor=ADMIN, partition=lower, name="q")
    for uid, name in (("1", lower), ("2", upper)):
        project = create_project(actor=ADMIN, partition=name, name="p")
        add_studies(actor=ADMIN, project_id=project.pk, uids=[uid])
    with ThreadPoolExecutor(2) as threads:
        with transaction.atomic():
            add_studies(actor=ADMIN, project_id=held_up.pk, uids=["9"])
            up = threads.submit(in_thread, partial(move, lower, upper, "1"))
            await_waiting(1)
            down = threads.submit(in_thread, partial(move, upper, lower, "2"))
            await_waiting(2)
        up.result(LONG_S)
        down.result(LONG_S)
    assert (held(keys[upper], "1"), held(keys[lower], "2")) == ({"3"}, {"3"})


class Rush:
    """Those who store into, move, delete and collect two studies, all at once."""

    def __init__(self, keys: dict[str, int]) -> None:
        self.keys = keys
        self.uids = [f"1.{secrets.randbits(40)}" for _ in range(2)]
        self.done: Counter[str] = Counter()
        self.projects = [self._project(name) for name in keys]

    def _project(self, partition: str) -> Project:
        """Make a project that shows all there is, so that scopes follow all along."""
        key = self.keys[partition]
        store((key, "9"), sop="9")
        made = create_project(actor=ADMIN, partition=partition, name="all")
        patients = [PatientIdentity("P1")]
        add_patients(actor=ADMIN, project_id=made.pk, patients=patients)
        return made

    def store(self, dice: random.Random, sop: str) -> None:
        places = [(key, uid) for key in self.keys.values() for uid in self.uids]
        store(*dice.sample(places, dice.randint(1, 4)), sop=sop)

    def move(self, dice: random.Random, _sop: str) -> None:
        """Move a study; where both partitions hold one of its UID, delete one."""
        (source, to), uid = dice.sample(list(self.keys), 2), dice.choice(self.uids)
        try:
            move(source, to, uid)
        except NotFound:
            return
        except PortalError:
            with suppress(NotFound):
                delete_instances(actor=ADMIN, partition=to, study_instance_uid=uid)
            return
        self.done["moves"] += 1

    def collect(self, dice: random.Random, _sop: str) -> None:
        project, uids = dice.choice(self.projects), dice.sample(self.uids, 2)
        change = dice.choice([add_studies, remove_studies])
        with suppress(NotFound):
            change(actor=ADMIN, project_id=project.pk, uids=uids)


def test_moves_in_opposite_directions_among_others_never_wait_in_a_circle(
    keys: dict[str, int],
) -> None:
    rush = Rush(keys)
    failures: list[BaseException] = []

    def work(number: int, step: Callable[[random.Random, str], None]) -> None:
        dice = random.Random(number)
        try:
            for count in range(STEPS):
                step(dice, f"{number + 1}.{count + 1}")
        except BaseException as error:  # noqa: BLE001 shown by the test
            failures.append(error)
        finally:
            connection.close()

    steps = [rush.store, rush.store, rush.move, rush.move, rush.move, rush.collect]
    threads = [
        threading.Thread(target=work, args=(number, step))
        for number, step in enumerate(steps)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert rush.done["moves"] > 0
    check(rush)


def check(rush: Rush) -> None:
    """Nothing is lost, doubled or told wrongly: rows against the feed."""
    folded: dict[tuple[object, ...], int | None] = {}
    entries = FeedEntry.objects.filter(kind="instance").order_by("seq")
    for partition, op, key, version in entries.values_list(
        "partition_id", "op", "key", "version"
    ):
        place = (partition, *key)
        assert (place in folded) == (op == "delete")
        if op == "delete":
            del folded[place]
        else:
            folded[place] = version
    rows = Instance.objects.values_list(
        "study__partition_id",
        "series__study__study_instance_uid",
        "series__series_instance_uid",
        "sop_instance_uid",
        "version_id",
    )
    assert [(tuple(row[:4]), row[4]) for row in sorted(rows)] == sorted(folded.items())
    for study in Study.objects.all():
        number = study.number_of_instances
        assert Instance.objects.filter(study=study).count() == number
        for model in (Series, PatientVariant):
            told = model._base_manager.filter(study=study)
            assert sum(told.values_list("number_of_instances", flat=True)) == number
        assert study.linked_patient is not None
        assert study.linked_patient.partition_id == study.partition_id
    check_scopes()


def check_scopes() -> None:
    """Each project shows what is in its partition, no more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.partition_id, seen.study_id FROM core_scopedstudy seen"
            " JOIN core_scope s ON s.id = seen.scope_id AND s.kind = 'project'"
            " JOIN imaging_project p ON p.id = s.object_id"
            " WHERE seen.study_id IS NOT NULL"
        )
        seen = set(cursor.fetchall())
    assert seen == set(Study.objects.values_list("partition_id", "pk"))
