"""WADO-RS: rendered instances and frames (DICOM PS3.18 8.3.5, 10.4.1.1.3, 4)."""

from dataclasses import replace
from io import BytesIO
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PIL.GifImagePlugin import GifImageFile
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    EncapsulatedPDFStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    JPEG2000Lossless,
    RLELossless,
)

from core.access import Verb
from core.models import AuditRecord
from imaging.models import InstanceVersion
from imaging.pixels import ImageDescription
from imaging.pixels import encode as encode_frame
from imaging.retrieve import listing
from tests.actors import acting
from tests.imaging.dicomweb.service import Service, file_of, parts_of
from tests.imaging.rendering.oracle import grey, noise, picture_of
from tests.synthetic import UNCOMPRESSED, encode, instance, new_uid

pytestmark = pytest.mark.usefixtures("committing")
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
GIF: Final = "image/gif"


@pytest.fixture
def service() -> Service:
    return Service()


def levels(answer: Any) -> NDArray[np.uint8]:
    """Return the pixels of an answer's picture."""
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(BytesIO(answer.content)))


def multiframe(number: int = 5, **attributes: Any) -> Dataset:
    """Return an instance each frame of which is as bright as its number tells."""
    frames = np.stack([np.full((8, 10), 10 * (n + 1), np.uint8) for n in range(number)])
    return grey(frames, **attributes)


def without_pixels(**attributes: Any) -> Dataset:
    return instance(PixelData=None, Modality="SR", **attributes)


@pytest.mark.parametrize("level", ["study", "series", "instance"])
@pytest.mark.parametrize("accept", [None, "*/*", JPEG, PNG, "image/gif", "image/*"])
def test_a_picture_in_the_type_that_is_accepted(
    service: Service, level: str, accept: str | None
) -> None:
    dataset = grey(noise("uint8"))
    service.store(dataset)
    answer = service.get(service.url(dataset, level, "/rendered"), accept)
    wanted = accept if accept in {PNG, "image/gif"} else JPEG
    assert answer.headers["content-type"] == wanted
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["cache-control"] == "private, no-cache"
    picture = Image.open(BytesIO(answer.content))
    assert Image.MIME[picture.format or ""] == wanted
    assert picture.size == (40, 24)
    if wanted == PNG:
        assert (np.asarray(picture) == picture_of(dataset)).all()


def test_the_query_goes_before_the_header(service: Service) -> None:
    dataset = grey(noise("uint8"))
    service.store(dataset)
    url = service.url(dataset, path=f"/rendered?accept={PNG}")
    octets = 'multipart/related; type="application/octet-stream"'
    assert service.get(url, octets).headers["content-type"] == PNG


@pytest.mark.parametrize("accept", ["image/webp", "application/dicom", "text/html"])
def test_other_types_are_refused_with_those_there_are(
    service: Service, accept: str
) -> None:
    dataset = grey(noise("uint8"))
    service.store(dataset)
    answer = service.get(service.url(dataset, path="/rendered"), accept)
    assert answer.status_code == 406
    assert "Made: image/jpeg, image/png, image/gif" in answer.text
    pdf = service.get(service.url(dataset, path="/rendered"), "application/pdf")
    assert pdf.status_code == 406
    assert "Made: image/jpeg" in pdf.text


@pytest.mark.parametrize("syntax", UNCOMPRESSED)
def test_whatever_is_stored_looks_the_same(service: Service, syntax: str) -> None:
    dataset = instance(WindowCenter="10", WindowWidth="20")
    service.store(file_of(dataset, syntax))
    answer = service.get(service.url(dataset, path="/rendered"), PNG)
    assert (levels(answer) == picture_of(dataset)).all()


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless])
def test_compressed_frames_look_the_same(service: Service, syntax: str) -> None:
    values = np.stack([noise("uint16", 12), noise("uint16", 12)[::-1]])
    dataset = grey(values, BitsStored=12, WindowCenter="900", WindowWidth="1800")
    plain = picture_of(dataset, number=2)
    described = ImageDescription(24, 40, 1, 16, 12, 11, False, "MONOCHROME2")
    dataset.PixelData = encapsulate(
        [encode_frame(frame, syntax, described) for frame in values]
    )
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    service.store(encode(dataset, syntax))
    answer = service.get(service.url(dataset, path="/frames/2/rendered"), PNG)
    assert (levels(answer) == plain).all()


def test_of_an_instance_its_first_frame_and_of_a_list_each(service: Service) -> None:
    dataset = multiframe()
    service.store(dataset)
    assert np.unique(
        levels(service.get(service.url(dataset, path="/rendered"), PNG))
    ).tolist() == [10]
    one = service.get(service.url(dataset, path="/frames/4/rendered"), PNG)
    assert np.unique(levels(one)).tolist() == [40]
    url = service.url(dataset, path="/frames/3,1,3/rendered")
    answer = service.get(url, f'multipart/related; type="{PNG}"')
    parts = parts_of(answer)
    assert [headers for headers, _ in parts] == [
        {
            "content-type": PNG,
            "content-location": service.url(dataset, path=f"/frames/{n}/rendered"),
        }
        for n in (3, 1, 3)
    ]
    found = [np.unique(np.asarray(Image.open(BytesIO(each)))) for _, each in parts]
    assert [each.tolist() for each in found] == [[30], [10], [30]]
    for accept in (JPEG, "image/*"):
        single = service.get(url, accept)
        assert (single.status_code, "multipart" in single.text) == (400, True)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless])
def test_as_gif_all_frames_move(service: Service, syntax: str) -> None:
    dataset = multiframe(5, CineRate="25")
    if syntax == RLELossless:
        compress(dataset)
    service.store(encode(dataset, syntax))
    url = service.url(dataset, path="/rendered")
    moving = Image.open(BytesIO(service.get(url, GIF).content))
    assert isinstance(moving, GifImageFile)
    assert (moving.n_frames, moving.info["duration"]) == (5, 40)
    for number in range(5):
        moving.seek(number)
        assert np.unique(np.asarray(moving.convert("L"))) == [10 * (number + 1)]
    one = service.url(dataset, path="/frames/2/rendered")
    still = Image.open(BytesIO(service.get(one, GIF).content))
    assert isinstance(still, GifImageFile)
    assert still.n_frames == 1
    tags = {service.get(url, each).headers["etag"] for each in (GIF, PNG)}
    assert len(tags) == 2


def compress(dataset: Dataset) -> None:
    """Compress the frames of `multiframe` without loss."""
    described = ImageDescription(8, 10, 1, 8, 8, 7, False, "MONOCHROME2")
    frames = np.frombuffer(dataset.PixelData, np.uint8).reshape(-1, 8, 10)
    dataset.PixelData = encapsulate(
        [encode_frame(frame, RLELossless, described) for frame in frames]
    )
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True


@pytest.mark.parametrize(
    ("frames", "status"),
    [("0", 400), ("-1", 400), ("1,x", 400), ("6", 404), ("1,6", 404), ("5", 200)],
)
def test_frames_that_are_not_there(service: Service, frames: str, status: int) -> None:
    dataset = multiframe()
    service.store(dataset)
    url = service.url(dataset, path=f"/frames/{frames}/rendered")
    assert service.get(url).status_code == status


def test_a_series_is_shown_by_the_instance_in_the_middle(service: Service) -> None:
    study, series = new_uid(), new_uid()
    datasets = [
        grey(
            np.full((4, 4), 40 * number, np.uint8),
            StudyInstanceUID=study,
            SeriesInstanceUID=series,
            SeriesNumber=2,
            InstanceNumber=number,
        )
        for number in (5, 3, 1, 2, 4, 6)
    ]
    report = without_pixels(StudyInstanceUID=study, SeriesNumber=1)
    service.store(*datasets, report)
    for level in ("series", "study"):
        url = service.url(datasets[0], level, "/rendered")
        assert levels(service.get(url, PNG)).flat[0] == 160  # the fourth of six
    other = grey(np.full((4, 4), 7, np.uint8), StudyInstanceUID=study, SeriesNumber=1)
    service.store(other)
    url = service.url(other, "study", "/rendered")
    assert levels(service.get(url, PNG)).flat[0] == 7


def test_in_multipart_all_instances_that_have_pictures(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "_IMAGES", replace(listing._IMAGES, page_size=2))
    study, series = new_uid(), new_uid()
    datasets = [
        make(StudyInstanceUID=study, SeriesInstanceUID=series, InstanceNumber=number)
        for number, make in enumerate(
            (instance, without_pixels, instance, multiframe_of, instance)
        )
    ]
    service.store(*datasets)
    url = service.url(datasets[0], "series", "/rendered?viewport=5,5&accept=*/*")
    answer = service.get(url.replace("*/*", f'multipart/related; type="{JPEG}"'))
    assert answer.status_code == 200
    locations = [headers["content-location"] for headers, _ in parts_of(answer)]
    having = [datasets[place] for place in (0, 2, 3, 4)]
    assert locations == [
        service.url(each, path="/frames/1/rendered?viewport=5%2C5") for each in having
    ]
    for location, (_, content) in zip(locations, parts_of(answer), strict=True):
        assert service.get(location).content == content


def test_in_multipart_what_no_codec_reads_does_not_keep_back_the_others(
    service: Service,
) -> None:
    study = new_uid()
    odd = grey(noise("uint8"), StudyInstanceUID=study, SeriesNumber=1)
    odd.PhotometricInterpretation = "PALETTE COLOR"
    good = grey(noise("uint8"), StudyInstanceUID=study, SeriesNumber=2)
    service.store(odd)
    accept = f'multipart/related; type="{PNG}"'
    url = service.url(good, "study", "/rendered")
    assert service.get(url, accept).status_code == 406
    service.store(grey(noise("uint8"), StudyInstanceUID=new_uid()), good)
    ((headers, _),) = parts_of(service.get(url, accept))
    assert headers["content-location"].startswith(service.url(good))
    tag = service.get(url, accept).headers["etag"]
    assert service.get(url, accept, if_none_match=tag).status_code == 304
    head = service.get(url, accept, method="HEAD")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)


def multiframe_of(**attributes: Any) -> Dataset:
    return multiframe(3, **attributes)


@pytest.mark.parametrize("accept", ["*/*", 'multipart/related; type="image/jpeg"'])
def test_what_has_no_pixels_has_no_picture(service: Service, accept: str) -> None:
    dataset = without_pixels()
    service.store(dataset)
    for level in ("study", "series", "instance"):
        url = service.url(dataset, level, "/rendered")
        assert service.get(url, accept).status_code == 404
    missing = service.url(instance(), "study", "/rendered")
    assert service.get(missing).text == "No such study."


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("window=300,200,linear", (300, 200, "LINEAR")),
        ("window=300.5,200.25,linear-exact", (300.5, 200.25, "LINEAR_EXACT")),
        ("window=-30,200,SIGMOID", (-30, 200, "SIGMOID")),
    ],
)
def test_a_window(
    service: Service, query: str, asked: tuple[float, float, str]
) -> None:
    dataset = grey(noise("int16", 12), BitsStored=12, WindowCenter="1", WindowWidth="2")
    service.store(dataset)
    answer = service.get(service.url(dataset, path=f"/rendered?{query}"), PNG)
    dataset.WindowCenter, dataset.WindowWidth = str(asked[0]), str(asked[1])
    dataset.VOILUTFunction = asked[2]
    assert (levels(answer) == picture_of(dataset)).all()


@pytest.mark.parametrize(
    ("viewport", "size"),
    [
        ("20,20", (20, 12)),
        ("20,20,,,,", (20, 12)),
        ("40,24,0,0,20,12", (40, 24)),
        ("10,10,30", (4, 10)),
        ("80,80,,,-40,", (80, 48)),
        ("80, 80,0,0,-40,-24", (80, 48)),
    ],
)
def test_a_viewport(service: Service, viewport: str, size: tuple[int, int]) -> None:
    dataset = grey(noise("uint8"))
    service.store(dataset)
    url = service.url(dataset, path=f"/rendered?viewport={viewport}")
    assert levels(service.get(url, PNG)).shape == size[::-1]


def test_a_negative_part_is_mirrored(service: Service) -> None:
    dataset = grey(noise("uint8"))
    service.store(dataset)
    url = service.url(dataset, path="/rendered?viewport=40,24,,,-40,-24")
    assert (levels(service.get(url, PNG)) == noise("uint8")[::-1, ::-1]).all()


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("quality=0", "quality"),
        ("quality=101", "quality"),
        ("quality=high", "quality"),
        ("quality=", "quality"),
        ("window=1,2", "window"),
        ("window=1,2,cubic", "window"),
        ("window=1,2,linear,4", "window"),
        ("window=a,2,linear", "window"),
        ("window=1,nan,linear", "window"),
        ("window=1,0.5,linear", "window"),
        ("window=1,0,sigmoid", "window"),
        ("window=1e5,2,linear", "window"),
        ("viewport=", "viewport"),
        ("viewport=10", "viewport"),
        ("viewport=0,10", "viewport"),
        ("viewport=10,-10", "viewport"),
        ("viewport=1.5,10", "viewport"),
        ("viewport=99999,10", "viewport"),
        ("viewport=16000,16000", "viewport"),
        ("viewport=10,10,-1,0", "viewport"),
        ("viewport=10,10,0,0,0,5", "viewport"),
        ("viewport=10,10,0,0,5,5,5", "viewport"),
        ("viewport=10,10,x", "viewport"),
        ("viewport=10,10,40,0", "viewport"),
        ("iccprofile=adobergb", "iccprofile"),
    ],
)
def test_parameters_that_break_a_rule_are_named(
    service: Service, query: str, path: str
) -> None:
    dataset = grey(noise("uint8"))
    service.store(dataset)
    for frames in ("", "/frames/1"):
        answer = service.get(service.url(dataset, path=f"{frames}/rendered?{query}"))
        assert answer.status_code == 400
        assert path in answer.text


def test_quality(service: Service) -> None:
    dataset = grey(noise("uint8"))
    service.store(dataset)
    sizes = [
        len(service.get(service.url(dataset, path=f"/rendered?quality={q}")).content)
        for q in (1, 50, 100)
    ]
    assert sizes == sorted(set(sizes))


def test_annotations_and_those_that_are_not_known(service: Service) -> None:
    dataset = grey(np.zeros((200, 300), np.uint8))
    service.store(dataset)
    url = service.url(dataset, path="/rendered")
    assert not levels(service.get(url, PNG)).any()
    known = service.get(f"{url}?annotation=patient,technique", PNG)
    assert levels(known).any()
    assert "warning" not in known.headers
    answer = service.get(f'{url}?annotation=patient,"x%0d%0ay,ruler', PNG)
    assert levels(answer).any()
    assert answer.headers["warning"] == (
        '299 test: "The following annotation values are not supported: ?x??y, ruler"'
    )


def test_tags_conditions_ranges_and_head(service: Service) -> None:
    dataset = multiframe()
    service.store(dataset)
    url = service.url(dataset, path="/frames/2/rendered")
    answer = service.get(url, PNG)
    tag = answer.headers["etag"]
    assert service.get(url, PNG, if_none_match=tag).status_code == 304
    others = [
        service.get(url, JPEG),
        service.get(f"{url}?quality=3", PNG),
        service.get(f"{url}?window=1,2,linear", PNG),
        service.get(url.replace("/2/", "/3/"), PNG),
    ]
    assert len({tag, *(each.headers["etag"] for each in others)}) == 5
    head = service.get(url, PNG, method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == answer.headers["content-length"]
    part = service.get(url, PNG, range="bytes=0-7")
    assert (part.status_code, part.content) == (206, b"\x89PNG\r\n\x1a\n")
    changed = grey(
        np.full((8, 10), 99, np.uint8),
        StudyInstanceUID=dataset.StudyInstanceUID,
        SeriesInstanceUID=dataset.SeriesInstanceUID,
        SOPInstanceUID=dataset.SOPInstanceUID,
    )
    service.store(changed, replace=True)
    url = service.url(dataset, path="/rendered")
    assert levels(service.get(url, PNG)).flat[0] == 99


def pdf(**attributes: Any) -> Dataset:
    dataset = without_pixels(SOPClassUID=EncapsulatedPDFStorage, **attributes)
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    content = b"%PDF-1.4 /JS (app.alert(1)) <script>alert(1)</script>!"
    dataset.EncapsulatedDocument = content
    return dataset


@pytest.mark.parametrize("accept", [None, "*/*", "application/pdf", "application/*"])
@pytest.mark.parametrize("level", ["study", "series", "instance"])
def test_a_pdf_comes_as_it_is_and_runs_nothing(
    service: Service, level: str, accept: str | None
) -> None:
    dataset = pdf()
    service.store(dataset)
    answer = service.get(service.url(dataset, level, "/rendered"), accept)
    assert answer.status_code == 200
    assert answer.content == dataset.EncapsulatedDocument
    headers = answer.headers
    assert headers["content-type"] == "application/pdf"
    assert headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert headers["content-disposition"] == (
        f'inline; filename="{dataset.SOPInstanceUID}.pdf"'
    )
    tag = headers["etag"]
    url = service.url(dataset, level, "/rendered")
    assert service.get(url, accept, if_none_match=tag).status_code == 304
    part = service.get(url, accept, range="bytes=1-3")
    assert (part.status_code, part.content) == (206, b"PDF")


def test_a_pdf_is_no_picture_and_another_document_no_pdf(service: Service) -> None:
    dataset = pdf()
    service.store(dataset)
    answer = service.get(service.url(dataset, path="/rendered"), JPEG)
    assert answer.status_code == 406
    assert "Made: application/pdf" in answer.text
    page = pdf()
    page.MIMETypeOfEncapsulatedDocument = "text/html"
    service.store(page)
    assert service.get(service.url(page, path="/rendered")).status_code == 404


@pytest.mark.parametrize("accept", [PNG, "application/pdf", "multipart/related"])
def test_who_may_not_see_the_patient_gets_no_picture(
    service: Service, accept: str
) -> None:
    dataset, document = grey(noise("uint8")), pdf()
    service.store(dataset, document)
    service.actor = acting(1, "researcher", frozenset({Verb.READ}))
    for level in ("study", "series", "instance"):
        for each in (dataset, document):
            url = service.url(each, level, "/rendered")
            assert service.get(url, accept).status_code == 403
    url = service.url(dataset, path="/frames/1/rendered")
    assert service.get(url, accept).status_code == 403


def test_it_is_audited_as_a_retrieve(service: Service) -> None:
    dataset = grey(noise("uint8"))
    service.store(dataset)
    service.get(service.url(dataset, "study", "/rendered"))
    (record,) = AuditRecord.objects.filter(
        study_instance_uid=dataset.StudyInstanceUID, action="retrieve"
    )
    assert (record.detail, record.patient_id) == (
        "1 rendered instances",
        dataset.PatientID,
    )


def test_bytes_that_cannot_be_read_are_told(service: Service) -> None:
    dataset = grey(noise("uint8"))
    service.store(dataset)
    InstanceVersion.objects.filter(study_instance_uid=dataset.StudyInstanceUID).update(
        blob_key="2026/01/01/0000/missing.dcm"
    )
    assert service.get(service.url(dataset, path="/rendered")).status_code == 502


@pytest.mark.parametrize(
    "changes",
    [
        {"Rows": 60000, "Columns": 60000},
        {"Rows": 25},
        {"BitsAllocated": 12},
        {"SamplesPerPixel": 3},
        {"PhotometricInterpretation": "PALETTE COLOR"},
    ],
)
def test_frames_that_cannot_be_shown_are_refused(
    service: Service, changes: dict[str, Any]
) -> None:
    dataset = grey(noise("uint8"))
    for keyword, value in changes.items():
        setattr(dataset, keyword, value)
    service.store(dataset)
    answer = service.get(service.url(dataset, path="/rendered"))
    assert answer.status_code in {404, 406}
    packed = grey(noise("uint8"))
    for keyword, value in changes.items():
        setattr(packed, keyword, value)
    packed.PixelData = encapsulate([b"\xff\x4f\xff\x51" + bytes(60)])
    packed["PixelData"].VR = "OB"
    packed["PixelData"].is_undefined_length = True
    service.store(encode(packed, JPEG2000Lossless))
    answer = service.get(service.url(packed, path="/rendered"))
    assert answer.status_code == 406


@pytest.mark.parametrize("syntax", [ExplicitVRBigEndian])
def test_multipart_of_big_endian(service: Service, syntax: str) -> None:
    dataset = instance(WindowCenter="10", WindowWidth="20")
    service.store(file_of(dataset, syntax))
    url = service.url(dataset, path="/rendered")
    answer = service.get(url, f'multipart/related; type="{PNG}"')
    ((_, content),) = parts_of(answer)
    assert (np.asarray(Image.open(BytesIO(content))) == picture_of(dataset)).all()
