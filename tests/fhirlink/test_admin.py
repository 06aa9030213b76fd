"""The clinical record in the admin: found, decided, undone, refused, audited."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from core.accounts.grants import Level, grant, scope_of
from core.models import Account, AuditRecord, Partition, ScopeKind
from fhirlink.models import (
    ChannelState,
    LinkConflict,
    LinkDecision,
    LinkSource,
    Resource,
    SubscriptionChannel,
)
from imaging.models import Patient
from tests.fhirlink.linkage.world import AUTHORITY, World
from tests.imaging.stores import ADMIN

pytestmark = pytest.mark.django_db
CONFLICTS = "/admin/fhirlink/linkconflict/"
DECISIONS = "/admin/fhirlink/linkdecision/"
RESOURCES = "/admin/fhirlink/resource/"
SOURCES = "/admin/fhirlink/linksource/"


@pytest.fixture
def world(settings: Any) -> World:
    """Return a partition whose studies are linked at once."""
    settings.LINK_QUIET_S = 0
    settings.ASSIGNING_AUTHORITY = AUTHORITY
    return World()


@pytest.fixture
def manager() -> Client:
    return staff("Data Manager")


def staff(role: str, name: str = "ada", **more: Any) -> Client:
    account = Account.objects.create_user(name, is_staff=True, **more)
    account.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(account)
    return client


def text(answer: Any) -> str:
    assert answer.status_code == 200
    content: bytes = answer.content
    return content.decode()


def shown(answer: Any) -> list[Any]:
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


def audited(action: str) -> AuditRecord:
    return AuditRecord.objects.filter(action=action, actor="ada").latest("pk")


def contradicting(world: World) -> tuple[str, str, LinkConflict]:
    """Return a Patient, and a study that contradicts it, with the conflict."""
    patient, study = world.patient(birthDate="1960-01-01"), world.study()
    world.link()
    return patient, study, LinkConflict.objects.get(study_instance_uid=study)


def decide(client: Client, conflict: LinkConflict, decision: str, reason: str) -> Any:
    fields = {"decision": decision, "reason": reason}
    return client.post(f"{CONFLICTS}{conflict.pk}/change/", fields, follow=True)


def test_both_sides_of_a_conflict_are_shown_and_audited(
    world: World, manager: Client
) -> None:
    patient, study, conflict = contradicting(world)
    page = text(manager.get(f"{CONFLICTS}{conflict.pk}/change/"))
    for each in (study, f"Patient/{patient}", "1960-01-01", "1970-01-02", "Jane Doe"):
        assert each in page, each
    assert "Birth date: differs" in page
    assert "Name: differs" not in page
    row = audited("retrieve")
    assert (row.study_instance_uid, row.query) == (study, f"Patient/{patient}")
    assert row.patients == [Patient.objects.get().pk]


def test_conflicts_are_listed_by_kind_state_partition_and_study(
    world: World, manager: Client
) -> None:
    _, study, conflict = contradicting(world)
    asked = {
        "": [conflict],
        "?kind=contradiction": [conflict],
        "?kind=several": [],
        "?state=resolved": [],
        "?state=any": [conflict],
        f"?partition={world.name}": [conflict],
        "?partition=default": [],
        f"?q={study}": [conflict],
        "?q=1.2.3": [],
    }
    for query, expected in asked.items():
        assert shown(manager.get(CONFLICTS + query)) == expected, query
    manager.get(f"{CONFLICTS}?q={study}")
    row = audited("search")
    assert (row.query, row.studies) == (f"q={study}", [study])


def test_a_conflict_is_resolved_with_a_reason(world: World, manager: Client) -> None:
    *_, conflict = contradicting(world)
    assert "required" in text(decide(manager, conflict, "resolve", " "))
    conflict.refresh_from_db()
    assert conflict.resolved_at is None
    decide(manager, conflict, "resolve", "twin sister")
    conflict.refresh_from_db()
    assert (conflict.resolved_by, conflict.resolution) == ("ada", "twin sister")
    assert audited("update").detail == "conflict contradiction resolved: twin sister"
    assert shown(manager.get(CONFLICTS)) == []
    assert shown(manager.get(f"{CONFLICTS}?state=resolved")) == [conflict]


def test_chosen_conflicts_are_resolved_once_somebody_says_why(
    world: World, manager: Client
) -> None:
    _, study, conflict = contradicting(world)
    fields = {"action": "resolve", "_selected_action": [str(conflict.pk)]}
    assert study in text(manager.post(CONFLICTS, fields))
    conflict.refresh_from_db()
    assert conflict.resolved_at is None
    manager.post(CONFLICTS, {**fields, "reason": "seen"})
    conflict.refresh_from_db()
    assert conflict.resolution == "seen"


def test_a_patient_is_chosen_and_that_is_undone(world: World, manager: Client) -> None:
    one, other = world.patient(), world.patient()
    study = world.study()
    world.link()
    before = world.subject(study)
    conflict = LinkConflict.objects.get(study_instance_uid=study)
    page = text(manager.get(f"{CONFLICTS}{conflict.pk}/change/"))
    assert f"Patient/{one} (Jane Doe)" in page
    assert "Merged." in text(decide(manager, conflict, f"merge {other}", "letter"))
    world.link()
    assert world.subject(study) == other
    (decision,) = shown(manager.get(DECISIONS))
    assert f"{AUTHORITY} P1 = Patient/{other}" in text(manager.get(DECISIONS))
    fields = {"action": "undo", "_selected_action": [str(decision.pk)]}
    assert "letter" in text(manager.post(DECISIONS, fields))
    fields["reason"] = "wrong letter"
    assert "1 undone" in text(manager.post(DECISIONS, fields, follow=True))
    world.link()
    assert world.subject(study) == before
    assert shown(manager.get(f"{DECISIONS}?state=holds")) == []
    again = text(manager.post(DECISIONS, fields, follow=True))
    assert "It was undone already." in again


def test_an_identifier_is_split_and_what_was_said_is_not_said_twice(
    world: World, manager: Client
) -> None:
    patient, study, conflict = contradicting(world)
    decide(manager, conflict, "split", "not hers")
    refused = text(decide(manager, conflict, "split", "not hers"))
    assert "This has been said already." in refused
    assert LinkDecision.objects.get().reason == "not hers"
    world.link()
    assert world.subject(study) != patient


def test_patients_described_alike_are_shown_and_merged(
    world: World, manager: Client
) -> None:
    patient = world.patient()
    study = world.study(IssuerOfPatientID="urn:oid:9.9")
    world.link()
    made = world.subject(study)
    address = f"{DECISIONS}suggestions/?partition={world.name}"
    page = text(manager.get(address))
    assert "urn:oid:9.9 P1" in page
    (decision,) = re.findall(r'name="decision" value="([^"]+)"', page)
    assert set(decision.split()) == {made, patient}
    assert audited("retrieve").patients == [Patient.objects.get().pk]
    fields = {"decision": decision, "reason": ""}
    assert "required" in text(manager.post(address, fields))
    assert not LinkDecision.objects.exists()
    fields["reason"] = "asked her"
    assert "Merged." in text(manager.post(address, fields, follow=True))
    world.link()
    assert world.subject(study) == patient
    assert "Nobody." in text(manager.get(address))


def test_suggestions_are_for_who_manages_the_partition(world: World) -> None:
    world.patient()
    address = f"{DECISIONS}suggestions/?partition={world.name}"
    assert staff("Radiologist").get(address).status_code == 403
    client = staff("Data Manager", "eve", only_granted=True)
    page = text(client.get(address))
    assert "Nobody." in page
    assert "Doe" not in page
    hostile = text(client.get(f"{DECISIONS}suggestions/?partition=<script>"))
    assert "&lt;script&gt;" in hostile


def test_nobody_merges_with_a_patient_that_was_not_offered(
    world: World, manager: Client
) -> None:
    *_, conflict = contradicting(world)
    page = text(decide(manager, conflict, "merge somebody", "because"))
    assert "not one of the available choices" in page
    assert not LinkDecision.objects.exists()


def test_who_manages_another_partition_sees_none_of_it(world: World) -> None:
    patient, _, conflict = contradicting(world)
    world.write("Subscription", "s", **SUBSCRIPTION)
    elsewhere = World()
    elsewhere.patient()
    client = staff("Data Manager", only_granted=True)
    partition = Partition.objects.get(name=elsewhere.name)
    scope = scope_of(ScopeKind.PARTITION, partition.pk, partition.pk)
    account = Account.objects.get(username="ada")
    grant(actor=ADMIN, scope=scope, to=account, level=Level.IDENTIFY)
    assert shown(client.get(CONFLICTS)) == []
    assert client.get(f"{CONFLICTS}{conflict.pk}/change/").status_code == 302
    assert decide(client, conflict, "resolve", "mine").redirect_chain
    conflict.refresh_from_db()
    assert conflict.resolved_at is None
    seen = shown(client.get(RESOURCES))
    assert {each.partition_id for each in seen} == {partition.pk}
    assert shown(client.get(f"{RESOURCES}?q=Patient/{patient}")) == []
    held = Resource.objects.get(fhir_id=patient)
    assert client.get(f"{RESOURCES}{held.pk}/change/").status_code == 302


def test_resources_are_found_by_type_and_id(world: World, manager: Client) -> None:
    world.write("Patient", "17", name=[{"family": "Doe"}])
    world.write("Organization", "17", name="Ward")
    world.write("Patient", "18")
    world.delete("Patient", "18")
    asked = {
        "": {"Patient/17", "Organization/17"},
        "?q=17": {"Patient/17", "Organization/17"},
        "?q=Patient/17": {"Patient/17"},
        "?q=Patient/18": {"Patient/18"},
        "?q=Nothing/17": set(),
        "?type=Patient": {"Patient/17"},
        f"?type=Organization&partition={world.name}": {"Organization/17"},
    }
    for query, expected in asked.items():
        found = {str(each) for each in shown(manager.get(RESOURCES + query))}
        assert found == expected, query
    assert audited("search").query == f"type=Organization&partition={world.name}"


def test_a_resource_is_shown_with_its_versions_and_each_read_is_audited(
    world: World, manager: Client
) -> None:
    world.write("Patient", "p", multipleBirthInteger=1, name=[{"text": "<b>Ann"}])
    world.write("Patient", "p", name=[{"text": "Bea"}])
    held = Resource.objects.get(fhir_id="p")
    address = f"{RESOURCES}{held.pk}/change/"
    now = text(manager.get(address))
    assert "Bea" in now
    assert "Version 2, the current one" in now
    assert (audited("retrieve").query, audited("retrieve").detail) == (
        "Patient/p", "1 Patient",
    )  # fmt: skip
    before = text(manager.get(f"{address}?version=1"))
    assert "&lt;b&gt;Ann" in before
    assert "Bea" not in before
    world.delete("Patient", "p")
    gone = text(manager.get(address))
    assert "Deleted" in gone
    assert "?version=1" in gone
    assert manager.post(address, {}).status_code == 403


def test_a_partition_s_studies_are_linked_by_what_is_configured(
    world: World, manager: Client, settings: Any
) -> None:
    settings.ASSIGNING_AUTHORITY = ""
    study = world.study()
    world.link()
    assert LinkConflict.objects.get(study_instance_uid=study).kind == "unlinked"
    key = Partition.objects.get(name=world.name).pk
    fields = {"partition": key, "assigning_authority": "nonsense", "issuers": "{}"}
    refused = text(manager.post(f"{SOURCES}add/", fields, follow=True))
    assert "A system is a URI" in refused
    assert not LinkSource.objects.exists()
    fields["assigning_authority"] = AUTHORITY
    manager.post(f"{SOURCES}add/", fields)
    world.link()
    assert not LinkConflict.objects.exists()
    (source,) = shown(manager.get(SOURCES))
    assert audited("configure").detail.startswith("linkage: ")
    fields |= {"zone": "Europe/Berlin", "partition": "1"}
    manager.post(f"{SOURCES}{source.pk}/change/", fields)
    source.refresh_from_db()
    assert (source.zone, source.partition_id) == ("Europe/Berlin", key)


SUBSCRIPTION: dict[str, Any] = {
    "status": "error",
    "reason": "to know",
    "criteria": "Observation?code=x",
    "channel": {
        "type": "rest-hook",
        "endpoint": "https://h.example",
        "header": ["Authorization: Bearer of-somebody"],
    },
    "error": "The subscriber answers 500.",
}


def test_subscriptions_say_why_nobody_is_told(world: World, manager: Client) -> None:
    world.write("Subscription", "s", **SUBSCRIPTION)
    channel = SubscriptionChannel.objects.create(
        partition=Partition.objects.get(name=world.name),
        fhir_id="s",
        version=1,
        owner="eve",
        state=ChannelState.ERROR,
    )
    address = "/admin/fhirlink/subscriptionchannel/"
    for page in (f"{address}?state=error", f"{address}{channel.pk}/change/"):
        found = text(manager.get(page))
        assert "The subscriber answers 500." in found
        assert "of-somebody" not in found
    assert shown(manager.get(f"{address}?state=active")) == []
