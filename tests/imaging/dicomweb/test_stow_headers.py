"""The headers of a store: how long its study is kept, and how large it may be."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.utils import timezone
from pydicom.dataset import Dataset

from core.access import Verb
from imaging.expiry import delete_expired_studies
from imaging.models import Study
from tests.actors import acting
from tests.imaging.dicomweb.service import HOST, ROOT, Service
from tests.synthetic import encode, instance

pytestmark = pytest.mark.usefixtures("committing")
TIME = "msdicom-expiry-time-milliseconds"
OPTION = "msdicom-expiry-option"
LEVEL = "msdicom-expiry-level"
VERSIONS = ["", "/v1", "/v2"]


def send(
    service: Service,
    dataset: Dataset,
    headers: dict[str, str] | list[tuple[str, str]] | None = None,
    *,
    method: str = "POST",
    version: str = "",
) -> httpx.Response:
    """Store a data set."""
    fields = list(headers.items()) if isinstance(headers, dict) else headers or []
    fields += [
        ("content-type", "application/dicom"),
        ("accept", "application/dicom+json"),
    ]
    url = f"{HOST}{ROOT}{version}/partitions/{service.name}/studies"

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(service)
        async with httpx.AsyncClient(transport=transport) as client:
            return await client.request(
                method, url, headers=fields, content=encode(dataset)
            )

    return asyncio.run(ask())


def expiry_of(dataset: Dataset) -> timedelta | None:
    """Return how long the study of a data set is still kept."""
    study = Study.objects.get(study_instance_uid=dataset.StudyInstanceUID)
    return None if study.expires_at is None else study.expires_at - timezone.now()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(
    "more", [{}, {OPTION: "RelativeToNow", LEVEL: "Study"}, {OPTION: "relativetonow"}]
)
def test_a_store_says_how_long_its_study_is_kept(
    version: str, method: str, more: dict[str, str]
) -> None:
    dataset = instance()
    headers = {TIME: "86400000", **more}
    answer = send(Service(), dataset, headers, method=method, version=version)
    assert answer.status_code == 200
    left = expiry_of(dataset)
    assert left is not None
    assert timedelta(hours=23) < left <= timedelta(hours=24)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_study_goes_when_its_time_is_over(version: str) -> None:
    service, dataset, kept = Service(), instance(), instance()
    send(service, dataset, {TIME: "1"}, version=version)
    send(service, kept, {TIME: "1"}, version=version)
    again = instance(StudyInstanceUID=kept.StudyInstanceUID)
    send(service, again, version=version)  # says nothing, and so cancels

    assert delete_expired_studies(time_limit_s=10) == 1

    accept = "application/dicom+json"
    assert (
        service.get(service.url(dataset, "study", "/metadata"), accept).status_code
        == 404
    )
    assert (
        service.get(service.url(kept, "study", "/metadata"), accept).status_code == 200
    )
    assert send(service, dataset, version=version).status_code == 200
    assert expiry_of(dataset) is None


def test_without_the_time_the_other_headers_mean_nothing() -> None:
    dataset = instance()
    headers = {OPTION: "RelativeToNow", LEVEL: "Study"}
    assert send(Service(), dataset, headers).status_code == 200
    assert expiry_of(dataset) is None


@pytest.mark.parametrize(
    "headers",
    [
        *({TIME: text} for text in (
            "0", "-1", "+1", "1.5", "1e3", "abc", "", " ", "1,2", "0x10", "٣", "1_000",
            "9" * 18, "9" * 5000, "3162240000001", "\xff", "1; 2", "NaN",
        )),
        {TIME: "1000", OPTION: "AbsoluteTime"},
        {TIME: "1000", OPTION: ""},
        {TIME: "1000", LEVEL: "Series"},
        {OPTION: "Never"},
        {LEVEL: "Instance"},
        [(TIME, "1000"), (TIME, "2000")],
        [(TIME, "1000"), (LEVEL, "Study"), (LEVEL, "Study")],
    ],
)  # fmt: skip
def test_a_bad_header_stores_nothing_and_is_named(
    headers: dict[str, str] | list[tuple[str, str]],
) -> None:
    dataset = instance()
    fields = list(headers.items()) if isinstance(headers, dict) else headers
    raw: Any = [
        (name, text.encode("utf-8" if text == "٣" else "latin-1"))
        for name, text in fields
    ]
    answer = send(Service(), dataset, raw)
    assert answer.status_code == 400
    assert answer.text.startswith("msdicom-expiry-")
    assert "must be" in answer.text
    uid = dataset.StudyInstanceUID
    assert not Study.objects.filter(study_instance_uid=uid).exists()


def test_who_may_not_delete_may_not_let_a_study_expire() -> None:
    writer = Service(acting(None, "writer", frozenset({Verb.STORE})))
    dataset = instance()
    assert send(writer, dataset, {TIME: "1000"}).status_code == 403
    assert send(writer, dataset).status_code == 200
    assert expiry_of(dataset) is None


@pytest.mark.parametrize("version", VERSIONS)
def test_a_body_above_the_limit_is_too_large(version: str, settings: Any) -> None:
    settings.STORE_LIMIT_BYTES = 1000
    service, dataset = Service(), instance(PixelData=bytes(2000))
    assert send(service, dataset, version=version).status_code == 413
    uid = dataset.StudyInstanceUID
    assert not Study.objects.filter(study_instance_uid=uid).exists()
