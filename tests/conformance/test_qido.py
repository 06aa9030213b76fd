"""DICOM PS3.18 10.6, QIDO-RS, over HTTP against a whole running portal.

Each test searches in a data partition of its own.
"""

from collections.abc import Iterator

import httpx
import pytest

from tests.conformance.searching import JSON, Service, searching, uids
from tests.stack import Stack
from tests.synthetic import instance, new_uid


@pytest.fixture
def service(stack: Stack) -> Iterator[Service]:
    with searching(stack) as found:
        yield found


def test_no_match_is_204_without_a_body(service: Service) -> None:
    service.store(instance(PatientID="P1"))
    assert service.rows("/studies?PatientID=none") == []
    assert service.rows("/studies?offset=1") == []


def test_newest_first_without_overlap(service: Service) -> None:
    stored = [instance() for _ in range(3)]
    for dataset in stored:
        service.store(dataset)
    first, second = (
        uids(service.rows(f"/studies?limit=2&offset={offset}")) for offset in (0, 2)
    )
    assert first + second == [each.StudyInstanceUID for each in reversed(stored)]


def test_dates_match_exactly(service: Service) -> None:
    first, second = instance(StudyDate="20190101"), instance(StudyDate="20190102")
    service.store(first)
    service.store(second)
    assert uids(service.rows("/studies?StudyDate=20190101")) == [first.StudyInstanceUID]
    both = service.rows("/studies?00080020=20181231-20190102")
    assert uids(both) == [second.StudyInstanceUID, first.StudyInstanceUID]


def test_names_match_without_case_and_accents(service: Service) -> None:
    service.store(instance(PatientName="Hall^X^Tá=山田^太郎"))
    for name in ("hall^x^ta", "HALL*", "山田*", "hall*=山田^太郎"):
        assert len(service.rows(f"/studies?PatientName={name}")) == 1, name
    assert service.rows("/studies?PatientName=Hall") == []


@pytest.mark.parametrize(
    ("value", "matches"),
    [
        ("joh", True),
        ("do", True),
        ("jo do", True),
        ("John Doe", True),
        ("ohn", False),
        ("doe john", False),
        ('jo"', False),
    ],
)
def test_fuzzy_matching(service: Service, value: str, matches: bool) -> None:
    service.store(instance(PatientName="John^Doe"))
    rows = service.rows(f"/studies?fuzzymatching=true&PatientName={value}")
    assert bool(rows) == matches


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("Modality=CT", "Modality"),
        ("limit=0", "limit"),
        ("limit=abc", "limit"),
        ("offset=-1", "offset"),
        ("PatientID=a&00100020=b", "PatientID"),
        ("includefield=12345678", "includefield"),
        ("StudyDate=20190132", "StudyDate"),
        ("StudyDate=-", "StudyDate"),
        ("StudyInstanceUID=abc", "StudyInstanceUID"),
    ],
)
def test_bad_parameters_are_named(service: Service, query: str, named: str) -> None:
    service.store(instance())
    assert named in service.refused(f"/studies?{query}").text


def test_a_study_is_named_once(service: Service) -> None:
    dataset = instance()
    service.store(dataset)
    uid = dataset.StudyInstanceUID
    service.refused(f"/studies/{uid}/series?StudyInstanceUID={uid}")


def test_markup_is_not_echoed(service: Service) -> None:
    answer = service.refused("/studies?PatientName=%3Cscript%3Ealert%3C/script%3E")
    assert "<" not in answer.text


def test_unknown_parameters_are_ignored_with_a_warning(service: Service) -> None:
    service.store(instance())
    answer = service.get("/studies?foo=1")
    assert answer.status_code == 200
    host = service.http.base_url.netloc.decode()
    assert answer.headers["warning"] == (
        f'299 {host}: "Parameters that are not known were ignored: foo."'
    )


def test_modalities_and_counts(service: Service) -> None:
    study, first, second = new_uid(), new_uid(), new_uid()
    series = [(first, "CT"), (first, "CT"), (second, "MR")]
    service.store(
        *(
            instance(StudyInstanceUID=study, SeriesInstanceUID=uid, Modality=modality)
            for uid, modality in series
        )
    )
    query = "ModalitiesInStudy=CT&includefield=NumberOfStudyRelatedInstances"
    (row,) = service.rows(f"/studies?{query}")
    assert row["00080061"]["Value"] == ["CT", "MR"]
    assert row["00201206"]["Value"] == [2]
    assert row["00201208"]["Value"] == [3]
    (found,) = service.rows(f"/studies/{study}/series?Modality=MR")
    assert uids([found]) == [study]
    assert uids([found], "0020000E") == [second]
    assert found["00201209"]["Value"] == [1]


def test_an_instance_of_a_series(service: Service) -> None:
    dataset = instance()
    service.store(dataset)
    path = f"/studies/{dataset.StudyInstanceUID}/series/{dataset.SeriesInstanceUID}"
    (row,) = service.rows(
        f"{path}/instances?SOPInstanceUID={dataset.SOPInstanceUID}&includefield=all"
    )
    assert uids([row], "00080018") == [dataset.SOPInstanceUID]
    assert row["00100010"]["Value"] == [{"Alphabetic": "Doe^Jane"}]
    bulk = row["7FE00010"]["BulkDataURI"]
    assert service.http.get(bulk).content == dataset.PixelData
    (url,) = row["00081190"]["Value"]
    accept = {"Accept": "application/dicom"}
    assert service.http.get(url, headers=accept).status_code == 200


def test_all_instances_come_with_all_levels(service: Service) -> None:
    dataset = instance()
    service.store(dataset)
    (row,) = service.rows("/instances")
    assert {"00100010", "0020000D", "00080060", "0020000E", "00080018"} <= set(row)
    (series,) = service.rows("/series?PatientID=P1")
    assert {"00100010", "0020000D", "00080060", "0020000E"} <= set(series)


@pytest.mark.parametrize(
    "fields",
    [
        "includefield=00100020,PatientSex",
        "includefield=00100020&includefield=PatientSex",
        "includefield=all",
        "includefield=patientid,00111001,00100040",
    ],
)
def test_included_fields(service: Service, fields: str) -> None:
    service.store(instance())
    (row,) = service.rows(f"/studies?{fields}")
    assert row["00100020"]["Value"] == ["P1"]
    assert row["00100040"]["Value"] == ["F"]
    assert ("00111001" in row) == ("00111001" in fields)


def test_a_private_field_comes_with_its_creator(service: Service) -> None:
    service.store(instance())
    (row,) = service.rows("/studies?includefield=00111001")
    assert row["00111001"]["Value"] == ["private text"]
    assert row["00110010"]["Value"] == ["PORTAL TEST"]


def test_the_newest_instance_names_the_patient(service: Service) -> None:
    study = new_uid()
    service.store(instance(StudyInstanceUID=study, PatientName="Old^Name"))
    service.store(instance(StudyInstanceUID=study, PatientName="New^Name"))
    assert service.rows("/studies?PatientName=Old^Name") == []
    assert uids(service.rows("/studies?PatientName=New^Name")) == [study]


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", JSON),
        ("application/json", "application/json"),
        ('multipart/related; type="application/dicom+json", application/*', JSON),
    ],
)
def test_accept(service: Service, accept: str, content_type: str) -> None:
    service.store(instance())
    answer = service.get("/studies", Accept=accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == content_type
    assert service.get("/studies", Accept="text/html").status_code == 406


def test_gzip_where_the_client_takes_it(service: Service) -> None:
    service.store(*(instance() for _ in range(3)))
    packed = service.get("/studies")
    plain = service.get("/studies", **{"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()


def test_links_lead_through_all_pages(service: Service) -> None:
    stored = [instance(StudyDate=f"2020010{n % 3 + 1}") for n in range(7)]
    for dataset in stored:
        service.store(dataset)
    service.store(instance(StudyDate="20210101"))
    query = "StudyDate=-20201231&sort=StudyDate&limit=3&total=true&offset=1"
    answer = service.get(f"/studies?{query}")
    assert answer.headers["x-total-count"] == "7"
    assert answer.headers["warning"].endswith(
        '"There are 3 additional results that can be requested"'
    )
    pages = [answer]
    while "link" in answer.headers:
        service.store(instance(StudyDate="20191231"))  # belongs before all pages
        answer = service.get(answer.links["next"]["url"])
        assert answer.status_code == 200, answer.text
        pages.append(answer)
    found = [uid for page in pages for uid in uids(page.json())]
    expected = sorted(stored, key=lambda each: str(each.StudyDate))[1:]
    assert found == [each.StudyInstanceUID for each in expected]
    assert [len(page.json()) for page in pages] == [3, 3]
    assert "PatientName" not in str(pages[0].headers["link"])


def test_what_is_asked_for_stays_in_a_link(service: Service) -> None:
    for _ in range(2):
        service.store(instance(PatientName="Müller^A"))
    (link,) = service.get("/studies?PatientName=M%C3%BCll*&limit=1").links.values()
    assert link["url"].startswith(f"{service.http.base_url}studies?")
    assert "PatientName=M%C3%BCll%2A&limit=1&cursor=" in link["url"]
    raw = service.get(f"/studies?PatientName=Müll*&limit=1&{'x' * 20}")
    assert "link" in raw.headers


def test_empty_and_multiple_value_matching(service: Service) -> None:
    study = new_uid()
    service.store(instance(StudyInstanceUID=study, Modality="CT", AccessionNumber=""))
    service.store(instance(StudyInstanceUID=study, Modality="PT", AccessionNumber=""))
    service.store(instance(Modality="CT"))
    every = "multiplevaluematching=true&ModalitiesInStudy=CT%5CPT"
    assert uids(service.rows(f"/studies?{every}")) == [study]
    assert len(service.rows("/studies?ModalitiesInStudy=CT%5CPT")) == 2
    empty = "emptyvaluematching=true&AccessionNumber=%22%22"
    assert uids(service.rows(f"/studies?{empty}")) == [study]
    assert service.rows("/studies?AccessionNumber=%22%22") == []


def test_all_partitions_at_once(stack: Stack, service: Service) -> None:
    dataset, patient_id = instance(), new_uid()[-16:]
    dataset.PatientID = patient_id
    service.store(dataset)
    with searching(stack) as other:
        other.store(dataset)
        rows = service.rows(f"/../*/studies?PatientID={patient_id}")
        urls = [row["00081190"]["Value"][0] for row in rows]
        uid = dataset.StudyInstanceUID
        assert urls == [
            f"{stack.base_url}/dicomweb/partitions/{each.name}/studies/{uid}"
            for each in (other, service)
        ]
    for url in urls:
        accept = {"Accept": 'multipart/related; type="application/dicom"'}
        assert service.http.get(url, headers=accept).status_code == 200
    for path in (f"/studies/{uid}/series", f"/studies/{uid}/instances"):
        assert uids(service.rows(f"/../*{path}")) == [uid, uid]
    page = service.get(f"/../*/studies?PatientID={patient_id}&limit=1")
    second = service.get(page.links["next"]["url"]).json()
    assert [row["00081190"]["Value"][0] for row in second] == urls[1:]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/studies"),
        ("PUT", "/studies/1.2"),
        ("GET", "/studies/1.2"),
        ("GET", "/studies/1.2/metadata"),
        ("GET", "/studies/1.2/series/1.3/instances/1.4/frames/1"),
        ("DELETE", "/studies/1.2"),
    ],
)
def test_only_searches_go_through_all_partitions(
    service: Service, method: str, path: str
) -> None:
    headers = {"Content-Type": "application/dicom"}
    answer = service.http.request(method, f"/../*{path}", headers=headers)
    assert answer.status_code == 400
    assert "Only searches go through all partitions" in answer.text


def test_the_python_client(service: Service) -> None:
    dataset = instance(StudyDescription="Follow up")
    service.store(dataset)
    client, uid = service.dicomweb, dataset.StudyInstanceUID
    (study,) = client.search_for_studies(
        search_filters={"PatientID": "P1"}, fields=["StudyDescription"], limit=5
    )
    assert study["00081030"]["Value"] == ["Follow up"]
    (series,) = client.search_for_series(uid, search_filters={"Modality": "CT"})
    (found,) = client.search_for_instances(
        uid, series["0020000E"]["Value"][0], get_remaining=True
    )
    assert found["00080018"]["Value"] == [dataset.SOPInstanceUID]


def test_nothing_is_told_without_credentials(service: Service) -> None:
    anonymous = httpx.get(f"{service.http.base_url}studies")
    assert anonymous.status_code == 401
