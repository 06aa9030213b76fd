"""The admin's pages of patients: to whom roles allow it, audited, with grants."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from core.access import Verb
from core.accounts.actors import actor_of_account
from core.accounts.grants import Level, grant
from core.models import Account, AccountGrant, AuditRecord, Scope
from core.partitions import change_partition, get_or_create_partition
from imaging.models import Patient, Study
from imaging.project_contents import PatientIdentity, add_patients
from imaging.projects import create_project
from imaging.scopes import scope_of_partition, scope_of_patient
from tests.imaging.stores import ADMIN, received, store
from tests.imaging.test_admin import shown, staff, text
from tests.imaging.test_grants_admin import formset, level

pytestmark = pytest.mark.django_db
PATIENTS = "/admin/imaging/patient/"


def patient(patient_id: str) -> Patient:
    return Patient.objects.get(patient_id=patient_id)


def page(patient_id: str) -> str:
    return f"{PATIENTS}{patient(patient_id).pk}/change/"


def ids(client: Client, **query: str) -> list[str]:
    answer = client.get(PATIENTS, query)
    assert answer.status_code == 200
    return [row.patient_id for row in answer.context["cl"].result_list]


@pytest.fixture
def patients() -> None:
    store(received("1", "1", "1", patient_id="MRN-1", name="Doe^Jane"))
    store(received("2", "1", "1", patient_id="MRN-1", name="Doe^Janet"))
    store(received("3", "1", "1", patient_id="MRN-2"))
    store(received("4", "1", "1", patient_id="MRN-1"), partition="site-1")
    Patient.objects.filter(patient_id="MRN-2").update(issuer_of_patient_id="site B")


@pytest.mark.usefixtures("patients")
def test_patients_are_found_by_id_issuer_and_partition() -> None:
    manager = staff("Data Manager")
    assert ids(manager) == ["MRN-1", "MRN-1", "MRN-2"]
    assert ids(manager, q="MRN-2") == ["MRN-2"]
    assert ids(manager, q="MRN-*") == ["MRN-1", "MRN-1", "MRN-2"]
    assert ids(manager, q="MRN") == ids(manager, q="%") == []
    assert ids(manager, issuer_of_patient_id="site B") == ["MRN-2"]
    assert ids(manager, partition="site-1") == ["MRN-1"]
    assert ids(manager, partition="nowhere") == []


@pytest.mark.usefixtures("patients")
def test_a_patient_shows_names_studies_and_projects() -> None:
    project = create_project(actor=ADMIN, partition="default", name="sarcoma")
    create_project(actor=ADMIN, partition="default", name="another")
    identity = [PatientIdentity("MRN-1")]
    add_patients(actor=ADMIN, project_id=project.pk, patients=identity)
    one = Patient.objects.get(patient_id="MRN-1", partition__name="default")
    manager = staff("Data Manager")
    found = text(manager.get(f"{PATIENTS}{one.pk}/change/"))
    assert "Doe^Janet" in found
    for uid in ("1", "2"):
        key = Study.objects.get(study_instance_uid=uid).pk
        assert f'<a href="/admin/imaging/study/{key}/change/">{uid}</a>' in found
    assert f'/admin/imaging/project/{project.pk}/change/">sarcoma</a>' in found
    assert "another" not in found
    studies = f"/admin/imaging/study/?linked_patient={one.pk}"
    assert studies in found
    assert shown(manager.get(studies)) == ["2", "1"]
    study = Study.objects.get(study_instance_uid="1").pk
    assert page_of(one) in text(manager.get(f"/admin/imaging/study/{study}/change/"))


def page_of(one: Patient) -> str:
    return f"{PATIENTS}{one.pk}/change/"


@pytest.mark.usefixtures("patients")
def test_each_look_at_patients_is_a_line_of_the_audit_log() -> None:
    manager = staff("Data Manager")
    ids(manager, q="MRN-2")
    text(manager.get(page("MRN-2")))
    columns = ("action", "patient_id", "patients", "detail", "query")
    found = AuditRecord.objects.filter(actor="ada").order_by("pk")
    key = patient("MRN-2").pk
    assert list(found.values_list(*columns)) == [
        ("search", "", [key], "admin: patients (1 results)", "q=MRN-2"),
        ("retrieve", "MRN-2", [], f"admin: patient patient {key}", ""),
    ]


@pytest.mark.usefixtures("patients")
@pytest.mark.parametrize("role", ["Researcher", "Auditor", "Service Writer", None])
def test_who_may_not_see_who_patients_are_sees_none(role: str | None) -> None:
    client = staff(role)
    assert client.get(PATIENTS).status_code == 403
    assert client.get(page("MRN-2")).status_code == 403
    assert "Patients" not in text(client.get("/admin/"))


@pytest.mark.usefixtures("patients")
def test_patients_need_the_whole_partition() -> None:
    client = staff("Radiologist")
    ada = Account.objects.get(username="ada")
    on = scope_of_patient(actor=ADMIN, partition="default", patient_id="MRN-1")
    grant(actor=ADMIN, scope=on, to=ada, level=Level.IDENTIFY)
    assert ids(client) == []
    assert client.get(page("MRN-2")).status_code == 302
    whole = scope_of_partition(actor=ADMIN, partition="site-1")
    grant(actor=ADMIN, scope=whole, to=ada, level=Level.IDENTIFY)
    assert ids(client) == ["MRN-1"]
    change_partition(actor=ADMIN, name="site-1", is_disabled=True)
    assert ids(client) == []


@pytest.mark.usefixtures("patients")
def test_a_patient_is_opened_to_somebody_and_closed_again() -> None:
    eve = Account.objects.create(username="eve")
    eve.groups.add(Group.objects.get(name="Researcher"))
    client = staff("Administrator")
    address = page("MRN-2").replace("change", "grants")
    assert address in text(client.get(page("MRN-2")))
    assert "Who sees it" in text(client.get(address))
    assert not Scope.objects.filter(kind="patient").exists()
    formset(
        client,
        address,
        **{
            "account_grants-TOTAL_FORMS": "1",
            "account_grants-0-user": str(eve.pk),
            "account_grants-0-permission": level(Level.IDENTIFY),
        },
    )
    (given,) = AccountGrant.objects.all()
    assert given.content_object.object_id == patient("MRN-2").pk
    assert actor_of_account(eve).reach(Verb.VIEW_PHI).scopes
    scope = f"/admin/core/scope/{given.content_object_id}/change/"
    for where in (address, scope):
        found = text(client.get(where))
        assert "identify: what is in it, and who its patients are" in found
        assert page("MRN-2") in found
        assert "Portal | " not in found
    account = text(client.get(f"/admin/core/account/{eve.pk}/change/"))
    assert "identify: what is in it, and who its patients are" in account
    assert "Portal | " not in account
    listed = text(client.get("/admin/core/accountgrant/", {"q": "eve"}))
    assert "identify: what is in it, and who its patients are" in listed
    revoked = {"action": "revoke_all", "_selected_action": [str(given.pk)]}
    answer = client.post("/admin/core/accountgrant/", revoked, follow=True)
    assert "1 revoked." in text(answer)
    assert not actor_of_account(eve).reach(Verb.VIEW_PHI).scopes


@pytest.mark.usefixtures("patients")
def test_nothing_of_a_patient_is_changed_here() -> None:
    manager = staff("Data Manager")
    assert manager.get(f"{PATIENTS}add/").status_code == 403
    assert manager.post(page("MRN-2"), {"patient_id": "other"}).status_code == 403
    get_or_create_partition(actor=ADMIN, name="site-2")
    assert patient("MRN-2").issuer_of_patient_id == "site B"
