"""Uploads share the memory and the threads of a process, and none is forgotten."""

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from imaging.blobs.bucket_requests import PART_BYTES, Bucket, BucketError, Trouble
from imaging.blobs.spool import unnamed, write_all
from imaging.blobs.uploads import IN_MEMORY_BYTES, Uploads, _Memory
from portal.embedded.options import ROOT
from tests.object_storage import ObjectStorage

MEGABYTES = int(os.environ.get("PORTAL_TEST_BUCKET_MB", "128"))
# What a process takes at most beyond what it had, all uploads and `obstore` included.
MOST_BYTES = 64 * 1024 * 1024
UPLOAD = """
import os, resource, sys
from imaging.blobs.bucket_place import BucketPlace
from imaging.blobs.bucket_requests import Bucket
from imaging.blobs.uploads import Uploads
from imaging.blobs.spool import unnamed
from pathlib import Path
url, endpoint, folder, size = sys.argv[1:]
uploads = Uploads(Bucket(BucketPlace(url, endpoint)))
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
before = peak()
descriptors = []
for number in range(3):
    descriptors.append(unnamed(Path(folder)))
    os.truncate(descriptors[-1], int(size) // 3)
for done in [uploads.begin(f"k{d}", d, int(size) // 3) for d in descriptors]:
    done.result()
print(peak() - before)
"""


def test_large_objects_take_little_memory_however_many(
    object_storage: ObjectStorage, tmp_path: Path
) -> None:
    """``PORTAL_TEST_BUCKET_MB=4096`` makes them 4 GB."""
    place = object_storage.place("large")
    size = MEGABYTES * 1024 * 1024
    said = subprocess.run(
        [sys.executable, "-c", UPLOAD, place.url, place.endpoint, tmp_path, str(size)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    assert int(said.stdout) < MOST_BYTES


def test_a_server_that_goes_in_the_middle_of_a_large_object_leaves_nothing_of_it(
    object_storage: ObjectStorage,
) -> None:
    bucket = Bucket(object_storage.place("cut-off", patience_s=2))
    before = b"held already"
    bucket.put("held", before)

    def parts() -> object:
        for number in range(6):
            if number == 4:
                object_storage.kill()
            yield bytes(PART_BYTES)

    with pytest.raises(BucketError) as failed:
        bucket.put_parts("large", parts())  # type: ignore[arg-type]
    object_storage.start()

    assert failed.value.trouble is Trouble.AWAY
    again = Bucket(object_storage.place("cut-off"))
    assert again.read("held", 0, len(before)) == before
    with pytest.raises(BucketError) as missing:
        again.size("large")
    assert missing.value.trouble is Trouble.MISSING


def test_what_cannot_be_uploaded_fails_and_gives_its_place_back(
    object_storage: ObjectStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = Uploads(Bucket(object_storage.place("failing")))

    def refuse(*_args: object) -> None:
        raise BucketError(Trouble.AWAY, "of the tests")

    monkeypatch.setattr(Bucket, "put", refuse)
    for _ in range(200):  # more than may wait
        descriptor = unnamed(tmp_path)
        write_all(descriptor, b"content")
        done = uploads.begin("key", descriptor, 7)
        assert isinstance(done.exception(), BucketError)
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(descriptor)
    assert not done.cancel()


def test_memory_is_shared_and_who_asks_first_is_served_first() -> None:
    memory = _Memory(10)
    order: list[str] = []
    in_turn = threading.Event()

    def take(name: str, size: int) -> None:
        with memory.taken(size):
            order.append(name)

    with memory.taken(8):
        large = threading.Thread(target=take, args=("large", 10))
        large.start()
        while not memory._turn.locked():
            in_turn.wait(0.01)
        small = threading.Thread(target=take, args=("small", 1))
        small.start()
        in_turn.wait(0.05)
        assert order == []  # although the small one would find room
    large.join()
    small.join()
    assert order == ["large", "small"]


def test_one_large_object_fits_into_the_memory_of_all() -> None:
    assert tempfile.gettempdir()
    assert 4 * PART_BYTES <= IN_MEMORY_BYTES < MOST_BYTES
