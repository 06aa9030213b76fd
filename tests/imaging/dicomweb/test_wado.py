"""WADO-RS instances and metadata: what is stored comes back (DICOM PS3.18 10.4)."""

import gzip
from dataclasses import replace
from io import BytesIO
from typing import Final

import orjson
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
)

from core.errors import Upstream
from core.models import AuditRecord
from imaging.blobs import store as blob_store
from imaging.models import InstanceVersion
from imaging.retrieve import listing
from tests.actors import ALL_VERBS, acting
from tests.imaging.dicomweb.service import Service, file_of, parts_of
from tests.synthetic import UNCOMPRESSED, encode, instance, new_uid

pytestmark = pytest.mark.usefixtures("committing")
MULTI: Final = 'multipart/related; type="application/dicom"'
_PRIVATE: Final = ("00111001", "00111002")
NATIVE: Final = [str(uid) for uid in UNCOMPRESSED]


@pytest.fixture
def service() -> Service:
    return Service()


def compressed() -> bytes:
    dataset = instance()
    dataset.PixelData = encapsulate([b"\xff\x4fframe"])
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    return encode(dataset, JPEG2000Lossless)


def read(content: bytes) -> Dataset:
    return pydicom.dcmread(BytesIO(content))


@pytest.mark.parametrize("syntax", NATIVE)
@pytest.mark.parametrize("accept", [None, "*/*", f"{MULTI}; transfer-syntax=*"])
def test_an_instance_comes_back_byte_for_byte(
    service: Service, syntax: str, accept: str | None
) -> None:
    dataset = instance()
    content = encode(dataset, syntax)
    service.store(content)
    response = service.get(service.url(dataset), accept)
    assert response.status_code == 200
    assert int(response.headers["content-length"]) == len(response.content)
    ((headers, part),) = parts_of(response)
    assert part == content
    assert headers == {
        "content-type": f"application/dicom; transfer-syntax={syntax}",
        "content-location": service.url(dataset),
    }


def test_a_single_part_is_the_file(service: Service) -> None:
    dataset = instance()
    service.store(dataset)
    accept = "application/dicom; transfer-syntax=*"
    response = service.get(service.url(dataset), accept)
    assert response.content == encode(dataset)
    assert response.headers["content-type"] == (
        "application/dicom; transfer-syntax=1.2.840.10008.1.2.1"
    )
    assert response.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("syntax", NATIVE)
@pytest.mark.parametrize("parameter", ["", "; transfer-syntax=1.2.840.10008.1.2.1"])
def test_native_instances_become_explicit_little_endian(
    service: Service, syntax: str, parameter: str
) -> None:
    dataset = instance()
    service.store(file_of(dataset, syntax))
    response = service.get(service.url(dataset), f"application/dicom{parameter}")
    assert response.status_code == 200
    made = read(response.content)
    assert made.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    wanted, got = read(encode(dataset)).to_json_dict(), made.to_json_dict()
    if syntax == ImplicitVRLittleEndian:  # does not say what private elements are
        assert [got.pop(tag)["vr"] for tag in _PRIVATE] == ["UN", "UN"]
        wanted = {tag: wanted[tag] for tag in got}
    assert got == wanted
    ((headers, part),) = parts_of(
        service.get(service.url(dataset), f"{MULTI}{parameter}")
    )
    assert part == response.content
    assert headers["content-type"].endswith("=1.2.840.10008.1.2.1")


def test_compressed_instances_come_as_stored_unless_it_is_excluded(
    service: Service,
) -> None:
    content = compressed()
    service.store(content)
    url = service.url(read(content))
    for accept in ("application/dicom", "application/dicom; transfer-syntax=*"):
        response = service.get(url, accept)
        assert response.content == content
        assert response.headers["content-type"].endswith("1.2.4.90")
    accept = "application/dicom; transfer-syntax=1.2.840.10008.1.2.1"
    refused = service.get(url, accept)
    assert refused.status_code == 406
    assert refused.text == (
        "A frame is damaged: it has no JPEG 2000 codestream. Ask for it as stored."
    )


def test_a_mixed_study_comes_in_order_each_part_as_it_is(service: Service) -> None:
    study, one, two = new_uid(), new_uid(), new_uid()
    first = instance(
        StudyInstanceUID=study, SeriesInstanceUID=one, SeriesNumber=1, InstanceNumber=2
    )
    second = instance(
        StudyInstanceUID=study, SeriesInstanceUID=one, SeriesNumber=1, InstanceNumber=10
    )
    third = instance(
        StudyInstanceUID=study,
        SeriesInstanceUID=one,
        SeriesNumber=1,
        InstanceNumber=None,
    )
    last = instance(
        StudyInstanceUID=study, SeriesInstanceUID=two, SeriesNumber=2, InstanceNumber=1
    )
    syntaxes = (ImplicitVRLittleEndian, ExplicitVRBigEndian, *NATIVE[:2])
    contents = [
        encode(dataset, syntax)
        for dataset, syntax in zip((first, second, third, last), syntaxes, strict=True)
    ]
    service.store(*reversed(contents))
    response = service.get(service.url(first, "study"), f"{MULTI}; transfer-syntax=*")
    parts = parts_of(response)
    assert [part for _, part in parts] == contents
    assert [headers["content-type"].split("=")[1] for headers, _ in parts] == [
        *syntaxes
    ]
    series = service.get(service.url(first, "series"))
    assert [part for _, part in parts_of(series)] == contents[:3]


def test_pages_follow_each_other_without_gap_or_repeat(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_INSTANCES", replace(listing._INSTANCES, page_size=2))
    monkeypatch.setattr(listing, "_METADATA", replace(listing._METADATA, page_size=2))
    study, series = new_uid(), new_uid()
    numbers = [3, 1, None, 2, 1, None, 5]
    datasets = [
        instance(StudyInstanceUID=study, SeriesInstanceUID=series, InstanceNumber=n)
        for n in numbers
    ]
    service.store(*datasets)
    wanted = sorted(range(7), key=lambda n: (numbers[n] is None, numbers[n] or 0, n))
    uids = [datasets[n].SOPInstanceUID for n in wanted]
    url = service.url(datasets[0], "study")
    parts = parts_of(service.get(url))
    assert [read(part).SOPInstanceUID for _, part in parts] == uids
    models = orjson.loads(service.get(f"{url}/metadata").content)
    assert [model["00080018"]["Value"][0] for model in models] == uids
    explicit = f"{MULTI}; transfer-syntax=1.2.840.10008.1.2.1"
    assert len(parts_of(service.get(url, explicit))) == 7
    refused = service.get(url, f"{MULTI}; transfer-syntax=1.2.840.10008.1.2.4.50")
    assert refused.status_code == 406


def test_what_is_not_there_or_not_seen_is_not_found(service: Service) -> None:
    dataset, other = instance(), instance()
    service.store(dataset)
    for level in ("study", "series", "instance"):
        assert service.get(service.url(other, level)).status_code == 404
        assert service.get(service.url(other, level, "/metadata")).status_code == 404
    dataset_of_another_series = instance(StudyInstanceUID=dataset.StudyInstanceUID)
    dataset_of_another_series.SOPInstanceUID = dataset.SOPInstanceUID
    assert service.get(service.url(dataset_of_another_series)).status_code == 404
    service.actor = acting(None, "elsewhere", ALL_VERBS, frozenset({-1}))
    assert service.get(service.url(dataset)).status_code == 404
    assert service.get(service.url(dataset, path="/frames/1")).status_code == 404
    service.actor = acting(None, "writer", frozenset())
    assert service.get(service.url(dataset)).status_code == 403


@pytest.mark.parametrize("path", ["abc", "1.2/series/x", "1.2/series/3/instances/4_"])
def test_malformed_uids_are_refused(service: Service, path: str) -> None:
    assert service.get(f"{service.base_url}/studies/{path}").status_code == 400
    url = f"{service.base_url}/studies/{path}/metadata"
    assert service.get(url).status_code == 400


@pytest.mark.parametrize(
    ("level", "accept"),
    [
        ("study", "application/dicom"),
        ("series", "application/dicom"),
        ("study", "text/html"),
        ("instance", "application/dicom; transfer-syntax=1.2.840.10008.1.2.4.100"),
        ("instance", "application/octet-stream"),
    ],
)
def test_other_forms_are_not_acceptable(
    service: Service, level: str, accept: str
) -> None:
    dataset = instance()
    service.store(dataset)
    assert service.get(service.url(dataset, level), accept).status_code == 406


@pytest.mark.parametrize("accept", ["application/dicom", "*/*"])
def test_an_entity_tag_saves_the_bytes(service: Service, accept: str) -> None:
    dataset = instance()
    service.store(dataset)
    url = service.url(dataset)
    tag = service.get(url, accept).headers["etag"]
    again = service.get(url, accept, if_none_match=tag)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    service.store(instance(**_uids(dataset), PatientName="New^Name"), replace=True)
    changed = service.get(url, accept, if_none_match=tag)
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_the_tag_of_a_study_changes_with_what_it_holds(service: Service) -> None:
    dataset = instance()
    service.store(dataset)
    url = service.url(dataset, "study")
    tags = [service.get(url).headers["etag"]]
    more = instance(StudyInstanceUID=dataset.StudyInstanceUID)
    service.store(more)
    tags.append(service.get(url).headers["etag"])
    tags.append(service.get(url, f"{url}, {MULTI}").headers["etag"])
    tags.append(service.get(url + "/metadata").headers["etag"])
    tags.append(service.get(url + "/metadata", accept_encoding="gzip").headers["etag"])
    assert len(set(tags)) == 5
    assert service.get(url).content == service.get(url).content


@pytest.mark.parametrize(
    ("value", "status", "start", "stop"),
    [
        ("bytes=0-0", 206, 0, 1),
        ("bytes=100-199", 206, 100, 200),
        ("bytes=-7", 206, -7, None),
        ("bytes=130-", 206, 130, None),
        ("lines=1-2", 200, 0, None),
    ],
)
def test_an_instance_comes_in_ranges(
    service: Service, value: str, status: int, start: int, stop: int | None
) -> None:
    dataset = instance()
    service.store(dataset)
    response = service.get(service.url(dataset), "application/dicom", range=value)
    assert response.status_code == status
    assert response.content == encode(dataset)[start:stop]
    assert response.headers["accept-ranges"] == "bytes"


def test_a_range_beyond_the_end_cannot_be_satisfied(service: Service) -> None:
    dataset = instance()
    service.store(dataset)
    response = service.get(
        service.url(dataset), "application/dicom", range="bytes=99999-"
    )
    assert response.status_code == 416
    size = len(encode(dataset))
    assert response.headers["content-range"] == f"bytes */{size}"


@pytest.mark.parametrize("path", ["", "/metadata"])
def test_head_has_the_headers_only(service: Service, path: str) -> None:
    dataset = instance()
    service.store(dataset)
    url = service.url(dataset, path=path)
    head, get = service.get(url, method="HEAD"), service.get(url)
    assert (head.status_code, head.content) == (200, b"")
    assert {**head.headers} == {**get.headers}


def test_metadata_is_that_of_pydicom_with_addresses(service: Service) -> None:
    dataset = instance()
    service.store(dataset)
    for level in ("study", "series", "instance"):
        response = service.get(service.url(dataset, level, "/metadata"))
        assert response.headers["content-type"] == "application/dicom+json"
        (model,) = orjson.loads(response.content)
        wanted = read(encode(dataset)).to_json_dict()
        for tag in ("7FE00010", "00111002"):
            uri = model[tag].pop("BulkDataURI")
            assert uri == service.url(dataset, path=f"/bulkdata/{tag}")
            del wanted[tag]["InlineBinary"]
        assert model == wanted


@pytest.mark.parametrize("accept", [None, "*/*", "application/dicom+json"])
def test_metadata_takes_what_clients_send(service: Service, accept: str | None) -> None:
    dataset = instance()
    service.store(dataset)
    url = service.url(dataset, path="/metadata")
    assert service.get(url, accept).headers["content-type"] == "application/dicom+json"
    assert service.get(url, "application/json").headers["content-type"] == (
        "application/json"
    )
    assert service.get(url, "application/dicom+xml").status_code == 406


def test_metadata_is_compressed_for_who_takes_it(service: Service) -> None:
    dataset = instance()
    service.store(dataset)
    url = service.url(dataset, path="/metadata")
    packed = service.get(url, accept_encoding="gzip, br")
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept, Accept-Encoding"
    assert packed.content == service.get(url).content  # httpx unpacks
    assert gzip.compress(packed.content) != packed.content
    tag = packed.headers["etag"]
    assert service.get(url, if_none_match=tag).status_code == 200
    again = service.get(url, accept_encoding="gzip", if_none_match=tag)
    assert again.status_code == 304


def test_a_missing_blob_is_never_a_short_success(service: Service) -> None:
    study = new_uid()
    datasets = [
        instance(StudyInstanceUID=study, InstanceNumber=n, PixelData=bytes(900_000))
        for n in (1, 2)
    ]
    series = new_uid()
    for dataset in datasets:
        dataset.SeriesInstanceUID = series
    service.store(*datasets)
    version = InstanceVersion.objects.get(
        instance__sop_instance_uid=datasets[1].SOPInstanceUID
    )
    blob_store().delete([version.blob_key])
    assert service.get(service.url(datasets[1])).status_code == 502
    with pytest.raises(Upstream):
        service.get(service.url(datasets[0], "study"))
    failed = AuditRecord.objects.filter(study_instance_uid=study, outcome=8)
    assert [each.detail for each in failed] == [
        f"version {version.pk} cannot be read"
    ] * 2


def test_each_retrieve_is_one_line_of_the_audit_log(service: Service) -> None:
    dataset = instance(PatientID="P-17")
    service.store(dataset)
    for url in ("", "/metadata", "/frames/1", "/bulkdata/7FE00010"):
        assert service.get(service.url(dataset, path=url)).status_code == 200
    lines = AuditRecord.objects.filter(
        study_instance_uid=dataset.StudyInstanceUID, action="retrieve"
    ).order_by("id")
    assert [(line.patient_id, line.actor, line.detail) for line in lines] == [
        ("P-17", "reader", "1 instances"),
        ("P-17", "reader", "1 instances' metadata"),
        ("P-17", "reader", "1 frames"),
        ("P-17", "reader", "1 bulk value"),
    ]


def _uids(dataset: Dataset) -> dict[str, str]:
    names = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    return {name: dataset[name].value for name in names}
