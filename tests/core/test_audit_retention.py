"""Old rows go, the chains still prove the rest, and no other removal passes for it."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from core import audit, audit_chain, audit_retention
from core.access import system
from core.audit import Action, Event
from core.audit_chain import seal, verify
from core.audit_retention import remove_old_records
from core.models import AuditRecord
from core.tasks import remove_old_audit_records
from tests.core.test_audit import execute

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("_kept_30_days"),
]


@pytest.fixture
def _kept_30_days(settings: Settings) -> None:
    settings.AUDIT_KEEP_DAYS = 30


def write(*ages_days: float) -> None:
    """Record reads of these ages, in a chain of their own."""

    def work() -> None:
        now = timezone.now()
        for age in ages_days:
            at = now - timedelta(days=age)
            audit.record(Event(system("test"), Action.RETRIEVE, detail=f"{age}", at=at))
        connection.close()

    _in_thread(work)


def _in_thread(work: Callable[[], object]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def held() -> list[str]:
    """Return the ages of the reads that are left."""
    rows = AuditRecord.objects.filter(action="retrieve").order_by("id")
    return list(rows.values_list("detail", flat=True))


def remove() -> int:
    return remove_old_records(time_limit_s=60)


def test_rows_go_when_they_have_been_kept_long_enough() -> None:
    write(40, 31, 29, 1)
    write(35, 33)
    assert remove() == 4
    assert held() == ["29", "1"]
    assert list(verify()) == []
    (cut,) = AuditRecord.objects.filter(action=Action.CUT)
    assert len(json.loads(cut.detail)["beginnings"]) == 2
    assert remove() == 0
    assert AuditRecord.objects.filter(action=Action.CUT).count() == 1


def test_the_log_is_sealed_before_rows_go() -> None:
    write(40)
    remove()
    sealed = AuditRecord.objects.get(action=Action.SEAL)
    assert sealed.pk < AuditRecord.objects.get(action=Action.CUT).pk


def test_a_row_behind_a_newer_one_of_its_chain_waits_for_it() -> None:
    write(40, 29, 31)
    remove()
    assert held() == ["29", "31"]
    assert list(verify()) == []


def test_what_is_left_can_be_cut_again_and_again(
    settings: Settings,
) -> None:
    write(*range(40, 0, -1))
    for days in (35, 20, 10):
        settings.AUDIT_KEEP_DAYS = days
        remove()
        assert held()[0] == str(days - 1)
        assert list(verify()) == []


def test_large_cuts_take_several_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_retention, "BATCH", 2)
    write(40, 39, 38, 37, 36, 29)
    assert remove() == 5
    assert AuditRecord.objects.filter(action=Action.CUT).count() == 3
    assert list(verify()) == []


def test_a_cut_is_told_again_when_the_row_that_told_of_it_goes() -> None:
    write(40, 29)
    remove()
    # The cut itself has become old, and what it cut has still rows.
    cut = AuditRecord.objects.get(action=Action.CUT)
    beginnings = json.loads(cut.detail)["beginnings"]
    other = audit_chain.Cut(1, "00" * 32)
    again = audit_retention._cuts_that_count({"somebody": other})
    assert {name: list(one[:2]) for name, one in again.items()} == beginnings


def test_removal_before_its_time_is_found_although_it_looks_like_a_cut() -> None:
    write(40)
    for _ in range(2):  # the second seal shows that what it names is younger
        write(0.001)
        seal()
    rows = AuditRecord.objects.filter(detail="0.001").order_by("id")
    victim = rows.last()
    assert victim is not None
    before = timezone.now() - timedelta(days=30)
    told = {
        "before": before.isoformat(),
        "beginnings": {victim.writer: [1, bytes(victim.hash).hex()]},
    }
    execute(f"DELETE FROM core_auditrecord WHERE id = {victim.pk}")
    audit.record(Event(system("eve"), Action.CUT, detail=json.dumps(told)))
    assert [(one.writer, one.problem) for one in verify()] == [
        (victim.writer, "removed before its time")
    ]


@pytest.mark.parametrize(
    ("tampering", "problem"),
    [
        ("DELETE FROM core_auditrecord WHERE detail = '29'", "missing"),
        ("UPDATE core_auditrecord SET actor = 'eve' WHERE detail = '29'", "changed"),
        ("DELETE FROM core_auditrecord WHERE action = 'cut'", "missing"),
    ],
)
def test_what_is_left_after_a_cut_is_still_proved(tampering: str, problem: str) -> None:
    write(40, 29, 2, 1)
    remove()
    execute(tampering)
    assert problem in [found.problem for found in verify()]


def test_the_beat_removes_old_rows_and_verify_says_up_to_when() -> None:
    write(40, 1)
    remove_old_audit_records()
    assert held() == ["1"]
    out = StringIO()
    call_command("audit", "verify", stdout=out)
    before = timezone.now() - timedelta(days=30)
    first, last = out.getvalue().splitlines()
    assert first.startswith(f"Removed by retention: before {before:%Y-%m-%d}")
    assert last == "The audit log is whole."
