"""Events as people read them, from the rows of the event table.

The labels of all codes of a page are read in one statement, whatever its length. Who
may see them is not asked here.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from core.database import raw_connection
from fhirlink.events.codes import Coding
from fhirlink.events.days import ALWAYS
from fhirlink.events.shapes import Kind

_UNDATED: Final = ALWAYS


class Place(NamedTuple):
    """Where a page ends: events of no date come last."""

    day: date
    second: int
    id: int


class Coded(NamedTuple):
    """What the codes of an event say, and nobody's own words.

    Attributes
    ----------
    label, category, value
        What the first code of a code system is called by its coding, else by others;
        empty where there are words alone.
    """

    label: str = ""
    category: str = ""
    value: str = ""


NOT_CODED: Final = Coded()


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
        In words; of what has none its code. The category of images is all of their
        modalities.
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
    coded
        What its codes alone say.
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
    coded: Coded = NOT_CODED


def happened(where: str, values: Sequence[Any], limit: int) -> list[Happened]:
    """Return the first events `e` of which a condition holds, in the order of days."""
    rows = raw_connection().execute(
        f"{_EVENTS} WHERE {where} ORDER BY {ORDER} LIMIT %s",
        [*values, limit],
    )
    found = [_Row(*row) for row in rows]
    labels = _labels(key for each in found for key in each.codes if key is not None)
    return [_happened(each, labels) for each in found]


def events_of(keys: Sequence[int]) -> dict[int, Happened]:
    """Return events by their keys, as people read them; of those that are there.

    The caller has decided that they may be told, and tells the audit log.
    """
    found = happened("e.id = ANY(%s::bigint[])", [list(keys)], len(keys))
    return {each.id: each for each in found}


def codes_of(keys: Iterable[int]) -> dict[int, Coding]:
    """Return CodeableConcepts by their keys: the first code, and what it is called."""
    return {
        key: label.coding or Coding("", "", label.words)
        for key, label in _labels(keys).items()
        if key is not None
    }


def coded_of(keys: Iterable[int]) -> dict[int, Coding]:
    """Return those of CodeableConcepts that have a code, without anybody's own words.

    They are called as in `Coded`.
    """
    return {
        key: label.coding._replace(display=label.called)
        for key, label in _labels(keys).items()
        if key is not None and label.coding is not None and label.called
    }


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
    """A CodeableConcept in words, the first of its codings, and all of its codes.

    Attributes
    ----------
    called
        What that first coding is called, where it is of a code system.
    """

    words: str
    coding: Coding | None
    codes: str
    called: str


_NO_LABEL: Final = _Label("", None, "", "")


def _labels(keys: Iterable[int]) -> dict[int | None, _Label]:
    rows = raw_connection().execute(_LABELS, (sorted(set(keys)),))
    return {
        key: _Label(
            words or "",
            Coding(system, code, words or "") if code else None,
            codes or "",
            called or "",
        )
        for key, words, system, code, codes, called in rows
    }


def _happened(row: _Row, labels: Mapping[int | None, _Label]) -> Happened:
    # Of each event of a page: names are not looked up where they can be written.
    code = labels.get(row.code, _NO_LABEL)
    category = labels.get(row.category, _NO_LABEL)
    value = labels.get(row.value_code, _NO_LABEL)
    modalities = category.codes if row.kind == Kind.IMAGING else ""
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
        modalities or category.words,
        row.words or value.words,
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
        Coded(code.called, modalities or category.called, value.called),
    )


def place_of(last: Happened) -> Place:
    """Return where a page ends that ends with an event."""
    second = -1 if last.second is None else last.second
    return Place(last.start_first or _UNDATED, second, last.id)


_KINDS: Final = {int(kind): kind for kind in Kind}
ORDER: Final = (
    f"coalesce(e.start_first, DATE '{_UNDATED}'), coalesce(e.second, -1), e.id"
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
    f" WHERE e.kind IN ({int(Kind.REPORT)}, {int(Kind.DOCUMENT)})"
    " AND l.partition_id = e.partition_id AND l.type = r.type"
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
    o.code), o.system, o.code,
    (SELECT string_agg(k.code, ', ' ORDER BY k.code) FROM fhirlink_coding g
        JOIN fhirlink_concept k ON k.id = g.concept_id
        WHERE g.codeable_concept_id = c.id),
    CASE WHEN o.system <> '' THEN coalesce(nullif(o.called, ''), nullif(o.display, ''),
        (SELECT g.display FROM fhirlink_coding g JOIN fhirlink_codeableconcept other
            ON other.id = g.codeable_concept_id
            AND other.partition_id = c.partition_id
            WHERE g.concept_id = o.id AND g.display <> '' ORDER BY g.id LIMIT 1),
        o.code) END
FROM fhirlink_codeableconcept c LEFT JOIN LATERAL (
    SELECT k.id, k.system, k.code, k.display, g.display AS called
    FROM fhirlink_coding g
    JOIN fhirlink_concept k ON k.id = g.concept_id
    WHERE g.codeable_concept_id = c.id ORDER BY g.position LIMIT 1) AS o ON true
WHERE c.id = ANY(%s::int[])
"""
