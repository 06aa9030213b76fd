"""Workitems and worklists in the admin: found, shown, acted on, granted."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from core.models import Account, AccountGrant, AuditRecord
from tests.imaging.stores import received, store
from tests.worklist.steps import claim, schedule, send
from worklist.models import Workitem, Worklist

pytestmark = pytest.mark.usefixtures("committing")

LIST = "/admin/worklist/workitem/"


def client_of(role: str) -> Client:
    account = Account.objects.create_user("ada", is_staff=True)
    account.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(account)
    return client


def found(client: Client, **query: str) -> set[str]:
    rows = client.get(LIST, query).context["cl"].result_list
    return {row.sop_instance_uid for row in rows}


def act(client: Client, action: str, *uids: str) -> str:
    keys = Workitem.objects.filter(sop_instance_uid__in=uids)
    chosen = {"action": action, "_selected_action": [row.pk for row in keys]}
    return client.post(LIST, chosen, follow=True).content.decode()


def test_workitems_are_found_by_what_people_know() -> None:
    client = client_of("Data Manager")
    first = schedule(label="Neuro", patient_id="P1", priority="HIGH")
    second = schedule(label="Chest", patient_id="Q2")
    claim(second)
    assert found(client) == {first, second}
    assert found(client, state="IN PROGRESS") == {second}
    assert found(client, priority="HIGH") == {first}
    assert found(client, overdue="1") == set()
    assert found(client, worklist__label="Neuro") == {first}
    assert found(client, claimed_by__username="nobody") == set()
    assert found(client, q=first) == {first}
    assert found(client, q="Q*") == {second}


def test_a_page_shows_the_data_set_without_the_lock() -> None:
    client = client_of("Data Manager")
    uid = schedule(patient_id="P1")
    lock = claim(uid)
    row = Workitem.objects.get(sop_instance_uid=uid)
    page = client.get(f"{LIST}{row.pk}/change/").content.decode()
    assert '<pre class="json" tabindex="0" aria-label="DICOM JSON">{\n  &quot;' in page
    assert "Doe^John" in page
    assert lock not in page + client.get(LIST).content.decode()


def test_looking_is_audited_with_the_patient() -> None:
    store(received("1.2.3", "1.2.3.1", "1.2.3.1.1", patient_id="P1"))
    schedule(patient_id="P1", study="1.2.3")
    client_of("Data Manager").get(LIST)
    row = AuditRecord.objects.filter(action="search").latest("pk")
    assert row.detail == "admin: workitems (1 results)"
    assert len(row.patients or ()) == 1


def test_scheduled_ones_are_canceled_and_ended_ones_deleted() -> None:
    client = client_of("Data Manager")
    scheduled, busy = schedule(), schedule()
    claim(busy)
    page = act(client, "ask_for_canceling", scheduled, busy)
    assert "1 canceled" in page
    assert "cannot be told" in page
    assert Workitem.objects.get(sop_instance_uid=scheduled).state == "CANCELED"
    page = act(client, "delete_ended", scheduled, busy)
    assert "1 deleted" in page
    assert set(Workitem.objects.values_list("sop_instance_uid", flat=True)) == {busy}
    assert send(f"/workitems/{scheduled}").status_code == 410


def test_who_may_only_see_them_does_nothing() -> None:
    client = client_of("Service Reader")
    uid = schedule()
    assert found(client) == {uid}
    act(client, "ask_for_canceling", uid)
    act(client, "delete_ended", uid)
    assert Workitem.objects.get(sop_instance_uid=uid).state == "SCHEDULED"


def test_a_worklist_is_granted_and_named() -> None:
    client = client_of("Administrator")
    schedule(label="Neuro")
    key = Worklist.objects.get(label="Neuro").pk
    address = reverse("admin:worklist_worklist_grants", args=[key])
    assert client.get(address).status_code == 200
    other = Account.objects.create_user("eve")
    level = client.get(address).context["inline_admin_formsets"][0].formset
    choice = level.empty_form.fields["permission"].queryset.first().pk
    prefix = level.prefix
    form = {
        f"{prefix}-TOTAL_FORMS": "1",
        f"{prefix}-INITIAL_FORMS": "0",
        f"{prefix}-0-user": str(other.pk),
        f"{prefix}-0-permission": str(choice),
    }
    for each in client.get(address).context["inline_admin_formsets"][1:]:
        form |= {
            f"{each.formset.prefix}-TOTAL_FORMS": "0",
            f"{each.formset.prefix}-INITIAL_FORMS": "0",
        }
    client.post(address, form)
    assert AccountGrant.objects.filter(user=other).count() == 1
    scopes = client.get("/admin/core/scope/").content.decode()
    assert "worklist Neuro" in scopes


@pytest.mark.parametrize("name", ["workitem", "worklist", "workitemrule", "subscriber"])
def test_an_empty_list_says_where_its_rows_come_from(name: str) -> None:
    answer = client_of("Data Manager").get(f"/admin/worklist/{name}/")
    about = answer.context["cl"].model_admin.about
    assert f'<p class="help">{about}</p>' in answer.content.decode()
