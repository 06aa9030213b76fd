"""``manage.py export`` and ``manage.py import --manifest``, beside a running portal."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from core.models import Operation
from tests.imaging.export.exporting import checked_manifest
from tests.object_storage import BUCKET, KEY_ID, SECRET, ObjectStorage
from tests.stack import Stack
from tests.synthetic import encode, instance, multipart, new_uid


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stack, Path]]:
    """Yield a portal that may export into a folder, and into a bucket."""
    folder = tmp_path_factory.mktemp("exports")
    storage = ObjectStorage(tmp_path_factory.mktemp("bucket"))
    listed = tmp_path_factory.mktemp("settings") / "buckets.json"
    config = {"endpoint": storage.endpoint, "region": "us-east-1"}
    config |= {"access_key_id": KEY_ID, "secret_access_key": SECRET}
    bucket = {"url": f"s3://{BUCKET}", "config": config}
    listed.write_text(json.dumps({"archive": bucket}))
    stack = Stack(
        tmp_path_factory.mktemp("portal"),
        settings={
            "PORTAL_EXPORT_FOLDERS": str(folder),
            "PORTAL_EXPORT_BUCKETS": str(listed),
            "PORTAL_EXPORT_HOSTS": "127.0.0.1",
            "PORTAL_WEB_WORKERS": "1",
        },
    )
    try:
        storage.start()
        stack.start()
        yield stack, folder
    finally:
        stack.kill()
        storage.kill()


def stored(stack: Stack, *datasets: Any) -> None:
    body, headers = multipart(*map(encode, datasets))
    asked(stack, "POST", "studies", content=body, headers=headers)


def asked(
    stack: Stack, method: str, path: str, headers: Any = None, **more: Any
) -> httpx.Response:
    web = {"authorization": f"Bearer {stack.token}", **(headers or {})}
    url = f"{stack.base_url}/dicomweb/{path}"
    got = httpx.request(method, url, headers=web, timeout=60, **more)
    assert got.is_success, got.text
    return got


def exported(stack: Stack, *words: str) -> str:
    """Export by the command, and return where it says that it lies."""
    told = stack.manage("export", *words)
    assert "exported: 1" in told
    lines = told.splitlines()
    return next(line for line in lines if line.startswith("href: ")).removeprefix(
        "href: "
    )


def imported(stack: Stack, *words: str) -> list[str]:
    """Import by the command, and return the studies that are there then."""
    name = f"c-{new_uid()[-9:]}"
    assert "1 stored" in stack.manage("import", *words, "--partition", name)
    held = asked(stack, "GET", f"partitions/{name}/studies").json()
    return [each["0020000D"]["Value"][0] for each in held]


def test_what_a_command_exports_another_one_imports(
    portal: tuple[Stack, Path],
) -> None:
    stack, folder = portal
    one, other = instance(), instance(PatientID="Another")
    stored(stack, one, other)
    exported(stack, "--query", "PatientID=Another", "--folder", str(folder))
    (place,) = folder.iterdir()
    assert list(checked_manifest(place).values()) == [encode(other)]
    assert imported(stack, "--manifest", str(place)) == [other.StudyInstanceUID]


def test_an_archive_that_was_fetched_is_imported(
    portal: tuple[Stack, Path], tmp_path: Path
) -> None:
    stack, one = portal[0], instance()
    stored(stack, one)
    href = exported(stack, one.StudyInstanceUID, "1.2.3", "--download")
    archive = tmp_path / "fetched.zip"
    archive.write_bytes(asked(stack, "GET", href).content)
    assert imported(stack, str(archive)) == [one.StudyInstanceUID]


def test_what_lies_in_a_bucket_is_imported(portal: tuple[Stack, Path]) -> None:
    stack, one = portal[0], instance()
    stored(stack, one)
    href = exported(stack, one.StudyInstanceUID, "--bucket", "archive")
    place = href.rpartition("/")[2]
    assert imported(stack, place, "--bucket", "archive") == [one.StudyInstanceUID]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--download"], "either UIDs or a --query"),
        (["1.2.3"], "required"),
        (["1.2.3", "--query", "", "--download"], "either UIDs or a --query"),
        (["1.2.3", "--folder", "/etc"], "PORTAL_EXPORT_FOLDERS"),
        (["1.2.3", "--download", "--transfer-syntax", "1.2"], "1.2"),
    ],
)
def test_a_command_that_cannot_be_done_fails(
    words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "EXPORT_FOLDERS", [tmp_path])
    with pytest.raises(CommandError, match=message):
        call_command("export", *words)
    assert not Operation.objects.exists()


def test_a_command_that_fails_tells_its_caller(portal: tuple[Stack, Path]) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        portal[0].manage("export", "1.2.3", "--folder", "/etc")
