"""Who acts in the tests of projects and grants: real accounts with real roles."""

from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import Group

from core.access import Actor
from core.accounts.actors import actor_of_account
from core.accounts.grants import Level, Terms, grant
from core.models import Account, AccountGrant, AuditRecord, FeedEntry, GroupGrant, Scope
from imaging.models import Project, ProjectPatient, ProjectStudy
from imaging.project_contents import add_studies
from imaging.projects import create_project, scope
from tests.graphql.graph import ask
from tests.imaging.stores import ADMIN, received, store

ROLES: Final = {
    "administrator": "Administrator",
    "owner": "Researcher",
    "member": "Researcher",
    "outsider": "Researcher",
    "auditor": "Auditor",
}

CHANGES: Final = ("configure", "grant", "revoke")  # of the audit log


def account(name: str) -> Account:
    """Return an account of the cast, made at its first use."""
    made, is_new = Account.objects.get_or_create(username=name)
    if is_new:
        made.groups.add(Group.objects.get(name=ROLES[name]))
    return made


def acts(name: str) -> Actor:
    """Return one of the cast as it may act now."""
    return actor_of_account(account(name))


def project(name: str = "sarcoma") -> Project:
    """Return a project with one study of two; it has an owner and a member."""
    for person in ROLES:
        account(person)
    for number in (1, 2):
        uid = f"1.{number}"
        one = received(uid, f"{uid}.1", f"{uid}.1.1", patient_id=f"P{number}")
        store(one)
    made = create_project(actor=ADMIN, partition="default", name=name)
    add_studies(actor=ADMIN, project_id=made.pk, uids=["1.1"])
    let(made, "owner", Level.OWN)
    let(made, "member", Level.SEE)
    return made


def let(made: Project, name: str, level: Level, until: datetime | None = None) -> None:
    """Grant a project to one of the cast."""
    terms = Terms(until)
    grant(actor=ADMIN, scope=scope(made), to=account(name), level=level, terms=terms)


def code_of(mutation: str, name: str, **variables: Any) -> str | None:
    """Return the code of the fault that a mutation answers; None: it answers none."""
    (done,) = ask(mutation, actor=acts(name), **variables).values()
    code: str | None = done.get("code")
    return code


def traces() -> tuple[Any, ...]:
    """Return all that a mutation of projects or grants could leave behind."""
    kinds = (
        Project, ProjectStudy, ProjectPatient, Scope, AccountGrant, GroupGrant,
        FeedEntry,
    )  # fmt: skip
    roles = Account.groups.through.objects
    return (
        *(list(kind._default_manager.order_by("pk").values()) for kind in kinds),
        list(roles.order_by("pk").values("account__username", "group__name")),
        AuditRecord.objects.filter(action__in=CHANGES).count(),
    )
