"""The follower that keeps the event table: resources and images, as they are now.

It does not replay what entries say: of what has changed it derives the events anew from
the present state, and of what depends on it. So it comes to the same whatever was
delivered twice, late or not at all before a rebuild.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from core.changefeed import Entry
from core.database import as_rows, raw_connection
from core.followers import ACTOR, Follower
from fhirlink.events import patients, sources, vocabulary, writing
from fhirlink.events.extract import NOTHING_KNOWN, events_of, needs, study_name
from fhirlink.events.people import Person, person_of, person_of_study
from fhirlink.events.series import series_of
from fhirlink.events.sources import Held, Named
from fhirlink.events.studies import Told, identity_of, imaging_event
from fhirlink.events.writing import Placing, StudyKey, Touched
from imaging.outline import StudyOutline, newest_studies, outline_studies

RESOURCE: Final = "resource"
INSTANCE: Final = "instance"
_STUDY: Final = "study/"
_IMAGES: Final = "imaging/"


class EventFollower(Follower):
    """Keeps `fhirlink.models.Event` and all that belongs to it."""

    name = "events"
    version = 3
    batch: ClassVar[int] = sources.MOST
    gathers_s: ClassVar[float] = 0.5

    def apply(self, entries: Sequence[Entry]) -> None:
        """Derive anew the events of whatever entries tell of."""
        touched = Touched()
        ids = sources.changed_ids(each for each in entries if each.kind == RESOURCE)
        studies = {
            (entry.partition_id, entry.key[0])
            for entry in entries
            if entry.kind == INSTANCE and entry.partition_id is not None
        }
        for changed in sources.in_chunks(ids):
            studies |= _retold(changed)
            _tell_events(changed, touched)
            _tell_people(changed, touched)
        held = _imaging_events(studies, touched)
        touched.identities |= _tell_of_images(held, touched.identities)
        patients.regroup(touched.identities)
        vocabulary.count(touched.uses)

    def reset(self) -> None:
        """Forget all events, and who the patients are."""
        writing.reset()
        patients.reset()
        vocabulary.reset()


def _retold(changed: Sequence[Held]) -> set[StudyKey]:
    """Return the studies that changed ImagingStudies tell of, or have told of."""
    told = [each for each in changed if each.type == sources.IMAGING_STUDY]
    if not told:
        return set()
    before = sources.needed_by([each.id for each in told])
    now: dict[int, list[Named]] = {
        each.id: [(each.partition_id, _STUDY + study_name(each.content))]
        if each.content is not None
        else []
        for each in told
    }
    sources.write_needs(now)
    names = [*before, *(name for each in now.values() for name in each)]
    return {
        (part, name.removeprefix(_STUDY))
        for part, name in names
        if name.startswith(_STUDY)
    }


def _tell_events(changed: Sequence[Held], touched: Touched) -> None:
    """Write the events of resources, and of those that need one of them."""
    own = [each for each in changed if each.type not in _APART]
    _write(own, touched)
    needed = [each.named for each in changed if each.type in _NEEDED]
    if needed:
        done = {each.id for each in own}
        ids = [key for key, _ in sources.dependants(needed) if key not in done]
        for chunk in sources.in_chunks(ids):
            _write(chunk, touched)


def _tell_people(changed: Sequence[Held], touched: Touched) -> None:
    people: dict[Named, Person | None] = {
        each.named: None if each.content is None else person_of(each.content)
        for each in changed
        if each.type == sources.PATIENT
    }
    if people:
        touched.identities |= patients.tell(people)


def _write(held: Sequence[Held], touched: Touched) -> None:
    if not held:
        return
    wanted = {
        each.id: [(each.partition_id, name) for name in needs(each.content or {})]
        for each in held
    }
    sources.write_needs(wanted)
    writing.delete_events_of([each.id for each in held], touched)
    names = [name for each in wanted.values() for name in each]
    known = sources.known(names) if names else {}
    placings = [
        Placing(each.partition_id, each.id, event)
        for each in held
        if each.content is not None
        for event in events_of(
            each.content, known.get(each.partition_id, NOTHING_KNOWN)
        )
    ]
    writing.insert_events(placings, touched)


def _imaging_events(
    studies: set[StudyKey], touched: Touched
) -> dict[StudyKey, StudyOutline]:
    """Write the events of studies; return what is held of them."""
    if not studies:
        return {}
    outlines = outline_studies(actor=ACTOR, keys=studies)
    held = {(each.partition_id, each.study_instance_uid): each for each in outlines}
    told = _told(studies)
    writing.delete_imaging_events(studies, touched)
    placings = [
        Placing(key[0], found.resource_id, found.event, found.series)
        for key in sorted(studies)
        if (found := imaging_event(key[1], told.get(key), held.get(key)))
    ]
    writing.insert_events(placings, touched)
    return held


def _told(studies: Iterable[StudyKey]) -> dict[StudyKey, Told]:
    """Return what ImagingStudies tell; of several about one study the first."""
    needing: defaultdict[int, list[Named]] = defaultdict(list)
    for key, name in sources.dependants((part, _STUDY + uid) for part, uid in studies):
        needing[key].append(name)
    told: dict[StudyKey, Told] = {}
    for chunk in sources.in_chunks(sorted(needing)):
        for each in chunk:
            content = each.content or {}
            for event in events_of(content, NOTHING_KNOWN):
                found = Told(each.id, event, tuple(series_of(content)))
                told.setdefault((each.partition_id, event.studies[0]), found)
    return told


def _tell_of_images(held: dict[StudyKey, StudyOutline], touched: set[int]) -> set[int]:
    """Write who the patients of images are, as far as no Patient claims their studies.

    They are here as long as one of their studies is.
    """
    named = as_rows(
        {"partition_id": each.partition_id, "name": identity_of(each)}
        for each in held.values()
    )
    rows = raw_connection().execute(_OF_IMAGES, (sorted(touched), named))
    people: dict[Named, Person | None] = {}
    of_patient: dict[int, Named] = {}
    for part, name, has_events in rows:
        if not has_events:
            people[part, name] = None
        elif name.startswith(_IMAGES):
            of_patient[int(name.removeprefix(_IMAGES))] = (part, name)
        elif study := held.get((part, name.removeprefix(_STUDY))):
            people[part, name] = _person(study)
    for newest in newest_studies(actor=ACTOR, patients=of_patient):
        people[of_patient[newest.patient or 0]] = _person(newest)
    return patients.tell(people) if people else set()


def _person(study: StudyOutline) -> Person:
    return person_of_study(study.patient_birth_date, study.patient_sex)


_APART: Final = frozenset({sources.PATIENT, sources.MEDICATION, sources.IMAGING_STUDY})
_NEEDED: Final = frozenset({sources.MEDICATION, sources.IMAGING_STUDY})
_OF_IMAGES: Final = (
    "SELECT partition_id, name, EXISTS (SELECT FROM fhirlink_event e"
    " WHERE e.patient = held.patient AND e.identity = held.id)"
    " FROM fhirlink_patientidentity held WHERE id IN ("
    "SELECT unnest(%s::int[]) UNION SELECT named.id FROM json_to_recordset(%s::json)"
    " AS asked (partition_id bigint, name text)"
    " JOIN fhirlink_patientidentity named USING (partition_id, name))"
    " AND name NOT LIKE 'Patient/%%'"
)
