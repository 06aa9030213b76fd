"""Whether the storage does what blobs need, asked step by step for an operator."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Final, NamedTuple

from django.conf import settings
from django.utils import timezone

from core.errors import PortalError
from imaging.blobs import BlobStore, store
from imaging.blobs.bucket_place import SCHEMES, BucketPlace, configured_bucket
from imaging.blobs.condition import StorageCondition
from imaging.blobs.folder import FolderStore

CONTENT: Final = b"The portal looks whether its storage works: delete me.\n"

_CREDENTIALS: Final = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
    "gs": "GOOGLE_SERVICE_ACCOUNT",
}


class Finding(NamedTuple):
    """One step; and what is wrong and what to do, where it failed."""

    step: str
    wrong: str = ""
    advice: str = ""


class _Wrong(Exception):
    """A step did something, but not what it should."""


def storage_name() -> str:
    """Return where the blobs lie, for an operator."""
    place = configured_bucket()
    if place is None:
        return f"the folder {settings.BLOB_FOLDER}"
    where = place.endpoint or SCHEMES[place.scheme]
    return f"the bucket {place.bucket}, below /{place.prefix}, at {where}"


def check_storage() -> Iterator[Finding]:
    """Write, find, read and delete a blob; ends with the first step that fails."""
    probe = _Probe(store())
    steps: dict[str, Callable[[], None]] = {
        "room on this machine": _room,
        "write": probe.write,
        "read": probe.read,
        "list": probe.find,
        "delete": probe.delete,
    }
    try:
        for name, step in steps.items():
            try:
                step()
            except (OSError, PortalError, _Wrong) as error:
                yield Finding(name, str(error), _advice(error, name))
                return
            yield Finding(name)
    finally:
        probe.end()


class _Probe:
    """A blob that nobody needs."""

    def __init__(self, held: BlobStore) -> None:
        self._held = held
        self._key = ""

    def write(self) -> None:
        writer = self._held.create()
        try:
            writer.write(CONTENT)
            self._key = writer.key
            writer.finish().result()
        finally:
            writer.close()

    def read(self) -> None:
        with self._held.open(self._key, len(CONTENT)) as blob:
            for start in (0, len(CONTENT) // 2):
                if blob.read(start, len(CONTENT) - start) != CONTENT[start:]:
                    message = "Other bytes are read than were written."
                    raise _Wrong(message)

    def find(self) -> None:
        later = timezone.now() + timedelta(days=1)
        minute, _, _ = self._key.rpartition("/")
        if self._key not in self._held.keys_before(later, below=minute):
            message = "What was written is not listed."
            raise _Wrong(message)

    def delete(self) -> None:
        self._held.delete([self._key])
        self._key = ""

    def end(self) -> None:
        """Leave nothing, if that can be."""
        if self._key:
            with suppress(OSError):
                self._held.delete([self._key])


def _room() -> None:
    condition = FolderStore(settings.BLOB_FOLDER).condition()
    if condition is not StorageCondition.READY:
        message = f"{settings.BLOB_FOLDER} is {condition}."
        raise _Wrong(message)


def _advice(error: Exception, step: str) -> str:
    place = configured_bucket()
    if place is None or step == "room on this machine":
        return (
            "Make room there, or have PORTAL_BLOBS name a folder that can be written."
        )
    if isinstance(error, _Wrong):
        return "The service does not keep what it promises: do not store there."
    from imaging.blobs.bucket_requests import BucketError, Trouble  # noqa: PLC0415

    trouble = error.trouble if isinstance(error, BucketError) else None
    if trouble is Trouble.AWAY:
        return (
            "Nothing there answers in STORAGE_PATIENCE_S seconds: look at "
            "STORAGE_ENDPOINT, STORAGE_REGION, the network and its certificates."
        )
    return _advice_on_refusal(str(error), place, step)


def _advice_on_refusal(said: str, place: BucketPlace, step: str) -> str:
    if "NoSuchBucket" in said or "ContainerNotFound" in said:
        return f"Make the bucket {place.bucket}, or look for its name in STORAGE_URL."
    return (
        f"Look at {_CREDENTIALS[place.scheme]}, at the clock of this machine, and at "
        f"what the account may do: {step} objects below /{place.prefix}."
    )
