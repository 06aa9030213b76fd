"""An answer as people read it on a terminal: counts, attrition, and a table each."""

from collections.abc import Iterator, Sequence
from typing import Final

from cohorts.answers.as_json import all_events, all_patients, told_attrition
from cohorts.answers.found_runs import find_run
from cohorts.answers.kept_counts import total_of
from cohorts.answers.outputs import is_listed
from cohorts.answers.rows import EventRow, PatientRow
from cohorts.answers.sight import Sight
from cohorts.criteria import parse_criteria
from cohorts.models import CohortRun
from core.access import Actor
from fhirlink.business_identifiers import Identifier

_WIDEST: Final = 60  # characters of a column


def summary(actor: Actor, run: CohortRun) -> Iterator[bytes]:
    """Yield lines of an answer; raises as `cohorts.answers.as_json.answer`."""
    about = "about " if run.is_protected and run.number_of_patients else ""
    number = f"{about}{total_of(run).text}"
    yield _line(f"{number} patients on {run.day} ({run.took_ms} ms)")
    for step in told_attrition(run):
        yield _line(f"  {step['count']:>8} {step['path']}")
    sight = find_run(actor=actor, run_id=run.pk).sight
    if sight is Sight.COUNTS:
        return
    if sight is Sight.WITHOUT_NAMES and run.project is not None:
        yield _line(
            f"rows without names of project {run.project.name}: dates are shifted,"
            " windows are whole months"
        )
    yield _line("\npatients")
    for patient in all_patients(actor, run):
        yield _row(_patient(patient))
    for place, wanted in enumerate(parse_criteria(run.criteria).output):
        if is_listed(wanted.what):
            yield _line(f"\n{wanted.what}")
            for event in all_events(actor, run, place):
                yield _row(_event(event))


def _patient(row: PatientRow) -> Sequence[str]:
    reasons = [
        f"{each.event.label} {each.event.start_first or ''}".strip()
        for each in row.reasons
    ]
    born = row.person.birth_first
    return (
        row.pseudonym or _called(row.identifiers),
        row.person.gender,
        row.age or str(born or ""),
        "; ".join(reasons),
    )


def _event(row: EventRow) -> Sequence[str]:
    event = row.event
    of = row.person.fhir_ids[:1] if row.person else ()
    of = (row.pseudonym,) if row.pseudonym else of
    return (
        *of,
        str(event.start_first or ""),
        event.label,
        f"{event.value} {event.unit}".strip(),
        event.status,
        *event.studies[:1],
        _called(row.identifiers),
    )


def _called(identifiers: Sequence[Identifier]) -> str:
    return ", ".join("|".join(filter(None, each)) for each in identifiers)


def _row(cells: Sequence[str]) -> bytes:
    return _line("  " + "\t".join(each[:_WIDEST] for each in cells))


def _line(text: str) -> bytes:
    return f"{text}\n".encode()
