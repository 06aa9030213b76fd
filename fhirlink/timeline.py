"""What happened to a patient, in order: the rows of the patient's page.

Read from the event table alone, in a fixed number of statements; whoever sees the
Patient sees all that was told of the person, under whichever name.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from core import audit
from core.access import Actor
from core.database import raw_connection
from core.errors import NotFound
from fhirlink.access import Seen, seen_in
from fhirlink.concerned import patients_of
from fhirlink.events.shapes import Kind
from fhirlink.happened import ORDER, Happened, Place, happened, place_of
from fhirlink.read import MISSING

MOST: Final = 5000  # events of a page, unless less is asked for


class Window(NamedTuple):
    """The first and the last day of what is asked for; None: from ever, for ever."""

    first: date | None = None
    last: date | None = None


EVER: Final = Window()


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
    person
        None of a Patient of whom nothing is derived yet (`fhirlink.events`).
    after
        Where the next page begins; None where there is none.
    """

    person: Who | None
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
    conditions: list[str] = []
    values: list[Any] = []
    if kinds:
        conditions.append("e.kind = ANY(%s::smallint[])")
        values.append([int(kind) for kind in kinds])
    asked = _Asked(seen_in(actor, partition), patient, after, limit)
    return _told(actor, asked, conditions, values)


def measurements(
    *,
    actor: Actor,
    partition: str,
    patient: str,
    code: str,
    window: Window = EVER,
    after: Place | None = None,
    limit: int = MOST,
) -> Timeline:
    """Return what was measured by one code, in the order of days: a laboratory's curve.

    What has no value is left out, and what its status leaves out, such as what was
    entered in error.

    Parameters
    ----------
    code
        ``system|code``; a code of whatever system; or what it is called, in any case.
        Whichever else stands beside it.
    window
        Only what can have been between two days; what has no date is in no window.

    Raises
    ------
    Forbidden, NotFound
        The actor may not see the patient, or there is none.
    """
    conditions = ["e.kind = %s", "e.is_counted", _HAS_VALUE]
    values: list[Any] = [int(Kind.OBSERVATION)]
    system, bar, name = code.rpartition("|")
    if bar:
        conditions.append(_BY_CODE)
        values += [system, name]
    else:
        conditions.append(_BY_NAME)
        values += [name, name]
    if window.first is not None:
        conditions.append("e.start_last >= %s")
        values.append(window.first)
    if window.last is not None:
        conditions.append("e.start_first <= %s")
        values.append(window.last)
    asked = _Asked(seen_in(actor, partition), patient, after, limit, code)
    return _told(actor, asked, conditions, values)


class _Asked(NamedTuple):
    """Of whom, from where on, how many and by what code events are asked for."""

    seen: Seen
    patient: str
    after: Place | None
    limit: int
    code: str = ""


def _told(
    actor: Actor, asked: _Asked, conditions: Sequence[str], values: Sequence[Any]
) -> Timeline:
    """Return a page of the events of a person for which conditions hold."""
    who = _person(asked.seen, asked.patient)
    if who is None:
        _record(actor, asked, None, 0)
        return Timeline(None, [], None)
    where = ["e.patient = %s", *conditions]
    wanted = max(1, min(asked.limit, MOST))
    given: list[Any] = [who.id, *values]
    if asked.after is not None:
        where.append(f"({ORDER}) > (%s, %s, %s)")
        given += asked.after
    events = happened(" AND ".join(where), given, wanted + 1)
    page = events[:wanted]
    _record(actor, asked, who, len(page))
    return Timeline(who, page, place_of(page[-1]) if len(events) > wanted else None)


def _person(seen: Seen, patient: str) -> Who | None:
    """Return the person of a Patient that the actor sees; None: it is not derived."""
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
    return None if row[0] is None else Who(*row)


def _record(actor: Actor, asked: _Asked, who: Who | None, number: int) -> None:
    partition_id = asked.seen.partition_id
    event = audit.Event(
        actor,
        audit.Action.RETRIEVE,
        partition_id=partition_id,
        detail=f"{number} events",
        query=f"Patient/{asked.patient} {asked.code}".rstrip(),
    )
    told = [f"Patient/{asked.patient}"] if who is None else _names_of(who)
    audit.record_answer(event, patients=_patients_of_images(partition_id, told))


def _names_of(who: Who) -> list[str]:
    """Return the Patients, and the patients of images, that a person is."""
    return [name for (name,) in raw_connection().execute(_NAMES, (who.id,))]


def _patients_of_images(partition_id: int, whose: Sequence[str]) -> list[int]:
    """Return the keys of the patients of images that somebody of these names is."""
    names = [name.split("/", 1) for name in whose]
    of_record = [(type_, id_, b"") for type_, id_ in names if type_ == "Patient"]
    own = [int(key) for kind, key in names if kind == "imaging"]
    return [*patients_of(partition_id, of_record), *own]


_NAMES: Final = "SELECT name FROM fhirlink_patientidentity WHERE patient = %s"
_PERSON: Final = (
    "SELECT p.id, p.birth_first, p.birth_last, p.gender, p.is_deceased,"
    " p.deceased_first, p.deceased_last FROM fhirlink_resource r"
    # The follower of events derives them a moment after the Patient is written.
    " LEFT JOIN fhirlink_patientidentity i ON i.partition_id = r.partition_id"
    " AND i.name = %s LEFT JOIN fhirlink_clinicalpatient p ON p.id = i.patient"
    " WHERE r.partition_id = %s AND r.type = 'Patient' AND r.fhir_id = %s"
    " AND NOT r.is_deleted"
)
# A value is words, a number is as well (with the digits that were written), or a code.
_HAS_VALUE: Final = "(e.words <> '' OR e.value_code IS NOT NULL)"
_CODED: Final = (
    "EXISTS (SELECT FROM fhirlink_coding g"
    " LEFT JOIN fhirlink_concept k ON k.id = g.concept_id"
    " WHERE g.codeable_concept_id = e.code AND "
)
# By the codes of the person's own events: of codes alone there is no index.
_BY_CODE: Final = f"{_CODED} k.system = %s AND k.code = %s)"
_BY_NAME: Final = f"{_CODED} (k.code = %s OR lower(g.display) = lower(%s)))"
