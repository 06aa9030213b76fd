"""``python -m bench.profile ROW``: where a row's time goes, as a flame graph.

Runs the portal with one worker and has py-spy (``pip install py-spy``) look at it
while the row is asked for.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench import servers
from bench.growing import web_workers
from bench.load import probe, run_load
from bench.rows import ROWS, Row
from bench.scene import fill, make_scene

STUDIES: Final = 50
_BESIDE: Final = 2.0  # seconds that the load goes on around the recording
_MISSING: Final = "py-spy is not installed: pip install py-spy"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the flame graph."""
    given = _parser().parse_args(arguments)
    found = [row for row in ROWS if re.search(given.row, row.name, re.IGNORECASE)]
    if len(found) != 1:
        names = "\n  ".join(row.name for row in found or ROWS)
        sys.exit(f"ROW has to match one of these:\n  {names}")
    program = _py_spy()
    if program is None:
        sys.exit(_MISSING)
    with TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)  # started by root, PostgreSQL has another uid
        return _profile(found[0], folder, program, given.seconds, given.output)


def _profile(row: Row, folder: Path, program: str, seconds: float, output: Path) -> int:
    scene = make_scene(STUDIES)
    with servers.portal(folder, settings={"PORTAL_WEB_WORKERS": "1"}) as server:
        fill(server.address, scene)
        workload = row.make(scene, server.address, "profile")
        probe(server.address, workload)
        (worker,) = web_workers(servers.portal_data(folder))
        command = [program, "record", "--pid", str(worker), "--output", str(output)]
        command += ["--duration", str(round(seconds)), "--rate", "250"]
        with subprocess.Popen(command) as recording:
            run_load(
                server.address,
                row.make(scene, server.address, "profile, recorded"),
                connections=row.connections,
                seconds=seconds + _BESIDE,
            )
        return recording.returncode


def _py_spy() -> str | None:
    """Return the path of py-spy, of this environment or of the system."""
    beside = Path(sys.executable).parent
    return shutil.which("py-spy", path=f"{beside}{os.pathsep}{os.environ['PATH']}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.profile", description=__doc__
    )
    add = parser.add_argument
    add("row", help="regular expression that matches the name of one row")
    add("--seconds", type=float, default=10, help="length of the recording (10)")
    add("--output", type=Path, default=Path("profile.svg"), help="(profile.svg)")
    return parser


if __name__ == "__main__":
    servers.stop_when_ended()
    sys.exit(main())
