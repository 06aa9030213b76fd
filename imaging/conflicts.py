"""Studies that contradict themselves about their patient.

Instances are stored as they come, whatever they say of the patient; the spellings
inside each study are counted (`imaging.models.PatientVariant`). A study with more than
one is listed here until stores, replacements or deletes have left it one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from psycopg.rows import class_row

from core import audit
from core.access import Actor, Verb, require, values_within, within
from core.database import raw_connection
from core.partitions import get_partition
from core.reach import Reach

MAXIMUM_VARIANTS: Final = 100  # shown of one study


@dataclass(frozen=True, slots=True)
class Variant:
    """One spelling of the patient, as the first instance that has it writes it.

    Attributes
    ----------
    patient_name
        Component groups joined by ``=``.
    patient_birth_date
        ``YYYYMMDD``
    patient
        Key of the patient of this identity, if some study is theirs.
    """

    study_id: int
    issuer_of_patient_id: str
    patient_id: str
    patient_name: str
    patient_birth_date: str
    patient_sex: str
    number_of_instances: int
    patient: int | None


@dataclass(frozen=True, slots=True)
class PatientConflict:
    """A study and what its instances say of the patient.

    Attributes
    ----------
    cursor
        Where the list goes on after this study.
    variants
        Those of most instances first, `MAXIMUM_VARIANTS` at most.
    """

    cursor: int
    partition_name: str
    study_instance_uid: str
    number_of_variants: int
    variants: Sequence[Variant]


@dataclass(frozen=True, slots=True)
class _Study:
    id: int
    partition_name: str
    study_instance_uid: str
    number_of_variants: int


def list_patient_conflicts(
    *, actor: Actor, partition: str | None, after: int, limit: int
) -> list[PatientConflict]:
    """Return studies with conflicting patient data, in the order of their first store.

    The audit log names the patients.

    Parameters
    ----------
    partition
        Name of a partition; None for all that the actor may see.
    after
        The `cursor` of the last study of the page before; 0 for the first page.

    Raises
    ------
    Forbidden, NotFound
        The actor may not see who patients are, or nothing of the partition.
    """
    require(actor, Verb.VIEW_PHI)
    reach, partition_id = actor.reach(Verb.VIEW_PHI), None
    if partition is not None:
        partition_id = get_partition(actor=actor, name=partition, verb=Verb.VIEW_PHI)
        reach = reach.within(partition_id)
    studies = _studies(reach, after, limit)
    variants: dict[int, list[Variant]] = {study.id: [] for study in studies}
    for variant in _variants(list(variants)):
        variants[variant.study_id].append(variant)
    event = audit.Event(
        actor,
        audit.Action.SEARCH,
        partition_id=partition_id,
        detail=f"patient conflicts ({len(studies)} studies)",
    )
    named = [variant.patient for each in variants.values() for variant in each]
    nameless = [
        study.study_instance_uid
        for study in studies
        if any(variant.patient is None for variant in variants[study.id])
    ]
    audit.record_answer(event, patients=named, studies=nameless)
    return [
        PatientConflict(
            study.id,
            study.partition_name,
            study.study_instance_uid,
            study.number_of_variants,
            variants[study.id],
        )
        for study in studies
    ]


def _studies(reach: Reach, after: int, limit: int) -> list[_Study]:
    """Return a page of the studies, by the index of those with conflicts."""
    cursor = raw_connection().cursor(row_factory=class_row(_Study))
    cursor.execute(
        "SELECT s.id, p.name AS partition_name, s.study_instance_uid,"  # noqa: S608 own names
        " s.number_of_patient_variants AS number_of_variants"
        " FROM imaging_study s JOIN core_partition p ON p.id = s.partition_id"
        " WHERE s.number_of_patient_variants > 1 AND p.disabled_at IS NULL"
        f" AND s.id > %s AND {within('s.id', 's.partition_id')}"
        " ORDER BY s.id LIMIT %s",
        (after, *values_within(reach), limit),
    )
    return cursor.fetchall()


def _variants(study_ids: list[int]) -> list[Variant]:
    """Return the commonest spellings of each study."""
    cursor = raw_connection().cursor(row_factory=class_row(Variant))
    cursor.execute(
        "SELECT v.study_id, v.issuer_of_patient_id, v.patient_id, v.patient_name,"
        " v.patient_birth_date, v.patient_sex, v.number_of_instances,"
        " p.id AS patient"
        " FROM unnest(%s::bigint[]) AS study (id) CROSS JOIN LATERAL (SELECT *"
        " FROM imaging_patientvariant WHERE study_id = study.id"
        " ORDER BY number_of_instances DESC, id LIMIT %s) v"
        " JOIN imaging_study s ON s.id = v.study_id"
        " LEFT JOIN imaging_patient p ON p.partition_id = s.partition_id"
        " AND p.patient_id = v.patient_id"
        " AND p.issuer_of_patient_id = v.issuer_of_patient_id"
        " ORDER BY v.study_id, v.number_of_instances DESC, v.id",
        (study_ids, MAXIMUM_VARIANTS),
    )
    return cursor.fetchall()
