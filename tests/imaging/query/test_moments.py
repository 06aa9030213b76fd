"""Dates and times that are asked for together, in the time zone of the query."""

from typing import Any

import orjson
import pytest

from core.access import system
from core.errors import Invalid
from core.models import Partition
from imaging.index import tag_of
from imaging.query import Level, Target, parse, search
from tests.imaging.query.rows import hold, model

pytestmark = pytest.mark.django_db


@pytest.fixture
def partition() -> Partition:
    return Partition.objects.create(name="moments")


def instance(study: int, **values: Any) -> Any:
    given = {
        "SOPClassUID": "1.2.3",
        "SOPInstanceUID": f"{study}.1.1",
        "StudyInstanceUID": str(study),
        "SeriesInstanceUID": f"{study}.1",
    }
    return model(**(given | values))


def found(text: str, level: Level = Level.STUDY) -> str:
    query = parse(Target(level), text.replace("+", "%2B").encode())
    answer = search(actor=system("test"), partition="moments", query=query, base_url="")
    rows = orjson.loads(answer.body)
    numbers = [row[tag_of("StudyInstanceUID")]["Value"][0] for row in rows]
    return "".join(sorted(numbers))


MOMENTS = [
    ("20060705", "0959"),
    ("20060705", "1000"),
    ("20060705", "235959.9"),
    ("20060706", "03"),
    ("20060707", "18"),
    ("20060707", "1801"),
    ("20060708", "235959"),
    ("20060706", ""),
]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # One range of moments, as in the note of PS3.4 C.2.2.2.5.4.
        ("StudyDate=20060705-20060707&StudyTime=1000-1800", "2345"),
        ("StudyDate=20060705-20060706&StudyTime=1800-1000", "34"),
        ("StudyDate=20060706-&StudyTime=12-", "567"),
        ("StudyDate=-20060705&StudyTime=-10", "12"),
        # Of two forms, or single: each by itself.
        ("StudyDate=20060705-20060707&StudyTime=10-", "2356"),
        ("StudyDate=20060705-&StudyTime=2359", "37"),
        ("StudyDate=20060705&StudyTime=10", "2"),
        ("StudyDate=20060705&StudyTime=09-10", "12"),
        ("StudyDate=20060705-20060707", "1234568"),
        ("StudyTime=03", "4"),
    ],
)
def test_dates_and_times_are_one_range(
    partition: Partition, query: str, expected: str
) -> None:
    for number, (date, time) in enumerate(MOMENTS, 1):
        hold(partition, instance(number, StudyDate=date, StudyTime=time))
    assert found(query) == expected


ZONES = [
    {"StudyDate": "20200101", "StudyTime": "2330", "TimezoneOffsetFromUTC": "+0000"},
    {"StudyDate": "20200102", "StudyTime": "0030", "TimezoneOffsetFromUTC": "+0100"},
    {"StudyDate": "20200101", "StudyTime": "1830", "TimezoneOffsetFromUTC": "-0500"},
    {"StudyDate": "20200102", "StudyTime": "0030"},
    {"StudyDate": "20200102", "TimezoneOffsetFromUTC": "-0500"},
    {"StudyDate": "20200102", "StudyTime": "12", "TimezoneOffsetFromUTC": "+0000"},
]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("StudyDate=20200102&TimezoneOffsetFromUTC=+0100", "123456"),
        ("StudyDate=20200102&TimezoneOffsetFromUTC=+0000", "456"),
        ("StudyDate=20200101&TimezoneOffsetFromUTC=+0000", "123"),
        ("StudyDate=20200101-&TimezoneOffsetFromUTC=-0500", "123456"),
        ("StudyDate=-20200101&TimezoneOffsetFromUTC=-0500", "123"),
        ("StudyDate=20200102&StudyTime=0030&TimezoneOffsetFromUTC=+0100", "1234"),
        ("StudyDate=20200102&StudyTime=0030&TimezoneOffsetFromUTC=+0000", "4"),
        ("StudyTime=0030&TimezoneOffsetFromUTC=+0100", "1234"),
        ("StudyTime=23-&TimezoneOffsetFromUTC=+0000", "123"),
        ("StudyTime=-01&TimezoneOffsetFromUTC=+0100", "1234"),
        ("StudyTime=11-13&TimezoneOffsetFromUTC=+0000", "6"),
        ("StudyTime=19-&TimezoneOffsetFromUTC=-0430", "123"),
        (
            "StudyDate=20200102-20200103&StudyTime=00-1230&TimezoneOffsetFromUTC=+0100",
            "12346",
        ),
        ("StudyDate=20200102-&StudyTime=0030&TimezoneOffsetFromUTC=+0100", "1234"),
        ("StudyDate=00010101-99991231&TimezoneOffsetFromUTC=+1400", "123456"),
        ("TimezoneOffsetFromUTC=+0100", "123456"),
        ("TimezoneOffsetFromUTC=", "123456"),
        ("StudyDate=20200102&TimezoneOffsetFromUTC=", "2456"),
    ],
)
def test_the_query_names_a_time_zone(
    partition: Partition, query: str, expected: str
) -> None:
    for number, values in enumerate(ZONES, 1):
        hold(partition, instance(number, **values))
    assert found(query) == expected


def test_a_plus_that_was_not_escaped_is_a_plus(partition: Partition) -> None:
    hold(partition, instance(1, **ZONES[0]))
    query = parse(Target(Level.STUDY), b"StudyDate=20200102&00080201=+0100")
    answer = search(actor=system("test"), partition="moments", query=query, base_url="")
    assert answer.number_of_results == 1


def test_of_series_by_the_performed_procedure_step(partition: Partition) -> None:
    started = {
        "PerformedProcedureStepStartDate": "20200101",
        "PerformedProcedureStepStartTime": "2330",
        "TimezoneOffsetFromUTC": "+0000",
    }
    hold(partition, instance(1, **started))
    date = "PerformedProcedureStepStartDate=20200102"
    assert found(date, Level.SERIES) == ""
    assert found(f"{date}&TimezoneOffsetFromUTC=+0100", Level.SERIES) == "1"


@pytest.mark.parametrize("offset", ["+1500", "Z", "+01:00", "0100", "+0100\\+0200"])
def test_a_time_zone_that_is_none_is_refused(offset: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(Target(Level.STUDY), f"TimezoneOffsetFromUTC={offset}".encode())
    assert refused.value.path == "TimezoneOffsetFromUTC"
