"""Who is who: identities of one person, followed through merges and splits.

An identity may say that another one has replaced it: the identities of a person are a
tree, and its root stands for them. Whatever changes, the persons about it are found
anew from all identities that are, or were, connected with it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from psycopg.rows import args_row

from core.database import as_rows, raw_connection
from fhirlink.events.days import Days
from fhirlink.events.people import Person, together

Name = tuple[int, str]
"""Key of a partition, and how an identity is called in it."""


class Known(NamedTuple):
    """An identity: its key, and that of the person it is."""

    identity: int
    patient: int


class _Identity(NamedTuple):
    """A row of `fhirlink.models.PatientIdentity`."""

    id: int
    partition_id: int
    name: str
    patient: int
    is_present: bool
    is_active: bool
    replaced_by: str
    birth_first: date | None
    birth_last: date | None
    gender: str
    is_deceased: bool
    deceased_first: date | None
    deceased_last: date | None
    has_events: bool

    @property
    def is_somebody(self) -> bool:
        return self.is_present and (self.is_active or self.has_events)

    @property
    def person(self) -> Person:
        return Person(
            _days(self.birth_first, self.birth_last),
            self.gender,
            self.is_deceased,
            _days(self.deceased_first, self.deceased_last),
        )


def identities(names: Iterable[Name]) -> dict[Name, Known]:
    """Return identities by their names; what is new is a person of its own."""
    asked = as_rows(
        {"partition_id": part, "name": name} for part, name in sorted(names)
    )
    raw_connection().execute(_INSERT, (asked,))
    rows = raw_connection().execute(_SELECT, (asked,))
    return {(row[0], row[1]): Known(row[2], row[3]) for row in rows}


def tell(people: Mapping[Name, Person | None]) -> set[int]:
    """Write down what identities are; None of those that are not here any more.

    Returns
    -------
    set of int
        The keys of their rows, which `regroup` wants.
    """
    targets = {
        (part, person.replaced_by)
        for (part, _), person in people.items()
        if person and person.replaced_by
    }
    known = identities([*people, *targets])
    raw_connection().execute(
        _UPDATE,
        (
            as_rows(
                {"id": known[name].identity, **_columns(person)}
                for name, person in people.items()
            ),
        ),
    )
    return {each.identity for each in known.values()}


def regroup(changed: Iterable[int]) -> None:
    """Find out anew which identities about some are one person, and who that is."""
    seeds = sorted(set(changed))
    if not seeds:
        return
    with raw_connection().cursor(row_factory=args_row(_Identity)) as cursor:
        around = cursor.execute(_AROUND, (seeds,)).fetchall()
    roots = _roots(around)
    _point(around, roots)
    people: defaultdict[int, list[_Identity]] = defaultdict(list)
    for each in around:
        people[roots[each.id]].append(each)
    _write_patients([each.id for each in around], people)
    raw_connection().execute(_DELETE_UNUSED, ([each.id for each in around],))


def _roots(around: Sequence[_Identity]) -> dict[int, int]:
    """Return the identity that stands for each; in a circle that of the first name."""
    by_name = {(each.partition_id, each.name): each for each in around}
    roots: dict[int, int] = {}
    for each in around:
        seen: dict[int, _Identity] = {}
        at: _Identity | None = each
        while at is not None and at.id not in seen:
            if at.id in roots:
                break
            seen[at.id] = at
            last = at
            at = by_name.get((at.partition_id, at.replaced_by))
        if at is None:
            root = last.id
        elif at.id in roots:
            root = roots[at.id]
        else:
            names = list(seen.values())
            circle = names[names.index(at) :]
            root = min(circle, key=lambda one: one.name).id
        roots.update(dict.fromkeys(seen, root))
    return roots


def _point(around: Sequence[_Identity], roots: Mapping[int, int]) -> None:
    moved = [
        {"id": each.id, "old": each.patient, "new": roots[each.id]}
        for each in around
        if each.patient != roots[each.id]
    ]
    if moved:
        asked = as_rows(moved)
        raw_connection().execute(_MOVE_IDENTITIES, (asked,))
        raw_connection().execute(_MOVE_EVENTS, (asked,))


def _write_patients(ids: list[int], people: Mapping[int, Sequence[_Identity]]) -> None:
    rows = []
    for root, members in people.items():
        present = [each for each in members if each.is_somebody]
        if present:
            # What stands for a person speaks first, then the others by their names.
            present.sort(key=lambda each: (each.id != root, each.name))
            person = together([each.person for each in present])
            rows.append(
                {
                    "id": root,
                    "partition_id": present[0].partition_id,
                    **_columns(person),
                }
            )
    gone = sorted(set(ids) - {int(row["id"]) for row in rows})
    raw_connection().execute(_DELETE_PATIENTS, (gone,))
    raw_connection().execute(_WRITE_PATIENTS, (as_rows(rows),))


def _columns(person: Person | None) -> dict[str, Any]:
    is_present = person is not None
    who = person or Person()
    return {
        "is_present": is_present,
        "is_active": who.is_active,
        "replaced_by": who.replaced_by,
        "birth_first": who.birth and who.birth.first,
        "birth_last": who.birth and who.birth.last,
        "gender": who.gender,
        "is_deceased": who.is_deceased,
        "deceased_first": who.deceased and who.deceased.first,
        "deceased_last": who.deceased and who.deceased.last,
    }


def _days(first: date | None, last: date | None) -> Days | None:
    return Days(first, last) if first and last else None


def reset() -> None:
    """Forget everybody."""
    raw_connection().execute(
        "TRUNCATE fhirlink_patientidentity, fhirlink_clinicalpatient RESTART IDENTITY"
    )


_NAMES: Final = "json_to_recordset(%s::json) AS new (partition_id bigint, name text)"
_INSERT: Final = (
    "INSERT INTO fhirlink_patientidentity"  # noqa: S608 own names
    " (id, partition_id, name, patient, is_present, is_active, is_deceased)"
    " SELECT id, partition_id, name, id, false, true, false FROM ("
    " SELECT nextval(pg_get_serial_sequence('fhirlink_patientidentity', 'id')) AS id,"
    f" new.partition_id, new.name FROM {_NAMES}"
    " WHERE NOT EXISTS (SELECT FROM fhirlink_patientidentity held"
    " WHERE held.partition_id = new.partition_id AND held.name = new.name)) fresh"
)
_SELECT: Final = (
    "SELECT held.partition_id, held.name, held.id, held.patient"  # noqa: S608 own names
    f" FROM {_NAMES} JOIN fhirlink_patientidentity held USING (partition_id, name)"
)
_SAID: Final = (
    "birth_first date, birth_last date, gender text, is_deceased boolean,"
    " deceased_first date, deceased_last date"
)
_UPDATE: Final = (
    "UPDATE fhirlink_patientidentity held SET is_present = new.is_present,"  # noqa: S608 own names
    " is_active = new.is_active, replaced_by = new.replaced_by,"
    " birth_first = new.birth_first,"
    " birth_last = new.birth_last, gender = new.gender,"
    " is_deceased = new.is_deceased, deceased_first = new.deceased_first,"
    " deceased_last = new.deceased_last FROM json_to_recordset(%s::json)"
    f" AS new (id int, is_present boolean, is_active boolean, replaced_by text,"
    f" {_SAID})"
    " WHERE held.id = new.id"
)
_HELD: Final = ", ".join(f"held.{name}" for name in _Identity._fields[:-1])
_HAS_EVENTS: Final = (
    "EXISTS (SELECT FROM fhirlink_event e"
    " WHERE e.patient = held.patient AND e.identity = held.id)"
)
# All that is connected: the same person as yet, what it was merged into, and what into
# it.
_AROUND: Final = (
    "WITH RECURSIVE around AS (SELECT held.id, held.partition_id, held.name,"  # noqa: S608 own names
    " held.patient, held.replaced_by FROM fhirlink_patientidentity held"
    " WHERE id = ANY(%s::int[]) UNION SELECT next.id, next.partition_id, next.name,"
    " next.patient, next.replaced_by FROM around, LATERAL ("
    " SELECT * FROM fhirlink_patientidentity p WHERE p.patient = around.patient"
    " UNION ALL SELECT * FROM fhirlink_patientidentity p WHERE"
    " p.partition_id = around.partition_id AND p.name = around.replaced_by"
    " UNION ALL SELECT * FROM fhirlink_patientidentity p WHERE"
    " p.partition_id = around.partition_id AND p.replaced_by = around.name"
    " AND p.replaced_by <> '') AS next)"
    f" SELECT {_HELD}, {_HAS_EVENTS} FROM around"
    " JOIN fhirlink_patientidentity held USING (id) ORDER BY held.id"
)
_MOVES: Final = "json_to_recordset(%s::json) AS new (id int, old int, new int)"
_MOVE_IDENTITIES: Final = (
    "UPDATE fhirlink_patientidentity held SET patient = new.new"  # noqa: S608 own names
    f" FROM {_MOVES} WHERE held.id = new.id"
)
_MOVE_EVENTS: Final = (
    "UPDATE fhirlink_event held SET patient = new.new"  # noqa: S608 own names
    f" FROM {_MOVES} WHERE held.patient = new.old AND held.identity = new.id"
)
_DELETE_PATIENTS: Final = (
    "DELETE FROM fhirlink_clinicalpatient WHERE id = ANY(%s::int[])"
)
_WRITE_PATIENTS: Final = (
    "INSERT INTO fhirlink_clinicalpatient AS held (id, partition_id, birth_first,"  # noqa: S608 own names
    " birth_last, gender, is_deceased, deceased_first, deceased_last)"
    " SELECT id, partition_id, birth_first, birth_last, gender, is_deceased,"
    " deceased_first, deceased_last FROM json_to_recordset(%s::json)"
    f" AS new (id int, partition_id bigint, {_SAID})"
    " ON CONFLICT (id) DO UPDATE SET birth_first = excluded.birth_first,"
    " birth_last = excluded.birth_last, gender = excluded.gender,"
    " is_deceased = excluded.is_deceased, deceased_first = excluded.deceased_first,"
    " deceased_last = excluded.deceased_last"
)
_DELETE_UNUSED: Final = (
    "DELETE FROM fhirlink_patientidentity held WHERE id = ANY(%s::int[])"  # noqa: S608 own names
    f" AND NOT is_present AND NOT {_HAS_EVENTS}"
    " AND NOT EXISTS (SELECT FROM fhirlink_patientidentity p"
    " WHERE p.partition_id = held.partition_id AND p.replaced_by = held.name"
    " AND p.replaced_by <> '' AND p.id <> held.id)"
)
