"""What happened to a patient, in order: the rows of the patient's page.

Read from the event table alone, in a fixed number of statements; whoever sees the
Patient sees all that was told of the person, under whichever name.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from core import audit
from core.access import Actor
from core.database import raw_connection
from core.errors import NotFound
from fhirlink.access import Seen, seen_in
from fhirlink.concerned import patients_of
from fhirlink.events.codes import Coding
from fhirlink.events.days import ALWAYS
from fhirlink.events.shapes import Kind
from fhirlink.read import MISSING

MOST: Final = 5000  # events of a page, unless less is asked for
_UNDATED: Final = ALWAYS


class Place(NamedTuple):
    """Where a page ends: events of no date come last."""

    day: date
    second: int
    id: int


class Happened(NamedTuple):
    """An event as people read it.

    Attributes
    ----------
    start_first, start_last, second
        The days that it can have begun on; None without a date.
    run_first, end_first, end_last
        From when it runs, where that is not its start; and until when. `ALWAYS` of
        what still runs.
    label, category, value, unit, site
        In words; of what has none its code.
    code
        The first of its codings, by which more of the same is asked for.
    low, high, canonical_unit
        What its number can be, comparable with others.
    resource
        Type and id of what tells of it; empty of images alone.
    studies
        StudyInstanceUIDs that it is, or is about.
    encounter
        A key that the events of one encounter share.
    """

    id: int
    kind: Kind
    part: int
    start_first: date | None
    start_last: date | None
    second: int | None
    run_first: date | None
    end_first: date | None
    end_last: date | None
    label: str
    code: Coding | None
    category: str
    value: str
    unit: str
    low: float | None
    high: float | None
    canonical_unit: str
    status: str
    is_counted: bool
    site: str
    resource: str
    studies: tuple[str, ...]
    encounter: int | None


class Who(NamedTuple):
    """A person: `fhirlink.models.ClinicalPatient`."""

    id: int
    birth_first: date | None
    birth_last: date | None
    gender: str
    is_deceased: bool
    deceased_first: date | None
    deceased_last: date | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened to somebody, in the order of days.

    Attributes
    ----------
    after
        Where the next page begins; None where there is none.
    """

    person: Who
    events: list[Happened]
    after: Place | None


def timeline(
    *,
    actor: Actor,
    partition: str,
    patient: str,
    after: Place | None = None,
    kinds: Collection[Kind] = (),
    limit: int = MOST,
) -> Timeline:
    """Return what happened to a patient, those of no date last.

    Parameters
    ----------
    patient
        The id of a Patient; of a merged one, the whole person is meant.
    kinds
        Which events; all where there are none.

    Raises
    ------
    Forbidden, NotFound
        The actor may not see the patient, or there is none.
    """
    seen = seen_in(actor, partition)
    who = _person(seen, patient)
    conditions: list[str] = ["e.patient = %s"]
    values: list[Any] = [who.id]
    if kinds:
        conditions.append("e.kind = ANY(%s::smallint[])")
        values.append([int(kind) for kind in kinds])
    if after is not None:
        conditions.append(f"({_ORDER}) > (%s, %s, %s)")
        values.extend(after)
    wanted = max(1, min(limit, MOST))
    events = _events(" AND ".join(conditions), [*values, wanted + 1])
    page = events[:wanted]
    _record(actor, seen, patient, who, page)
    return Timeline(who, page, _place(page[-1]) if len(events) > wanted else None)


def measurements(
    *, actor: Actor, partition: str, patient: str, code: Coding, limit: int = MOST
) -> list[Happened]:
    """Return what was measured by one code, in the order of days: a laboratory's curve.

    Parameters
    ----------
    code
        With a code of a system, whichever else stood beside it; else by its words.

    Raises
    ------
    Forbidden, NotFound
        The actor may not see the patient, or there is none.
    """
    seen = seen_in(actor, partition)
    who = _person(seen, patient)
    values = [who.id, int(Kind.OBSERVATION), seen.partition_id]
    found, named = (
        (_BY_CODE, [code.system, code.code])
        if code.code
        else (_BY_WORDS, [code.display])
    )
    where = f"e.patient = %s AND e.kind = %s AND e.code IN ({found})"
    events = _events(where, [*values, *named, max(1, min(limit, MOST))])
    _record(actor, seen, patient, who, events)
    return events


def _person(seen: Seen, patient: str) -> Who:
    """Return a person whom the actor sees."""
    row = (
        raw_connection()
        .execute(
            f"{_PERSON} AND {seen.condition}",
            [f"Patient/{patient}", seen.partition_id, patient, *seen.values],
        )
        .fetchone()
    )
    if row is None:
        raise NotFound(MISSING)
    return Who(*row)


def _events(where: str, values: Sequence[Any]) -> list[Happened]:
    rows = raw_connection().execute(
        f"{_EVENTS} WHERE {where} ORDER BY {_ORDER} LIMIT %s",
        list(values),
    )
    found = [_Row(*row) for row in rows]
    labels = _labels(key for each in found for key in each.codes if key is not None)
    return [_happened(each, labels) for each in found]


class _Row(NamedTuple):
    """What the statement gives of an event."""

    id: int
    kind: int
    part: int
    start_first: date | None
    start_last: date | None
    second: int | None
    run_first: date | None
    end_first: date | None
    end_last: date | None
    words: str
    low: float | None
    high: float | None
    unit: str | None
    canonical_unit: str | None
    status: str
    is_counted: bool
    resource: str
    studies: list[str] | None
    encounter: int | None
    code: int | None
    category: int | None
    value_code: int | None
    site: int | None

    @property
    def codes(self) -> tuple[int | None, ...]:
        return self.code, self.category, self.value_code, self.site


class _Label(NamedTuple):
    """A CodeableConcept in words, and the first of its codings."""

    words: str
    coding: Coding | None


_NO_LABEL: Final = _Label("", None)


def _labels(keys: Iterable[int]) -> dict[int | None, _Label]:
    rows = raw_connection().execute(_LABELS, (sorted(set(keys)),))
    return {
        key: _Label(words or "", Coding(system, code, words or "") if code else None)
        for key, words, system, code in rows
    }


def _happened(row: _Row, labels: Mapping[int | None, _Label]) -> Happened:
    # Of each event of a page: names are not looked up where they can be written.
    code = labels.get(row.code, _NO_LABEL)
    return Happened(
        row.id,
        _KINDS[row.kind],
        row.part,
        row.start_first,
        row.start_last,
        row.second,
        row.run_first,
        row.end_first,
        row.end_last,
        code.words,
        code.coding,
        labels.get(row.category, _NO_LABEL).words,
        row.words or labels.get(row.value_code, _NO_LABEL).words,
        row.unit or "",
        row.low,
        row.high,
        row.canonical_unit or row.unit or "",
        row.status,
        row.is_counted,
        labels.get(row.site, _NO_LABEL).words,
        row.resource,
        tuple(row.studies or ()),
        row.encounter,
    )


def _place(last: Happened) -> Place:
    second = -1 if last.second is None else last.second
    return Place(last.start_first or _UNDATED, second, last.id)


def _record(
    actor: Actor, seen: Seen, patient: str, who: Who, events: Sequence[Happened]
) -> None:
    event = audit.Event(
        actor,
        audit.Action.RETRIEVE,
        partition_id=seen.partition_id,
        detail=f"{len(events)} events",
        query=f"Patient/{patient}",
    )
    audit.record_answer(event, patients=_patients_of_images(seen.partition_id, who))


def _patients_of_images(partition_id: int, who: Who) -> list[int]:
    """Return the keys of the patients of images that somebody is."""
    rows = raw_connection().execute(_NAMES, (who.id,))
    names = [row[0].split("/", 1) for row in rows]
    of_record = [(type_, id_, b"") for type_, id_ in names if type_ == "Patient"]
    own = [int(key) for kind, key in names if kind == "imaging"]
    return [*patients_of(partition_id, of_record), *own]


_KINDS: Final = {int(kind): kind for kind in Kind}
_ORDER: Final = (
    f"coalesce(e.start_first, DATE '{_UNDATED}'), coalesce(e.second, -1), e.id"
)
_NAMES: Final = "SELECT name FROM fhirlink_patientidentity WHERE patient = %s"
_PERSON: Final = (
    "SELECT i.patient, p.birth_first, p.birth_last, p.gender, p.is_deceased,"
    " p.deceased_first, p.deceased_last FROM fhirlink_resource r"
    " JOIN fhirlink_patientidentity i ON i.partition_id = r.partition_id"
    " AND i.name = %s JOIN fhirlink_clinicalpatient p ON p.id = i.patient"
    " WHERE r.partition_id = %s AND r.type = 'Patient' AND r.fhir_id = %s"
    " AND NOT r.is_deleted"
)
# What a report is about it may say itself, or the linker has found out.
_EVENTS: Final = (
    "SELECT e.id, e.kind, e.part, e.start_first, e.start_last, e.second, e.run_first,"  # noqa: S608 own names
    " e.end_first, e.end_last, e.words, e.low, e.high,"
    " coalesce(nullif(u.words, ''), u.code), u.canonical, e.status, e.is_counted,"
    " coalesce(r.type || '/' || r.fhir_id, ''),"
    " (SELECT array_agg(uid ORDER BY uid) FROM (SELECT s.study_instance_uid AS uid"
    " FROM fhirlink_eventstudy s WHERE s.event_id = e.id UNION"
    " SELECT l.study_instance_uid FROM fhirlink_reportlink l"
    f" WHERE e.kind = {int(Kind.REPORT)} AND l.partition_id = e.partition_id"
    " AND l.report = r.fhir_id AND NOT l.is_suggestion) AS about),"
    " e.encounter, e.code, e.category, e.value_code, e.site FROM fhirlink_event e"
    " LEFT JOIN fhirlink_unit u ON u.id = e.unit_id"
    " LEFT JOIN fhirlink_resource r ON r.id = e.resource_id"
)
# Its own words; else those of a coding; else what a code is called elsewhere in the
# partition or by its code system; else the code.
_LABELS: Final = """
SELECT c.id, coalesce(
    (SELECT g.display FROM fhirlink_coding g WHERE g.codeable_concept_id = c.id
        AND g.display <> '' ORDER BY g.concept_id IS NOT NULL, g.position LIMIT 1),
    nullif(o.display, ''),
    (SELECT g.display FROM fhirlink_coding g JOIN fhirlink_codeableconcept other
        ON other.id = g.codeable_concept_id AND other.partition_id = c.partition_id
        WHERE g.concept_id = o.id AND g.display <> '' ORDER BY g.id LIMIT 1),
    o.code), o.system, o.code
FROM fhirlink_codeableconcept c LEFT JOIN LATERAL (
    SELECT k.id, k.system, k.code, k.display FROM fhirlink_coding g
    JOIN fhirlink_concept k ON k.id = g.concept_id
    WHERE g.codeable_concept_id = c.id ORDER BY g.position LIMIT 1) AS o ON true
WHERE c.id = ANY(%s::int[])
"""
_CODES: Final = (
    "SELECT g.codeable_concept_id FROM fhirlink_coding g"
    " JOIN fhirlink_codeableconcept c ON c.id = g.codeable_concept_id"
    " AND c.partition_id = %s"
)
_BY_CODE: Final = (
    f"{_CODES} JOIN fhirlink_concept k ON k.id = g.concept_id"
    " WHERE k.system = %s AND k.code = %s"
)
_BY_WORDS: Final = f"{_CODES} WHERE g.concept_id IS NULL AND g.display = %s"
