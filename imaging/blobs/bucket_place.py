"""Where a bucket is and how it is spoken with, as the settings say."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

SCHEMES: Final = {"s3": "S3", "az": "Azure Blob Storage", "gs": "Google Cloud Storage"}


@dataclass(frozen=True, slots=True)
class BucketPlace:
    """A bucket, and a prefix in it.

    Credentials are not here: `obstore` takes them from the variables that the makers
    of each service name.

    Attributes
    ----------
    url
        ``s3://bucket/prefix``, ``az://container/prefix`` or ``gs://bucket/prefix``.
    endpoint
        Address of the service; empty: the maker's own.
    path_style
        Whether the bucket stands in the path of addresses of S3, or in the host name.
    patience_s
        How long a request may take, and how long it is tried again.
    """

    url: str
    endpoint: str = ""
    region: str = ""
    path_style: bool = True
    patience_s: int = 20

    @property
    def scheme(self) -> str:
        """Return which service it is."""
        return urlsplit(self.url).scheme

    @property
    def bucket(self) -> str:
        """Return the name of the bucket or container."""
        return urlsplit(self.url).netloc

    @property
    def prefix(self) -> str:
        """Return what comes before each key, without slashes around it."""
        return urlsplit(self.url).path.strip("/")


def configured_bucket() -> BucketPlace | None:
    """Return the bucket that the settings name; None where blobs lie in a folder."""
    if not settings.STORAGE_URL:
        return None
    return BucketPlace(
        settings.STORAGE_URL,
        settings.STORAGE_ENDPOINT,
        settings.STORAGE_REGION,
        settings.STORAGE_PATH_STYLE,
        settings.STORAGE_PATIENCE_S,
    )
