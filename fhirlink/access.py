"""Who sees which resources: `core.access` decides, this says it of resources.

A resource is patient data: to read it needs `Verb.VIEW_PHI`. Who has it in all of a
partition sees all resources of it. Else grants lead there: one on a patient to all in
the compartments of the Patients that it is linked to; one on a
study or a project to the ImagingStudies and to the reports and documents that are
linked to these.
What is nobody's, such as practitioners, sees who sees anything in the partition.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from core.access import Actor, Verb, require
from core.database import raw_connection
from core.partitions import get_partition
from fhirlink.search import slots

NOBODYS: Final = (
    *("Endpoint", "Location", "Medication", "Organization"),
    *("Practitioner", "PractitionerRole"),
)
"""Types that tell of no patient."""

_SUBJECTS: Final = (
    "SELECT DISTINCT l.fhir_id FROM core_scope s JOIN fhirlink_patientlink l"
    " ON l.partition_id = s.partition_id AND l.patient_id = s.object_id"
    " WHERE s.id = ANY(%s::bigint[]) AND s.kind = 'patient'"
)
_OF_STUDIES: Final = (
    "SELECT {column} FROM core_scopedstudy seen JOIN {table} l"
    " ON l.partition_id = seen.partition_id"
    " AND l.study_instance_uid = seen.study_instance_uid"
    " WHERE seen.scope_id = ANY(%s::bigint[]) AND seen.partition_id = %s"
)
_STUDIES: Final = _OF_STUDIES.format(column="l.fhir_id", table="fhirlink_linkedstudy")
_REPORTS: Final = (
    _OF_STUDIES.format(column="l.type, l.report", table="fhirlink_reportlink")
    + " AND NOT l.is_suggestion"
)
_PARTS: Final = (
    "(r.terms && %s::bigint[] OR r.type = ANY(%s)"
    f" OR (r.type = 'ImagingStudy' AND r.fhir_id IN ({_STUDIES}))"
    f" OR (r.type, r.fhir_id) IN ({_REPORTS}))"
)


class Seen(NamedTuple):
    """Which resources of a partition an actor sees.

    Attributes
    ----------
    condition, values
        SQL that is true of the row ``r`` of a resource that it sees, with its values.
    """

    partition_id: int
    condition: str
    values: Sequence[Any]


def seen_in(actor: Actor, partition: str) -> Seen:
    """Return what an actor sees of a partition.

    Raises
    ------
    Forbidden
        Its roles let it see no patient anywhere.
    NotFound
        There is no such partition, or nothing in it that it may see.
    """
    require(actor, Verb.VIEW_PHI)
    partition_id = get_partition(actor=actor, name=partition, verb=Verb.VIEW_PHI)
    reach = actor.reach(Verb.VIEW_PHI)
    if reach.has_whole(partition_id):
        return Seen(partition_id, "true", [])
    scopes = reach.within(partition_id).scope_keys
    subjects = raw_connection().execute(_SUBJECTS, (scopes,)).fetchall()
    terms = [slots.compartment(partition_id, subject) for (subject,) in subjects]
    of_studies = [scopes, partition_id]
    return Seen(partition_id, _PARTS, [terms, list(NOBODYS), *of_studies, *of_studies])
