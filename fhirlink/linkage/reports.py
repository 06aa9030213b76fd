"""Which reports are of which studies: by the keys that both have, set-based.

In the order of what is sure: a reference or identifier of the study (also of a
structured report or document in it), the order that both answer, an accession number
of the same issuer and patient. The same patient, day and modality is a suggestion only.
"""

from collections.abc import Collection
from typing import Final

from core.database import raw_connection

REPORT: Final = "DiagnosticReport"


def link_reports(partition_id: int, reports: Collection[str]) -> None:
    """Link reports anew, by their ids."""
    _link(partition_id, reports, "report")


def link_studies(partition_id: int, studies: Collection[str]) -> None:
    """Link the reports of studies anew, by their UIDs."""
    _link(partition_id, studies, "study_instance_uid")


def _link(partition_id: int, which: Collection[str], side: str) -> None:
    values = {"partition": partition_id, "which": sorted(which)}
    owner = "report" if side == "report" else "study"
    raw_connection().execute(
        "DELETE FROM fhirlink_reportlink WHERE partition_id = %(partition)s"  # noqa: S608 constants
        f" AND {side} = ANY(%(which)s::text[])",
        values,
    )
    raw_connection().execute(_LINK.format(owner=owner), values)


_LINK: Final = """
INSERT INTO fhirlink_reportlink
  (partition_id, report, study_instance_uid, how, is_suggestion)
SELECT DISTINCT ON (report.owner_id, study.owner_id) %(partition)s, report.owner_id,
  study.owner_id, kind.how, kind.how = 'suggestion'
FROM fhirlink_linkkey report
JOIN fhirlink_linkkey study ON study.partition_id = report.partition_id
  AND study.owner_type = 'Study' AND study.term = report.term
  AND study.kind = report.kind
JOIN (VALUES ('study', 1, 'reference'), ('order', 2, 'order'),
  ('accession', 3, 'accession'), ('day', 4, 'suggestion')) AS kind (name, rank, how)
  ON kind.name = report.kind
WHERE report.partition_id = %(partition)s AND report.owner_type = 'DiagnosticReport'
  AND {owner}.owner_id = ANY(%(which)s::text[])
  AND (kind.rank <= 2 OR EXISTS (
    SELECT FROM fhirlink_linkkey mine JOIN fhirlink_linkkey theirs
      ON theirs.partition_id = mine.partition_id AND theirs.term = mine.term
      AND theirs.kind = 'subject' AND theirs.owner_type = 'Study'
      AND theirs.owner_id = study.owner_id
    WHERE mine.partition_id = report.partition_id AND mine.kind = 'subject'
      AND mine.owner_type = 'DiagnosticReport' AND mine.owner_id = report.owner_id))
ORDER BY report.owner_id, study.owner_id, kind.rank
"""
