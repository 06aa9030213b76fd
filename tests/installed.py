"""Data folders that are made once for a run, as copies of which portals begin.

What is installed: PostgreSQL's cluster, the migrated database, the first account. Each
portal of the tests gets a copy, and starts on it as it does after a stop. That it
starts on an empty folder as well is shown by ``tests/portal/test_embedded.py``.
"""

import fcntl
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from portal.embedded.supervisor import INSTALLED
from tests.run import shared_folder

# The tests' data need not survive a power cut; killed processes it does survive.
FAST: Final = "fsync = off\nfull_page_writes = off\n"
POLL_S: Final = 0.05
OF_ITS_RUN: Final = {"lock", "logs", "metrics", "run"}  # what a stop leaves behind


def copy_installed(data: Path, launch: Callable[[Path], subprocess.Popen[str]]) -> None:
    """Begin a data folder as a copy of the run's installed one.

    Parameters
    ----------
    launch
        Starts a portal on a data folder: called by the first who needs a copy.
    """
    model = shared_folder("installed") / "data"
    with model.with_name("lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (model / "postgres" / "local.conf").exists():
            _install(model, launch)
    _copy([model / "postgres", model / INSTALLED], data)


def copy_furnished(data: Path, name: str, furnish: Callable[[Path], str]) -> str:
    """Begin a data folder as a copy of one that the run furnishes once.

    Parameters
    ----------
    name
        Of what it is furnished with.
    furnish
        Runs a portal on a data folder, and stops it cleanly once it is furnished:
        called by the first who needs a copy.

    Returns
    -------
    str
        What `furnish` has returned.
    """
    folder = shared_folder(name)
    model, told = folder / "data", folder / "told"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            shutil.rmtree(model, ignore_errors=True)  # of who has failed at it
            told.write_text(furnish(model), encoding="utf-8")
    _copy([each for each in model.iterdir() if each.name not in OF_ITS_RUN], data)
    return told.read_text(encoding="utf-8")


def _install(model: Path, launch: Callable[[Path], subprocess.Popen[str]]) -> None:
    """Let a portal install itself, and stop it before its programs are up."""
    portal = launch(model)
    while not (model / INSTALLED).exists():
        assert portal.poll() is None, portal.communicate()[0]
        time.sleep(POLL_S)
    portal.terminate()
    said, _ = portal.communicate()
    assert portal.returncode == 0, said
    (model / "postgres" / "local.conf").write_text(FAST, encoding="ascii")


def _copy(parts: Iterable[Path], data: Path) -> None:
    data.mkdir(mode=0o711, parents=True, exist_ok=True)
    # The program keeps owners, and its bytes do not pass through Python.
    subprocess.run(["cp", "-a", *parts, data], check=True)
