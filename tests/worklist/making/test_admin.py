"""Rules in Django's admin, and on the command line."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from core import changefeed
from core.models import Account, AuditRecord, Partition
from tests.worklist.making.making import rule, study, work, workitems
from worklist.models import WorkitemRule

pytestmark = pytest.mark.usefixtures("committing")
LIST = reverse("admin:worklist_workitemrule_changelist")


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(Account.objects.create_superuser("ada"))
    return client


def form(**more: Any) -> dict[str, Any]:
    study()  # makes the partition
    partition = Partition.objects.get(name="default")
    fields = {
        "partition": partition.pk,
        "name": "Read CT",
        "source": "Study",
        "conditions": "ModalitiesInStudy=CT",
        "template": "{}",
        "steps": "[]",
        "is_enabled": "on",
    }
    return {**fields, **more}


def test_a_rule_is_added_and_works(administrator: Client) -> None:
    answer = administrator.post(f"{LIST}add/", form(due="arrival + 1 h"))
    assert answer.status_code == 302, answer.content.decode()
    held = WorkitemRule.objects.get()
    assert (held.name, held.version, held.changed_by) == ("Read CT", 1, "ada")
    assert held.after_seq == changefeed.head()
    assert AuditRecord.objects.filter(detail__startswith="worklist rule Read").exists()
    study()
    work()
    assert len(workitems()) == 1


def test_a_rule_is_changed_and_says_which_version_it_is(administrator: Client) -> None:
    administrator.post(f"{LIST}add/", form())
    held = WorkitemRule.objects.get()
    address = f"{LIST}{held.pk}/change/"
    page = administrator.get(address).content.decode()
    assert "Dry run" in page
    answer = administrator.post(address, form(worklist_label="CT"))
    assert answer.status_code == 302
    held.refresh_from_db()
    assert (held.version, held.worklist_label) == (2, "CT")


def test_what_has_no_meaning_is_told_at_its_field(administrator: Client) -> None:
    template = json.dumps({"PatientID": {"Value": ["{no path}"]}})
    answer = administrator.post(f"{LIST}add/", form(template=template))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "template.PatientID: no is no attribute" in page
    assert "{no path}" in page  # nothing that was written is lost
    assert not WorkitemRule.objects.exists()


def test_an_account_may_be_named_as_performer(administrator: Client) -> None:
    answer = administrator.post(f"{LIST}add/", form(performer="nobody"))
    assert "There is no such account" in answer.content.decode()
    assert administrator.post(f"{LIST}add/", form(performer="ada")).status_code == 302
    held = WorkitemRule.objects.get()
    changed = form(performer="ada", quiet="60 s", longest_wait="1 s")
    answer = administrator.post(f"{LIST}{held.pk}/change/", changed)
    assert "at least as long" in answer.content.decode()
    changed = form(performer="ada", quiet="60 s", longest_wait="1 h")
    answer = administrator.post(f"{LIST}{held.pk}/change/", changed)
    assert answer.status_code == 302
    held.refresh_from_db()
    assert (held.quiet, held.longest_wait) == ("60 s", "1 h")


def test_a_dry_run_shows_what_would_be_made_and_saves_nothing(
    administrator: Client,
) -> None:
    fields = form(_dry_run="1", worklist_label="CT pool")
    uid = study(name="Doe^Jane")
    answer = administrator.post(f"{LIST}add/", fields)
    page = answer.content.decode()
    assert "Nothing was written" in page
    assert f'title="{uid}"' in page
    assert "Doe^Jane" in page
    assert "CT pool" in page
    assert "A workitem would be made." in page
    assert not WorkitemRule.objects.exists()
    assert not workitems()
    assert AuditRecord.objects.filter(detail__startswith="dry run of").exists()


def test_a_dry_run_of_a_change_leaves_the_rule_as_it_is(administrator: Client) -> None:
    held = rule("Read", conditions="ModalitiesInStudy=CT")
    fields = form(_dry_run="1", conditions="ModalitiesInStudy=MR")
    page = administrator.post(f"{LIST}{held.pk}/change/", fields).content.decode()
    assert "Nothing meets the conditions." in page
    held.refresh_from_db()
    assert held.conditions == "ModalitiesInStudy=CT"


def test_a_dry_run_of_what_has_no_meaning_shows_the_form_again(
    administrator: Client,
) -> None:
    fields = form(_dry_run="1", due="soon")
    page = administrator.post(f"{LIST}add/", fields).content.decode()
    assert "A moment is written as" in page
    assert not WorkitemRule.objects.exists()


def test_rules_are_listed_tried_and_run_from_the_command_line(capsys: Any) -> None:
    uid = study()
    rule("Read", conditions="ModalitiesInStudy=CT")
    call_command("worklist_rules", "list")
    assert "default\tRead\tversion 1\tenabled\tStudy?Modal" in capsys.readouterr().out
    call_command("worklist_rules", "dry-run", "Read")
    assert capsys.readouterr().out == f"{uid}\twould be made\n"
    assert not workitems()
    call_command("worklist_rules", "run", "Read")
    assert "1 looked at, 1 workitems made, 0 problems …" in capsys.readouterr().out
    assert len(workitems()) == 1
    call_command("worklist_rules", "dry-run", "Read")
    assert capsys.readouterr().out == f"{uid}\tis made already\n"
    with pytest.raises(CommandError, match="no rule 'Other'"):
        call_command("worklist_rules", "run", "Other")
