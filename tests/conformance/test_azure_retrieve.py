"""WADO-RS in Azure's dialects, and where the standard's answers otherwise.

Most of what is compressed here is so by name only, and cannot be decoded.
"""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    JPEG2000,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from tests.imaging.dicomweb.service import HOST, ROOT, Service, file_of, parts_of
from tests.imaging.pixels.reading import frames_of, same
from tests.synthetic import UNCOMPRESSED, encode, instance, new_uid

pytestmark = pytest.mark.usefixtures("committing")
ELE: Final = str(ExplicitVRLittleEndian)
FILES: Final = 'multipart/related; type="application/dicom"'
OCTETS: Final = 'multipart/related; type="application/octet-stream"'
JP2: Final = 'multipart/related; type="image/jp2"'
JSON: Final = "application/dicom+json"
BULK_VRS: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
SHARED: Final = Path(__file__).parents[3] / "shared" / "data" / "dicom"
CODESTREAM: Final = b"\xff\x4f\xff\x51codestream\xff\xd9"
COMPRESSED: Final = (
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEG2000Lossless,
    JPEG2000,
    RLELossless,
)


@dataclass
class Azure(Service):
    """A partition below an address with a version."""

    version: str = "v2"

    @property
    def base_url(self) -> str:
        """Return the absolute address of the partition."""
        version = f"/{self.version}" if self.version else ""
        return f"{HOST}{ROOT}{version}/partitions/{self.name}"


@pytest.fixture(params=["v1", "v2"])
def azure(request: pytest.FixtureRequest) -> Azure:
    return Azure(version=request.param)


@pytest.fixture
def standard() -> Azure:
    return Azure(version="")


def compressed(syntax: str, **attributes: Any) -> tuple[Dataset, bytes]:
    dataset = instance(PixelData=encapsulate([CODESTREAM]), **attributes)
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    return dataset, encode(dataset, syntax)


def multiframe(frames: int = 10) -> Dataset:
    values = np.arange(frames * 24, dtype="<u2")
    return instance(NumberOfFrames=frames, PixelData=values.tobytes())


def frame(number: int) -> bytes:
    return np.arange((number - 1) * 24, number * 24, dtype="<u2").tobytes()


def test_an_instance_names_the_transfer_syntax_that_it_has(azure: Azure) -> None:
    dataset = instance()
    azure.store(dataset)
    answer = azure.get(azure.url(dataset), "application/dicom; transfer-syntax=*")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"application/dicom; transfer-syntax={ELE}"
    assert answer.content == encode(dataset)
    assert answer.headers["api-supported-versions"] == "1, 2"


def test_a_refusal_tells_the_supported_versions_too(azure: Azure) -> None:
    dataset = instance()
    azure.store(dataset)
    for path, status in (("", 406), ("/nothing", 404)):
        answer = azure.get(azure.url(dataset) + path, "image/x-none")
        assert answer.status_code == status
        assert answer.headers["api-supported-versions"] == "1, 2"


def test_the_default_of_an_instance_is_explicit_little_endian(azure: Azure) -> None:
    for syntax in UNCOMPRESSED:
        dataset = instance()
        azure.store(file_of(dataset, syntax))
        single = azure.get(azure.url(dataset), "application/dicom")
        assert single.headers["content-type"].endswith(f"={ELE}")
        ((headers, content),) = parts_of(azure.get(azure.url(dataset), FILES))
        assert headers["content-type"] == f"application/dicom; transfer-syntax={ELE}"
        assert content == single.content


@pytest.mark.parametrize("accept", ["application/dicom", FILES])
def test_the_default_never_is_another_transfer_syntax(
    azure: Azure, standard: Azure, accept: str
) -> None:
    """Ours is as stored where decoding is needed; Azure's decodes, or refuses."""
    dataset, content = compressed(JPEG2000Lossless)
    for service, status in ((azure, 406), (standard, 200)):
        service.store(content)
        assert service.get(service.url(dataset), accept).status_code == status


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        (f"{FILES}; transfer-syntax={JPEG2000Lossless}", 200),
        (f"application/dicom; transfer-syntax={JPEG2000Lossless}", 200),
        (f"{FILES}; transfer-syntax={ELE}", 406),
        (f"{FILES}; transfer-syntax={ELE}, {FILES}; transfer-syntax=*;q=0.1", 200),
    ],
)
def test_jpeg_2000_comes_as_such_to_who_names_it(
    azure: Azure, accept: str, status: int
) -> None:
    dataset, content = compressed(JPEG2000Lossless)
    azure.store(content)
    assert azure.get(azure.url(dataset), accept).status_code == status


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "",
        "application/dicom; transfer-syntax=1.2.840.10008.1.2.4.100",
        f"{FILES}; transfer-syntax=1.2.840.10008.1.2.4.80",
        f"{FILES}; transfer-syntax=1.2.840.10008.1.2",
        "application/octet-stream",
        "multipart/related",
        "multipart/*",
        "application/*",
        "nonsense",
        JSON,
    ],
)
def test_what_azure_does_not_know_is_refused(azure: Azure, accept: str | None) -> None:
    dataset = instance()
    azure.store(encode(dataset, ImplicitVRLittleEndian))
    assert azure.get(azure.url(dataset), accept).status_code == 406


@pytest.mark.parametrize(
    "accept",
    [
        None,
        f"{FILES}; transfer-syntax=1.2.840.10008.1.2",
        "multipart/related",
        "multipart/*",
        "application/*",
        "nonsense, application/dicom; transfer-syntax=*",
    ],
)
def test_what_the_standard_takes_beyond(standard: Azure, accept: str | None) -> None:
    dataset = instance()
    standard.store(encode(dataset, ImplicitVRLittleEndian))
    assert standard.get(standard.url(dataset), accept).status_code == 200


@pytest.mark.parametrize(
    "accept",
    [
        "multipart/related; type=application/dicom; transfer-syntax=*",
        "application/dicom; transfer-syntax=*, nonsense",
    ],
)
def test_files_are_not_negotiated_by_the_letter(azure: Azure, accept: str) -> None:
    dataset, content = compressed(JPEGLSLossless)
    azure.store(content)
    assert azure.get(azure.url(dataset), accept).status_code == 200


@pytest.mark.parametrize("accept", ["*/*", 'multipart/related; type="*/*"'])
@pytest.mark.parametrize("level", ["study", "series", "instance"])
def test_anything_is_multipart_as_stored(
    azure: Azure, standard: Azure, level: str, accept: str
) -> None:
    dataset, content = compressed(JPEGLSLossless)
    for service in (azure, standard):
        service.store(content)
        answer = service.get(service.url(dataset, level), accept)
        ((headers, part),) = parts_of(answer)
        assert part == content
        assert headers["content-type"] == (
            f"application/dicom; transfer-syntax={JPEGLSLossless}"
        )


def test_a_study_of_all_syntaxes_comes_as_stored(azure: Azure, standard: Azure) -> None:
    uids = {"StudyInstanceUID": new_uid(), "SeriesInstanceUID": new_uid()}
    contents = [
        *(file_of(instance(**uids), syntax) for syntax in UNCOMPRESSED),
        *(compressed(syntax, **uids)[1] for syntax in COMPRESSED),
    ]
    syntaxes = [str(syntax) for syntax in (*UNCOMPRESSED, *COMPRESSED)]
    assert len(contents) == 11
    for service in (azure, standard):
        service.store(*contents)
        url = f"{service.base_url}/studies/{uids['StudyInstanceUID']}"
        parts = parts_of(service.get(url, f"{FILES}; transfer-syntax=*"))
        assert [content for _, content in parts] == contents
        assert [head["content-type"].split("syntax=")[1] for head, _ in parts] == (
            syntaxes
        )


@pytest.mark.parametrize("accept", [FILES, f"{FILES}; transfer-syntax={ELE}"])
def test_several_instances_come_as_stored_only(
    azure: Azure, standard: Azure, accept: str
) -> None:
    """The largest of the complaints about Azure's service; here for its clients."""
    first = instance()
    second = instance(
        StudyInstanceUID=first.StudyInstanceUID,
        SeriesInstanceUID=first.SeriesInstanceUID,
    )
    for service, statuses in ((azure, [200, 406]), (standard, [200, 200])):
        url = service.url(first, "series")
        found = []
        for dataset in (first, second):
            service.store(dataset)
            found.append(service.get(url, accept).status_code)
        assert found == statuses
        either = service.get(url, f"{accept}, {FILES}; transfer-syntax=*")
        assert len(parts_of(either)) == 2


@pytest.mark.parametrize("level", ["study", "series"])
def test_one_part_does_not_hold_a_study(azure: Azure, level: str) -> None:
    dataset = instance()
    azure.store(dataset)
    for syntax in ("", "; transfer-syntax=*"):
        accept = f"application/dicom{syntax}"
        assert azure.get(azure.url(dataset, level), accept).status_code == 406


@pytest.mark.parametrize("path", ["", "/metadata"])
def test_unknown_is_404_and_malformed_400(azure: Azure, path: str) -> None:
    dataset, other = instance(), instance()
    azure.store(dataset)
    accept = JSON if path else "*/*"
    for level in ("study", "series", "instance"):
        url = azure.url(other, level, path)
        assert azure.get(url, accept).status_code == 404
        url = azure.url(dataset, level).removesuffix("1") + "x" + path
        assert azure.get(url, accept).status_code == 400


def test_an_instance_without_pixels_has_no_frames(azure: Azure) -> None:
    dataset = instance(PixelData=None)
    azure.store(dataset)
    whole = azure.get(azure.url(dataset), f"{FILES}; transfer-syntax=*")
    assert parts_of(whole)[0][1] == encode(dataset)
    assert azure.get(azure.url(dataset), "application/dicom").status_code == 200
    assert azure.get(azure.url(dataset, path="/metadata"), JSON).status_code == 200
    frames = azure.url(dataset, path="/frames/1")
    assert azure.get(frames, f"{OCTETS}; transfer-syntax=*").status_code == 404


@pytest.mark.parametrize(
    "accept",
    [OCTETS, f"{OCTETS}; transfer-syntax=*", "*/*", f"{JP2};q=0.1, {OCTETS};q=0.2"],
)
def test_frames_come_in_the_order_of_the_list(azure: Azure, accept: str) -> None:
    dataset = multiframe()
    azure.store(dataset)
    answer = azure.get(azure.url(dataset, path="/frames/3,1"), accept)
    parts = parts_of(answer)
    assert [content for _, content in parts] == [frame(3), frame(1)]
    octets = f"application/octet-stream; transfer-syntax={ELE}"
    assert {head["content-type"] for head, _ in parts} == {octets}


@pytest.mark.parametrize(
    ("frames", "accept", "status"),
    [
        ("0", OCTETS, 400),
        ("-1", OCTETS, 400),
        ("0,1", OCTETS, 400),
        ("one", OCTETS, 400),
        ("11", OCTETS, 404),
        ("1,11", OCTETS, 404),
        ("1,2", "application/octet-stream", 400),
        ("1,2", "application/octet-stream; transfer-syntax=*", 400),
        ("1", None, 406),
        ("1", 'multipart/related; type="image/jls"', 406),
        ("1", "image/jp2", 406),
        ("1", "multipart/related", 406),
        ("1", f"{OCTETS}; transfer-syntax=1.2.840.10008.1.2.4.90", 406),
        ("1", "nonsense", 406),
    ],
)
def test_frames_that_are_refused(
    azure: Azure, frames: str, accept: str | None, status: int
) -> None:
    dataset = multiframe()
    azure.store(dataset)
    url = azure.url(dataset, path=f"/frames/{frames}")
    assert azure.get(url, accept).status_code == status


@pytest.mark.parametrize("syntax", [None, "*", ELE])
def test_one_frame_comes_as_a_single_part(azure: Azure, syntax: str | None) -> None:
    dataset = multiframe()
    azure.store(dataset)
    url = azure.url(dataset, path="/frames/2")
    wanted = f"; transfer-syntax={syntax}" if syntax else ""
    answer = azure.get(url, f"application/octet-stream{wanted}")
    assert answer.content == frame(2)


@pytest.mark.parametrize(
    ("syntax", "accept", "media_type"),
    [
        (JPEG2000Lossless, "*/*", "application/octet-stream"),
        (JPEG2000Lossless, f"{OCTETS}; transfer-syntax=*", "application/octet-stream"),
        (JPEG2000Lossless, JP2, "image/jp2"),
        (JPEG2000Lossless, f"{JP2}; transfer-syntax={JPEG2000Lossless}", "image/jp2"),
        (JPEG2000Lossless, OCTETS, None),
        (JPEG2000, JP2, None),
        (JPEG2000, "*/*", "application/octet-stream"),
        (RLELossless, 'multipart/related; type="image/dicom-rle"', None),
    ],
)
def test_compressed_frames_come_as_stored_to_who_asks_for_that(
    azure: Azure, syntax: str, accept: str, media_type: str | None
) -> None:
    dataset, content = compressed(syntax)
    azure.store(content)
    answer = azure.get(azure.url(dataset, path="/frames/1"), accept)
    if media_type is None:
        assert answer.status_code == 406
        return
    ((headers, octets),) = parts_of(answer)
    assert octets.rstrip(b"\0") == CODESTREAM
    assert headers["content-type"] == f"{media_type}; transfer-syntax={syntax}"


def test_jpeg_2000_is_made_of_other_frames(azure: Azure) -> None:
    dataset = multiframe()
    azure.store(dataset)
    answer = azure.get(azure.url(dataset, path="/frames/3,1"), JP2)
    parts = parts_of(answer)
    wanted = f"image/jp2; transfer-syntax={JPEG2000Lossless}"
    assert [head["content-type"] for head, _ in parts] == [wanted, wanted]
    found = [np.asarray(imagecodecs.jpeg2k_decode(part)) for _, part in parts]
    assert [each.astype("<u2").tobytes() for each in found] == [frame(3), frame(1)]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("dec_FromJPEG2000Lossless", ELE),
        ("dec_FromJPEGProcess14SV1", ELE),
        ("dec_FromJPEGProcess14", ELE),
        ("dec_FromRLELossless", ELE),
        ("dec_FromRLELossless", str(JPEG2000Lossless)),
    ],
)
def test_azures_own_files_are_decoded_and_encoded_exactly(
    azure: Azure, given: str, wanted: str
) -> None:
    content, expected = (
        SHARED / "dicom-server" / f"{given}_{end}.dcm" for end in ("in", "out")
    )
    if not content.is_file():
        pytest.skip("the shared sample files are not here")
    azure.store(content.read_bytes())
    dataset = pydicom.dcmread(content)
    accept = f"application/dicom; transfer-syntax={wanted}"
    answer = azure.get(azure.url(dataset), accept)
    assert answer.headers["content-type"] == accept
    found = frames_of(answer.content).decoded()
    assert same(found, frames_of(expected.read_bytes()).decoded())


def test_the_default_decodes(azure: Azure) -> None:
    content = get_testdata_file("MR_small_RLE.dcm", read=False)
    dataset = pydicom.dcmread(str(content))
    azure.store(Path(str(content)).read_bytes())
    for accept in ("application/dicom", f"application/dicom; transfer-syntax={ELE}"):
        answer = azure.get(azure.url(dataset), accept)
        decoded = pydicom.dcmread(BytesIO(answer.content))
        assert decoded.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
        assert np.array_equal(decoded.pixel_array, dataset.pixel_array)
    frame_one = azure.get(azure.url(dataset, path="/frames/1"), OCTETS)
    ((_, octets),) = parts_of(frame_one)
    assert octets == dataset.pixel_array.astype("<i2").tobytes()


@pytest.mark.parametrize("level", ["study", "series", "instance"])
def test_metadata_has_addresses_where_azure_leaves_values_out(
    azure: Azure, level: str
) -> None:
    inner = Dataset()
    inner.add_new(0x00282000, "OB", b"a colour profile")
    dataset = instance(OpticalPathSequence=[inner])
    azure.store(dataset)
    models = azure.get(azure.url(dataset, level, "/metadata"), JSON).json()
    assert len(models) == 1
    found = list(bulk(models[0]))
    assert {element["vr"] for element in found} == {"OB", "OW"}
    assert len(found) == 3
    for element in found:
        assert set(element) == {"vr", "BulkDataURI"}
        uri = element["BulkDataURI"]
        assert uri.startswith(f"{azure.url(dataset)}/bulkdata/")
        answer = azure.get(uri, "application/octet-stream")
        assert (answer.status_code, bool(answer.content)) == (200, True)


def bulk(model: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the elements of binary values, at every depth."""
    found = [element for element in model.values() if element["vr"] in BULK_VRS]
    for element in model.values():
        if element["vr"] == "SQ":
            found += [each for item in element["Value"] for each in bulk(item)]
    return found


@pytest.mark.parametrize("accept", [None, "application/json", f"{JSON}, nonsense"])
def test_metadata_is_refused_to_who_does_not_take_it(
    azure: Azure, standard: Azure, accept: str | None
) -> None:
    dataset = instance()
    for service, status in ((azure, 406), (standard, 200)):
        service.store(dataset)
        url = service.url(dataset, path="/metadata")
        assert service.get(url, accept).status_code == status


def test_bulk_data_comes_to_who_does_not_say_what_it_takes(azure: Azure) -> None:
    dataset = instance()
    azure.store(dataset)
    answer = azure.get(azure.url(dataset, path="/bulkdata/00111002"))
    assert answer.content == b"private bytes!"


@pytest.mark.parametrize("level", ["study", "series", "instance"])
def test_metadata_that_the_client_has_is_not_sent_again(
    azure: Azure, level: str
) -> None:
    """Quoted as RFC 9110 wants it, and understood as Azure's clients send it back."""
    dataset = instance()
    azure.store(dataset)
    url = azure.url(dataset, level, "/metadata")
    tag = azure.get(url, JSON).headers["etag"]
    assert tag.startswith('"')
    for held in (tag, tag.strip('"')):
        again = azure.get(url, JSON, if_none_match=held)
        assert (again.status_code, again.content) == (304, b"")
    azure.store(instance(**_uids(dataset), PatientName="New^Name"), replace=True)
    changed = azure.get(url, JSON, if_none_match=tag)
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


@pytest.mark.parametrize("value", ["true", "false"])
@pytest.mark.parametrize("path", ["", "/metadata"])
def test_the_original_version_is_the_only_one(
    azure: Azure, path: str, value: str
) -> None:
    dataset = instance()
    azure.store(dataset)
    accept = JSON if path else "application/dicom"
    url = azure.url(dataset, path=path)
    asked = azure.get(url, accept, msdicom_request_original=value)
    assert asked.status_code == 200
    assert asked.content == azure.get(url, accept).content


@pytest.mark.parametrize("path", ["", "/frames/1"])
def test_the_accept_parameter_is_the_standards(
    azure: Azure, standard: Azure, path: str
) -> None:
    """It goes before the header there (DICOM PS3.18 8.3.3.1)."""
    dataset = instance()
    wanted = "application/octet-stream" if path else "application/dicom"
    for service, status in ((azure, 406), (standard, 200)):
        service.store(dataset)
        url = f"{service.url(dataset, path=path)}?accept={wanted}"
        assert service.get(url, "text/html").status_code == status


def _uids(dataset: Dataset) -> dict[str, str]:
    names = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
    return {name: dataset[name].value for name in names}
