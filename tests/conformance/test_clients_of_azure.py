"""Clients of others that move from Azure's DICOM service by their base address.

dicomweb-client of Python and of npm against ``/dicomweb/v2`` of a running portal, as
far as Azure's statuses allow.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Final

import httpx
import pytest
import yaml
from dicomweb_client.api import DICOMwebClient
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless
from requests.exceptions import HTTPError

from tests.conformance.npm_client import NpmClient, NpmError, npm_client
from tests.stack import Stack
from tests.synthetic import encode, instance, multipart, new_uid

STUDY, SERIES = new_uid(), new_uid()
CODESTREAM: Final = b"\xff\x4f\xff\x51codestream\xff\xd9"
FRAMES: Final = [bytes([number]) * 48 for number in (1, 2, 3)]
JSON: Final = "application/dicom+json"
AS_STORED: Final = (("application/dicom", "*"),)
CINE: Final = instance(
    StudyInstanceUID=STUDY,
    SeriesInstanceUID=SERIES,
    NumberOfFrames=3,
    PixelData=b"".join(FRAMES),
)


def packed() -> Dataset:
    """Return an instance with an encapsulated frame."""
    dataset = instance(
        StudyInstanceUID=STUDY,
        SeriesInstanceUID=SERIES,
        PixelData=encapsulate([CODESTREAM]),
    )
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    return dataset


PACKED: Final = packed()
FILES: Final = [encode(CINE), encode(PACKED, JPEG2000Lossless)]


def address(stack: Stack, client: str) -> str:
    return f"{stack.base_url}/dicomweb/v2/partitions/{client}-{STUDY[-20:]}"


def uids(dataset: Dataset) -> tuple[str, str, str]:
    return dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID


@pytest.fixture(scope="module")
def client(stack: Stack) -> DICOMwebClient:
    """Return Python's client of a partition in which it stored the study."""
    headers = {"Authorization": f"Bearer {stack.token}"}
    made = DICOMwebClient(address(stack, "azure"), headers=headers)
    answer = made.store_instances([dcmread(BytesIO(content)) for content in FILES])
    assert "FailedSOPSequence" not in answer
    return made


def test_python_finds_and_reads_metadata(client: DICOMwebClient) -> None:
    (study,) = client.search_for_studies(search_filters={"PatientID": "P1"}, limit=5)
    assert study["0020000D"]["Value"] == [STUDY]
    assert len(client.search_for_series(STUDY)) == 1
    assert len(client.search_for_instances(STUDY, SERIES)) == 2
    assert client.search_for_studies(search_filters={"PatientID": "none"}) == []
    for metadata in (
        client.retrieve_study_metadata(STUDY),
        client.retrieve_series_metadata(STUDY, SERIES),
    ):
        assert {each["00080018"]["Value"][0] for each in metadata} == {
            CINE.SOPInstanceUID,
            PACKED.SOPInstanceUID,
        }


def test_python_retrieves_as_stored(client: DICOMwebClient) -> None:
    """By its default form only a single instance, as with Azure's service."""
    assert client.retrieve_instance(*uids(CINE)) == dcmread(BytesIO(FILES[0]))
    study = client.retrieve_study(STUDY, media_types=AS_STORED)
    series = client.retrieve_series(STUDY, SERIES, media_types=AS_STORED)
    assert study == series == [dcmread(BytesIO(content)) for content in FILES]
    with pytest.raises(HTTPError, match="406"):
        client.retrieve_study(STUDY)


def test_python_retrieves_frames_and_bulk_data(client: DICOMwebClient) -> None:
    assert client.retrieve_instance_frames(*uids(CINE), [3, 1]) == [
        FRAMES[2],
        FRAMES[0],
    ]
    for kind in (("image/jp2", JPEG2000Lossless), ("application/octet-stream", "*")):
        frames = client.retrieve_instance_frames(*uids(PACKED), [1], (kind,))
        assert frames == [CODESTREAM]
    metadata = client.retrieve_instance_metadata(*uids(CINE))
    uri = metadata["7FE00010"]["BulkDataURI"]
    assert "/dicomweb/v2/partitions/" in uri
    assert client.retrieve_bulkdata(uri) == [CINE.PixelData]


@pytest.fixture(scope="module")
def npm(stack: Stack) -> Iterator[NpmClient]:
    """Yield npm's client of a partition that holds the study.

    Under Node it sends no Accept with a store, which a browser does: as with Azure's
    service it cannot store from there.
    """
    url = address(stack, "azure-npm")
    headers = {"Authorization": f"Bearer {stack.token}", "Accept": JSON}
    body, fields = multipart(*FILES)
    httpx.post(f"{url}/studies", content=body, headers={**headers, **fields})
    with npm_client(url, stack.token) as running:
        with pytest.raises(NpmError) as refused:
            running.call("storeInstances", datasets=FILES)
        assert refused.value.status == 406
        yield running


@pytest.mark.peer("node")
def test_npm_finds_and_reads_metadata(npm: NpmClient) -> None:
    (study,) = npm.call("searchForStudies", queryParams={"PatientID": "P1"})
    assert study["0020000D"]["Value"] == [STUDY]
    assert len(npm.call("searchForInstances", studyInstanceUID=STUDY)) == 2
    assert len(npm.call("retrieveStudyMetadata", studyInstanceUID=STUDY)) == 2


@pytest.mark.peer("node")
def test_npm_retrieves_an_instance_and_frames(npm: NpmClient) -> None:
    """No whole study: it can ask for the default form only (0.11)."""
    names = ("studyInstanceUID", "seriesInstanceUID", "sopInstanceUID")
    cine = dict(zip(names, uids(CINE), strict=True))
    assert npm.call("retrieveInstance", **cine) == FILES[0]
    frames = npm.call("retrieveInstanceFrames", **cine, frameNumbers=[2, 1])
    assert frames == [FRAMES[1], FRAMES[0]]
    jp2 = {"mediaType": "image/jp2", "transferSyntaxUID": JPEG2000Lossless}
    (frame,) = npm.call(
        "retrieveInstanceFrames",
        **dict(zip(names, uids(PACKED), strict=True)),
        frameNumbers=[1],
        mediaTypes=[jp2],
    )
    assert frame == CODESTREAM
    with pytest.raises(NpmError) as refused:
        npm.call("retrieveStudy", studyInstanceUID=STUDY)
    assert refused.value.status == 406


@pytest.mark.parametrize("version", ["", "/v1", "/v2"])
def test_the_document_is_for_who_has_credentials(stack: Stack, version: str) -> None:
    url = f"{stack.base_url}/dicomweb{version}/api.yaml"
    assert httpx.get(url).status_code == 401
    answer = httpx.get(url, headers={"authorization": f"Bearer {stack.token}"})
    assert answer.headers["content-type"] == "application/yaml"
    assert answer.headers["content-encoding"] == "gzip"
    document = yaml.safe_load(answer.text)
    assert document["servers"] == [{"url": f"/dicomweb{version}"}]
