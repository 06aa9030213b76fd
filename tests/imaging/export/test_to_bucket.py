"""Exports into buckets: a real S3 server, and a real server of Azure's blob storage.

That is Azurite, a package of npm, which is not fetched for it. Where there is one::

    PORTAL_TEST_AZURITE=node_modules/.bin/azurite-blob .venv/bin/python -m pytest \
        tests/imaging/export/test_to_bucket.py
"""

import base64
import hashlib
import hmac
import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

import httpx
import obstore
import pytest
from django.conf import settings
from obstore.store import AzureStore, ObjectStore

from core.errors import Invalid
from core.models import Operation, OperationState, Partition
from imaging.export import Typed
from imaging.export.azure_forms import service_and_signature
from imaging.outside.way_out import way_out
from portal import env
from tests.graphql.graph import ask
from tests.imaging.dicomweb.asking import send
from tests.imaging.dicomweb.service import Service
from tests.imaging.export.exporting import (
    checked_manifest,
    ended,
    lines,
    query,
    started,
)
from tests.object_storage import BUCKET, KEY_ID, SECRET, ObjectStorage
from tests.stack import free_port
from tests.synthetic import add_pixels, encode, instance, new_uid

pytestmark = pytest.mark.usefixtures("committing")
ACCOUNT: Final = "portaltests"
IMPORT: Final = """
mutation ($p: String!, $bucket: ImportBucket) {
  startImport(partition: $p, bucket: $bucket) {
    ... on StartedOperation { operation { operationId } }
    ... on Fault { code message }
  }
}
"""
KEY: Final = base64.b64encode(b"a key of the tests").decode()


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStorage]:
    server = ObjectStorage(tmp_path_factory.mktemp("bucket"))
    server.start()
    yield server
    server.kill()


@dataclass
class Azure:
    """A running Azurite with one container."""

    port: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/{ACCOUNT}"

    @property
    def container(self) -> str:
        return f"{self.endpoint}/exported"

    def client(self) -> AzureStore:
        return AzureStore(
            "exported",
            config={
                "account_name": ACCOUNT,
                "account_key": KEY,
                "endpoint": self.endpoint,
            },
            client_options={"allow_http": True},
        )

    def signature(self, key: str = KEY) -> str:
        """Return an account SAS (version 2018-11-09) for blobs."""
        until = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%MZ")
        fields = [ACCOUNT, "rwdlac", "b", "sco", "", until, "", "", "2018-11-09", ""]
        text = "\n".join(fields).encode()
        signed = hmac.new(base64.b64decode(key), text, hashlib.sha256).digest()
        return urlencode(
            {
                "sv": "2018-11-09",
                "ss": "b",
                "srt": "sco",
                "sp": "rwdlac",
                "se": until,
                "sig": base64.b64encode(signed).decode(),
            },
            quote_via=quote,
        )


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azure]:
    program = env.text("PORTAL_TEST_AZURITE")
    if not program:
        pytest.skip("needs Azurite: PORTAL_TEST_AZURITE")
    server = Azure(free_port())
    place = tmp_path_factory.mktemp("azurite")
    command = [
        program, "--silent", "--skipApiVersionCheck", "--disableTelemetry",
        "--location", str(place), "--blobPort", str(server.port),
    ]  # fmt: skip
    process = subprocess.Popen(
        command,
        env={"AZURITE_ACCOUNTS": f"{ACCOUNT}:{KEY}", "PATH": "/usr/bin:/bin"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    made = f"{server.container}?restype=container&{server.signature()}"
    deadline = time.monotonic() + 60
    while True:
        try:
            got = httpx.put(made, headers={"content-length": "0"})
            assert got.status_code == 201, got.text
            break
        except httpx.TransportError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    yield server
    process.kill()
    process.wait()


def listing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, config: dict[str, Any]
) -> Typed:
    """Have the settings name a bucket; return it as a destination."""
    path = tmp_path / "buckets.json"
    listed = {"archive": {"url": f"s3://{BUCKET}/some/prefix", "config": config}}
    path.write_text(json.dumps(listed))
    monkeypatch.setattr(settings, "EXPORT_BUCKETS", path)
    monkeypatch.setattr(settings, "EXPORT_HOSTS", ["127.0.0.1"])
    return Typed("bucket", {"bucket": "archive"})


def config_of(storage: ObjectStorage) -> dict[str, Any]:
    return {
        "endpoint": storage.endpoint,
        "region": "us-east-1",
        "access_key_id": KEY_ID,
        "secret_access_key": SECRET,
    }


def objects(store: ObjectStore, prefix: str, folder: Path) -> Path:
    """Write what lies below a prefix into a folder."""
    for page in obstore.list(store, prefix):
        for found in page:
            path = folder / found["path"].removeprefix(f"{prefix}/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(obstore.get(store, found["path"]).bytes().to_bytes())
    return folder


def sets() -> list[Any]:
    """Return three instances, one of which is larger than a part of an upload."""
    large = instance(NumberOfFrames=10)
    add_pixels(large, rows=700, columns=700)
    return [instance(), large, instance()]


def exported(datasets: list[Any], destination: Typed) -> Operation:
    service = Service()
    service.store(*datasets)
    return ended(started(service, query(""), destination))


def answers(name: str) -> list[str]:
    """Return all that searches tell of a partition, without its name."""
    rows = [
        row
        for level in ("studies", "series", "instances")
        for row in send(f"/partitions/{name}/{level}?includefield=all").json()
    ]
    return sorted(json.dumps(row).replace(name, "") for row in rows)


def test_a_named_bucket_has_what_a_folder_would(
    storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    there, datasets = listing(monkeypatch, tmp_path, config_of(storage)), sets()
    operation = exported(datasets, there)
    assert operation.state == OperationState.SUCCEEDED, operation.error
    assert operation.result == {
        "errorHref": f"s3://{BUCKET}/some/prefix/{operation.pk}/errors.log",
        "exported": 3,
        "skipped": 0,
        "href": f"s3://{BUCKET}/some/prefix/{operation.pk}",
    }
    prefix = f"some/prefix/{operation.pk}"
    held = objects(storage.client(), prefix, tmp_path / "held")
    assert sorted(checked_manifest(held).values()) == sorted(map(encode, datasets))
    assert SECRET not in json.dumps(operation.parameters)

    other = f"g-{new_uid()[-9:]}"
    where = {"name": "archive", "path": str(operation.pk)}
    got = ask(IMPORT, p=other, bucket=where)["startImport"]["operation"]
    restored = ended(Operation.objects.get(pk=got["operationId"]))
    assert restored.result == {"stored": 3}
    exported_from = Partition.objects.get(pk=operation.parameters["partition"]).name
    assert answers(other) == answers(exported_from)

    settings_of = {"bucket": "archive", "path": str(operation.pk)}
    body = {"source": {"type": "bucket", "settings": settings_of}}
    got = send(f"/partitions/r-{new_uid()[-9:]}/import", "POST", json=body)
    assert got.status_code == 202, got.text
    back = Operation.objects.get(pk=got.json()["id"])
    obstore.delete(
        storage.client(), f"{prefix}/{lines(held / 'manifest.jsonl')[0]['path']}"
    )
    assert ended(back).result == {"stored": 2, "refused": 1}
    for path in ("elsewhere", f"x/../{operation.pk}", "../x", "a\\x01", "a\x07"):
        settings_of["path"] = path
        assert send("/import", "POST", json=body).status_code == 400, path


def test_a_bucket_that_does_not_take_us_ends_it_and_skips_nothing(
    storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = {**config_of(storage), "secret_access_key": "another"}
    operation = exported(sets(), listing(monkeypatch, tmp_path, config))
    assert operation.state == OperationState.FAILED
    assert (operation.error, operation.number_of_errors) == (
        "The bucket does not take us.",
        0,
    )


def test_a_bucket_on_a_host_that_is_not_listed_is_not_reached(
    storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    there = listing(monkeypatch, tmp_path, config_of(storage))
    monkeypatch.setattr(settings, "EXPORT_HOSTS", ["10.0.0.0/8", "s3.example"])
    operation = exported([instance()], there)
    assert operation.result is None
    assert not operation.export_items.filter(outcome="exported").exists()


def test_the_way_out_leads_to_listed_hosts_only(
    storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with way_out() as proxy, httpx.Client(proxy=proxy) as web:
        monkeypatch.setattr(settings, "EXPORT_HOSTS", ["127.0.0.1"])
        assert web.get(storage.endpoint).status_code != 502
        monkeypatch.setattr(settings, "EXPORT_HOSTS", ["other.example"])
    with way_out() as proxy, httpx.Client(proxy=proxy) as web:
        got = web.get(storage.endpoint)
        assert (got.status_code, got.content) == (403, b"")


def azures(**given: Any) -> dict[str, Any]:
    return {
        "source": {"type": "identifiers", "settings": {"values": ["1.2.3"]}},
        "destination": {"type": "azureBlob", "settings": given},
    }


@pytest.mark.parametrize("version", ["", "/v1", "/v2"])
@pytest.mark.parametrize("by_uri", [True, False])
def test_azures_requests_fill_a_container(
    azure: Azure,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    version: str,
    by_uri: bool,
) -> None:
    monkeypatch.setattr(settings, "EXPORT_HOSTS", ["127.0.0.1"])
    service, datasets = Service(), sets()
    service.store(*datasets)
    signature = azure.signature()
    body = azures(
        **{"blobContainerUri": f"{azure.container}?{signature}"}
        if by_uri
        else {
            "connectionString": f"BlobEndpoint={azure.endpoint};"
            f"SharedAccessSignature={signature}",
            "blobContainerName": "exported",
        }
    )
    values = [*(each.StudyInstanceUID for each in datasets), "1.2.3"]
    body["source"]["settings"]["values"] = values
    got = send(f"{version}/partitions/{service.name}/export", "POST", json=body)
    assert got.status_code == 202, got.text
    operation = ended(Operation.objects.get(pk=got.json()["id"]))
    assert got.headers["location"].endswith(f"{version}/operations/{operation.pk}")
    told = send(f"{version}/operations/{operation.pk}").json()
    assert told["type"] == "export"
    results = told["results"]
    assert (results["exported"], results["skipped"]) == (3, 1)
    href = f"{azure.container}/{operation.pk}/errors.log"
    assert results["errorHref"] == href
    held = objects(azure.client(), str(operation.pk), tmp_path)
    assert sorted(checked_manifest(held).values()) == sorted(map(encode, datasets))
    (line,) = (held / "errors.log").read_text().splitlines()
    assert json.loads(line).keys() == {"timestamp", "identifier", "error"}
    kept = json.dumps([operation.parameters, operation.result, operation.error])
    assert "sig=" not in kept
    assert signature.rpartition("sig=")[2] not in kept


def test_a_container_that_is_not_there_or_not_for_us_is_refused(
    azure: Azure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "EXPORT_HOSTS", ["127.0.0.1"])
    Service(name="default").store(instance())
    # The portal's own credentials open nothing for others.
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", KEY)
    wrong = azure.signature(base64.b64encode(b"another key").decode())
    for url in (
        f"{azure.endpoint}/missing?{azure.signature()}",
        f"{azure.container}?{wrong}",
    ):
        got = send("/v2/export", "POST", json=azures(blobContainerUri=url))
        assert got.status_code == 400, got.text
        assert "sig=" not in got.text
    assert not Operation.objects.exists()


SIGNED: Final = "https://account.blob.example/held?sv=1&sig=abc"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"blobContainerUri": SIGNED, "connectionString": "BlobEndpoint=https://x/"},
        {"blobContainerUri": SIGNED, "blobContainerName": "held"},
        {"blobContainerUri": SIGNED, "useManagedIdentity": True},
        {"blobContainerUri": "https://account.blob.example/held"},
        {"blobContainerUri": "https://account.blob.example/?sig=abc"},
        {"blobContainerUri": "https://other.example/held?sig=abc"},
        {"blobContainerUri": "https://127.0.0.1/held?sig=abc"},
        {"blobContainerUri": "https://u:p@account.blob.example/held?sig=abc"},
        {"blobContainerUri": "file:///etc/held?sig=abc"},
        {"blobContainerUri": 7},
        {"blobContainerUri": "https://[held?sig=abc"},
        {"blobContainerUri": "https://x.blob.example/held", "useManagedIdentity": True},
        {"blobContainerUri": SIGNED, "useManagedIdentity": "yes"},
        {"useManagedIdentity": True},
        {
            "connectionString": "BlobEndpoint=https://x.blob.example/",
            "blobContainerName": "held",
            "useManagedIdentity": True,
        },
        {"connectionString": "BlobEndpoint=https://account.blob.example/"},
        {
            "connectionString": "AccountName=a;AccountKey=b;EndpointSuffix=c",
            "blobContainerName": "held",
        },
        {"connectionString": "UseDevelopmentStorage=true", "blobContainerName": "x"},
        *(
            {
                "connectionString": "BlobEndpoint=https://x.blob.example/;"
                "SharedAccessSignature=sv=1&sig=abc",
                "blobContainerName": name,
            }
            for name in ("held/below", "held?sig=abc", "../held", "Held", "he", "a--b")
        ),
        {"connectionString": "SharedAccessSignature=sig=a", "blobContainerName": "x"},
        {"blobContainerUrl": SIGNED},
    ],
    ids=str,
)
@pytest.mark.parametrize("version", ["", "/v2"])
def test_azures_rules_for_a_destination_hold(
    monkeypatch: pytest.MonkeyPatch, version: str, given: dict[str, Any]
) -> None:
    monkeypatch.setattr(settings, "EXPORT_HOSTS", ["*.blob.example"])
    Service(name="default").store(*())
    got = send(f"{version}/export", "POST", json=azures(**given))
    assert got.status_code == 400, got.text
    assert "abc" not in got.text


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("BlobEndpoint=https://x.example/;SharedAccessSignature=?a=1&sig=b%3D=",
         "https://x.example"),
        ("SharedAccessSignature=a=1&sig=b%3D=;AccountName=mine",
         "https://mine.blob.core.windows.net"),
        ("DefaultEndpointsProtocol=http;AccountName=mine;EndpointSuffix=core.example;"
         "SharedAccessSignature=a=1&sig=b%3D=", "http://mine.blob.core.example"),
        ("accountname=mine;blobendpoint=https://x.example/mine;"
         "sharedaccesssignature=a=1&sig=b%3D=", "https://x.example/mine"),
    ],
)  # fmt: skip
def test_connection_strings_name_an_address_or_an_account(
    text: str, address: str
) -> None:
    assert service_and_signature(text) == (address, "a=1&sig=b%3D=")


def test_a_bucket_is_named_by_the_settings_only() -> None:
    service = Service()
    service.store(instance())
    for given in ({"bucket": "archive"}, {"url": "s3://x/"}, {}):
        with pytest.raises(Invalid):
            started(service, query(""), Typed("bucket", given))
