"""Orthanc as a DICOMweb client: it sends to the portal, asks it and fetches from it.

Its plugin is configured as an operator would, once with chunked transfers and once
without; each way has a data partition of its own.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import md5
from typing import Any, Final

import httpx
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
)

from bench.servers import orthanc
from tests.stack import PATIENCE_S, Stack
from tests.synthetic import encode, instance, new_uid

pytestmark = pytest.mark.peer("orthanc")

# By name: whether transfers are chunked, and whether any transfer syntax is asked for.
WAYS: Final = {"plain": False, "chunked": True}
PARTITION: Final = f"orthanc-{new_uid()[-20:]}"


@dataclass
class Pair:
    """Orthanc and, as it knows it by the name `server`, the portal."""

    orthanc: httpx.Client
    portal: httpx.Client
    server: str

    def ask(self, verb: str, **body: Any) -> httpx.Response:
        """Have Orthanc's DICOMweb client do something, and wait until it is done."""
        path = f"/dicom-web/servers/{self.server}/{verb}"
        answer = self.orthanc.post(path, json=body)
        assert answer.status_code == 200, answer.text
        return answer

    def upload(self, *files: bytes) -> str:
        """Put files of one study into Orthanc, and return its identifier there."""
        (identifier,) = {
            self.orthanc.post("/instances", content=file).json()["ParentStudy"]
            for file in files
        }
        return str(identifier)

    def held_by_orthanc(self) -> list[bytes]:
        """Return the files that Orthanc holds."""
        identifiers = self.orthanc.get("/instances").json()
        return [
            self.orthanc.get(f"/instances/{identifier}/file").content
            for identifier in identifiers
        ]

    def empty(self) -> None:
        """Delete everything in Orthanc."""
        for identifier in self.orthanc.get("/patients").json():
            assert self.orthanc.delete(f"/patients/{identifier}").status_code == 200


@pytest.fixture(scope="module")
def server(
    stack: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """Yield an Orthanc that knows the portal under the name of each way."""
    authorization = {"Authorization": f"Bearer {stack.token}"}
    servers = {
        name: {
            "Url": f"{stack.base_url}/dicomweb/partitions/{PARTITION}-{name}/",
            "HttpHeaders": authorization,
            "ChunkedTransfers": chunked,
            "HasWadoRsUniversalTransferSyntax": chunked,
            "HasDelete": True,
        }
        for name, chunked in WAYS.items()
    }
    folder = tmp_path_factory.mktemp("orthanc")
    with orthanc(folder, servers=servers) as running:
        address = f"http://127.0.0.1:{running.address.port}"
        with httpx.Client(base_url=address, timeout=60) as client:
            yield client


@pytest.fixture(params=list(WAYS))
def pair(
    stack: Stack, server: httpx.Client, request: pytest.FixtureRequest
) -> Iterator[Pair]:
    """Yield both; what Orthanc holds is deleted afterwards."""
    headers = {"Authorization": f"Bearer {stack.token}"}
    url = f"{stack.base_url}/dicomweb/partitions/{PARTITION}-{request.param}"
    with httpx.Client(base_url=url, headers=headers) as portal:
        made = Pair(server, portal, request.param)
        yield made
        made.empty()


def study_of(count: int, **attributes: Any) -> tuple[str, list[bytes]]:
    """Return the UID and the files of a study of two series."""
    study, series = new_uid(), (new_uid(), new_uid())
    datasets = [
        instance(
            StudyInstanceUID=study, SeriesInstanceUID=series[number % 2], **attributes
        )
        for number in range(count)
    ]
    return study, [encode(dataset) for dataset in datasets]


def mixed_study() -> tuple[str, list[bytes]]:
    """Return the UID and the files of a study in several transfer syntaxes."""
    study = new_uid()
    packed = instance(StudyInstanceUID=study, PixelData=encapsulate([b"\xff\x4f12"]))
    packed["PixelData"].VR = "OB"
    packed["PixelData"].is_undefined_length = True
    pairs: list[tuple[Dataset, str]] = [
        (instance(StudyInstanceUID=study), ExplicitVRLittleEndian),
        (instance(StudyInstanceUID=study), ImplicitVRLittleEndian),
        (instance(StudyInstanceUID=study), ExplicitVRBigEndian),
        (packed, JPEG2000Lossless),
    ]
    return study, [encode(dataset, syntax) for dataset, syntax in pairs]


def hashes(files: list[bytes]) -> list[str]:
    return sorted(md5(file, usedforsecurity=False).hexdigest() for file in files)


def as_stored(portal: httpx.Client, study: str) -> list[bytes]:
    rows = portal.get(f"/studies/{study}/instances").json()
    accept = {"Accept": "application/dicom; transfer-syntax=*"}
    return [
        portal.get(row["00081190"]["Value"][0], headers=accept).content for row in rows
    ]


@pytest.mark.parametrize("large", [False, True])
def test_it_sends_a_study_and_fetches_it_back_byte_for_byte(
    pair: Pair, large: bool
) -> None:
    pixels = {"PixelData": bytes(range(256)) * 8192} if large else {}
    study, files = study_of(6, **pixels)
    sent = pair.ask("stow", Resources=[pair.upload(*files)], Synchronous=True)
    assert sent.json()["InstancesCount"] == "6"
    assert hashes(as_stored(pair.portal, study)) == hashes(files)

    pair.empty()
    fetched = pair.ask("retrieve", Resources=[{"Study": study}], Synchronous=True)

    assert fetched.json()["ReceivedInstancesCount"] == "6"
    assert hashes(pair.held_by_orthanc()) == hashes(files)


def test_it_fetches_a_study_of_several_transfer_syntaxes_as_stored(pair: Pair) -> None:
    study, files = mixed_study()
    pair.ask("stow", Resources=[pair.upload(*files)], Synchronous=True)
    assert hashes(as_stored(pair.portal, study)) == hashes(files)
    pair.empty()
    pair.ask("retrieve", Resources=[{"Study": study}], Synchronous=True)
    assert hashes(pair.held_by_orthanc()) == hashes(files)


def test_it_fetches_one_series_and_one_instance(pair: Pair) -> None:
    study, files = study_of(4)
    pair.ask("stow", Resources=[pair.upload(*files)], Synchronous=True)
    row, *_ = pair.portal.get(f"/studies/{study}/instances").json()
    series, sop = (row[tag]["Value"][0] for tag in ("0020000E", "00080018"))
    pair.empty()
    wanted = {"Study": study, "Series": series, "Instance": sop}
    pair.ask("retrieve", Resources=[wanted], Synchronous=True)
    (one,) = pair.held_by_orthanc()
    assert one in files
    assert sop.encode() in one
    del wanted["Instance"]
    pair.ask("retrieve", Resources=[wanted], Synchronous=True)
    assert len(pair.held_by_orthanc()) == 2


def test_its_jobs_run_in_the_background(pair: Pair) -> None:
    study, files = study_of(3)
    job = pair.ask("stow", Resources=[pair.upload(*files)], Synchronous=False).json()
    deadline = time.monotonic() + PATIENCE_S
    while True:
        state = pair.orthanc.get(f"/jobs/{job['ID']}").json()["State"]
        if state not in {"Pending", "Running"}:
            break
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert state == "Success"
    assert len(as_stored(pair.portal, study)) == 3


def test_it_searches_at_all_levels(pair: Pair) -> None:
    name = f"Query{new_uid()[-10:]}^Ö"
    study, files = study_of(4, PatientName=name)
    pair.ask("stow", Resources=[pair.upload(*files)], Synchronous=True)

    keys = {"PatientName": name.lower().replace("ö", "o"), "limit": "10"}
    (found,) = pair.ask("qido", Uri="/studies", Arguments=keys).json()
    series = pair.ask("qido", Uri=f"/studies/{study}/series").json()
    keys = {"includefield": "00080070"}
    instances = pair.ask("qido", Uri=f"/studies/{study}/instances", Arguments=keys)

    assert found["0020000D"]["Value"] == study
    assert found["00100010"]["Value"] == name
    assert len(series) == 2
    assert [row["00080070"]["Value"] for row in instances.json()] == ["ACME"] * 4


def test_it_reads_metadata_and_frames(pair: Pair) -> None:
    study, files = study_of(1)
    pair.ask("stow", Resources=[pair.upload(*files)], Synchronous=True)
    (metadata,) = pair.ask("get", Uri=f"/studies/{study}/metadata").json()
    series, sop = (metadata[tag]["Value"][0] for tag in ("0020000E", "00080018"))
    frame = pair.ask(
        "get",
        Uri=f"/studies/{study}/series/{series}/instances/{sop}/frames/1",
        HttpHeaders={"Accept": "application/octet-stream"},
    )
    assert files[0].endswith(frame.content)
    assert len(frame.content) == 48


def test_it_deletes(pair: Pair) -> None:
    study, files = study_of(2)
    pair.ask("stow", Resources=[pair.upload(*files)], Synchronous=True)
    rows = pair.portal.get(f"/studies/{study}/series").json()
    series = [row["0020000E"]["Value"][0] for row in rows]
    one = {"StudyInstanceUID": study, "SeriesInstanceUID": series[0]}

    pair.ask("delete", Level="Series", **one)
    (left,) = pair.portal.get(f"/studies/{study}/series").json()
    pair.ask("delete", Level="Study", StudyInstanceUID=study)

    assert left["0020000E"]["Value"] == [series[1]]
    assert pair.portal.get(f"/studies/{study}").status_code == 404


def test_what_is_held_already_fails_loudly(pair: Pair) -> None:
    study, files = study_of(2)
    identifier = pair.upload(*files)
    pair.ask("stow", Resources=[identifier], Synchronous=True)
    answer = pair.orthanc.post(
        f"/dicom-web/servers/{pair.server}/stow",
        json={"Resources": [identifier], "Synchronous": True},
    )
    assert answer.status_code == 500
    assert hashes(as_stored(pair.portal, study)) == hashes(files)
