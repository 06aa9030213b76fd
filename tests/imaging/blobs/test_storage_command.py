"""``manage.py storage``: an operator looks at the storage, and moves to a bucket."""

import secrets
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pydicom.dataset import Dataset

from imaging.blobs import store
from imaging.blobs.bucket import BucketStore
from imaging.blobs.bucket_place import BucketPlace
from imaging.blobs.bucket_requests import PART_BYTES, Bucket, BucketError, Trouble
from imaging.models import InstanceVersion
from tests.imaging.dicomweb.service import Service
from tests.object_storage import ObjectStorage
from tests.stack import free_port
from tests.synthetic import add_pixels, encode, instance


@pytest.fixture(autouse=True)
def _configured_anew(settings: Any, tmp_path: Path) -> Iterator[None]:
    """Let each test begin with an empty folder, and configure what it wants."""
    settings.STORAGE_URL = ""
    settings.BLOB_FOLDER = tmp_path / "blobs"
    store.cache_clear()
    yield
    store.cache_clear()


def configure(settings: Any, place: BucketPlace) -> None:
    settings.STORAGE_URL = place.url
    settings.STORAGE_ENDPOINT = place.endpoint
    settings.STORAGE_PATIENCE_S = place.patience_s
    store.cache_clear()


@pytest.fixture
def place(object_storage: ObjectStorage) -> BucketPlace:
    return object_storage.place(secrets.token_hex(8))


def storage(*words: str) -> str:
    out = StringIO()
    call_command("storage", *words, stdout=out)
    return out.getvalue()


def refusal(*words: str) -> str:
    """Return what is said, and what to do."""
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("storage", *words, stdout=out)
    return f"{out.getvalue()}{refused.value}"


def test_a_folder_that_works_is_told_so_and_left_as_it_was(settings: Any) -> None:
    said = storage("check").splitlines()
    assert said[0] == f"Blobs lie in the folder {settings.BLOB_FOLDER}."
    assert said[1:] == [
        "room on this machine: well",
        "write: well",
        "read: well",
        "list: well",
        "delete: well",
    ]
    assert not list(settings.BLOB_FOLDER.rglob("*.dcm"))


def test_a_folder_that_cannot_be_written_is_told(settings: Any) -> None:
    settings.BLOB_FOLDER.write_text("no folder")
    assert "unwritable" in refusal("check")


def test_a_bucket_that_works_is_told_so_and_left_as_it_was(
    settings: Any, place: BucketPlace
) -> None:
    configure(settings, place)
    said = storage("check")
    where = f"bucket portal-tests, below /{place.prefix}, at {place.endpoint}"
    assert said.startswith(f"Blobs lie in the {where}.\n")
    assert said.endswith("list: well\ndelete: well\n")
    assert list(Bucket(place).listed()) == []


def test_a_bucket_that_is_away_is_told_with_what_to_look_at(settings: Any) -> None:
    endpoint = f"http://127.0.0.1:{free_port()}"
    configure(settings, BucketPlace("s3://bucket", endpoint, patience_s=1))
    said = refusal("check")
    assert "room on this machine: well\nwrite: a bucket failed: it does not ans" in said
    assert "STORAGE_ENDPOINT" in said


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("AWS_SECRET_ACCESS_KEY", "not-the-secret", "AWS_SECRET_ACCESS_KEY"),
        ("AWS_ACCESS_KEY_ID", "not-the-id", "AWS_ACCESS_KEY_ID"),
    ],
)
def test_wrong_credentials_are_told_and_not_shown(
    settings: Any,
    place: BucketPlace,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    advice: str,
) -> None:
    monkeypatch.setenv(name, value)
    configure(settings, place)
    said = refusal("check")
    assert "write: a bucket failed: it refuses (403 " in said
    assert advice in said
    assert value not in said


def of_some_sizes() -> list[Dataset]:
    datasets = [instance() for _ in range(5)]
    add_pixels(datasets[0], rows=2304, columns=2304)  # more than a part of an upload
    assert len(encode(datasets[0])) > PART_BYTES
    return datasets


def keys_in(place: BucketPlace) -> set[str]:
    return {found["path"] for page in Bucket(place).listed() for found in page}


@pytest.mark.usefixtures("committing")
def test_all_blobs_are_copied_and_read_from_the_bucket_afterwards(
    settings: Any, place: BucketPlace
) -> None:
    service, datasets = Service(), of_some_sizes()
    service.store(*datasets)
    gone = instance()
    service.store(gone, gone.copy(), replace=True)  # one blob of it is freed

    configure(settings, place)
    said = storage("copy")

    assert said == "       6 copied\nAll that is held is in the bucket.\n"
    held = InstanceVersion.objects.filter(instance__isnull=False)
    assert keys_in(place) == {version.blob_key for version in held}
    for path in settings.BLOB_FOLDER.rglob("*.dcm"):
        path.unlink()
    for dataset in datasets:
        answer = service.get(
            service.url(dataset), "application/dicom; transfer-syntax=*"
        )
        assert answer.content == encode(dataset)


@pytest.mark.usefixtures("committing")
def test_a_copy_that_was_stopped_goes_on_where_it_was(
    settings: Any, place: BucketPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    Service().store(*(instance() for _ in range(20)))
    configure(settings, place)
    put = Bucket.put
    done: list[str] = []

    def stopping(self: Bucket, key: str, data: bytes) -> None:
        if len(done) >= 7:
            raise BucketError(Trouble.AWAY, "of the tests")
        put(self, key, data)
        done.append(key)

    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "put", stopping)
        assert "It goes on from there when it is started again." in refusal("copy")
    copied = len(keys_in(place))
    assert 7 <= copied < 20

    said = storage("copy")
    assert f"{20 - copied:>8} copied\n" in said
    assert f"{copied:>8} there already\n" in said
    assert len(keys_in(place)) == 20
    assert storage("copy", "--verify").startswith("      20 there already\n")


@pytest.mark.usefixtures("committing")
def test_what_is_damaged_or_missing_is_named_and_the_rest_is_copied(
    settings: Any, place: BucketPlace
) -> None:
    Service().store(*(instance() for _ in range(4)))
    damaged, missing, _, altered = (
        version.blob_key for version in InstanceVersion.objects.order_by("pk")
    )
    path = settings.BLOB_FOLDER / damaged
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    (settings.BLOB_FOLDER / missing).unlink()
    configure(settings, place)

    said = refusal("copy")

    assert f"damaged in the folder: {damaged}\n" in said
    assert f"missing in the folder: {missing}\n" in said
    assert "2 blobs are not in the bucket." in said
    assert len(keys_in(place)) == 2
    # The same length, but other bytes: only who reads it all finds that.
    size = (settings.BLOB_FOLDER / altered).stat().st_size
    Bucket(place).put(altered, bytes(size))
    assert "       1 copied\n" in refusal("copy", "--verify")
    held = store()
    assert isinstance(held, BucketStore)
    original = (settings.BLOB_FOLDER / altered).read_bytes()
    assert held.bucket.read(altered, 0, size) == original


def test_a_copy_needs_a_bucket() -> None:
    assert "STORAGE_URL" in refusal("copy")
