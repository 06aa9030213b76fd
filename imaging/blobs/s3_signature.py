"""Signed requests to S3 for what `obstore` does not ask: AWS Signature Version 4.

Reference: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlsplit

from imaging.blobs.bucket_place import BucketPlace

_EMPTY: Final = hashlib.sha256(b"").hexdigest()
_ALGORITHM: Final = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A key of S3; it never shows what is secret of it."""

    key_id: str
    secret: str
    token: str = ""

    def __repr__(self) -> str:
        """Return nothing that should not be in a log."""
        return "Credentials(…)"


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request without a body."""

    url: str
    headers: Mapping[str, str]


def signed(
    place: BucketPlace,
    credentials: Credentials,
    *,
    method: str,
    key: str,
    query: Mapping[str, str],
    now: datetime,
) -> SignedRequest:
    """Return a request for an object of a bucket, or for the bucket itself."""
    base, host, path = _address(place)
    path = f"{path}/{quote(key, safe='/-_.~')}" if key else path or "/"
    asked = "&".join(
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}"
        for name, value in sorted(query.items())
    )
    headers = {
        "host": host,
        "x-amz-content-sha256": _EMPTY,
        "x-amz-date": f"{now:%Y%m%dT%H%M%SZ}",
    }
    if credentials.token:
        headers["x-amz-security-token"] = credentials.token
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = "\n".join((method, path, asked, lines, names, _EMPTY))
    scope = f"{now:%Y%m%d}/{place.region or 'us-east-1'}/s3/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = "\n".join((_ALGORITHM, headers["x-amz-date"], scope, digest))
    signature = _hmac(_signing_key(credentials, scope), to_sign).hex()
    headers["authorization"] = (
        f"{_ALGORITHM} Credential={credentials.key_id}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return SignedRequest(f"{base}{path}?{asked}", headers)


def _address(place: BucketPlace) -> tuple[str, str, str]:
    """Return scheme and host of the address, the host alone, and the bucket's path."""
    default = f"https://s3.{place.region or 'us-east-1'}.amazonaws.com"
    parts = urlsplit(place.endpoint or default)
    path = parts.path.rstrip("/")
    if place.path_style:
        base, path = parts.netloc, f"{path}/{place.bucket}"
    else:
        base = f"{place.bucket}.{parts.netloc}"
    return f"{parts.scheme}://{base}", base, path


def _signing_key(credentials: Credentials, scope: str) -> bytes:
    key = f"AWS4{credentials.secret}".encode()
    for part in scope.split("/"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()
