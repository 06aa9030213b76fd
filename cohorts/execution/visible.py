"""What of a partition an actor sees, as conditions on patients and events.

`core.access` decides. Who may see patients in all of a partition sees all; else grants
lead there (`fhirlink.access`): one on a patient to all that was told of the person, one
on a study or a project to its imaging events and to the reports linked to these.
"""

from typing import Final, NamedTuple

from cohorts.execution.statement import TRUE, Sql, fill, sql
from core.access import Actor, Verb, require, require_whole_partition
from core.partitions import get_partition
from fhirlink.events.shapes import Kind


class Visible(NamedTuple):
    """What an actor sees of a partition.

    Attributes
    ----------
    prefix
        What every statement begins with: empty, or ``WITH …,``.
    is_whole
        Whether nothing is left out.
    """

    prefix: Sql
    is_whole: bool

    def event(self, alias: str) -> Sql:
        """Return the condition on an event."""
        if self.is_whole:
            return TRUE
        return sql(
            f"({alias}.patient IN (SELECT patient FROM seen_patient)"
            f" OR {alias}.id IN (SELECT event FROM seen_event))"
        )

    def person(self, key: str) -> Sql:
        """Return the condition on the key of a patient."""
        if self.is_whole:
            return TRUE
        return sql(
            f"({key} IN (SELECT patient FROM seen_patient)"
            f" OR {key} IN (SELECT patient FROM seen_event))"
        )


WHOLE: Final = Visible(Sql(""), is_whole=True)


def may_ask(actor: Actor, partition: str) -> tuple[int, bool, Visible]:
    """Return the key of a partition, whether the actor may list, and what it sees.

    Raises
    ------
    Forbidden
        Its roles let it see no data, or no more than parts of it without patients.
    NotFound
        There is no such partition, or nothing in it that it may see.
    """
    require(actor, Verb.READ)
    partition_id = get_partition(actor=actor, name=partition, verb=Verb.READ)
    reach = actor.reach(Verb.VIEW_PHI)
    if not reach.enters(partition_id):
        require_whole_partition(actor, Verb.READ, partition_id)
        return partition_id, False, WHOLE
    if reach.has_whole(partition_id):
        return partition_id, True, WHOLE
    return (
        partition_id,
        True,
        _part(partition_id, reach.within(partition_id).scope_keys),
    )


def _part(partition_id: int, scopes: list[int]) -> Visible:
    patients = Sql(_PATIENTS, (scopes, partition_id, scopes, partition_id))
    events = Sql(_EVENTS, (scopes, partition_id, scopes, partition_id))
    template = (
        "WITH seen_patient (patient) AS MATERIALIZED ({patients}),"
        " seen_event (event, patient) AS MATERIALIZED ({events})"
    )
    return Visible(fill(template, patients=patients, events=events), is_whole=False)


_PATIENTS: Final = (
    "SELECT i.patient FROM fhirlink_patientidentity i JOIN ("
    "SELECT l.partition_id, 'Patient/' || l.fhir_id AS name FROM core_scope s"
    " JOIN fhirlink_patientlink l ON l.partition_id = s.partition_id"
    " AND l.patient_id = s.object_id WHERE s.id = ANY(%s::bigint[])"
    " AND s.kind = 'patient' AND s.partition_id = %s"
    " UNION SELECT s.partition_id, 'imaging/' || s.object_id FROM core_scope s"
    " WHERE s.id = ANY(%s::bigint[]) AND s.kind = 'patient' AND s.partition_id = %s"
    ") seen USING (partition_id, name)"
)
_EVENTS: Final = (
    "SELECT e.id, e.patient FROM core_scopedstudy seen JOIN fhirlink_eventstudy es"
    " ON es.partition_id = seen.partition_id"
    " AND es.study_instance_uid = seen.study_instance_uid"
    f" JOIN fhirlink_event e ON e.id = es.event_id AND e.kind = {int(Kind.IMAGING)}"
    " WHERE seen.scope_id = ANY(%s::bigint[]) AND seen.partition_id = %s"
    " UNION SELECT e.id, e.patient FROM core_scopedstudy seen"
    " JOIN fhirlink_reportlink l ON l.partition_id = seen.partition_id"
    " AND l.study_instance_uid = seen.study_instance_uid AND NOT l.is_suggestion"
    " JOIN fhirlink_resource r ON r.partition_id = l.partition_id"
    " AND r.type = l.type AND r.fhir_id = l.report AND NOT r.is_deleted"
    " JOIN fhirlink_event e ON e.resource_id = r.id"
    f" AND e.kind IN ({int(Kind.REPORT)}, {int(Kind.DOCUMENT)})"
    " WHERE seen.scope_id = ANY(%s::bigint[]) AND seen.partition_id = %s"
)
