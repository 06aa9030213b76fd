"""A rule may wait until a study is quiet: its workitem says then what there is."""

import datetime as dt
import threading
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from core import followers
from core.errors import Invalid
from imaging.models import Study
from tests.imaging.stores import ADMIN
from tests.worklist.making.making import (
    problems,
    resource,
    rule,
    study,
    value,
    work,
    workitems,
)
from worklist.making import quiet
from worklist.making.configuring import configure_rule, run_rule, try_rule
from worklist.making.follower import RuleFollower
from worklist.making.make import Round
from worklist.making.settled import make_settled
from worklist.models import RestlessSubject, Workitem

pytestmark = pytest.mark.usefixtures("committing")

LABEL = "{NumberOfStudyRelatedInstances} images"
COUNTED = {"ProcedureStepLabel": {"Value": [LABEL]}}


def settled() -> list[str]:
    """Have rules look at what is quiet; return the labels of all workitems."""
    work()
    while make_settled(time_limit_s=60):
        pass
    return [value(each, "00741204") for each in workitems()]


def test_a_rule_that_waits_makes_its_workitem_when_nothing_more_comes(
    late: Any,
) -> None:
    rule(quiet="60 s", template=COUNTED)
    uid = study()
    late(seconds=30)
    assert settled() == []
    study(uid)
    assert settled() == []
    late(seconds=70)
    assert settled() == []  # 40 s after the second instance
    study(uid)
    work()
    late(seconds=129)
    assert settled() == []
    late(seconds=131)
    assert settled() == ["3 images"]
    assert not RestlessSubject.objects.exists()
    assert not problems()


def test_what_never_ends_is_worked_on_in_the_end(late: Any) -> None:
    rule(quiet="60 s", longest_wait="2 min", template=COUNTED)
    uid = study()
    for seconds in (50, 100):
        late(seconds=seconds)
        assert settled() == []
        study(uid)
    late(seconds=121)
    assert settled() == []  # it waits since it was noted, at 50 s
    late(seconds=171)
    assert settled() == ["3 images"]
    study(uid)
    late(seconds=400)
    assert settled() == ["3 images"]


def test_what_the_follower_has_not_read_yet_counts(late: Any) -> None:
    rule(quiet="60 s", template=COUNTED)
    uid = study()
    work()
    Study.objects.filter(study_instance_uid=uid).update(
        updated_at=timezone.now() + dt.timedelta(seconds=50)
    )
    late(seconds=65)
    assert settled() == []
    late(seconds=150)
    assert settled() == ["1 images"]


def test_an_instance_more_puts_off_without_a_write_of_what_is_indexed() -> None:
    rule(quiet="60 s")
    uid = study()
    work()
    before = RestlessSubject.objects.get()
    study(uid)
    work()
    after = RestlessSubject.objects.get()
    assert (after.pk, after.due_at) == (before.pk, before.due_at)
    assert after.noted_at > before.noted_at


def test_each_rule_waits_as_it_says(late: Any) -> None:
    rule("At once")
    rule("Soon", quiet="1 min")
    rule("Later", quiet="10 min")
    study()
    assert settled() == ["At once"]
    late(minutes=2)
    assert settled() == ["At once", "Soon"]
    late(minutes=11)
    assert settled() == ["At once", "Soon", "Later"]


def test_versions_of_a_resource_are_waited_for_as_well(late: Any) -> None:
    rule(source="ServiceRequest", conditions="status=active", quiet="1 min")
    order: dict[str, Any] = {"intent": "order", "subject": {"reference": "Patient/p"}}
    resource("ServiceRequest", "o1", status="active", **order)
    assert settled() == []
    late(seconds=50)
    resource("ServiceRequest", "o1", status="active", priority="stat", **order)
    assert settled() == []
    late(seconds=111)
    assert len(settled()) == 1
    assert value(workitems()[0], "00741200") == "HIGH"


def test_what_is_cut_off_still_waits(late: Any) -> None:
    rule(quiet="10 s")
    study()
    work()
    late(minutes=1)
    with pytest.raises(RuntimeError), transaction.atomic(durable=True):
        assert quiet.take(10) is not None
        raise RuntimeError  # the worker dies before its commit
    assert len(settled()) == 1


def test_two_workers_make_one_workitem_of_each(late: Any) -> None:
    rule(quiet="10 s")
    for _ in range(20):
        study()
    work()
    late(minutes=1)
    start = threading.Barrier(3)
    errors: list[Exception] = []

    def work_alone() -> None:
        try:
            start.wait()
            while make_settled(time_limit_s=30):
                pass
        except Exception as error:  # noqa: BLE001 told by the test
            errors.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work_alone) for _ in range(3)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert not errors
    assert len(settled()) == 20


def test_a_rule_that_waits_no_more_looks_at_what_it_has_waited_for(late: Any) -> None:
    held = rule(quiet="1 h", longest_wait="1 h")
    study()
    work()
    configure_rule(actor=ADMIN, rule=held, values={"quiet": "", "longest_wait": ""})
    assert settled() == []
    late(minutes=61)
    assert len(settled()) == 1


def test_a_disabled_rule_forgets_what_it_has_waited_for(late: Any) -> None:
    held = rule(quiet="10 s")
    study()
    work()
    configure_rule(actor=ADMIN, rule=held, values={"is_enabled": False})
    late(minutes=1)
    assert settled() == []
    assert not RestlessSubject.objects.exists()


def test_a_rebuild_waits_anew_and_makes_nothing_twice(late: Any) -> None:
    rule(quiet="10 s")
    study()
    work()
    followers.rebuild(RuleFollower())
    work()
    late(minutes=1)
    assert len(settled()) == 1
    followers.rebuild(RuleFollower())
    late(minutes=2)
    assert len(settled()) == 1


def test_a_rule_that_cannot_be_applied_says_so_when_it_looks(late: Any) -> None:
    held = rule(quiet="10 s")
    type(held).objects.filter(pk=held.pk).update(quiet="soon")
    study()
    assert settled() == []
    (problem,) = problems()
    assert "soon" in problem
    assert not RestlessSubject.objects.exists()


def test_a_dry_run_tells_what_is_not_quiet_yet(late: Any, capsys: Any) -> None:
    study()
    held = rule("Read", quiet="5 min")
    (tried,) = try_rule(actor=ADMIN, rule=held, limit=5)
    changed = Study.objects.get().updated_at
    assert tried.not_before == changed + dt.timedelta(minutes=5)
    call_command("worklist_rules", "dry-run", "Read")
    words = f"would be made when it is quiet, not before {tried.not_before:%H:%M:%S}\n"
    assert capsys.readouterr().out.endswith(words)
    call_command("worklist_rules", "list")
    assert "\tquiet for 5 min" in capsys.readouterr().out
    late(minutes=6)
    (tried,) = try_rule(actor=ADMIN, rule=held, limit=5)
    assert tried.not_before is None


def test_a_run_leaves_what_is_not_quiet_for_later(late: Any, capsys: Any) -> None:
    old, new = study(), study()
    hour = dt.timedelta(hours=1)
    Study.objects.filter(study_instance_uid=old).update(
        updated_at=timezone.now() - hour
    )
    held = rule("Read", quiet="10 s")
    done = run_rule(actor=ADMIN, rule=held, tell=lambda *_: None)
    assert done == Round(made=1, problems=0, waiting=1)
    assert Workitem.objects.get().study_instance_uids == [old]
    call_command("worklist_rules", "run", "Read")
    assert "0 problems, 1 not quiet yet." in capsys.readouterr().out
    late(minutes=1)
    settled()
    made = [each.study_instance_uids for each in Workitem.objects.order_by("id")]
    assert made == [[old], [new]]


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({"quiet": "soon"}, "quiet"),
        ({"quiet": "60"}, "quiet"),
        ({"quiet": "60 s", "longest_wait": "forever"}, "longest_wait"),
        ({"quiet": "2 h", "longest_wait": "1 h"}, "longest_wait"),
        ({"longest_wait": "1 h"}, "longest_wait"),
    ],
)
def test_what_has_no_meaning_is_refused(said: dict[str, str], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        rule(**said)
    assert refused.value.path == path


def test_what_is_quiet_for_longer_than_an_hour_waits_so_long(late: Any) -> None:
    rule(quiet="3 h")
    study()
    work()
    late(hours=2, minutes=59)
    assert settled() == []
    late(hours=3, minutes=1)
    assert len(settled()) == 1
