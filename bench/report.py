"""The figures as a table for people and as JSON for machines."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

from bench.load import Measurement
from bench.rows import Row
from bench.stats import median_of, ratio

_HEADINGS: Final = (
    *("row", "c", "unit", "Orthanc", "ours", "ratio", "target", "ok?"),
    *("ms CPU/request Orthanc", "ours"),
)
_NONE: Final = "-"


@dataclass(slots=True)
class Side:
    """The turns of one server at one row, or why there are none."""

    turns: list[Measurement] = field(default_factory=list)
    failure: str | None = None

    @property
    def rate(self) -> float | None:
        """Return the median rate."""
        return median_of([turn.rate for turn in self.turns])

    @property
    def p50_ms(self) -> float | None:
        """Return the median of the turns' median latencies, in milliseconds."""
        return median_of([turn.p50_ms for turn in self.turns])

    @property
    def cpu_ms_per_request(self) -> float | None:
        """Return the median server CPU time of a request, in milliseconds."""
        return median_of([turn.cpu_ms_per_request for turn in self.turns])

    def as_json(self) -> dict[str, object]:
        """Return medians and turns."""
        return {
            "rate": self.rate,
            "p50_ms": self.p50_ms,
            "p95_ms": median_of([turn.p95_ms for turn in self.turns]),
            "cpu_ms_per_request": self.cpu_ms_per_request,
            "failure": self.failure,
            "turns": [asdict(turn) for turn in self.turns],
        }


@dataclass(frozen=True, slots=True)
class Result:
    """One row with both sides."""

    row: Row
    connections: int
    orthanc: Side
    ours: Side

    @property
    def ratio(self) -> float | None:
        """Return our median rate over Orthanc's."""
        return ratio(self.ours.rate, self.orthanc.rate)

    @property
    def reached(self) -> bool | None:
        """Return whether the target is reached, None where that is not known."""
        return None if self.ratio is None else self.ratio >= self.row.target

    def as_json(self) -> dict[str, object]:
        """Return the row with both sides."""
        return {
            "name": self.row.name,
            "unit": self.row.unit,
            "connections": self.connections,
            "orthanc": self.orthanc.as_json(),
            "ours": self.ours.as_json(),
            "ratio": self.ratio,
            "target": self.row.target,
            "reached": self.reached,
        }


def table(results: Sequence[Result]) -> str:
    """Return the figures in columns, failures below."""
    text = in_columns([_HEADINGS, *(_cells(result) for result in results)])
    failures = "\n".join(_failures(results))
    return f"{text}\n\n{failures}" if failures else text


def in_columns(lines: Sequence[Sequence[str]]) -> str:
    """Return cells below each other: the first column to the left, others right."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(_line(cells, widths) for cells in lines)


def _cells(result: Result) -> tuple[str, ...]:
    return (
        result.row.name,
        str(result.connections),
        result.row.unit,
        number(result.orthanc.rate),
        number(result.ours.rate),
        number(result.ratio),
        f"{result.row.target:g}",
        verdict(reached=result.reached),
        number(result.orthanc.cpu_ms_per_request),
        number(result.ours.cpu_ms_per_request),
    )


def verdict(*, reached: bool | None) -> str:
    """Return whether a target is reached, in a word."""
    return {True: "yes", False: "NO", None: _NONE}[reached]


def number(value: float | None) -> str:
    """Return a figure with three digits that mean something."""
    if value is None:
        return _NONE
    decimals = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:.{decimals}f}"


def _line(cells: Iterable[str], widths: Sequence[int]) -> str:
    first, *rest = (
        cell.ljust(width) if column == 0 else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([first, *rest]).rstrip()


def _failures(results: Iterable[Result]) -> Iterator[str]:
    for result in results:
        for name, side in (("Orthanc", result.orthanc), ("ours", result.ours)):
            if side.failure is not None:
                yield f"{result.row.name}, {name}: no figure: {side.failure}"
