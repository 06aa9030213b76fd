"""Django's admin shows what is held: to whom roles allow it, audited, at any size."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import followers
from core.admin import base
from core.models import Account, AuditRecord, FeedEntry
from core.partitions import change_partition
from imaging.delete import delete_instances
from imaging.models import Instance, Study
from imaging.usage import UsageFollower
from tests.imaging.stores import ADMIN, received, store

pytestmark = pytest.mark.django_db
STUDIES = "/admin/imaging/study/"
INSTANCES = "/admin/imaging/instance/"


def staff(role: str | None = None) -> Client:
    """Return the browser of an account that may enter the admin, with one role."""
    account = Account.objects.create_user("ada", is_staff=True)
    if role:
        account.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture
def manager() -> Client:
    return staff("Data Manager")


def shown(answer: Any) -> list[str]:
    """Return the rows of a list."""
    assert answer.status_code == 200
    return [str(row) for row in answer.context["cl"].result_list]


def text(answer: Any) -> str:
    assert answer.status_code == 200
    content: bytes = answer.content
    return content.decode()


def page(study: str) -> str:
    return f"{STUDIES}{Study.objects.get(study_instance_uid=study).pk}/change/"


def act(client: Client, action: str, *studies: str, **more: str) -> Any:
    keys = Study.objects.filter(study_instance_uid__in=studies).values_list("pk")
    chosen = [str(key) for (key,) in keys]
    fields = {"action": action, "_selected_action": chosen, **more}
    return client.post(STUDIES, fields, follow=True)


def delete(client: Client, *studies: str, **more: str) -> Any:
    return act(client, "delete_studies", *studies, **more)


def move(client: Client, *studies: str, **more: str) -> Any:
    return act(client, "move_studies", *studies, **more)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("1.2.3", ["1.2.3"]),
        ("1.2*", ["1.2.4", "1.2.3"]),
        ("mrn-7", ["1.2.3"]),
        ("MRN*", ["1.2.4", "1.2.3"]),
        ("MRN", []),
        ("%", []),
        ("", ["9", "1.2.4", "1.2.3"]),
    ],
)
def test_studies_are_found_by_uid_and_patient_id(
    manager: Client, term: str, expected: list[str]
) -> None:
    store(received("1.2.3", "1", "1", patient_id="MRN-7"))
    store(received("1.2.4", "1", "1", patient_id="MRN-8"))
    store(received("9", "1", "1", patient_id=""))
    assert shown(manager.get(STUDIES, {"q": term})) == expected


def test_studies_are_found_by_accession_number(manager: Client) -> None:
    store(received("1", "1", "1"), received("2", "1", "1"))
    Study.objects.filter(study_instance_uid="2").update(accession_number_folded="acc-1")
    assert shown(manager.get(STUDIES, {"q": "ACC-1"})) == ["2"]
    assert shown(manager.get(STUDIES, {"q": "acc*"})) == ["2"]


def test_filters_choose_conflicts_and_partitions(manager: Client) -> None:
    store(received("1", "1", "1"), received("1", "1", "2", patient_id="P2"))
    store(received("2", "1", "1"))
    store(received("3", "1", "1"), partition="site-1")
    assert shown(manager.get(STUDIES, {"conflict": "1"})) == ["1"]
    assert shown(manager.get(STUDIES, {"partition": "site-1"})) == ["3"]
    assert shown(manager.get(STUDIES, {"partition": " "})) == ["3", "2", "1"]
    assert shown(manager.get(STUDIES, {"partition": "rubbish\0"})) == []


def test_what_lies_in_a_disabled_partition_is_not_shown(manager: Client) -> None:
    store(received("1", "1", "1"))
    store(received("3", "1", "1"), partition="site-1")
    change_partition(actor=ADMIN, name="site-1", is_disabled=True)
    assert shown(manager.get(STUDIES)) == ["1"]
    assert shown(manager.get(INSTANCES)) == ["1"]
    key = Study.objects.get(study_instance_uid="3").pk
    assert manager.get(f"{STUDIES}{key}/change/").status_code == 302


def test_a_study_shows_its_patients_and_first_series(
    manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "MAXIMUM_INLINE", 2)
    store(*(received("1", f"5.{n}", "1", patient_id=f"MRN-{n}") for n in range(2)))
    store(received("1", "5.9", "1", patient_id="MRN-0"))
    found = text(manager.get(page("1")))
    assert "MRN-0" in found
    assert "MRN-1" in found
    assert [uid in found for uid in ("5.0", "5.1", "5.9")] == [True, True, False]
    assert f"{INSTANCES}?q=1" in found


def test_a_study_shows_when_it_expires(manager: Client) -> None:
    store(received("1", "1", "1"))
    store(received("2", "1", "1"), expires_after=timedelta(days=2))
    year = str((timezone.now() + timedelta(days=2)).year)
    assert "Expires at" in text(manager.get(page("1")))
    shown = re.search(
        r"Expires at.*?readonly\">([^<]*)", text(manager.get(page("2"))), re.S
    )
    assert shown is not None
    assert year in shown[1]


def test_nothing_can_be_added_or_changed(manager: Client) -> None:
    store(received("1", "1", "1"))
    for name in ("study", "instance", "usage", "freedblob"):
        assert manager.get(f"/admin/imaging/{name}/add/").status_code == 403
    assert manager.post(page("1"), {"patient_id": "other"}).status_code == 403
    assert manager.post(page("1").replace("change", "delete")).status_code == 403
    assert Study.objects.get().patient_id == "P1"


def test_a_delete_asks_why_and_is_told_to_feed_and_audit_log(manager: Client) -> None:
    store(received("1", "1", "1"), received("1", "1", "2"), received("2", "1", "1"))
    asked = delete(manager, "1")
    assert "All 2 instances" in text(asked)
    assert "This field is required" in text(delete(manager, "1", reason=" "))
    assert Study.objects.count() == 2
    answer = delete(manager, "1", reason="sent twice")
    assert "Deleted 2 instances." in text(answer)
    assert list(Study.objects.values_list("study_instance_uid", flat=True)) == ["2"]
    entries = FeedEntry.objects.filter(op="delete").values_list("actor", "reason")
    assert list(entries) == [("ada", ""), ("ada", "")]
    record = AuditRecord.objects.get(action="delete")
    assert (record.actor, record.detail) == ("ada", "2 instances: sent twice")


def test_a_move_asks_where_to_and_why_and_tells_of_each_study(
    manager: Client,
) -> None:
    store(received("1", "1", "1"), received("1", "1", "2"), received("2", "1", "1"))
    store(received("2", "1", "1"), received("3", "1", "1"), partition="site-1")
    store(received("4", "1", "1"), partition="closed")
    change_partition(actor=ADMIN, name="closed", is_disabled=True)
    asked = text(move(manager, "1"))
    assert "All 2 instances" in asked
    assert [f'value="{name}"' in asked for name in ("default", "site-1", "closed")] == [
        True, True, False,
    ]  # fmt: skip
    for missing in ({"reason": "x", "to": ""}, {"reason": " ", "to": "site-1"}):
        assert "This field is required" in text(move(manager, "1", **missing))
    wrong = {"reason": "x", "to": "closed"}
    assert "Select a valid choice" in text(move(manager, "1", **wrong))
    answer = text(move(manager, "1", "3", reason="wrong site", to="site-1"))
    assert "Moved 2 instances to site-1." in answer
    assert "3: This is the partition that it is moved from." in answer
    answer = text(move(manager, "2", reason="wrong site", to="site-1"))
    assert "2: The other partition holds a study of this UID" in answer
    assert "Moved" not in answer
    held = Study.objects.order_by("partition__name", "study_instance_uid")
    assert list(held.values_list("partition__name", "study_instance_uid")) == [
        ("closed", "4"), ("default", "2"),
        ("site-1", "1"), ("site-1", "2"), ("site-1", "3"),
    ]  # fmt: skip
    record = AuditRecord.objects.get(action="delete", outcome=0)
    told = "2 instances moved to site-1: wrong site"
    assert (record.actor, record.detail) == ("ada", told)


def test_studies_keep_their_order_when_they_are_moved(manager: Client) -> None:
    store(*(received(uid, "1", "1") for uid in "123"))
    store(received("9", "1", "1"), partition="site-1")
    assert shown(manager.get(STUDIES)) == ["9", "3", "2", "1"]
    move(manager, "1", "2", "3", reason="wrong site", to="site-1")
    assert shown(manager.get(STUDIES)) == ["3", "2", "1", "9"]


def test_the_page_of_a_study_leads_to_moving_it(manager: Client) -> None:
    store(received("1", "1", "1"))
    address = page("1").replace("change", "move")
    assert address in text(manager.get(page("1")))
    last = AuditRecord.objects.latest("pk").pk
    asked = manager.get(address)
    assert "All 1 instances" in text(asked)
    assert f'action="{STUDIES}"' in text(asked)
    (seen,) = AuditRecord.objects.filter(pk__gt=last)
    assert (seen.action, seen.actor) == ("search", "ada")
    assert manager.get(f"{STUDIES}0/move/").status_code == 302
    assert manager.get(f"{STUDIES}rubbish/move/").status_code == 302


def test_a_reader_sees_and_deletes_nothing() -> None:
    store(received("1", "1", "1"))
    reader = staff("Service Reader")
    assert shown(reader.get(STUDIES)) == ["1"]
    assert "_studies" not in text(reader.get(STUDIES))
    delete(reader, "1", reason="mischief")
    store(received("2", "1", "1"), partition="site-1")
    move(reader, "1", reason="mischief", to="site-1")
    address = page("1").replace("change", "move")
    assert address not in text(reader.get(page("1")))
    assert reader.get(address).status_code == 302
    assert Study.objects.filter(partition__name="default").count() == 1
    assert reader.get("/admin/imaging/usage/").status_code == 403


@pytest.mark.parametrize("role", ["Service Writer", None])
def test_who_may_not_read_sees_no_patient_data(role: str | None) -> None:
    store(received("1", "1", "1"))
    client = staff(role)
    for address in (STUDIES, INSTANCES, page("1")):
        assert client.get(address).status_code == 403
    assert client.get(page("1").replace("change", "move")).status_code == 302
    assert "imaging" not in text(client.get("/admin/"))
    refused = AuditRecord.objects.filter(actor="ada")
    columns = ("action", "outcome", "detail", "patients")
    assert list(refused.values_list(*columns)) == [("view", 4, "admin: 403", [])] * 3


def test_each_view_is_one_line_of_the_audit_log(manager: Client) -> None:
    store(received("1", "1", "1"), received("1", "1", "2"))
    manager.get(STUDIES, {"q": "P1"})
    manager.get(page("1"))
    manager.get(f"{INSTANCES}{Instance.objects.earliest('pk').pk}/change/")
    delete(manager, "1")
    records = AuditRecord.objects.filter(actor="ada").order_by("pk")
    patient = Study.objects.get().linked_patient_id
    columns = ("action", "patient_id", "patients", "detail", "query")
    assert list(records.values_list(*columns)) == [
        ("search", "", [patient], "admin: studies (1 results)", "q=P1"),
        ("retrieve", "P1", [], "admin: study 1", ""),
        ("retrieve", "P1", [], "admin: instance 1", ""),
        ("search", "", [patient], "admin: studies (1 results)", ""),
    ]


def test_instances_are_found_by_their_own_uid_and_their_study_s(
    manager: Client,
) -> None:
    store(received("1", "1", "11"), received("1", "1", "12"), received("2", "1", "13"))
    assert shown(manager.get(INSTANCES, {"q": "11"})) == ["11"]
    assert shown(manager.get(INSTANCES, {"q": "1"})) == ["12", "11"]
    assert shown(manager.get(INSTANCES)) == ["13", "12", "11"]
    key = Instance.objects.get(sop_instance_uid="11").pk
    found = text(manager.get(f"{INSTANCES}{key}/change/"))
    assert "00" * 32 in found  # the digest


@pytest.mark.parametrize(
    "address",
    [
        *(STUDIES + query for query in ("", "?q=P1", "?q=P*", "?conflict=1")),
        *(INSTANCES + query for query in ("", "?q=1")),
    ],
)
def test_no_list_counts_or_sorts_a_whole_table(manager: Client, address: str) -> None:
    store(received("1", "1", "1"))
    with CaptureQueriesContext(connection) as queries:
        manager.get(address)
    asked = [query["sql"] for query in queries if ' FROM "imaging_' in query["sql"]]
    assert asked
    for sql in asked:
        assert "COUNT(" not in sql or f"LIMIT {base.MAXIMUM_COUNT}" in sql
        for order in re.findall(r"ORDER BY (.+?)(?: LIMIT|\)|$)", sql):
            assert re.fullmatch(r'(\d+|"imaging_\w+"."id") DESC', order)


def test_usage_and_freed_blobs_are_shown(manager: Client) -> None:
    one = received("1", "1", "1")
    store(one)
    delete_instances(actor=ADMIN, partition="default", study_instance_uid="1")
    followers.run_until_caught_up(UsageFollower())
    assert "0\xa0bytes" in text(manager.get("/admin/imaging/usage/"))
    assert one.blob_key in text(manager.get("/admin/imaging/freedblob/"))


def test_usage_needs_no_right_to_read_data(manager: Client) -> None:
    role = Group.objects.get(name="Data Manager")
    role.permissions.remove(Permission.objects.get(codename="read_data"))
    assert manager.get("/admin/imaging/usage/").status_code == 200
    assert manager.get(STUDIES).status_code == 403


def test_a_manager_sees_what_the_portal_does(manager: Client) -> None:
    for name in ("feedentry", "followercursor", "deadletter", "operation", "partition"):
        assert manager.get(f"/admin/core/{name}/").status_code == 200
    for name in ("auditrecord", "account", "token"):
        assert manager.get(f"/admin/core/{name}/").status_code == 403
