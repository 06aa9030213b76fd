"""A project of a partition, and accounts that see it, for tests of answers."""

from django.contrib.auth.models import Group

from core.access import Actor
from core.accounts.actors import actor_of_account
from core.accounts.grants import Level, grant
from core.models import Account, Scope
from imaging.models import Project
from imaging.project_contents import PatientIdentity, add_patients
from imaging.projects import create_project, scope
from tests.imaging.stores import ADMIN


def project_of(
    partition: str, *patients: tuple[str, str], name: str = "Sarcoma"
) -> Project:
    """Return a project with patients, by PatientID and issuer."""
    project = create_project(actor=ADMIN, partition=partition, name=name)
    found = [PatientIdentity(*each) for each in patients]
    add_patients(actor=ADMIN, project_id=project.pk, patients=found)
    return project


def granted(
    name: str, role: str, on: Scope | Project | None, level: Level = Level.SEE
) -> Actor:
    """Return the actor of an account that has a role, and a grant if any."""
    account, _ = Account.objects.get_or_create(username=name)
    account.groups.add(Group.objects.get(name=role))
    if on is not None:
        what = scope(on) if isinstance(on, Project) else on
        grant(actor=ADMIN, scope=what, to=account, level=level)
    return actor_of_account(Account.objects.get(pk=account.pk))
