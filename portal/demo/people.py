"""The demo hospital's users: one for each thing that roles and grants can do."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.contrib.auth.models import Group

from core.access import system
from core.accounts.grants import Level, Terms, grant
from core.accounts.roles import ADMINISTRATOR
from core.accounts.tokens import create_token
from core.models import DEFAULT_PARTITION, Account
from imaging.project_contents import PatientIdentity, add_patients
from imaging.projects import create_project, list_projects, scope
from imaging.scopes import scope_of_partition
from portal.demo.stories import ISSUER, hospital

SARCOMA: Final = "307576001"  # SNOMED CT, Osteosarcoma of bone
PROJECT: Final = "Osteosarcoma"
ACTOR: Final = system("demo")
DEMO: Final = Terms(reason="demo")


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the demo."""

    name: str
    role: str
    sees: str
    is_staff: bool = False


PEOPLE: Final = (
    Person("demo-admin", ADMINISTRATOR, "everything", is_staff=True),
    Person("demo-radiologist", "Radiologist", "the partition 'default'"),
    Person(
        "demo-researcher", "Researcher", f"the project '{PROJECT}' with its patients"
    ),
    Person("demo-auditor", "Auditor", "the audit log, accounts, grants", is_staff=True),
)


def create_people(path: Path) -> None:
    """Create the users where they are not, and tell their secrets in a file."""
    if Account.objects.filter(username=PEOPLE[0].name).exists():
        return
    path.touch(mode=0o600)
    path.write_text("\n".join(map(_create, PEOPLE)) + "\n", encoding="utf-8")


def open_data(*, patients: int) -> None:
    """Grant the users what they see, once the hospital is loaded."""
    by_name = {each.username: each for each in Account.objects.all()}
    whole = scope_of_partition(actor=ACTOR, partition=DEFAULT_PARTITION)
    reading = by_name["demo-radiologist"]
    grant(actor=ACTOR, scope=whole, to=reading, level=Level.SEE, terms=DEMO)
    if any(project.name == PROJECT for project in list_projects(actor=ACTOR)):
        return
    project = create_project(
        actor=ACTOR,
        partition=DEFAULT_PARTITION,
        name=PROJECT,
        description="Patients with osteosarcoma, and who they are.",
    )
    found = [
        PatientIdentity(patient.patient_id, ISSUER)
        for patient in hospital(patients=patients, seed=1)
        if patient.diagnosis.disease.value == SARCOMA
    ]
    add_patients(actor=ACTOR, project_id=project.pk, patients=found)
    researcher = by_name["demo-researcher"]
    on, level = scope(project), Level.IDENTIFY
    grant(actor=ACTOR, scope=on, to=researcher, level=level, terms=DEMO)


def _create(person: Person) -> str:
    """Create a user and return what its secrets are."""
    password = secrets.token_urlsafe(9)
    account = Account.objects.create_user(
        person.name,
        password=password,
        is_staff=person.is_staff,
        is_superuser=person.role == ADMINISTRATOR,
    )
    account.groups.add(Group.objects.get(name=person.role))
    token = create_token(account_name=person.name, role=person.role, name="demo")
    return (
        f"{person.name} ({person.role}: {person.sees}): password {password}\n"
        f"  bearer token: {token}"
    )
