"""To whom a workitem may be handed over: those whom handing over takes, no others."""

import datetime as dt
from itertools import product
from typing import Any, Final

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.access import Actor
from core.accounts import reaching
from core.accounts.grants import Level, Terms, grant, scope_of
from core.errors import NotFound
from core.models import Account, AuditRecord, Partition, Scope, ScopeKind
from imaging.project_contents import PatientIdentity, add_patients
from imaging.projects import create_project, scope
from imaging.scopes import scope_of_patient, scope_of_study
from tests.graphql.graph import ask, errors
from tests.imaging.stores import ADMIN, received, store
from tests.worklist.steps import schedule
from tests.worklist.test_access import of_worklist, somebody
from tests.worklist.test_graph_changes import claimed, do
from worklist.candidates import list_candidates
from worklist.performers import find_performer
from worklist.working import locked

pytestmark = pytest.mark.usefixtures("committing")

PERFORMERS: Final = """query ($uid: UI!, $text: String! = "", $first: Int! = 10,
  $after: String) { workitemPerformers(uid: $uid, text: $text, first: $first,
  after: $after) { pageInfo { hasNextPage endCursor }
  edges { node { name fullName } } } }"""


def named(*, actor: Actor = ADMIN, **given: Any) -> list[str]:
    found = ask(PERFORMERS, actor=actor, **given)["workitemPerformers"]
    return [each["node"]["name"] for each in found["edges"]]


def person(name: str, *roles: str, **more: Any) -> Account:
    account = Account.objects.create_user(name, **more)
    account.groups.set(Group.objects.filter(name__in=roles))
    return account


def scopes() -> dict[str, Scope]:
    """Return what a workitem can be reached by, and what leads elsewhere."""
    key = Partition.objects.get(name="default").pk
    project = create_project(actor=ADMIN, partition="default", name="trial")
    identity = PatientIdentity("P1")
    add_patients(actor=ADMIN, project_id=project.pk, patients=[identity])
    return {
        "list": of_worklist("Neuro"),
        "other": of_worklist("Chest"),
        "patient": scope_of_patient(actor=ADMIN, partition="default", patient_id="P1"),
        "study": scope_of_study(
            actor=ADMIN, partition="default", study_instance_uid="1.1"
        ),
        "project": scope(project),
        "partition": scope_of(ScopeKind.PARTITION, key, key),
    }


def may_have_it(uid: str) -> list[str]:
    """Return whom handing over takes, each asked for alone."""
    found, key = [], Partition.objects.get(name="default").pk
    with transaction.atomic():
        held = locked(ADMIN, key, uid)
        for name in Account.objects.order_by("username").values_list("username"):
            try:
                found.append(find_performer(key, held, *name).username)
            except NotFound:
                continue
    return found


def test_they_are_those_whom_handing_over_takes(monkeypatch: Any) -> None:
    monkeypatch.setattr(reaching, "AT_ONCE", 7)  # so that they come by several times
    store(
        received("1.1", "1.1.1", "1.1.1.1", patient_id="P1"),
        received("1.2", "1.2.1", "1.2.1.1", patient_id="P2"),
    )
    uid = schedule(patient_id="P1", study="1.1", label="Neuro")
    roles = ("Administrator", "Data Manager", "Radiologist", "Researcher", "Referrer")
    for role in (*roles, "Service Writer", "Auditor"):
        person(role, role)
        person(f"{role} of grants", role, only_granted=True)
    levels = (Level.SEE, Level.IDENTIFY, Level.OWN)
    places = scopes()
    group = Group.objects.create(name="Readers")
    for role, (place, on), level in product(roles[2:], places.items(), levels):
        account = person(f"{role} {place} {level}", role)
        grant(actor=ADMIN, scope=on, to=account, level=level)
    person("by group", "Radiologist", "Readers")
    grant(actor=ADMIN, scope=places["list"], to=group, level=Level.IDENTIFY)
    person("group alone", "Readers")
    person("superuser", is_superuser=True)
    person("gone", "Administrator", is_active=False)
    person("nobody")
    seeing = Group.objects.create(name="Sees by grant, performs by role")
    allowed = Permission.objects.filter(codename__in=["read_data", "perform_workitems"])
    seeing.permissions.set(allowed)
    for level in levels:
        account = person(f"performing {level}", seeing.name)
        grant(actor=ADMIN, scope=places["study"], to=account, level=level)
    over = person("over", "Radiologist")
    soon = Terms(expires_at=timezone.now() + dt.timedelta(hours=1))
    given = grant(
        actor=ADMIN, scope=places["list"], to=over, level=Level.SEE, terms=soon
    )
    type(given).objects.filter(pk=given.pk).update(
        expires_at=timezone.now() - dt.timedelta(minutes=1)
    )

    found = named(uid=uid, first=200)

    assert found == may_have_it(uid)
    assert {"by group", "superuser", "Administrator", "performing identify_scope"} < {
        *found
    }
    assert not {"gone", "nobody", "over", "Referrer", "Radiologist"} & {*found}
    pages, after = [], None
    while True:
        page = ask(PERFORMERS, uid=uid, first=9, after=after)["workitemPerformers"]
        pages += [each["node"]["name"] for each in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert pages == found


def test_they_are_found_by_the_beginnings_of_their_names() -> None:
    uid = schedule(label="Neuro")
    person("ada", "Administrator", first_name="Ada", last_name="Löve-Lace")
    person("BEN", "Administrator", first_name="Benjamin", last_name="de Luca")
    person("a%b", "Administrator")
    for text, names in (
        ("", ["BEN", "a%b", "ada"]),
        ("AD", ["ada"]),
        ("lov\u00e9", ["ada"]),
        ("de l", ["BEN"]),
        ("l a", ["ada"]),
        ("a%", ["a%b"]),
        ("_", []),
        ("LACE", ["ada"]),
        ("ace", []),
    ):
        assert sorted(named(uid=uid, text=text)) == names, text
    (told,) = errors(PERFORMERS, uid=uid, text="a " * 11)
    assert (told["code"], told["path"]) == ("INVALID", "text")


def test_only_who_may_hand_it_over_is_told(monkeypatch: Any) -> None:
    reader = somebody("Radiologist", of_worklist("Neuro"))
    other = somebody("Radiologist", of_worklist("Neuro"))
    uid = claimed(reader)
    names = sorted([reader.name, other.name])
    assert named(actor=reader, uid=uid) == names
    assert named(actor=ADMIN, uid=uid) == names  # who manages data does it for others
    for actor, code in (
        (other, "FORBIDDEN"),
        (somebody("Referrer", of_worklist("Neuro")), "FORBIDDEN"),
        (somebody("Radiologist", of_worklist("Chest")), "NO_SUCH_WORKITEM"),
        (somebody("Radiologist"), "NOT_FOUND"),
        (somebody("Auditor"), "FORBIDDEN"),
    ):
        assert errors(PERFORMERS, actor=actor, uid=uid)[0]["code"] == code
    (told,) = AuditRecord.objects.filter(actor=reader.name, action="search")
    assert told.detail == f"accounts for workitem {uid} (2 results)"
    assert told.patient_id == "P1"
    do("cancelWorkitem", actor=reader, uid=uid)
    assert errors(PERFORMERS, actor=reader, uid=uid)[0]["code"] == "FORBIDDEN"


def test_however_many_there_are_it_is_not_a_statement_each() -> None:
    uid = schedule(label="Neuro")

    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            given = {"actor": ADMIN, "partition": "default", "uid": uid}
            list_candidates(**given, limit=100)  # type: ignore[arg-type]
        return len(asked)

    person("first", "Administrator")
    before = statements()
    for number in range(30):
        person(f"p{number}", "Administrator")
    assert statements() == before
