"""The viewer as ``make viewer`` builds it out of its package, for tests that show it.

``.ci/run`` has built it before; elsewhere the first test that needs it does, with the
registry that npm is configured for. What is newer than its sources stays.
"""

import fcntl
import subprocess
from pathlib import Path
from typing import Final

from tests.frontend.built import FRONTEND
from tests.npm import node_with
from tests.peers import missing

VIEWER: Final = FRONTEND / "viewer"
DIST: Final = VIEWER / "dist"
SCRIPT: Final = VIEWER / "build.mjs"
TIMEOUT_S: Final = 280
_SOURCES: Final = ("*.mjs", "*.js", "*.html")


def built_viewer() -> Path:
    """Return the folder of the built viewer.

    Skips (or fails) the test where it cannot be built.
    """
    node = node_with(FRONTEND)
    with SCRIPT.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_fresh():
            done = build(node, SCRIPT, DIST)
            if done.returncode != 0:
                missing(f"the viewer could not be built: {done.stdout[-2000:]}")
    return DIST


def build(node: Path, script: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script that builds the viewer."""
    return subprocess.run(
        [str(node), str(script), str(folder)],
        cwd=FRONTEND,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def _is_fresh() -> bool:
    index = DIST / "index.html"
    if not index.exists():
        return False
    files = [path for pattern in _SOURCES for path in VIEWER.glob(pattern)]
    return index.stat().st_mtime >= max(path.stat().st_mtime for path in files)
