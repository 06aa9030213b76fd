"""Which store is configured, and what it costs where there is no bucket."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imaging.blobs import store
from imaging.blobs.bucket import BucketStore
from imaging.blobs.bucket_place import BucketPlace
from imaging.blobs.bucket_requests import Bucket, BucketError, Trouble
from imaging.blobs.folder import FolderStore
from portal.embedded.options import ROOT
from tests.stack import free_port

WITH_A_FOLDER = """
import sys
import django
django.setup()
from portal.asgi import application
from imaging.blobs import store
writer = store().create()
writer.write(b"content")
writer.finish().result()
with store().open(writer.key, 7) as blob:
    assert blob.read(0, 7) == b"content"
writer.discard()
print([name for name in sys.modules if name.startswith("obstore")])
"""


@pytest.fixture(autouse=True)
def _configured_anew() -> Iterator[None]:
    store.cache_clear()
    yield
    store.cache_clear()


def test_blobs_lie_in_a_folder_unless_a_bucket_is_named(
    settings: Any, tmp_path: Path
) -> None:
    settings.BLOB_FOLDER = tmp_path
    settings.STORAGE_URL = ""
    assert isinstance(store(), FolderStore)
    store.cache_clear()
    settings.STORAGE_URL = "s3://bucket/prefix"
    held = store()
    assert isinstance(held, BucketStore)
    assert held.bucket.place.bucket == "bucket"
    assert held.bucket.place.prefix == "prefix"


def test_what_speaks_with_buckets_is_not_loaded_for_a_folder(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "STORAGE_URL"}
    said = subprocess.run(
        [sys.executable, "-c", WITH_A_FOLDER],
        cwd=ROOT,
        env=environment
        | {"DJANGO_SETTINGS_MODULE": "portal.settings", "PORTAL_BLOBS": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == "[]"


@pytest.mark.parametrize("scheme", ["s3", "az", "gs"])
def test_each_service_is_spoken_with_by_its_own_variables(
    scheme: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    endpoint = f"http://127.0.0.1:{free_port()}"
    names = ("client_email", "private_key", "private_key_id")
    key = dict.fromkeys(names, "") | {"gcs_base_url": endpoint, "disable_oauth": True}
    account = tmp_path / "account.json"
    account.write_text(json.dumps(key))
    for name, value in {
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AZURE_STORAGE_ACCOUNT_NAME": "account",
        "AZURE_STORAGE_ACCOUNT_KEY": base64.b64encode(b"secret").decode(),
        "GOOGLE_SERVICE_ACCOUNT": str(account),
    }.items():
        monkeypatch.setenv(name, value)
    place = BucketPlace(f"{scheme}://bucket/prefix", endpoint, "a-region", patience_s=1)
    with pytest.raises(BucketError) as away:
        Bucket(place, retries=0).put("key", b"content")
    assert away.value.trouble is Trouble.AWAY
