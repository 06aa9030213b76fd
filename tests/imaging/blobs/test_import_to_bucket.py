"""An import into a bucket waits while that is away, and then goes on."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.access import system
from core.models import Operation, OperationState
from core.operation_worker import run_operation
from imaging.blobs import store
from imaging.errors import StorageUnavailable
from imaging.folder_import import start_import, step
from imaging.models import Instance
from tests.imaging.dicomweb.service import Service
from tests.object_storage import ObjectStorage
from tests.stack import free_port
from tests.synthetic import encode, instance

pytestmark = pytest.mark.usefixtures("committing")


@pytest.fixture
def place(
    settings: Any, object_storage: ObjectStorage, tmp_path: Path
) -> Iterator[None]:
    """Configure the bucket of the server, for which the test is to call."""
    place = object_storage.place(secrets.token_hex(8))
    settings.STORAGE_URL = place.url
    settings.STORAGE_ENDPOINT = place.endpoint
    settings.BLOB_FOLDER = tmp_path / "spool"
    store.cache_clear()
    yield
    store.cache_clear()


def test_an_import_waits_for_its_bucket_and_then_stores_everything(
    place: None, settings: Any, tmp_path: Path
) -> None:
    folder, service = tmp_path / "files", Service()
    folder.mkdir()
    datasets = [instance() for _ in range(12)]
    for number, dataset in enumerate(datasets):
        (folder / f"{number}").write_bytes(encode(dataset))
    operation = start_import(
        actor=system("test"),
        folders=[folder],
        partition=service.name,
        replace=False,
    )
    counted = step(operation)
    Operation.objects.update(progress=dict(counted.cursor))
    endpoint = settings.STORAGE_ENDPOINT
    settings.STORAGE_ENDPOINT = f"http://127.0.0.1:{free_port()}"
    settings.STORAGE_PATIENCE_S = 1
    store.cache_clear()

    with pytest.raises(StorageUnavailable):
        step(Operation.objects.get(pk=operation.pk))
    assert not run_operation(operation.pk)  # it waits
    operation.refresh_from_db()
    assert operation.state == OperationState.RUNNING
    assert not Instance.objects.exists()

    settings.STORAGE_ENDPOINT, settings.STORAGE_PATIENCE_S = endpoint, 20
    store.cache_clear()
    Operation.objects.update(lease_until=None)  # as if it had waited
    while run_operation(operation.pk):
        pass
    operation.refresh_from_db()
    assert operation.state == OperationState.SUCCEEDED
    assert operation.result == {"stored": len(datasets)}
    for dataset in datasets:
        url = service.url(dataset)
        answer = service.get(url, "application/dicom; transfer-syntax=*")
        assert answer.content == encode(dataset)
