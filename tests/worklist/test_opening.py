"""What a grant on a worklist opens, and what nobody opens by naming it (0049)."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from core import changefeed
from core.access import Actor, system
from core.accounts.actors import actor_of_account
from core.accounts.grants import Level, revoke
from core.database import raw_connection
from core.models import Account, AccountGrant, Scope, ScopedStudy
from core.partitions import create_partition
from imaging.delete import delete_instances
from imaging.move import move_study
from imaging.project_contents import add_studies
from imaging.projects import create_project, scope
from imaging.scopes import scope_of_partition, scope_of_patient, scope_of_study
from tests.imaging.dicomweb.asking import send as ask_dicomweb
from tests.imaging.stores import ADMIN, received, store
from tests.synthetic import new_uid
from tests.worklist.opening import (
    CHIEF,
    change,
    move_to,
    naming,
    opened,
    schedule,
)
from tests.worklist.steps import claim, found, send, step
from tests.worklist.test_access import of_worklist, somebody
from worklist.create import New, create_many
from worklist.delete import delete_workitem
from worklist.hand_over import hand_over_workitem
from worklist.models import NamedStudy, Workitem
from worklist.release import release_workitem
from worklist.update import update_workitem

pytestmark = pytest.mark.usefixtures("committing")

FEED_OF_INSTANCES = changefeed.Filter(kind="instance")


def held(uid: str, patient: str = "P1", partition: str = "default") -> None:
    one = received(uid, f"{uid}.1", f"{uid}.1.1", patient_id=patient)
    store(one, partition=partition)


def delete_study(uid: str) -> None:
    delete_instances(actor=ADMIN, partition="default", study_instance_uid=uid)


def on(label: str, role: str = "Radiologist", level: Level = Level.IDENTIFY) -> Actor:
    """Return somebody new who was granted a worklist."""
    return somebody(role, of_worklist(label), level=level)


def again(actor: Actor) -> Actor:
    """Return what an account may now."""
    return actor_of_account(Account.objects.get(username=actor.name))


def end(uid: str) -> None:
    send(f"/workitems/{uid}/cancelrequest", "POST", actor=CHIEF)
    delete_workitem(actor=CHIEF, partition="default", uid=uid)


def leads_to() -> int:
    """Return how many rows say what worklists lead to."""
    return ScopedStudy.objects.filter(scope__kind="worklist").count()


def test_what_its_workitems_name_is_opened_and_no_more_of_the_patient() -> None:
    for uid in ("1.1", "1.2", "1.3"):
        held(uid)
    before = on("Neuro")
    assert opened(before) == set()
    schedule(label="Neuro", study="1.1", others=("1.2",))
    assert opened(before) == opened(on("Neuro")) == {"1.1", "1.2"}
    assert opened(on("Chest")) == set()


def test_images_are_opened_as_the_viewer_asks_for_them() -> None:
    held("1.1")
    held("1.2")
    schedule(label="Neuro", study="1.1")
    actor = on("Neuro")
    for path in ("series", "instances", "metadata", "series/1.1.1/metadata"):
        for study, status in (("1.1", 200), ("1.2", 404)):
            answer = ask_dicomweb(f"/studies/{study}/{path}", actor=actor)
            empty = status == 404 and path in {"series", "instances"}
            assert answer.status_code == (204 if empty else status), path
    answer = ask_dicomweb("/studies?StudyInstanceUID=1.1", actor=actor)
    assert answer.json()[0]["00100020"]["Value"] == ["P1"]


def test_who_may_not_see_who_patients_are_is_not_told() -> None:
    held("1.1")
    schedule(label="Neuro", study="1.1")
    actor = on("Neuro", "Researcher", Level.SEE)
    assert opened(actor) == {"1.1"}
    answer = ask_dicomweb("/studies?StudyInstanceUID=1.1", actor=actor)
    assert "P1" not in answer.text


def test_a_study_that_comes_after_its_workitem_is_opened() -> None:
    actor = on("Neuro")
    schedule(label="Neuro", study="1.1")
    held("1.1")
    assert opened(actor) == {"1.1"}
    delete_study("1.1")
    assert opened(actor) == set()
    held("1.1", "P2")
    assert opened(actor) == {"1.1"}


def test_it_closes_with_the_last_workitem_that_names_it() -> None:
    held("1.1")
    held("1.2")
    actor = on("Neuro")
    one = schedule(label="Neuro", study="1.1", others=("1.2",))
    two = schedule(label="Neuro", study="1.1")
    assert change(one, CHIEF, t00404021=naming("1.1")) == 200
    assert opened(actor) == {"1.1"}
    assert move_to(one, "Chest", CHIEF) == 200
    assert opened(actor) == opened(on("Chest")) == {"1.1"}
    end(two)
    assert opened(actor) == set()
    end(one)
    assert leads_to() == 0


def test_what_ended_stays_open_until_it_is_deleted() -> None:
    held("1.1")
    actor = on("Neuro")
    uid = schedule(label="Neuro", study="1.1")
    send(f"/workitems/{uid}/cancelrequest", "POST", actor=CHIEF)
    assert opened(actor) == {"1.1"}


def test_revoking_the_grant_closes_all() -> None:
    held("1.1")
    schedule(label="Neuro", study="1.1")
    actor = on("Neuro")
    given = AccountGrant.objects.get(user=actor.account_id)
    revoke(actor=ADMIN, given=given)
    assert opened(again(actor)) == set()


def test_a_study_that_is_moved_away_is_closed() -> None:
    create_partition(actor=ADMIN, name="other")
    held("1.1")
    schedule(label="Neuro", study="1.1")
    actor = on("Neuro")
    move_study(
        actor=ADMIN, partition="default", study_instance_uid="1.1", to="other",
        reason="it is theirs",
    )  # fmt: skip
    assert opened(actor) == set()


def test_workitems_of_other_lists_stay_unseen() -> None:
    held("1.1")
    mine = schedule(label="Neuro", study="1.1")
    schedule(label="Chest", study="1.1")
    actor = on("Neuro")
    assert found("", actor=actor) == [mine]
    with pytest.raises(AssertionError, match="Your grants are for other"):
        schedule(actor=actor, study="1.1", label="Chest")


def test_the_feed_tells_of_what_is_opened() -> None:
    held("1.1")
    held("1.2")
    actor = on("Neuro")
    uid = schedule(label="Neuro", study="1.1")

    def told() -> list[str]:
        entries = changefeed.read(
            actor=actor, after=0, limit=50, where=FEED_OF_INSTANCES
        )
        return [f"{each.op} {each.key[0]}" for each in entries]

    assert told() == ["create 1.1"]
    delete_study("1.1")
    assert told() == ["create 1.1", "delete 1.1"]
    end(uid)
    assert told() == []


def test_nobody_opens_a_study_that_they_do_not_see() -> None:
    held("1.1")
    held("1.2")
    schedule(label="Neuro", study="1.1")
    actor, other = on("Neuro"), on("Neuro")
    uid = schedule(actor=actor, label="Neuro", study="1.2")
    assert opened(actor) == opened(other) == {"1.1"}
    # Others change the same workitem, and see everything: they have not named it.
    assert change(uid, CHIEF, t00741204={"vr": "LO", "Value": ["Read"]}) == 200
    claim(uid, actor=somebody("Administrator"))
    assert opened(actor) == {"1.1"}


def test_an_update_opens_nothing_that_its_writer_does_not_see() -> None:
    held("1.1")
    held("1.2")
    held("1.3", "P3")
    uid = schedule(label="Neuro", study="1.1")
    actor = on("Neuro")
    assert change(uid, actor, t00404021=naming("1.2", "1.3")) == 200
    assert opened(actor) == {"1.1"}
    assert change(uid, actor, t00404021=naming()) == 200
    assert change(uid, CHIEF, t00404021=naming("1.2")) == 200
    assert opened(actor) == {"1.1", "1.2"}


def test_who_does_not_name_it_any_more_does_not_keep_it() -> None:
    held("1.1")
    held("1.2")
    uid = schedule(label="Neuro", study="1.1", others=("1.2",))
    actor = on("Neuro")
    assert change(uid, actor, t00404021=naming()) == 200
    assert opened(actor) == {"1.1"}
    assert change(uid, actor, t00404021=naming("1.2")) == 200
    assert opened(actor) == {"1.1"}


def test_who_writes_without_reading_opens_nothing() -> None:
    held("1.1")
    schedule(actor=somebody("Service Writer"), label="Neuro", study="1.1")
    assert opened(on("Neuro")) == set()


def test_a_study_that_one_sees_can_be_handed_on() -> None:
    held("1.1")
    held("1.2")
    project = create_project(actor=ADMIN, partition="default", name="trial")
    add_studies(actor=ADMIN, project_id=project.pk, uids=["1.1"])
    writer, reader = somebody("Radiologist", scope(project)), on("Neuro")
    schedule(actor=writer, label="Neuro", study="1.1", others=("1.2",))
    assert opened(reader) == {"1.1"}
    delete_study("1.1")
    held("1.1", "P9")  # another one, which the writer has never seen
    assert opened(reader) == set()


@pytest.mark.parametrize("of", ["study", "partition"])
def test_a_sight_that_ends_opens_nothing_that_stays(of: str) -> None:
    held("1.1")
    seen = _study("1.1")
    if of == "partition":
        seen = scope_of_partition(actor=ADMIN, partition="default")
    writer = somebody("Radiologist", seen, of_worklist("Neuro"))
    _ends(seen)
    schedule(actor=again(writer), label="Neuro", study="1.1")
    assert opened(on("Neuro")) == set()


def test_a_sight_that_ends_takes_no_other_along() -> None:
    held("1.1")
    held("1.2")
    lasting, lent = _study("1.1"), _study("1.2")
    writer = somebody("Radiologist", lasting, lent, of_worklist("Neuro"))
    _ends(lent)
    schedule(actor=again(writer), label="Neuro", study="1.1", others=("1.2",))
    assert opened(on("Neuro")) == {"1.1"}


def _study(uid: str) -> Scope:
    return scope_of_study(actor=ADMIN, partition="default", study_instance_uid=uid)


def _ends(scope: Scope) -> None:
    """Have what is granted on a scope end in an hour."""
    ending = timezone.now() + timedelta(hours=1)
    AccountGrant.objects.filter(content_object=scope).update(expires_at=ending)


def test_who_moves_a_workitem_takes_along_what_they_see() -> None:
    held("1.1")
    held("1.2", "P2")
    uid = schedule(label="Neuro", study="1.1", others=("1.2", "1.9"))
    patient = scope_of_patient(actor=ADMIN, partition="default", patient_id="P1")
    attacker = somebody("Radiologist", patient, of_worklist("Mine"))
    assert opened(attacker) == {"1.1"}
    assert move_to(uid, "Mine", attacker) == 200
    held("1.9", "P9")
    assert opened(attacker) == opened(on("Mine")) == {"1.1"}
    assert opened(on("Neuro")) == set()
    # Back again it opens no more than that.
    assert move_to(uid, "Neuro", CHIEF) == 200
    assert opened(on("Neuro")) == {"1.1"}


def test_what_the_portal_moves_stays_open() -> None:
    held("1.1")
    uid = schedule(label="Neuro", study="1.1")
    label = {"00741202": {"vr": "LO", "Value": ["Senior"]}}
    update_workitem(actor=system("rule"), partition="default", uid=uid, model=label)
    assert opened(on("Senior")) == {"1.1"}
    named = {"00404021": naming("1.2")}
    held("1.2")
    update_workitem(actor=system("rule"), partition="default", uid=uid, model=named)
    assert opened(on("Senior")) == {"1.1"}


@pytest.mark.parametrize("is_chief", [False, True])
def test_what_takes_the_place_of_a_workitem_opens_the_same(*, is_chief: bool) -> None:
    for uid in ("1.1", "1.2"):
        held(uid)
    one, two = on("Neuro"), on("Neuro")
    schedule_of_one = schedule(label="Neuro", study="1.1")
    assert change(schedule_of_one, one, t00404021=naming("1.2")) == 200
    claim(schedule_of_one, actor=one)
    actor = somebody("Administrator") if is_chief else one
    new = hand_over_workitem(
        actor=actor, partition="default", uid=schedule_of_one, to=two.name
    )
    end_of_first = Workitem.objects.get(sop_instance_uid=schedule_of_one)
    end_of_first.delete()
    assert opened(two) == {"1.1"}
    claim(new, actor=two)
    release_workitem(actor=actor if is_chief else two, partition="default", uid=new)
    Workitem.objects.get(sop_instance_uid=new).delete()
    assert opened(one) == {"1.1"}


def test_many_are_named_at_once_and_once_each() -> None:
    actor = on("Neuro")
    uids = [f"1.{number}" for number in range(3)]
    for uid in uids:
        held(uid)
    models = [step(label="Neuro", study=uid) for uid in uids]
    wanted = [New(model, new_uid()) for model in models]
    for _ in range(2):
        create_many(actor=CHIEF, partition="default", workitems=wanted)
    assert NamedStudy.objects.count() == 3
    assert opened(actor) == set(uids)


def test_nothing_is_opened_by_what_is_rolled_back() -> None:
    held("1.1")
    on("Neuro")
    before = leads_to()
    with transaction.atomic():
        schedule_here()
        assert leads_to() == before + 1
        transaction.set_rollback(True)
    assert (leads_to(), NamedStudy.objects.count()) == (before, 0)


def schedule_here() -> None:
    """Create a workitem in the transaction of the caller."""
    model = step(label="Neuro", study="1.1")
    create_many(actor=CHIEF, partition="default", workitems=[New(model)])


def test_a_list_that_nobody_was_granted_takes_no_lock_of_studies() -> None:
    held("1.1")
    with transaction.atomic():
        schedule_here()
        rows = raw_connection().execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            " AND classid = 701749 AND pid = pg_backend_pid()"
        )
        assert rows.fetchone() == (0,)
