"""Multipart uploads that were begun and never ended: their parts cost and do not show.

A process that is killed in the middle of a large object leaves one. S3 shows them apart
from the objects, and `obstore` does not ask for them. Azure drops the like by itself
after a week; for Google Cloud, and where the credentials are those of a role, a rule of
the bucket has to.
"""

import html
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from http.client import HTTPException
from typing import Final, NamedTuple
from urllib.error import HTTPError
from urllib.request import Request

from django.conf import settings
from django.utils import timezone

from core.without_redirects import OPENER
from imaging.blobs.bucket_place import BucketPlace
from imaging.blobs.bucket_requests import BucketError, Trouble
from imaging.blobs.keys import KEY, RESULT_KEY
from imaging.blobs.s3_signature import Credentials, signed

_ANSWER_BYTES: Final = 8 * 1024 * 1024  # of a thousand uploads
_UPLOAD: Final = re.compile(r"<Upload>(.*?)</Upload>", re.DOTALL)
_GONE: Final = 404


class Unfinished(NamedTuple):
    """A multipart upload that has not ended."""

    key: str
    upload_id: str
    begun_at: datetime


def abort_unfinished(place: BucketPlace, before: datetime) -> int:
    """End the uploads of ours that were begun before a moment; return how many.

    None, where the service has no such uploads or the credentials are not known here.

    Raises
    ------
    BucketError
        The bucket does not do it.
    """
    credentials = Credentials(*settings.STORAGE_S3_CREDENTIALS)
    if place.scheme != "s3" or not credentials.secret:
        return 0
    bucket = _Uploads(place, credentials)
    # All first: the list moves while uploads end.
    old = [each for each in bucket.listed() if each.begun_at < before]
    for each in old:
        bucket.abort(each)
    return len(old)


class _Uploads:
    def __init__(self, place: BucketPlace, credentials: Credentials) -> None:
        self._place = place
        self._credentials = credentials
        self._prefix = f"{place.prefix}/" if place.prefix else ""

    def listed(self) -> Iterator[Unfinished]:
        """Yield the uploads below the prefix of what is ours."""
        query = {"uploads": "", "prefix": self._prefix, "max-uploads": "1000"}
        while True:
            answer = self._ask("GET", "", query)
            for found in _UPLOAD.finditer(answer):
                upload = _unfinished(found[1])
                key = upload.key.removeprefix(self._prefix)
                if KEY.fullmatch(key) or RESULT_KEY.fullmatch(key):
                    yield upload
            marker = _value(answer, "NextKeyMarker")
            upload_id = _value(answer, "NextUploadIdMarker")
            has_moved = (marker, upload_id) > (
                query.get("key-marker", ""),
                query.get("upload-id-marker", ""),
            )
            if _value(answer, "IsTruncated") != "true" or not has_moved:
                return
            query |= {"key-marker": marker, "upload-id-marker": upload_id}

    def abort(self, upload: Unfinished) -> None:
        """End an upload; one that has ended meanwhile is no error."""
        self._ask("DELETE", upload.key, {"uploadId": upload.upload_id})

    def _ask(self, method: str, key: str, query: Mapping[str, str]) -> str:
        made = signed(
            self._place,
            self._credentials,
            method=method,
            key=key,
            query=query,
            now=timezone.now(),
        )
        request = Request(  # noqa: S310 of the settings
            made.url, headers=dict(made.headers), method=method
        )
        try:
            with OPENER.open(request, timeout=self._place.patience_s) as answer:
                return str(answer.read(_ANSWER_BYTES).decode())
        except HTTPError as error:
            with error:
                if method == "DELETE" and error.code == _GONE:
                    return ""
                raise BucketError(Trouble.REFUSED, str(error.code)) from None
        except (OSError, HTTPException, ValueError) as error:
            raise BucketError(Trouble.AWAY, type(error).__name__) from None


def _unfinished(text: str) -> Unfinished:
    try:
        begun_at = datetime.fromisoformat(_value(text, "Initiated"))
    except ValueError:
        reason = "an upload without the time of its beginning"
        raise BucketError(Trouble.REFUSED, reason) from None
    return Unfinished(_value(text, "Key"), _value(text, "UploadId"), begun_at)


def _value(text: str, name: str) -> str:
    found = re.search(f"<{name}>(.*?)</{name}>", text, re.DOTALL)
    return html.unescape(found[1]) if found else ""
