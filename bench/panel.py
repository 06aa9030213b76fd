"""What the figures of a run say, in the form that charts and tables show."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.machine import build_of
from bench.report import number
from bench.servers import ORTHANC, PORTAL


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a run.

    Attributes
    ----------
    value
        None where the row has no figure.
    cells
        What stands beside it in a table.
    """

    name: str
    value: float | None
    target: float
    unit: str
    at_most: bool
    reached: bool | None
    cells: tuple[str, ...] = ()

    @property
    def value_text(self) -> str:
        """Return the value with its unit."""
        if self.value is None:
            return "no figure"
        return f"{number(self.value)} {self.unit}"

    @property
    def target_text(self) -> str:
        """Return the target with its sign and unit."""
        return f"{'≤' if self.at_most else '≥'} {self.target:g} {self.unit}"


@dataclass(frozen=True, slots=True)
class Panel:
    """The rows of one run.

    Attributes
    ----------
    against
        Whether values are ratios to an opponent, which may be any number of times
        slower, or stand for themselves.
    columns
        Headings of the cells.
    notes
        Without which the figures are worth nothing: machine, versions, date.
    """

    title: str
    bars: tuple[Bar, ...]
    against: bool
    columns: tuple[str, ...]
    notes: tuple[str, ...]


def read_panel(path: Path) -> Panel:
    """Return what a file of `bench`, `bench.growth` or `bench.memory` holds."""
    run = json.loads(path.read_text(encoding="utf-8"))
    if "rows" in run:
        return Panel(
            "Times as fast as Orthanc",
            tuple(map(_against_orthanc, run["rows"])),
            against=True,
            columns=("Orthanc", "portal", "unit"),
            notes=tuple(_notes(run)),
        )
    figures = run["figures"]
    columns = tuple(dict.fromkeys(name for one in figures for name in one["details"]))
    bars = tuple(_of_itself(one, columns) for one in figures)
    return Panel(run["title"], bars, against=False, columns=columns,
                 notes=tuple(_notes(run)))  # fmt: skip


def _against_orthanc(row: dict[str, Any]) -> Bar:
    return Bar(
        row["name"],
        row["ratio"],
        row["target"],
        "x",
        at_most=False,
        reached=row["reached"],
        cells=(
            number(row["orthanc"]["rate"]),
            number(row["ours"]["rate"]),
            row["unit"],
        ),
    )


def _of_itself(figure: dict[str, Any], columns: Sequence[str]) -> Bar:
    return Bar(
        figure["name"],
        figure["value"],
        figure["target"],
        figure["unit"],
        at_most=figure["at_most"],
        reached=figure["reached"],
        cells=tuple(number(figure["details"].get(name)) for name in columns),
    )


def _notes(run: dict[str, Any]) -> Iterator[str]:
    versions = run["versions"]
    if ORTHANC in versions:
        yield (
            f"Orthanc {versions[ORTHANC][ORTHANC]} with DICOMweb plugin"
            f" {versions[ORTHANC]['DICOMweb plugin']}:"
            f" {build_of(versions[ORTHANC][ORTHANC])}. It runs without authentication,"
            " the portal with token, permissions and audit."
        )
    portal = versions.get(PORTAL)
    if portal:
        yield f"Portal {portal[PORTAL]}, {portal['commit']}."
    machine = run["machine"]
    yield (
        f"{machine['cpu']}, {machine['cores']} cores, {machine['memory']},"
        f" Python {machine['python']}, {run['date'][:10]}."
    )
    yield f"{run['plan']}."
