"""``python -m bench.cohorts``: questions across a population, and how they grow.

Two portals hold a population each, the large one many times the small one; both are
asked the same questions over HTTP, in turns, as a page asks that counts while criteria
are edited.
"""

import argparse
import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench import servers
from bench.figure import Figure, tell
from bench.servers import Server
from bench.stats import median_of, percentile

NOW: Final = "2026-01-01"
TARGET_MS: Final = 300.0  # p95 of a count
WHOLE_MS: Final = 2_000.0
IMPORTED: Final = 1_000  # patients that are imported; the others are made of them
WARM: Final = 2

_COUNT: Final = (
    "query($criteria: Criteria!, $now: Date) { cohortCount(criteria: $criteria,"
    " now: $now) { numberOfPatients { value } } }"
)
_RUN: Final = (
    "query($criteria: Criteria!, $now: Date) { cohort(criteria: $criteria, now: $now)"
    " { id } }"
)


def _event(type_: str, **members: Any) -> dict[str, Any]:
    return {"event": {"type": type_, **members}}


def _called(text: str) -> dict[str, str]:
    return {"text": text}


_OLD: Final = {"patient": {"age": {"gt": 45, "at": "now"}}}
QUESTIONS: Final[dict[str, Any]] = {
    "a rare diagnosis, and an age": {
        "all": [
            _OLD,
            _event("condition", code=_called("osteosarcoma"), when={"last": "P2Y"}),
        ]
    },
    "a frequent diagnosis": _event("condition", code=_called("hypertension")),
    "two events, a window and images": {
        "all": [
            _event("condition", code=_called("hypertension"), **{"as": "a"}),
            _event(
                "medication",
                code=_called("metformin"),
                when={"near": "a", "from": "P0D", "to": "P5Y"},
            ),
            _event("imaging", modality=["CT"]),
        ]
    },
    "a diagnosis, but not a drug": {
        "all": [
            _event("condition", code=_called("diabetes")),
            {"not": _event("medication", code=_called("metformin"))},
        ]
    },
    "three scans at least": _event("imaging", count={"gte": 3}),
    "a lab above a value": _event(
        "observation",
        code=_called("hemoglobin a1c"),
        value={"gt": 8, "unit": "%"},
        when={"last": "P1Y"},
    ),
    "no images": {"not": _event("imaging")},
}
SENTENCE: Final = {
    "v": 1,
    "find": "patients",
    "where": QUESTIONS["a rare diagnosis, and an age"],
    "output": [
        {"what": "medication"},
        {"what": "imaging", "modality": ["CT"]},
        {"what": "report", "of": "imaging"},
    ],
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; return 1 where a target is missed."""
    plan = _plan(arguments)
    with ExitStack() as stack:
        root = plan.data or Path(stack.enter_context(_temporary()))
        sizes = {"small": plan.small, "large": plan.patients}
        held, portals = {}, {}
        for name, patients in sizes.items():
            folder = root / name
            portals[name] = stack.enter_context(_portal(folder))
            held[name] = _filled(folder, patients)
        figures = [*_figures(portals["small"], portals["large"], plan.asked)]
        if plan.plans is not None:
            plans = _run(root / "large", "-m", "bench.cohorts_plans")
            plan.plans.write_text(plans, encoding="utf-8")
    said = "; ".join(
        f"{name}: {each['patients']:,} patients, {each['events']:,} events"
        for name, each in held.items()
    )
    return tell(figures, said, plan.json)


def _portal(folder: Path) -> AbstractContextManager[Server]:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)  # started by root, PostgreSQL has another uid
    return servers.portal(folder)


def _filled(folder: Path, patients: int) -> dict[str, int]:
    """Fill a portal, or return what an earlier run has filled it with."""
    kept = folder / "held.json"
    if kept.exists():
        found: dict[str, int] = json.loads(kept.read_text(encoding="utf-8"))
        return found
    files = folder / "ndjson"
    imported = str(min(IMPORTED, patients))
    _run(folder, "manage.py", "demo_record", "--patients", imported, "--out", files)
    said = _run(
        folder,
        *("-m", "bench.cohorts_inside"),
        *("--files", files, "--patients", patients),
    )
    told: dict[str, int] = json.loads(said.splitlines()[-1])
    kept.write_text(json.dumps(told), encoding="utf-8")
    return told


def _run(folder: Path, *arguments: object) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=servers.REPOSITORY,
        env=servers.beside(folder),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def _figures(small: Server, large: Server, asked: int) -> Iterator[Figure]:
    rows = [
        (f"count: {name}", _COUNT, {"v": 1, "where": where}, TARGET_MS)
        for name, where in QUESTIONS.items()
    ]
    rows.append(("the mission's sentence, kept as a run", _RUN, SENTENCE, WHOLE_MS))
    for name, query, criteria, target in rows:
        body = json.dumps(
            {"query": query, "variables": {"criteria": criteria, "now": NOW}}
        )
        taken: dict[str, list[float]] = {"small": [], "large": []}
        told = failure = ""
        for number in range(WARM + asked):
            for which, server in (("small", small), ("large", large)):
                ms, answer = _ask(server, body)
                failure = failure or ("" if '"data"' in answer else answer[:300])
                if number >= WARM:
                    taken[which].append(ms)
                told = answer
        found = json.loads(told)["data"].get("cohortCount") if not failure else None
        details = {
            "median ms": median_of(taken["large"]) or 0.0,
            "small, median ms": median_of(taken["small"]) or 0.0,
        }
        if found:
            details["patients"] = found["numberOfPatients"]["value"]
        value = percentile(taken["large"], 95)
        yield Figure(
            name,
            "ms (p95)",
            None if failure else value,
            target,
            details=details,
            failure=failure or None,
        )


def _ask(server: Server, body: str) -> tuple[float, str]:
    address = server.address
    connection = http.client.HTTPConnection(address.host, address.port, timeout=120)
    headers = {
        "Authorization": f"Bearer {address.token}",
        "Content-Type": "application/json",
    }
    begun = time.perf_counter()
    connection.request("POST", "/graphql", body, headers)
    answer = connection.getresponse().read().decode()
    taken = (time.perf_counter() - begun) * 1e3
    connection.close()
    return taken, answer if '"errors"' not in answer[:30] else f"refused: {answer}"


def _temporary() -> "TemporaryDirectory[str]":
    return TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True)


def _plan(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.cohorts", description=__doc__
    )
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--asked", type=int, default=20, help="times, each question")
    parser.add_argument(
        "--data", type=Path, help="a folder that is kept, for another run"
    )
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    parser.add_argument(
        "--plans", type=Path, help="write here how the large one's database answers"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
