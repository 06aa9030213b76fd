"""A whole running portal for tests: every part, on a data folder of its own."""

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from portal.embedded import linux, state
from portal.embedded.options import ROOT
from portal.embedded.places import Places
from portal.embedded.state import PartState
from tests.commands import Commands
from tests.installed import copy_installed

PATIENCE_S: Final = 60.0
TOKEN: Final = "bootstrap-token-of-the-tests"


# Below what Linux gives outgoing connections (32768 and up): none of these takes a port
# between its choice and the start of who is to listen on it.
_PORTS: Final = range(12_000, 32_000)


def free_port() -> int:
    """Return a port that nothing listens on."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@dataclass
class Stack:
    """One supervised portal.

    Attributes
    ----------
    token
        Bearer token of the account ``bootstrap``, an Administrator.
    settings
        More variables for its environment.
    installs_itself
        Whether it starts on an empty folder, and not on a copy of an installed one.
    """

    data: Path
    token: str = TOKEN
    port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)
    installs_itself: bool = False
    process: subprocess.Popen[str] | None = None
    _commands: Commands | None = field(default=None, init=False, repr=False)

    @property
    def base_url(self) -> str:
        """Return the address of the web server, without a final slash."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def places(self) -> Places:
        """Return the files of the data folder."""
        return Places(self.data)

    def environment(self) -> dict[str, str]:
        """Return the environment of the stack and of ``manage.py`` beside it."""
        given = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}
        inherited = {k: v for k, v in os.environ.items() if k not in given}
        if url := inherited.get("STORAGE_URL"):  # PORTAL_TEST_STORAGE=s3
            inherited["STORAGE_URL"] = f"{url}/{self.data.parent.name}-{self.port}"
        return inherited | {
            "PORTAL_DATA": str(self.data),
            "PORTAL_PORT": str(self.port),
            "PORTAL_BOOTSTRAP_TOKEN": self.token,
            # What is copied, this release has installed.
            "PORTAL_MIGRATE": "yes" if self.installs_itself else "no",
            **self.settings,
        }

    def launch(self) -> subprocess.Popen[str]:
        """Start the supervisor and return at once; it dies with this process."""
        parent = os.getpid()

        def prepare() -> None:
            # As a background shell starts its programs.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            linux.die_with_parent(signal.SIGTERM, parent)

        self.process = subprocess.Popen(
            [sys.executable, "-m", "portal.embedded"],
            cwd=ROOT,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=prepare,
        )
        return self.process

    def start(self) -> None:
        """Start the supervisor and wait until it says that the portal is ready."""
        if not (self.installs_itself or self.places.postgres.exists()):
            copy_installed(self.data, lambda model: Stack(model).launch())
        process = self.launch()
        assert process.stdout is not None
        line = process.stdout.readline()
        if "ready at" not in line:
            raise AssertionError(line + process.communicate(timeout=PATIENCE_S)[0])

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Stop the stack cleanly and return the supervisor's exit status."""
        self._end_commands()
        if self.process is None:
            return 0
        self.process.send_signal(number)
        try:
            self.process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        return self.process.returncode

    def kill(self) -> None:
        """End the supervisor as ``kill -9`` does; the kernel ends its parts.

        So ends a portal whose data nobody needs any more: a clean stop takes seconds.
        """
        self._end_commands()
        if self.process is not None:
            self.process.kill()
            self.process.communicate()

    def refusal(self) -> tuple[int, str]:
        """Start the supervisor where it cannot; return its exit status and message."""
        process = self.launch()
        message, _ = process.communicate(timeout=PATIENCE_S)
        return process.returncode, message

    def part(self, name: str) -> PartState:
        """Return what the supervisor tells of the part."""
        return next(p for p in state.read(self.places) if p.name == name)

    def kill_part(self, name: str) -> None:
        """End the first process of a part as ``kill -9`` does."""
        pid = self.part(name).pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)

    def readiness(self) -> tuple[int, dict[str, str]]:
        """Return the status of ``/readyz`` and the state of each part in it."""
        status, body = self.get("/readyz")
        return status, {part["name"]: part["state"] for part in body["parts"]}

    def get(self, path: str) -> tuple[int, Any]:
        """Return the status and the JSON of an answer."""
        request = urllib.request.Request(self.base_url + path)
        request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def manage(self, *words: str) -> str:
        """Run a command of ``manage.py`` beside the server and return what it says."""
        environment = self.environment()
        if self._commands is None or self._commands.environment != environment:
            self._end_commands()
            self._commands = Commands(environment)
        return self._commands.run(words).strip()

    def _end_commands(self) -> None:
        if self._commands is not None:
            self._commands.end()
            self._commands = None

    def wait_until_ready(self) -> None:
        """Wait until ``/readyz`` says that every part works."""
        deadline = time.monotonic() + PATIENCE_S
        while not self._is_ready():
            assert time.monotonic() < deadline, state.read(self.places)
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        try:
            return self.readiness()[0] == 200
        except OSError:
            return False
