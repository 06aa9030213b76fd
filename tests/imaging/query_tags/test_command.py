"""``manage.py querytags``, and the page of query tags in the admin."""

from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.test import Client

from core.models import Account, AuditRecord, Operation
from imaging.models import QueryTag
from tests.imaging.query_tags.tagging import run

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/admin/imaging/querytag/"


def said(*words: str) -> str:
    out = StringIO()
    call_command("querytags", *words, stdout=out)
    return out.getvalue().strip()


def test_tags_are_managed_from_the_command_line() -> None:
    answer = said("add", "PatientAge", "PatientWeight", "--level", "study")
    operation = Operation.objects.get()
    assert answer == f"operation {operation.pk}"
    first, second = said("list").splitlines()
    assert first == (
        "00101010\tPatientAge\tAS\tstudy\tadding (notStarted, 0 %)\tenabled\t0 errors"
    )
    assert second.startswith("00101030\tPatientWeight\tDS")
    run(operation)
    said("disable", "PatientAge")
    assert said("list").splitlines()[0].split("\t")[4:6] == ["ready", "disabled"]
    said("enable", "00101010")
    assert QueryTag.objects.filter(is_enabled=True).count() == 2
    assert said("delete", "PatientWeight").startswith("operation ")
    assert "deleting" in said("list").splitlines()[1]
    added = ["add", "12051001", "--level", "series", "--vr", "SS", "--creator", "ACME"]
    said(*added)
    assert QueryTag.objects.get(path="12051001").private_creator == "ACME"


def test_what_cannot_be_done_is_told() -> None:
    with pytest.raises(CommandError, match="without a tag"):
        said("add", "PatientName", "--level", "study")
    with pytest.raises(CommandError, match="no such query tag"):
        said("delete", "PatientAge")


@pytest.fixture
def manager() -> Client:
    account = Account.objects.create_user("ada", is_staff=True)
    account.groups.add(Group.objects.get(name="Data Manager"))
    client = Client()
    client.force_login(account)
    return client


def test_tags_are_managed_in_the_admin(manager: Client) -> None:
    new = {"path": "PatientAge", "level": "study", "vr": "", "private_creator": ""}
    answer = manager.post(f"{PAGE}add/", new, follow=True)
    assert answer.status_code == 200
    tag = QueryTag.objects.get()
    assert (tag.path, tag.status) == ("00101010", "adding")
    shown = manager.get(PAGE).content.decode()
    assert "PatientAge" in shown
    assert f"/admin/core/operation/{tag.operation_id}/change/" in shown
    assert manager.get(f"{PAGE}{tag.pk}/change/").status_code == 200
    bad = {**new, "path": "PatientName"}
    answer = manager.post(f"{PAGE}add/", bad, follow=True)
    assert "without a tag" in answer.content.decode()
    for action, check in (
        ("disable", {"is_enabled": False}),
        ("enable", {"is_enabled": True}),
        ("delete_tags", {"status": "deleting"}),
    ):
        manager.post(PAGE, {"action": action, "_selected_action": [tag.pk]})
        assert QueryTag.objects.filter(**check).exists(), action
    told = AuditRecord.objects.filter(action="configure", detail__contains="00101010")
    assert told.count() == 4
