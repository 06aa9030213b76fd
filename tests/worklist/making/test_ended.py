"""What a workitem was made of ends: it is canceled, or who performs it is asked to."""

import threading
from typing import Any, Final

import pytest
from django.core.management import call_command
from django.db import connection

from core import changefeed, followers
from core.access import Actor
from core.database import raw_connection
from fhirlink import store as record
from tests.imaging.stores import ADMIN
from tests.synthetic import new_uid
from tests.worklist.making.making import problems, resource, rule, value, work
from tests.worklist.test_access import of_worklist, somebody
from tests.worklist.test_graph_changes import do
from worklist.change_state import change_state
from worklist.data_set import unpacked
from worklist.making import make
from worklist.making.configuring import configure_rule
from worklist.making.ended import _MADE_OF
from worklist.making.follower import _NOTE, RuleFollower
from worklist.models import MadeWorkitem, Workitem, WorkitemVersion
from worklist.rules import State

pytestmark = pytest.mark.usefixtures("committing")

REASON, CODES = "00741238", "0074100E"
BOOKED: Final[dict[str, Any]] = {
    "start": "2026-09-01T09:00:00Z",
    "end": "2026-09-01T09:30:00Z",
    "participant": [{"actor": {"reference": "Patient/p"}, "status": "accepted"}],
}


def order(status: str = "active", fhir_id: str = "o1", **more: Any) -> None:
    content = {"intent": "order", "subject": {"reference": "Patient/p"}, **more}
    resource("ServiceRequest", fhir_id, status=status, **content)


def delete(type_: str, fhir_id: str) -> None:
    record.delete(actor=ADMIN, partition="default", type_=type_, fhir_id=fhir_id)
    work()


def states() -> list[str]:
    work()
    return list(Workitem.objects.order_by("id").values_list("state", flat=True))


def progress() -> Any:
    """Return what the last workitem says of its progress."""
    held = Workitem.objects.latest("id")
    return value(unpacked(bytes(held.content)), "00741002")


def uid() -> str:
    return Workitem.objects.latest("id").sop_instance_uid


def claim_elsewhere() -> str:
    """Claim the workitem as a client of UPS-RS that hears of nothing."""
    lock = new_uid()
    change_state(
        actor=ADMIN,
        partition="default",
        uid=uid(),
        state=State.IN_PROGRESS,
        transaction_uid=lock,
    )
    return lock


@pytest.fixture
def reader() -> Actor:
    return somebody("Radiologist", of_worklist("Neuro"))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("revoked", "ServiceRequest/o1 was revoked."),
        ("entered-in-error", "ServiceRequest/o1 was entered in error."),
    ],
)
def test_an_order_that_ends_cancels_its_workitem(status: str, words: str) -> None:
    rule(source="ServiceRequest", conditions="status=active")
    order()
    assert states() == ["SCHEDULED"]
    order(status)
    assert states() == ["CANCELED"]
    assert value(progress(), REASON) == words
    assert value(value(progress(), CODES), "00080100") == "110513"
    assert "00404052" in progress()
    version = WorkitemVersion.objects.latest("id")
    assert version.happened == ["cancel requested", "state"]
    assert not problems()


def test_an_order_that_is_deleted_cancels_its_workitem() -> None:
    rule(source="ServiceRequest")
    order()
    work()
    delete("ServiceRequest", "o1")
    assert states() == ["CANCELED"]
    assert value(progress(), REASON) == "ServiceRequest/o1 was deleted."


@pytest.mark.parametrize(
    ("said", "words", "code"),
    [
        ({"status": "cancelled"}, "was cancelled.", "110513"),
        ({"status": "noshow"}, "is of a patient who did not come.", "110507"),
        (
            {"status": "cancelled", "cancelationReason": {"text": "Snow"}},
            "was cancelled. Snow",
            "110513",
        ),
    ],
)
def test_an_appointment_that_is_not_kept_cancels_its_workitem(
    said: dict[str, Any], words: str, code: str
) -> None:
    rule(source="Appointment", conditions="status=booked")
    resource("Appointment", "a1", status="booked", **BOOKED)
    work()
    resource("Appointment", "a1", **{**BOOKED, **said})
    assert states() == ["CANCELED"]
    assert value(progress(), REASON) == f"Appointment/a1 {words}"
    assert value(value(progress(), CODES), "00080100") == code


def test_who_has_claimed_it_is_asked_to_cancel_once(reader: Actor) -> None:
    rule(source="ServiceRequest", worklist_label="Neuro")
    order()
    work()
    do("claimWorkitem", actor=reader, uid=uid())
    order("revoked")
    assert states() == ["IN PROGRESS"]
    version = WorkitemVersion.objects.latest("id")
    assert version.happened == ["cancel requested"]
    head = changefeed.head()
    order("revoked", priority="stat")
    work()
    followers.rebuild(RuleFollower())
    assert states() == ["IN PROGRESS"]
    assert changefeed.head() == head + 1  # the order's
    assert not problems()


def test_where_nobody_hears_nothing_is_forced_and_the_rule_says_so() -> None:
    rule(source="ServiceRequest")
    order()
    work()
    claim_elsewhere()
    order("revoked")
    assert states() == ["IN PROGRESS"]
    (problem,) = problems()
    assert "was revoked" in problem
    assert "C312" in problem


def test_what_is_given_up_after_its_order_has_ended_is_not_on_the_list(
    reader: Actor,
) -> None:
    rule(source="ServiceRequest", worklist_label="Neuro")
    order()
    work()
    do("claimWorkitem", actor=reader, uid=uid())
    order("revoked")
    work()
    do("releaseWorkitem", actor=reader, uid=uid())
    assert states() == ["CANCELED", "CANCELED"]
    assert value(progress(), REASON) == "ServiceRequest/o1 has ended."


def test_an_order_that_is_active_again_has_no_second_workitem(reader: Actor) -> None:
    rule(source="ServiceRequest", worklist_label="Neuro")
    order()
    work()
    order("revoked")
    work()
    order("active")
    assert states() == ["CANCELED"]
    assert MadeWorkitem.objects.get().ended_at is None
    order("revoked")
    assert states() == ["CANCELED"]


def test_an_order_that_ends_again_is_told_again(reader: Actor) -> None:
    rule(source="ServiceRequest", worklist_label="Neuro")
    order()
    work()
    do("claimWorkitem", actor=reader, uid=uid())
    for status in ("revoked", "active", "revoked"):
        order(status)
        work()
    wishes = WorkitemVersion.objects.filter(happened=["cancel requested"])
    assert wishes.count() == 2


def test_what_a_disabled_rule_has_made_ends_as_well() -> None:
    held = rule(source="ServiceRequest")
    order()
    work()
    configure_rule(actor=ADMIN, rule=held, values={"is_enabled": False})
    order("revoked")
    assert states() == ["CANCELED"]


def test_an_order_that_ends_while_its_workitem_is_made_ends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rule(source="ServiceRequest", conditions="status=active")
    order()
    write = make._write

    def revoke() -> None:
        order("revoked")
        connection.close()

    def late(partition: Any, wishes: Any) -> int:
        if wishes:  # the rule has looked, and nothing is committed yet
            somebody_else = threading.Thread(target=revoke)
            somebody_else.start()
            somebody_else.join()
        return write(partition, wishes)

    monkeypatch.setattr(make, "_write", late)
    assert states() == ["CANCELED"]


def test_what_is_completed_stays_so(reader: Actor) -> None:
    rule(source="ServiceRequest", worklist_label="Neuro")
    order()
    work()
    for name in ("claimWorkitem", "completeWorkitem"):
        do(name, actor=reader, uid=uid())
    order("revoked")
    assert states() == ["COMPLETED"]
    assert not problems()


def test_a_rule_that_asks_for_what_was_entered_in_error_makes_work_of_it() -> None:
    rule("Check", source="ServiceRequest", conditions="status=entered-in-error")
    rule("Do", source="ServiceRequest", conditions="status:not=entered-in-error")
    order()
    work()
    order("entered-in-error")
    work()
    order("entered-in-error", priority="stat")
    assert states() == ["CANCELED", "SCHEDULED"]


def test_what_has_ended_before_the_rule_looks_makes_none(capsys: Any) -> None:
    rule("Do", source="ServiceRequest")
    order("revoked")
    order("active", "o2")
    assert states() == ["SCHEDULED"]
    assert MadeWorkitem.objects.get().subject == "ServiceRequest/o2"
    call_command("worklist_rules", "dry-run", "Do")
    out = capsys.readouterr().out
    assert "ServiceRequest/o1\thas ended, no workitem\n" in out
    call_command("worklist_rules", "run", "Do")
    assert states() == ["SCHEDULED"]
    assert not problems()


def test_several_workitems_of_an_order_end() -> None:
    rule("Read", source="ServiceRequest")
    rule("Check", source="ServiceRequest")
    order()
    order(fhir_id="o2")
    work()
    order("revoked")
    assert sorted(states()) == ["CANCELED", "CANCELED", "SCHEDULED", "SCHEDULED"]


def test_what_was_made_of_a_resource_is_found_by_an_index() -> None:
    held = rule(source="ServiceRequest")
    with raw_connection().cursor() as cursor:
        cursor.execute(
            "INSERT INTO worklist_madeworkitem (rule_id, key, partition_id, subject,"
            " sop_instance_uid, version) SELECT %s, gen_random_uuid(), %s,"
            " 'ServiceRequest/' || n, '2.25.' || n, 1 FROM generate_series(1, 20000) n",
            (held.pk, held.partition_id),
        )
        cursor.execute("ANALYZE worklist_madeworkitem")
        plans = []
        for statement, values in (
            (_MADE_OF, (held.partition_id, ["ServiceRequest/1"])),
            (_NOTE, ("[]",)),
        ):
            cursor.execute(f"EXPLAIN {statement}", values)
            plans.append("\n".join(line for (line,) in cursor.fetchall()))
    of_task = MadeWorkitem.objects.filter(
        partition_id=held.partition_id, subject="Task/1", subject__contains="/"
    )
    for plan in (*plans, of_task.explain()):
        assert "worklist_made_resource" in plan
        assert "Seq Scan on worklist_madeworkitem" not in plan
        assert "hashed" not in plan
