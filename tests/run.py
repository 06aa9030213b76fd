"""Folders that all processes of one run of the tests share; they end with the run."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

PREFIX: Final = "portal-run"


def owner() -> int:
    """Return the process whose end is the end of this run of the tests."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    return os.getppid() if is_worker else os.getpid()


def shared_folder(name: str) -> Path:
    """Return a folder of the run by its name, and remove those of ended runs."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}-*-{name}"):
        if not Path("/proc", folder.name.split("-")[2]).exists():
            shutil.rmtree(folder, ignore_errors=True)
    own = Path(tempfile.gettempdir()) / f"{PREFIX}-{owner()}-{name}"
    # Others may pass: as root, PostgreSQL runs as another user below it.
    own.mkdir(mode=0o711, exist_ok=True)
    return own
