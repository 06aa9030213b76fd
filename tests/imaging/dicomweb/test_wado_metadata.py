"""WADO-RS metadata in XML, and in part (DICOM PS3.18 8.7.3.2, 10.4.1.1.2)."""

from dataclasses import replace
from typing import Final
from urllib.parse import quote

import pytest
from pydicom.dataset import Dataset

from core.access import Verb
from imaging.native_xml import read
from imaging.retrieve import listing
from tests.actors import acting
from tests.imaging.dicomweb.service import HOST, ROOT, Service, parts_of
from tests.imaging.native_xml_reading import as_numbers, valid
from tests.synthetic import instance, new_uid

pytestmark = pytest.mark.usefixtures("committing")
XML: Final = 'multipart/related; type="application/dicom+xml"'


@pytest.fixture
def service() -> Service:
    return Service()


def study_of(number: int) -> list[Dataset]:
    study, series = new_uid(), new_uid()
    return [
        instance(
            StudyInstanceUID=study, SeriesInstanceUID=series, InstanceNumber=number
        )
        for number in range(1, number + 1)
    ]


@pytest.mark.parametrize("level", ["study", "series", "instance"])
def test_each_instance_is_a_part_that_says_what_the_json_says(
    service: Service, monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    monkeypatch.setattr(listing, "_METADATA", replace(listing._METADATA, page_size=2))
    datasets = study_of(5)
    service.store(*datasets)
    url = service.url(datasets[0], level, "/metadata")
    models = service.get(url).json()
    answer = service.get(url, XML)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(f"{XML}; boundary=")
    parts = parts_of(answer)
    assert len(parts) == len(models) == (1 if level == "instance" else 5)
    for (headers, content), model, dataset in zip(
        parts, models, datasets[: len(parts)], strict=True
    ):
        valid(content)
        assert as_numbers(read(content)) == as_numbers(model)
        assert headers == {
            "content-type": "application/dicom+xml",
            "content-location": service.url(dataset, path="/metadata"),
        }
        again = service.get(headers["content-location"], XML)
        assert [part for _, part in parts_of(again)] == [content]


def test_addresses_of_bulk_data_resolve(service: Service) -> None:
    dataset = instance()
    service.store(dataset)
    answer = service.get(service.url(dataset, path="/metadata"), XML)
    ((_, content),) = parts_of(answer)
    addresses = [each.get("uri") for each in valid(content).iter("{*}BulkData")]
    values = [
        service.get(each, "application/octet-stream").content for each in addresses
    ]
    assert values == [b"private bytes!", dataset.PixelData]


@pytest.mark.parametrize(
    ("accept", "is_xml"),
    [
        (None, False),
        ("*/*", False),
        (f"{XML}, application/dicom+json", False),
        (f"{XML}, application/dicom+json;q=0.5", True),
        ("multipart/related", True),
        ("multipart/related; type=application/dicom+xml", True),
        ("multipart/*", True),
    ],
)
def test_the_form_is_the_one_that_the_client_likes_best(
    service: Service, accept: str | None, is_xml: bool
) -> None:
    dataset = instance()
    service.store(dataset)
    answer = service.get(service.url(dataset, path="/metadata"), accept)
    assert answer.headers["content-type"].startswith("multipart") is is_xml


@pytest.mark.parametrize(
    "accept",
    [
        "application/dicom+xml",
        'multipart/related; type="application/dicom"',
        "text/xml",
    ],
)
def test_other_forms_are_refused_with_those_there_are(
    service: Service, accept: str
) -> None:
    dataset = instance()
    service.store(dataset)
    answer = service.get(service.url(dataset, path="/metadata"), accept)
    assert answer.status_code == 406
    assert XML in answer.text


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_azures_dialects_have_no_xml(service: Service, version: str) -> None:
    dataset = instance()
    service.store(dataset)
    url = service.url(dataset, path="/metadata")
    url = url.replace(f"{HOST}{ROOT}", f"{HOST}{ROOT}/{version}")
    assert service.get(url, "application/dicom+json").status_code == 200
    assert service.get(url, XML).status_code == 406
    search = f"{service.base_url}/studies".replace(ROOT, f"{ROOT}/{version}")
    assert service.get(search, XML).status_code == 406


def test_it_is_compressed_cached_and_told_by_head(service: Service) -> None:
    dataset = instance()
    service.store(dataset)
    url = service.url(dataset, path="/metadata")
    plain = service.get(url, XML)
    packed = service.get(url, XML, accept_encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert [part for _, part in parts_of(packed)] == [
        part for _, part in parts_of(plain)
    ]
    tags = {
        service.get(url, accept, accept_encoding=coding).headers["etag"]
        for accept in ("application/dicom+json", XML)
        for coding in ("gzip", "identity")
    }
    assert len(tags) == 4
    tag = plain.headers["etag"]
    assert service.get(url, XML, if_none_match=tag).status_code == 304
    assert service.get(url, if_none_match=tag).status_code == 200
    assert service.get(url, XML).content == plain.content
    head = service.get(url, XML, method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == plain.headers["content-type"]


def test_control_characters_that_are_stored_break_nothing(service: Service) -> None:
    dataset = instance(ImageComments="page\x0cbreak <&]]>\r\n\ttab")
    service.store(dataset)
    ((_, content),) = parts_of(service.get(service.url(dataset, path="/metadata"), XML))
    (value,) = valid(content).iterfind(
        "{*}DicomAttribute[@keyword='ImageComments']/{*}Value"
    )
    assert value.text == "page\ufffdbreak <&]]>\r\n\ttab"


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("/studies", 1),
        ("/studies?includefield=all", 1),
        ("/series?includefield=00101010", 1),
        ("/instances?includefield=all&limit=2", 2),
        ("/instances?includefield=00111001", 3),
    ],
)
def test_each_result_of_a_search_is_a_part(
    service: Service, path: str, number: int
) -> None:
    service.store(*study_of(3))
    url = f"{service.base_url}{path}"
    rows = service.get(url).json()
    answer = service.get(url, XML)
    assert answer.status_code == 200
    parts = parts_of(answer)
    assert len(parts) == len(rows) == number
    for (headers, content), row in zip(parts, rows, strict=True):
        valid(content)
        assert headers == {"content-type": "application/dicom+xml"}
        assert as_numbers(read(content)) == as_numbers(row)
    json = service.get(url)
    for name in ("link", "warning"):
        assert answer.headers.get(name) == json.headers.get(name)


def test_a_search_that_finds_nothing_has_no_parts(service: Service) -> None:
    service.store(instance())
    url = f"{service.base_url}/studies?PatientID=nobody"
    answer = service.get(url, XML)
    assert (answer.status_code, answer.content) == (204, b"")


def test_results_in_xml_are_compressed_for_who_takes_it(service: Service) -> None:
    service.store(*study_of(3))
    url = f"{service.base_url}/instances?includefield=all"
    packed = service.get(url, XML, accept_encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == service.get(url, XML).content


UIDS: Final = ["00080018", "0020000D", "0020000E"]


@pytest.mark.parametrize(
    ("query", "tags"),
    [
        ("includefields=PatientName", ["00100010"]),
        ("includefield=00100010,Modality", ["00080060", "00100010"]),
        ("includefields=Modality&includefields=patientname", ["00080060", "00100010"]),
        ("IncludeField=Rows&includefields=Columns", ["00280010", "00280011"]),
        ("includefields=AnatomicRegionSequence.CodeValue", ["00082218"]),
        ("includefields=00111001", ["00110010", "00111001"]),
        ("includefields=SOPInstanceUID", []),
        ("includefields=PatientAge", []),  # which it does not have
    ],
)
def test_only_the_attributes_that_are_asked_for(
    service: Service, query: str, tags: list[str]
) -> None:
    datasets = study_of(2)
    service.store(*datasets)
    for level in ("study", "series", "instance"):
        url = service.url(datasets[0], level, "/metadata")
        whole = service.get(url).json()
        answer = service.get(f"{url}?{query}")
        assert answer.status_code == 200
        assert answer.json() == [
            {tag: model[tag] for tag in sorted([*tags, *UIDS])} for model in whole
        ]
        parts = parts_of(service.get(f"{url}?{query}", XML))
        for (_, content), model in zip(parts, answer.json(), strict=True):
            assert as_numbers(read(content)) == as_numbers(model)


@pytest.mark.parametrize("query", ["includefields=all", "includefields=", "other=Rows"])
def test_all_attributes_where_none_are_named(service: Service, query: str) -> None:
    dataset = instance()
    service.store(dataset)
    url = service.url(dataset, path="/metadata")
    whole = service.get(url)
    answer = service.get(f"{url}?{query}")
    assert answer.json() == whole.json()
    assert answer.headers["etag"] == whole.headers["etag"]


def test_addresses_of_chosen_bulk_data_resolve(service: Service) -> None:
    dataset = instance()
    service.store(dataset)
    url = service.url(dataset, path="/metadata?includefields=PixelData")
    (model,) = service.get(url).json()
    value = service.get(model["7FE00010"]["BulkDataURI"], "application/octet-stream")
    assert value.content == dataset.PixelData


def test_a_choice_has_a_tag_of_its_own(service: Service) -> None:
    dataset = instance()
    service.store(dataset)
    url = service.url(dataset, path="/metadata")
    queries = ["", "?includefields=Rows", "?includefields=Rows,Columns"]
    tags = [service.get(url + query).headers["etag"] for query in queries]
    assert len(set(tags)) == 3
    again = service.get(f"{url}?includefields=Columns,Rows", if_none_match=tags[2])
    assert again.status_code == 304


@pytest.mark.parametrize("name", ["Nobody", "00990", "00080000.", "<b>"])
def test_a_name_of_no_attribute_is_refused_and_named(
    service: Service, name: str
) -> None:
    dataset = instance()
    service.store(dataset)
    url = service.url(dataset, path=f"/metadata?includefields=Rows,{name}")
    answer = service.get(url)
    assert answer.status_code == 400
    assert answer.text == f"includefield names no attribute: {quote(name)}."


def test_who_may_not_see_the_patient_gets_no_more_by_asking(service: Service) -> None:
    dataset = instance()
    service.store(dataset)
    service.actor = acting(1, "researcher", frozenset({Verb.READ}))
    url = service.url(dataset, path="/metadata?includefields=PatientName,Rows")
    (model,) = service.get(url).json()
    assert sorted(model) == sorted([*UIDS, "00280010"])


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_azures_dialects_answer_all_attributes(service: Service, version: str) -> None:
    dataset = instance()
    service.store(dataset)
    url = service.url(dataset, path="/metadata")
    url = url.replace(f"{HOST}{ROOT}", f"{HOST}{ROOT}/{version}")
    accept = "application/dicom+json"
    answer = service.get(f"{url}?includefields=Rows", accept)
    assert answer.json() == service.get(url, accept).json()
