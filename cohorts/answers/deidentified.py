"""Rows without names: what of a row is shown to who may not see whose it is.

The one way from a row to what such a reader is told, in the graph, in tables, in files
and on the terminal. Rows are made anew of what is shown, member by member: a new member
of a row is not shown until it is named here.
"""

from collections.abc import Mapping, Sequence

from cohorts.answers.reading import Reading
from cohorts.answers.rows import EventRow, PatientRow, Reason
from cohorts.pseudonyms.events import shown_event
from cohorts.pseudonyms.keys import key_of
from cohorts.pseudonyms.names import Names
from cohorts.pseudonyms.persons import shown_age, shown_person
from cohorts.pseudonyms.series import shown_series
from fhirlink.happened import Happened
from fhirlink.persons import lasting_names


class Shown:
    """What is shown of some patients of a run: all as it is, or without names."""

    def __init__(self, reading: Reading, patients: Sequence[int]) -> None:
        within = reading.asked.within
        self._now = reading.asked.now
        self._names: Names | None = None
        self._lasting: Mapping[int, str] = {}
        if within is not None and within.is_deidentified:
            self._names = Names(key_of(within.project_id))
            self._lasting = lasting_names(patients)

    def patients(self, rows: Sequence[PatientRow]) -> list[PatientRow]:
        """Return rows of patients as they are shown."""
        names = self._names
        if names is None:
            return list(rows)
        return [self._patient(names, each) for each in rows if self._has(each.key)]

    def events(self, rows: Sequence[EventRow]) -> list[EventRow]:
        """Return rows of events as they are shown."""
        names = self._names
        if names is None:
            return list(rows)
        return [self._event(names, each) for each in rows if self._has(each.key)]

    def course(self, patient: int, events: Sequence[Happened]) -> list[Happened]:
        """Return events of a patient as they are shown."""
        names = self._names
        if names is None:
            return list(events)
        back = names.days_back(self._lasting[patient])
        return [shown_event(each, names, back) for each in events]

    def _has(self, patient: int) -> bool:
        return patient in self._lasting  # else it has just gone

    def _patient(self, names: Names, row: PatientRow) -> PatientRow:
        name = self._lasting[row.key]
        back = names.days_back(name)
        return PatientRow(
            cursor=row.cursor,
            key=0,
            person=shown_person(row.person),
            identifiers=(),
            reasons=_reasons(row.reasons, names, back),
            pseudonym=names.patient(name),
            age=shown_age(row.person, self._now),
        )

    def _event(self, names: Names, row: EventRow) -> EventRow:
        name = self._lasting[row.key]
        back = names.days_back(name)
        return EventRow(
            cursor=row.cursor,
            key=0,
            event=shown_event(row.event, names, back),
            person=shown_person(row.person) if row.person else None,
            identifiers=(),
            leaves=row.leaves,
            reasons=_reasons(row.reasons, names, back),
            pseudonym=names.patient(name),
            series=[shown_series(each) for each in row.series],
        )


def _reasons(reasons: Sequence[Reason], names: Names, back: int) -> Sequence[Reason]:
    return [
        Reason(
            leaf=each.leaf,
            event=shown_event(each.event, names, back),
            number=each.number,
        )
        for each in reasons
    ]
