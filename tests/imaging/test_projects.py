"""Projects: who makes and changes them, what is in them, who sees it and why."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.utils import timezone

from core.access import Actor, Verb
from core.accounts.actors import actor_of_account
from core.accounts.granted import find_grant, list_grants
from core.accounts.grants import (
    UNTIL_REVOKED,
    Level,
    Terms,
    grant,
    revoke,
)
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.models import Account, AuditRecord, FeedEntry, Scope
from imaging.models import Project
from imaging.project_contents import (
    PatientIdentity,
    add_patients,
    add_studies,
    remove_patients,
    remove_studies,
)
from imaging.projects import (
    change_project,
    create_project,
    delete_project,
    find_project,
    list_projects,
    scope,
)
from imaging.query import Level as QueryLevel
from imaging.query import Target, parse, search
from imaging.scopes import scope_of_partition
from tests.imaging.stores import ADMIN, received, store

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    store(received("1.1", "1.1.1", "1.1.1.1", patient_id="P1"))
    store(received("1.2", "1.2.1", "1.2.1.1", patient_id="P2"))
    return create_project(actor=ADMIN, partition="default", name="sarcoma")


def person(name: str, role: str = "Researcher") -> Account:
    account = Account.objects.get_or_create(username=name)[0]
    account.groups.add(Group.objects.get(name=role))
    return account


def acts(name: str) -> Actor:
    return actor_of_account(Account.objects.get(username=name))


def open_to(
    project: Project, name: str, level: Level = Level.SEE, terms: Terms = UNTIL_REVOKED
) -> None:
    grant(actor=ADMIN, scope=scope(project), to=person(name), level=level, terms=terms)


def number_of_studies(name: str) -> int:
    found = search(
        actor=acts(name),
        partition=None,
        query=parse(Target(QueryLevel.STUDY), b""),
        base_url="http://h",
    )
    return found.number_of_results


def test_members_see_what_is_in_it_and_later_studies_of_its_patients(
    project: Project,
) -> None:
    open_to(project, "ada")
    person("eve")
    assert number_of_studies("ada") == 0
    key = project.pk
    assert add_studies(actor=ADMIN, project_id=key, uids=["1.1"]) == 1
    assert add_studies(actor=ADMIN, project_id=key, uids=["1.1", "1.2"]) == 1
    assert number_of_studies("ada") == 2
    assert remove_studies(actor=ADMIN, project_id=key, uids=["1.1", "1.2"]) == 2
    assert number_of_studies("ada") == 0
    patients = [PatientIdentity("P1")]
    assert add_patients(actor=ADMIN, project_id=key, patients=patients) == 1
    store(received("1.3", "1.3.1", "1.3.1.1", patient_id="P1"))
    assert number_of_studies("ada") == 2
    assert number_of_studies("eve") == 0


def test_what_changes_nothing_is_recorded_nowhere(project: Project) -> None:
    def told() -> tuple[int, int]:
        return AuditRecord.objects.count(), FeedEntry.objects.count()

    key, patients = project.pk, [PatientIdentity("P1")]
    before = told()
    assert remove_studies(actor=ADMIN, project_id=key, uids=["1.1"]) == 0
    assert remove_patients(actor=ADMIN, project_id=key, patients=patients) == 0
    assert add_studies(actor=ADMIN, project_id=key, uids=[]) == 0
    assert told() == before
    add_studies(actor=ADMIN, project_id=key, uids=["1.1"])
    add_patients(actor=ADMIN, project_id=key, patients=patients)
    after = told()
    assert after == (before[0] + 2, before[1] + 2)
    assert add_studies(actor=ADMIN, project_id=key, uids=["1.1"]) == 0
    assert add_patients(actor=ADMIN, project_id=key, patients=patients) == 0
    assert told() == after


def test_nothing_is_put_in_where_something_is_not_there(project: Project) -> None:
    with pytest.raises(NotFound):
        add_studies(actor=ADMIN, project_id=project.pk, uids=["1.1", "9.9"])
    with pytest.raises(NotFound):
        patients = [PatientIdentity("P1"), PatientIdentity("nobody")]
        add_patients(actor=ADMIN, project_id=project.pk, patients=patients)
    assert not project.studies.exists()
    assert not project.patients.exists()


def test_an_owner_lets_others_see_what_he_sees_and_no_more(project: Project) -> None:
    open_to(project, "owen", Level.OWN)
    add_studies(actor=ADMIN, project_id=project.pk, uids=["1.1"])
    owner, ada = acts("owen"), person("ada")
    for level in (Level.OWN, Level.IDENTIFY):
        with pytest.raises(Forbidden):
            grant(actor=owner, scope=scope(project), to=ada, level=level)
    given = grant(actor=owner, scope=scope(project), to=ada, level=Level.SEE)
    assert number_of_studies("ada") == 1
    with pytest.raises(NotFound):  # he does not see it
        add_studies(actor=owner, project_id=project.pk, uids=["1.2"])
    with pytest.raises(Forbidden):
        add_studies(actor=acts("ada"), project_id=project.pk, uids=["1.1"])
    revoke(actor=owner, given=given)
    assert number_of_studies("ada") == 0
    with pytest.raises(NotFound):
        change_project(actor=acts("ada"), project_id=project.pk, name="mine")
    assert (
        change_project(actor=owner, project_id=project.pk, name="ours").name == "ours"
    )


def test_an_owner_shows_no_names_that_he_does_not_see(project: Project) -> None:
    open_to(project, "owen", Level.OWN)
    everything = scope_of_partition(actor=ADMIN, partition="default")
    grant(actor=ADMIN, scope=everything, to=person("owen"), level=Level.SEE)
    key = project.pk
    assert add_studies(actor=acts("owen"), project_id=key, uids=["1.1"]) == 1
    open_to(project, "ada", Level.IDENTIFY)
    with pytest.raises(Forbidden, match="tells who its patients are"):
        add_studies(actor=acts("owen"), project_id=key, uids=["1.2"])
    assert number_of_studies("ada") == 1
    # What is in it already is no news.
    assert add_studies(actor=acts("owen"), project_id=key, uids=["1.1"]) == 0
    open_to(project, "owen", Level.IDENTIFY)
    with pytest.raises(Forbidden):  # nor does he show them to himself
        add_studies(actor=acts("owen"), project_id=key, uids=["1.2"])
    for given in list_grants(actor=ADMIN, scope=scope(project)):
        if given.permission.codename == Level.IDENTIFY.value:
            revoke(actor=ADMIN, given=given)
    assert add_studies(actor=acts("owen"), project_id=key, uids=["1.2"]) == 1


def test_what_is_seen_for_a_time_is_not_kept_in_a_project(project: Project) -> None:
    open_to(project, "owen", Level.OWN)
    lent = create_project(actor=ADMIN, partition="default", name="lent")
    add_studies(actor=ADMIN, project_id=lent.pk, uids=["1.1"])
    soon = Terms(timezone.now() + timedelta(hours=1))
    open_to(lent, "owen", terms=soon)
    assert number_of_studies("owen") == 1
    with pytest.raises(Forbidden, match="for a time only"):
        add_studies(actor=acts("owen"), project_id=project.pk, uids=["1.1"])
    open_to(lent, "owen")  # until it is revoked
    assert add_studies(actor=acts("owen"), project_id=project.pk, uids=["1.1"]) == 1


def test_who_owns_for_a_time_grants_for_no_longer(project: Project) -> None:
    soon = timezone.now() + timedelta(hours=1)
    open_to(project, "owen", Level.OWN, Terms(soon))
    ada = person("ada")
    for terms in (UNTIL_REVOKED, Terms(soon + timedelta(seconds=1))):
        with pytest.raises(Invalid, match="has to end by then"):
            grant(
                actor=acts("owen"),
                scope=scope(project),
                to=ada,
                level=Level.SEE,
                terms=terms,
            )
    given = grant(
        actor=acts("owen"),
        scope=scope(project),
        to=ada,
        level=Level.SEE,
        terms=Terms(soon),
    )
    assert given.expires_at == soon
    # That something else ends before is nothing to this.
    other = create_project(actor=ADMIN, partition="default", name="other")
    open_to(other, "owen", terms=Terms(soon - timedelta(minutes=30)))
    grant(
        actor=acts("owen"),
        scope=scope(project),
        to=ada,
        level=Level.SEE,
        terms=Terms(soon),
    )
    open_to(project, "owen", Level.OWN)
    grant(actor=acts("owen"), scope=scope(project), to=ada, level=Level.SEE)


def test_an_outsider_is_told_nothing(project: Project) -> None:
    person("eve")
    eve = acts("eve")
    assert list_projects(actor=eve) == []
    with pytest.raises(NotFound):
        find_project(actor=eve, project_id=project.pk)
    with pytest.raises(NotFound):
        grant(
            actor=eve,
            scope=scope(project),
            to=person("eve"),
            level=Level.SEE,
        )
    with pytest.raises(Forbidden):
        create_project(actor=eve, partition="default", name="x")
    with pytest.raises(Forbidden):
        list_grants(actor=eve, scope=scope(project))
    assert list_grants(actor=eve, to=person("eve")) == []


def test_names_are_taken_once(project: Project) -> None:
    other = create_project(actor=ADMIN, partition="default", name="other")
    with pytest.raises(Conflict):
        create_project(actor=ADMIN, partition="default", name="sarcoma")
    with pytest.raises(Conflict):
        change_project(actor=ADMIN, project_id=other.pk, name="sarcoma")


def test_a_deleted_project_opens_nothing(project: Project) -> None:
    open_to(project, "ada")
    add_studies(actor=ADMIN, project_id=project.pk, uids=["1.1"])
    delete_project(actor=ADMIN, project_id=project.pk, reason="done")
    assert number_of_studies("ada") == 0
    assert not Scope.objects.filter(kind="project").exists()


def test_a_grant_ends_and_cannot_begin_ended(project: Project) -> None:
    with pytest.raises(Invalid):
        open_to(project, "ada", terms=Terms(timezone.now()))
    soon = timezone.now() + timedelta(hours=1)
    open_to(project, "ada", terms=Terms(soon))
    assert acts("ada").until == soon
    assert acts("ada").reach(Verb.READ).scopes


def test_grants_and_projects_are_audited_and_in_the_feed(project: Project) -> None:
    open_to(project, "ada", terms=Terms(reason="thesis"))
    (given,) = list_grants(actor=ADMIN, scope=scope(project))
    assert find_grant(actor=ADMIN, to=Account, key=given.pk) == given
    revoke(actor=ADMIN, given=given, reason="left")
    details = list(AuditRecord.objects.values_list("detail", flat=True))
    assert any("created project sarcoma" in each for each in details)
    assert any("granted: ada sees" in each and "thesis" in each for each in details)
    assert any("revoked: ada" in each and "left" in each for each in details)
    kinds = FeedEntry.objects.exclude(kind="instance").values_list("kind", "op")
    assert [*kinds.order_by("seq")] == [
        ("project", "create"),
        ("grant", "create"),
        ("grant", "delete"),
    ]


def explained(*arguments: str) -> str:
    out = StringIO()
    call_command("access", "explain", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_line_says_why(project: Project) -> None:
    open_to(project, "ada", Level.IDENTIFY)
    add_studies(actor=ADMIN, project_id=project.pk, uids=["1.1"])
    said = explained("ada", "1.1")
    assert "yes see data" in said
    assert "yes see who patients are" in said
    assert "no  delete data" in said
    assert "Researcher: may see data, where it is granted." in said
    assert f"project {project.pk}: sees what is in it and who" in said
    said = explained("ada", "1.2")
    assert "no  see data" in said
    assert "Nothing is granted to it" in said
    assert "yes see data" in explained("ada", "project:sarcoma")
    assert "no  see data" in explained("ada", "patient:P1")
    assert "no  see data" in explained("ada", "partition:default")
    for bad in (("nobody", "1.1"), ("ada", "9.9"), ("ada", "project:none")):
        with pytest.raises(CommandError):
            explained(*bad)
