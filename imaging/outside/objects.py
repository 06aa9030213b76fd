"""Objects of buckets of others: S3 and what speaks like it, Azure, Google Cloud.

Through `obstore`, which is loaded only here. It looks up hosts by itself, so it goes
through `imaging.outside.way_out`. What it says of a failure may hold addresses with
signatures: none of it goes into a log or an answer.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import ObjectStore, from_url

from core.errors import Invalid, NotFound, PortalError, Upstream
from imaging.outside.azure_identity import storage_token
from imaging.outside.object_place import Place
from imaging.outside.way_out import way_out

NO_BUCKET: Final = Upstream("There is no such bucket.", retryable=False)
NO_OBJECT: Final = "The bucket has no such file."
PART_BYTES: Final = 8 * 1024 * 1024


class Objects:
    """A bucket that is open."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def put(self, key: str, pieces: Iterable[bytes]) -> None:
        """Store an object, whole or not at all; done once it is acknowledged.

        Raises
        ------
        Upstream
            The service is away, or refuses.
        """
        parts = _parts(pieces)
        first = next(parts, b"")
        second = next(parts, None)
        with _told():
            if second is None:
                obstore.put(self._store, key, first, use_multipart=False)
                return
            whole = _joined(first, second, parts)
            obstore.put(
                self._store, key, whole, chunk_size=PART_BYTES, max_concurrency=2
            )

    def size(self, key: str) -> int:
        """Return the length of an object.

        Raises
        ------
        NotFound
            There is none.
        Upstream
            The service is away, or refuses.
        """
        with _told(NotFound(NO_OBJECT, path="path")):
            return int(obstore.head(self._store, key)["size"])

    def read(self, key: str, offset: int, length: int) -> bytes:
        """Return bytes of an object that has them; raises as `size` does."""
        with _told(NotFound(NO_OBJECT, path="path")):
            held = obstore.get_range(self._store, key, start=offset, length=length)
            return held.to_bytes()

    def require(self) -> None:
        """Refuse a bucket that is not there, or not for us.

        Raises
        ------
        Invalid
            The service says so, or does not answer soon.
        """
        try:
            with _told():
                next(iter(obstore.list(self._store, chunk_size=1)), None)
        except Upstream as error:
            message = f"The container cannot be used. {error.message}"
            raise Invalid(message, path="destination") from None


@contextmanager
def opened(place: Place, *, patience_s: int) -> Iterator[Objects]:
    """Open a bucket, for as long as it is needed."""
    with way_out() as proxy:
        options: Any = {  # of types that depend on the scheme
            "config": dict(place.config),
            "client_options": {
                "allow_http": place.allows_http,
                "proxy_url": proxy,
                "connect_timeout": timedelta(seconds=5),
                "timeout": timedelta(seconds=patience_s),
            },
            "retry_config": {
                "max_retries": 3,
                "retry_timeout": timedelta(seconds=patience_s),
            },
        }
        if place.signature or place.by_identity:
            held = _credentials(place, patience_s)
            options["credential_provider"] = lambda: held
        try:
            store = from_url(place.url, **options)
        except BaseError:
            message = "The address of the bucket cannot be used."
            raise Invalid(message, path="destination") from None
        yield Objects(store)


def _credentials(place: Place, patience_s: int) -> dict[str, Any]:
    """Return what opens a container of Azure, for as long as it is needed here."""
    if place.signature:
        return {"sas_token": place.signature, "expires_at": None}
    return {"token": storage_token(patience_s=patience_s), "expires_at": None}


def _parts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield pieces joined to parts of `PART_BYTES`, but for the last."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= PART_BYTES:
            yield bytes(held[:PART_BYTES])
            del held[:PART_BYTES]
    if held:
        yield bytes(held)


def _joined(first: bytes, second: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield second
    yield from rest


@contextmanager
def _told(missing: PortalError = NO_BUCKET) -> Iterator[None]:
    """Turn what `obstore` raises into what may be told."""
    failure: PortalError | None = None
    try:
        yield
    except (FileNotFoundError, ValueError):  # or nothing can have this name
        failure = missing
    except (PermissionDeniedError, UnauthenticatedError):
        failure = Upstream("The bucket does not take us.", retryable=False)
    except BaseError:
        failure = Upstream("The bucket does not answer.", retryable=True)
    if failure is not None:
        raise failure
