"""Exports by the identity that Azure gives a machine.

Azure's own services are not to be had here: small servers speak their protocols, one
that hands out tokens and one that keeps blobs for who shows such a token.
"""

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings

from core.errors import Upstream
from core.models import Operation, OperationState
from imaging.export import Typed
from imaging.outside.azure_identity import Identity, storage_token
from tests.imaging.dicomweb.asking import send
from tests.imaging.dicomweb.service import Service
from tests.imaging.export.exporting import checked_manifest, ended, query, started
from tests.synthetic import add_pixels, encode, instance

pytestmark = pytest.mark.usefixtures("committing")
TOKEN: Final = "eyJ0.of-the-portal.x"
TOKENS: Final = "/metadata/identity/oauth2/token"


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def asked(self) -> tuple[str, dict[str, str], bytes]:
        parts = urlsplit(self.path)
        values = {name: each[0] for name, each in parse_qs(parts.query, True).items()}
        length = int(self.headers.get("content-length", 0))
        return parts.path, values, self.rfile.read(length)


@dataclass
class Azure:
    """What the services were asked, and what they hold."""

    asked: list[tuple[str, dict[str, str], dict[str, str], bytes]] = field(
        default_factory=list
    )
    blobs: dict[str, bytes] = field(default_factory=dict)
    blocks: dict[tuple[str, str], bytes] = field(default_factory=dict)
    status: int = 200
    identity: str = ""
    storage: str = ""

    @property
    def container(self) -> str:
        return f"{self.storage}/account/exported"


def tokens_of(azure: Azure) -> type[_Quiet]:
    class Tokens(_Quiet):
        def do_GET(self) -> None:
            path, values, body = self.asked()
            azure.asked.append((path, values, dict(self.headers), body))
            told = {"access_token": TOKEN, "expires_in": "3600", "resource": "x"}
            location = {"location": f"{azure.storage}/stolen"}
            self.answer(azure.status, json.dumps(told).encode(), **location)

        def do_POST(self) -> None:
            self.do_GET()

    return Tokens


def storage_of(azure: Azure) -> type[_Quiet]:
    class Storage(_Quiet):
        def do_GET(self) -> None:
            path, values, _ = self.asked()
            if self.headers["authorization"] != f"Bearer {TOKEN}":
                return self.answer(403)
            if path != "/account/exported" or values.get("comp") != "list":
                return self.answer(404)
            empty = b"<EnumerationResults><Blobs/><NextMarker/></EnumerationResults>"
            return self.answer(200, empty, content_type="application/xml")

        def do_PUT(self) -> None:
            path, values, body = self.asked()
            if self.headers["authorization"] != f"Bearer {TOKEN}":
                return self.answer(403)
            if values.get("comp") == "block":
                azure.blocks[path, values["blockid"]] = body
            elif values.get("comp") == "blocklist":
                names = re.findall(rb"<\w+>([^<]+)</\w+>", body)
                held = [azure.blocks[path, each.decode()] for each in names]
                azure.blobs[path] = b"".join(held)
            else:
                azure.blobs[path] = body
            moment = "Thu, 26 Nov 2026 00:00:00 GMT"
            return self.answer(201, etag='"x"', last_modified=moment)

    return Storage


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Azure]:
    """Yield the services; that of tokens on an address no export may be sent to."""
    azure = Azure()
    made = []
    for host, kind in (("127.0.0.2", tokens_of), ("127.0.0.1", storage_of)):
        server = ThreadingHTTPServer((host, 0), kind(azure))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made.append((f"http://{host}:{server.server_port}", server))
    (tokens, _), (storage, _) = made
    azure.identity, azure.storage = f"{tokens}{TOKENS}", storage
    monkeypatch.setattr(settings, "AZURE_IDENTITY", Identity(azure.identity))
    monkeypatch.setattr(settings, "EXPORT_HOSTS", ["127.0.0.1"])
    monkeypatch.setattr(settings, "EXPORT_IDENTITY_CONTAINERS", [azure.container])
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    yield azure
    for _, server in made:
        server.shutdown()
        server.server_close()


def body_of(azure: Azure, *studies: str, **more: Any) -> dict[str, Any]:
    given = {"blobContainerUri": azure.container, "useManagedIdentity": True, **more}
    return {
        "source": {"type": "identifiers", "settings": {"values": list(studies)}},
        "destination": {"type": "azureBlob", "settings": given},
    }


def held_in(azure: Azure, operation: Operation, folder: Path) -> Path:
    """Write what the container holds of an operation into a folder."""
    prefix = f"/account/exported/{operation.pk}/"
    for path, content in azure.blobs.items():
        place = folder / path.removeprefix(prefix)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    return folder


@pytest.mark.parametrize("version", ["", "/v2"])
def test_the_portals_identity_fills_a_container(
    azure: Azure, tmp_path: Path, version: str
) -> None:
    large = instance(NumberOfFrames=10)
    add_pixels(large, rows=700, columns=700)
    service, sets = Service(), [instance(), large]
    service.store(*sets)
    body = body_of(azure, *(each.StudyInstanceUID for each in sets))
    got = send(f"{version}/partitions/{service.name}/export", "POST", json=body)
    assert got.status_code == 202, got.text
    operation = ended(Operation.objects.get(pk=got.json()["id"]))
    assert operation.state == OperationState.SUCCEEDED, operation.error
    held = held_in(azure, operation, tmp_path)
    assert sorted(checked_manifest(held).values()) == sorted(map(encode, sets))
    assert len(azure.blocks) > 1  # the large one came in parts
    path, values, headers, _ = azure.asked[0]
    assert (path, headers["Metadata"]) == (TOKENS, "true")
    assert values == {
        "api-version": "2018-02-01",
        "resource": "https://storage.azure.com/",
    }
    kept = json.dumps([operation.parameters, operation.result, operation.progress])
    assert TOKEN not in kept


def test_a_named_bucket_may_be_opened_by_it_as_well(
    azure: Azure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = {"account_name": "account", "endpoint": f"{azure.storage}/account"}
    listed = {"url": "az://exported", "config": config, "managedIdentity": True}
    (tmp_path / "buckets.json").write_text(json.dumps({"archive": listed}))
    monkeypatch.setattr(settings, "EXPORT_BUCKETS", tmp_path / "buckets.json")
    service, one = Service(), instance()
    service.store(one)
    to = Typed("bucket", {"bucket": "archive"})
    operation = ended(started(service, query(""), to))
    assert operation.state == OperationState.SUCCEEDED, operation.error
    held = held_in(azure, operation, tmp_path / "held")
    assert list(checked_manifest(held).values()) == [encode(one)]


def test_its_token_goes_to_listed_containers_only(
    azure: Azure, monkeypatch: pytest.MonkeyPatch
) -> None:
    Service(name="default").store(instance())
    for more in (
        {"blobContainerUri": f"{azure.storage}/account/other"},
        {"blobContainerUri": f"{azure.container}/../other"},
        {"blobContainerUri": f"{azure.container}?sig=abc"},
        {"blobContainerUri": azure.container.replace("127.0.0.1", "localhost")},
        {"msiEndpoint": f"{azure.storage}/tokens"},
    ):
        got = send("/v2/export", "POST", json=body_of(azure, "1.2.3", **more))
        assert got.status_code == 400, got.text
    monkeypatch.setattr(settings, "EXPORT_HOSTS", ["10.0.0.1"])
    got = send("/v2/export", "POST", json=body_of(azure, "1.2.3"))
    assert got.status_code == 400, got.text
    assert azure.asked == []
    assert not Operation.objects.exists()


def test_a_container_taken_off_the_list_meanwhile_gets_nothing(
    azure: Azure, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, one = Service(), instance()
    service.store(one)
    body = body_of(azure, one.StudyInstanceUID)
    got = send(f"/partitions/{service.name}/export", "POST", json=body)
    monkeypatch.setattr(settings, "EXPORT_IDENTITY_CONTAINERS", [])
    operation = ended(Operation.objects.get(pk=got.json()["id"]))
    assert operation.state == OperationState.FAILED
    assert "PORTAL_EXPORT_IDENTITY_CONTAINERS" in operation.error
    assert azure.blobs == {}


@pytest.mark.parametrize(
    ("status", "is_passing"),
    [(302, False), (400, False), (401, False), (404, True), (429, True), (503, True)],
)
def test_without_a_token_nothing_is_sent(
    azure: Azure, status: int, *, is_passing: bool
) -> None:
    Service(name="default").store(instance())
    azure.status = status
    got = send("/v2/export", "POST", json=body_of(azure, "1.2.3"))
    assert got.status_code == 502, got.text
    assert len(azure.asked) == 1  # and no redirect was followed
    with pytest.raises(Upstream) as told:
        storage_token(patience_s=5)
    assert told.value.retryable is is_passing


def test_an_app_asks_its_own_service(
    azure: Azure, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = Identity(
        "http://127.0.0.1:9/x", azure.identity, "a header", client_id="one of them"
    )
    monkeypatch.setattr(settings, "AZURE_IDENTITY", identity)
    assert storage_token(patience_s=5) == TOKEN
    ((_, values, headers, _),) = azure.asked
    assert headers["X-Identity-Header"] == "a header"
    assert values["api-version"] == "2019-08-01"
    assert values["client_id"] == "one of them"


def test_a_pod_shows_the_token_in_its_file(
    azure: Azure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("of the pod\n")
    identity = Identity(
        "http://127.0.0.1:9/x",
        token_file=str(tmp_path / "token"),
        tenant_id="tenant",
        authority=azure.identity,
        client_id="client",
    )
    monkeypatch.setattr(settings, "AZURE_IDENTITY", identity)
    monkeypatch.setenv("no_proxy", "127.0.0.2")
    assert storage_token(patience_s=5) == TOKEN
    ((path, _, _, body),) = azure.asked
    assert path == f"{TOKENS}/tenant/oauth2/v2.0/token"
    asked = {name: each[0] for name, each in parse_qs(body.decode()).items()}
    assert asked["client_assertion"] == "of the pod"
    assert asked["scope"] == "https://storage.azure.com/.default"
    (tmp_path / "token").unlink()
    with pytest.raises(Upstream):
        storage_token(patience_s=5)
