"""Multipart uploads that a killed process has left are found and ended."""

import os
import secrets
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from core.result_places import new_name
from imaging.blobs.bucket import BucketStore
from imaging.blobs.bucket_place import BucketPlace
from imaging.blobs.bucket_requests import BucketError, Trouble
from imaging.blobs.keys import new_key, this_minute
from imaging.blobs.s3_signature import Credentials, signed
from imaging.blobs.unfinished import Unfinished, _Uploads
from portal.embedded.options import ROOT
from tests.object_storage import KEY_ID, SECRET, ObjectStorage
from tests.stack import free_port

CREDENTIALS = Credentials(KEY_ID, SECRET)
KILLED = """
import os, sys
from imaging.blobs.bucket_place import BucketPlace
from imaging.blobs.bucket_requests import PART_BYTES, Bucket
url, endpoint, key = sys.argv[1:]
def parts():
    for _ in range(4):
        yield bytes(PART_BYTES)
    os._exit(0)
Bucket(BucketPlace(url, endpoint)).put_parts(key, parts())
"""


@pytest.fixture(autouse=True)
def _credentials(settings: Any) -> None:
    settings.STORAGE_S3_CREDENTIALS = (KEY_ID, SECRET, "")


@pytest.fixture
def place(object_storage: ObjectStorage) -> BucketPlace:
    return object_storage.place(secrets.token_hex(8))


def leave_unfinished(place: BucketPlace, key: str) -> None:
    words = [place.url, place.endpoint, key]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    subprocess.run(
        [sys.executable, "-c", KILLED, *words], cwd=ROOT, check=True, env=environment
    )


def listed(place: BucketPlace) -> list[Unfinished]:
    return list(_Uploads(place, CREDENTIALS).listed())


def test_what_a_killed_process_left_is_ended_once_it_is_old(
    place: BucketPlace, tmp_path: Path
) -> None:
    of_a_blob = new_key(this_minute())
    of_an_operation = f"results/{uuid4()}/{new_name()}"
    for key in (of_a_blob, of_an_operation, "of-others/a key & more"):
        leave_unfinished(place, key)
    store = BucketStore(place, tmp_path)
    found = listed(place)
    keys = [f"{place.prefix}/{key}" for key in (of_a_blob, of_an_operation)]
    assert sorted(each.key for each in found) == sorted(keys)

    assert store.abort_unfinished(timezone.now() - timedelta(hours=1)) == 0
    assert listed(place) == found
    assert store.abort_unfinished(timezone.now() + timedelta(hours=1)) == 2
    assert listed(place) == []
    _Uploads(place, CREDENTIALS).abort(found[0])  # gone already: no error


def test_without_known_credentials_it_is_left_to_a_rule_of_the_bucket(
    place: BucketPlace, tmp_path: Path, settings: Any
) -> None:
    settings.STORAGE_S3_CREDENTIALS = ("", "", "")
    store = BucketStore(place, tmp_path)
    assert store.abort_unfinished(timezone.now() + timedelta(hours=1)) == 0


def test_a_bucket_that_refuses_or_is_away_is_told(place: BucketPlace) -> None:
    with pytest.raises(BucketError) as refused:
        list(_Uploads(place, Credentials(KEY_ID, "wrong")).listed())
    assert refused.value.trouble is Trouble.REFUSED
    nowhere = BucketPlace("s3://bucket", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(BucketError) as away:
        list(_Uploads(nowhere, CREDENTIALS).listed())
    assert away.value.trouble is Trouble.AWAY


@pytest.mark.parametrize(
    ("place", "url"),
    [
        (
            BucketPlace("s3://b1/x", region="eu-central-1"),
            "https://s3.eu-central-1.amazonaws.com/b1/a%20b?uploads=",
        ),
        (
            BucketPlace("s3://b1/x", path_style=False),
            "https://b1.s3.us-east-1.amazonaws.com/a%20b?uploads=",
        ),
        (
            BucketPlace("s3://b1", "https://s3.example:9000/base/"),
            "https://s3.example:9000/base/b1/a%20b?uploads=",
        ),
    ],
)
def test_requests_go_where_the_bucket_is_and_show_no_secret(
    place: BucketPlace, url: str
) -> None:
    credentials = Credentials("id", "of-the-tests", "temporary")
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    made = signed(
        place, credentials, method="GET", key="a b", query={"uploads": ""}, now=now
    )
    assert made.url == url
    assert made.headers["x-amz-security-token"] == "temporary"
    assert made.headers["x-amz-date"] == "20260102T030405Z"
    assert "of-the-tests" not in f"{made}{credentials!r}"
