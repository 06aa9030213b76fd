"""WADO-RS: presentation states, shown with their images (DICOM PS3.18 10.4.1.1.3)."""

from io import BytesIO
from typing import Final

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.uid import BlendingSoftcopyPresentationStateStorage

from core.access import Verb
from core.models import AuditRecord
from imaging.rendering import Window
from tests.actors import acting
from tests.imaging.dicomweb.service import Service, parts_of
from tests.imaging.dicomweb.test_wado_rendered import PNG, levels
from tests.imaging.rendering.oracle import grey, noise, picture_of
from tests.imaging.rendering.presenting import of, presented, state_of, window
from tests.imaging.rendering.test_pictures import cross, overlay
from tests.synthetic import new_uid

pytestmark = pytest.mark.usefixtures("committing")
MULTIPART: Final = f'multipart/related; type="{PNG}"'


@pytest.fixture
def service() -> Service:
    return Service()


def twelve_bits(study: str = "", frames: int = 1) -> Dataset:
    pixels = np.stack([np.roll(noise("uint16", 12), n) for n in range(frames)])
    return grey(
        pixels if frames > 1 else pixels[0],
        BitsStored=12,
        StudyInstanceUID=study or new_uid(),
    )


@pytest.mark.parametrize("accept", [None, PNG, "image/gif"])
def test_its_image_is_shown_as_it_wants(service: Service, accept: str | None) -> None:
    image = twelve_bits()
    state = state_of(image, SoftcopyVOILUTSequence=[window(900, 1800)])
    overlay(state, cross(), (4, 6))
    state.add_new(0x60001001, "CS", "LAYER")
    service.store(image, state)
    answer = service.get(service.url(state, path="/rendered"), accept)
    assert answer.headers["content-type"] == accept or "image/jpeg"
    assert levels(answer).shape == (24, 40)
    if accept == PNG:
        wanted = presented(image, state)
        assert (levels(answer) == wanted).all()
        assert (wanted != picture_of(image, window=Window(900, 1800))).any()


def test_parameters_come_after_it(service: Service) -> None:
    image = twelve_bits()
    state = state_of(image, SoftcopyVOILUTSequence=[window(9, 18)], ImageRotation=90)
    state.ImageHorizontalFlip = "N"
    service.store(image, state)
    query = "/rendered?window=900,1800,linear&viewport=24,40,0,0,12,20"
    answer = service.get(service.url(state, path=query), PNG)
    assert levels(answer).shape == (40, 24)
    plain = service.get(service.url(state, path=query.partition("&")[0]), PNG)
    wanted = picture_of(image, window=Window(900, 1800))
    assert (levels(plain) == np.rot90(wanted, -1)).all()


def test_the_frame_that_it_names(service: Service) -> None:
    image = twelve_bits(frames=4)
    state = state_of(image, SoftcopyVOILUTSequence=[window(900, 1800)])
    series = state.ReferencedSeriesSequence[0]
    series.ReferencedImageSequence = [of(image, ReferencedFrameNumber=[3, 2])]
    service.store(image, state)
    asked = Window(900, 1800)
    frames = [picture_of(image, number=number, window=asked) for number in (3, 2)]
    url = service.url(state, path="/rendered")
    assert (levels(service.get(url, PNG)) == frames[0]).all()
    parts = parts_of(service.get(url, MULTIPART))
    for (headers, content), wanted in zip(parts, frames, strict=True):
        assert headers == {"content-type": PNG}
        assert (np.asarray(Image.open(BytesIO(content))) == wanted).all()


def test_images_that_are_not_held_are_passed_over(service: Service) -> None:
    first, second = twelve_bits(), twelve_bits()
    second.StudyInstanceUID = first.StudyInstanceUID
    state = state_of(first, second, SoftcopyVOILUTSequence=[window(900, 1800)])
    service.store(state)
    url = service.url(state, path="/rendered")
    for accept in (PNG, MULTIPART):
        answer = service.get(url, accept)
        assert answer.status_code == 404
    service.store(second)
    wanted = picture_of(second, window=Window(900, 1800))
    assert (levels(service.get(url, PNG)) == wanted).all()
    assert len(parts_of(service.get(url, MULTIPART))) == 1


def test_its_tag_tells_of_both(service: Service) -> None:
    image = twelve_bits()
    state = state_of(image, SoftcopyVOILUTSequence=[window(900, 1800)])
    service.store(image, state)
    url = service.url(state, path="/rendered")
    tags = [service.get(url, PNG).headers["etag"]]
    assert service.get(url, PNG, if_none_match=tags[0]).status_code == 304
    for dataset in (image, state):
        dataset.SeriesDescription = "changed"
        service.store(dataset, replace=True)
        tags.append(service.get(url, PNG).headers["etag"])
    of_image = service.get(service.url(image, path="/rendered"), PNG).headers["etag"]
    assert len({*tags, of_image}) == 4
    several = [service.get(url, MULTIPART).headers["etag"] for _ in range(2)]
    assert several[0] != several[1]


def test_it_has_no_frames_of_its_own(service: Service) -> None:
    image = twelve_bits()
    state = state_of(image)
    service.store(image, state)
    answer = service.get(service.url(state, path="/frames/1/rendered"), PNG)
    assert answer.status_code == 404


def test_other_kinds_are_refused(service: Service) -> None:
    image = twelve_bits()
    state = state_of(image, SOPClassUID=BlendingSoftcopyPresentationStateStorage)
    service.store(image, state)
    for accept in (PNG, MULTIPART):
        answer = service.get(service.url(state, path="/rendered"), accept)
        assert answer.status_code == 406
        assert "kind of presentation state" in answer.text


def test_azures_service_knows_none(service: Service) -> None:
    image = twelve_bits()
    state = state_of(image)
    service.store(image, state)
    url = service.url(state, path="/rendered").replace("/dicomweb/", "/dicomweb/v2/")
    assert service.get(url, PNG).status_code == 404


def test_who_may_not_see_the_patient_gets_no_picture(service: Service) -> None:
    image = twelve_bits()
    state = state_of(image)
    service.store(image, state)
    service.actor = acting(1, "researcher", frozenset({Verb.READ}))
    for accept in (PNG, MULTIPART):
        answer = service.get(service.url(state, path="/rendered"), accept)
        assert answer.status_code == 403


def test_an_image_of_another_study_is_not_shown(service: Service) -> None:
    image, hidden = twelve_bits(), twelve_bits()
    state = state_of(image, hidden)
    service.store(hidden, state)
    answer = service.get(service.url(state, path="/rendered"), PNG)
    assert answer.status_code == 404


def test_both_are_audited(service: Service) -> None:
    image = twelve_bits()
    state = state_of(image)
    service.store(image, state)
    service.get(service.url(state, path="/rendered"), PNG)
    records = AuditRecord.objects.filter(
        study_instance_uid=image.StudyInstanceUID, action="retrieve"
    )
    assert [each.detail for each in records] == ["1 rendered instances"] * 2
