"""Patients who may be one: the same name, birth date and sex under different keys.

Nothing follows from it but that a person looks: who is who, names never decide. Found
when it is asked for, from the keys that studies and the record have.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from core import audit
from core.access import Actor
from core.database import raw_connection
from fhirlink.linkage.managed import require_managed

MOST: Final = 200


class Suggestion(NamedTuple):
    """FHIR Patients, by their ids, that are described alike."""

    patients: Sequence[str]


def suggest_merges(
    *, actor: Actor, partition: str, limit: int = MOST
) -> list[Suggestion]:
    """Return Patients who may be one person, for a person to look at.

    Raises
    ------
    Forbidden, NotFound
        The actor may not see and manage the patients of all of the partition.
    """
    key = require_managed(actor, partition)
    values = {"partition": key, "limit": min(limit, MOST)}
    rows = raw_connection().execute(_ALIKE, values).fetchall()
    event = audit.Event(
        actor,
        audit.Action.SEARCH,
        partition_id=key,
        detail=f"patients who may be one ({len(rows)})",
    )
    audit.record_soon(event)
    return [Suggestion(sorted(row[0])) for row in rows]


_ALIKE: Final = """
SELECT DISTINCT array_agg(DISTINCT patient ORDER BY patient)
FROM (
  SELECT k.term, k.owner_id AS patient FROM fhirlink_linkkey k
  WHERE k.partition_id = %(partition)s AND k.kind = 'likeness'
    AND k.owner_type = 'Patient'
    AND NOT EXISTS (SELECT FROM fhirlink_linkkey r
      WHERE r.partition_id = k.partition_id AND r.owner_type = k.owner_type
      AND r.owner_id = k.owner_id AND r.kind = 'replaced')
    AND NOT EXISTS (SELECT FROM fhirlink_linkdecision d
      WHERE d.partition_id = k.partition_id AND d.action = 'merge'
      AND d.undone_at IS NULL AND d.first = 'Patient/' || k.owner_id)
  UNION
  SELECT k.term, s.subject FROM fhirlink_linkkey k
  JOIN fhirlink_linkedstudy s ON s.partition_id = k.partition_id
    AND s.study_instance_uid = k.owner_id
  WHERE k.partition_id = %(partition)s AND k.kind = 'likeness'
    AND k.owner_type = 'Study' AND s.subject <> ''
) alike
GROUP BY term HAVING count(DISTINCT patient) > 1
ORDER BY 1 LIMIT %(limit)s
"""
