"""How much is asked of a bucket for what clients read: few requests, few bytes."""

import os
import secrets
from pathlib import Path

import pytest

from imaging.blobs.bucket import BucketStore
from imaging.blobs.bucket_reader import AHEAD_BYTES, LEAST_BYTES, BucketReader
from imaging.blobs.bucket_requests import Bucket
from imaging.pace import CHUNK_BYTES
from tests.object_storage import ObjectStorage


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Return the ranges that are asked for from now on."""
    ranges: list[tuple[int, int]] = []
    read = Bucket.read

    def noting(self: Bucket, key: str, offset: int, length: int) -> bytes:
        ranges.append((offset, length))
        return read(self, key, offset, length)

    monkeypatch.setattr(Bucket, "read", noting)
    return ranges


def opened(object_storage: ObjectStorage, folder: Path, content: bytes) -> BucketReader:
    store = BucketStore(object_storage.place(secrets.token_hex(8)), folder)
    store.bucket.put("key", content)
    return store.open("key", len(content))


def test_a_slice_is_one_request_however_small_its_pieces(
    object_storage: ObjectStorage, tmp_path: Path, asked: list[tuple[int, int]]
) -> None:
    content = os.urandom(520_000)
    blob = opened(object_storage, tmp_path, content)
    pieces = [
        blob.read(start, min(CHUNK_BYTES, len(content) - start))
        for start in range(0, len(content), CHUNK_BYTES)
    ]
    assert b"".join(pieces) == content
    assert asked == [(0, len(content))]


def test_what_is_read_on_comes_a_megabyte_at_a_time(
    object_storage: ObjectStorage, tmp_path: Path, asked: list[tuple[int, int]]
) -> None:
    content = os.urandom(3 * AHEAD_BYTES + 5)
    blob = opened(object_storage, tmp_path, content)
    start = 1_000  # a range that a client asks for
    pieces = [
        blob.read(at, min(CHUNK_BYTES, len(content) - at))
        for at in range(start, len(content), CHUNK_BYTES)
    ]
    assert b"".join(pieces) == content[start:]
    assert asked[0] == (start, CHUNK_BYTES)
    assert [length for _, length in asked[1:3]] == [AHEAD_BYTES] * 2
    assert len(asked) == 4


def test_a_frame_and_the_header_before_it_are_one_request_of_little(
    object_storage: ObjectStorage, tmp_path: Path, asked: list[tuple[int, int]]
) -> None:
    content = os.urandom(2 * AHEAD_BYTES)
    blob = opened(object_storage, tmp_path, content)
    at = 700_001
    assert blob.read(at, 8) == content[at : at + 8]
    assert blob.read(at + 8, 20_000) == content[at + 8 : at + 20_008]
    assert asked == [(at, LEAST_BYTES)]
    asked.clear()
    assert blob.read(5, 200_000) == content[5:200_005]
    assert asked == [(5, 200_000)]
    asked.clear()
    assert blob.read(len(content) - 3, 3) == content[-3:]
    assert asked == [(len(content) - 3, 3)]
