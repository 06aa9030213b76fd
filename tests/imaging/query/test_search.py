"""Searching on PostgreSQL: what is found, in which order, and what is answered."""

from typing import Any

import orjson
import pytest
from django.db import connection

from core.access import Actor, Verb, system
from core.database import raw_connection
from core.errors import Forbidden, NotFound, TooLarge
from core.models import AuditRecord, Partition
from imaging.index import tag_of
from imaging.query import Level, Target, parse, search
from tests.actors import READING, acting
from tests.imaging.query.rows import hold, model

pytestmark = pytest.mark.django_db

ACTOR = system("test")
BASE = "http://host/dicomweb"
COMPUTED = ["ModalitiesInStudy", "InstanceAvailability", "RetrieveURL"]


@pytest.fixture
def partition() -> Partition:
    return Partition.objects.create(name="searched")


def found(
    text: str = "",
    level: Level = Level.STUDY,
    *path: str,
    actor: Actor = ACTOR,
    partition: str = "searched",
) -> list[dict[str, Any]]:
    query = parse(Target(level, *path), text.encode())
    answer = search(actor=actor, partition=partition, query=query, base_url=BASE)
    rows: list[dict[str, Any]] = orjson.loads(answer.body)
    assert len(rows) == answer.number_of_results
    return rows


def uids(rows: list[dict[str, Any]], keyword: str = "StudyInstanceUID") -> list[str]:
    return [row[tag_of(keyword)]["Value"][0] for row in rows]


def instance(
    study: str = "1", series: str = "1", number: int = 1, **values: Any
) -> dict[str, Any]:
    given = {
        "SpecificCharacterSet": "ISO_IR 192",
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2",
        "SOPInstanceUID": f"{study}.{series}.{number}",
        "StudyInstanceUID": study,
        "SeriesInstanceUID": f"{study}.{series}",
        "Modality": "CT",
        "PatientID": f"P{study}",
        "InstanceNumber": number,
    }
    return model(**(given | values))


def tags(*keywords: str) -> set[str]:
    return {tag_of(keyword) for keyword in keywords}


def test_newest_first_and_pages(partition: Partition) -> None:
    for study in "123":
        hold(partition, instance(study))
    assert uids(found()) == ["3", "2", "1"]
    assert uids(found("limit=2")) == ["3", "2"]
    assert uids(found("limit=2&offset=2")) == ["1"]
    assert found("offset=3") == []


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("PatientName=Müll*", True),
        ("PatientName=mull*", True),
        ("PatientName=MÜLLER^Ágnes", True),
        ("PatientName=Müller", False),
        ("PatientName=*ágn*", True),
        ("PatientName=m?ller^agnes", True),
        ("PatientName=m%25", False),
        ("PatientName=山田^太郎", True),
        ("PatientName=やま*", True),
        ("PatientName=müller^ágnes=山田*", True),
        ("PatientName==山田*=x", False),
        ("PatientName===やまだ*", True),
        ("fuzzymatching=true&PatientName=mül", True),
        ("fuzzymatching=true&PatientName=mül ágn", True),
        ("fuzzymatching=true&PatientName=ágn", True),
        ("fuzzymatching=true&PatientName=ágn mül", False),
        ("fuzzymatching=true&PatientName=üller", False),
        ("fuzzymatching=true&PatientName=太", True),
        ("fuzzymatching=true&PatientName=m.l", False),
        ('fuzzymatching=true&PatientName=mül"', False),
        ("fuzzymatching=true&PatientName=(", False),
        ("PatientID=p1", True),
        ("PatientID=P1\\X", True),
        ("PatientID=P", False),
        ("StudyDate=20190102", True),
        ("StudyDate=20190101", False),
        ("StudyDate=20190101-20190102", True),
        ("StudyDate=20190103-", False),
        ("StudyDate=-20190102", True),
        ("StudyTime=10", True),
        ("StudyTime=1030", True),
        ("StudyTime=103000", True),
        ("StudyTime=1031-", False),
        ("StudyTime=0900-1030", True),
        ("StudyDescription=100%25_*", True),
        ("StudyDescription=100_%25*", False),
        ("AccessionNumber=a\\b", False),
        ("PatientBirthDate=-20300101", False),
        ("ReferringPhysicianName=doc*", True),
        ("ModalitiesInStudy=MR", True),
        ("ModalitiesInStudy=CT,PT", True),
        ("ModalitiesInStudy=PT", False),
        ("ModalitiesInStudy=M*", True),
        ("ModalitiesInStudy=?", False),
        ("SOPClassesInStudy=1.2.840.10008.5.1.4.1.1.2", True),
        ("StudyInstanceUID=9,1", True),
        ("StudyInstanceUID=9\\8", False),
        ("StudyID=", True),
        ("PatientName=*&StudyDate=", True),
    ],
)
def test_matching_of_a_study(partition: Partition, text: str, matches: bool) -> None:
    values: dict[str, Any] = {
        "PatientName": "Müller^Ágnes=山田^太郎=やまだ^たろう",
        "StudyDate": "20190102",
        "StudyTime": "1030",
        "StudyDescription": "100%_sure",
        "ReferringPhysicianName": "Doctor^Who",
    }
    hold(partition, instance("1", "1", **values))
    hold(partition, instance("1", "2", **values, Modality="MR"))
    assert bool(found(text)) == matches


@pytest.mark.parametrize(
    ("name", "asked", "matches"),
    [
        ("Иванов^Пётр", "иван пет", True),
        ("Иванов^Пётр", "пет иван", False),
        ("Παππάς^Γιώργος", "παππασ γιωρ", True),
        ("مُحَمَّد^علي", "محمد عل", True),
        ("שָׁלוֹם^דוד", "שלום ד", True),
        ("Nguyễn^Văn^An", "nguyen van a", True),
        ("=山田^太郎", "太郎", True),
        ("=山田太郎", "田太", True),
        ("=山田太郎", "山田 太郎", True),
        ("=山田^太郎", "山田太郎", True),
        ("=山田^太郎", "太郎 山田", False),
        ("==やまだ^たろう", "たろ", True),
        ("==やまだ^たろう", "また", False),
        ("=洪^吉洞=홍^길동", "길동", True),
        ("=洪^吉洞=홍^길동", "洪吉", True),
        ("Yamada^Tarou=山田^太郎", "yama tar", True),
        ("Yamada^Tarou=山田^太郎", "amada", False),
        ("Yamada^Tarou=山田^太郎", "tarou 山田", False),
        ("Xu^Li=徐^Li", "徐 li", True),
    ],
)
def test_fuzzy_matching_in_every_script(
    partition: Partition, name: str, asked: str, matches: bool
) -> None:
    hold(partition, instance(PatientName=name))
    assert bool(found(f"fuzzymatching=true&PatientName={asked}")) == matches


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('AccessionNumber=""', "21"),
        ('AccessionNumber="" ', "21"),
        ('PatientName=""', "1"),
        ('StudyDate=""', "321"),
        ('ModalitiesInStudy=""', "2"),
        ('ModalitiesInStudy=CT\\""', "321"),
        ('StudyInstanceUID=""', ""),
        ('AccessionNumber=""&PatientName=x', "2"),
    ],
)
def test_two_quotation_marks_ask_for_no_value(
    partition: Partition, text: str, expected: str
) -> None:
    hold(partition, instance("1"))
    hold(partition, instance("2", PatientName="X", Modality=[], AccessionNumber=""))
    hold(partition, instance("3", PatientName="Y", AccessionNumber='""'))
    asked = text.replace('"', "%22").replace(" ", "%20")
    assert "".join(uids(found(f"emptyvaluematching=true&{asked}"))) == expected


def test_of_series_without_a_number(partition: Partition) -> None:
    hold(partition, instance("1", "1"))
    hold(partition, instance("1", "2", SeriesNumber=2))
    rows = found("emptyvaluematching=true&SeriesNumber=%22%22", Level.SERIES)
    assert uids(rows, "SeriesInstanceUID") == ["1.1"]
    both = found("emptyvaluematching=true&SeriesNumber=%22%22,2", Level.SERIES)
    assert len(both) == 2


def test_multiple_value_matching_wants_every_value(partition: Partition) -> None:
    hold(partition, instance("1", "1", Modality="CT"))
    hold(partition, instance("1", "2", Modality="PT"))
    hold(partition, instance("2", "1", Modality="CT"))
    every = "multiplevaluematching=true&ModalitiesInStudy"
    assert uids(found(f"{every}=CT\\PT")) == ["1"]
    assert uids(found(f"{every}=CT")) == ["2", "1"]
    assert uids(found("multiplevaluematching=true&PatientID=P1\\P2")) == ["2", "1"]


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("RequestedProcedureID=r1", True),
        ("ScheduledProcedureStepID=S2", True),
        ("ScheduledProcedureStepID=S1&RequestedProcedureID=R1", True),
        ("ScheduledProcedureStepID=S*&RequestedProcedureID=R1", True),
        ("ScheduledProcedureStepID=S1&RequestedProcedureID=R2", False),
        ("RequestedProcedureID=R", False),
    ],
)
def test_keys_of_a_sequence_hold_in_the_same_item(
    partition: Partition, text: str, matches: bool
) -> None:
    items = [
        model(ScheduledProcedureStepID=f"S{n}", RequestedProcedureID=f"R{n}")
        for n in (1, 2)
    ]
    hold(partition, instance(RequestAttributesSequence=items))
    query = "&".join(f"RequestAttributesSequence.{part}" for part in text.split("&"))
    rows = found(query, Level.SERIES)
    assert bool(rows) == matches
    assert all(len(row["00400275"]["Value"]) == 2 for row in rows)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SeriesNumber=7", ["1.2"]),
        ("Modality=MR", ["1.2"]),
        ("Modality=mr\\ct", ["1.2", "1.1"]),
        ("PerformedProcedureStepStartDate=20200101-20200131", ["1.2"]),
        ("PerformedProcedureStepStartTime=12", ["1.2"]),
        ("ManufacturerModelName=device*", ["1.2"]),
        ("SeriesDescription=*axial*", ["1.2"]),
        ("BodyPartExamined=HEAD", ["1.2"]),
        ("SeriesInstanceUID=1.1,1.9", ["1.1"]),
        ("PatientID=P1&Modality=CT", ["1.1"]),
        ("ModalitiesInStudy=MR", ["1.2", "1.1"]),
    ],
)
def test_matching_of_series(
    partition: Partition, text: str, expected: list[str]
) -> None:
    hold(partition, instance("1", "1"))
    second = instance(
        "1",
        "2",
        Modality="MR",
        SeriesNumber=7,
        PerformedProcedureStepStartDate="20200115",
        PerformedProcedureStepStartTime="121500.5",
        ManufacturerModelName="Device B",
        SeriesDescription="T1 Axial",
        BodyPartExamined="HEAD",
    )
    hold(partition, second)
    assert uids(found(text, Level.SERIES), "SeriesInstanceUID") == expected


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("", (), ["2.1.1", "1.2.1", "1.1.2", "1.1.1"]),
        ("", ("1",), ["1.2.1", "1.1.2", "1.1.1"]),
        ("", ("1", "1.1"), ["1.1.2", "1.1.1"]),
        ("", ("2", "1.1"), []),
        ("InstanceNumber=1", (), ["2.1.1", "1.2.1", "1.1.1"]),
        ("SOPClassUID=1.2.3", (), ["1.2.1"]),
        ("SOPInstanceUID=1.1.2", ("1", "1.1"), ["1.1.2"]),
        ("Modality=CT&InstanceNumber=1,2", ("1",), ["1.2.1", "1.1.2", "1.1.1"]),
        ("PatientID=P2", (), ["2.1.1"]),
    ],
)
def test_matching_of_instances(
    partition: Partition, text: str, path: tuple[str, ...], expected: list[str]
) -> None:
    hold(partition, instance("1", "1", 1))
    hold(partition, instance("1", "1", 2))
    hold(partition, instance("1", "2", 1, SOPClassUID="1.2.3"))
    hold(partition, instance("2", "1", 1))
    assert uids(found(text, Level.INSTANCE, *path), "SOPInstanceUID") == expected


def test_a_study_as_answered_by_default(partition: Partition) -> None:
    hold(partition, instance("1", "1", PatientAge="030Y", PatientSex="F"))
    hold(partition, instance("1", "2", PatientAge="030Y", PatientSex="F", Modality=[]))
    (row,) = found()
    assert row == {
        **model(
            SpecificCharacterSet="ISO_IR 192",
            InstanceAvailability="ONLINE",
            ModalitiesInStudy="CT",
            RetrieveURL=f"{BASE}/studies/1",
            PatientID="P1",
            PatientSex="F",
            StudyInstanceUID="1",
            NumberOfStudyRelatedSeries=2,
            NumberOfStudyRelatedInstances=2,
        )
    }


def test_fields_of_a_study(partition: Partition) -> None:
    values: dict[str, Any] = {"PatientAge": "030Y", "Rows": 5, "SeriesDescription": "x"}
    private: dict[str, dict[str, Any]] = {
        "12050010": {"vr": "LO", "Value": ["ACME"]},
        "12051001": {"vr": "LO", "Value": ["secret"]},
        "12051002": {"vr": "OB", "BulkDataURI": "12051002"},
    }
    hold(partition, {**instance(**values), **private})
    default = set(found()[0])
    assert set(found("includefield=PatientAge")[0]) == default | tags("PatientAge")
    assert set(found("includefield=Rows,00100010,Modality")[0]) == default
    both = set(found("includefield=SOPClassesInStudy&PatientName=*")[0])
    assert both == default | tags("SOPClassesInStudy")
    assert set(found("includefield=all")[0]) == (
        default | tags("PatientAge", "SOPClassesInStudy")
    )
    (row,) = found("includefield=all,12051001,12051002")
    assert row["12051001"]["Value"] == ["secret"]
    assert set(row) - set(found("includefield=all")[0]) == {"12050010", "12051001"}


def test_series_name_their_study(partition: Partition) -> None:
    hold(partition, instance(PatientAge="030Y", Laterality="L", StationName="S"))
    (row,) = found("", Level.SERIES, "1")
    assert set(row) == tags(
        "SpecificCharacterSet",
        "InstanceAvailability",
        "Modality",
        "RetrieveURL",
        "StudyInstanceUID",
        "SeriesInstanceUID",
        "NumberOfSeriesRelatedInstances",
    )
    assert row[tag_of("RetrieveURL")]["Value"] == [f"{BASE}/studies/1/series/1.1"]
    fields = "includefield=PatientID,ModalitiesInStudy,Laterality"
    (asked,) = found(fields, Level.SERIES, "1")
    assert set(asked) - set(row) == tags("PatientID", "ModalitiesInStudy", "Laterality")
    (everything,) = found("includefield=all", Level.SERIES, "1")
    assert set(everything) - set(row) == tags("Laterality", "StationName")


def test_all_series_come_with_their_study(partition: Partition) -> None:
    hold(partition, instance(PatientName="Doe", SpecificCharacterSet=["A", "B"]))
    query = parse(Target(Level.SERIES), b"")
    body = search(actor=ACTOR, partition="searched", query=query, base_url=BASE).body
    assert body.count(b'"00080005"') == 1
    (row,) = orjson.loads(body)
    assert set(row) >= tags(
        "PatientName", "NumberOfStudyRelatedInstances", "NumberOfSeriesRelatedInstances"
    )


def test_instances_with_all_that_is_known(partition: Partition) -> None:
    data_set = {
        **instance(PatientName="Doe", Rows=5, RetrieveURL="http://elsewhere"),
        "7FE00010": {"vr": "OW", "BulkDataURI": "7FE00010"},
    }
    hold(partition, data_set)
    url = f"{BASE}/studies/1/series/1.1/instances/1.1.1"
    (row,) = found("includefield=all", Level.INSTANCE, "1", "1.1")
    expected = {
        **data_set,
        **model(RetrieveURL=url, InstanceAvailability="ONLINE"),
        "7FE00010": {"vr": "OW", "BulkDataURI": f"{url}/bulkdata/7FE00010"},
    }
    assert row == expected
    (default,) = found("", Level.INSTANCE, "1", "1.1")
    assert set(default) == tags(
        "SpecificCharacterSet",
        "SOPClassUID",
        "SOPInstanceUID",
        "StudyInstanceUID",
        "SeriesInstanceUID",
        "InstanceNumber",
        "Rows",
        "RetrieveURL",
        "InstanceAvailability",
    )
    (asked,) = found("includefield=PatientName,7FE00010", Level.INSTANCE, "1", "1.1")
    assert set(asked) - set(default) == {"00100010", "7FE00010"}
    assert asked["7FE00010"] == expected["7FE00010"]


def test_all_instances_come_with_study_and_series(partition: Partition) -> None:
    hold(partition, instance(PatientName="Doe", TimezoneOffsetFromUTC="+0100"))
    query = parse(Target(Level.INSTANCE), b"")
    body = search(actor=ACTOR, partition="searched", query=query, base_url=BASE).body
    assert body.count(b'"00080201"') == 1
    assert body.count(b'"0020000D"') == 1
    (row,) = orjson.loads(body)
    assert set(row) >= tags("PatientName", "Modality", "InstanceNumber", *COMPUTED)


def test_partitions_are_apart(partition: Partition) -> None:
    other = Partition.objects.create(name="other")
    hold(other, instance())
    assert found() == []
    assert uids(found(partition="other")) == ["1"]
    assert found("", Level.INSTANCE, "1") == []


def test_who_may_search(partition: Partition) -> None:
    hold(partition, instance())
    reader = acting(1, "reader", READING, frozenset({partition.pk}))
    elsewhere = acting(1, "reader", READING, frozenset({partition.pk + 1}))
    writer = acting(2, "writer", frozenset({Verb.STORE}))
    assert uids(found(actor=reader)) == ["1"]
    with pytest.raises(NotFound):
        found(actor=elsewhere)
    with pytest.raises(Forbidden):
        found(actor=writer)
    with pytest.raises(NotFound):
        found(partition="nowhere")


def test_one_line_in_the_audit_log(partition: Partition) -> None:
    hold(partition, instance())
    found("Modality=CT", Level.SERIES, "1")
    (record,) = AuditRecord.objects.all()
    assert record.action == "search"
    assert record.partition_id == partition.pk
    assert record.study_instance_uid == "1"
    assert record.detail == "series 1 (1 results)"
    assert record.query == "Modality=CT"


@pytest.mark.django_db(transaction=True)
def test_a_search_that_takes_too_long_is_told_to_be_narrowed(
    partition: Partition,
) -> None:
    raw_connection().execute("SET statement_timeout = '100ms'")
    other = connection.copy()
    try:
        with other.cursor() as cursor:  # as if the tables were endless
            cursor.execute("BEGIN; LOCK TABLE imaging_study IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(TooLarge, match="StudyDate"):
            found("PatientName=*x*")
    finally:
        other.close()
        raw_connection().execute("RESET statement_timeout")
    assert found("PatientName=*x*") == []
