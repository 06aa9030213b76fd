"""Java programs on loopback: installed once by Maven, shared by a run of the tests.

Maven gets the jars that a kit's ``pom.xml`` names, from wherever the machine's Maven
gets jars; they are kept in the user's cache. A program is told a folder of its data, a
port (0 for any) and the process that it works for, with which it ends. It writes its
port into the file ``port`` of the folder.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from tests.peers import missing, require_peer
from tests.run import owner, shared_folder

INSTALL_TIMEOUT_S: Final = 600

_kept: Final[list["Program"]] = []  # whose process nobody waits for
_failures: Final[dict[str, str]] = {}  # of installations, which are tried once


class Kit(NamedTuple):
    """What is installed together.

    Attributes
    ----------
    name
        Of the peer in `tests.peers`, and of the folder in the cache.
    folder
        Where ``pom.xml`` is and our own sources.
    sources
        Their names; those that end in ``.java`` are compiled.
    arrange
        Puts the installed folder in order, once the jars are in its ``lib``.
    """

    name: str
    folder: Path
    sources: tuple[str, ...]
    arrange: Callable[[Path], None] = lambda home: None

    def install(self) -> Path:
        """Return the installed folder; skips (or fails) where it cannot be had."""
        programs = require_peer(self.name)
        if self.name in _failures:
            missing(_failures[self.name])
        names = ("pom.xml", *self.sources)
        content = b"".join((self.folder / name).read_bytes() for name in names)
        home = _cache() / f"{self.name}-{hashlib.sha256(content).hexdigest()[:16]}"
        home.parent.mkdir(parents=True, exist_ok=True)
        with home.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not home.exists():
                new = home.with_suffix(".new")
                shutil.rmtree(new, ignore_errors=True)
                self._install(programs, new)
                new.rename(home)
        return home

    def _install(self, programs: dict[str, Path], home: Path) -> None:
        (home / "classes").mkdir(parents=True)
        self._run(
            *(str(programs["mvn"]), "-q", "-B", "-f", str(self.folder / "pom.xml")),
            *("dependency:copy-dependencies", f"-DoutputDirectory={home / 'lib'}"),
            "-DincludeScope=runtime",
        )
        ours = [str(self.folder / name) for name in self.sources if ".java" in name]
        self._run(
            *(str(programs["javac"]), "-proc:none", "-cp", f"{home / 'lib'}/*"),
            *("-d", str(home / "classes"), *ours),
        )
        self.arrange(home)

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=INSTALL_TIMEOUT_S,
            check=False,
        )
        if done.returncode != 0:
            reason = f"{self.name} could not be installed: {done.stdout[-500:]}"
            _failures[self.name] = reason
            missing(reason)


class _Left(subprocess.Popen[bytes]):
    """A process that outlives who has started it, on purpose."""

    def __del__(self, *_args: object, **_kwargs: object) -> None:
        """Say nothing of that it still runs: it ends when its owner does."""


class Program:
    """A program with a data folder of its own; it may be killed and started again.

    Parameters
    ----------
    command
        Returns the options of ``java`` and the program's first arguments; data folder,
        port and owner follow.
    answers
        Says whether the program at an address is ready.
    patience_s
        How long it may take until it is.
    """

    def __init__(
        self,
        data: Path,
        command: Sequence[str],
        answers: Callable[[str], bool],
        *,
        patience_s: float = 90.0,
    ) -> None:
        self._data = data
        self._command = command
        self._answers = answers
        self._patience_s = patience_s
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return its address, the same after each start."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        said = self._data / "port"
        said.unlink(missing_ok=True)
        self._data.mkdir(parents=True, exist_ok=True)
        given = (str(self._data), str(self._port), str(owner()))
        with (self._data / "log").open("ab") as log:
            self._process = _Left(
                ["java", *self._command, *given],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + self._patience_s
        while not (
            said.exists() and self._answers(f"http://127.0.0.1:{said.read_text()}")
        ):
            text = (self._data / "log").read_text(errors="replace")[-2000:]
            assert self._process.poll() is None, text
            assert time.monotonic() < until, text
            time.sleep(0.05)
        self._port = int(said.read_text())

    def kill(self) -> None:
        """End it as ``kill -9`` does."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def hang(self) -> None:
        """Have it answer nothing, with its port open."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Have it answer again."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            os.kill(self._process.pid, number)


def shared_url(name: str, make: Callable[[Path], Program]) -> str:
    """Return the address of the program that all processes of this run share.

    Parameters
    ----------
    make
        Returns the program, not started, on a data folder: for the first who asks.
    """
    folder = shared_folder(name)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = folder / "url"
        if not known.exists():
            program = make(folder)
            program.start()
            _kept.append(program)
            known.write_text(program.url)
    return known.read_text()


def _cache() -> Path:
    given = os.environ.get("XDG_CACHE_HOME")
    return (Path(given) if given else Path.home() / ".cache") / "portal-tests"
