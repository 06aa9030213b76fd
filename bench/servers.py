"""Start and stop the two servers, each on a free port with a folder of its own."""

import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench import processes
from bench.client import Address

HOST: Final = "127.0.0.1"
ORTHANC: Final = "Orthanc"
PORTAL: Final = "portal"
REPOSITORY: Final = Path(__file__).resolve().parent.parent
_PLUGIN: Final = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
_START_TIMEOUT_S: Final = 120
_STOP_TIMEOUT_S: Final = 60
_QUIET_SHARE: Final = 0.05  # of one core
_QUIET_WINDOW_S: Final = 0.25
_QUIET_TIMEOUT_S: Final = 20


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    name: str
    address: Address
    pid: int
    mark: str
    log: Path

    def cpu_seconds(self) -> float:
        """Return the CPU time that all its processes have used so far."""
        return processes.cpu_seconds(self.pid, self.mark)

    def memory(self) -> processes.Memory:
        """Return the memory that all its processes hold."""
        return processes.memory(self.pid, self.mark)


Starter = Callable[[Path, str], AbstractContextManager[Server]]


def orthanc_program() -> str | None:
    """Return the path of Orthanc, or None where it or its plugin is missing."""
    program = shutil.which("Orthanc") or shutil.which("Orthanc", path="/usr/sbin")
    return program if _PLUGIN.exists() else None


@contextmanager
def orthanc(
    folder: Path, name: str = ORTHANC, *, servers: Mapping[str, object] | None = None
) -> Iterator[Server]:
    """Run Orthanc with its DICOMweb plugin: SQLite, no sign-in, defaults otherwise.

    Parameters
    ----------
    servers
        The services whose DICOMweb client it is to be, in the plugin's own words.
    """
    port, dicom_port = _free_ports(2)
    configuration = {
        "Name": "BENCH",
        "StorageDirectory": str(folder / "orthanc"),
        "IndexDirectory": str(folder / "orthanc"),
        "HttpPort": port,
        "DicomPort": dicom_port,
        "AuthenticationEnabled": False,
        "Plugins": [str(_PLUGIN)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/", "Servers": servers or {}},
    }
    path = folder / "orthanc.json"
    path.write_text(json.dumps(configuration), encoding="utf-8")
    address = Address(HOST, port, "/dicom-web")
    command = [orthanc_program() or "Orthanc", str(path)]
    with _running(name, command, address, "/dicom-web/studies?limit=1", folder) as made:
        yield made


@contextmanager
def portal(
    folder: Path, name: str = PORTAL, *, settings: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Run the portal with its embedded parts, a token for the only account.

    In a folder that has held a portal before, that portal goes on.

    Parameters
    ----------
    settings
        More variables for its environment.
    """
    (port,) = _free_ports(1)
    token = _token(folder / "token")
    address = Address(HOST, port, "/dicomweb", token)
    variables = {
        "PORTAL_PORT": str(port),
        "PORTAL_HOST": HOST,
        "PORTAL_DATA": str(portal_data(folder)),
        "PORTAL_BOOTSTRAP_TOKEN": token,
        **(settings or {}),
    }
    command = [sys.executable, "-m", "portal.embedded"]
    with _running(name, command, address, "/readyz", folder, variables) as made:
        yield made


def portal_data(folder: Path) -> Path:
    """Return the data folder of the portal that runs in `folder`."""
    return folder / "portal"


def beside(folder: Path) -> dict[str, str]:
    """Return the environment of a command beside the portal that runs in `folder`."""
    return {**os.environ, "PORTAL_DATA": str(portal_data(folder))}


@contextmanager
def started(
    starters: Sequence[tuple[str, Starter]], data: Path | None
) -> Iterator[list[Server]]:
    """Run several servers at once, in temporary folders below `data`."""
    with ExitStack() as stack:
        servers = []
        for name, starter in starters:
            temporary = TemporaryDirectory(
                prefix="bench-", dir=data, ignore_cleanup_errors=True
            )
            folder = Path(stack.enter_context(temporary))
            folder.chmod(0o755)  # started by root, PostgreSQL has another uid
            servers.append(stack.enter_context(starter(folder, name)))
        yield servers


def settle(servers: Sequence[Server]) -> None:
    """Wait until no server works any more, so that none costs the other's turn."""
    deadline = time.monotonic() + _QUIET_TIMEOUT_S
    before = sum(server.cpu_seconds() for server in servers)
    while time.monotonic() < deadline:
        time.sleep(_QUIET_WINDOW_S)
        after = sum(server.cpu_seconds() for server in servers)
        if after - before <= _QUIET_SHARE * _QUIET_WINDOW_S * len(servers):
            return
        before = after


@contextmanager
def _running(
    name: str,
    command: Sequence[str],
    address: Address,
    ready: str,
    folder: Path,
    variables: dict[str, str] | None = None,
) -> Iterator[Server]:
    mark = secrets.token_hex(8)
    inherited = os.environ
    environment = {**inherited, **(variables or {}), processes.MARK: mark}
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_ready(process, address.port, ready, log)
        yield Server(name, address, process.pid, mark, log)
    finally:
        _stop(process, mark)


def _wait_until_ready(
    process: subprocess.Popen[bytes], port: int, path: str, log: Path
) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while process.poll() is None and time.monotonic() < deadline:
        if _status(port, path) == http.client.OK:
            return
        time.sleep(0.1)
    tail = log.read_text(errors="replace")[-2000:]
    message = f"the server did not become ready; its log ends:\n{tail}"
    raise RuntimeError(message)


def _status(port: int, path: str) -> int | None:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def stop_when_ended() -> None:
    """Have this program, ended from outside, stop its servers and remove folders."""
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)


def _end(number: int, _frame: object) -> None:
    sys.exit(128 + number)


def _stop(process: subprocess.Popen[bytes], mark: str) -> None:
    """Ask the server to stop; what is left of it after a minute is killed."""
    members = processes.members(process.pid, mark)
    process.terminate()
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        for member in members & processes.members(process.pid, mark):
            os.kill(member, signal.SIGKILL)
        process.wait()


def _token(path: Path) -> str:
    """Return the token kept in a file, made at the first time."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32), encoding="ascii")
    return path.read_text(encoding="ascii")


def _free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]
