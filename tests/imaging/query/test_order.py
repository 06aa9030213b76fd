"""In which order results come, and page after page without repeats and gaps."""

from typing import Any

import orjson
import pytest

from core.access import Actor, system
from core.errors import Invalid
from core.models import Partition
from imaging.index import tag_of
from imaging.query import Found, Level, Target, parse, search
from tests.actors import READING, acting
from tests.imaging.query.rows import hold, model

pytestmark = pytest.mark.django_db

ACTOR = system("test")


@pytest.fixture
def partition() -> Partition:
    return Partition.objects.create(name="sorted")


def instance(study: int, series: int = 1, number: int = 1, **values: Any) -> Any:
    given = {
        "SOPClassUID": "1.2.3",
        "SOPInstanceUID": f"{study}.{series}.{number}",
        "StudyInstanceUID": str(study),
        "SeriesInstanceUID": f"{study}.{series}",
        "PatientID": f"P{study}",
    }
    return model(**(given | values))


def find(
    text: str = "",
    level: Level = Level.STUDY,
    *path: str,
    actor: Actor = ACTOR,
    partition: str = "sorted",
) -> Found:
    query = parse(Target(level, *path), text.encode())
    return search(actor=actor, partition=partition, query=query, base_url="")


def uids(found: Found, keyword: str = "StudyInstanceUID") -> list[str]:
    return [row[tag_of(keyword)]["Value"][0] for row in orjson.loads(found.body)]


def pages(text: str, limit: int) -> list[str]:
    found = find(f"{text}&limit={limit}")
    result = uids(found)
    while found.cursor:
        found = find(f"{text}&limit={limit}&cursor={found.cursor}")
        assert 0 < found.number_of_results <= limit
        result += uids(found)
    return result


STUDIES: list[dict[str, Any]] = [
    {"StudyDate": "20200102", "PatientName": "Doe^Jane"},
    {"StudyDate": "20200101", "PatientName": "Doe^Jane"},
    {"StudyDate": "20200102", "PatientName": "adams"},
    {"StudyDate": "20200102", "PatientName": "Doe^Jane"},
    {"PatientName": "Zoë"},
]
SORTED = pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", "54321"),
        ("sort=StudyDate", "52134"),
        ("sort=-StudyDate", "43125"),
        ("sort=-StudyDate,PatientName", "31425"),
        ("orderby=-StudyDate,PatientName", "31425"),
        ("sort=-StudyDate&orderby=-PatientName", "41325"),
        ("sort=%2BPatientName", "31245"),
        ("sort=00100010,-00080020", "34125"),
        ("sort=StudyInstanceUID", "12345"),
        ("sort=-patientid", "54321"),
    ],
)


@SORTED
def test_results_are_sorted(partition: Partition, sort: str, expected: str) -> None:
    for number, values in enumerate(STUDIES, 1):
        hold(partition, instance(number, **values))
    assert "".join(uids(find(sort))) == expected


@SORTED
@pytest.mark.parametrize("limit", [1, 2, 4, 5])
def test_pages_are_the_whole(
    partition: Partition, sort: str, expected: str, limit: int
) -> None:
    for number, values in enumerate(STUDIES, 1):
        hold(partition, instance(number, **values))
    assert "".join(pages(sort, limit)) == expected


def test_what_has_no_number_comes_before_what_has(partition: Partition) -> None:
    for number, given in enumerate([3, None, 1, None, 2], 1):
        values = {} if given is None else {"SeriesNumber": given}
        hold(partition, instance(1, number, **values))
    for sort, expected in (("SeriesNumber", "24351"), ("-SeriesNumber", "15342")):
        found = find(f"sort={sort}&limit=2", Level.SERIES)
        result = uids(found, "SeriesInstanceUID")
        while found.cursor:
            text = f"sort={sort}&limit=2&cursor={found.cursor}"
            found = find(text, Level.SERIES)
            result += uids(found, "SeriesInstanceUID")
        assert "".join(uid[-1] for uid in result) == expected


def test_instances_in_their_order(partition: Partition) -> None:
    for number in (2, 10, 1):
        hold(partition, instance(1, 1, number, InstanceNumber=number))
    found = find("sort=InstanceNumber", Level.INSTANCE, "1", "1.1")
    assert uids(found, "SOPInstanceUID") == ["1.1.1", "1.1.2", "1.1.10"]


@pytest.mark.parametrize("sort", ["", "sort=PatientName", "sort=-PatientName"])
def test_what_is_stored_in_between_moves_no_page(
    partition: Partition, sort: str
) -> None:
    for number in range(1, 7):
        hold(partition, instance(number, PatientName=f"N{number % 3}"))
    before = uids(find(sort))
    found = find(f"{sort}&limit=2")
    result = uids(found)
    for number in range(7, 13):
        hold(partition, instance(number, PatientName=f"N{number % 4}"))
        if found.cursor:
            found = find(f"{sort}&limit=2&cursor={found.cursor}")
            result += uids(found)
    assert len(set(result)) == len(result)
    assert [uid for uid in result if uid in before] == before[: len(result)]


def test_a_cursor_names_no_patient_and_is_for_one_order(partition: Partition) -> None:
    for number in (1, 2, 3):
        hold(partition, instance(number, PatientName="Doe^Jane"))
    cursor = find("sort=PatientName&limit=1").cursor
    assert cursor
    assert len(cursor) < 30
    for sort in ("", "sort=-PatientName", "sort=PatientName,StudyDate"):
        with pytest.raises(Invalid) as refused:
            find(f"{sort}&limit=1&cursor={cursor}")
        assert refused.value.path == "cursor"
    with pytest.raises(Invalid):
        find(f"sort=PatientName&cursor={cursor}", Level.SERIES)


def test_a_page_begins_nowhere_once_its_row_has_moved(partition: Partition) -> None:
    for number in (1, 2, 3):
        hold(partition, instance(number, PatientName=f"N{number}"))
    by_name, newest = find("sort=PatientName&limit=1"), find("limit=1")
    hold(partition, instance(1, 2, PatientName="Other"))
    hold(partition, instance(3, 2, PatientName="Other"))
    assert uids(find(f"cursor={newest.cursor}")) == ["2", "1"]
    with pytest.raises(Invalid, match="begin anew"):
        find(f"sort=PatientName&cursor={by_name.cursor}")


def test_a_cursor_tells_nothing_of_what_may_not_be_seen(partition: Partition) -> None:
    other = Partition.objects.create(name="other")
    for number in (1, 2):
        hold(other, instance(10 + number))
        hold(partition, instance(number))
    cursor = find("sort=PatientID&limit=1", partition="other").cursor
    reader = acting(1, "reader", READING, frozenset({partition.pk}))
    with pytest.raises(Invalid):
        find(f"sort=PatientID&cursor={cursor}", actor=reader)


@pytest.mark.parametrize(
    "cursor",
    ["", "A", "AAAA", "A" * 24, "A" * 28, "A" * 5000, "%00", "ü", "AAAAAAAAAAE=", "*"],
)
@pytest.mark.parametrize("sort", ["", "sort=PatientID"])
def test_a_cursor_that_is_none_is_refused(
    partition: Partition, cursor: str, sort: str
) -> None:
    hold(partition, instance(1))
    with pytest.raises(Invalid) as refused:
        find(f"{sort}&cursor={cursor}")
    assert refused.value.path == "cursor"


def test_all_that_match_are_counted_on_request(partition: Partition) -> None:
    for number in range(1, 6):
        hold(partition, instance(number, PatientSex="MF"[number % 2]))
    assert find().total is None
    assert find("total=true&limit=2").total == 5
    assert find("total=true&PatientSex=F&offset=7").total == 3
    page = find("limit=2")
    assert find(f"total=true&limit=2&cursor={page.cursor}").total == 5
    assert find("total=true", Level.SERIES).total == 5
    assert find("total=true", Level.INSTANCE, "1").total == 1
