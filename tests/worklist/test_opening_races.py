"""What worklists lead to, where all that changes it happens at once."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Final

import pytest
from django.db import transaction

from core.errors import PortalError
from core.models import Partition, Scope, ScopedStudy
from core.partitions import create_partition
from imaging.delete import delete_instances
from imaging.models import Study
from imaging.move import move_study
from tests.imaging.races import LONG_S, await_waiting, feed_held, in_thread
from tests.imaging.stores import ADMIN, received, store
from tests.synthetic import new_uid
from tests.worklist.opening import CHIEF, naming, opened
from tests.worklist.steps import Model, step
from tests.worklist.test_access import of_worklist, somebody
from worklist.create import create_workitem
from worklist.models import NamedStudy, Opens, Workitem
from worklist.update import update_workitem

pytestmark = pytest.mark.usefixtures("committing")

STUDIES: Final = [f"1.{number}" for number in range(1, 7)]
LISTS: Final = ["A", "B", "C"]


def hold(uid: str, patient: str = "P1") -> None:
    store(received(uid, f"{uid}.1", new_uid(), patient_id=patient))


def create(*studies: str, label: str = "A") -> str:
    model = step(label=label, study=studies[0])
    model["00404021"] = naming(*studies)
    return create_workitem(actor=CHIEF, partition="default", model=model)


def delete(uid: str) -> None:
    delete_instances(actor=ADMIN, partition="default", study_instance_uid=uid)


def wanted() -> set[tuple[int, str, int]]:
    """Return from scratch what worklists are to lead to."""
    partition = Partition.objects.get(name="default").pk
    studies = {
        each.study_instance_uid: each.pk
        for each in Study.objects.filter(partition=partition)
    }
    return {
        (scope.pk, uid, studies[uid])
        for scope in Scope.objects.filter(kind="worklist", partition=partition)
        for workitem in Workitem.objects.filter(worklist=scope.object_id)
        for uid in NamedStudy.objects.filter(
            workitem=workitem, opens=Opens.ANY
        ).values_list("study_instance_uid", flat=True)
        if uid in studies
    }


def held() -> set[tuple[int, str, int]]:
    rows = ScopedStudy.objects.filter(scope__kind="worklist")
    return {
        (each.scope_id, each.study_instance_uid, each.study_id or 0) for each in rows
    }


class Worker:
    """Somebody who writes workitems of their own, and studies that all have."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.uids: list[str] = []

    def __call__(self) -> None:
        for _ in range(40):
            with suppress(PortalError):
                self.draw.choice(self._steps())()

    def _steps(self) -> list[Callable[[], object]]:
        one, *more = some = self.draw.sample(STUDIES, 2)
        label = self.draw.choice(LISTS)
        of_studies: list[Callable[[], object]] = [
            lambda: hold(one, self.draw.choice(["P1", "P2"])),
            lambda: delete(one),
            lambda: move(one),
            lambda: of_worklist(label),
        ]
        creating = [lambda: self.uids.append(create(*some, label=label))] * 3
        if not self.uids:
            return [*of_studies, *creating]
        uid = self.draw.choice(self.uids)
        named = {"00404021": naming(*more)}
        on_list = {"00741202": {"vr": "LO", "Value": [label]}}
        return [
            *of_studies,
            *creating,
            lambda: update(uid, named),
            lambda: update(uid, on_list),
            lambda: self._end(uid),
        ]

    def _end(self, uid: str) -> None:
        Workitem.objects.get(sop_instance_uid=uid).delete()
        self.uids.remove(uid)


def update(uid: str, model: Model) -> None:
    update_workitem(actor=CHIEF, partition="default", uid=uid, model=model)


def move(uid: str) -> None:
    move_study(
        actor=ADMIN, partition="default", study_instance_uid=uid, to="other", reason="x"
    )


@pytest.mark.parametrize("seed", range(3))
def test_whatever_meets_whatever_the_table_is_what_a_rebuild_makes(seed: int) -> None:
    create_partition(actor=ADMIN, name="other")
    hold(STUDIES[0])
    of_worklist("A")
    with ThreadPoolExecutor(6) as pool:
        workers = [Worker(seed * 100 + number) for number in range(6)]
        done = [pool.submit(in_thread, each) for each in workers]
    for each in done:
        each.result()
    assert {each for each in held() if each[2]} == wanted()
    assert wanted()
    # What is not held any more has a row while a workitem of the list names it.
    for scope, uid, key in held():
        named = NamedStudy.objects.filter(study_instance_uid=uid)
        of_list = named.filter(worklist_id=Scope.objects.get(pk=scope).object_id)
        assert key or of_list.exists()


def test_a_study_and_the_workitem_that_names_it_come_at_once() -> None:
    actor = somebody("Radiologist", of_worklist("A"))
    with ThreadPoolExecutor(2) as pool:
        with feed_held():
            first = pool.submit(in_thread, lambda: hold("1.1"))
            await_waiting(1)
            second = pool.submit(in_thread, lambda: create("1.1"))
            await_waiting(2)
        for each in (first, second):
            each.result(LONG_S)
    assert opened(actor) == {"1.1"}


def test_a_study_goes_while_a_workitem_names_it() -> None:
    hold("1.1")
    actor = somebody("Radiologist", of_worklist("A"))
    with ThreadPoolExecutor(2) as pool:
        with feed_held():
            first = pool.submit(in_thread, lambda: create("1.1"))
            await_waiting(1)
            second = pool.submit(in_thread, lambda: delete("1.1"))
            await_waiting(2)
        for each in (first, second):
            each.result(LONG_S)
    assert opened(actor) == set()
    assert held() == {(of_worklist("A").pk, "1.1", 0)}


def test_two_who_name_it_last_both_go() -> None:
    hold("1.1")
    actor = somebody("Radiologist", of_worklist("A"))
    uids = [create("1.1"), create("1.1")]
    barrier = threading.Barrier(2)

    def end(uid: str) -> None:
        workitem = Workitem.objects.get(sop_instance_uid=uid)
        with transaction.atomic():
            barrier.wait(LONG_S)
            workitem.delete()
            threading.Event().wait(0.1)

    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(in_thread, partial(end, uid)) for uid in uids]
    for each in done:
        each.result()
    assert opened(actor) == set()
    assert held() == set()


def test_a_list_is_granted_while_its_first_workitem_is_written() -> None:
    hold("1.1")
    create("1.2")
    with ThreadPoolExecutor(2) as pool:
        with feed_held():
            first = pool.submit(in_thread, lambda: create("1.1"))
            await_waiting(1)
            second = pool.submit(in_thread, lambda: of_worklist("A"))
            await_waiting(2)
        for each in (first, second):
            each.result(LONG_S)
    assert opened(somebody("Radiologist", of_worklist("A"))) == {"1.1"}
