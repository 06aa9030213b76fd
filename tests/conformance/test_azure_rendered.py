"""Rendered instances and frames in Azure's dialects, and where we differ."""

from io import BytesIO
from typing import Final

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset

from tests.conformance.test_azure_retrieve import Azure
from tests.imaging.rendering.oracle import grey, noise, picture_of
from tests.synthetic import instance

pytestmark = pytest.mark.usefixtures("committing")
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"


@pytest.fixture(params=["v1", "v2"])
def azure(request: pytest.FixtureRequest) -> Azure:
    return Azure(version=request.param)


@pytest.fixture
def held(azure: Azure) -> Dataset:
    frames = np.stack([noise("uint8"), noise("uint8")[::-1]])
    dataset = grey(frames)
    azure.store(dataset)
    return dataset


@pytest.mark.parametrize(
    ("accept", "wanted"), [(None, JPEG), ("*/*", JPEG), (JPEG, JPEG), (PNG, PNG)]
)
def test_an_instance_is_its_first_frame(
    azure: Azure, held: Dataset, accept: str | None, wanted: str
) -> None:
    answer = azure.get(azure.url(held, path="/rendered"), accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == wanted
    picture = Image.open(BytesIO(answer.content))
    assert picture.size == (40, 24)
    if wanted == PNG:
        assert (np.asarray(picture) == noise("uint8")).all()


@pytest.mark.parametrize(
    "accept",
    [
        f"{JPEG}, {PNG}",
        f"{JPEG}, */*;q=0.1",
        "image/gif",
        f'multipart/related; type="{JPEG}"',
        "application/octet-stream",
        ",",
    ],
)
def test_another_accept_is_refused(azure: Azure, held: Dataset, accept: str) -> None:
    for path in ("/rendered", "/frames/1/rendered"):
        assert azure.get(azure.url(held, path=path), accept).status_code == 406


def test_the_best_quality_is_usual(azure: Azure, held: Dataset) -> None:
    url = azure.url(held, path="/rendered")
    usual, best, worst = (
        azure.get(url + query, JPEG).content
        for query in ("", "?quality=100", "?quality=1")
    )
    assert usual == best
    assert len(worst) < len(best)


@pytest.mark.parametrize("quality", ["0", "101", "-1", "ten", "5.5", ""])
def test_a_bad_quality_is_refused(azure: Azure, held: Dataset, quality: str) -> None:
    url = azure.url(held, path=f"/rendered?quality={quality}")
    for accept in (JPEG, PNG):
        assert azure.get(url, accept).status_code == 400


@pytest.mark.parametrize(
    ("frames", "status"),
    [("2", 200), ("0", 400), ("99", 404), ("1,2", 400), ("x", 400)],
)
def test_frames(azure: Azure, held: Dataset, frames: str, status: int) -> None:
    answer = azure.get(azure.url(held, path=f"/frames/{frames}/rendered"), PNG)
    assert answer.status_code == status
    if status == 200:
        made = np.asarray(Image.open(BytesIO(answer.content)))
        assert (made == picture_of(held, number=2)).all()


def test_other_parameters_are_passed_over(azure: Azure, held: Dataset) -> None:
    url = azure.url(held, path="/rendered")
    query = "?window=x&viewport=1,1&annotation=patient&iccprofile=x&accept=image/png"
    assert azure.get(url + query, JPEG).content == azure.get(url, JPEG).content


def test_what_has_no_pixels_is_not_there(azure: Azure) -> None:
    dataset = instance(PixelData=None)
    azure.store(dataset)
    for path in ("/rendered", "/frames/1/rendered"):
        assert azure.get(azure.url(dataset, path=path), JPEG).status_code == 404


@pytest.mark.parametrize("level", ["study", "series"])
def test_studies_and_series_are_not_rendered(
    azure: Azure, held: Dataset, level: str
) -> None:
    assert azure.get(azure.url(held, level, "/rendered"), JPEG).status_code == 404
