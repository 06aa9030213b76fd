"""What of a partition an actor sees, as conditions on patients and events.

`core.access` decides. Who may see patients in all of a partition sees all; else grants
lead there (`fhirlink.access`): one on a patient to all that was told of the person, one
on a study to its imaging events and to the reports linked to these, one on a project to
these and to all that was told of its patients: those who have a study in it. Within a
project nobody else is seen, by whomever.
"""

from typing import Final, NamedTuple

from cohorts.execution.projects import Within, asked_within
from cohorts.execution.statement import TRUE, Sql, fill, sql
from cohorts.execution.studies import undoubted
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


class Reached(NamedTuple):
    """What an actor may ask of.

    Attributes
    ----------
    may_list
        Whether it sees rows of who is found, and not counts alone.
    within
        The project that it asks within.
    """

    partition_id: int
    may_list: bool
    visible: Visible
    within: Within | None = None


def may_ask(actor: Actor, partition: str, project: str | None = None) -> Reached:
    """Return what an actor may ask of: a partition, or a project of it.

    Raises
    ------
    Forbidden
        Its roles let it see no data, or no more than parts of it without patients.
    NotFound
        There is no such partition or project, or nothing in it that it may see.
    Invalid
        It sees several projects, and names none.
    """
    require(actor, Verb.READ)
    partition_id = get_partition(actor=actor, name=partition, verb=Verb.READ)
    within = asked_within(actor, partition, partition_id, project)
    if within is not None:
        visible = _part(partition_id, [within.scope.key])
        return Reached(partition_id, may_list=True, visible=visible, within=within)
    reach = actor.reach(Verb.VIEW_PHI)
    if not reach.enters(partition_id):
        require_whole_partition(actor, Verb.READ, partition_id)
        return Reached(partition_id, may_list=False, visible=WHOLE)
    visible = WHOLE
    if not reach.has_whole(partition_id):
        visible = _part(partition_id, reach.within(partition_id).scope_keys)
    return Reached(partition_id, may_list=True, visible=visible)


def _part(partition_id: int, scopes: list[int]) -> Visible:
    values = (scopes, partition_id)
    patients = fill(
        "{granted} UNION {of_projects} AND {undoubted}",
        granted=Sql(_PATIENTS, (*values, *values)),
        of_projects=Sql(_OF_PROJECTS, values),
        undoubted=undoubted(partition_id, "e"),
    )
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
# A study that was deleted, or that nobody knows who it is of, leads to nobody's record.
_OF_PROJECTS: Final = (
    "SELECT e.patient FROM core_scope s JOIN core_scopedstudy seen"
    " ON seen.scope_id = s.id AND seen.partition_id = s.partition_id"
    " AND seen.study_id IS NOT NULL JOIN fhirlink_eventstudy es"
    " ON es.partition_id = seen.partition_id"
    " AND es.study_instance_uid = seen.study_instance_uid"
    f" JOIN fhirlink_event e ON e.id = es.event_id AND e.kind = {int(Kind.IMAGING)}"
    " WHERE s.id = ANY(%s::bigint[]) AND s.kind = 'project' AND s.partition_id = %s"
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
