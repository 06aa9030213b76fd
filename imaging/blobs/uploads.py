"""Bytes on their way to a bucket: many objects at once, little of them in memory.

What is uploaded has come whole and lies in a file without a name, so that a client
that sends slowly holds nothing here. How many files may wait is bounded: a store that
comes faster than the bucket takes it waits for the bucket.
"""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from imaging.blobs.bucket_requests import (
    MULTIPART_BYTES,
    PART_BYTES,
    Bucket,
    BucketError,
    Trouble,
)
from imaging.blobs.spool import read_all

AT_ONCE: Final = 16
WAITING: Final = 64
IN_MEMORY_BYTES: Final = 48 * 1024 * 1024
"""Of all uploads of a process; more than one large object takes."""


@dataclass(slots=True)
class Upload:
    """A file that is to become an object."""

    key: str
    descriptor: int
    size: int
    is_wanted: bool = True
    done: Future[None] = field(default_factory=Future)


class Uploads:
    """The uploads of one process to one bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="upload")
        self._places = threading.BoundedSemaphore(WAITING)
        self._memory = _Memory(IN_MEMORY_BYTES)
        self._lock = threading.Lock()
        self._under_way: dict[str, Upload] = {}

    def begin(self, key: str, descriptor: int, size: int) -> Future[None]:
        """Have a file uploaded, which is closed afterwards; waits for a place.

        The future is done once the bucket has acknowledged it, and fails with
        `BucketError` where it has not.
        """
        self._places.acquire()
        upload = Upload(key, descriptor, size)
        # Nobody may cancel it: the file has to be closed, and its place given back.
        upload.done.set_running_or_notify_cancel()
        with self._lock:
            self._under_way[key] = upload
        self._threads.submit(self._run, upload)
        return upload.done

    def discard(self, key: str) -> None:
        """Remove an object that nothing names, now or once its upload is over.

        Returns at once. What cannot be removed is left to the sweeper.
        """
        with self._lock:
            upload = self._under_way.get(key)
            if upload is not None:
                upload.is_wanted = False
                return
        self._threads.submit(self._remove, key)

    def send(self, key: str, descriptor: int, size: int) -> None:
        """Upload a file in this thread.

        Raises
        ------
        BucketError
            The bucket does not have it whole.
        """
        is_small = size <= PART_BYTES
        with self._memory.taken(size if is_small else MULTIPART_BYTES):
            if is_small:
                self._bucket.put(key, read_all(descriptor, 0, size))
                return
            self._bucket.put_parts(key, _parts(descriptor, size))
        if self._bucket.size(key) != size:
            raise BucketError(Trouble.TOO_SHORT, "an upload is not whole")

    def _run(self, upload: Upload) -> None:
        is_begun, error = upload.is_wanted, None
        try:
            if is_begun:
                self.send(upload.key, upload.descriptor, upload.size)
        except Exception as raised:  # noqa: BLE001 handed to whoever waits
            error = raised
        os.close(upload.descriptor)
        with self._lock:
            del self._under_way[upload.key]
        self._places.release()
        if error is not None:
            upload.done.set_exception(error)
        else:
            upload.done.set_result(None)
        if is_begun and not upload.is_wanted:
            self._remove(upload.key)

    def _remove(self, key: str) -> None:
        with suppress(BucketError):
            self._bucket.delete([key])


class _Memory:
    """A number of bytes that is shared; who asks first is served first."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._turn = threading.Lock()
        self._given_back = threading.Condition()

    @contextmanager
    def taken(self, size: int) -> Iterator[None]:
        with self._turn, self._given_back:
            while self._free < size:
                self._given_back.wait()
            self._free -= size
        try:
            yield
        finally:
            with self._given_back:
                self._free += size
                self._given_back.notify()


def _parts(descriptor: int, size: int) -> Iterator[bytes]:
    for offset in range(0, size, PART_BYTES):
        yield read_all(descriptor, offset, min(PART_BYTES, size - offset))
