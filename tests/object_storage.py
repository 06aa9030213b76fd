"""A real S3 server on loopback for tests: SeaweedFS, in one process.

Tests that are about buckets start one of their own. ``PORTAL_TEST_STORAGE=s3`` lets
all other tests keep their blobs in a bucket as well.
"""

import atexit
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import obstore
import obstore.exceptions
from obstore.store import S3Store

from imaging.blobs.bucket_place import BucketPlace
from portal import env
from portal.embedded import linux
from tests.peers import require_peer
from tests.stack import free_port

KEY_ID: Final = "portal-tests"
SECRET: Final = "secret-of-the-tests"
BUCKET: Final = "portal-tests"
PATIENCE_S: Final = 60.0
_PORTS: Final = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port.grpc",
)
CREDENTIALS: Final = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}


@dataclass
class ObjectStorage:
    """One server, on a folder of its own; killed, it starts again with its objects."""

    folder: Path
    port: int = field(default_factory=free_port)
    ports: dict[str, int] = field(
        default_factory=lambda: {name: free_port() for name in _PORTS}
    )
    process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.port}"

    def place(self, prefix: str = "", *, patience_s: int = 20) -> BucketPlace:
        """Return a place in its bucket."""
        url = f"s3://{BUCKET}/{prefix}".rstrip("/")
        return BucketPlace(url, self.endpoint, patience_s=patience_s)

    def settings(self, prefix: str = "", *, patience_s: int = 20) -> dict[str, str]:
        """Return the variables of a portal that keeps its blobs here."""
        return {
            "STORAGE_URL": self.place(prefix).url,
            "STORAGE_ENDPOINT": self.endpoint,
            "STORAGE_PATIENCE_S": str(patience_s),
            **CREDENTIALS,
        }

    def start(self) -> None:
        """Start it, and return once it answers and has its bucket."""
        parent = os.getpid()
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self._command(),
                stdout=log,
                stderr=log,
                preexec_fn=lambda: linux.die_with_parent(signal.SIGKILL, parent),
            )
        deadline = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert time.monotonic() < deadline, (self.folder / "log").read_text()
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.1)

    def kill(self) -> None:
        """End it as ``kill -9`` does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        for port in (self.port, *self.ports.values()):
            for socket in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                socket.unlink()

    def _command(self) -> list[str]:
        weed = require_peer("seaweedfs")["weed"]
        data, config = self.folder / "data", self.folder / "s3.json"
        data.mkdir(exist_ok=True)
        # A master that remembers others waits long for them before it begins.
        shutil.rmtree(data / f"m{self.ports['master.port']}", ignore_errors=True)
        identity = {
            "name": KEY_ID,
            "credentials": [{"accessKey": KEY_ID, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        config.write_text(json.dumps({"identities": [identity]}))
        return [
            str(weed),
            f"-logdir={self.folder}",
            "server",
            f"-dir={data}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            "-master.telemetry=false",
            "-master.volumeSizeLimitMB=1024",
            "-volume.max=100",
            "-filer",
            "-s3",
            f"-s3.port={self.port}",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            f"-s3.config={config}",
            *(f"-{name}={port}" for name, port in self.ports.items()),
        ]

    def _answers(self) -> bool:
        """Return whether it stores and reads; its first object makes the bucket.

        An object of no bytes would be stored before there is anywhere to store others.
        """
        client = self.client()
        try:
            obstore.put(client, "made", b"here")
            return bytes(obstore.get(client, "made").bytes()) == b"here"
        except (obstore.exceptions.BaseError, FileNotFoundError):
            return False

    def client(self) -> S3Store:
        """Return the bucket as others see it."""
        return S3Store(
            BUCKET,
            config={
                "endpoint": self.endpoint,
                "access_key_id": KEY_ID,
                "secret_access_key": SECRET,
                "region": "us-east-1",
            },
            client_options={"allow_http": True},
            retry_config={"max_retries": 0},
        )


def start_configured() -> None:
    """Start a server for all tests of the run, where it is asked for."""
    if env.text("PORTAL_TEST_STORAGE") != "s3" or env.text("STORAGE_URL"):
        return
    folder = Path(tempfile.mkdtemp(prefix="portal-bucket-"))
    server = ObjectStorage(folder)
    server.start()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(server.kill)
    os.environ.update(server.settings("all"))
