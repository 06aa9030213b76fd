"""The audit log: what it keeps, when it is written, and that tampering shows."""

import math
import threading
import time
from collections.abc import Iterator, Sequence

import psycopg
import pytest
from django.db import connection, transaction

from core import audit, audit_refusals
from core.access import ANONYMOUS
from core.audit import EVENTS, ORIGIN, Action, Event, Origin, Outcome
from core.audit_chain import Break, hash_of, seal, verify
from core.database import raw_connection
from core.errors import Busy
from core.models import AuditRecord
from tests.actors import ALL_VERBS, acting

ACTOR = acting(3, "ada", ALL_VERBS)


def event(detail: str = "", action: Action = Action.RETRIEVE) -> Event:
    return Event(ACTOR, action, detail=detail)


def execute(statement: str) -> None:
    """Change the log as somebody who owns the table could."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditrecord DISABLE TRIGGER USER")
        cursor.execute(statement)
        cursor.execute("ALTER TABLE core_auditrecord ENABLE TRIGGER USER")


@pytest.fixture
def collecting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(audit, "FLUSH_EVERY_S", 3600)
    audit.start_collecting()
    yield
    audit.stop_collecting()


@pytest.mark.django_db
def test_a_record_keeps_who_what_whose_where_and_how_it_ended() -> None:
    token = ORIGIN.set(Origin("192.0.2.7", "request-1"))
    one = Event(
        ACTOR,
        Action.DELETE,
        Outcome.MINOR_FAILURE,
        partition_id=5,
        patient_id="P\0-1",
        study_instance_uid="1.2.3",
        detail='3 "instances"\n\x01\ud800é田',
    )
    ORIGIN.reset(token)
    audit.record(one)
    row = AuditRecord.objects.get()
    assert (row.actor, row.account_id, row.action, row.outcome) == (
        "ada",
        3,
        "delete",
        4,
    )
    assert (row.partition_id, row.patient_id, row.study_instance_uid) == (
        5,
        "P\ufffd-1",
        "1.2.3",
    )
    assert row.detail == '3 "instances"\n\x01?é田'
    assert (row.source, row.request_id, row.at) == ("192.0.2.7", "request-1", one.at)
    assert (row.writer, row.sequence) == (audit.writer_name(), 1)
    assert list(verify()) == []


def test_every_action_has_its_words_in_the_standards() -> None:
    assert set(EVENTS) == set(Action)


@pytest.mark.django_db
def test_a_record_of_a_write_commits_or_rolls_back_with_it() -> None:
    audit.record(event("one"))
    with pytest.raises(KeyError), transaction.atomic():
        audit.record(event("lost"))
        raise KeyError
    audit.record(event("two"), event("three"))
    rows = AuditRecord.objects.order_by("id").values_list("detail", "sequence")
    assert list(rows) == [("one", 1), ("two", 2), ("three", 3)]
    assert list(verify()) == []


@pytest.mark.django_db(transaction=True)
def test_reads_are_collected_and_written_at_a_stop(collecting: None) -> None:
    for number in range(3):
        audit.record_soon(event(str(number)))
    assert AuditRecord.objects.count() == 0
    audit.stop_collecting()
    rows = AuditRecord.objects.order_by("sequence").values_list("detail", flat=True)
    assert list(rows) == ["0", "1", "2"]
    assert list(verify()) == []


@pytest.mark.django_db(transaction=True)
def test_what_is_read_while_rows_are_written_waits_for_the_next_rows(
    collecting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, written = audit._write, []

    def write_slowly(events: Sequence[Event]) -> None:
        write(events)
        written.append(len(events))
        audit.record_soon(event("meanwhile"))  # as on a server that is never idle

    audit.record_soon(event())
    audit.record_soon(event())
    with monkeypatch.context() as busy:
        busy.setattr(audit, "_write", write_slowly)
        audit._collector.flush()
    assert written == [2]
    audit.stop_collecting()
    assert AuditRecord.objects.count() == 3
    assert list(verify()) == []


@pytest.mark.django_db
def test_reads_are_written_at_once_where_nobody_collects() -> None:
    audit.record_soon(event())
    assert AuditRecord.objects.count() == 1


@pytest.mark.django_db(transaction=True)  # what was collected is written at the end
def test_what_cannot_be_audited_is_refused(
    collecting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MAXIMUM_COLLECTED", 1)
    audit.record_soon(event())
    with pytest.raises(Busy):
        audit.record_soon(event())


@pytest.mark.django_db
def test_the_patients_of_an_answer_are_named_once_whatever_their_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audit, "MAXIMUM_NAMED", 2)
    audit.record_answer(
        event("found"), patients=[3, 1, None, 3, 2, 4], studies=["1.3", None]
    )
    rows = AuditRecord.objects.order_by("id").values_list("patients", "studies")
    assert list(rows) == [([1, 2], ["1.3"]), ([3, 4], [])]
    audit.record_answer(event("nothing"), patients=[])
    assert AuditRecord.objects.filter(detail="nothing", patients=[]).count() == 1
    assert list(verify()) == []


@pytest.mark.django_db(transaction=True)
def test_a_flood_without_credentials_leaves_two_rows_for_each_source(
    collecting: None,
) -> None:
    def refused(source: str, number: int) -> Event:
        origin = Origin(source, f"r{number}")
        return Event(ANONYMOUS, Action.SIGN_IN, Outcome.MINOR_FAILURE,
                     detail="401", query="GET /dicomweb", origin=origin)  # fmt: skip

    for number in range(500):
        audit.record_refusal(refused("192.0.2.1", number))
    audit.record_refusal(refused("192.0.2.2", 0))
    for _ in range(3):  # who is known is accountable: a row for each
        audit.record_refusal(event("403"))
    audit.stop_collecting()
    rows = AuditRecord.objects.exclude(actor="ada").order_by("id")
    columns = ("source", "detail", "request_id", "outcome")
    assert list(rows.values_list(*columns)) == [
        ("192.0.2.1", "401", "r0", 4),
        ("192.0.2.2", "401", "r0", 4),
        ("192.0.2.1", "499 more in 60 s", "", 4),
    ]
    assert AuditRecord.objects.filter(actor="ada").count() == 3


def test_a_flood_from_everywhere_is_counted_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audit_refusals, "MAXIMUM_SOURCES", 2)
    refusals = audit_refusals.Refusals()
    told = []
    for number in range(100):
        one = Event(ANONYMOUS, Action.SIGN_IN, origin=Origin(f"2001:db8::{number}"))
        told.append(refusals.is_first(one))
    assert told == [True] * 3 + [False] * 97
    assert refusals.ended(0) == []
    (count,) = refusals.ended(math.inf)
    assert (count.origin.source, count.detail) == ("others", "97 more in 60 s")
    assert refusals.ended(math.inf) == []


@pytest.mark.django_db
def test_rows_from_before_patients_were_named_still_verify() -> None:
    audit.record(event("old"), event("new"))
    execute(
        "UPDATE core_auditrecord SET patients = NULL, studies = NULL"
        " WHERE detail = 'old'"
    )
    old = AuditRecord.objects.get(detail="old")
    # As the trigger of then made it, and with it the link of the next row.
    digest = hash_of(old).hex()
    execute(f"UPDATE core_auditrecord SET hash = '\\x{digest}' WHERE id = {old.pk}")
    new = AuditRecord.objects.get(detail="new")
    new.previous_hash = bytes.fromhex(digest)
    execute(
        f"UPDATE core_auditrecord SET previous_hash = '\\x{digest}',"
        f" hash = '\\x{hash_of(new).hex()}' WHERE id = {new.pk}"
    )
    assert list(verify()) == []
    execute("UPDATE core_auditrecord SET patients = NULL WHERE detail = 'new'")
    assert [one.problem for one in verify()] == ["changed"]


@pytest.mark.django_db
def test_a_chain_is_not_continued_on_another_day(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = audit.writer_name()
    assert audit.writer_name() == first
    tomorrow = time.time() + audit.CHAIN_S + 1
    monkeypatch.setattr(time, "time", lambda: tomorrow)
    second = audit.writer_name()
    assert second != first
    audit.record(event())
    assert AuditRecord.objects.get().writer == second
    audit._writer.until = 0  # the clock goes back: another chain


@pytest.mark.django_db(transaction=True)
def test_each_thread_has_a_chain_of_its_own() -> None:
    def write() -> None:
        for _ in range(5):
            audit.record(event())
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sequences: dict[str, list[int]] = {}
    for row in AuditRecord.objects.order_by("id"):
        sequences.setdefault(row.writer, []).append(row.sequence)
    assert list(sequences.values()) == [[1, 2, 3, 4, 5]] * 4
    assert list(verify()) == []


@pytest.mark.django_db
def test_the_database_refuses_changes_of_records() -> None:
    audit.record(event())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL portal.retention = 'off'")
    for statement in ("UPDATE core_auditrecord SET actor = 'eve'",
                      "DELETE FROM core_auditrecord"):  # fmt: skip
        with (
            pytest.raises(psycopg.errors.IntegrityConstraintViolation),
            raw_connection().transaction(),
        ):
            raw_connection().execute(statement)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("tampering", "problems"),
    [
        ("UPDATE core_auditrecord SET actor = 'eve' WHERE sequence = 2",
         [(2, "changed")]),
        ("UPDATE core_auditrecord SET at = at - interval '1 day' WHERE sequence = 3",
         [(3, "changed")]),
        ("UPDATE core_auditrecord SET patients = '{2}' WHERE sequence = 2",
         [(2, "changed")]),
        ("UPDATE core_auditrecord SET studies = '{1.2}' WHERE sequence = 2",
         [(2, "changed")]),
        ("UPDATE core_auditrecord SET query = 'x' WHERE sequence = 2",
         [(2, "changed")]),
        ("UPDATE core_auditrecord SET via = 'token 2' WHERE sequence = 2",
         [(2, "changed")]),
        ("DELETE FROM core_auditrecord WHERE sequence = 2", [(2, "missing")]),
        ("DELETE FROM core_auditrecord WHERE sequence = 1", [(1, "missing")]),
        ("UPDATE core_auditrecord SET hash = sha256('') WHERE sequence = 1",
         [(1, "changed"), (2, "not linked to the row before it")]),
    ],
)  # fmt: skip
def test_tampering_shows(tampering: str, problems: list[tuple[int, str]]) -> None:
    for number in range(3):
        audit.record(event(str(number)))
    execute(tampering)
    name = audit.writer_name()
    assert list(verify()) == [Break(name, *problem) for problem in problems]


@pytest.mark.django_db(transaction=True)
def test_a_removed_end_shows_by_the_seal() -> None:
    def write() -> None:
        audit.record(event(), event())
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    sealed = seal()
    row = AuditRecord.objects.get(action="seal")
    assert bytes(row.hash) == sealed
    assert seal() != sealed
    assert list(verify()) == []
    execute("DELETE FROM core_auditrecord WHERE action = 'retrieve' AND sequence = 2")
    (found, again) = verify()
    assert found == Break(found.writer, 2, f"not what was sealed at {row.at:%F %T}")
    assert again.sequence == 2
