"""The studies service with the client of web viewers, npm's ``dicomweb-client``.

It runs under Node against a whole running portal: what it stores it finds, retrieves
with the same bytes in every form, and no longer finds once that is deleted.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless

from tests.conformance.npm_client import NpmClient, NpmError, npm_client
from tests.stack import Stack
from tests.synthetic import encode, instance, new_uid

pytestmark = pytest.mark.peer("node")

STUDY: Final = new_uid()
FIRST, SECOND = new_uid(), new_uid()
FRAMES: Final = [bytes([number]) * 48 for number in (1, 2, 3)]
CODESTREAMS: Final = [
    b"\xff\x4f\xff\x51 first\xff\xd9",
    b"\xff\x4f\xff\x51second\xff\xd9",
]


def part(**attributes: Any) -> Dataset:
    """Return an instance of the study."""
    return instance(StudyInstanceUID=STUDY, PatientName="Tá^山田", **attributes)


def packed() -> Dataset:
    """Return an instance whose two frames are encapsulated."""
    dataset = part(
        SeriesInstanceUID=SECOND,
        Modality="US",
        NumberOfFrames=2,
        PixelData=encapsulate(CODESTREAMS),
    )
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    return dataset


SINGLE: Final = part(SeriesInstanceUID=FIRST)
MULTI: Final = part(
    SeriesInstanceUID=FIRST, NumberOfFrames=3, PixelData=b"".join(FRAMES)
)
PACKED: Final = packed()
FILES: Final = {
    dataset.SOPInstanceUID: encode(dataset, syntax)
    for dataset, syntax in (
        (SINGLE, ExplicitVRLittleEndian),
        (MULTI, ExplicitVRLittleEndian),
        (PACKED, JPEG2000Lossless),
    )
}


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[NpmClient]:
    """Yield the client of a partition that holds the study."""
    url = f"{stack.base_url}/dicomweb/partitions/npm-{STUDY[-20:]}"
    with npm_client(url, stack.token) as running:
        stored = running.call("storeInstances", datasets=list(FILES.values()))
        answer = json.loads(stored)
        assert "00081198" not in answer
        held = [item["00081155"]["Value"][0] for item in answer["00081199"]["Value"]]
        assert held == list(FILES)
        yield running


def address(dataset: Dataset) -> dict[str, str]:
    return {
        "studyInstanceUID": dataset.StudyInstanceUID,
        "seriesInstanceUID": dataset.SeriesInstanceUID,
        "sopInstanceUID": dataset.SOPInstanceUID,
    }


def values(rows: list[dict[str, Any]], tag: str) -> list[Any]:
    return [row[tag]["Value"][0] for row in rows]


def test_studies_are_found(client: NpmClient) -> None:
    (study,) = client.call(
        "searchForStudies",
        queryParams={
            "PatientName": "tá*",
            "ModalitiesInStudy": "US",
            "includefield": "StudyDescription,NumberOfStudyRelatedInstances",
            "limit": 5,
            "offset": 0,
        },
    )
    assert values([study], "0020000D") == [STUDY]
    assert values([study], "00081030") == ["Thorax"]
    assert values([study], "00201208") == [3]
    assert study["00080061"]["Value"] == ["CT", "US"]
    assert client.call("searchForStudies", queryParams={"PatientID": "none"}) == []


def test_series_are_found(client: NpmClient) -> None:
    every = client.call("searchForSeries", studyInstanceUID=STUDY)
    assert set(values(every, "0020000E")) == {FIRST, SECOND}
    us = {"Modality": "US", "StudyInstanceUID": STUDY}
    found = client.call("searchForSeries", queryParams=us)
    assert values(found, "0020000E") == [SECOND]


def test_instances_are_found(client: NpmClient) -> None:
    uids = {"studyInstanceUID": STUDY, "seriesInstanceUID": FIRST}
    of_series = client.call("searchForInstances", **uids)
    assert set(values(of_series, "00080018")) == {
        SINGLE.SOPInstanceUID,
        MULTI.SOPInstanceUID,
    }
    of_study = client.call("searchForInstances", studyInstanceUID=STUDY)
    assert set(values(of_study, "00080018")) == set(FILES)
    number = {"InstanceNumber": MULTI.InstanceNumber, "includefield": "all"}
    found = client.call("searchForInstances", queryParams=number)
    assert values(found, "00080018") == [MULTI.SOPInstanceUID]


def test_a_study_a_series_and_an_instance_come_back_byte_for_byte(
    client: NpmClient,
) -> None:
    study = client.call("retrieveStudy", studyInstanceUID=STUDY)
    assert sorted(study) == sorted(FILES.values())
    series = client.call(
        "retrieveSeries", studyInstanceUID=STUDY, seriesInstanceUID=FIRST
    )
    expected = [FILES[each.SOPInstanceUID] for each in (SINGLE, MULTI)]
    assert sorted(series) == sorted(expected)
    for dataset in (SINGLE, MULTI, PACKED):
        one = client.call("retrieveInstance", **address(dataset))
        assert one == FILES[dataset.SOPInstanceUID]


def test_metadata_come_at_all_levels(client: NpmClient) -> None:
    uids = address(SINGLE)
    study = client.call("retrieveStudyMetadata", studyInstanceUID=STUDY)
    series = client.call("retrieveSeriesMetadata", **uids)
    (one,) = client.call("retrieveInstanceMetadata", **uids)
    assert set(values(study, "00080018")) == set(FILES)
    assert set(values(series, "00080018")) == {
        SINGLE.SOPInstanceUID,
        MULTI.SOPInstanceUID,
    }
    assert one in study
    assert one in series
    assert one == SINGLE.to_json_dict(
        bulk_data_threshold=0,
        bulk_data_element_handler=lambda e: one[f"{e.tag:08X}"]["BulkDataURI"],
    )


@pytest.mark.parametrize("kind", ["multipart", "singlepart"])
def test_bulk_data_are_retrieved(client: NpmClient, kind: str) -> None:
    (metadata,) = client.call("retrieveInstanceMetadata", **address(SINGLE))
    for tag, expected in (
        ("7FE00010", SINGLE.PixelData),
        ("00111002", b"private bytes!"),
    ):
        uri = metadata[tag]["BulkDataURI"]
        whole = client.call("retrieveBulkData", client=kind, BulkDataURI=uri)
        assert whole == [expected]


def test_a_range_of_bulk_data_is_retrieved(client: NpmClient) -> None:
    (metadata,) = client.call("retrieveInstanceMetadata", **address(SINGLE))
    (part_of_it,) = client.call(
        "retrieveBulkData",
        client="singlepart",
        BulkDataURI=metadata["7FE00010"]["BulkDataURI"],
        headers={"Range": "bytes=2-5"},
    )
    assert part_of_it == SINGLE.PixelData[2:6]


def test_bulk_data_of_encapsulated_frames_are_their_streams(client: NpmClient) -> None:
    (metadata,) = client.call("retrieveInstanceMetadata", **address(PACKED))
    uri = metadata["7FE00010"]["BulkDataURI"]
    assert client.call("retrieveBulkData", BulkDataURI=uri) == CODESTREAMS


def test_frames_are_retrieved_in_the_order_asked_for(client: NpmClient) -> None:
    frames = client.call(
        "retrieveInstanceFrames", **address(MULTI), frameNumbers=[3, 1]
    )
    assert frames == [FRAMES[2], FRAMES[0]]
    (frame,) = client.call(
        "retrieveInstanceFrames", **address(SINGLE), frameNumbers=[1]
    )
    assert frame == SINGLE.PixelData


@pytest.mark.parametrize(
    "media_type",
    [
        {"mediaType": "image/jp2", "transferSyntaxUID": JPEG2000Lossless},
        {"mediaType": "image/jp2"},
        {"mediaType": "application/octet-stream", "transferSyntaxUID": "*"},
    ],
)
def test_encapsulated_frames_are_retrieved(
    client: NpmClient, media_type: dict[str, str]
) -> None:
    frames = client.call(
        "retrieveInstanceFrames",
        **address(PACKED),
        frameNumbers=[1, 2],
        mediaTypes=[media_type],
    )
    assert frames == CODESTREAMS


def test_frames_as_viewers_ask_for_them(client: NpmClient) -> None:
    """Several kinds at once, as OHIF does for a study of mixed syntaxes."""
    kinds = [
        {"mediaType": "image/jp2", "transferSyntaxUID": JPEG2000Lossless},
        {"mediaType": "image/jpeg"},
        {
            "mediaType": "application/octet-stream",
            "transferSyntaxUID": ExplicitVRLittleEndian,
        },
    ]
    for dataset, expected in ((PACKED, CODESTREAMS[1]), (MULTI, FRAMES[1])):
        (frame,) = client.call(
            "retrieveInstanceFrames",
            **address(dataset),
            frameNumbers=[2],
            mediaTypes=kinds,
        )
        assert frame == expected


def test_faults_reach_the_client(client: NpmClient) -> None:
    with pytest.raises(NpmError) as absent:
        client.call("retrieveStudy", studyInstanceUID=new_uid())
    assert absent.value.status == 404
    with pytest.raises(NpmError) as beyond:
        client.call("retrieveInstanceFrames", **address(MULTI), frameNumbers=[4])
    assert beyond.value.status == 404
    with pytest.raises(NpmError) as again:
        client.call("storeInstances", datasets=[FILES[SINGLE.SOPInstanceUID]])
    assert again.value.status == 409


def test_what_is_deleted_is_gone_for_it(client: NpmClient) -> None:
    study = new_uid()
    content = encode(instance(StudyInstanceUID=study))
    client.call("storeInstances", studyInstanceUID=study, datasets=[content])
    assert client.call("retrieveStudy", studyInstanceUID=study) == [content]

    assert client.call("delete", path=f"/studies/{study}") == 204

    with pytest.raises(NpmError) as gone:
        client.call("retrieveStudyMetadata", studyInstanceUID=study)
    assert gone.value.status == 404
    query = {"StudyInstanceUID": study}
    assert client.call("searchForStudies", queryParams=query) == []
