"""Searching as Azure's DICOM service answers it, in its two versions, over HTTP.

The cases of its conformance statements. How the rules without a version differ is
tested beside each, or in `test_qido`.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from imaging.index import tag_of
from tests.conformance.searching import JSON, Service, searching, uids
from tests.stack import Stack
from tests.synthetic import instance, new_uid

V1 = (
    "SpecificCharacterSet StudyDate StudyTime AccessionNumber InstanceAvailability"
    " ReferringPhysicianName PatientName PatientID PatientBirthDate PatientSex"
    " StudyInstanceUID StudyID"
)
V2 = (
    "StudyInstanceUID StudyDate StudyDescription AccessionNumber"
    " ReferringPhysicianName PatientName PatientID PatientBirthDate"
)


@pytest.fixture(params=["v1", "v2"])
def azure(stack: Stack, request: pytest.FixtureRequest) -> Iterator[Service]:
    with searching(stack, request.param) as found:
        yield found


@pytest.fixture
def standard(stack: Stack) -> Iterator[Service]:
    with searching(stack) as found:
        yield found


def tags(keywords: str) -> set[str]:
    return {tag_of(keyword) for keyword in keywords.split()}


def fields(service: Service, path: str) -> set[str]:
    (row,) = service.rows(path)
    return set(row)


def test_no_match_is_204_without_a_body(azure: Service) -> None:
    azure.store(instance(PatientID="P1"))
    assert azure.rows("/studies?PatientID=none") == []
    assert azure.rows("/studies?offset=1") == []


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=abc", "limit"),
        ("offset=-1", "offset"),
        ("PatientName=", "PatientName"),
        ("PatientName=%20", "PatientName"),
        ("foo=1", "foo"),
        ("sort=PatientName", "sort"),
        ("total=true", "total"),
        ("cursor=AAAA", "cursor"),
        ("emptyvaluematching=true", "emptyvaluematching"),
        ("accept=application/dicom%2Bjson", "accept"),
        ("patientid=P1", "patientid"),
        ("PatientID=a&PatientID=a", "PatientID"),
        ("PatientID=a&00100020=a", "PatientID"),
        ("Modality=CT", "Modality"),
        ("StudyTime=10", "StudyTime"),
        ("StudyID=S1", "StudyID"),
        ("PatientSex=F", "PatientSex"),
        ("TimezoneOffsetFromUTC=%2B0100", "TimezoneOffsetFromUTC"),
        ("StudyDate=-", "StudyDate"),
        ("StudyDate=20200102-20200101", "StudyDate"),
        ("StudyDate=2020", "StudyDate"),
        ("StudyDate=20200101,20200102", "StudyDate"),
        ("fuzzymatching=1", "fuzzymatching"),
        ("fuzzymatching=true&PatientName=jo%22", "PatientName"),
        ("includefield=all,PatientSex", "includefield"),
        ("includefield=all&includefield=PatientSex", "includefield"),
        ("includefield=12345678", "includefield"),
        ("includefield=patientsex", "includefield"),
        ("includefield=RequestAttributesSequence.StudyInstanceUID", "includefield"),
    ],
)
def test_bad_parameters_are_named(azure: Service, query: str, named: str) -> None:
    azure.store(instance())
    assert named in azure.refused(f"/studies?{query}").text


@pytest.mark.parametrize(
    "query",
    [
        "PatientName=",
        "foo=1",
        "patientid=P1",
        "StudyID=S1",
        "StudyTime=14",
        "PatientID=*",
        "PatientID=x\\P1",
        "StudyDate=20200101,20200131",
        "limit=201",
        "limit=9999",
        "includefield=all,PatientSex",
        "total=true&sort=PatientName",
    ],
)
def test_without_a_version_more_is_taken(standard: Service, query: str) -> None:
    standard.store(instance())
    assert len(standard.rows(f"/studies?{query}")) == 1


def test_the_largest_page(azure: Service) -> None:
    azure.store(instance())
    answer = azure.get("/studies?limit=200")
    assert answer.status_code == 200
    assert "link" not in answer.headers
    assert "warning" not in answer.headers


def test_a_study_is_named_once(azure: Service) -> None:
    dataset = instance()
    azure.store(dataset)
    uid = dataset.StudyInstanceUID
    assert (
        "StudyInstanceUID"
        in azure.refused(f"/studies/{uid}/series?StudyInstanceUID={uid}").text
    )
    azure.refused(
        f"/studies/{uid}/series/{dataset.SeriesInstanceUID}/instances"
        f"?SeriesInstanceUID={dataset.SeriesInstanceUID}"
    )


def test_dates_match_exactly_and_as_ranges(azure: Service) -> None:
    first, second = instance(StudyDate="20190101"), instance(StudyDate="20190102")
    azure.store(first)
    azure.store(second)
    assert uids(azure.rows("/studies?StudyDate=20190101")) == [first.StudyInstanceUID]
    for value in ("20190101-20190102", "20190101-", "-20190102"):
        assert len(azure.rows(f"/studies?StudyDate={value}")) == 2, value


@pytest.mark.parametrize(
    ("value", "matches"),
    [("hall^x^ta", True), ("HALL^X^TÁ", True), ("Hall", False), ("Hall*", False)],
)
def test_names_match_as_a_whole(azure: Service, value: str, matches: bool) -> None:
    azure.store(instance(PatientName="Hall^X^Tá"))
    assert bool(azure.rows(f"/studies?PatientName={value}")) == matches


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("PatientID=a*", True),
        ("PatientID=A*", True),
        ("PatientID=a?", False),
        ("PatientID=*", False),
        ("PatientID=a*\\b", False),
        ("ModalitiesInStudy=C?", False),
        ("ModalitiesInStudy=CT,MR", False),
        ("ModalitiesInStudy=ct", True),
        ("StudyInstanceUID=1.2,1.3", False),
        ("StudyInstanceUID=abc", False),
        ("StudyDescription=thorax", True),
    ],
)
def test_values_stand_for_themselves(azure: Service, query: str, matches: bool) -> None:
    azure.store(instance(PatientID="a*"))
    assert bool(azure.rows(f"/studies?{query}")) == matches


@pytest.mark.parametrize(
    ("value", "matches"),
    [
        ("joh", True),
        ("do", True),
        ("jo do", True),
        ("John Doe", True),
        ("john^doe", True),
        ("ohn", False),
        ("doe john", False),
        ("jo*", False),
    ],
)
def test_fuzzy_matching(azure: Service, value: str, matches: bool) -> None:
    azure.store(instance(PatientName="John^Doe"))
    rows = azure.rows(f"/studies?fuzzymatching=true&PatientName={value}")
    assert bool(rows) == matches


def test_newest_first_without_overlap(azure: Service) -> None:
    stored = [instance() for _ in range(3)]
    for dataset in stored:
        azure.store(dataset)
    first, second = (
        uids(azure.rows(f"/studies?limit=2&offset={offset}")) for offset in (0, 2)
    )
    assert first + second == [each.StudyInstanceUID for each in reversed(stored)]


def test_modalities_and_counts_where_they_are_asked_for(azure: Service) -> None:
    study, first, second = new_uid(), new_uid(), new_uid()
    azure.store(
        *(
            instance(StudyInstanceUID=study, SeriesInstanceUID=uid, Modality=modality)
            for uid, modality in [(first, "CT"), (first, "CT"), (second, "MR")]
        )
    )
    query = "ModalitiesInStudy=CT&includefield=NumberOfStudyRelatedInstances"
    (row,) = azure.rows(f"/studies?{query}")
    assert row["00080061"]["Value"] == ["CT", "MR"]
    assert row["00201208"]["Value"] == [3]
    assert not {"00080061", "00201206", "00201208"} & fields(azure, "/studies")
    (series,) = azure.rows(f"/studies/{study}/series?Modality=MR")
    assert (uids([series]), uids([series], "0020000E")) == ([study], [second])
    counted = "includefield=NumberOfSeriesRelatedInstances&SeriesInstanceUID"
    (series,) = azure.rows(f"/studies/{study}/series?{counted}={first}")
    assert series["00201209"]["Value"] == [2]


def test_an_instance_of_a_series(azure: Service) -> None:
    dataset = instance()
    azure.store(dataset, instance())
    path = f"/studies/{dataset.StudyInstanceUID}/series/{dataset.SeriesInstanceUID}"
    (row,) = azure.rows(f"{path}/instances?SOPInstanceUID={dataset.SOPInstanceUID}")
    assert uids([row], "00080018") == [dataset.SOPInstanceUID]
    assert uids([row]) == [dataset.StudyInstanceUID]
    assert uids([row], "0020000E") == [dataset.SeriesInstanceUID]


@pytest.mark.parametrize(
    "query",
    [
        "includefield=00100020,PatientSex",
        "includefield=00100020&includefield=PatientSex",
    ],
)
def test_included_fields(azure: Service, query: str) -> None:
    azure.store(instance())
    (row,) = azure.rows(f"/studies?{query}")
    assert row["00100020"]["Value"] == ["P1"]
    assert row["00100040"]["Value"] == ["F"]


def test_what_is_beyond_the_level_is_the_newest_instances(azure: Service) -> None:
    study = new_uid()
    azure.store(instance(StudyInstanceUID=study, InstanceNumber=1))
    azure.store(instance(StudyInstanceUID=study, InstanceNumber=2))
    asked = "includefield=InstanceNumber,00111001,12051001,Rows,7FE00010"
    (row,) = azure.rows(f"/studies?{asked}")
    assert row["00200013"]["Value"] == [2]
    assert row["00111001"]["Value"] == ["private text"]
    assert "00280010" in row
    assert "12051001" not in row
    assert "7FE00010" not in row


@pytest.mark.parametrize(
    ("version", "study", "series", "found"),
    [
        (
            "v1",
            V1,
            "SpecificCharacterSet Modality SeriesInstanceUID StudyInstanceUID",
            "SpecificCharacterSet SOPClassUID SOPInstanceUID InstanceAvailability"
            " InstanceNumber Rows Columns BitsAllocated StudyInstanceUID"
            " SeriesInstanceUID",
        ),
        (
            "v2",
            V2,
            "Modality SeriesInstanceUID StudyInstanceUID",
            "SOPInstanceUID StudyInstanceUID SeriesInstanceUID",
        ),
    ],
)
def test_what_is_answered_by_default(
    stack: Stack, version: str, study: str, series: str, found: str
) -> None:
    dataset = instance()
    with searching(stack, version) as azure:
        azure.store(dataset)
        path = f"/studies/{dataset.StudyInstanceUID}"
        assert fields(azure, "/studies") == tags(study)
        assert fields(azure, f"{path}/series") == tags(series)
        path += f"/series/{dataset.SeriesInstanceUID}"
        assert fields(azure, f"{path}/instances") == tags(found)
        both = tags(study) | tags(series)
        assert fields(azure, "/series") == both
        assert fields(azure, "/instances") == both | tags(found)


def test_all_fields(azure: Service) -> None:
    dataset = instance(PatientAge="030Y", Laterality="L", ManufacturerModelName="M")
    azure.store(dataset)
    everything = fields(azure, "/studies?includefield=all")
    assert everything == tags(V1) | tags(V2) | tags("PatientAge")
    series = f"/studies/{dataset.StudyInstanceUID}/series"
    assert fields(azure, f"{series}?includefield=all") >= tags("Laterality Modality")
    path = f"{series}/{dataset.SeriesInstanceUID}/instances?includefield=all"
    assert "7FE00010" not in fields(azure, path)


def test_the_newest_instance_names_the_patient(azure: Service) -> None:
    study = new_uid()
    azure.store(instance(StudyInstanceUID=study, PatientName="Old^Name"))
    azure.store(instance(StudyInstanceUID=study, PatientName="New^Name"))
    assert azure.rows("/studies?PatientName=Old^Name") == []
    assert uids(azure.rows("/studies?PatientName=New^Name")) == [study]


@pytest.mark.parametrize("value", ["%3Cscript%3E", "%3c", "<5mm"])
def test_markup_is_refused_and_not_echoed(azure: Service, value: str) -> None:
    assert "script" not in azure.refused(f"/studies?StudyDescription={value}").text


def test_less_than_is_no_markup_without_a_version(standard: Service) -> None:
    standard.store(instance(StudyDescription="<5mm"))
    assert len(standard.rows("/studies?StudyDescription=<5mm")) == 1


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        (JSON, 200),
        ("*/*", 200),
        (f"text/html, {JSON};q=0.5", 200),
        ("application/json", 406),
        ("text/html", 406),
        (f"nonsense, {JSON}", 406),
        (f"{JSON}, multipart/related; type=application/octet-stream", 406),
        (None, 406),
    ],
)
def test_accept_is_read_by_the_letter(
    azure: Service, accept: str | None, status: int
) -> None:
    azure.store(instance())
    del azure.http.headers["accept"]
    headers: dict[str, Any] = {"Accept": accept} if accept else {}
    answer = azure.http.get("/studies", headers=headers)
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["content-type"] == JSON


def test_all_partitions_have_no_name_in_azure(azure: Service) -> None:
    azure.store(instance())
    assert azure.get("/../*/studies").status_code == 400
