"""The reports and documents of studies, as `fhirlink.linkage` has linked them."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from core import audit
from core.access import Actor
from core.database import raw_connection
from fhirlink.access import seen_in
from fhirlink.concerned import patients_of
from fhirlink.search.rows import Found

REPORT: Final = "DiagnosticReport"
DOCUMENT: Final = "DocumentReference"
_REPORTS: Final = (
    "SELECT l.study_instance_uid, l.how, l.is_suggestion, r.id, r.type, r.fhir_id,"
    " r.number, r.updated_at, v.body FROM fhirlink_reportlink l"
    " JOIN fhirlink_resource r ON r.partition_id = l.partition_id"
    " AND r.type = l.type AND r.fhir_id = l.report AND NOT r.is_deleted"
    " JOIN fhirlink_resourceversion v ON v.id = r.version_id"
    " WHERE l.partition_id = %s AND l.type = %s"
    " AND l.study_instance_uid = ANY(%s::text[])"
)


class StudyReport(NamedTuple):
    """A report or document of a study, or what may be one.

    Attributes
    ----------
    how
        By what they were linked (`fhirlink.models.ReportLink`).
    """

    how: str
    is_suggestion: bool
    report: Found


def reports_of_studies(
    *, actor: Actor, partition: str, uids: Sequence[str], type_: str = REPORT
) -> dict[str, list[StudyReport]]:
    """Return the reports of studies by UID: those that are surely theirs first.

    Parameters
    ----------
    type_
        `REPORT` or `DOCUMENT`.

    Raises
    ------
    Forbidden, NotFound
        The actor may not see who patients are here.
    """
    seen = seen_in(actor, partition)
    cursor = raw_connection().cursor(binary=True)
    rows = cursor.execute(
        f"{_REPORTS} AND {seen.condition} ORDER BY l.is_suggestion, r.id",
        [seen.partition_id, type_, list(uids), *seen.values],
    ).fetchall()
    found: dict[str, list[StudyReport]] = {uid: [] for uid in uids}
    for uid, how, is_suggestion, *row in rows:
        found[uid].append(StudyReport(how, is_suggestion, Found(*row)))
    event = audit.Event(
        actor,
        audit.Action.RETRIEVE if rows else audit.Action.SEARCH,
        partition_id=seen.partition_id,
        detail=f"{len(rows)} {type_}",
        query=f"{type_} of {len(uids)} studies",
    )
    reports = [each.report for linked in found.values() for each in linked]
    contents = [(each.type, each.fhir_id, each.body) for each in reports]
    patients = patients_of(seen.partition_id, contents)
    audit.record_answer(event, patients=patients)
    return found
