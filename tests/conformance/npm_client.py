"""The npm package ``dicomweb-client`` under Node, called from Python.

``npm/package-lock.json`` pins it (`tests.npm`).
"""

import base64
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.npm import node_with

FOLDER: Final = Path(__file__).parent / "npm"


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
    node = node_with(FOLDER)
    process = subprocess.Popen(
        [node, FOLDER / "peer.js", url, token],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:  # closes its input, at which it ends, and waits for it
        yield NpmClient(process)


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
