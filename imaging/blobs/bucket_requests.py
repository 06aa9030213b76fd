"""Requests to a bucket, made through `obstore`: bounded in time, failures told apart.

What `obstore` says of a failure holds addresses, and those of Azure may hold
signatures: none of it goes into a log or an answer but the status and the service's
own short code.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import ObjectStore, from_url

from imaging.blobs.bucket_place import BucketPlace
from imaging.blobs.outage import Outage

logger = logging.getLogger(__name__)

PART_BYTES: Final = 8 * 1024 * 1024
"""Of a multipart upload. S3 takes 10,000 of them, so an object may have 80 GB."""

PARTS_AT_ONCE: Final = 2
MULTIPART_BYTES: Final = (PARTS_AT_ONCE + 2) * PART_BYTES  # in memory meanwhile
LISTED_AT_ONCE: Final = 1_000
CONNECT_S: Final = 5

_STATUS: Final = re.compile(r"status code: (\d{3})")
_CODE: Final = re.compile(r"<Code>(\w{1,64})</Code>")
_NO_BUCKET: Final = frozenset({"NoSuchBucket", "ContainerNotFound"})
_OUT_OF_RANGE: Final = 416
_PASSING: Final = frozenset({408, 425, 429})


class Trouble(StrEnum):
    """What kind of failure it was."""

    AWAY = "it does not answer"
    REFUSED = "it refuses"
    MISSING = "the object is not there"
    TOO_SHORT = "the object is too short"


class BucketError(OSError):
    """The bucket did not do what it was asked for."""

    def __init__(self, trouble: Trouble, reason: str) -> None:
        super().__init__(f"a bucket failed: {trouble} ({reason})")
        self.trouble = trouble
        self.reason = reason


class Bucket:
    """A bucket at a place, spoken with synchronously; safe to share between threads."""

    def __init__(self, place: BucketPlace, *, retries: int = 8) -> None:
        self.place = place
        self._store = _connected(place, retries)
        self.outage = Outage()

    def put(self, key: str, data: bytes) -> None:
        """Store a small object; done once the service has acknowledged it."""
        with self._asked():
            obstore.put(self._store, key, data, use_multipart=False)

    def put_parts(self, key: str, parts: Iterator[bytes]) -> None:
        """Store a large object that comes in parts of `PART_BYTES` but for the last."""
        with self._asked():
            obstore.put(
                self._store,
                key,
                parts,
                chunk_size=PART_BYTES,
                max_concurrency=PARTS_AT_ONCE,
            )

    def size(self, key: str) -> int:
        """Return the length of an object."""
        with self._asked():
            return obstore.head(self._store, key)["size"]

    def read(self, key: str, offset: int, length: int) -> bytes:
        """Return the bytes at `offset`, exactly `length` of them."""
        if not length:
            return b""
        with self._asked():
            data = obstore.get_range(self._store, key, start=offset, length=length)
        if len(data) != length:
            reason = f"{len(data)} of {length} bytes"
            raise BucketError(Trouble.TOO_SHORT, reason)
        return data.to_bytes()

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; one that is not there is no error."""
        if not keys:
            return
        try:
            with self._asked():
                obstore.delete(self._store, keys)
        except BucketError as error:
            if error.trouble is not Trouble.MISSING:
                raise
            # Not every service passes over what is gone, and the rest is to go, too.
            if len(keys) > 1:
                for key in keys:
                    self.delete([key])

    def listed(self, below: str = "") -> Iterator[Sequence[Any]]:
        """Yield what lies below a folder, many at a time: `path`, `last_modified`."""
        pages = obstore.list(self._store, below or None, chunk_size=LISTED_AT_ONCE)
        while True:
            with self._asked():
                page = next(pages, None)
            if page is None:
                return
            yield page

    def folders(self, below: str) -> list[str]:
        """Return the names of the folders in a folder."""
        with self._asked():
            found = obstore.list_with_delimiter(self._store, below)
        return [each.rpartition("/")[2] for each in found["common_prefixes"]]

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Turn what `obstore` raises into a `BucketError`."""
        if not self.outage.may_ask():
            raise BucketError(Trouble.AWAY, "it did not answer a moment ago")
        failure: BucketError | None = None
        is_away = self.outage.is_away  # where neither shows
        try:
            yield
            is_away = False
        except (BaseError, FileNotFoundError) as error:
            failure = _told(error)
            is_away = failure.trouble is Trouble.AWAY
        finally:
            self.outage.learned(is_away=is_away)
        if failure is not None:
            logger.warning("%s", failure)
            raise failure from None  # the text of what it was must not get into a log


def _connected(place: BucketPlace, retries: int) -> ObjectStore:
    patience = timedelta(seconds=place.patience_s)
    options: Any = {  # of types that depend on the scheme
        "config": _config(place),
        "client_options": {
            "allow_http": place.endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=min(CONNECT_S, place.patience_s)),
            "timeout": patience,
        },
        "retry_config": {
            "max_retries": retries,
            "retry_timeout": patience,
            "backoff": {
                "init_backoff": timedelta(milliseconds=100),
                "max_backoff": timedelta(seconds=5),
                "base": 2,
            },
        },
    }
    connected: ObjectStore = from_url(place.url, **options)
    return connected


def _config(place: BucketPlace) -> dict[str, str | bool]:
    config: dict[str, str | bool] = {}
    if place.scheme == "s3":
        config["virtual_hosted_style_request"] = not place.path_style
        if place.region:
            config["region"] = place.region
    if place.endpoint:
        config["base_url" if place.scheme == "gs" else "endpoint"] = place.endpoint
    return config


def _told(error: Exception) -> BucketError:
    said = str(error)
    status = int(found[1]) if (found := _STATUS.search(said)) else 0
    code = found[1] if (found := _CODE.search(said)) else type(error).__name__
    reason = f"{status} {code}" if status else code
    if isinstance(error, FileNotFoundError) and code not in _NO_BUCKET:
        return BucketError(Trouble.MISSING, reason)
    if status == _OUT_OF_RANGE:
        return BucketError(Trouble.TOO_SHORT, reason)
    is_refused = 400 <= status < 500 and status not in _PASSING
    if is_refused or isinstance(error, PermissionDeniedError | UnauthenticatedError):
        return BucketError(Trouble.REFUSED, reason)
    return BucketError(Trouble.AWAY, reason)
