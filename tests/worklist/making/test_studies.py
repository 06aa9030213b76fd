"""A study arrives, and a rule makes a workitem of it: once."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from core import changefeed, followers
from core.access import Verb
from core.changefeed import Filter
from core.errors import Forbidden, Invalid, NotFound
from core.models import AuditRecord
from tests.actors import acting
from tests.imaging.stores import ADMIN
from tests.worklist.making.making import rule, study, value, work, workitems
from worklist.delete import delete_workitem
from worklist.making import waiting
from worklist.making.configuring import configure_rule, run_rule, try_rule
from worklist.making.follower import RuleFollower
from worklist.making.make import Round
from worklist.making.waiting import make_waiting
from worklist.models import MadeWorkitem, WaitingSubject, Workitem

pytestmark = pytest.mark.usefixtures("committing")


def test_a_study_makes_a_workitem() -> None:
    rule("Read CT", worklist_label="CT", priority="HIGH", due="arrival + 4 h")
    uid = study(patient_id="P7", name="Doe^Jane", date="20260102")
    work()
    (model,) = workitems()
    assert value(model, "00100020") == "P7"
    assert value(model, "00100010") == {"Alphabetic": "Doe^Jane"}
    assert value(model, "00741204") == "Read CT"
    assert value(model, "00741202") == "CT"
    assert value(model, "00741200") == "HIGH"
    assert value(model, "00741000") == "SCHEDULED"
    assert value(value(model, "0040A370"), "0020000D") == uid
    held = Workitem.objects.get()
    assert held.study_instance_uids == [uid]
    assert held.patient_id == "P7"
    begin, due = (value(model, tag) for tag in ("00404005", "00404011"))
    assert int(due[:8] + due[8:10]) != int(begin[:8] + begin[8:10])


def test_it_is_told_in_the_feed_and_the_audit_log() -> None:
    rule()
    study()
    work()
    (entry,) = changefeed.read(
        actor=ADMIN, after=0, limit=10, where=Filter(kind="workitem")
    )
    assert entry.op == "create"
    assert entry.actor == "system:worklist rules"
    uid = Workitem.objects.get().sop_instance_uid
    assert AuditRecord.objects.filter(
        actor="system:worklist rules", detail=f"workitem {uid}: created"
    ).exists()


def test_more_of_a_study_makes_no_second_one() -> None:
    rule()
    uid = study()
    work()
    study(uid)
    study(uid)
    work()
    assert len(workitems()) == 1
    assert not WaitingSubject.objects.exists()


def test_a_replay_and_a_rebuild_make_no_second_one() -> None:
    rule()
    study()
    study()
    work()
    followers.rebuild(RuleFollower())
    work()
    assert len(workitems()) == 2
    assert MadeWorkitem.objects.count() == 2


def test_what_was_deleted_is_not_made_again() -> None:
    rule()
    uid = study()
    work()
    held = Workitem.objects.get()
    Workitem.objects.update(state="CANCELED", ended_at=held.start_at)
    delete_workitem(actor=ADMIN, partition="default", uid=held.sop_instance_uid)
    study(uid)
    work()
    assert not Workitem.objects.exists()


def test_even_without_memory_there_is_one_workitem_of_a_key() -> None:
    made = rule()
    uid = study()
    work()
    MadeWorkitem.objects.all().delete()
    study(uid)
    work()
    assert len(workitems()) == 1
    assert MadeWorkitem.objects.get().rule_id == made.pk


def test_two_workers_make_one_workitem_of_each() -> None:
    rule()
    for _ in range(30):
        study()
    followers.run_until_caught_up(RuleFollower())
    start = threading.Barrier(4)
    errors: list[Exception] = []

    def work_alone() -> None:
        try:
            start.wait()
            while make_waiting(time_limit_s=30):
                pass
        except Exception as error:  # noqa: BLE001 told by the test
            errors.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work_alone) for _ in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert not errors
    work()
    assert len(workitems()) == 30


def test_what_is_cut_off_is_made_later_and_once(monkeypatch: Any) -> None:
    rule()
    study()
    followers.run_until_caught_up(RuleFollower())
    with pytest.raises(RuntimeError), transaction.atomic(durable=True):
        waiting._make_some()
        raise RuntimeError  # the worker dies before its commit
    assert not Workitem.objects.exists()
    assert not MadeWorkitem.objects.exists()
    work()
    assert len(workitems()) == 1


def test_only_what_meets_the_conditions() -> None:
    rule(conditions="ModalitiesInStudy=MR")
    uid = study(modality="CT")
    work()
    assert not workitems()
    study(uid, modality="MR")  # now it does
    work()
    assert len(workitems()) == 1


def test_what_was_there_before_is_made_by_a_run() -> None:
    uids = {study() for _ in range(3)}
    held = rule()
    work()
    assert not workitems()
    told: list[tuple[int, Round]] = []
    done = run_rule(actor=ADMIN, rule=held, tell=lambda *each: told.append(each))
    assert done == Round(3, 0)
    assert told[-1] == (3, done)
    assert {each.subject for each in MadeWorkitem.objects.all()} == uids
    assert run_rule(actor=ADMIN, rule=held, tell=print).made == 0


def test_each_rule_makes_its_own() -> None:
    rule("Read")
    rule("Check", worklist_label="Quality")
    rule("Other", partition="north")
    study()
    work()
    assert {value(each, "00741204") for each in workitems()} == {"Read", "Check"}
    assert not workitems("north")


def test_a_disabled_rule_makes_nothing() -> None:
    held = rule()
    configure_rule(actor=ADMIN, rule=held, values={"is_enabled": False})
    uid = study()
    work()
    configure_rule(actor=ADMIN, rule=held, values={"is_enabled": True})
    work()
    assert not workitems()
    study(uid)
    work()
    assert len(workitems()) == 1


def test_a_key_path_tells_what_is_another() -> None:
    rule(key_path="StudyDescription", conditions="")
    uid = study(date="20260101")
    study(uid)
    work()
    assert len(workitems()) == 1
    assert MadeWorkitem.objects.get().subject == uid


def test_a_template_says_more() -> None:
    rule(
        template={
            "ProcedureStepLabel": {
                "Value": ["{StudyDescription | 'CT'} of {PatientName}"]
            },
            "00400400": {"vr": "LT", "Value": ["{{literal}} {StudyDate}"]},
            "ScheduledWorkitemCodeSequence": {
                "Value": [
                    {
                        "CodeValue": {"Value": ["READ"]},
                        "CodingSchemeDesignator": {"Value": ["99HOUSE"]},
                        "CodeMeaning": {"Value": ["Read"]},
                    }
                ]
            },
        }
    )
    study(name="Doe^Jane", date="20260102")
    work()
    (model,) = workitems()
    assert value(model, "00741204") == "CT of Doe^Jane"
    assert value(model, "00400400") == "{literal} 20260102"
    assert value(value(model, "00404018"), "00080100") == "READ"


def test_what_breaks_the_standard_is_told_by_the_rule() -> None:
    held = rule(template={"InputReadinessState": {"Value": ["{StudyDescription}"]}})
    study()
    work()
    held.refresh_from_db()
    assert not workitems()
    assert "InputReadinessState" in held.problem
    assert held.number_of_problems == 1
    assert not WaitingSubject.objects.exists()


def test_a_rule_that_fails_stands_in_nobodys_way() -> None:
    broken = rule("Broken")
    rule("Sound")
    type(broken).objects.filter(pk=broken.pk).update(conditions="NoSuchThing=1")
    study()
    work()
    assert [value(each, "00741204") for each in workitems()] == ["Sound"]
    broken.refresh_from_db()
    assert broken.number_of_problems == 1


def test_a_dry_run_writes_nothing() -> None:
    study(patient_id="P1")
    newest = study(patient_id="P2")
    held = rule()
    before = changefeed.head()
    first, second = try_rule(actor=ADMIN, rule=held, limit=5)
    assert first.subject == newest
    assert value(first.model, "00100020") == "P2"
    assert not first.findings
    assert not first.is_made
    assert value(second.model, "00100020") == "P1"
    assert changefeed.head() == before
    assert not workitems()
    run_rule(actor=ADMIN, rule=held, tell=lambda *_: None)
    assert all(each.is_made for each in try_rule(actor=ADMIN, rule=held, limit=5))


def test_who_does_not_manage_the_partition_has_no_rules() -> None:
    held = rule()
    nobody = acting(None, "eve", {Verb.READ, Verb.VIEW_PHI, Verb.SCHEDULE})
    with pytest.raises(Forbidden):
        configure_rule(actor=nobody, rule=held, values={"due": "arrival + 1 h"})
    with pytest.raises(Forbidden):
        try_rule(actor=nobody, rule=held, limit=1)
    with pytest.raises(Forbidden):
        run_rule(actor=nobody, rule=held, tell=print)


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"source": "Nothing"}, "source"),
        ({"conditions": "NoSuchThing=1"}, "conditions"),
        ({"conditions": "limit=3"}, "conditions.limit"),
        ({"template": []}, "template"),
        ({"template": {"NoSuchThing": {}}}, "template"),
        ({"template": {"PatientID": {"Value": ["{a b}"]}}}, "template.PatientID"),
        ({"template": {"PatientID": {"Value": ["{PatientID"]}}}, "template.PatientID"),
        ({"template": {"PatientID": {}, "00100020": {}}}, "template.00100020"),
        (
            {"template": {"ProcedureStepState": {"Value": ["COMPLETED"]}}},
            "template.ProcedureStepState",
        ),
        ({"template": {"PatientID": {"Value": ["a\0b"]}}}, "template"),
        ({"priority": "STAT"}, "priority"),
        ({"worklist_label": "a\\b"}, "worklist_label"),
        ({"station": "CT1"}, "station"),
        ({"performer": "jdoe, 99HOUSE, Doe^Jane"}, "performer"),
        ({"start": "tomorrow"}, "start"),
        ({"due": "arrival + 4 parsecs"}, "due"),
        ({"key_path": "resolve()"}, "key_path"),
        ({"steps": [{"after": "1 h", "priority": "HIGH"}]}, "due"),
        ({"steps": [{"after": "1 h"}], "due": "arrival"}, "steps[0]"),
        ({"steps": {"a": 1}, "due": "arrival"}, "steps"),
        (
            {"due": "arrival", "template": {"ExpectedCompletionDateTime": {}}},
            "due",
        ),
    ],
)
def test_what_has_no_meaning_is_refused_by_its_place(
    said: dict[str, Any], path: str
) -> None:
    with pytest.raises(Invalid) as refused:
        rule(**said)
    assert refused.value.path == path
    assert refused.value.message.endswith(".") or "'" in refused.value.message


def test_a_rule_of_another_partition_is_not_found() -> None:
    held = rule(partition="north")
    other = acting(None, "eve", {Verb.MANAGE}, partitions=frozenset({999_999}))
    with pytest.raises(NotFound):
        configure_rule(actor=other, rule=held, values={})
