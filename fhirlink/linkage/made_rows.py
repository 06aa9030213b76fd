"""What the linker has made of studies, so that it can be taken back; set-based."""

from collections.abc import Collection
from typing import Final

from core.database import raw_connection
from fhirlink.models import MadeResource
from fhirlink.write import Change

Made = tuple[str, str, str]
"""Study, type and id."""


class MadeResources:
    """The resources that are made of some studies by one fold."""

    def __init__(self, partition_id: int, uids: Collection[str]) -> None:
        self._partition_id = partition_id
        rows = MadeResource.objects.filter(
            partition=partition_id, study_instance_uid__in=uids
        )
        self._before: dict[Made, int] = {
            (row.study_instance_uid, row.type, row.fhir_id): row.pk for row in rows
        }
        self._now: set[Made] = set()

    def note(self, uid: str, type_: str, fhir_id: str) -> None:
        """Note that a resource is made of a study."""
        self._now.add((uid, type_, fhir_id))

    def before(self, type_: str) -> list[str]:
        """Return the ids of the resources of a type that were made before."""
        return sorted(id_ for _, held, id_ in self._before if held == type_)

    def of_type(self, type_: str) -> list[tuple[str, str]]:
        """Return studies and ids of the resources of a type that were noted."""
        return sorted((uid, id_) for uid, held, id_ in self._now if held == type_)

    def taken_back(self, kept: Collection[tuple[str, str]] = ()) -> list[Change]:
        """Keep what was noted; return the deletes of what is made no more.

        Parameters
        ----------
        kept
            Types and ids of resources that the record has written itself since.
        """
        gone = sorted(self._before.keys() - self._now)
        MadeResource.objects.filter(
            pk__in=[self._before[each] for each in gone]
        ).delete()
        MadeResource.objects.bulk_create(
            MadeResource(
                partition_id=self._partition_id,
                study_instance_uid=uid,
                type=type_,
                fhir_id=fhir_id,
            )
            for uid, type_, fhir_id in sorted(self._now - self._before.keys())
        )
        return [
            Change(type_, fhir_id, "DELETE", None)
            for _, type_, fhir_id in gone
            if (type_, fhir_id) not in kept
        ]


def link_patients(patients: Collection[int]) -> None:
    """Have patients of the images be the FHIR Patients that their studies are of."""
    values = {"patients": sorted(patients)}
    raw_connection().execute(_UNLINK, values)
    raw_connection().execute(_LINK, values)


_LINK: Final = """
INSERT INTO fhirlink_patientlink AS held (patient_id, partition_id, fhir_id, how)
SELECT DISTINCT ON (patient_id, subject) patient_id, partition_id, subject, how
FROM fhirlink_linkedstudy
WHERE patient_id = ANY(%(patients)s::bigint[]) AND subject <> ''
ORDER BY patient_id, subject, how
ON CONFLICT (patient_id, fhir_id) DO UPDATE SET how = excluded.how
WHERE held.how <> excluded.how
"""
_UNLINK: Final = """
DELETE FROM fhirlink_patientlink link WHERE patient_id = ANY(%(patients)s::bigint[])
AND NOT EXISTS (SELECT FROM fhirlink_linkedstudy s
  WHERE s.patient_id = link.patient_id AND s.subject = link.fhir_id)
"""
