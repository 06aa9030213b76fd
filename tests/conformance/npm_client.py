"""The npm package ``dicomweb-client`` under Node, called from Python.

``npm/package-lock.json`` pins it. The first test that needs it installs it beside that
file; the processes of pytest-xdist wait for each other.
"""

import base64
import fcntl
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.peers import missing, require_peer

FOLDER: Final = Path(__file__).parent / "npm"
LOCK: Final = FOLDER / "package-lock.json"
INSTALL_TIMEOUT_S: Final = 100


class NpmError(Exception):
    """The client rejected a promise; `status` is that of the answer, if any."""

    def __init__(self, message: str, status: int | None) -> None:
        super().__init__(f"{message} (status {status})")
        self.status = status


class NpmClient:
    """One process of Node that holds clients of one service."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def call(self, method: str, *, client: str = "multipart", **options: Any) -> Any:
        """Call a method of ``DICOMwebClient`` with its options and return its result.

        Parameters
        ----------
        client
            ``multipart``, or ``singlepart`` for the one that was made with the option
            of that name.
        """
        call = {"client": client, "method": method, "options": _encoded(options)}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(call) + "\n")
        self._process.stdin.flush()
        outcome = json.loads(self._process.stdout.readline())
        if "error" in outcome:
            raise NpmError(outcome["error"], outcome["status"])
        return _decoded(outcome["result"])


@contextmanager
def npm_client(url: str, token: str) -> Iterator[NpmClient]:
    """Run Node with clients of the service at `url`."""
    programs = require_peer("node")
    _install(programs["npm"])
    process = subprocess.Popen(
        [programs["node"], FOLDER / "peer.js", url, token],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:  # closes its input, at which it ends, and waits for it
        yield NpmClient(process)


def _install(npm: Path) -> None:
    with LOCK.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _is_installed():
            return
        command = [str(npm), "ci", "--no-progress", "--loglevel=error"]
        done = subprocess.run(
            command,
            cwd=FOLDER,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=INSTALL_TIMEOUT_S,
            check=False,
        )
    if done.returncode != 0:
        missing(f"npm could not install dicomweb-client: {done.stdout[-500:]}")


def _is_installed() -> bool:
    # npm writes this file last.
    installed = FOLDER / "node_modules" / ".package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= LOCK.stat().st_mtime


def _encoded(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode("ascii")}
    if isinstance(value, list):
        return [_encoded(each) for each in value]
    if isinstance(value, dict):
        return {key: _encoded(each) for key, each in value.items()}
    return value


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(each) for each in value]
    if isinstance(value, dict) and value.keys() == {"base64"}:
        return base64.b64decode(value["base64"])
    return value
