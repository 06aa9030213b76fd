"""Who sees which workitems: `core.access` decides, this says it of workitems.

A workitem is patient data: to read it needs `Verb.VIEW_PHI`. Who has it in all of a
partition sees all workitems of it. Else grants lead there: on its worklist, on its
patient, on a study that it names, or on a project with either of these.
"""

from typing import Final

from core.access import Reach
from imaging.query.conditions import Condition

_SCOPED: Final = (
    "(w.worklist_id IN (SELECT object_id FROM core_scope"
    " WHERE id = ANY(%s::bigint[]) AND kind = 'worklist')"
    " OR (w.patient_id <> '' AND (w.patient_id, w.issuer_of_patient_id) IN ("
    "SELECT p.patient_id, p.issuer_of_patient_id FROM imaging_patient p"
    " WHERE p.partition_id = %s AND p.id IN ("
    "SELECT object_id FROM core_scope WHERE id = ANY(%s::bigint[])"
    " AND kind = 'patient'"
    " UNION SELECT member.patient_id FROM imaging_projectpatient member"
    " JOIN core_scope scope ON scope.object_id = member.project_id"
    " WHERE scope.id = ANY(%s::bigint[]) AND scope.kind = 'project')))"
    " OR EXISTS (SELECT FROM unnest(w.study_instance_uids) AS named(uid)"
    " WHERE named.uid IN (SELECT seen.study_instance_uid FROM core_scopedstudy seen"
    " WHERE seen.scope_id = ANY(%s::bigint[]) AND seen.partition_id = %s)))"
)


def within(reach: Reach, partition_id: int) -> Condition:
    """Return SQL that is true of a row ``w`` of a partition that a reach has.

    What leads there is looked up once for a statement, not for each row.
    """
    if reach.has_whole(partition_id):
        return "true", []
    scopes = reach.within(partition_id).scope_keys
    if not scopes:
        return "false", []
    return _SCOPED, [scopes, partition_id, scopes, scopes, scopes, partition_id]
