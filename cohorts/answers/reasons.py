"""Why patients are in a cohort: the events that satisfied its criteria."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from cohorts.answers.parts import Parts
from cohorts.answers.reading import Reading
from cohorts.answers.rows import Reason
from cohorts.execution.statement import fill, sql
from fhirlink.happened import events_of

MOST: Final = 3
"""Events of a leaf that are told of a patient; the first of them."""


def reasons_of(
    reading: Reading, patients: Sequence[int]
) -> Mapping[int, Sequence[Reason]]:
    """Return why patients are in a run, of what the actor sees."""
    if not patients:
        return {}
    rest = fill(
        _MATCHES,
        patients=sql("%s::int[]", list(patients)),
        seen=reading.asked.visible.event("e"),
        most=MOST,
    )
    places = reading.asked.places
    matches = reading.rows(Parts(reading.run.pk, min(patients)), rest)
    events = events_of(sorted({event for _, _, event, _ in matches}))
    found: defaultdict[int, list[Reason]] = defaultdict(list)
    for patient, leaf, event, number in matches:
        if event in events:
            found[patient].append(Reason(places[leaf], events[event], number))
    return found


_MATCHES: Final = (
    "SELECT patient, leaf, id, number FROM (SELECT m.patient, m.leaf, e.id,"
    " count(*) OVER (PARTITION BY m.patient, m.leaf) AS number, row_number() OVER"
    " (PARTITION BY m.patient, m.leaf ORDER BY e.start_first, e.second, e.id) AS place"
    " FROM cohort_match m JOIN fhirlink_event e ON e.id = m.event"
    " WHERE m.patient = ANY({patients}) AND {seen}) ranked"
    " WHERE place <= {most} ORDER BY patient, leaf, place"
)
