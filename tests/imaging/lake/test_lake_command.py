"""``manage.py lake``."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core import changefeed
from core.access import Verb
from core.errors import Forbidden
from core.models import AuditRecord
from imaging.lake.sql import ask
from tests.actors import READING, acting
from tests.imaging.lake.lakes import catch_up, put
from tests.imaging.stores import ADMIN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lake")]


def lake(*words: str) -> str:
    out = StringIO()
    call_command("lake", *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def filled(lake: Path) -> Path:
    put("1", "10", "10.1")
    put("1", "10", "10.2")
    put("2", "20", "20.1", "site-1")
    changefeed.append(
        [changefeed.Change("thing", "create", ("1", "2", "3"), None)], actor=ADMIN
    )
    catch_up()
    return lake


def test_status_says_how_far_each_table_is(filled: Path) -> None:
    lines = lake("status").splitlines()
    assert lines[0] == str(filled)
    assert [line.split("\t")[:3] for line in lines[1:3]] == [
        ["changes", f"entry {changefeed.head()}", f"rows {changefeed.head()}"],
        ["instances", f"entry {changefeed.head() - 1}", "rows 3"],
    ]


def test_tables_answer_questions_in_sql(filled: Path) -> None:
    question = (
        "SELECT partition, count(*) AS number FROM instances JOIN studies"
        " USING (partition_id, study_instance_uid, partition)"
        " GROUP BY ALL ORDER BY partition"
    )
    assert lake("sql", question).split() == (
        ["partition", "number", "default", "2", "site-1", "1"]
    )
    rows = csv.reader(lake("sql", question, "--format", "csv").splitlines())
    assert list(rows) == [["partition", "number"], ["default", "2"], ["site-1", "1"]]
    answer = lake("sql", question, "--format", "json").splitlines()
    assert json.loads(answer[1]) == {"partition": "site-1", "number": 1}


def test_what_belongs_to_no_partition_has_none(filled: Path) -> None:
    question = "SELECT kind FROM changes WHERE partition_id IS NULL"
    assert lake("sql", question).split() == ["kind", "thing"]


def test_an_empty_lake_answers_that_it_is_empty() -> None:
    assert lake("sql", "SELECT count(*) AS n FROM instances").split() == ["n", "0"]


def test_a_long_answer_is_cut_for_the_eye_and_whole_in_csv(filled: Path) -> None:
    question = "SELECT range AS n FROM range(1500)"
    assert len(lake("sql", question).splitlines()) == 1002
    assert len(lake("sql", question, "--format", "csv").splitlines()) == 1501


@pytest.mark.parametrize(
    "question",
    [
        "DELETE FROM instances",
        "CREATE TABLE x AS SELECT 1",
        "COPY (SELECT 1) TO '{lake}/out.csv'",
        "SET enable_external_access = true",
        "ATTACH '{lake}/x.db'",
        "INSTALL httpfs",
        "SELECT 1; DROP VIEW instances",
        "",
        "SELECT FROM WHERE",
        "SELECT nothing FROM instances",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM read_csv('{lake}/../secret.csv')",
        "SELECT * FROM read_parquet('http://127.0.0.1:9/x.parquet')",
        "SELECT * FROM glob('/etc/*')",
    ],
)
def test_a_question_only_reads_the_lake(filled: Path, question: str) -> None:
    (filled.parent / "secret.csv").write_text("a,b\n1,2\n")
    before = sorted(filled.rglob("*"))
    with pytest.raises(CommandError):
        lake("sql", question.format(lake=filled))
    assert sorted(filled.rglob("*")) == before


def test_each_question_is_recorded(filled: Path) -> None:
    lake("sql", "SELECT patient_name FROM studies")
    record = AuditRecord.objects.get(action="search")
    assert record.query == "SELECT patient_name FROM studies"
    assert record.actor == "system:command line"


def test_only_who_sees_everything_may_ask(filled: Path) -> None:
    for actor in (
        acting(None, "x", {Verb.READ}),
        acting(None, "x", READING, partitions=frozenset({1})),
    ):
        with pytest.raises(Forbidden), ask(actor=actor, question="SELECT 1"):
            pass


def test_rebuild_compact_and_vacuum_are_recorded(filled: Path) -> None:
    assert "instances" in lake("rebuild")
    assert lake("compact").startswith("Merged")
    assert lake("vacuum") == "Removed 0 files.\n"
    told = AuditRecord.objects.filter(action="operate").order_by("id")
    assert [each.detail for each in told] == [
        "rebuild lake",
        "compact lake",
        "vacuum lake",
    ]


def test_without_a_lake_the_command_says_so(settings: Any) -> None:
    settings.LAKE = ""
    with pytest.raises(CommandError, match="PORTAL_LAKE"):
        lake("status")
