"""What a figure is worth nothing without: the machine, the versions, the date."""

import http.client
import json
import os
import platform
import subprocess
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.servers import ORTHANC, PORTAL, Server

_BUILDS: Final = {"1.10.1": "a 2022 build"}
_REPOSITORY: Final = Path(__file__).resolve().parent.parent


def machine() -> dict[str, str]:
    """Return the facts about this machine."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cpu": _cpu_model(),
        "cores": str(os.cpu_count()),
        "memory": f"{pages / 2**30:.0f} GiB",
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def now() -> str:
    """Return the date and time in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def versions(server: Server) -> dict[str, str]:
    """Return the versions that a server says it runs, or those of our source tree."""
    if server.name.startswith(ORTHANC):
        plugin = _get(server, "/plugins/dicom-web")["Version"]
        return {ORTHANC: _get(server, "/system")["Version"], "DICOMweb plugin": plugin}
    project = tomllib.loads((_REPOSITORY / "pyproject.toml").read_text("utf-8"))
    return {PORTAL: project["project"]["version"], "commit": commit()}


def opponent(found: dict[str, str]) -> str:
    """Return the sentence that belongs beside every figure."""
    version = found[ORTHANC]
    return (
        f"Orthanc is {build_of(version)}: {version},"
        f" DICOMweb plugin {found['DICOMweb plugin']},"
        " SQLite index, default settings, without authentication. The portal checks"
        " token and permissions and writes its audit log."
    )


def build_of(version: str) -> str:
    """Return how old an Orthanc is."""
    return _BUILDS.get(version, "a build of unknown year")


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    named = [line for line in lines if line.startswith("model name")]
    return named[0].partition(":")[2].strip() if named else platform.machine()


def commit() -> str:
    """Return the commit of our source tree."""
    command = ["git", "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(
            command, cwd=_REPOSITORY, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def _get(server: Server, path: str) -> dict[str, str]:
    place = server.address
    connection = http.client.HTTPConnection(place.host, place.port, timeout=10)
    try:
        connection.request("GET", path)
        answer: dict[str, str] = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return answer
