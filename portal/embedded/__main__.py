"""``python -m portal.embedded``: the whole portal on one machine."""

import argparse
import importlib
import sys
from pathlib import Path
from typing import Final

from portal.embedded.demo import prepare
from portal.embedded.errors import StartError, Stopped
from portal.embedded.lock import hold
from portal.embedded.options import Options, read_options
from portal.embedded.orphans import end_orphans
from portal.embedded.supervisor import Supervisor, say
from portal.embedded.wakeup import Wakeup
from portal.env import SettingError

REFUSED: Final = 2  # exit status: the stack was not started, and the message says why


def main() -> int:
    """Run the stack until INT or TERM; return the exit status."""
    parser = argparse.ArgumentParser(prog="portal.embedded", description=__doc__)
    parser.add_argument(
        "--demo", action="store_true", help="load the demo hospital at the first start"
    )
    arguments = parser.parse_args()
    try:
        options = read_options()
        with Wakeup() as wakeup, hold(options.places):
            end_orphans(options.places)
            # A setting that cannot be read is told here, not in five logs.
            settings = importlib.import_module("portal.settings")
            _run(options, wakeup, demo=arguments.demo, viewer=settings.VIEWER_FOLDER)
    except (StartError, SettingError) as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED
    except PermissionError as error:
        sys.stderr.write(f"{error.filename} cannot be used: {error.strerror}.\n")
        return REFUSED
    return 0


def _run(options: Options, wakeup: Wakeup, *, demo: bool, viewer: Path) -> None:
    supervisor = Supervisor(options, wakeup)
    try:
        supervisor.start()
        if demo:
            prepare(supervisor, options)
        say(f"The portal is ready at {options.address}/ (Ctrl-C stops it).")
        if not (viewer / "index.html").is_file():
            say("It has no viewer, which `make viewer` builds; all else works.")
        supervisor.watch()
    except Stopped:
        say("Stopped before the portal was ready.")
    finally:
        supervisor.stop()


if __name__ == "__main__":
    sys.exit(main())
