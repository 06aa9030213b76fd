"""Counts of patients leave by one door: whoever adds a way has to say so here."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import cohorts

_HOME: Final = Path(cohorts.__file__).parent
_USES: Final = {
    # How many there are, where the actor sees them; and sets, which are not told.
    "asking.count": {"answers/counting.py"},
    "asking.tally": {"answers/counting.py"},
    "asking.estimate": {"answers/counting.py"},
    "asking.found": {"answers/running.py"},
    "Tally": {
        "answers/chart_rows.py", "answers/charts.py", "answers/disclosure.py",
        "answers/perturbation.py", "execution/asking.py", "execution/tally.py",
    },
    "tally_of": {"answers/chart_rows.py", "execution/asking.py", "execution/tally.py"},
    # What a run keeps of what was told.
    "number_of_patients": {
        "answers/as_text.py", "answers/charts.py", "answers/exporting.py",
        "answers/kept_counts.py", "answers/running.py", "graphql/charts.py",
        "graphql/counts.py", "graphql/definitions.py", "graphql/queries.py",
        "graphql/runs.py", "models/run.py",
    },
    "number_possible": {
        "answers/kept_counts.py", "answers/running.py", "graphql/queries.py",
        "graphql/runs.py", "models/run.py",
    },
    # What finds patients again: for charts, which tell them.
    "found_rows": {"answers/chart_rows.py", "answers/reading.py"},
}  # fmt: skip
_COUNTS: Final = re.compile(
    r"^  (numberOfPatients|numberPossible|ofAll)(\(.*\))?: (\S+)$", re.M
)


def _names(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=name):
                yield from (name, f"{module}.{name}")
            case ast.Attribute(attr=name) | ast.Name(id=name):
                yield name
            case ast.ImportFrom(module="cohorts.execution.asking", names=names):
                yield from (f"asking.{each.name}" for each in names)
                yield from (each.name for each in names)
            case ast.FunctionDef(name=name) | ast.keyword(arg=str(name)):
                yield name
            case ast.ClassDef(name=name):
                yield name
            case ast.ImportFrom(names=names):
                yield from (each.name for each in names)


def test_nothing_else_touches_how_many_there_are() -> None:
    files = [
        each
        for folder in ("answers", "execution", "graphql", "models", "management")
        for each in (_HOME / folder).rglob("*.py")
    ]
    used = {str(each.relative_to(_HOME)): set(_names(each)) for each in files}
    for name, allowed in _USES.items():
        found = {path for path, names in used.items() if name in names}
        assert found <= allowed, name


def test_the_graph_tells_counts_of_patients_as_cells() -> None:
    schema = Path(cohorts.__file__).parents[1] / "portal" / "schema.graphql"
    types = re.findall(
        r"^type (Cohort\w+)[^{]*\{\n(.*?)^\}", schema.read_text(), re.M | re.S
    )
    found = {
        (name, field): kind
        for name, body in types
        for field, _, kind in _COUNTS.findall(body)
    }
    assert len(found) >= 6
    assert set(found.values()) == {"CohortCount!"}
