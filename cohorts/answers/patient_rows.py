"""Pages of the patients of a run, each with its identifiers and its reasons."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from cohorts.answers import places
from cohorts.answers.audited import record
from cohorts.answers.deidentified import Shown
from cohorts.answers.parts import FIRST, Parts
from cohorts.answers.reading import Reading, require_rows
from cohorts.answers.reasons import reasons_of
from cohorts.answers.rows import PatientRow
from cohorts.execution.statement import fill, sql
from fhirlink.business_identifiers import of_persons
from fhirlink.persons import persons_of

MOST: Final = 1_000  # patients of a page


class PatientPage(NamedTuple):
    """Some patients of a run, and whether there are more."""

    rows: Sequence[PatientRow]
    has_more: bool


def page_of_patients(
    reading: Reading, *, limit: int, after: str | None = None
) -> PatientPage:
    """Return patients of a run that its reader still sees; audited.

    Raises
    ------
    Forbidden
        The reader may see counts alone.
    Invalid
        The cursor is none.
    """
    require_rows(reading)
    size = min(limit, MOST)
    keys = _keys(reading, size + 1, after)
    page = keys[:size]
    people = persons_of(page)
    identifiers = of_persons(page)
    reasons = reasons_of(reading, page)
    record(reading, page, f"{len(page)} patients")
    rows = [
        PatientRow(
            reading.cursor((key, 0, 0, 0)),
            key,
            people[key],
            identifiers[key],
            reasons.get(key, ()),
        )
        for key in page
        if key in people
    ]
    return PatientPage(Shown(reading, page).patients(rows), len(keys) > len(page))


def _keys(reading: Reading, limit: int, after: str | None) -> list[int]:
    last = FIRST if after is None else reading.place(after)[0]
    parts: Parts | None = Parts(reading.run.pk, places.key(last), 1)
    seen = reading.asked.visible.person("c.patient")
    found: list[int] = []
    while parts is not None and len(found) < limit:
        left = sql("%s", limit - len(found))
        rest = fill(_PATIENTS, last=sql("%s", last), seen=seen, left=left)
        found += [patient for (patient,) in reading.rows(parts, rest)]
        parts = parts.next()
    return found


_PATIENTS: Final = (
    "SELECT c.patient FROM cohort_patient c WHERE c.patient > {last} AND {seen}"
    " ORDER BY c.patient LIMIT {left}"
)
