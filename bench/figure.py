"""Figures that have a target of their own, without an opponent."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bench import machine
from bench.report import in_columns, number, verdict


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value and what it should be.

    Attributes
    ----------
    unit
        Of `value` and `target`; ``x`` for a ratio.
    at_most
        Whether the target is the highest value that reaches it, or the lowest.
    details
        What the value is made of, by column of the table.
    failure
        Why there is no value.
    """

    name: str
    unit: str
    value: float | None
    target: float
    at_most: bool = True
    details: dict[str, float] = field(default_factory=dict)
    failure: str | None = None

    @property
    def reached(self) -> bool | None:
        """Return whether the target is reached; None where that is not known."""
        if self.value is None:
            return None
        at_most = self.value <= self.target
        return at_most if self.at_most else self.value >= self.target

    def as_json(self) -> dict[str, object]:
        """Return the figure with its verdict."""
        return {**asdict(self), "reached": self.reached}


def table(figures: Sequence[Figure]) -> str:
    """Return the figures in columns, what failed below."""
    columns = list(dict.fromkeys(name for each in figures for name in each.details))
    head = ("row", *columns, "value", "unit", "target", "ok?")
    text = in_columns([head, *(_cells(each, columns) for each in figures)])
    failures = [
        f"{one.name}: no figure: {one.failure}" for one in figures if one.failure
    ]
    return "\n".join([text, "", *failures]) if failures else text


def tell(
    figures: Sequence[Figure], plan: str, path: Path | None, *, title: str = ""
) -> int:
    """Print figures and what they were measured with, and keep both in a file.

    Returns
    -------
    int
        What a command ends with: 1 where a target is missed or a row has no figure.
    """
    facts = {
        **({"title": title} if title else {}),
        "date": machine.now(),
        "machine": machine.machine(),
        "commit": machine.commit(),
        "plan": plan,
    }
    print("\n" + table(figures) + "\n")
    for name, fact in facts.items():
        print(f"{name}: {fact}")
    if path is not None:
        whole = {**facts, "figures": [each.as_json() for each in figures]}
        path.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    return 0 if all(each.reached for each in figures) else 1


def _cells(figure: Figure, columns: Sequence[str]) -> tuple[str, ...]:
    sign = "<=" if figure.at_most else ">="
    return (
        figure.name,
        *(number(figure.details.get(name)) for name in columns),
        number(figure.value),
        figure.unit,
        f"{sign} {figure.target:g}",
        verdict(reached=figure.reached),
    )
