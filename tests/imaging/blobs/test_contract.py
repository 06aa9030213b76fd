"""What a folder and a bucket do alike, whatever the rest of the portal asks of them."""

import os
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from core.errors import Upstream
from imaging.blobs import BlobStore, BlobWriter
from imaging.blobs.bucket import BucketStore
from imaging.blobs.condition import StorageCondition
from imaging.blobs.folder import FolderStore
from imaging.blobs.keys import KEY
from tests.object_storage import ObjectStorage

MEGABYTE = 1024 * 1024
TIMES = 20


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "folder":
        return FolderStore(tmp_path)
    server: ObjectStorage = request.getfixturevalue("object_storage")
    return BucketStore(server.place(secrets.token_hex(8)), tmp_path)


def begun(store: BlobStore, content: bytes) -> BlobWriter:
    writer = store.create()
    for start in range(0, len(content), MEGABYTE):
        writer.write(content[start : start + MEGABYTE])
    return writer


def kept(store: BlobStore, content: bytes) -> str:
    writer = begun(store, content)
    writer.finish().result()
    writer.close()
    return writer.key


def keys(store: BlobStore) -> set[str]:
    return set(store.keys_before(timezone.now() + timedelta(hours=1)))


def until(is_so: Callable[[], bool]) -> None:
    """Wait for what is done in a thread; the test's time limit ends it."""
    while not is_so():
        threading.Event().wait(0.02)


@pytest.mark.parametrize("size", [1, 100_000, 8 * MEGABYTE, 8 * MEGABYTE + 1])
def test_what_was_written_is_read_anywhere(store: BlobStore, size: int) -> None:
    content = os.urandom(size)
    key = kept(store, content)
    assert KEY.fullmatch(key)
    with store.open(key, size) as blob:
        assert blob.size == size
        assert blob.read(0, size) == content
        assert blob.read(size - 1, 1) == content[-1:]
        assert blob.read(size // 2, size - size // 2) == content[size // 2 :]
        assert blob.read(0, 0) == b""
        with blob.map() as mapped:
            assert mapped[:] == content
        assert blob.read(size // 3, 1) == content[size // 3 : size // 3 + 1]


def test_a_large_blob_that_is_no_multiple_of_anything_is_whole(
    store: BlobStore,
) -> None:
    content = os.urandom(33 * MEGABYTE + 12_345)
    key = kept(store, content)
    with store.open(key, len(content)) as blob:
        assert blob.read(0, len(content)) == content


def test_what_was_written_can_be_looked_at_before_it_is_durable(
    store: BlobStore,
) -> None:
    writer = begun(store, b"content")
    with writer.map() as mapped:
        assert mapped[:] == b"content"
    writer.discard()
    assert keys(store) == set()


def test_a_refused_blob_leaves_nothing(store: BlobStore) -> None:
    writer = begun(store, b"content")
    done = writer.finish()
    writer.discard()
    done.exception()
    until(lambda: not keys(store))
    writer.close()


def test_blobs_that_nothing_names_are_removed(store: BlobStore) -> None:
    first, second = kept(store, b"first"), kept(store, b"second")
    store.discard(first)
    until(lambda: keys(store) == {second})


def test_blobs_are_deleted_together_and_those_that_are_gone_are_no_error(
    store: BlobStore,
) -> None:
    gone = [kept(store, b"x") for _ in range(3)]
    stays = kept(store, b"y")
    store.delete([*gone, "2026/01/01/0000/000000000000000000000000.dcm"])
    store.delete(gone)
    store.delete([])
    assert keys(store) == {stays}


def test_only_what_is_older_is_listed(store: BlobStore) -> None:
    key = kept(store, b"x")
    now = timezone.now()
    assert set(store.keys_before(now - timedelta(hours=1))) == set()
    assert set(store.keys_before(now + timedelta(hours=1))) == {key}


def test_a_blob_that_is_missing_is_told_where_it_is_read(store: BlobStore) -> None:
    key = kept(store, b"x")
    store.delete([key])
    with pytest.raises(Upstream) as told, store.open(key, 1) as blob:
        blob.read(0, 1)
    assert not told.value.retryable
    assert told.value.message == (
        "The stored bytes cannot be read. Tell an administrator."
    )


def test_a_blob_that_is_shorter_than_its_row_says_is_never_a_short_success(
    store: BlobStore,
) -> None:
    key = kept(store, b"0123456789")
    with store.open(key, 20) as blob:
        for offset, length in ((0, 20), (5, 10), (15, 5)):
            with pytest.raises(Upstream, match="end too early"):
                blob.read(offset, length)


def test_many_blobs_are_written_and_read_at_once(store: BlobStore) -> None:
    contents = [os.urandom(1_000 + place) for place in range(10 * TIMES)]
    writers = [begun(store, content) for content in contents]
    for done in [writer.finish() for writer in writers]:
        done.result()

    def read(place: int) -> bytes:
        with store.open(writers[place].key, len(contents[place])) as blob:
            return blob.read(0, blob.size)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(read, range(len(contents)))) == contents
    assert len(keys(store)) == len(contents)
    for writer in writers:
        writer.close()


def test_it_is_ready_and_telling_so_leaves_no_blob(store: BlobStore) -> None:
    assert store.condition() is StorageCondition.READY
    assert keys(store) == set()


def test_scratch_is_read_back_and_has_no_name(store: BlobStore, tmp_path: Path) -> None:
    with store.scratch() as file:
        file.write(bytes(2 * MEGABYTE) + b"end")
        file.seek(2 * MEGABYTE)
        assert file.read() == b"end"
        assert list(tmp_path.iterdir()) == []
