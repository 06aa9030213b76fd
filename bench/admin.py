"""``python -m bench.admin --data FOLDER``: how long each list of the admin takes.

FOLDER is one that a portal was run in, for instance a copy of ``many-large`` of
``bench.growth``: a million rows are added to each table that it does not fill.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from bench import servers


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill and measure; return 1 where a list takes longer than a second."""
    parser = argparse.ArgumentParser(prog="python -m bench.admin", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of a portal")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of each table")
    parser.add_argument("--only", default="", help="lists whose name has this in it")
    given = parser.parse_args(arguments)
    folder = given.data.absolute()
    command = [
        *(sys.executable, "-m", "bench.admin_inside"),
        *("--rows", str(given.rows), "--only", given.only),
    ]
    with servers.portal(folder, "admin"):
        return subprocess.run(
            command, cwd=servers.REPOSITORY, env=servers.beside(folder), check=False
        ).returncode


if __name__ == "__main__":
    servers.stop_when_ended()
    sys.exit(main())
