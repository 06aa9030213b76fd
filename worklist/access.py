"""Who sees which workitems: `core.access` decides, this says it of workitems.

A workitem is patient data: to read it needs `Verb.VIEW_PHI`. Who has it in all of a
partition sees all workitems of it. Else grants lead there: on its worklist, on its
patient, on a study that it names, or on a project with either of these. Who sees a
study by a worklist alone sees the workitems of that list only (decision 0049).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from core.database import raw_connection
from core.reach import Reach
from imaging.query.conditions import Condition

_ON_LIST: Final = (
    "w.worklist_id IN (SELECT object_id FROM core_scope"
    " WHERE id = ANY(%s::bigint[]) AND kind = 'worklist')"
)
_OF_PATIENT: Final = (
    "(w.patient_id <> '' AND (w.patient_id, w.issuer_of_patient_id) IN ("
    "SELECT p.patient_id, p.issuer_of_patient_id FROM imaging_patient p"
    " WHERE p.partition_id = %s AND p.id IN ("
    "SELECT object_id FROM core_scope WHERE id = ANY(%s::bigint[])"
    " AND kind = 'patient'"
    " UNION SELECT member.patient_id FROM imaging_projectpatient member"
    " JOIN core_scope scope ON scope.object_id = member.project_id"
    " WHERE scope.id = ANY(%s::bigint[]) AND scope.kind = 'project')))"
)
# A worklist leads to its own workitems, not to others that name their studies.
_SEEN: Final = (
    "(SELECT seen.study_instance_uid FROM core_scopedstudy seen"
    " JOIN core_scope scope ON scope.id = seen.scope_id"
    " WHERE seen.scope_id = ANY(%s::bigint[]) AND seen.partition_id = %s"
    " AND scope.kind <> 'worklist')"
)
_OF_STUDY: Final = (
    "EXISTS (SELECT FROM unnest(w.study_instance_uids) AS named(uid)"
    f" WHERE named.uid IN {_SEEN})"
)
_OF_STUDIES: Final = f"w.study_instance_uids && ARRAY{_SEEN}::text[]"


def within(reach: Reach, partition_id: int) -> Condition:
    """Return SQL that is true of a row ``w`` of a partition that a reach has.

    What leads there is looked up once for a statement, not for each row.
    """
    if reach.has_whole(partition_id):
        return "true", []
    scopes = reach.within(partition_id).scope_keys
    if not scopes:
        return "false", []
    of_patient = [partition_id, scopes, scopes]
    values = [scopes, *of_patient, scopes, partition_id]
    return f"({_ON_LIST} OR {_OF_PATIENT} OR {_OF_STUDY})", values


def ways_within(reach: Reach, partition_id: int) -> Sequence[Condition]:
    """Return what leads to rows ``w`` of a partition, of each kind of grant alone.

    Together they are `within`; each can be read by an index, as far as needed.
    """
    scopes = reach.within(partition_id).scope_keys
    if reach.has_whole(partition_id) or not scopes:
        return [within(reach, partition_id)]
    return [
        (_ON_LIST, [scopes]),
        (_OF_PATIENT, [partition_id, scopes, scopes]),
        (_OF_STUDIES, [scopes, partition_id]),
    ]


_LEADING: Final = """
SELECT w.id, scope.id FROM worklist_workitem w JOIN core_scope scope
  ON scope.kind = 'worklist' AND scope.object_id = w.worklist_id
WHERE w.id = ANY(%(keys)s)
UNION SELECT w.id, scope.id FROM worklist_workitem w JOIN imaging_patient p
  ON p.partition_id = w.partition_id AND p.patient_id = w.patient_id
  AND p.issuer_of_patient_id = w.issuer_of_patient_id
LEFT JOIN imaging_projectpatient member ON member.patient_id = p.id
JOIN core_scope scope ON (scope.kind = 'patient' AND scope.object_id = p.id)
  OR (scope.kind = 'project' AND scope.object_id = member.project_id)
WHERE w.id = ANY(%(keys)s) AND w.patient_id <> ''
UNION SELECT w.id, seen.scope_id FROM worklist_workitem w JOIN core_scopedstudy seen
  ON seen.study_instance_uid = ANY(w.study_instance_uids)
  AND seen.partition_id = w.partition_id
JOIN core_scope scope ON scope.id = seen.scope_id AND scope.kind <> 'worklist'
WHERE w.id = ANY(%(keys)s)
"""


def scopes_leading_to(workitems: Collection[int]) -> Mapping[int, frozenset[int]]:
    """Return the keys of the scopes that lead to workitems, by the workitems' keys.

    A reach that has one of them has the workitem: `within`, asked once for many.
    """
    rows = raw_connection().execute(_LEADING, {"keys": list(workitems)})
    found = defaultdict(set)
    for workitem, scope in rows:
        found[workitem].add(scope)
    return {workitem: frozenset(scopes) for workitem, scopes in found.items()}
