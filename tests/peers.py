"""Real programs of others that tests speak with: Orthanc, DCMTK, SeaweedFS and others.

A test that needs one is marked ``@pytest.mark.peer("orthanc")``. Where the program is
missing it is skipped with a reason; with ``PORTAL_REQUIRE_PEERS=1`` (``.ci/run``) it
fails, because there a missing peer is a broken set-up.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Final, NoReturn

import pytest

from portal import env

PROGRAMS: Final = {
    "orthanc": ("Orthanc",),
    "dcmtk": (
        "storescu",
        "dcmdump",
        "dcmconv",
        "dcm2xml",
        "dsr2html",
        "dcmj2pnm",
        "dcmp2pgm",
    ),
    "node": ("node", "npm"),
    "chromium": ("chromium",),
    "nginx": ("nginx",),
    "seaweedfs": ("weed",),
    "elasticsearch": ("java", "javac", "mvn"),
    "hapi": ("java", "javac", "mvn"),
}
FILES: Final = {
    "orthanc": ("/usr/share/orthanc/plugins/libOrthancDicomWeb.so",),
}
# Debian puts servers where an ordinary user's PATH does not look; a wheel has one, too.
SEARCHED: Final = os.pathsep.join(
    [os.environ.get("PATH", ""), "/usr/sbin", f"{sys.prefix}/bin"]
)


def require_peer(name: str) -> dict[str, Path]:
    """Return the peer's programs, or skip (or fail) the test without them."""
    found = {
        program: shutil.which(program, path=SEARCHED) for program in PROGRAMS[name]
    }
    absent = sorted(program for program, path in found.items() if path is None)
    absent += [file for file in FILES.get(name, ()) if not Path(file).exists()]
    if absent:
        missing(f"needs {name}: {', '.join(absent)} not found on this machine")
    return {program: Path(path) for program, path in found.items() if path}


def missing(reason: str) -> NoReturn:
    """Skip the test, or fail it where peers are required."""
    if env.boolean("PORTAL_REQUIRE_PEERS", default=False):
        pytest.fail(reason)
    pytest.skip(reason)
