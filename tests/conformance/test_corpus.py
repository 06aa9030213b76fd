"""Every sample file through the whole portal: what goes in comes out again.

pydicom reads the same file and says what is to be expected. Files share UIDs, so each
is stored in a data partition of its own.
"""

import os
import re
import subprocess
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from imaging import native_xml
from imaging.part10 import parse
from tests.imaging.dicomweb.service import parts_of
from tests.imaging.native_xml_reading import as_numbers, valid
from tests.imaging.part10 import fuzz, oracle
from tests.imaging.part10.samples import (
    CUT_OFF,
    WITHOUT_FIRST_BYTE,
    sample_files,
    sample_id,
)
from tests.peers import require_peer
from tests.stack import Stack
from tests.synthetic import new_uid

FILES: Final = sample_files()
RECODED: Final = {
    ImplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
}
MUTANTS: Final = int(os.environ.get("PORTAL_MUTANTS", "150"))
IN_XML: Final = {"Accept": 'multipart/related; type="application/dicom+xml"'}
AS_STORED: Final = {"Accept": "application/dicom; transfer-syntax=*"}
UID_KEYWORDS: Final = (
    "SOPClassUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SOPInstanceUID",
)
UID: Final = re.compile(r"[0-9.]{0,63}[0-9]")
# What differs by who wrote a file: its name, its group 2.
HEADER: Final = re.compile(r"^(#.*|\(0002,.*)?\n", re.MULTILINE)

Json = dict[str, Any]


@pytest.fixture(scope="module")
def client(stack: Stack) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {stack.token}"}
    with httpx.Client(
        base_url=f"{stack.base_url}/dicomweb", headers=headers, timeout=60
    ) as made:
        yield made


def store(client: httpx.Client, content: bytes) -> httpx.Response:
    """Store a file where no other has its UIDs."""
    return client.post(
        f"/partitions/corpus-{new_uid()[-30:]}/studies",
        content=content,
        headers={"Content-Type": "application/dicom"},
    )


def items(answer: httpx.Response, sequence: str) -> list[Json]:
    return list(answer.json().get(sequence, {}).get("Value", []))


def address(answer: httpx.Response) -> str:
    (stored,) = items(answer, "00081199")
    return str(stored["00081190"]["Value"][0])


def can_be_stored(path: Path, data_set: Dataset) -> bool:
    """Return whether an archive can know the file: whole, with UIDs and PatientID."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a UID that is none
        uids = [str(data_set.get(keyword) or "") for keyword in UID_KEYWORDS]
    return (
        path.name not in CUT_OFF | {WITHOUT_FIRST_BYTE}
        and all(map(UID.fullmatch, uids))
        and "PatientID" in data_set
    )


def locate(model: Json, url: str) -> dict[str, str]:
    """Replace each ``BulkDataURI`` by its path; return the VR of each path."""
    found = {}
    for attribute in model.values():
        if uri := attribute.get("BulkDataURI"):
            path = uri.removeprefix(f"{url}/bulkdata/")
            attribute["BulkDataURI"] = path
            found[path] = attribute["vr"]
        if attribute["vr"] == "SQ":
            for item in attribute.get("Value", []):
                found |= locate(item, url)
    return found


@pytest.mark.parametrize("path", FILES, ids=sample_id)
def test_a_sample_comes_back_whole_or_is_refused_with_a_reason(
    client: httpx.Client, path: Path
) -> None:
    content = path.read_bytes()
    data_set = oracle.read(content)
    answer = store(client, content)
    if not can_be_stored(path, data_set):
        assert answer.status_code == 409
        (failed,) = items(answer, "00081198")
        names_attribute = failed["00000902"]["Value"][0].startswith("DICOM100")
        assert failed["00081197"]["Value"] == [43264 if names_attribute else 49152]
        assert failed["00000902"]["Value"][0]
        return
    assert answer.status_code in {200, 202}
    url = address(answer)
    assert client.get(url, headers=AS_STORED).content == content
    (metadata,) = client.get(f"{url}/metadata").json()
    ((_, in_xml),) = parts_of(client.get(f"{url}/metadata", headers=IN_XML))
    valid(in_xml)
    assert as_numbers(native_xml.read(in_xml)) == as_numbers(metadata)
    bulk = locate(metadata, url)
    read = replace(parse(content), model=metadata)
    assert oracle.differences(read, oracle.model_of(data_set)) == []
    frames = oracle.frames_of(data_set)
    together: list[bytes] = []
    for place, vr in bulk.items():
        parts = octets(client.get(f"{url}/bulkdata/{place}"))
        is_encapsulated = (
            place == "7FE00010" and data_set["PixelData"].is_undefined_length
        )
        expected = (
            frames if is_encapsulated else [oracle.octets_at(data_set, place, vr)]
        )
        assert parts == expected, place
        together += parts
    everything = client.get(f"{url}/bulkdata", headers={"Accept": "*/*"})
    if bulk:
        assert octets(everything) == together
    else:
        assert everything.status_code == 404
    if frames is not None:
        numbers = ",".join(map(str, range(1, len(frames) + 1)))
        assert octets(client.get(f"{url}/frames/{numbers}")) == frames


@pytest.mark.timeout(0 if MUTANTS > 1000 else 120)
def test_mutated_files_never_break_the_service(client: httpx.Client) -> None:
    """Set PORTAL_MUTANTS to send more of them."""
    for number in range(MUTANTS):
        content = fuzz.mutated(number)
        answer = store(client, content)
        assert answer.status_code in {200, 202, 409}, number
        if answer.status_code == 409:
            (failed,) = items(answer, "00081198")
            assert failed["00000902"]["Value"][0]
            continue
        url = address(answer)
        assert client.get(url, headers=AS_STORED).content == content, number
        (metadata,) = client.get(f"{url}/metadata").json()
        (row,) = client.get(f"{url.partition('/studies')[0]}/studies").json()
        assert row["0020000D"] == metadata["0020000D"]
        recoded = client.get(url, headers={"Accept": "application/dicom"})
        assert recoded.status_code in {200, 406}, number
        assert client.get(f"{url}/frames/1").status_code in {200, 404, 406}, number


def octets(answer: httpx.Response) -> list[bytes]:
    """Return the parts of an answer, or its only one."""
    assert answer.status_code == 200, answer.text
    if answer.headers["content-type"].startswith("multipart/"):
        return [content for _, content in parts_of(answer)]
    return [answer.content]


@pytest.mark.peer("dcmtk")
def test_dcmtk_reads_what_is_sent_as_explicit_little_endian(
    client: httpx.Client, tmp_path: Path
) -> None:
    """Both DCMTK and we turn the file into Explicit VR Little Endian."""
    programs = require_peer("dcmtk")
    received = tmp_path / "received.dcm"
    seen = set()
    for path in FILES:
        data_set = oracle.read(path.read_bytes())
        syntax = data_set.file_meta.get("TransferSyntaxUID")
        if syntax not in RECODED or not can_be_stored(path, data_set):
            continue
        if data_set.get("BitsAllocated", 0) > 16:
            continue  # DCMTK turns round the words of OW, where pixels have two each
        seen.add(syntax)
        sent = client.get(
            address(store(client, path.read_bytes())),
            headers={"Accept": "application/dicom"},
        )
        assert ExplicitVRLittleEndian in sent.headers["content-type"]
        received.write_bytes(sent.content)
        assert dump(programs, received) == dump(programs, path), path
    assert seen == RECODED


def dump(programs: dict[str, Path], path: Path) -> str:
    """Return what DCMTK reads in a file, whole values in explicit little endian."""
    converted = f"{path.name}.converted"
    convert = [str(programs["dcmconv"]), "+te", "+e", str(path), converted]
    show = [str(programs["dcmdump"]), "+L", converted]
    with TemporaryDirectory() as folder:
        subprocess.run(convert, cwd=folder, check=True, capture_output=True)
        done = subprocess.run(show, cwd=folder, check=True, capture_output=True)
    return HEADER.sub("", done.stdout.decode("latin-1"))
