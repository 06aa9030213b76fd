"""Packages of npm that tests run: pinned in a folder, installed by the first who needs.

The processes of pytest-xdist wait for each other.
"""

import fcntl
import subprocess
from pathlib import Path
from typing import Final

from tests.peers import missing, require_peer

INSTALL_TIMEOUT_S: Final = 280


def node_with(folder: Path) -> Path:
    """Return Node, once what ``package-lock.json`` in `folder` pins is installed.

    Skips (or fails) the test where it cannot be.
    """
    programs = require_peer("node")
    _install(programs["npm"], folder)
    return programs["node"]


def _install(npm: Path, folder: Path) -> None:
    with (folder / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _is_installed(folder):
            return
        command = [str(npm), "ci", "--no-progress", "--loglevel=error"]
        done = subprocess.run(
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=INSTALL_TIMEOUT_S,
            check=False,
        )
    if done.returncode != 0:
        missing(f"npm could not install what {folder.name} needs: {done.stdout[-500:]}")


def _is_installed(folder: Path) -> bool:
    # npm writes this file last.
    installed = folder / "node_modules" / ".package-lock.json"
    lock = folder / "package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime
