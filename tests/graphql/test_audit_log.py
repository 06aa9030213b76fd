"""The audit log in the graph: for those who may read it, in pages, typed and masked."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from core import audit
from core.access import Verb, limited
from core.audit_events import Action, Event, Origin, Outcome
from core.audit_search import MASK
from core.graphql.audit_log import AuditAction, AuditOutcome
from core.models import AuditRecord, Partition
from core.partitions import create_partition, delete_partition
from tests.actors import acting
from tests.graphql.cast import acts
from tests.graphql.graph import ask, errors
from tests.imaging.stores import ADMIN

pytestmark = pytest.mark.usefixtures("committing")

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
DOER: Final = acting(3, "ada")
LOG: Final = """query ($f: AuditFilter, $n: Int! = 10, $a: String) {
  auditLog(filter: $f, first: $n, after: $a) {
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { at actor via action outcome partitionName patientId
      patientKeys studyInstanceUid studyInstanceUids detail query source requestId
      writer sequence } } } }"""


def write(detail: str, minute: int = 0, **more: Any) -> None:
    """Record what Ada did; `minute` after the start."""
    usual: dict[str, Any] = {"actor": DOER, "action": Action.RETRIEVE}
    origin = Origin(more.pop("source", "192.0.2.1"), more.pop("request_id", "r"))
    at = START + timedelta(minutes=minute)
    event = Event(**{**usual, **more}, detail=detail, origin=origin, at=at)
    audit.record(event)


def rows(*, who: str = "auditor", **asked: Any) -> list[Any]:
    where = {"until": "2026-02-01T00:00:00Z", **asked}
    found = ask(LOG, f=where, actor=acts(who))["auditLog"]
    return [edge["node"] for edge in found["edges"]]


def details(**asked: Any) -> list[str]:
    return [row["detail"] for row in rows(**asked)]


def test_the_words_are_all_of_those_of_the_log() -> None:
    assert {each.value for each in AuditAction} == {each.value for each in Action}
    assert {each.value for each in AuditOutcome} == {each.value for each in Outcome}


def test_an_auditor_sees_a_row_without_who_the_patient_is() -> None:
    key = create_partition(actor=ADMIN, name="ward").pk
    write(
        "2 instances",
        outcome=Outcome.MINOR_FAILURE,
        partition_id=key,
        patient_id="P1",
        study_instance_uid="1.2",
        query="PatientName=Doe",
        patients=[2**40],
        studies=["1.3"],
    )
    (row,) = rows()
    assert row.pop("writer")
    assert row.pop("sequence") >= 1
    assert row == {
        "at": "2026-01-01T00:00:00+00:00",
        "actor": "ada",
        "via": "",
        "action": "RETRIEVE",
        "outcome": "MINOR_FAILURE",
        "partitionName": "ward",
        "patientId": MASK,
        "patientKeys": [2**40],
        "studyInstanceUid": "1.2",
        "studyInstanceUids": ["1.3"],
        "detail": "2 instances",
        "query": MASK,
        "source": "192.0.2.1",
        "requestId": "r",
    }
    (row,) = rows(who="administrator")
    assert (row["patientId"], row["query"]) == ("P1", "PatientName=Doe")


@pytest.mark.parametrize(
    ("where", "asked"),
    [
        ({"actor": acting(4, "bob")}, {"actor": "bob"}),
        ({"action": Action.EXPORT}, {"action": "EXPORT"}),
        ({"outcome": Outcome.SERIOUS_FAILURE}, {"outcome": "SERIOUS_FAILURE"}),
        ({"study_instance_uid": "1.2"}, {"studyInstanceUid": "1.2"}),
        ({"source": "192.0.2.7"}, {"source": "192.0.2.7"}),
        ({"request_id": "q"}, {"requestId": "q"}),
        ({"minute": 5}, {"from": "2026-01-01T00:05:00Z"}),
        ({"minute": -5}, {"until": "2026-01-01T01:00:00+01:00"}),
        ({"patient_id": "P1", "partition_id": 7}, {"patientId": "P1"}),
    ],
)
def test_rows_are_found_by(where: dict[str, Any], asked: dict[str, Any]) -> None:
    Partition.objects.create(pk=7, name="seven")
    write("other")
    write("wanted", **where)
    assert details(**asked) == ["wanted"]


def test_success_can_be_asked_for() -> None:
    write("good")
    write("bad", outcome=Outcome.MAJOR_FAILURE)
    assert details(outcome="SUCCESS") == ["good"]


def test_partitions_are_found_by_name_deleted_ones_too() -> None:
    for number in (1, 2):
        key = Partition.objects.create(
            name="ward", deleted_at=START + timedelta(days=number)
        ).pk
        write(f"deleted {number}", partition_id=key, patient_id="P1")
    held = create_partition(actor=ADMIN, name="other")
    write("other", partition_id=held.pk, patient_id="P1")
    assert details(partition="ward") == ["deleted 2"]
    assert details(partition="other", patientId="P1") == ["other"]
    new = create_partition(actor=ADMIN, name="ward")
    write("new", partition_id=new.pk)
    assert details(partition="ward") == ["new"]
    delete_partition(actor=ADMIN, name="other")
    (row,) = rows(partition="other")
    assert (row["detail"], row["partitionName"]) == ("other", "other")
    for name, code in (("no-such", "NOT_FOUND"), ("a b", "INVALID")):
        got = errors(LOG, f={"partition": name}, actor=acts("auditor"))
        assert got[0]["code"] == code


def test_pages_are_the_newest_first_without_gap_or_repetition() -> None:
    for number in range(7):
        write(str(number), minute=number // 3)
    where, after = {"actor": "ada"}, None
    found: list[str] = []
    pages: list[Any] = []
    while after is not None or not pages:
        page = ask(LOG, f=where, n=3, a=after, actor=acts("auditor"))["auditLog"]
        pages.append(page["pageInfo"])
        found += [edge["node"]["detail"] for edge in page["edges"]]
        assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]
        after = pages[-1]["endCursor"] if pages[-1]["hasNextPage"] else None
    assert found == ["6", "5", "4", "3", "2", "1", "0"]
    assert [each["hasPreviousPage"] for each in pages] == [False, True, True]
    none = ask(LOG, f=where, n=0, actor=acts("auditor"))["auditLog"]
    assert (none["edges"], none["pageInfo"]["hasNextPage"]) == ([], True)
    middle = ask(LOG, f=where, n=1, a=pages[0]["startCursor"], actor=acts("auditor"))
    assert middle["auditLog"]["edges"][0]["node"]["detail"] == "5"


def test_what_makes_no_sense_is_refused() -> None:
    for given, path in (
        ({"a": "x"}, "after"),
        ({"a": "9" * 40 + "-1"}, "after"),
        ({"n": 201}, "first"),
        ({"f": {"from": "2026-01-01T00:00:00"}}, "filter.from"),
        ({"f": {"until": "2026-01-01T00:00:00"}}, "filter.until"),
    ):
        (got,) = errors(LOG, actor=acts("auditor"), **given)
        assert got == {"code": "INVALID", "path": path}
    assert errors(LOG, f={"action": "NONE"})[0]["code"] == "INVALID"


def test_each_page_that_is_read_is_a_row_of_the_log() -> None:
    write("x")
    details(actor="ada", outcome="SUCCESS")
    held = AuditRecord.objects.filter(action=Action.READ_AUDIT).get()
    assert (held.actor, held.detail) == ("auditor", "page (1 rows)")
    assert held.query.endswith("actor=ada&outcome=0")


def test_others_and_credentials_of_some_partitions_read_nothing() -> None:
    write("x")
    for name in ("owner", "member", "outsider"):
        assert errors(LOG, actor=acts(name))[0]["code"] == "FORBIDDEN"
        for partition in ("default", "no-such"):
            got = errors(LOG, f={"partition": partition}, actor=acts(name))
            assert got[0]["code"] == "FORBIDDEN"
    bound = limited(acts("administrator"), partitions=[1])
    assert errors(LOG, actor=bound)[0]["code"] == "FORBIDDEN"
    reader = limited(acts("administrator"), verbs=[Verb.READ_AUDIT])
    found = ask(LOG, f={"actor": "ada"}, actor=reader)["auditLog"]
    assert found["edges"][0]["node"]["detail"] == "x"
    refused = AuditRecord.objects.filter(detail="FORBIDDEN auditLog")
    assert refused.count() == 10
