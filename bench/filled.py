"""Portals that hold a population: filled once, and kept where the user says so."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Final

from bench import servers
from bench.population import Population
from bench.servers import Server

PROCESSES: Final = 2  # that fill together
_MARKER: Final = "filled.json"


@contextmanager
def filled(
    folder: Path,
    population: Population,
    name: str,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """Run a portal that holds `population`; a fill that was ended goes on.

    Parameters
    ----------
    settings
        More variables for the environment of the portal.

    Raises
    ------
    ValueError
        The folder holds another population.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)  # started by root, PostgreSQL has another uid
    plan = folder / "population.json"
    text = json.dumps(asdict(population))
    if plan.exists() and plan.read_text(encoding="utf-8") != text:
        message = f"{folder} holds another population: remove it, or name another."
        raise ValueError(message)
    plan.write_text(text, encoding="utf-8")
    with servers.portal(folder, name, settings=settings) as server:
        if not (folder / _MARKER).exists():
            seconds = _fill(folder, population)
            said = {"instances": population.number_of_instances, "seconds": seconds}
            (folder / _MARKER).write_text(json.dumps(said), encoding="utf-8")
        yield server


def _fill(folder: Path, population: Population) -> float:
    number = population.number_of_instances
    print(f"filling {folder.name} with {number:,} instances ...", flush=True)
    begun = time.monotonic()
    command = [
        *(sys.executable, "-m", "bench.fill", str(population.number_of_studies)),
        *("--partitions", str(population.number_of_partitions)),
    ]
    shares = [
        [*command, "--share", str(share), "--shares", str(PROCESSES)]
        for share in range(PROCESSES)
    ]
    _run_together(shares, folder)
    _run_together([[*command, "--settle"]], folder)
    seconds = time.monotonic() - begun
    print(f"... in {seconds:.0f} s", flush=True)
    return seconds


def _run_together(commands: list[list[str]], folder: Path) -> None:
    """Run commands at once; end the others when one fails.

    Raises
    ------
    CalledProcessError
        The first one that failed.
    """
    running = [
        subprocess.Popen(each, cwd=servers.REPOSITORY, env=servers.beside(folder))
        for each in commands
    ]
    try:
        for process in running:
            if process.wait() != 0:
                raise subprocess.CalledProcessError(process.returncode, process.args)
    finally:
        for process in running:
            process.terminate()
            process.wait()
