"""A store in JSON in need: how much it may become, and a disk that fails."""

import asyncio
import errno
import tempfile
from typing import Any

import httpx
import pytest

from imaging.blobs import spool
from imaging.models import Study
from tests.conformance.json_store import (
    BOUNDARY,
    JSON,
    Part,
    body,
    data_sets,
    model_of,
)
from tests.imaging.dicomweb.service import Service
from tests.synthetic import instance

pytestmark = pytest.mark.usefixtures("committing")
MEGABYTE = bytes(1024 * 1024)


def send(service: Service, *parts: Part) -> httpx.Response:
    headers = {
        "content-type": f'multipart/related; type="{JSON}"; boundary={BOUNDARY}',
        "accept": JSON,
    }

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(service)) as client:
            url = f"{service.base_url}/studies"
            return await client.post(url, headers=headers, content=body(*parts))

    return asyncio.run(ask())


def named(number: int, **attributes: Any) -> list[Any]:
    """Return models that all name the same bulk data."""
    models = [model_of(instance(**attributes))[0] for _ in range(number)]
    for model in models:
        model["7FE00010"] = {"vr": "OW", "BulkDataURI": "pixels"}
    return models


@pytest.mark.folder
def test_bulk_data_may_be_named_often_but_not_become_more_than_is_taken(
    settings: Any,
) -> None:
    settings.STORE_LIMIT_BYTES = 4 * len(MEGABYTE)
    service, pixels = Service(), Part(MEGABYTE, "pixels")
    assert send(service, data_sets(*named(3)), pixels).status_code == 200
    files = set(settings.BLOB_FOLDER.rglob("*.dcm"))
    uid = "1.2.3.4.5"

    answer = send(service, data_sets(*named(4, StudyInstanceUID=uid)), pixels)

    assert answer.status_code == 413
    assert not Study.objects.filter(study_instance_uid=uid).exists()
    assert set(settings.BLOB_FOLDER.rglob("*.dcm")) == files


@pytest.mark.folder
def test_a_disk_that_is_full_is_told_and_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    def full(*_args: object, **_more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    files = set(settings.BLOB_FOLDER.rglob("*"))
    long = Part(bytes(spool.SCRATCH_IN_MEMORY_BYTES + 1), "pixels")
    assert send(Service(), data_sets(*named(1)), long).status_code == 503
    assert set(settings.BLOB_FOLDER.rglob("*")) == files
