"""Commands of ``manage.py`` beside a portal, which is loaded once for all of them.

``python -m tests.commands`` loads it as ``manage.py`` does, and forks for each command
that it reads. So each is a process of its own, as an operator's is, and begins some
seconds of computing earlier.
"""

import gc
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from threading import Lock

import django
from django.core import checks
from django.core.management import execute_from_command_line

from core.audit_events import ORIGIN, command_origin
from portal.embedded.options import ROOT


class Commands:
    """Runs commands in one environment, one after the other."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self._turns = Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.commands"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, words: Sequence[str]) -> str:
        """Run a command; return what it says.

        Raises
        ------
        subprocess.CalledProcessError
            It failed.
        """
        asked, told = self._process.stdin, self._process.stdout
        assert asked is not None
        assert told is not None
        with self._turns, tempfile.NamedTemporaryFile("r", encoding="utf-8") as said:
            asked.write(f"{json.dumps([said.name, *words])}\n")
            asked.flush()
            code = int(told.readline())
            output = said.read()
        if code:
            raise subprocess.CalledProcessError(code, words, output)
        return output

    def end(self) -> None:
        """Run no more. It ends with this process anyway."""
        self._process.communicate()


def serve() -> None:
    """Do what each line says: a file for the output, and the words of a command."""
    for line in sys.stdin:
        file, *words = json.loads(line)
        child = os.fork()
        if child == 0:
            become(file, words)
            return
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def become(file: str, words: Sequence[str]) -> None:
    """Be a command in this process, which ends as that does."""
    for number, name in enumerate((os.devnull, file)):
        opened = os.open(name, os.O_RDWR)
        os.dup2(opened, number)
        os.close(opened)
    ORIGIN.set(command_origin())
    execute_from_command_line(["manage.py", *words])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    checks.run_checks()  # loads what each command has looked at before it begins
    gc.freeze()  # else each would take it all apart at its end
    serve()
