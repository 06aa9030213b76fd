"""Searching the audit log: what is found, to whom it is shown, and by which index."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core import audit, audit_search
from core.access import Actor, Verb
from core.audit import Action, Event, Origin, Outcome
from core.audit_search import (
    MASK,
    AuditEntry,
    AuditFilter,
    export_audit,
    report_patient_access,
    search_audit,
)
from core.errors import Forbidden, Invalid
from core.models import AuditRecord
from core.reach import EVERYWHERE, Reach
from tests.actors import ALL_VERBS, acting

pytestmark = pytest.mark.django_db

ADA = acting(3, "ada", ALL_VERBS)
BOB = acting(4, "bob", {Verb.READ})
AUDITOR = acting(5, "auditor", {Verb.READ_AUDIT, Verb.READ_ACCOUNTS})
START = datetime(2026, 1, 1, tzinfo=UTC)


def write(**more: Any) -> None:
    """Record what Ada did; `minute` after the start."""
    minute = more.pop("minute", 0)
    origin = Origin(more.pop("source", "192.0.2.1"), more.pop("request_id", "r"))
    usual: dict[str, Any] = {"actor": ADA, "action": Action.RETRIEVE}
    at = START + timedelta(minutes=minute)
    audit.record(Event(**{**usual, **more}, origin=origin, at=at))


def details(**where: Any) -> list[str]:
    """Return the details of what is found; not that auditors have looked."""
    where.setdefault("until", START + timedelta(days=30))
    found = search_audit(actor=AUDITOR, where=AuditFilter(**where))
    return [entry.detail for entry in found.entries]


@pytest.fixture
def patients(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the patient P1 of partition 7 the key 41, and 42 of another issuer."""

    def keys(patient_id: str, partition_id: int | None) -> list[int]:
        return [41, 42] if (patient_id, partition_id) == ("P1", 7) else []

    monkeypatch.setattr(audit_search, "_patient_keys", [keys])


@pytest.mark.parametrize(
    ("where", "other"),
    [
        ({"actor": ADA}, {"actor": BOB}),
        ({"action": Action.EXPORT}, {}),
        ({"outcome": Outcome.MINOR_FAILURE}, {}),
        ({"partition_id": 7}, {"partition_id": 8}),
        ({"study_instance_uid": "1.2"}, {"study_instance_uid": "1.2.3"}),
        ({"source": "192.0.2.7"}, {}),
        ({"request_id": "q"}, {}),
    ],
)
def test_rows_are_found_by(where: dict[str, Any], other: dict[str, Any]) -> None:
    write(detail="wanted", **where)
    write(detail="other", **({"actor": BOB} if "actor" in where else other))
    asked = {**where, "actor": "ada"} if "actor" in where else where
    assert details(**asked) == ["wanted"]


def test_rows_are_found_by_time_the_newest_first() -> None:
    for minute in (2, 0, 1, 3):
        write(minute=minute, detail=str(minute))
    since, until = START + timedelta(minutes=1), START + timedelta(minutes=3)
    assert details(since=since, until=until) == ["2", "1"]


def test_success_can_be_asked_for() -> None:
    write(detail="good")
    write(detail="bad", outcome=Outcome.SERIOUS_FAILURE)
    assert details(outcome=Outcome.SUCCESS) == ["good"]


def test_a_study_without_patient_is_found_among_what_a_search_gave() -> None:
    write(detail="search", action=Action.SEARCH, studies=["1.2", "1.3"])
    write(detail="other", action=Action.SEARCH, studies=["1.4"])
    assert details(study_instance_uid="1.3") == ["search"]


@pytest.mark.usefixtures("patients")
def test_a_patient_is_found_alone_and_among_others_and_in_all_partitions() -> None:
    write(detail="alone", partition_id=7, patient_id="P1", minute=1)
    write(detail="elsewhere", partition_id=8, patient_id="P1")
    write(detail="somebody else", partition_id=7, patient_id="P2")
    write(detail="among others", action=Action.SEARCH, patients=[3, 42], minute=2)
    write(detail="others", action=Action.SEARCH, patients=[3, 43])
    assert details(partition_id=7, patient_id="P1") == ["among others", "alone"]
    report = report_patient_access(actor=AUDITOR, partition_id=7, patient_id="P1")
    assert [entry.detail for entry in report] == ["alone", "among others"]


def test_pages_follow_one_another_without_gap_or_repetition() -> None:
    for number in range(7):  # three of a moment
        write(minute=number // 3, detail=str(number))
    found: list[AuditEntry] = []
    cursor, pages = None, 0
    where = AuditFilter(actor="ada")
    while pages == 0 or cursor:
        page = search_audit(actor=AUDITOR, where=where, cursor=cursor, limit=2)
        found += page.entries
        cursor, pages = page.cursor, pages + 1
    assert [entry.detail for entry in found] == ["6", "5", "4", "3", "2", "1", "0"]
    assert pages == 4


@pytest.mark.parametrize("cursor", ["", "-", "1", "1-x", "9" * 40 + "-1"])
def test_a_cursor_that_is_none_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        search_audit(actor=AUDITOR, where=AuditFilter(), cursor=cursor)


@pytest.mark.parametrize("limit", [0, 1001])
def test_a_limit_out_of_bounds_is_refused(limit: int) -> None:
    with pytest.raises(Invalid):
        search_audit(actor=AUDITOR, where=AuditFilter(), limit=limit)


def test_only_who_may_read_the_log_searches_and_exports_it() -> None:
    for nobody in (
        acting(6, "eve", ALL_VERBS - {Verb.READ_AUDIT}),
        acting(6, "eve", ALL_VERBS, frozenset({1})),  # the log is of all partitions
    ):
        with pytest.raises(Forbidden):
            search_audit(actor=nobody, where=AuditFilter())
        with pytest.raises(Forbidden):
            export_audit(actor=nobody, where=AuditFilter())
        with pytest.raises(Forbidden):
            report_patient_access(actor=nobody, partition_id=1, patient_id="P1")


def test_auditors_see_no_patient_data_and_who_may_see_patients_does() -> None:
    write(patient_id="P1", partition_id=7, query="PatientName=Doe", patients=[41])
    (masked,) = search_audit(actor=AUDITOR, where=AuditFilter(actor="ada")).entries
    assert (masked.patient_id, masked.query, masked.patients) == (MASK, MASK, [41])
    both = acting(5, "dpo", {Verb.READ_AUDIT, Verb.VIEW_PHI})
    (entry,) = search_audit(actor=both, where=AuditFilter(actor="ada")).entries
    assert (entry.patient_id, entry.query) == ("P1", "PatientName=Doe")
    ward = {Verb.VIEW_PHI: Reach(frozenset({7}))}
    bound = Actor(5, "dpo", {Verb.READ_AUDIT: EVERYWHERE, **ward})
    (entry,) = search_audit(actor=bound, where=AuditFilter(actor="ada")).entries
    assert (entry.patient_id, entry.query) == (MASK, MASK)
    (entry,) = export_audit(actor=AUDITOR, where=AuditFilter(actor="ada"))
    assert (entry.patient_id, entry.query) == (MASK, MASK)


def test_each_look_at_the_log_is_a_row_of_it() -> None:
    write()
    search_audit(actor=AUDITOR, where=AuditFilter(actor="ada", outcome=Outcome(0)))
    list(export_audit(actor=AUDITOR, where=AuditFilter(patient_id="P1")))
    rows = AuditRecord.objects.filter(actor="auditor").order_by("id")
    assert list(rows.values_list("action", "detail", "query")) == [
        ("read-audit", "page (1 rows)", "actor=ada&outcome=0"),
        ("read-audit", "export", "patient_id=P1"),
    ]


def test_an_export_reads_on_over_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_search, "MAXIMUM_LIMIT", 2)
    for number in range(5):
        write(minute=number // 2, detail=str(number))
    found = export_audit(actor=AUDITOR, where=AuditFilter(actor="ada"))
    assert [entry.detail for entry in found] == ["0", "1", "2", "3", "4"]
