"""Who sees which workitems, and who may do what with them: roles, grants, the feed."""

import pytest
from django.contrib.auth.models import Group

from core import changefeed
from core.access import Actor
from core.accounts.actors import actor_of_account
from core.accounts.grants import Level, grant, scope_of
from core.changefeed import Filter
from core.models import Account, AuditRecord, Partition, Scope, ScopeKind
from imaging.project_contents import PatientIdentity, add_patients, add_studies
from imaging.projects import create_project, scope
from imaging.scopes import scope_of_patient, scope_of_study
from tests.imaging.stores import ADMIN, received, store
from tests.worklist.steps import (
    attribute,
    found,
    held,
    schedule,
    send,
    state,
    step,
)
from worklist.counting import count_by_state
from worklist.models import Workitem, WorkitemVersion
from worklist.query import WorkitemQuery
from worklist.rules import State
from worklist.worklists import scope_of_worklist

pytestmark = pytest.mark.usefixtures("committing")


def somebody(role: str, *scopes: Scope, level: Level = Level.IDENTIFY) -> Actor:
    account = Account.objects.create_user(f"u{Account.objects.count()}")
    account.groups.add(Group.objects.get(name=role))
    for each in scopes:
        grant(actor=ADMIN, scope=each, to=account, level=level)
    return actor_of_account(account)


def of_worklist(label: str) -> Scope:
    return scope_of_worklist(actor=ADMIN, partition="default", label=label)


@pytest.fixture
def world() -> dict[str, str]:
    """Hold workitems of two worklists, two patients and two studies."""
    store(
        received("1.1", "1.1.1", "1.1.1.1", patient_id="P1"),
        received("1.2", "1.2.1", "1.2.1.1", patient_id="P2"),
    )
    return {
        "neuro": schedule(patient_id="P1", study="1.1", label="Neuro"),
        "other": schedule(patient_id="P2", study="1.2", label="Chest"),
        "named": schedule(patient_id="P2", study="1.2", label="Neuro"),
    }


def sees(actor: Actor, world: dict[str, str]) -> set[str]:
    """Return what an actor finds, having looked at each door."""
    seen = set(found("", actor=actor))
    for uid in world.values():
        status = send(f"/workitems/{uid}", actor=actor).status_code
        assert status == (200 if uid in seen else 404)
    total = send("/workitems?total=true", actor=actor).headers["x-total-count"]
    assert int(total) == len(seen)
    by_value = found("PatientSex=M", actor=actor)
    assert set(by_value) == seen
    asked = {"actor": actor, "partition": "default", "query": WorkitemQuery()}
    numbers = count_by_state(**asked)  # type: ignore[arg-type]
    assert numbers.by_state[State.SCHEDULED] == len(seen)
    return {name for name, uid in world.items() if uid in seen}


def test_a_grant_on_a_worklist_leads_to_what_is_on_it(world: dict[str, str]) -> None:
    actor = somebody("Radiologist", of_worklist("Neuro"))
    assert sees(actor, world) == {"neuro", "named"}
    change = {"00741202": attribute("LO", "Chest")}
    send(f"/workitems/{world['named']}", "POST", json=change)
    assert sees(actor, world) == {"neuro"}


def test_a_grant_on_a_patient_leads_to_theirs(world: dict[str, str]) -> None:
    patient = scope_of_patient(actor=ADMIN, partition="default", patient_id="P2")
    actor = somebody("Radiologist", patient)
    assert sees(actor, world) == {"other", "named"}


def test_a_grant_on_a_study_leads_to_what_names_it(world: dict[str, str]) -> None:
    study = scope_of_study(actor=ADMIN, partition="default", study_instance_uid="1.1")
    assert sees(somebody("Radiologist", study), world) == {"neuro"}


def test_a_grant_on_a_project_leads_to_both(world: dict[str, str]) -> None:
    project = create_project(actor=ADMIN, partition="default", name="trial")
    add_studies(actor=ADMIN, project_id=project.pk, uids=["1.1"])
    actor = somebody("Radiologist", scope(project))
    assert sees(actor, world) == {"neuro"}
    identity = PatientIdentity("P2")
    add_patients(actor=ADMIN, project_id=project.pk, patients=[identity])
    assert sees(actor, world) == {"neuro", "other", "named"}


def test_a_grant_on_the_partition_leads_to_all(world: dict[str, str]) -> None:
    key = Partition.objects.get(name="default").pk
    whole = scope_of(ScopeKind.PARTITION, key, key)
    actor = somebody("Radiologist", whole)
    assert sees(actor, world) == set(world)
    assert len(entries(actor)) == len(world)


def entries(actor: Actor) -> list[changefeed.Entry]:
    where = Filter(kind="workitem")
    return changefeed.read(actor=actor, after=0, limit=100, where=where)


def test_the_feed_tells_of_workitems_to_who_sees_all(world: dict[str, str]) -> None:
    assert len(entries(ADMIN)) == len(world)
    assert entries(somebody("Radiologist", of_worklist("Neuro"))) == []
    both = changefeed.read(actor=somebody("Researcher"), after=0, limit=100)
    assert not [each for each in both if each.kind == "workitem"]
    reader = changefeed.read(actor=somebody("Service Reader"), after=0, limit=100)
    assert len([each for each in reader if each.kind == "workitem"]) == len(world)


@pytest.mark.parametrize("level", [Level.SEE, Level.OWN])
def test_who_may_not_see_who_patients_are_sees_none(
    world: dict[str, str], level: Level
) -> None:
    actor = somebody("Researcher", of_worklist("Neuro"), level=level)
    assert send("/workitems", actor=actor).status_code == 403
    uid = world["neuro"]
    assert send(f"/workitems/{uid}", actor=actor).status_code == 403


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        # create, retrieve, search, update, claim, cancel, delete
        ("Administrator", (201, 200, 200, 200, 200, 409, 409)),
        ("Data Manager", (201, 200, 200, 200, 200, 409, 409)),
        ("Radiologist", (404, 404, 404, 404, 404, 404, 403)),
        ("Researcher", (403, 403, 403, 403, 403, 403, 403)),
        ("Referrer", (403, 404, 404, 403, 403, 403, 403)),
        ("Auditor", (403, 403, 403, 403, 403, 403, 403)),
        ("Service Writer", (201, 403, 403, 403, 403, 403, 403)),
        ("Service Reader", (403, 200, 200, 403, 403, 403, 403)),
    ],
)
def test_what_each_role_may_without_grants(
    role: str, statuses: tuple[int, ...]
) -> None:
    uid = schedule()
    actor = somebody(role)
    before = held(uid), WorkitemVersion.objects.count()
    path = f"/workitems/{uid}"
    change = {"00741204": attribute("LO", "Read MR")}
    claiming = state("IN PROGRESS", "1.2.3")
    answers = [
        send("/workitems", "POST", json=step(), actor=actor),
        send(path, actor=actor),
        send("/workitems", actor=actor),
        send(path, "POST", json=change, actor=actor),
        send(f"{path}/state", "PUT", json=claiming, actor=actor),
        send(f"{path}/cancelrequest", "POST", actor=actor),
        send(path, "DELETE", actor=actor),
    ]
    assert tuple(each.status_code for each in answers) == statuses
    for answer in answers:
        if answer.status_code >= 400:
            assert "Doe" not in answer.text
    if 200 not in statuses[3:5] and 201 not in statuses:
        assert (held(uid), WorkitemVersion.objects.count()) == before
    refused = AuditRecord.objects.filter(actor=actor.name, outcome=4).count()
    assert refused == sum(status >= 400 for status in statuses)


def test_who_sees_a_worklist_works_at_it_alone(world: dict[str, str]) -> None:
    actor = somebody("Radiologist", of_worklist("Neuro"))
    claiming = state("IN PROGRESS", "1.2.3")
    for name, status in (("neuro", 200), ("other", 404)):
        path = f"/workitems/{world[name]}/state"
        answer = send(path, "PUT", json=claiming, actor=actor)
        assert answer.status_code == status
    for label, status in (("Neuro", 201), ("Chest", 403), ("", 403)):
        model = step(label=label, patient_id="P9", study="9.9")
        answer = send("/workitems", "POST", json=model, actor=actor)
        assert answer.status_code == status, label
    assert Workitem.objects.filter(patient_id="P9").count() == 1


def test_who_only_reads_by_one_grant_cannot_claim(world: dict[str, str]) -> None:
    actor = somebody("Referrer", of_worklist("Neuro"))
    assert sees(actor, world) == {"neuro", "named"}
    claiming = state("IN PROGRESS", "1.2.3")
    path = f"/workitems/{world['neuro']}/state"
    assert send(path, "PUT", json=claiming, actor=actor).status_code == 403
