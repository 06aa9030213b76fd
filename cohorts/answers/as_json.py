"""A whole answer as JSON, a page of it at a time: what ``manage.py cohort run`` prints.

``{patients: [{identifiers}], outputs: {medication: [{identifiers}], imaging:
[{study_instance_uid}], ...}, attrition: [...]}``. What comes from FHIR has identifiers,
a study its UID; where rows have no names, patients have pseudonyms, and so have studies
and resources. Whoever may only count is told how many there are.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson

from cohorts.answers import event_rows, patient_rows
from cohorts.answers.event_rows import page_of_events
from cohorts.answers.found_runs import find_run
from cohorts.answers.kept_counts import attrition_of, total_of
from cohorts.answers.outputs import is_listed
from cohorts.answers.patient_rows import page_of_patients
from cohorts.answers.reading import reading_of
from cohorts.answers.rows import EventRow, PatientRow
from cohorts.answers.sight import Sight
from cohorts.criteria import Query, parse_criteria
from cohorts.models import CohortRun
from core.access import Actor
from fhirlink.business_identifiers import Identifier
from fhirlink.events.shapes import Kind

Json = Any


def answer(actor: Actor, run: CohortRun) -> Iterator[bytes]:
    """Yield the JSON of an answer; raises as `page_of_events`."""
    query = parse_criteria(run.criteria)
    sees = find_run(actor=actor, run_id=run.pk).sight is not Sight.COUNTS
    yield b'{"patients": ['
    if sees:
        yield from _separated(map(_of_patient, all_patients(actor, run)))
    yield b'], "outputs": {'
    yield from _outputs(actor, run, query, sees=sees)
    yield b'}, "attrition": ' + orjson.dumps(told_attrition(run)) + b"}\n"


def _outputs(
    actor: Actor, run: CohortRun, query: Query, *, sees: bool
) -> Iterator[bytes]:
    kinds = dict.fromkeys(each.what for each in query.output)
    between = b""
    if "count" in kinds or not sees:
        yield b'"count": ' + orjson.dumps(total_of(run).told)
        between = b", "
    for what in kinds if sees else ():
        if is_listed(what):
            yield between + orjson.dumps(what) + b": ["
            places = [n for n, each in enumerate(query.output) if each.what == what]
            yield from _separated(_once(actor, run, places))
            yield b"]"
            between = b", "


def _once(actor: Actor, run: CohortRun, places: Sequence[int]) -> Iterator[Json]:
    """Yield the rows of outputs of one kind, what is told twice once."""
    told: set[tuple[int, str]] = set()
    for place in places:
        for row in all_events(actor, run, place):
            name = row.event.resource
            key = (0, name) if name else (row.event.id, "")
            if key not in told:
                told.add(key)
                yield from _of_event(row)


def _of_event(row: EventRow) -> Iterator[Json]:
    whose = {"pseudonym": row.pseudonym} if row.pseudonym else {}
    if row.event.kind is Kind.IMAGING and row.event.studies:
        for uid in row.event.studies:
            yield {**whose, "study_instance_uid": uid}
    elif whose:
        yield {**whose, "resource": row.event.resource}
    else:
        yield {"identifiers": _identifiers(row.identifiers)}


def _of_patient(row: PatientRow) -> Json:
    if row.pseudonym:
        return {
            "pseudonym": row.pseudonym,
            "age": row.age,
            "sex": row.person.gender,
        }
    return {"identifiers": _identifiers(row.identifiers)}


def _identifiers(found: Sequence[Identifier]) -> list[dict[str, str]]:
    return [{"system": each.system, "value": each.value} for each in found]


def told_attrition(run: CohortRun) -> list[dict[str, Json]]:
    """Return what each criterion leaves, as its asker is told it."""
    return [
        {"path": step.path, "criterion": step.criterion, "count": step.number.told}
        for step in attrition_of(run)
    ]


def all_events(actor: Actor, run: CohortRun, output: int) -> Iterator[EventRow]:
    """Yield all rows of an output; what is seen is decided anew for each page."""
    return _all(
        lambda after: page_of_events(
            reading_of(actor, run.pk),
            output=output,
            limit=event_rows.MOST,
            after=after,
        )
    )


def all_patients(actor: Actor, run: CohortRun) -> Iterator[PatientRow]:
    """Yield all patients, as `all_events` does."""
    return _all(
        lambda after: page_of_patients(
            reading_of(actor, run.pk), limit=patient_rows.MOST, after=after
        )
    )


def _all(page_after: Callable[[str | None], Any]) -> Iterator[Any]:
    after, has_more = None, True
    while has_more:
        page = page_after(after)
        yield from page.rows
        has_more = page.has_more and bool(page.rows)
        after = page.rows[-1].cursor if page.rows else None


def _separated(rows: Iterator[Json]) -> Iterator[bytes]:
    for number, row in enumerate(rows):
        yield (b",\n" if number else b"") + orjson.dumps(row)
