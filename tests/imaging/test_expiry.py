"""Studies whose time is over go as if somebody had deleted them, and no others."""

import secrets
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from celery import current_app
from django.db import connection
from django.utils import timezone

from core.access import Verb
from core.errors import Forbidden
from core.models import AuditRecord, FeedEntry
from core.partitions import get_or_create_partition
from imaging import expiry, tasks
from imaging.commit import Item, commit
from imaging.delete import delete_expired_study, delete_instances
from imaging.expiry import delete_expired_studies
from imaging.models import FreedBlob, Study
from imaging.schedule import SCHEDULE
from imaging.store import store_instances
from tests.actors import acting
from tests.imaging.stores import ADMIN, again, received, store

OVER = timedelta(seconds=-1)
LATER = timedelta(hours=1)


def held() -> list[str]:
    uids = Study.objects.order_by("id").values_list("study_instance_uid", flat=True)
    return list(uids)


@pytest.mark.django_db
def test_only_studies_whose_time_is_over_go() -> None:
    store(received("1", "2", "3"), received("1", "2", "4"), expires_after=OVER)
    store(received("5", "6", "7"), expires_after=LATER)
    store(received("8", "9", "10"))

    assert delete_expired_studies(time_limit_s=10) == 1

    assert held() == ["5", "8"]
    assert FreedBlob.objects.filter(blob_key__startswith="1/").count() == 2
    entries = FeedEntry.objects.filter(op="delete").values_list("key", "actor")
    assert list(entries) == [
        (["1", "2", "3"], "system:expiry"),
        (["1", "2", "4"], "system:expiry"),
    ]
    record = AuditRecord.objects.get(action="delete")
    assert record.actor == "system:expiry"
    assert (record.study_instance_uid, record.detail) == ("1", "2 instances: expired")
    assert delete_expired_studies(time_limit_s=10) == 0


@pytest.mark.django_db
def test_a_study_expires_after_the_time_from_the_store() -> None:
    before = timezone.now()
    store(received("1", "2", "3"), expires_after=LATER)
    expires_at = Study.objects.get().expires_at
    assert expires_at is not None
    assert abs(expires_at - before - LATER) < timedelta(minutes=5)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("times", "remains"),
    [
        ((OVER, None), True),
        ((OVER, LATER), True),
        ((None, OVER), False),
        ((LATER, OVER), False),
    ],
)
def test_the_last_store_into_a_study_decides(
    times: tuple[timedelta | None, ...], remains: bool
) -> None:
    for number, after in enumerate(times):
        store(received("1", "2", str(number)), expires_after=after)
    delete_expired_studies(time_limit_s=10)
    assert held() == (["1"] if remains else [])


@pytest.mark.django_db
def test_of_stores_that_commit_together_the_last_decides() -> None:
    partition_id = get_or_create_partition(actor=ADMIN, name="default")
    items = [
        Item(ADMIN, partition_id, received(study, "2", sop), replace=False,
             expires_after=after)
        for study, sop, after in (
            ("1", "1", OVER), ("4", "1", None), ("1", "2", None), ("4", "2", OVER),
        )
    ]  # fmt: skip
    commit(items)
    assert delete_expired_studies(time_limit_s=10) == 1
    assert held() == ["1"]


@pytest.mark.django_db
def test_a_store_that_is_refused_decides_nothing() -> None:
    one = received("1", "2", "3")
    store(one, expires_after=LATER)
    store(again(one))
    assert Study.objects.get().expires_at is not None
    store(again(one), replace=True)
    assert Study.objects.get().expires_at is None


@pytest.mark.django_db
def test_a_delete_inside_of_a_study_leaves_its_time_as_it_is() -> None:
    store(received("1", "2", "3"), received("1", "2", "4"), expires_after=OVER)
    delete_instances(
        actor=ADMIN,
        partition="default",
        study_instance_uid="1",
        series_instance_uid="2",
        sop_instance_uid="4",
    )
    assert delete_expired_studies(time_limit_s=10) == 1
    assert held() == []


@pytest.mark.django_db
def test_a_study_of_the_same_uid_in_another_partition_stays() -> None:
    store(received("1", "2", "3"), expires_after=OVER, partition="expiring")
    store(received("1", "2", "3"))
    assert delete_expired_studies(time_limit_s=10) == 1
    assert Study.objects.get().partition.name == "default"


@pytest.mark.django_db
def test_one_run_is_bounded_and_takes_first_what_waits_longest(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setattr(expiry, "BATCH", 2)
    for study, seconds in (("1", -1), ("2", -3), ("3", -2)):
        store(received(study, "1", "1"), expires_after=timedelta(seconds=seconds))
    assert delete_expired_studies(time_limit_s=0) == 0
    with django_capture_on_commit_callbacks() as sent:
        tasks.delete_expired_studies()
    assert held() == ["1"]
    assert len(sent) == 1  # there may be more
    with django_capture_on_commit_callbacks() as sent:
        tasks.delete_expired_studies()
    assert held() == []
    assert sent == []


@pytest.mark.django_db
def test_who_may_not_delete_lets_nothing_expire() -> None:
    partition_id = get_or_create_partition(actor=ADMIN, name="default")
    writer = acting(None, "writer", frozenset({Verb.STORE}))
    with pytest.raises(Forbidden):
        store_instances(
            writer,
            partition_id=partition_id,
            received=[received("1", "2", "3")],
            replace=False,
            expires_after=LATER,
        )
    store(received("1", "2", "3"), expires_after=OVER)
    with pytest.raises(Forbidden):
        delete_expired_study(
            actor=writer, partition_id=partition_id, study_instance_uid="1"
        )
    assert held() == ["1"]


def test_the_beat_sends_tasks_that_exist() -> None:
    own = {task.name for task in vars(tasks).values() if hasattr(task, "send")}
    assert set(SCHEDULE) == own
    assert own <= set(current_app.tasks)


@pytest.fixture
def other() -> Iterator[psycopg.Connection]:
    """Yield a connection that is not Django's."""
    parameters = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    own = {name: parameters[name] for name in names if parameters.get(name)}
    with psycopg.connect(**own) as opened:
        yield opened


def test_a_store_that_comes_before_the_delete_saves_the_study(
    committing: None, other: psycopg.Connection
) -> None:
    """Found as expired, the study gets more time while the delete waits for it."""
    uid = f"1.{secrets.randbits(60)}"
    store(received(uid, "2", "3"), expires_after=OVER)
    other.execute(
        "UPDATE imaging_study SET expires_at = NULL WHERE study_instance_uid = %s",
        (uid,),
    )
    deleted: list[int] = []

    def work() -> None:
        try:
            deleted.append(delete_expired_studies(time_limit_s=10))
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    _wait_for_a_lock(other)
    other.commit()
    thread.join()

    assert deleted == [0]
    assert uid in held()


def _wait_for_a_lock(other: psycopg.Connection) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        row = other.execute(
            "SELECT count(*) FROM pg_locks"
            " WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        ).fetchone()
        if row and row[0]:
            return
        time.sleep(0.01)
    raise AssertionError
