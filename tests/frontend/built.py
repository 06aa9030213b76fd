"""The portal's pages as they are built from ``frontend/``, for tests that show them.

The first test that needs them builds them, in the working copy as ``make frontend``
does; processes of pytest-xdist wait for each other. What is newer than its sources
stays.
"""

import fcntl
import subprocess
from pathlib import Path
from typing import Final

from portal.embedded.options import ROOT
from tests.npm import node_with
from tests.peers import missing, require_peer

FRONTEND: Final = ROOT / "frontend"
DIST: Final = FRONTEND / "dist"
BUILD_TIMEOUT_S: Final = 280
_SOURCES: Final = ("index.html", "package-lock.json", "*.ts", "src/**/*")


def built_frontend() -> Path:
    """Return the folder of the built pages.

    Skips (or fails) the test where Node is missing.
    """
    node_with(FRONTEND)
    with (FRONTEND / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_fresh():
            _build()
    return DIST


def _is_fresh() -> bool:
    index = DIST / "index.html"
    if not index.exists():
        return False
    files = (path for pattern in _SOURCES for path in FRONTEND.glob(pattern))
    newest = max(path.stat().st_mtime for path in files if path.is_file())
    return index.stat().st_mtime >= newest


def _build() -> None:
    npm = require_peer("node")["npm"]
    done = subprocess.run(
        [str(npm), "run", "--silent", "build"],
        cwd=FRONTEND,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=BUILD_TIMEOUT_S,
        check=False,
    )
    if done.returncode != 0:
        missing(f"the pages could not be built: {done.stdout[-2000:]}")
