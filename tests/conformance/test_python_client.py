"""What the README promises a user of Python's ``dicomweb-client``, from end to end.

One study of two series, in two transfer syntaxes, in a data partition of its own.
"""

import re
from io import BytesIO
from typing import Any, Final

import httpx
import pytest
from dicomweb_client.api import DICOMwebClient
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless

from portal.embedded.options import ROOT
from tests.stack import Stack
from tests.synthetic import encode, instance, new_uid

STUDY: Final = new_uid()
FIRST, SECOND = new_uid(), new_uid()
CODESTREAM: Final = b"\xff\x4f\xff\x51codestream\xff\xd9"


def part(number: int, **attributes: Any) -> Dataset:
    """Return an instance of the study."""
    return instance(
        StudyInstanceUID=STUDY,
        InstanceNumber=number,
        PatientName="Ångström^Åsa",
        **attributes,
    )


def packed() -> Dataset:
    """Return an instance with an encapsulated frame."""
    dataset = part(
        6,
        SeriesInstanceUID=SECOND,
        Modality="US",
        PixelData=encapsulate([CODESTREAM]),
    )
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    return dataset


SLICES: Final = [part(number, SeriesInstanceUID=FIRST) for number in range(1, 5)]
FRAMES: Final = [bytes([number]) * 48 for number in (1, 2, 3)]
CINE: Final = part(
    5,
    SeriesInstanceUID=SECOND,
    Modality="US",
    NumberOfFrames=3,
    PixelData=b"".join(FRAMES),
)
PACKED: Final = packed()
FILES: Final = {
    **{each.SOPInstanceUID: encode(each) for each in (*SLICES, CINE)},
    PACKED.SOPInstanceUID: encode(PACKED, JPEG2000Lossless),
}


def client_of(stack: Stack, partition: str) -> DICOMwebClient:
    url = f"{stack.base_url}/dicomweb/partitions/{partition}"
    headers = {"Authorization": f"Bearer {stack.token}"}
    return DICOMwebClient(url, headers=headers)


@pytest.fixture(scope="module")
def client(stack: Stack) -> DICOMwebClient:
    """Return the client of a partition in which it stored the study."""
    made = client_of(stack, f"python-{STUDY[-20:]}")
    datasets = [dcmread(BytesIO(content)) for content in FILES.values()]
    answer = made.store_instances(datasets)
    assert "FailedSOPSequence" not in answer
    stored = [item.ReferencedSOPInstanceUID for item in answer.ReferencedSOPSequence]
    assert stored == list(FILES)
    # More than one page of other studies.
    others = [instance(PatientID="P2") for _ in range(7)]
    made.store_instances([dcmread(BytesIO(encode(each))) for each in others])
    return made


def values(rows: list[dict[str, Any]], tag: str) -> list[Any]:
    return [row[tag]["Value"][0] for row in rows]


def uids(dataset: Dataset) -> tuple[str, str, str]:
    return dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID


def same(received: Dataset, content: bytes) -> bool:
    """Return whether a received data set is the one of the file, header included."""
    sent = dcmread(BytesIO(content))
    return received == sent and received.file_meta == sent.file_meta


def test_studies_are_found_by_filter_and_by_page(client: DICOMwebClient) -> None:
    filters = {"PatientName": "angstr*", "StudyDate": "20200101-20200131"}
    fields = ["NumberOfStudyRelatedInstances", "StudyDescription"]
    (study,) = client.search_for_studies(search_filters=filters, fields=fields)
    assert values([study], "0020000D") == [STUDY]
    assert values([study], "00201208") == [6]
    assert values([study], "00081030") == ["Thorax"]
    pages = [client.search_for_studies(limit=3, offset=start) for start in (0, 3, 6)]
    assert [len(page) for page in pages] == [3, 3, 2]
    found = {uid for page in pages for uid in values(page, "0020000D")}
    assert len(found) == 8
    every = client.search_for_studies(limit=3, get_remaining=True)
    assert set(values(every, "0020000D")) == found
    assert client.search_for_studies(
        fuzzymatching=True, search_filters={"PatientName": "åsa"}
    ) == client.search_for_studies(search_filters={"StudyInstanceUID": STUDY})


def test_series_are_found(client: DICOMwebClient) -> None:
    assert len(client.search_for_series(get_remaining=True, limit=2)) == 9
    (ultrasound,) = client.search_for_series(STUDY, search_filters={"Modality": "US"})
    assert values([ultrasound], "0020000E") == [SECOND]
    assert values([ultrasound], "00201209") == [2]


def test_instances_are_found(client: DICOMwebClient) -> None:
    of_series = client.search_for_instances(STUDY, FIRST, limit=3, get_remaining=True)
    assert sorted(values(of_series, "00200013")) == [1, 2, 3, 4]
    (cine,) = client.search_for_instances(
        STUDY, search_filters={"InstanceNumber": "5"}, fields=["NumberOfFrames"]
    )
    assert values([cine], "00280008") == [3]
    everywhere = client.search_for_instances(
        search_filters={"SOPInstanceUID": PACKED.SOPInstanceUID}
    )
    assert values(everywhere, "0020000E") == [SECOND]


def test_what_was_stored_is_retrieved(client: DICOMwebClient) -> None:
    study = client.retrieve_study(STUDY)
    assert {each.SOPInstanceUID for each in study} == set(FILES)
    assert all(same(each, FILES[each.SOPInstanceUID]) for each in study)
    series = client.retrieve_series(STUDY, FIRST)
    assert [each.SOPInstanceUID for each in series] == [
        each.SOPInstanceUID for each in SLICES
    ]
    for dataset in (CINE, PACKED):
        one = client.retrieve_instance(*uids(dataset))
        assert same(one, FILES[dataset.SOPInstanceUID])


def test_it_is_retrieved_piece_by_piece(client: DICOMwebClient) -> None:
    by_study = list(client.iter_study(STUDY))
    by_series = [
        each for uid in (FIRST, SECOND) for each in client.iter_series(STUDY, uid)
    ]
    for found in (by_study, by_series):
        assert len(found) == len(FILES)
        assert all(same(each, FILES[each.SOPInstanceUID]) for each in found)


def test_metadata_equal_the_files(client: DICOMwebClient) -> None:
    study = client.retrieve_study_metadata(STUDY)
    series = client.retrieve_series_metadata(STUDY, FIRST)
    one = client.retrieve_instance_metadata(*uids(CINE))
    assert set(values(study, "00080018")) == set(FILES)
    assert sorted(values(series, "00200013")) == [1, 2, 3, 4]
    assert one in study
    assert one == CINE.to_json_dict(
        bulk_data_threshold=0,
        bulk_data_element_handler=lambda e: one[f"{e.tag:08X}"]["BulkDataURI"],
    )
    assert Dataset.from_json(one, lambda tag, vr, uri: _bulk(client, uri)) == CINE


def _bulk(client: DICOMwebClient, uri: str) -> bytes:
    (value,) = client.retrieve_bulkdata(uri)
    return bytes(value)


def test_frames_and_bulk_data_equal_the_files(client: DICOMwebClient) -> None:
    assert client.retrieve_instance_frames(*uids(CINE), [3, 1]) == [
        FRAMES[2],
        FRAMES[0],
    ]
    assert list(client.iter_instance_frames(*uids(CINE), [1, 2, 3])) == FRAMES
    kinds = (("image/jp2", JPEG2000Lossless), ("application/octet-stream", "*"))
    for kind in kinds:
        frames = client.retrieve_instance_frames(*uids(PACKED), [1], (kind,))
        assert frames == [CODESTREAM]
    metadata = client.retrieve_instance_metadata(*uids(CINE))
    uri = metadata["7FE00010"]["BulkDataURI"]
    assert client.retrieve_bulkdata(uri) == [CINE.PixelData]
    assert list(client.iter_bulkdata(uri)) == [CINE.PixelData]


def test_a_store_again_is_told_to_fail(client: DICOMwebClient) -> None:
    again = dcmread(BytesIO(FILES[CINE.SOPInstanceUID]))
    with pytest.raises(Exception, match="409") as refused:
        client.store_instances([again], STUDY)
    assert refused.value.response.status_code == 409  # type: ignore[attr-defined]


def test_deletes_take_effect_at_once(stack: Stack) -> None:
    client = client_of(stack, f"python-{new_uid()[-20:]}")
    study, series = new_uid(), [new_uid(), new_uid()]
    datasets = [
        instance(StudyInstanceUID=study, SeriesInstanceUID=uid)
        for uid in (series[0], series[0], series[1])
    ]
    client.store_instances([dcmread(BytesIO(encode(each))) for each in datasets])

    client.delete_instance(*uids(datasets[0]))
    assert len(client.search_for_instances(study, series[0])) == 1
    client.delete_series(study, series[0])
    assert values(client.search_for_series(study), "0020000E") == [series[1]]
    client.delete_study(study)
    assert client.search_for_studies() == []
    with pytest.raises(Exception, match="404"):
        client.retrieve_study_metadata(study)


def test_the_example_of_the_readme_works(stack: Stack) -> None:
    study = new_uid()
    httpx.post(
        f"{stack.base_url}/dicomweb/studies",
        content=encode(instance(StudyInstanceUID=study)),
        headers={
            "Authorization": f"Bearer {stack.token}",
            "Content-Type": "application/dicom",
        },
    ).raise_for_status()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    example = example.replace("http://127.0.0.1:8000", stack.base_url)
    example = example.replace("Bearer …", f"Bearer {stack.token}")
    names: dict[str, Any] = {}
    exec(compile(example, "README.md", "exec"), names)
    assert study in values(names["studies"], "0020000D")
