"""A folder import that runs while its workers are killed."""

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Final

import httpx
import psycopg

from portal.embedded.options import ROOT
from tests.crash.contents import Forge
from tests.crash.ledger import Content, Key
from tests.stack import Stack

SERIES: Final = 6
PATIENCE_S: Final = 180.0  # a killed worker's lease must run out first
BROKEN: Final = "broken.dcm"
TWICE: Final = "twice.dcm"


class FolderImport:
    """One import of a folder with files of its own.

    Attributes
    ----------
    attempts
        How many workers have taken it up, known at its end.
    """

    def __init__(self, folder: Path, number: int, size: int, seed: int) -> None:
        self.held: dict[Key, Content] = {}
        self.attempts = 0
        self._folder = folder
        self._operation = ""
        self._make(Forge(number, random.Random(f"{seed}/{number}")), size)

    def start(self, stack: Stack) -> None:
        """Start it as an operator does, and stop watching."""
        command = [sys.executable, "manage.py", "import", str(self._folder)]
        with subprocess.Popen(
            command,
            cwd=ROOT,
            env=stack.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as watcher:
            assert watcher.stdout is not None
            line = watcher.stdout.readline()
            watcher.kill()
        word, _, self._operation = line.strip().partition(" ")
        assert word == "Import", line

    def wait_for_its_midst(self, stack: Stack) -> None:
        """Return once a part of the files is imported; the database must be there."""
        deadline = time.monotonic() + PATIENCE_S
        with psycopg.connect(stack.places.database_url, autocommit=True) as connection:
            query = "SELECT percent FROM core_operation WHERE id = %s"
            while connection.execute(query, [self._operation]).fetchone() == (0,):
                assert time.monotonic() < deadline
                time.sleep(0.01)

    def problems(self, stack: Stack, client: httpx.Client) -> list[str]:
        """Wait for the end and return what is wrong with its report."""
        ended = self._wait(client)
        if ended.get("status") != "succeeded":
            return [f"the import ended as {ended}"]
        with psycopg.connect(stack.places.database_url) as connection:
            lines = connection.execute(
                "SELECT path, outcome FROM imaging_importedfile"
                " WHERE operation_id = %s",
                [self._operation],
            ).fetchall()
            row = connection.execute(
                "SELECT attempt FROM core_operation WHERE id = %s", [self._operation]
            ).fetchone()
            assert row is not None
            self.attempts = row[0]
        problems = list(self._wrong_lines(lines))
        counts = dict(Counter(outcome for _, outcome in lines))
        if ended["results"] != counts:
            problems.append(f"the import says {ended['results']}, its report {counts}")
        if ended["numberOfErrors"] != 1:
            problems.append(f"the import tells of {ended['numberOfErrors']} errors")
        return problems

    def _wrong_lines(self, lines: list[tuple[str, str]]) -> list[str]:
        files = sorted(str(path) for path in self._folder.iterdir())
        if sorted(path for path, _ in lines) != files:
            return [f"{len(lines)} lines of the report for {len(files)} files"]
        # A step that was repeated finds what it had stored.
        stored = {"stored", "stored with warning", "held already"}
        allowed = {BROKEN: {"refused"}, TWICE: {"held already"}}
        return [
            f"the import reports {path} as {outcome}"
            for path, outcome in lines
            if outcome not in allowed.get(Path(path).name, stored)
        ]

    def _wait(self, client: httpx.Client) -> dict[str, object]:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            answer = client.get(f"/operations/{self._operation}")
            if answer.status_code == 200 or time.monotonic() > deadline:
                row: dict[str, object] = answer.json()
                return row
            time.sleep(0.5)

    def _make(self, forge: Forge, size: int) -> None:
        self._folder.mkdir(parents=True)
        study, series = forge.uid(), [forge.uid() for _ in range(SERIES)]
        data = b""
        for number in range(size):
            key = Key(study, series[number % SERIES], forge.uid())
            data, content = forge.make(key)
            (self._folder / f"{number:04}.dcm").write_bytes(data)
            self.held[key] = content
        (self._folder / TWICE).write_bytes(data)
        (self._folder / BROKEN).write_bytes(b"no DICOM")
