"""Which reports and documents are of which studies: by keys that both have, set-based.

In the order of what is sure: a reference or identifier of the study, that of a report
or document in it, the order that both answer, an accession number of the same issuer
and patient. The same patient, day and modality is a suggestion only.
"""

from collections.abc import Collection, Iterable
from typing import Final

from core.database import raw_connection
from fhirlink.linkage import documents
from fhirlink.linkage.keys import Owner
from fhirlink.models import ReportLink

TYPES: Final = ("DiagnosticReport", documents.TYPE)

OF_STUDY: Final = "document"
"""How a document is linked to the study that it lies in."""


def link_reports(partition_id: int, reports: Iterable[Owner]) -> None:
    """Link reports and documents anew."""
    for type_ in TYPES:
        ids = sorted(each.id for each in reports if each.type == type_)
        values = {"partition": partition_id, "which": ids, "types": [type_]}
        if ids:
            raw_connection().execute(_FORGET_REPORTS, values)
            raw_connection().execute(_LINK.format(owner="report"), values)


def link_studies(
    partition_id: int, studies: Collection[str], made: Iterable[tuple[str, str]]
) -> None:
    """Link the reports and documents of studies anew, by their UIDs.

    Parameters
    ----------
    made
        UIDs of studies with the ids of the DocumentReferences that are made of them.
    """
    values = {
        "partition": partition_id,
        "which": sorted(studies),
        "types": list(TYPES),
    }
    raw_connection().execute(_FORGET_STUDIES, values)
    raw_connection().execute(_LINK.format(owner="study"), values)
    ReportLink.objects.bulk_create(
        ReportLink(
            partition_id=partition_id,
            type=documents.TYPE,
            report=fhir_id,
            study_instance_uid=uid,
            how=OF_STUDY,
        )
        for uid, fhir_id in made
    )


_FORGET: Final = (
    "DELETE FROM fhirlink_reportlink WHERE partition_id = %(partition)s"
    " AND type = ANY(%(types)s::text[])"
)
_FORGET_REPORTS: Final = f"{_FORGET} AND report = ANY(%(which)s::text[])"
_FORGET_STUDIES: Final = f"{_FORGET} AND study_instance_uid = ANY(%(which)s::text[])"


_LINK: Final = """
INSERT INTO fhirlink_reportlink
  (partition_id, type, report, study_instance_uid, how, is_suggestion)
SELECT DISTINCT ON (report.owner_type, report.owner_id, study.owner_id) %(partition)s,
  report.owner_type, report.owner_id, study.owner_id, kind.how, kind.how = 'suggestion'
FROM fhirlink_linkkey report
JOIN fhirlink_linkkey study ON study.partition_id = report.partition_id
  AND study.owner_type = 'Study' AND study.term = report.term
  AND study.kind = report.kind
JOIN (VALUES ('study', 1, 'reference'), ('document', 2, 'document'),
  ('order', 3, 'order'), ('accession', 4, 'accession'), ('day', 5, 'suggestion'))
  AS kind (name, rank, how) ON kind.name = report.kind
WHERE report.partition_id = %(partition)s
  AND report.owner_type = ANY(%(types)s::text[])
  AND {owner}.owner_id = ANY(%(which)s::text[])
  AND (kind.rank <= 3 OR EXISTS (
    SELECT FROM fhirlink_linkkey mine JOIN fhirlink_linkkey theirs
      ON theirs.partition_id = mine.partition_id AND theirs.term = mine.term
      AND theirs.kind = 'subject' AND theirs.owner_type = 'Study'
      AND theirs.owner_id = study.owner_id
    WHERE mine.partition_id = report.partition_id AND mine.kind = 'subject'
      AND mine.owner_type = report.owner_type AND mine.owner_id = report.owner_id))
ORDER BY report.owner_type, report.owner_id, study.owner_id, kind.rank
"""
