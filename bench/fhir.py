"""``python -m bench.fhir``: the clinical record, taken in and asked for.

Writes the records of a population, imports them into a portal of its own in a process
whose CPU time and whose database's are counted, waits until the followers have caught
up, and asks by HTTP for what clients ask for, also of one patient to whom very much has
happened (`bench.fhir_patient`).
"""

import argparse
import http.client
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench import fhir_patient, servers
from bench.figure import Figure, tell
from bench.servers import Server
from bench.stats import median_of, percentile

PARTITION: Final = "default"
RATE: Final = 3_000.0  # resources of a second of CPU, at least
SOON_MS: Final = 100.0
PAGE_MS: Final = 200.0
ASKED: Final = 40  # times each, after a few that warm up
WARM: Final = 3
_LAB: Final = "|".join(fhir_patient.LAB[:2])
_CODE: Final = "http://loinc.org|8867-4"  # heart rate
_TIME_LINE: Final = """query ($id: String!) {
  patient(fhirId: $id) { timeline { columns rows hasMore } } }"""
_LABS: Final = """query ($id: String!, $code: String!) { patient(fhirId: $id) {
  labs(code: $code, first: 200) { edges { node {
    start value unit referenceLow { value } referenceHigh { value } } } } } }"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; return 1 where a target is missed."""
    plan = _plan(arguments)
    with ExitStack() as stack:
        folder = plan.data or Path(stack.enter_context(_temporary()))
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)  # started by root, PostgreSQL has another uid
        files = folder / "ndjson"
        if not files.is_dir():
            _manage(folder, "demo_record", "--patients", plan.patients, "--out", files)
        with servers.portal(folder) as portal:
            told = _told(folder, files, plan.processes, again=plan.again)
            fhir_patient.write_patient(portal)
            figures = [*_rates(told), *_searches(portal, told["patient"], plan.limit)]
    said = f"{plan.patients:,} patients, {told['resources']:,} resources"
    return tell(figures, said, plan.json)


def _told(folder: Path, files: Path, processes: int, *, again: bool) -> dict[str, Any]:
    """Import, and keep what is told of it; or return what an earlier run has kept."""
    kept = folder / "told.json"
    if again:
        found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        return found
    told = _imported(folder, _shares(files, processes))
    kept.write_text(json.dumps(told), encoding="utf-8")
    return told


def _shares(files: Path, number: int) -> list[Path]:
    """Return folders of which each has its share of every file's lines."""
    if number == 1:
        return [files]
    shares = [
        files.with_name(f"{files.name}-{at + 1}-of-{number}") for at in range(number)
    ]
    if all(share.is_dir() for share in shares):
        return shares  # of a run that was cut off
    for share in shares:
        share.mkdir()
    for file in sorted(files.glob("*.ndjson")):
        with ExitStack() as stack, file.open("rb") as lines:
            into = [
                stack.enter_context((each / file.name).open("wb")) for each in shares
            ]
            for line, end in zip(lines, itertools.cycle(into), strict=False):
                end.write(line)
    return shares


def _imported(folder: Path, shares: Sequence[Path]) -> dict[str, Any]:
    """Import each share in a process of its own; return what all of them tell."""
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.fhir_inside", str(share)],
            cwd=servers.REPOSITORY,
            env=servers.beside(folder),
            stdout=subprocess.PIPE,
            text=True,
        )
        for share in shares
    ]
    said = [process.communicate()[0] for process in running]
    for process in running:
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, process.args)
    told = [json.loads(each.splitlines()[-1]) for each in said]
    last = max(told, key=lambda each: float(each["wall"]))
    sums = {
        name: sum(each[name] for each in told)
        for name in ("resources", "cpu", "database cpu")
    }
    return {**last, **sums, "processes": len(told)}


def _rates(told: dict[str, Any]) -> Iterator[Figure]:
    number = told["resources"]
    details = {
        "processes": told.get("processes", 1),
        "wall s": told["wall"],
        "CPU s": told["cpu"],
        "of the database": told["database cpu"],
        "resources/s": number / told["wall"],
    }
    yield Figure(
        "NDJSON imported and indexed",
        "resources/s a core",
        number / told["cpu"],
        RATE,
        at_most=False,
        details=details,
    )
    yield Figure(
        "followers caught up after the import",
        "s",
        told["followed"],
        told["wall"],
        details={"wall s": told["wall"]},
    )


def _searches(portal: Server, patient: str, limit: float) -> Iterator[Figure]:
    address = portal.address
    asked: dict[str, tuple[str, str, float]] = {
        "Observations of a patient by code and date": (
            f"/fhir/Observation?patient={patient}&code={_CODE}&date=ge2020",
            "",
            SOON_MS,
        ),
        "newest Observations by code": (
            f"/fhir/Observation?code={_CODE}&_sort=-date&_count=20&_total=none",
            "",
            SOON_MS,
        ),
        "Patients by name": ("/fhir/Patient?name=an&_count=20", "", SOON_MS),
        "Patients that have a condition": (
            "/fhir/Patient?_has:Condition:patient:code:text=osteosarcoma&_count=20",
            "",
            SOON_MS,
        ),
        "a Patient": (f"/fhir/Patient/{patient}", "", SOON_MS),
        "everything of a patient": (
            f"/fhir/Patient/{patient}/$everything?_count=1000",
            "",
            PAGE_MS,
        ),
        "time line of a patient (GraphQL)": _graph(_TIME_LINE, id=patient),
        f"time line of {fhir_patient.EVENTS:,} events (GraphQL)": _graph(
            _TIME_LINE, id=fhir_patient.ID
        ),
        "200 values of a lab, of that patient (GraphQL)": _graph(
            _LABS, id=fhir_patient.ID, code=_LAB
        ),
    }
    connection = http.client.HTTPConnection(address.host, address.port, timeout=120)
    headers = {"Authorization": f"Bearer {address.token}"}
    for name, (path, body, target) in asked.items():
        taken, size, failure = _asked(connection, path, body, headers, limit)
        value = median_of(taken) if failure is None else None
        details = {"kB": size / 1e3, "p95 ms": percentile(taken, 95) if taken else 0.0}
        yield Figure(name, "ms", value, target, details=details, failure=failure)


def _graph(query: str, **variables: str) -> tuple[str, str, float]:
    return "/graphql", json.dumps({"query": query, "variables": variables}), PAGE_MS


def _asked(
    connection: http.client.HTTPConnection,
    path: str,
    body: str,
    headers: dict[str, str],
    limit: float,
) -> tuple[list[float], int, str | None]:
    """Return what each question took in ms, how long the answer is, and what failed."""
    taken: list[float] = []
    size = 0
    until = time.perf_counter() + limit
    for number in range(WARM + ASKED):
        begun = time.perf_counter()
        if body:
            given = {**headers, "Content-Type": "application/json"}
            connection.request("POST", path, body, given)
        else:
            connection.request("GET", path.replace(" ", "%20"), headers=headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != http.client.OK or b'"errors"' in content[:200]:
            return [], 0, f"{answer.status}: {content[:300]!r}"
        size = len(content)
        if number >= WARM:
            taken.append((time.perf_counter() - begun) * 1e3)
        if time.perf_counter() > until and taken:
            break
    return taken, size, None


def _manage(folder: Path, *arguments: object) -> None:
    command = [sys.executable, "manage.py", *map(str, arguments)]
    environment = servers.beside(folder)
    subprocess.run(command, cwd=servers.REPOSITORY, env=environment, check=True)


def _temporary() -> "TemporaryDirectory[str]":
    return TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True)


def _plan(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.fhir", description=__doc__)
    parser.add_argument("--patients", type=int, default=1_000)
    parser.add_argument(
        "--limit", type=float, default=20.0, help="seconds for each question at most"
    )
    parser.add_argument(
        "--data", type=Path, help="a folder that is kept, for another run"
    )
    parser.add_argument("--processes", type=int, default=1, help="that import, at once")
    parser.add_argument(
        "--again", action="store_true", help="only ask what an earlier run has imported"
    )
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
