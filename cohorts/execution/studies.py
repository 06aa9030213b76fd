"""Which studies events are, or are about, and of whom it is certain who they are of.

As they say themselves, or as the linker has found.
"""

from typing import Final

from cohorts.execution.statement import Sql, sql
from fhirlink.events.shapes import Kind

_STUDIES: Final = (
    "SELECT s.study_instance_uid FROM fhirlink_eventstudy s WHERE s.event_id = {0}.id"
    " UNION ALL SELECT l.study_instance_uid FROM fhirlink_reportlink l"
    " JOIN fhirlink_resource r ON r.type = l.type AND r.fhir_id = l.report"
    " AND r.id = {0}.resource_id"
    f" WHERE {{0}}.kind IN ({int(Kind.REPORT)}, {int(Kind.DOCUMENT)})"
    " AND l.partition_id = {0}.partition_id AND NOT l.is_suggestion"
)


# Of `fhirlink.models.LinkConflict`, but for unlinked ones: these are nobody else's.
_DOUBTFUL: Final = ["contradiction", "several", "ambiguous", "two-patients"]


def studies_of(alias: str) -> str:
    """Return the statement of the StudyInstanceUIDs of an event."""
    return _STUDIES.format(alias)


def share_a_study(one: str, other: str) -> Sql:
    """Return that two events have a study in common."""
    return sql(f"EXISTS (({studies_of(one)}) INTERSECT ({studies_of(other)}))")


def undoubted(partition_id: int, alias: str) -> Sql:
    """Return that nobody has to look first at who a study is of."""
    return sql(
        f"{alias}.id NOT IN (SELECT es.event_id FROM fhirlink_linkconflict c"
        " JOIN fhirlink_eventstudy es ON es.partition_id = c.partition_id"
        " AND es.study_instance_uid = c.study_instance_uid"
        " WHERE c.partition_id = %s AND c.resolved_at IS NULL"
        " AND c.kind = ANY(%s::text[]))",
        partition_id,
        _DOUBTFUL,
    )
