"""The requests of OHIF, Cornerstone3D and 3D Slicer with the headers that they send.

Logged from OHIF 3.13 and Cornerstone3D 5.14; Slicer asks through dicomweb-client of
Python. Azure's dialects refuse some of them, as Azure's service does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000Lossless

from tests.conformance.test_azure_retrieve import Azure
from tests.imaging.dicomweb.service import parts_of
from tests.synthetic import encode, instance, new_uid

pytestmark = pytest.mark.usefixtures("committing")
DICOM_JSON: Final = "application/dicom+json"
OHIF_FIELDS: Final = "includefield=00081030,00080060,00080090,00100030"
OHIF_FRAMES: Final = (
    'multipart/related; type="application/octet-stream"; transfer-syntax="*"'
)
CORNERSTONE_FRAMES: Final = (
    "multipart/related; type=application/octet-stream; transfer-syntax=*"
)
SLICER_JSON: Final = "application/dicom+json, application/json"
SLICER_FILES: Final = 'multipart/related; type="application/dicom"'
CODESTREAM: Final = b"\xff\x4f\xff\x51codestream\xff\xd9"


@dataclass
class Held:
    """A study of two series: three slices, and one compressed frame."""

    service: Azure
    slices: list[Dataset]
    packed: Dataset

    @property
    def study(self) -> str:
        """Return the address of the study."""
        return self.service.url(self.packed, "study")

    @property
    def series(self) -> str:
        """Return the address of the series of slices."""
        return self.service.url(self.slices[0], "series")

    def answer(self, url: str, accept: str, **headers: str) -> Any:
        """Return the JSON of an answer."""
        answer = self.service.get(url, accept, accept_encoding="gzip", **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def held() -> Callable[[str], Held]:
    def store(version: str) -> Held:
        study, series = new_uid(), new_uid()
        slices = [
            instance(
                StudyInstanceUID=study,
                SeriesInstanceUID=series,
                InstanceNumber=number,
                PatientID="OHIF-1",
            )
            for number in (1, 2, 3)
        ]
        packed = instance(
            StudyInstanceUID=study,
            Modality="US",
            PatientID="OHIF-1",
            PixelData=encapsulate([CODESTREAM]),
        )
        packed["PixelData"].VR = "OB"
        packed["PixelData"].is_undefined_length = True
        service = Azure(version=version)
        service.store(*slices, encode(packed, JPEG2000Lossless))
        return Held(service, slices, packed)

    return store


@pytest.mark.parametrize("version", ["", "v1", "v2"])
def test_ohif_opens_a_study(held: Callable[[str], Held], version: str) -> None:
    """In the order of its log, with its session cookie beside."""
    opened = held(version)
    base, uid = opened.service.base_url, opened.packed.StudyInstanceUID
    cookie = {"cookie": "i18next=en-US"}
    page = f"limit=101&offset=0&fuzzymatching=true&{OHIF_FIELDS}"

    url = f"{base}/studies?{page}&StudyInstanceUID={uid}"
    (study,) = opened.answer(url, DICOM_JSON, **cookie)
    assert study["00081030"]["Value"] == ["Thorax"]
    fields = "includefield=00080021,00080031,0008103E,00200011"
    series = opened.answer(f"{opened.study}/series?{fields}", DICOM_JSON, **cookie)
    assert len(series) == 2
    priors = opened.answer(f"{base}/studies?00100020=OHIF-1&{page}", DICOM_JSON)
    assert [each["0020000D"]["Value"] for each in priors] == [[uid]]
    metadata = opened.answer(f"{opened.series}/metadata", DICOM_JSON, **cookie)
    assert len(metadata) == 3
    every = opened.answer(f"{base}/studies?{page}", DICOM_JSON)
    assert len(every) == 1

    middle = opened.slices[1]
    for dataset, octets in ((middle, middle.PixelData), (opened.packed, CODESTREAM)):
        frame = opened.service.url(dataset, path="/frames/1")
        answer = opened.service.get(frame, OHIF_FRAMES, accept_encoding="gzip")
        ((headers, content),) = parts_of(answer)
        assert content.rstrip(b"\0") == octets.rstrip(b"\0")
        assert "transfer-syntax=" in headers["content-type"]


@pytest.mark.parametrize("version", ["", "v1", "v2"])
def test_slicer_lists_and_loads_a_series(
    held: Callable[[str], Held], version: str
) -> None:
    opened = held(version)
    assert len(opened.answer(f"{opened.study}/series", SLICER_JSON)) == 2
    assert len(opened.answer(f"{opened.series}/instances", SLICER_JSON)) == 3
    assert len(opened.answer(f"{opened.series}/metadata", SLICER_JSON)) == 3
    for dataset in opened.slices:
        answer = opened.service.get(opened.service.url(dataset), SLICER_FILES)
        assert [content for _, content in parts_of(answer)] == [encode(dataset)]


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        pytest.param("series", SLICER_FILES, id="a whole series, by Slicer"),
        pytest.param(
            "search",
            "application/dicom+json, multipart/related; type=application/octet-stream",
            id="what OHIF once sent to searches",
        ),
        pytest.param("search", "application/json", id="plain JSON"),
        pytest.param("search", "", id="nothing"),
        pytest.param("frame", "", id="nothing, for frames"),
    ],
)
def test_what_azure_refuses_to_viewers_the_standard_answers(
    held: Callable[[str], Held], path: str, accept: str
) -> None:
    statuses = []
    for version in ("", "v1", "v2"):
        opened = held(version)
        url = {
            "series": opened.series,
            "frame": opened.service.url(opened.slices[0], path="/frames/1"),
            "search": f"{opened.study}/series",
        }[path]
        statuses.append(opened.service.get(url, accept).status_code)
    assert statuses == [200, 406, 406]


@pytest.mark.parametrize("version", ["", "v1", "v2"])
def test_unquoted_values_are_quoted_ones(
    held: Callable[[str], Held], version: str
) -> None:
    opened = held(version)
    url = opened.service.url(opened.packed, path="/frames/1")
    found = [
        parts_of(opened.service.get(url, accept))
        for accept in (OHIF_FRAMES, CORNERSTONE_FRAMES)
    ]
    assert found[0] == found[1]
