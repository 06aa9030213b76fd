"""What the record holds of patients: for many of them in one statement.

Pages begin after a row, the newest first, by its key. All of it is filtered by
`fhirlink.access`, and audited.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from core import audit
from core.access import Actor
from core.database import raw_connection
from core.errors import Invalid
from fhirlink.access import Seen, seen_in
from fhirlink.concerned import patients_of
from fhirlink.search import slots
from fhirlink.search.rows import COLUMNS, Found
from fhirlink.search.slots import Owner

_UIDS: Final = "urn:dicom:uid"
_BODIES: Final = (
    "SELECT {group}, p.id, p.type, p.fhir_id, p.number, p.updated_at, v.body"
    " FROM ({page}) p JOIN fhirlink_resourceversion v ON v.id = p.version_id"
    " ORDER BY p.id DESC"
)
# The compartment is found by its term alone, and only then put in order: a planner that
# walks the keys from the newest on may walk very many of other patients.
_BELOW: Final = (
    "SELECT asked.patient, held.* FROM unnest(%s::text[], %s::bigint[])"
    " AS asked(patient, term) CROSS JOIN LATERAL ("
    "WITH r AS MATERIALIZED (SELECT * FROM fhirlink_resource r WHERE"
    " r.partition_id = %s AND NOT r.is_deleted AND r.terms @> ARRAY[asked.term]"
    " AND r.type = ANY(%s) AND {seen})"
    " SELECT {columns} FROM r {rest}) held"
)


class Below(NamedTuple):
    """Some of what lies in a compartment, and whether there is more."""

    rows: Sequence[Found]
    has_more: bool


def find_below(
    *,
    actor: Actor,
    partition: str,
    types: Sequence[str],
    patients: Sequence[str],
    limit: int,
    after: str | None = None,
) -> dict[str, Below]:
    """Return resources of some types that lie in the compartments of patients.

    Parameters
    ----------
    patients
        Ids of Patients; each of them has a page of its own.
    after
        The key that pages begin after.

    Raises
    ------
    Forbidden, NotFound
        The actor may not read here.
    Invalid
        `after` is none.
    """
    seen = seen_in(actor, partition)
    rest = "WHERE r.id < %s ORDER BY r.id DESC LIMIT %s"
    page = _BELOW.format(seen=seen.condition, columns=COLUMNS, rest=rest)
    found = _fetch(
        _BODIES.format(group="p.patient", page=page),
        [*_asked(seen, types, patients), _key(after), limit + 1],
    )
    below: dict[str, list[Found]] = {patient: [] for patient in patients}
    for patient, *row in found:
        below[patient].append(Found(*row))
    answer = {
        patient: Below(rows[:limit], len(rows) > limit)
        for patient, rows in below.items()
    }
    given = [row for page_ in answer.values() for row in page_.rows]
    _record(actor, seen, given, f"patients {' '.join(patients)}")
    return answer


def count_below(
    *, actor: Actor, partition: str, types: Sequence[str], patients: Sequence[str]
) -> dict[str, int]:
    """Return how many resources of some types lie in the compartments of patients."""
    seen = seen_in(actor, partition)
    statement = _BELOW.format(seen=seen.condition, columns="count(*)", rest="")
    counted = _fetch(statement, _asked(seen, types, patients))
    _record(actor, seen, (), f"number of {' '.join(types)}")
    return dict(counted)


def read_many(
    *, actor: Actor, partition: str, addresses: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Found]:
    """Return resources by type and id; those that are not seen are left out."""
    seen = seen_in(actor, partition)
    page = (
        f"SELECT {COLUMNS} FROM unnest(%s::text[], %s::text[]) AS asked(type, fhir_id)"  # noqa: S608 own names
        " JOIN fhirlink_resource r USING (type, fhir_id)"
        f" WHERE r.partition_id = %s AND NOT r.is_deleted AND {seen.condition}"
    )
    types, ids = [each for each, _ in addresses], [each for _, each in addresses]
    found = _fetch(
        _BODIES.format(group="NULL", page=page),
        [types, ids, seen.partition_id, *seen.values],
    )
    held = [Found(*row) for _, *row in found]
    _record(actor, seen, held, " ".join(map("/".join, addresses)))
    return {each.address: each for each in held}


def find_of_studies(
    *, actor: Actor, partition: str, uids: Sequence[str]
) -> dict[str, Found]:
    """Return the ImagingStudies of DICOM studies, by StudyInstanceUID."""
    seen = seen_in(actor, partition)
    owner = Owner(seen.partition_id, "ImagingStudy", "identifier")
    terms = [slots.term(owner, slots.TOKEN, _UIDS, f"urn:oid:{uid}") for uid in uids]
    page = (
        f"SELECT asked.uid, {COLUMNS}"  # noqa: S608 own names
        " FROM unnest(%s::text[], %s::bigint[]) AS asked(uid, term)"
        " JOIN fhirlink_resource r ON r.terms @> ARRAY[asked.term]"
        " WHERE r.partition_id = %s AND r.type = 'ImagingStudy'"
        f" AND NOT r.is_deleted AND {seen.condition}"
    )
    found = _fetch(
        _BODIES.format(group="p.uid", page=page),
        [list(uids), terms, seen.partition_id, *seen.values],
    )
    held = {uid: Found(*row) for uid, *row in found}
    _record(actor, seen, list(held.values()), f"ImagingStudies of {len(uids)} studies")
    return held


def _asked(seen: Seen, types: Sequence[str], patients: Sequence[str]) -> list[Any]:
    terms = [slots.compartment(seen.partition_id, each) for each in patients]
    return [list(patients), terms, seen.partition_id, list(types), *seen.values]


def _key(after: str | None) -> int:
    if after is None:
        return 2**62
    if not (after.isascii() and after.isdecimal() and len(after) < 19):
        message = "The cursor is none of this list: begin anew."
        raise Invalid(message, path="after")
    return int(after)


def _fetch(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    return raw_connection().cursor().execute(statement, list(values)).fetchall()


def _record(actor: Actor, seen: Seen, held: Sequence[Found], query: str) -> None:
    counts = Counter(each.type for each in held)
    told = ", ".join(f"{number} {type_}" for type_, number in sorted(counts.items()))
    event = audit.Event(
        actor,
        audit.Action.RETRIEVE if held else audit.Action.SEARCH,
        partition_id=seen.partition_id,
        detail=told or "no resources",
        query=query[:2000],
    )
    contents = [(each.type, each.fhir_id, each.body) for each in held]
    patients = patients_of(seen.partition_id, contents)
    audit.record_answer(event, patients=patients)
