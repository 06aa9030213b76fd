"""The admin's pages of who sees what: from a study's side, and for projects."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from core.access import Verb
from core.accounts.actors import actor_of_account
from core.accounts.grants import UNTIL_REVOKED, Level, grant
from core.admin import base
from core.models import Account, AccountGrant, AuditRecord, Scope
from imaging.models import Project, Study
from imaging.scopes import scope_of_study
from tests.imaging.stores import ADMIN, received, store
from tests.imaging.test_admin import staff, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    store(received("1.1", "1.1.1", "1.1.1.1", patient_id="MRN-7"))
    return Study.objects.get()


@pytest.fixture
def eve() -> Account:
    account = Account.objects.create(username="eve")
    account.groups.add(Group.objects.get(name="Researcher"))
    return account


def grants_page(client: Client, study: Study) -> str:
    address = f"/admin/imaging/study/{study.pk}/grants/"
    assert "Who sees it" in text(client.get(address))
    assert not Scope.objects.exists()  # who only looks leaves nothing behind
    return address


def formset(client: Client, url: str, **more: str) -> Any:
    fields: dict[str, str] = {}
    for prefix in ("account_grants", "group_grants"):
        fields |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
    return client.post(url, fields | more, follow=True)


def level(name: Level) -> str:
    return str(Permission.objects.get(codename=name.value).pk)


def test_a_study_is_opened_to_somebody_and_closed_again(
    study: Study, eve: Account
) -> None:
    client = staff("Administrator")
    assert "Who sees it" in text(client.get(f"/admin/imaging/study/{study.pk}/change/"))
    url = grants_page(client, study)
    name = "account_grants-__prefix__-content_object"
    hidden = re.search(rf'name="{name}" value="(\d+)"', text(client.get(url)))
    assert hidden is not None
    formset(
        client,
        url,
        **{
            "account_grants-TOTAL_FORMS": "1",
            "account_grants-0-content_object": hidden[1],
            "account_grants-0-user": str(eve.pk),
            "account_grants-0-permission": level(Level.SEE),
            "account_grants-0-reason": "second opinion",
        },
    )
    (given,) = AccountGrant.objects.all()
    assert (given.granted_by, given.reason) == ("ada", "second opinion")
    assert actor_of_account(eve).reach(Verb.READ).scopes
    assert "second opinion" in text(client.get(url))
    said = text(client.get(f"{url}?explain=eve"))
    assert "sees what is in it" in said
    assert "✔&nbsp;see data" in said
    assert "no account nobody" in text(client.get(f"{url}?explain=nobody"))
    formset(
        client,
        url,
        **{
            "account_grants-TOTAL_FORMS": "1",
            "account_grants-INITIAL_FORMS": "1",
            "account_grants-0-id": str(given.pk),
            "account_grants-0-content_object": str(given.content_object_id),
            "account_grants-0-DELETE": "on",
        },
    )
    assert not AccountGrant.objects.exists()
    details = list(AuditRecord.objects.values_list("detail", flat=True))
    assert any("revoked: eve" in each for each in details)


def test_a_study_that_is_open_to_very_many_shows_the_first(
    study: Study, eve: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "MAXIMUM_INLINE", 2)
    on = scope_of_study(actor=ADMIN, partition="default", study_instance_uid="1.1")
    people = [Account.objects.create(username=f"p{n}") for n in range(3)]
    client = staff("Administrator")
    url = f"/admin/core/scope/{on.pk}/change/"
    more = f"/admin/core/accountgrant/?content_object={on.pk}"
    for number, to in enumerate(people, 1):
        grant(actor=ADMIN, scope=on, to=to, level=Level.SEE)
        assert (more in text(client.get(url))) == (number > 2)
    assert len(client.get(more).context["cl"].result_list) == 3
    first = list(AccountGrant.objects.order_by("pk")[:2])
    fields = {
        "account_grants-TOTAL_FORMS": "3",
        "account_grants-INITIAL_FORMS": "2",
        "account_grants-2-user": str(eve.pk),
        "account_grants-2-permission": level(Level.SEE),
        "account_grants-0-DELETE": "on",
    }
    for n, given in enumerate(first):
        fields |= {
            f"account_grants-{n}-id": str(given.pk),
            f"account_grants-{n}-content_object": str(on.pk),
        }
    formset(client, url, **fields)
    names = AccountGrant.objects.order_by("pk").values_list("user__username", flat=True)
    assert list(names) == ["p1", "p2", "eve"]


def test_an_auditor_sees_grants_without_patients_and_changes_nothing(
    study: Study, eve: Account
) -> None:
    on = scope_of_study(actor=ADMIN, partition="default", study_instance_uid="1.1")
    given = grant(actor=ADMIN, scope=on, to=eve, level=Level.SEE, terms=UNTIL_REVOKED)
    client = staff("Auditor")
    url = f"/admin/core/scope/{on.pk}/change/"
    assert "eve" in text(client.get(url))
    assert "MRN-7" not in text(client.get(url))
    assert "eve" in text(client.get("/admin/core/accountgrant/?q=eve"))
    chosen = {"action": "revoke_all", "_selected_action": [str(given.pk)]}
    client.post("/admin/core/accountgrant/", chosen)
    formset(client, url, **{"account_grants-TOTAL_FORMS": "0"})
    assert AccountGrant.objects.count() == 1
    assert client.get("/admin/imaging/study/").status_code == 403


def test_who_has_no_right_to_accounts_sees_no_grants(study: Study) -> None:
    client = staff("Data Manager")
    page = text(client.get(f"/admin/imaging/study/{study.pk}/change/"))
    assert "Who sees it" not in page
    answer = client.get(f"/admin/imaging/study/{study.pk}/grants/")
    assert answer["location"] == "/admin/"
    assert client.get("/admin/core/scope/").status_code == 403
    assert not Scope.objects.exists()


def test_a_manager_makes_and_fills_a_project(study: Study) -> None:
    client = staff("Data Manager")
    words = {"partition": str(study.partition_id), "name": "sarcoma"}
    empty = {
        "description": "", "studies_in": "", "studies_out": "", "patients_in": "",
        "patients_out": "",
    }  # fmt: skip
    add = "/admin/imaging/project/add/"
    client.post(add, {**words, **empty, "studies_in": "1.1\n"}, follow=True)
    project = Project.objects.get()
    assert project.studies.count() == 1
    change = f"/admin/imaging/project/{project.pk}/change/"
    shown = text(client.get(change))
    assert "sarcoma" in shown
    assert "<br>1.1" in shown
    given = {**words, **empty, "studies_out": "1.1", "patients_in": "MRN-7"}
    client.post(change, given, follow=True)
    assert (project.studies.count(), project.patients.count()) == (0, 1)
    answer = client.post(change, {**given, "patients_in": "nobody"}, follow=True)
    assert "A patient is not there" in text(answer)
    assert "sarcoma" in text(client.get("/admin/imaging/project/"))
    chosen = {"action": "delete_projects", "_selected_action": [str(project.pk)]}
    asked = text(client.post("/admin/imaging/project/", chosen, follow=True))
    assert "sarcoma (default)" in asked
    assert Project.objects.exists()
    client.post("/admin/imaging/project/", {**chosen, "reason": "done"}, follow=True)
    assert AuditRecord.objects.filter(detail="deleted project sarcoma: done").exists()
    assert not Project.objects.exists()
