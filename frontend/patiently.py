"""Runs a command, and ends it with all that it has started when its time is over.

    patiently.py SECONDS COMMAND...

npm waits for each package by itself: one that never comes is a minute, and hundreds of
them are as long as somebody watches.
"""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import Final, NoReturn

ENDING_S: Final = 5.0
TOO_LATE: Final = 124  # as timeout(1)


def run(seconds: float, command: list[str]) -> int:
    """Return the status of a command, `TOO_LATE` for one that was ended."""
    # A session of its own: its children are found, and no key reaches them but by us.
    process = subprocess.Popen(  # noqa: S603 the Makefile's own commands
        command, stdin=subprocess.DEVNULL, start_new_session=True
    )
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        said = f"Given up after {seconds:g} s (PATIENCE_S): {' '.join(command)}\n"
        sys.stderr.write(said)
        return TOO_LATE
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(ENDING_S)
        os.killpg(process.pid, signal.SIGKILL)


def _leave(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    sys.exit(run(float(sys.argv[1]), sys.argv[2:]))
