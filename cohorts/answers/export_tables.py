"""Rows of answers as lines of CSV (RFC 4180), and those as Parquet: plain columns.

All values are text, dates as ISO 8601 writes them; what has several values has
semicolons between them. A line is what the graph tells of the row; but what a program
for tables would take for a formula begins with an apostrophe in CSV.
"""

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import orjson

from cohorts.answers.rows import EventRow, PatientRow, Reason
from fhirlink.business_identifiers import Identifier
from imaging.technique import Technique

PATIENT_COLUMNS: Final = (
    *("identifiers", "fhir_ids", "sex", "birth_first", "birth_last", "deceased"),
    "reasons",
)
EVENT_COLUMNS: Final = (
    *("patient", "kind", "resource", "identifiers", "study_instance_uids"),
    *("start_first", "start_last", "end_first", "end_last", "label", "system", "code"),
    *("category", "value", "unit", "status", "series", "leaves", "reasons"),
)
_UNNAMED: Final = ("identifiers", "fhir_ids", "birth_first", "birth_last")
UNNAMED_PATIENT_COLUMNS: Final = (
    *("pseudonym", "age"),
    *(each for each in PATIENT_COLUMNS if each not in _UNNAMED),
)
UNNAMED_EVENT_COLUMNS: Final = (
    "pseudonym",
    *(each for each in EVENT_COLUMNS if each not in {"patient", *_UNNAMED}),
)
"""Of rows without names (`cohorts.answers.deidentified`), which have these empty."""


_FORMULA: Final = re.compile(r"[=+@\t\r]|-(?![\d.])")


def csv_of(lines: Iterable[Sequence[Any]]) -> bytes:
    """Return lines of CSV."""
    text = StringIO()
    csv.writer(text).writerows([_harmless(cell) for cell in line] for line in lines)
    return text.getvalue().encode(errors="replace")


def _harmless(cell: Any) -> Any:
    """Return a cell that nothing computes; a negative number stays what it is."""
    is_formula = isinstance(cell, str) and _FORMULA.match(cell)
    return f"'{cell}" if is_formula else cell


def parquet_of(columns: Sequence[str], lines: Iterable[Sequence[Any]]) -> bytes:
    """Return lines as a Parquet file; what is empty in CSV is empty here as well."""
    import duckdb  # noqa: PLC0415 60 MB, which only who writes Parquet needs

    rows = (
        {name: "" if value is None else str(value) for name, value in pairs}
        for pairs in (zip(columns, line, strict=True) for line in lines)
    )
    with TemporaryDirectory() as folder, duckdb.connect() as connection:
        source, target = Path(folder) / "rows.ndjson", Path(folder) / "rows.parquet"
        source.write_bytes(b"\n".join(map(orjson.dumps, rows)))
        typed = dict.fromkeys(columns, "VARCHAR")
        read = connection.read_json(
            str(source), columns=typed, format="newline_delimited"
        )
        read.write_parquet(str(target))
        return target.read_bytes()


def patient_line(row: PatientRow, columns: Sequence[str]) -> Sequence[Any]:
    """Return some columns of a patient."""
    person = row.person
    cells = {
        "pseudonym": row.pseudonym,
        "age": row.age,
        "identifiers": _called(row.identifiers),
        "fhir_ids": _joined(person.fhir_ids),
        "sex": person.gender,
        "birth_first": person.birth_first,
        "birth_last": person.birth_last,
        "deceased": person.is_deceased,
        "reasons": _reasons(row.reasons),
    }
    return [cells[each] for each in columns]


def event_line(row: EventRow, columns: Sequence[str]) -> Sequence[Any]:
    """Return some columns of an event."""
    event = row.event
    cells = {
        "pseudonym": row.pseudonym,
        "patient": _joined(row.person.fhir_ids[:1] if row.person else ()),
        "kind": event.kind.name.lower(),
        "resource": event.resource,
        "identifiers": _called(row.identifiers),
        "study_instance_uids": _joined(event.studies),
        "start_first": event.start_first,
        "start_last": event.start_last,
        "end_first": event.end_first,
        "end_last": event.end_last,
        "label": event.label,
        "system": event.code.system if event.code else "",
        "code": event.code.code if event.code else "",
        "category": event.category,
        "value": event.value,
        "unit": event.unit,
        "status": event.status,
        "series": _joined(map(_series, row.series)),
        "leaves": _joined(map(str, row.leaves)),
        "reasons": _reasons(row.reasons),
    }
    return [cells[each] for each in columns]


def _series(series: Technique) -> str:
    """Return how a series was made: what is said of it, each with its name."""
    said = {name: value for name, value in series._asdict().items() if value}
    return ", ".join(f"{name} {value}" for name, value in said.items())


def _reasons(reasons: Iterable[Reason]) -> str:
    return _joined(
        f"{each.leaf}: {each.event.label} {each.event.start_first or ''}".strip()
        for each in reasons
    )


def _called(identifiers: Iterable[Identifier]) -> str:
    return _joined("|".join(each) for each in identifiers)


_joined: Final[Callable[[Iterable[str]], str]] = "; ".join
