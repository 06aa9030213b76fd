"""WADO-RS: a study, a series or an instance as a zip (DICOM PS3.18 8.6.1.3)."""

import shutil
import subprocess
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
)

from core.access import Verb
from core.models import AuditRecord
from imaging.dicomweb import zip_body
from imaging.dicomweb.zip_body import ZipEntry, zipped
from imaging.models import InstanceVersion
from imaging.retrieve import listing
from tests.actors import acting
from tests.imaging.dicomweb.service import HOST, ROOT, Service
from tests.synthetic import encode, instance, new_uid

pytestmark = pytest.mark.usefixtures("committing")
ZIP: Final = "application/zip"


@pytest.fixture
def service() -> Service:
    return Service()


def study_of(*series: int) -> list[Dataset]:
    """Return the instances of a study, so many in each series."""
    study = new_uid()
    return [
        instance(
            StudyInstanceUID=study,
            SeriesInstanceUID=uid,
            SeriesNumber=place,
            InstanceNumber=number,
        )
        for place, (uid, size) in enumerate((new_uid(), size) for size in series)
        for number in range(size)
    ]


def path_of(dataset: Dataset) -> str:
    return (
        f"{dataset.StudyInstanceUID}/{dataset.SeriesInstanceUID}"
        f"/{dataset.SOPInstanceUID}.dcm"
    )


def files_of(content: bytes) -> dict[str, bytes]:
    """Return the files of an archive, each checked against its checksum."""
    with ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("level", ["study", "series", "instance"])
def test_the_files_are_those_that_were_stored(
    service: Service, monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    monkeypatch.setattr(listing, "_INSTANCES", replace(listing._INSTANCES, page_size=2))
    datasets = study_of(3, 2)
    contents = {path_of(each): encode(each, preamble=b"P" * 128) for each in datasets}
    service.store(*contents.values(), instance())
    answer = service.get(service.url(datasets[0], level), ZIP)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == ZIP
    number = {"study": 5, "series": 3, "instance": 1}[level]
    assert list(files_of(answer.content).items()) == list(contents.items())[:number]
    named = getattr(datasets[0], f"{level.title()}InstanceUID", None)
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="{named or datasets[0].SOPInstanceUID}.zip"'
    )


def test_a_link_in_a_page_asks_by_the_query(service: Service) -> None:
    dataset = instance()
    service.store(dataset)
    url = service.url(dataset, "study", f"?accept={ZIP}")
    answer = service.get(url, "text/html,application/xhtml+xml,*/*;q=0.8")
    assert files_of(answer.content) == {path_of(dataset): encode(dataset)}


@pytest.mark.parametrize(
    ("accept", "is_zip"),
    [
        ("*/*", False),
        ("application/*", False),
        (f"{ZIP};q=0.5, */*;q=0.1", True),
        (f'{ZIP}, multipart/related; type="application/dicom"', False),
        (f'{ZIP}, multipart/related; type="application/dicom";q=0.9', True),
    ],
)
def test_a_zip_is_for_who_asks_for_it(
    service: Service, accept: str, is_zip: bool
) -> None:
    dataset = instance()
    service.store(dataset)
    answer = service.get(service.url(dataset), accept)
    assert (answer.headers["content-type"] == ZIP) is is_zip


def test_a_transfer_syntax_is_that_of_all_files_or_refused(service: Service) -> None:
    study = new_uid()
    datasets = [instance(StudyInstanceUID=study) for _ in range(3)]
    service.store(
        encode(datasets[0]),
        encode(datasets[1], ImplicitVRLittleEndian),
        encode(datasets[2], DeflatedExplicitVRLittleEndian),
    )
    accept = f"{ZIP}; transfer-syntax={ExplicitVRLittleEndian}"
    url = service.url(datasets[0], "study")
    for content in files_of(service.get(url, accept).content).values():
        dataset = pydicom.dcmread(BytesIO(content))
        assert dataset.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
        assert dataset.PixelData == datasets[0].PixelData
    compressed = instance(StudyInstanceUID=study)
    compressed.PixelData = encapsulate([b"\xff\x4fframe"])
    compressed["PixelData"].VR = "OB"
    compressed["PixelData"].is_undefined_length = True
    service.store(encode(compressed, JPEG2000Lossless))
    refused = service.get(url, f"{ZIP}; transfer-syntax=1.2.840.10008.1.2.4.57")
    assert refused.status_code == 406
    assert len(files_of(service.get(url, ZIP).content)) == 4


def test_what_pays_is_compressed(service: Service) -> None:
    plain = instance(Rows=100, Columns=100, PixelData=bytes(20_000))
    service.store(plain)
    content = service.get(service.url(plain), ZIP).content
    assert len(content) < 5_000
    assert files_of(content) == {path_of(plain): encode(plain)}


def test_conditions_and_head(service: Service) -> None:
    datasets = study_of(2)
    service.store(*datasets)
    url = service.url(datasets[0], "study")
    answer = service.get(url, ZIP)
    tag = answer.headers["etag"]
    assert service.get(url, ZIP, if_none_match=tag).status_code == 304
    assert service.get(url, "*/*", if_none_match=tag).status_code == 200
    assert service.get(url, ZIP).content == answer.content
    head = service.get(url, ZIP, method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-disposition"] == answer.headers["content-disposition"]
    service.store(instance(StudyInstanceUID=datasets[0].StudyInstanceUID))
    assert service.get(url, ZIP, if_none_match=tag).status_code == 200


def test_it_is_audited_as_a_retrieve(service: Service) -> None:
    datasets = study_of(2)
    service.store(*datasets)
    service.get(service.url(datasets[0], "study"), ZIP)
    (record,) = AuditRecord.objects.filter(
        study_instance_uid=datasets[0].StudyInstanceUID, action="retrieve"
    )
    assert (record.detail, record.patient_id) == (
        "2 instances",
        datasets[0].PatientID,
    )


def test_who_may_not_see_the_patient_gets_no_zip(service: Service) -> None:
    dataset = instance()
    service.store(dataset)
    service.actor = acting(1, "researcher", frozenset({Verb.READ}))
    for level in ("study", "series", "instance"):
        assert service.get(service.url(dataset, level), ZIP).status_code == 403
    missing = service.get(service.url(instance(), "study"), ZIP)
    assert missing.status_code in {403, 404}


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_azures_dialects_have_no_zip(service: Service, version: str) -> None:
    dataset = instance()
    service.store(dataset)
    url = service.url(dataset, "study")
    url = url.replace(f"{HOST}{ROOT}", f"{HOST}{ROOT}/{version}")
    assert service.get(url, ZIP).status_code == 406


def test_bytes_that_cannot_be_read_are_told_before_the_first(service: Service) -> None:
    dataset = instance()
    service.store(dataset)
    InstanceVersion.objects.filter(study_instance_uid=dataset.StudyInstanceUID).update(
        blob_key="2026/01/01/0000/missing.dcm"
    )
    answer = service.get(service.url(dataset, "study"), ZIP)
    assert answer.status_code == 502


def entries(
    number: int, size: int | None, chunks: int, *, pays: bool = True
) -> Iterator[ZipEntry]:
    chunk = bytes(range(256)) * 256
    for place in range(number):
        yield ZipEntry(f"a/{place}.dcm", size, pays, (chunk for _ in range(chunks)))


@pytest.mark.skipif(shutil.which("unzip") is None, reason="no unzip")
@pytest.mark.parametrize("pays", [True, False])
@pytest.mark.parametrize("is_large", [True, False])
def test_archives_are_read_by_info_zip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pays: bool, is_large: bool
) -> None:
    if is_large:
        monkeypatch.setattr(zip_body, "LARGE_BYTES", 0)
    made = b"".join(zipped(entries(3, 2 * 65536, 2, pays=pays)))
    path = tmp_path / "made.zip"
    path.write_bytes(made)
    subprocess.run(["unzip", "-q", str(path), "-d", str(tmp_path)], check=True)
    read = [(tmp_path / f"a/{place}.dcm").read_bytes() for place in range(3)]
    assert read == [bytes(range(256)) * 512] * 3


def test_files_whose_size_is_not_known_may_be_of_any_size() -> None:
    made = b"".join(zipped(entries(1, None, 1)))
    with ZipFile(BytesIO(made)) as archive:
        (info,) = archive.infolist()
    assert info.extract_version == 45  # zip64
    (small,) = ZipFile(BytesIO(b"".join(zipped(entries(1, 65536, 1))))).infolist()
    assert small.extract_version == 20


def test_a_chunk_of_a_file_is_in_memory_at_a_time() -> None:
    chunks = zipped(entries(2, 1 << 26, 1 << 10, pays=False))
    tracemalloc.start()
    try:
        size = sum(map(len, chunks))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size > 1 << 27
    assert peak < 1 << 20
