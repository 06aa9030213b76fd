"""What the values of attributes decide in a store, by Azure's versions and by ours."""

from collections.abc import Iterator
from struct import pack

import httpx
import pytest
from pydicom.uid import ImplicitVRLittleEndian

from tests.conformance.stow import (
    ALL,
    REASON,
    SOP_INSTANCE,
    STANDARD,
    V1,
    V2,
    WARNING,
    comments,
    failed,
    file_of,
    found,
    metadata,
    opened,
    post,
    stored,
    value,
)
from tests.stack import Stack
from tests.synthetic import encode, instance, new_uid


@pytest.fixture
def client(stack: Stack) -> Iterator[httpx.Client]:
    with opened(stack) as connection:
        yield connection


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize(
    ("keyword", "named"),
    [("StudyInstanceUID", "(0020,000d)"), ("SOPInstanceUID", "(0008,0018)")],
)
def test_a_uid_that_is_none_fails_and_is_given_back(
    client: httpx.Client, version: str, keyword: str, named: str
) -> None:
    dataset = instance()
    uid = getattr(dataset, keyword)
    bad = "abc.123".ljust(len(uid), "4")
    before, separator, after = encode(dataset).rpartition(uid.encode())
    assert separator
    item = failed(post(client, version, before + bad.encode() + after))
    assert value(item, REASON) == 43264
    assert comments(item)[0].startswith(f"DICOM100: {named}")
    echoed = bad if keyword == "SOPInstanceUID" else dataset.SOPInstanceUID
    assert value(item, SOP_INSTANCE) == echoed


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize(
    ("keyword", "named"),
    [
        ("SOPClassUID", "(0008,0016)"),
        ("SOPInstanceUID", "(0008,0018)"),
        ("StudyInstanceUID", "(0020,000d)"),
        ("SeriesInstanceUID", "(0020,000e)"),
        ("PatientID", "(0010,0020)"),
    ],
)
def test_what_every_instance_needs_is_named_where_it_is_missing(
    client: httpx.Client, version: str, keyword: str, named: str
) -> None:
    item = failed(post(client, version, instance(**{keyword: None})))
    assert value(item, REASON) == 43264
    assert named in comments(item)[0]


@pytest.mark.parametrize("version", [STANDARD, V2])
def test_a_bad_date_is_a_warning_and_stays_in_the_file_only(
    client: httpx.Client, version: str
) -> None:
    dataset = instance(StudyDate="20191224")
    content = encode(dataset).replace(b"20191224", b"NotADate")
    item = stored(post(client, version, content), 202)
    assert value(item, WARNING) == 1
    assert comments(item)[0].startswith("DICOM100: (0008,0020)")
    assert file_of(client, dataset, version) == content
    assert "00080020" not in metadata(client, dataset, version)
    study = dataset.StudyInstanceUID
    (row,) = found(client, version, StudyInstanceUID=study)
    assert "Value" not in row.get("00080020", {})
    dates = "19000101-21001231"
    assert found(client, version, StudyInstanceUID=study, StudyDate=dates) == []


@pytest.mark.parametrize(
    ("keyword", "good", "bad", "named"),
    [
        ("StudyDate", "20191224", b"NotADate", "(0008,0020)"),
        ("PatientBirthDate", "19011224", b"19011324", "(0010,0030)"),
        ("AccessionNumber", "A" * 16, b"A" * 15 + b"\0", None),
        ("Modality", "XXYY", b"X\0YY", "(0008,0060)"),
        ("StudyDescription", "Tho-rax", b"Tho\x07rax", "(0008,1030)"),
        ("PatientName", "A^B^C^D^E-F", b"A^B^C^D^E^F", "(0010,0010)"),
    ],
)
def test_version_1_refuses_bad_values_of_what_it_searches(
    client: httpx.Client, keyword: str, good: str, bad: bytes, named: str | None
) -> None:
    """NULs at the end of a value pad it, and are not at fault."""
    dataset = instance(**{keyword: good})
    content = encode(dataset).replace(good.encode(), bad)
    answer = post(client, V1, content)
    if named is None:
        assert WARNING not in stored(answer)
        return
    item = failed(answer)
    assert value(item, REASON) == 43264
    assert [text[:22] for text in comments(item)] == [f"DICOM100: {named} "]
    assert value(stored(post(client, V2, content), 202), WARNING) == 1


def test_version_1_keeps_bad_values_of_what_nobody_searches(
    client: httpx.Client,
) -> None:
    first, second = instance(ContentDate="20191224"), instance(ContentDate="20191224")
    bad = [encode(each).replace(b"20191224", b"NotADate") for each in (first, second)]
    item = stored(post(client, V1, bad[0]))
    assert WARNING not in item
    assert metadata(client, first, V1)["00080023"]["Value"] == ["NotADate"]
    stored(post(client, V2, bad[1]), 202)
    assert "00080023" not in metadata(client, second, V2)


@pytest.mark.parametrize("length", [80, 100_000])
def test_version_1_indexes_no_bad_value_of_what_only_we_search(
    client: httpx.Client, length: int
) -> None:
    """No index of the database has room for a StudyID of any length."""
    dataset = instance(StudyID="StudyIDs", IssuerOfPatientID="Issuers!")
    content = encode(dataset, ImplicitVRLittleEndian)
    for tag, text in ((b"\x20\0\x10\0", b"StudyIDs"), (b"\x10\0\x21\0", b"Issuers!")):
        long = text * (length // len(text))
        element = tag + pack("<I", len(text)) + text
        assert element in content
        content = content.replace(element, tag + pack("<I", len(long)) + long)
    stored(post(client, V1, content))
    assert not {"00200010", "00100021"} & metadata(client, dataset, V1).keys()
    assert file_of(client, dataset, V1) == content


@pytest.mark.parametrize("version", [STANDARD, V2])
def test_a_nul_inside_a_code_is_a_warning(client: httpx.Client, version: str) -> None:
    dataset = instance(Modality="XXY ")
    content = encode(dataset).replace(b"XXY ", b"X\0Y ")
    item = stored(post(client, version, content), 202)
    assert value(item, WARNING) == 1
    assert comments(item)[0].startswith("DICOM100: (0008,0060)")


@pytest.mark.parametrize("version", ALL)
def test_nuls_at_the_end_of_a_value_are_padding(
    client: httpx.Client, version: str
) -> None:
    name = f"Thorax{new_uid()[-20:]}"
    dataset = instance(StudyDescription=f"{name}@@@@")
    content = encode(dataset).replace(b"@@@@", bytes(4))
    assert WARNING not in stored(post(client, version, content))
    assert len(found(client, version, StudyDescription=name)) == 1
    assert file_of(client, dataset, version) == content


@pytest.mark.parametrize("version", ALL)
def test_a_padded_uid_is_the_same_uid(client: httpx.Client, version: str) -> None:
    dataset = instance()
    uid = dataset.SOPInstanceUID
    if len(uid) % 2 == 0:
        uid = dataset.SOPInstanceUID = uid[:-1]
    content = encode(dataset)
    assert content.count(uid.encode() + b"\0") == 2
    padded = content.replace(uid.encode() + b"\0", uid.encode() + b" ")
    stored(post(client, version, content))
    assert value(failed(post(client, version, padded)), REASON) == 45070


@pytest.mark.parametrize("version", [STANDARD, V2])
def test_an_empty_patient_id_is_stored_and_hides_no_other(
    client: httpx.Client, version: str
) -> None:
    study = new_uid()

    def store(patient_id: str) -> str:
        dataset = instance(StudyInstanceUID=study, PatientID=patient_id)
        answer = post(client, version, dataset)
        assert answer.status_code == (200 if patient_id else 202)
        (row,) = found(client, version, StudyInstanceUID=study)
        return "".join(row["00100020"].get("Value", []))

    assert [store(patient_id) for patient_id in ("", "123", "")] == ["", "123", "123"]


def test_version_1_needs_a_value_of_patient_id(client: httpx.Client) -> None:
    item = failed(post(client, V1, instance(PatientID="")))
    assert value(item, REASON) == 43264
    assert "(0010,0020)" in comments(item)[0]


@pytest.mark.parametrize(("version", "status"), [("", 202), (V1, 200), (V2, 202)])
def test_implicit_vr_is_a_warning(
    client: httpx.Client, version: str, status: int
) -> None:
    dataset = instance()
    content = encode(dataset, ImplicitVRLittleEndian)
    item = stored(post(client, version, content), status)
    assert value(item, WARNING) == 45063
    assert file_of(client, dataset, version) == content
    assert b"private text" in content
    unknown = metadata(client, dataset, version).get("00111001", {})
    assert not {"Value", "InlineBinary"} & unknown.keys()


@pytest.mark.parametrize("version", ALL)
def test_two_values_where_one_is_expected_are_told_in_a_header(
    client: httpx.Client, version: str
) -> None:
    first = f"A{new_uid()[-20:]}"
    dataset = instance()
    dataset.StudyDescription = [first, "Second"]
    answer = post(client, version, dataset)
    stored(answer)
    host = client.base_url.netloc.decode()
    assert answer.headers["warning"].startswith(f'299 {host}: "')
    assert "(0008,1030)" in answer.headers["warning"]
    assert len(found(client, version, StudyDescription=first)) == 1
