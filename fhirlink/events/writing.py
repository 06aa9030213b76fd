"""Events as rows: set-based, a fixed number of statements for any number of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from core.database import as_rows, raw_connection
from fhirlink.events import vocabulary
from fhirlink.events.amounts import canonical
from fhirlink.events.codes import Codes
from fhirlink.events.extract import Event
from fhirlink.events.patients import Known, Name, identities
from fhirlink.events.series import Series
from fhirlink.events.values import Unit
from fhirlink.events.vocabulary import Placed, Use
from fhirlink.models import CodeUse
from fhirlink.search.slots import SEPARATOR, hashed

Role = CodeUse.Role
StudyKey = tuple[int, str]


class Placing(NamedTuple):
    """An event that is to be written.

    Attributes
    ----------
    resource_id
        Of the resource that tells it; None of images alone.
    """

    partition_id: int
    resource_id: int | None
    event: Event
    series: Sequence[Series] = ()


@dataclass(slots=True)
class Touched:
    """What a batch has changed beside its events, to be settled at its end.

    Attributes
    ----------
    uses
        How much more, or less, codes are used.
    identities
        Keys of identities whose events have come or gone.
    """

    uses: Counter[Use] = field(default_factory=Counter)
    identities: set[int] = field(default_factory=set)


def delete_events_of(resource_ids: Sequence[int], touched: Touched) -> None:
    """Delete what resources have told, but for imaging events."""
    _deleted(_DELETE_OF_RESOURCES, list(resource_ids), touched)


def delete_imaging_events(studies: Iterable[StudyKey], touched: Touched) -> None:
    """Delete the events of studies."""
    asked = as_rows({"partition_id": part, "uid": uid} for part, uid in studies)
    rows = raw_connection().execute(_SELECT_OF_STUDIES, (asked,))
    if ids := [row[0] for row in rows]:
        _deleted(_DELETE_BY_ID, ids, touched)


def _deleted(sql: str, keys: list[int], touched: Touched) -> None:
    ids = []
    for key, identity, kind, *codes in raw_connection().execute(sql, (keys,)):
        ids.append(key)
        touched.identities.add(identity)
        for role, code in zip(_ROLES, codes, strict=True):
            if code is not None:
                touched.uses[Use(code, role, kind)] -= 1
    if not ids:
        return
    execute = raw_connection().execute
    execute(
        "DELETE FROM fhirlink_eventstudy WHERE event_id = ANY(%s::bigint[])", (ids,)
    )
    execute("DELETE FROM fhirlink_eventtext WHERE event_id = ANY(%s::bigint[])", (ids,))
    for body, number in execute(_DELETE_SERIES, (ids,)):
        touched.uses[Use(body, Role.BODY, _IMAGING)] -= number


def insert_events(placings: Sequence[Placing], touched: Touched) -> None:
    """Write events with all that belongs to them."""
    if not placings:
        return
    keys = _Keys.of(placings)
    raw = raw_connection()
    ids = [row[0] for row in raw.execute(_NEXT_IDS, (len(placings),))]
    rows = [keys.row(key, each) for key, each in zip(ids, placings, strict=True)]
    raw.execute(_INSERT, (as_rows(rows),))
    for row in rows:
        touched.identities.add(row["identity"])
        for role, name in zip(_ROLES, _CODES, strict=True):
            if row[name] is not None:
                touched.uses[Use(row[name], role, row["kind"])] += 1
    pairs = list(zip(ids, placings, strict=True))
    _insert(_INSERT_STUDIES, _study_rows(pairs))
    _insert(_INSERT_TEXTS, _text_rows(pairs))
    series = list(keys.series_rows(pairs))
    _insert(_INSERT_SERIES, series)
    for each in series:
        if each["body"] is not None:
            touched.uses[Use(each["body"], Role.BODY, _IMAGING)] += 1


def _insert(sql: str, rows: Iterable[dict[str, Any]]) -> None:
    if found := list(rows):
        raw_connection().execute(sql, (as_rows(found),))


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys of all that events name."""

    codes: dict[Placed, int]
    units: dict[Unit, int]
    identities: dict[Name, Known]

    @classmethod
    def of(cls, placings: Sequence[Placing]) -> "_Keys":
        wanted: set[Placed] = set()
        units: set[Unit] = set()
        names: set[Name] = set()
        for part, _, event, series in placings:
            names.add((part, event.patient))
            value = event.value
            if value.unit:
                units.add(value.unit)
            wanted.update(
                (part, codes)
                for codes in (event.codes, event.categories, value.codes, event.site)
                if codes
            )
            wanted.update((part, each.body) for each in series if each.body)
        return cls(
            vocabulary.keys_of_codes(wanted),
            vocabulary.keys_of_units(units) if units else {},
            identities(names),
        )

    def row(self, key: int, placing: Placing) -> dict[str, Any]:
        part, resource_id, event, _ = placing
        known = self.identities[part, event.patient]
        value = event.value
        low, high = canonical(value)
        return {
            "id": key,
            "partition_id": part,
            "resource_id": resource_id,
            "encounter": encounter_key(part, event.encounter),
            "low": _number(low),
            "high": _number(high),
            "patient": known.patient,
            "identity": known.identity,
            "code": self._code(part, event.codes),
            "category": self._code(part, event.categories),
            "value_code": self._code(part, value.codes),
            "site": self._code(part, event.site),
            "unit_id": self.units[value.unit] if value.unit else None,
            "start_first": event.start and event.start.first,
            "start_last": event.start and event.start.last,
            "second": event.second,
            "run_first": event.run and event.run.first,
            "end_first": event.end and event.end.first,
            "end_last": event.end and event.end.last,
            "kind": int(event.kind),
            "part": event.part,
            "is_counted": event.is_counted,
            "status": event.status,
            "words": value.words,
        }

    def series_rows(
        self, pairs: Sequence[tuple[int, Placing]]
    ) -> Iterator[dict[str, Any]]:
        for key, placing in pairs:
            for each in placing.series:
                yield {
                    "event_id": key,
                    "series_instance_uid": each.uid,
                    "modality": each.modality,
                    "body": self._code(placing.partition_id, each.body),
                    "number_of_instances": each.number_of_instances,
                }

    def _code(self, partition_id: int, codes: Codes) -> int | None:
        return self.codes[partition_id, codes] if codes else None


def encounter_key(partition_id: int, reference: str) -> int | None:
    """Return the key that all events of an encounter share, come they early or late."""
    if not reference:
        return None
    return hashed(SEPARATOR.join((str(partition_id), reference)))


def _number(number: float | None) -> float | str | None:
    # JSON has no infinity; PostgreSQL reads it from words.
    if number in {float("inf"), float("-inf")}:
        return "Infinity" if number == float("inf") else "-Infinity"
    return number


def _study_rows(pairs: Sequence[tuple[int, Placing]]) -> Iterator[dict[str, Any]]:
    for key, placing in pairs:
        for uid in placing.event.studies:
            yield {
                "event_id": key,
                "partition_id": placing.partition_id,
                "study_instance_uid": uid,
            }


def _text_rows(pairs: Sequence[tuple[int, Placing]]) -> Iterator[dict[str, Any]]:
    for key, placing in pairs:
        if placing.event.text:
            yield {"event_id": key, "text": placing.event.text}


def reset() -> None:
    """Forget all events; what comes has new keys (`fhirlink.text_index`)."""
    raw_connection().execute(
        "TRUNCATE fhirlink_event, fhirlink_eventstudy, fhirlink_eventseries,"
        " fhirlink_eventtext, fhirlink_eventneed"
    )


_IMAGING: Final = 11
_ROLES: Final = (Role.CODE, Role.CATEGORY, Role.VALUE, Role.SITE)
_CODES: Final = ("code", "category", "value_code", "site")
_GONE: Final = f"RETURNING id, identity, kind, {', '.join(_CODES)}"
_DELETE_OF_RESOURCES: Final = (
    "DELETE FROM fhirlink_event WHERE resource_id = ANY(%s::bigint[])"  # noqa: S608 own names
    f" AND kind <> {_IMAGING} {_GONE}"
)
_DELETE_BY_ID: Final = (
    f"DELETE FROM fhirlink_event WHERE id = ANY(%s::bigint[]) {_GONE}"  # noqa: S608 own names
)
_SELECT_OF_STUDIES: Final = (
    "SELECT event.id FROM json_to_recordset(%s::json)"  # noqa: S608 own names
    " AS asked (partition_id bigint, uid text) JOIN fhirlink_eventstudy study"
    " ON study.partition_id = asked.partition_id"
    " AND study.study_instance_uid = asked.uid"
    f" JOIN fhirlink_event event ON event.id = study.event_id AND kind = {_IMAGING}"
)
_DELETE_SERIES: Final = (
    "WITH gone AS (DELETE FROM fhirlink_eventseries"
    " WHERE event_id = ANY(%s::bigint[]) RETURNING body)"
    " SELECT body, count(*) FROM gone WHERE body IS NOT NULL GROUP BY body"
)
_NEXT_IDS: Final = (
    "SELECT nextval(pg_get_serial_sequence('fhirlink_event', 'id'))"
    " FROM generate_series(1, %s)"
)
_COLUMNS: Final = {
    "id": "bigint",
    "partition_id": "bigint",
    "resource_id": "bigint",
    "encounter": "bigint",
    "low": "float8",
    "high": "float8",
    "patient": "int",
    "identity": "int",
    "code": "int",
    "category": "int",
    "value_code": "int",
    "site": "int",
    "unit_id": "int",
    "start_first": "date",
    "start_last": "date",
    "second": "int",
    "run_first": "date",
    "end_first": "date",
    "end_last": "date",
    "kind": "smallint",
    "part": "smallint",
    "is_counted": "boolean",
    "status": "text",
    "words": "text",
}


def _insertion(table: str, columns: dict[str, str]) -> str:
    names = ", ".join(columns)
    typed = ", ".join(f"{name} {type_}" for name, type_ in columns.items())
    return (
        f"INSERT INTO fhirlink_{table} ({names}) SELECT {names}"  # noqa: S608 own names
        f" FROM json_to_recordset(%s::json) AS new ({typed})"
    )


_INSERT: Final = _insertion("event", _COLUMNS)
_INSERT_STUDIES: Final = _insertion(
    "eventstudy",
    {"event_id": "bigint", "partition_id": "bigint", "study_instance_uid": "text"},
)
_INSERT_TEXTS: Final = _insertion("eventtext", {"event_id": "bigint", "text": "text"})
_INSERT_SERIES: Final = _insertion(
    "eventseries",
    {
        "event_id": "bigint",
        "series_instance_uid": "text",
        "modality": "text",
        "body": "int",
        "number_of_instances": "int",
    },
)
