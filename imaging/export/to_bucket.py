"""Exports into buckets: those that the settings name, and Azure's blob containers.

A named bucket has its credentials in a file of the operator. Azure's dialect brings a
shared access signature with the request: it is kept encrypted with the operation.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from uuid import UUID

from core.errors import Invalid
from imaging.export.asked import Typed
from imaging.export.azure_forms import asked_container, require_listed
from imaging.export.delivery import ERRORS, Conclusion, Place
from imaging.export.secret import hidden, shown
from imaging.outside.hosts import checked_url
from imaging.outside.named_buckets import named_bucket, opened
from imaging.outside.object_place import Place as BucketPlace

if TYPE_CHECKING:
    from imaging.outside.objects import Objects

ASKED_S: Final = 8  # while a request waits


class _Bucket:
    """What both kinds have in common."""

    def _place(self) -> BucketPlace:
        raise NotImplementedError

    def _href(self) -> str:
        raise NotImplementedError

    @contextmanager
    def begin(self, operation_id: UUID, place: Place) -> Iterator["BucketDelivery"]:
        """Begin a step; all that matters lies in the bucket."""
        with opened(self._place()) as bucket:
            yield BucketDelivery(bucket, operation_id, place)

    def conclude(self, operation_id: UUID, place: Place) -> Conclusion:
        """Say where it lies: objects are there whole or not at all."""
        del place
        href = f"{self._href()}/{operation_id}"
        return Conclusion(href, f"{href}/{ERRORS}")


@dataclass(frozen=True, slots=True)
class NamedBucket(_Bucket):
    """A bucket of the file that ``PORTAL_EXPORT_BUCKETS`` names."""

    name: str

    @classmethod
    def asked(cls, given: Typed) -> "NamedBucket":
        """Return the bucket that a request names."""
        given.only("bucket")
        made = cls(given.text("bucket"))
        made._place()
        return made

    @property
    def described(self) -> str:
        """Return its name and where it is."""
        return f"bucket {self.name} ({self._href()})"

    def _place(self) -> BucketPlace:
        return named_bucket(self.name)

    def _href(self) -> str:
        return self._place().url


@dataclass(frozen=True, slots=True)
class AzureBlob(_Bucket):
    """A container of Azure's blob storage, with the signature that opens it.

    Attributes
    ----------
    signature
        Encrypted.
    by_identity
        Whether it is the portal's own identity that opens it, and no signature.
    """

    container: str
    signature: str
    by_identity: bool = False

    @classmethod
    def asked(cls, given: Typed) -> "AzureBlob":
        """Return the container that a request names, in the forms of Azure's service.

        Raises
        ------
        Invalid
            The forms are mixed, or incomplete; the credentials are of a kind that is
            not taken; the host is not on the list; there is no such container.
        """
        address, query, by_identity = asked_container(given)
        url = checked_url(address)
        if not url.path.strip("/") or url.fragment:
            message = "The address of the container names none."
            raise Invalid(message, path="blobContainerUri")
        made = cls(address, "" if by_identity else hidden(query), by_identity)
        with opened(made._place(), patience_s=ASKED_S) as bucket:
            bucket.require()
        return made

    @property
    def described(self) -> str:
        """Return its address, without the signature."""
        return f"container {self.container}"

    def _place(self) -> BucketPlace:
        url = urlsplit(self.container)
        above, _, container = url.path.rpartition("/")
        config = {
            "account_name": above.strip("/") or (url.hostname or "").split(".")[0],
            "endpoint": f"{url.scheme}://{url.netloc}{above}",
        }
        url_of = f"az://{container}"
        if self.by_identity:
            require_listed(self.container)
            return BucketPlace(url_of, config, by_identity=True)
        return BucketPlace(url_of, config, shown(self.signature))

    def _href(self) -> str:
        return self.container


class BucketDelivery:
    """The files of one step."""

    def __init__(self, opened: "Objects", operation_id: UUID, place: Place) -> None:
        self.place = place
        self._opened = opened
        self._operation_id = operation_id

    def put(self, path: str, size: int | None, pieces: Iterable[bytes]) -> None:
        """Store an object."""
        del size
        self._opened.put(f"{self._operation_id}/{path}", pieces)

    def finish(self) -> Mapping[str, str]:
        """Do nothing: each was acknowledged."""
        return {}
