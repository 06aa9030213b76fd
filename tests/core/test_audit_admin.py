"""The audit log in the admin, and what the admin itself leaves in the log."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import audit
from core.accounts.roles import seed_roles
from core.audit import Action, Event, Origin, Outcome
from core.audit_chain import verify
from core.models import Account, AuditRecord, Partition
from tests.actors import acting

pytestmark = pytest.mark.django_db
LIST = "/admin/core/auditrecord/"
ADA = acting(3, "ada")


def staff(role: str, name: str = "carla") -> Client:
    """Return the browser of somebody with a role."""
    seed_roles()
    account = Account.objects.create_user(name, is_staff=True)
    account.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def auditor() -> Client:
    return staff("Auditor")


@pytest.fixture
def administrator() -> Client:
    client = Client()
    client.force_login(Account.objects.create_superuser("root"))
    return client


@pytest.fixture
def log() -> AuditRecord:
    """Hold a search and a refused delete."""
    partition = Partition.objects.create(name="site-1")
    for action, outcome, study in (
        (Action.SEARCH, Outcome.SUCCESS, "1.2"),
        (Action.DELETE, Outcome.MINOR_FAILURE, "1.3"),
    ):
        audit.record(
            Event(
                ADA,
                action,
                outcome,
                partition_id=partition.pk,
                patient_id="SECRET-ID",
                study_instance_uid=study,
                query="PatientName=SECRET-NAME",
                origin=Origin("192.0.2.7", f"request-{study}"),
            )
        )
    return AuditRecord.objects.get(action="search")


def shown(client: Client, **filters: Any) -> list[str]:
    """Return the studies of the rows that the list shows; not our own looks."""
    answer = client.get(LIST, filters)
    assert answer.status_code == 200
    rows = answer.context["cl"].result_list
    return [row.study_instance_uid for row in rows if row.actor == "ada"]


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_auditors_find_rows_by_each_filter(auditor: Client, log: AuditRecord) -> None:
    assert shown(auditor) == ["1.3", "1.2"]
    assert shown(auditor, action="delete") == ["1.3"]
    assert shown(auditor, outcome="4") == ["1.3"]
    assert shown(auditor, actor="ada", study="1.2") == ["1.2"]
    assert shown(auditor, actor="eve") == []
    assert shown(auditor, partition=log.partition_id, patient="SECRET-ID") == [
        "1.3",
        "1.2",
    ]
    assert shown(auditor, patient="SECRET") == []
    assert shown(auditor, source="192.0.2.7", request="request-1.3") == ["1.3"]
    assert shown(auditor, since="2026-01-01T00:00") == ["1.3", "1.2"]
    assert shown(auditor, until="2026-01-01T00:00") == []


def test_what_is_typed_into_a_filter_leaves_the_others_chosen(
    auditor: Client, log: AuditRecord
) -> None:
    page = text(auditor, f"{LIST}?action=delete&actor=ada%22")
    assert '<input type="text" name="actor" value="ada&quot;"' in page
    assert page.count('<input type="hidden" name="action" value="delete">') == 8
    assert '<input type="datetime-local" name="since" value=""' in page
    assert "outcome=4&amp;" in page or "&amp;outcome=4" in page


def test_a_row_leads_to_all_of_its_request(auditor: Client, log: AuditRecord) -> None:
    page = text(auditor, f"{LIST}{log.pk}/change/")
    assert f'href="{LIST}?request=request-1.2"' in page
    assert f'href="{LIST}?request=request-1.2"' in text(auditor, LIST)


def test_auditors_are_not_shown_who_patients_are(
    auditor: Client, log: AuditRecord
) -> None:
    for address in (LIST, f"{LIST}?study=1.2", f"{LIST}{log.pk}/change/"):
        page = text(auditor, address)
        assert "SECRET" not in page
        assert "•••" in page


def test_who_may_see_patients_is_shown_them(
    administrator: Client, log: AuditRecord
) -> None:
    assert "SECRET-ID" in text(administrator, LIST)
    page = text(administrator, f"{LIST}{log.pk}/change/")
    assert "SECRET-ID" in page
    assert "PatientName=SECRET-NAME" in page


def test_each_look_is_a_line_of_the_log(auditor: Client, log: AuditRecord) -> None:
    auditor.get(LIST, {"patient": "SECRET-ID"})
    auditor.get(f"{LIST}{log.pk}/change/")
    rows = AuditRecord.objects.filter(actor="carla").order_by("id")
    assert list(rows.values_list("action", "via", "detail", "query")) == [
        ("read-audit", "session", "admin (2 rows)", "patient_id=SECRET-ID"),
        ("read-audit", "session", f"admin: row {log.pk}", ""),
    ]


@pytest.mark.parametrize("role", ["Data Manager", "Service Reader"])
def test_others_do_not_see_the_log_and_that_they_tried_is_in_it(role: str) -> None:
    client = staff(role)
    assert client.get(LIST, {"actor": "ada"}).status_code == 403
    row = AuditRecord.objects.get()
    assert (row.actor, row.action, row.outcome) == ("carla", "view", 4)
    assert (row.detail, row.query) == ("admin: 403", f"GET {LIST}?actor=ada")


def test_an_auditor_bound_to_what_is_granted_does_not_see_the_log() -> None:
    client = staff("Auditor")
    Account.objects.filter(username="carla").update(only_granted=True)
    assert client.get(LIST).status_code == 403
    assert client.get(f"{LIST}export/").status_code == 403


def test_who_is_no_staff_and_tries_is_in_the_log() -> None:
    client = Client()
    client.force_login(Account.objects.create_user("eve"))
    assert client.get(LIST).status_code == 302
    row = AuditRecord.objects.get()
    assert (row.actor, row.outcome, row.query) == ("eve", 4, f"GET {LIST}")


def test_a_visitor_who_is_asked_to_sign_in_is_not() -> None:
    assert Client().get(LIST).status_code == 302
    assert not AuditRecord.objects.exists()


def test_nobody_changes_the_log_here(administrator: Client, log: AuditRecord) -> None:
    for address in (f"{LIST}add/", f"{LIST}{log.pk}/delete/"):
        assert administrator.get(address).status_code == 403
    answer = administrator.post(f"{LIST}{log.pk}/change/", {"actor": "eve"})
    assert answer.status_code == 403
    log.refresh_from_db()
    assert log.actor == "ada"


def test_the_list_counts_no_more_than_its_pages(
    auditor: Client, log: AuditRecord
) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        auditor.get(LIST)
    counts = [one["sql"] for one in queries if "COUNT(" in one["sql"]]
    assert counts
    assert all("LIMIT 10000" in sql for sql in counts)


def test_changes_of_accounts_and_roles_are_in_the_log(administrator: Client) -> None:
    account = Account.objects.create_user("bob")
    group = Group.objects.create(name="Guests")
    page = f"/admin/core/account/{account.pk}/change/"
    form = {"username": "bob", "is_active": "on", "is_superuser": "on",
            "date_joined_0": "2026-01-01", "date_joined_1": "00:00"}  # fmt: skip
    assert administrator.post(page, form).status_code == 302
    page = f"/admin/auth/group/{group.pk}/change/"
    assert administrator.post(page, {"name": "Visitors"}).status_code == 302
    page = f"/admin/auth/group/{group.pk}/delete/"
    assert administrator.post(page, {"post": "yes"}).status_code == 302
    rows = AuditRecord.objects.filter(action="configure").order_by("id")
    changed, renamed, removed = rows.values_list("detail", flat=True)
    assert changed.startswith(f"admin: account {account.pk} (bob): Changed ")
    assert "uperuser status" in changed
    assert renamed == f"admin: group {group.pk} (Visitors): Changed Name."
    assert removed == f"admin: group {group.pk} (Visitors): Deletion"
    assert {row.actor for row in rows} == {"root"}
    assert list(verify()) == []


def test_a_change_that_is_not_recorded_is_not_made(
    administrator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_events: Event) -> None:
        raise RuntimeError

    group = Group.objects.create(name="Guests")
    monkeypatch.setattr(audit, "record", fails)
    with pytest.raises(RuntimeError):
        administrator.post(f"/admin/auth/group/{group.pk}/change/", {"name": "Other"})
    group.refresh_from_db()
    assert group.name == "Guests"
