"""STOW-RS as clients of Azure's DICOM service know it, by its version.

Where the standard's own dialect answers otherwise, that is asserted beside it. What
values decide is in `test_azure_store_values`; more of the standard's in `test_stow`.
"""

from collections.abc import Iterator
from io import BytesIO
from typing import Final

import httpx
import pytest
from dicomweb_client.api import DICOMwebClient
from pydicom import dcmread

from tests.conformance.stow import (
    ALL,
    AZURE,
    FAILED,
    FAILED_ATTRIBUTES,
    JSON,
    REASON,
    REFERENCED,
    SOP_CLASS,
    SOP_INSTANCE,
    STANDARD,
    URL,
    V1,
    V2,
    WARNING,
    address,
    failed,
    file_of,
    items,
    metadata,
    opened,
    post,
    stored,
    value,
)
from tests.stack import Stack
from tests.synthetic import encode, instance, multipart, new_uid

DICOM: Final = {"Content-Type": "application/dicom"}


@pytest.fixture
def client(stack: Stack) -> Iterator[httpx.Client]:
    with opened(stack) as connection:
        yield connection


@pytest.mark.parametrize("version", ALL)
def test_a_file_is_stored_and_its_address_keeps_the_version(
    client: httpx.Client, version: str
) -> None:
    dataset = instance()

    answer = client.post(f"{version}/studies", content=encode(dataset), headers=DICOM)

    assert answer.headers["content-type"] == JSON
    item = stored(answer)
    base = str(client.base_url).rstrip("/")
    assert value(item, URL) == f"{base}{address(dataset, version)}"
    assert value(item, SOP_CLASS) == dataset.SOPClassUID
    assert value(item, SOP_INSTANCE) == dataset.SOPInstanceUID
    assert WARNING not in item
    assert URL not in answer.json()
    assert file_of(client, dataset, version) == encode(dataset)


@pytest.mark.parametrize("version", ALL)
def test_failed_attributes_are_listed_but_by_version_1(
    client: httpx.Client, version: str
) -> None:
    item = stored(post(client, version, instance()))
    if version == V1:
        assert FAILED_ATTRIBUTES not in item
    else:
        assert item[FAILED_ATTRIBUTES] == {"vr": "SQ"}


@pytest.mark.parametrize("version", ALL)
def test_files_of_the_study_named_are_stored_with_its_address(
    client: httpx.Client, version: str
) -> None:
    first = instance()
    second = instance(StudyInstanceUID=first.StudyInstanceUID)
    answer = post(client, version, first, second, study=first.StudyInstanceUID)
    assert answer.status_code == 200
    assert len(items(answer, REFERENCED)) == 2
    study = value(answer.json(), URL)
    assert study.endswith(address(first, version, "study"))


@pytest.mark.parametrize(("version", "reason"), [("", 43265), (V1, 43264), (V2, 43264)])
def test_a_file_of_another_study_than_the_address_fails(
    client: httpx.Client, version: str, reason: int
) -> None:
    right, wrong = instance(), instance()
    answer = post(client, version, right, wrong, study=right.StudyInstanceUID)
    assert answer.status_code == 202
    (item,) = items(answer, FAILED)
    assert value(item, REASON) == reason
    assert value(item, SOP_INSTANCE) == wrong.SOPInstanceUID
    assert value(items(answer, REFERENCED)[0], SOP_INSTANCE) == right.SOPInstanceUID
    assert client.get(f"{address(wrong, version)}/metadata").status_code == 404
    assert client.get(f"{address(right, version)}/metadata").status_code == 200


@pytest.mark.parametrize("version", ALL)
def test_a_file_that_is_held_fails_and_stays_as_it_is(
    client: httpx.Client, version: str
) -> None:
    dataset = instance()
    content = encode(dataset)
    stored(post(client, version, content))
    dataset.PatientName = "Other^Name"
    assert value(failed(post(client, version, dataset)), REASON) == 45070
    assert file_of(client, dataset, version) == content


@pytest.mark.parametrize("version", ALL)
def test_a_file_twice_in_one_request_is_stored_once(
    client: httpx.Client, version: str
) -> None:
    dataset = instance()
    answer = post(client, version, dataset, dataset)
    assert answer.status_code == 202
    assert len(items(answer, REFERENCED)) == 1
    assert [value(item, REASON) for item in items(answer, FAILED)] == [45070]
    rows = client.get(f"{version}/studies/{dataset.StudyInstanceUID}/instances")
    assert len(rows.json()) == 1


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("body", [b"--x--\r\n", b"--x\r\n\r\n--x--\r\n", b""])
def test_no_parts_are_no_content(
    client: httpx.Client, version: str, body: bytes
) -> None:
    """The second form is .NET's `MultipartContent` without parts."""
    headers = {"Content-Type": "multipart/related; boundary=x"}
    answer = client.post(f"{version}/studies", content=body, headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(("version", "reason"), [("", 49152), (V1, 43264), (V2, 43264)])
@pytest.mark.parametrize("content", [b"", b"no DICOM at all"])
def test_what_is_no_dicom_fails_without_uids(
    client: httpx.Client, version: str, reason: int, content: bytes
) -> None:
    item = failed(post(client, version, content))
    assert value(item, REASON) == reason
    assert not {SOP_CLASS, SOP_INSTANCE} & item.keys()


@pytest.mark.parametrize(("version", "reason"), [("", 49442), (V2, 43264)])
def test_an_unknown_transfer_syntax_fails_with_its_reason(
    client: httpx.Client, version: str, reason: int
) -> None:
    content = encode(instance()).replace(
        b"1.2.840.10008.1.2.1\0", b"1.2.840.99999.9.9.9\0"
    )
    at = content.index(b"\x08\0\x05\0")  # and what follows is not even elements
    item = failed(
        post(client, version, content[:at] + b"\x08\0\x05\0CS" + b"\xff" * 40)
    )
    assert value(item, REASON) == reason


@pytest.mark.parametrize("version", AZURE)
def test_a_part_without_type_takes_that_of_the_request(
    client: httpx.Client, version: str
) -> None:
    body, headers = multipart(encode(instance()), part_type=None)
    answer = client.post(f"{version}/studies", content=body, headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize("version", AZURE)
def test_a_part_of_another_type_stores_nothing_of_the_request(
    client: httpx.Client, version: str
) -> None:
    dataset = instance()
    body, headers = multipart(encode(dataset), b"text")
    at = body.rindex(b"application/dicom")
    body = body[:at] + body[at:].replace(b"application/dicom", b"text/plain", 1)
    answer = client.post(f"{version}/studies", content=body, headers=headers)
    assert answer.status_code == 415
    assert client.get(f"{address(dataset, version)}/metadata").status_code == 404


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        ({"Content-Type": "application/json"}, "/studies", 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, "/studies", 415),
        ({"Content-Type": "multipart/related"}, "/studies", 415),
        ({}, "/studies", 415),
        ({**DICOM, "Content-Encoding": "gzip"}, "/studies", 415),
        ({**DICOM, "Accept": "application/dicom"}, "/studies", 406),
        ({**DICOM, "Accept": "application/data"}, "/studies", 406),
        (DICOM, "/studies/abc!", 400),
        (DICOM, "/studies/" + "1" * 65, 400),
        ({**DICOM, "Authorization": "Bearer wrong"}, "/studies", 401),
    ],
)
def test_what_cannot_be_a_store_is_refused(
    client: httpx.Client, version: str, headers: dict[str, str], path: str, status: int
) -> None:
    body = encode(instance())
    for send in (client.post, client.put):
        answer = send(f"{version}{path}", content=body, headers=headers)
        assert answer.status_code == status


@pytest.mark.parametrize(("version", "status"), [(STANDARD, 200), (V1, 400), (V2, 400)])
def test_a_root_part_may_be_named_by_the_standard_only(
    client: httpx.Client, version: str, status: int
) -> None:
    body, headers = multipart(encode(instance()))
    headers["Content-Type"] += '; start="<first>"'
    answer = client.post(f"{version}/studies", content=body, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize("version", ALL)
def test_put_replaces_what_is_held(client: httpx.Client, version: str) -> None:
    dataset = instance()
    stored(post(client, version, dataset))
    dataset.PatientName = "New^Name"
    body, headers = multipart(encode(dataset))
    path = address(dataset, version, "study")
    item = stored(client.put(path, content=body, headers=headers))
    assert WARNING not in item
    name = metadata(client, dataset, version)["00100010"]["Value"]
    assert name == [{"Alphabetic": "New^Name"}]
    assert len(client.get(f"{path}/instances").json()) == 1


@pytest.mark.parametrize("version", ALL)
def test_a_large_file_comes_back_byte_for_byte(
    client: httpx.Client, version: str
) -> None:
    dataset = instance(Rows=5000, Columns=6000, PixelData=bytes(range(240)) * 250_000)
    content = encode(dataset)
    assert len(content) > 60_000_000
    stored(post(client, version, content))
    assert file_of(client, dataset, version) == content


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize(
    ("magic", "kept"), [(b"II*\0", True), (b"MZ", False), (b"#!", False)]
)
def test_a_preamble_is_kept_unless_it_runs(
    client: httpx.Client, version: str, magic: bytes, kept: bool
) -> None:
    dataset = instance()
    content = encode(dataset, preamble=magic.ljust(128, b"x"))
    answer = post(client, version, content)
    stored(answer)
    assert ("warning" in answer.headers) is not kept
    preamble = content[:128] if kept else bytes(128)
    assert file_of(client, dataset, version) == preamble + content[128:]


@pytest.mark.parametrize("version", ALL)
def test_a_store_creates_the_partition_that_it_names(
    client: httpx.Client, version: str
) -> None:
    dataset = instance()
    partition = f"azure-{new_uid()[-20:]}"
    prefix = f"{version}/partitions/{partition}"
    item = stored(post(client, prefix, dataset))
    assert value(item, URL).endswith(address(dataset, prefix))
    assert client.get(value(item, URL) + "/metadata").status_code == 200
    assert client.get(f"{address(dataset, version)}/metadata").status_code == 404


@pytest.mark.parametrize("version", AZURE)
def test_a_python_client_stores_below_either_version(
    stack: Stack, version: str
) -> None:
    partition = f"{stack.base_url}/dicomweb{version}/partitions/py-{new_uid()[-20:]}"
    token = {"Authorization": f"Bearer {stack.token}"}
    client = DICOMwebClient(partition, headers=token)
    sent = [instance(), instance()]
    answer = client.store_instances([dcmread(BytesIO(encode(each))) for each in sent])
    assert "FailedSOPSequence" not in answer
    uids = [item.ReferencedSOPInstanceUID for item in answer.ReferencedSOPSequence]
    assert uids == [each.SOPInstanceUID for each in sent]
    assert all(
        item.RetrieveURL.startswith(partition) for item in answer.ReferencedSOPSequence
    )
    with pytest.raises(Exception, match="409"):
        client.store_instances([dcmread(BytesIO(encode(sent[0])))])
