"""Searches through all partitions that the actor may see."""

from typing import Any

import orjson
import pytest
from django.utils import timezone

from core.access import Actor, system
from core.models import AuditRecord, Partition
from imaging.index import tag_of
from imaging.query import Found, Level, Target, parse, search
from tests.actors import READING, acting
from tests.imaging.query.rows import hold, model

pytestmark = pytest.mark.django_db

BASE = "http://host/dicomweb/partitions"
NAMES = ("a", "b", "c")


@pytest.fixture
def partitions() -> dict[str, Partition]:
    """Make three partitions with three studies each, stored in turns."""
    made = {name: Partition.objects.create(name=name) for name in NAMES}
    for number in range(1, 10):
        name = NAMES[number % 3]
        hold(made[name], instance(number, PatientID=f"P{number % 2}"))
    return made


def instance(study: int, **values: Any) -> Any:
    given = {
        "SOPClassUID": "1.2.3",
        "SOPInstanceUID": f"{study}.1.1",
        "StudyInstanceUID": str(study),
        "SeriesInstanceUID": f"{study}.1",
        "PatientName": f"N{study % 4}",
        "StudyDate": f"2020010{study % 5 + 1}",
        "Modality": "CT",
    }
    return model(**(given | values))


def reader(*partitions: Partition) -> Actor:
    keys = frozenset(partition.pk for partition in partitions)
    return acting(1, "reader", READING, keys)


def find(
    text: str,
    level: Level = Level.STUDY,
    *path: str,
    actor: Actor | None = None,
) -> Found:
    query = parse(Target(level, *path), text.encode())
    return search(
        actor=actor or system("test"), partition=None, query=query, base_url=BASE
    )


def uids(found: Found) -> str:
    rows = orjson.loads(found.body)
    return "".join(row[tag_of("StudyInstanceUID")]["Value"][0] for row in rows)


@pytest.mark.parametrize("level", list(Level))
def test_of_all_newest_first(partitions: dict[str, Partition], level: Level) -> None:
    assert uids(find("", level)) == "987654321"
    assert uids(find("limit=2&offset=3", level)) == "65"
    assert find("total=true&limit=2", level).total == 9


@pytest.mark.parametrize("level", list(Level))
def test_only_what_may_be_seen(partitions: dict[str, Partition], level: Level) -> None:
    two = reader(partitions["a"], partitions["c"])
    assert uids(find("", level, actor=two)) == "986532"
    assert uids(find("", level, actor=reader(partitions["b"]))) == "741"
    assert uids(find("", level, actor=reader())) == ""
    assert find("total=true&limit=1", level, actor=two).total == 6
    assert uids(find("PatientID=p1", level, actor=two)) == "953"
    assert uids(find("PatientName=n*&limit=3", level, actor=two)) == "986"


def test_each_row_leads_into_its_partition(partitions: dict[str, Partition]) -> None:
    for level, path in (
        (Level.STUDY, ""),
        (Level.SERIES, "/series/8.1"),
        (Level.INSTANCE, "/series/8.1/instances/8.1.1"),
    ):
        (row,) = orjson.loads(find("StudyInstanceUID=8", level).body)
        assert row["00081190"]["Value"] == [f"{BASE}/c/studies/8{path}"]


def test_the_same_study_in_two_partitions_is_found_twice(
    partitions: dict[str, Partition],
) -> None:
    hold(partitions["a"], instance(1, SOPInstanceUID="1.1.2"))
    assert uids(find("StudyInstanceUID=1")) == "11"
    assert uids(find("", Level.SERIES, "1")) == "11"
    assert uids(find("", Level.INSTANCE, "1", "1.1")) == "11"
    assert uids(find("", Level.SERIES, "1", actor=reader(partitions["b"]))) == "1"


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", "986532"),
        ("sort=PatientName", "859263"),
        ("sort=-StudyDate,StudyInstanceUID", "938265"),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 5])
def test_pages_go_through_all(
    partitions: dict[str, Partition], sort: str, expected: str, limit: int
) -> None:
    actor = reader(partitions["a"], partitions["c"])
    found = find(f"{sort}&limit={limit}", actor=actor)
    result = uids(found)
    while found.cursor:
        text = f"{sort}&limit={limit}&cursor={found.cursor}"
        found = find(text, actor=actor)
        result += uids(found)
    assert result == expected


def test_the_audit_log_names_no_partition(partitions: dict[str, Partition]) -> None:
    find("PatientID=P1")
    (record,) = AuditRecord.objects.all()
    assert record.partition_id is None
    assert record.detail == "study (5 results)"
    assert record.query == "PatientID=P1"


def test_disabled_partitions_are_left_out(partitions: dict[str, Partition]) -> None:
    partitions["b"].disabled_at = timezone.now()
    partitions["b"].save()
    two = reader(partitions["a"], partitions["b"])
    assert uids(find("")) == "986532"
    assert uids(find("", actor=two)) == "963"
    assert find("total=true&limit=1").total == 6
