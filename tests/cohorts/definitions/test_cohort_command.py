"""``manage.py cohort``: saving, listing, showing and answering what is saved."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command

from cohorts.definitions.sharing import share_definition
from cohorts.models import CohortRun, Definition
from core.models import Account
from tests.cohorts.definitions.saved import owner
from tests.cohorts.execution.asked import condition, event
from tests.fhirlink.events.record import follow, patient, put

pytestmark = pytest.mark.django_db


def account(name: str, role: str) -> None:
    made = Account.objects.create_user(name)
    made.groups.add(Group.objects.get(name=role))


def told(*words: str) -> str:
    printed = StringIO()
    call_command("cohort", *words, stdout=printed)
    return printed.getvalue()


def test_a_cohort_is_saved_listed_shown_and_answered(tmp_path: Path) -> None:
    put(patient("a"), patient("b"), condition("1", "flu", "2024-01-01", "a"))
    follow()
    account("owner", "Administrator")
    account("other", "Service Reader")
    criteria = {"v": 1, "where": event("condition", "flu")}
    file = tmp_path / "ill.json"
    file.write_text(json.dumps(criteria))
    told("save", "Ill", str(file), "--as", "owner", "--description", "for a test")
    assert Definition.objects.get().description == "for a test"

    (line,) = told("list", "--as", "owner").splitlines()
    assert line.split("\t")[1:] == ["Ill", "owner", "version 1"]
    assert json.loads(told("show", "Ill", "--as", "owner")) == criteria
    assert told("list", "--as", "other") == ""
    with pytest.raises(CommandError, match="no saved cohort named Ill"):
        told("run", "Ill", "--as", "other")

    answer = told("run", "Ill", "--as", "owner", "--now", "2026-01-01")
    assert answer.startswith("1 patients on 2026-01-01")
    run = CohortRun.objects.get()
    assert run.criteria == criteria
    assert [(e["name"], e["version"]) for e in run.used] == [("Ill", 1)]

    share_definition(actor=owner(), key=Definition.objects.get().pk)
    assert told("run", "Ill").startswith("1 patients")  # the portal itself reads all


def test_a_value_set_is_saved_as_a_set(tmp_path: Path) -> None:
    put(patient("a"))
    account("owner", "Administrator")
    code = {"code": "C40", "display": "Bone"}
    system = {"resourceType": "CodeSystem", "url": "http://x", "concept": [code]}
    file = tmp_path / "codes.json"
    file.write_text(json.dumps(system))
    told("save", "Bones", str(file), "--set", "--as", "owner")
    shown = json.loads(told("show", "Bones", "--set", "--as", "owner"))
    codes = [{"system": "http://x", "code": "C40"}]
    assert shown == {"anyOf": [{"codes": codes}]}
    assert told("list", "--as", "owner") == ""
    with pytest.raises(CommandError, match="saved for accounts"):
        told("save", "Bones", str(file), "--set")
