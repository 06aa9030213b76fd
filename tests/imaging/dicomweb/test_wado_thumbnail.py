"""WADO-RS: thumbnails (DICOM PS3.18 8.3.5.2, 10.4.1.1.5)."""

from io import BytesIO
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset

from core import followers
from core.access import Verb
from core.models import AuditRecord
from imaging import thumbnails
from imaging.models import Thumbnail
from imaging.thumbnails import ThumbnailFollower, make_thumbnails
from tests.actors import acting
from tests.imaging.dicomweb.service import HOST, ROOT, Service
from tests.imaging.rendering.oracle import grey, noise
from tests.imaging.rendering.test_pictures import cross, overlay
from tests.synthetic import instance, new_uid

pytestmark = pytest.mark.usefixtures("committing")
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"


@pytest.fixture
def service() -> Service:
    return Service()


def levels(answer: Any) -> NDArray[np.uint8]:
    """Return the pixels of an answer's picture."""
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(BytesIO(answer.content)))


def scan(number: int = 4, **attributes: Any) -> list[Dataset]:
    """Return a series of flat images; that in the middle has level 120 of four."""
    study, series = new_uid(), new_uid()
    return [
        grey(
            np.full((20, 40), 60 * place, np.uint8),
            **{
                "StudyInstanceUID": study,
                "SeriesInstanceUID": series,
                "InstanceNumber": place,
                **attributes,
            },
        )
        for place in range(number)
    ]


def drawn(service: Service) -> None:
    """Have the thumbnails of what was stored made."""
    followers.run_until_caught_up(ThumbnailFollower())
    make_thumbnails(time_limit_s=60)


@pytest.fixture
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thumbnails, "SETTLED_S", 0.0)


@pytest.mark.usefixtures("_settled")
@pytest.mark.parametrize("is_kept", [False, True])
@pytest.mark.parametrize("level", ["study", "series"])
def test_the_instance_in_the_middle_in_a_small_picture(
    service: Service, level: str, is_kept: bool
) -> None:
    datasets = scan()
    service.store(*datasets)
    if is_kept:
        drawn(service)
    answer = service.get(service.url(datasets[0], level, "/thumbnail"))
    assert answer.headers["content-type"] == JPEG
    assert answer.headers["cache-control"].startswith("private")
    made = levels(answer)
    assert made.shape == (128, 256)
    assert int(np.median(made)) == 120
    url = service.url(datasets[0], level, "/thumbnail")
    tag = answer.headers["etag"]
    assert service.get(url, if_none_match=tag).status_code == 304
    part = service.get(url, range="bytes=0-1")
    assert (part.status_code, part.content) == (206, b"\xff\xd8")


@pytest.mark.usefixtures("_settled")
def test_what_is_kept_is_given_without_being_made_again(service: Service) -> None:
    datasets = scan()
    service.store(*datasets)
    url = service.url(datasets[0], "series", "/thumbnail")
    made = service.get(url).content
    drawn(service)
    assert service.get(url).content == made
    Thumbnail.objects.update(picture=b"kept")
    tag = service.get(url).headers["etag"]
    middle = service.url(datasets[2], path="/thumbnail")
    for each in (url, service.url(datasets[0], "study", "/thumbnail"), middle):
        answer = service.get(each)
        assert (answer.content, answer.headers["etag"]) == (b"kept", tag)
    for query in ("?viewport=10,10", f"?accept={PNG}"):
        other = service.get(url + query)
        assert other.content != b"kept"
        assert other.headers["etag"] != tag
    beside = service.get(service.url(datasets[1], path="/thumbnail"))
    assert int(np.median(levels(beside))) == 60


@pytest.mark.usefixtures("_settled")
def test_what_is_kept_is_never_of_something_else(service: Service) -> None:
    datasets = scan()
    service.store(*datasets)
    drawn(service)
    url = service.url(datasets[0], "series", "/thumbnail")
    tag = service.get(url).headers["etag"]
    # The follower has not come so far, and what it kept is of another instance.
    again = grey(
        np.full((20, 40), 33, np.uint8),
        StudyInstanceUID=datasets[2].StudyInstanceUID,
        SeriesInstanceUID=datasets[2].SeriesInstanceUID,
        SOPInstanceUID=datasets[2].SOPInstanceUID,
        InstanceNumber=2,
    )
    service.store(again, replace=True)
    answer = service.get(url, if_none_match=tag)
    assert int(np.median(levels(answer))) == 33
    service.get(service.url(datasets[2]), method="DELETE")
    assert int(np.median(levels(service.get(url)))) == 60


def test_the_first_who_asks_has_it_made_for_all(service: Service) -> None:
    datasets = scan()
    service.store(*datasets)
    followers.run_until_caught_up(ThumbnailFollower())
    url = service.url(datasets[0], "study", "/thumbnail")
    service.get(f"{url}?viewport=20,20")
    service.get(service.url(datasets[0], path="/thumbnail"))
    assert Thumbnail.objects.get().picture is None
    made = service.get(url).content
    held = Thumbnail.objects.get().picture
    assert held is not None
    assert bytes(held) == made


@pytest.mark.parametrize("path", ["/thumbnail", "/frames/4/thumbnail"])
def test_frames(service: Service, path: str) -> None:
    frames = np.stack([np.full((8, 8), 20 * n, np.uint8) for n in range(1, 7)])
    dataset = grey(frames)
    service.store(dataset)
    for level in ("instance",) if "frames" in path else ("study", "instance"):
        answer = service.get(service.url(dataset, level, path), PNG)
        assert int(np.median(levels(answer))) == 80
    first = service.get(service.url(dataset, path="/frames/1/thumbnail"), PNG)
    assert int(np.median(levels(first))) == 20
    for given, status in (("0", 400), ("1,2", 400), ("7", 404), ("x", 400)):
        url = service.url(dataset, path=f"/frames/{given}/thumbnail")
        assert service.get(url).status_code == status


@pytest.mark.parametrize(
    ("query", "size"),
    [("?viewport=64,64", (64, 32)), ("?viewport=30,10", (20, 10)), ("", (256, 128))],
)
def test_its_size(service: Service, query: str, size: tuple[int, int]) -> None:
    datasets = scan()
    service.store(*datasets)
    url = service.url(datasets[0], "series", f"/thumbnail{query}")
    assert levels(service.get(url)).shape == size[::-1]


@pytest.mark.parametrize("viewport", ["", "0,5", "10", "10,10,0,0,5,5", "a,b"])
def test_a_bad_size_is_refused(service: Service, viewport: str) -> None:
    datasets = scan()
    service.store(*datasets)
    url = service.url(datasets[0], "series", f"/thumbnail?viewport={viewport}")
    assert service.get(url).status_code == 400


def test_ohif_asks_by_the_query(service: Service) -> None:
    datasets = scan()
    service.store(*datasets)
    octets = 'multipart/related; type="application/octet-stream"'
    url = service.url(datasets[0], path=f"/thumbnail?accept={JPEG}")
    answer = service.get(url, octets)
    assert answer.headers["content-type"] == JPEG
    assert service.get(
        service.url(datasets[0], path="/thumbnail"), octets
    ).status_code == (406)


def test_nothing_is_written_into_it(service: Service) -> None:
    values = np.full((40, 60), 100, np.uint8)
    dataset = grey(values)
    overlay(dataset, cross(), (10, 10))
    service.store(dataset)
    url = service.url(dataset, path="/thumbnail?annotation=patient")
    assert np.unique(levels(service.get(url, PNG))).tolist() == [100]


def test_what_has_no_pixels_has_none(service: Service) -> None:
    report = instance(PixelData=None, Modality="SR")
    service.store(report)
    for level in ("study", "series", "instance"):
        url = service.url(report, level, "/thumbnail")
        assert service.get(url).status_code == 404
    picture = grey(noise("uint8"), StudyInstanceUID=report.StudyInstanceUID)
    service.store(picture)
    assert service.get(service.url(report, "study", "/thumbnail")).status_code == 200


@pytest.mark.usefixtures("_settled")
def test_who_may_not_see_the_patient_gets_none(service: Service) -> None:
    datasets = scan()
    service.store(*datasets)
    drawn(service)
    service.actor = acting(1, "researcher", frozenset({Verb.READ}))
    for level in ("study", "series", "instance"):
        url = service.url(datasets[2], level, "/thumbnail")
        assert service.get(url).status_code == 403
    url = service.url(datasets[2], path="/frames/1/thumbnail")
    assert service.get(url).status_code == 403


@pytest.mark.usefixtures("_settled")
def test_the_same_uids_in_another_partition_are_another_series(
    service: Service,
) -> None:
    datasets = scan()
    service.store(*datasets)
    other = Service()
    other.store(*(each for each in datasets[:1]))
    drawn(service)
    found = [
        int(np.median(levels(each.get(each.url(datasets[0], "series", "/thumbnail")))))
        for each in (service, other)
    ]
    assert found == [120, 0]


@pytest.mark.usefixtures("_settled")
def test_each_look_is_audited(service: Service) -> None:
    datasets = scan()
    service.store(*datasets)
    drawn(service)
    url = service.url(datasets[0], "study", "/thumbnail")
    tag = service.get(url).headers["etag"]
    service.get(url, if_none_match=tag)
    records = AuditRecord.objects.filter(
        study_instance_uid=datasets[0].StudyInstanceUID, action="retrieve"
    )
    assert [(each.detail, each.patient_id) for each in records] == [
        ("1 thumbnails", datasets[0].PatientID)
    ] * 2


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_azures_dialects_have_none(service: Service, version: str) -> None:
    dataset = grey(noise("uint8"))
    service.store(dataset)
    for level in ("study", "series", "instance"):
        url = service.url(dataset, level, "/thumbnail")
        url = url.replace(f"{HOST}{ROOT}", f"{HOST}{ROOT}/{version}")
        assert service.get(url, JPEG).status_code == 404
