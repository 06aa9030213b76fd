"""Whether what studies and series say equals what their instances give anew."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from imaging.index import (
    Model,
    instance_index,
    patient_index,
    series_index,
    study_index,
    text,
    with_patient_id,
)
from imaging.receive import load_model

Row = dict[str, Any]

HELD: Final = (
    "SELECT i.*, v.metadata, p.digest FROM imaging_instance i"
    " JOIN imaging_instanceversion v ON v.id = i.version_id"
    " LEFT JOIN imaging_patientvariant p ON p.id = i.patient_variant_id"
    " ORDER BY i.version_id"
)
SERIES: Final = "SELECT * FROM imaging_series"
STUDIES: Final = (
    "SELECT s.*, p.patient_id AS linked_id, p.issuer_of_patient_id AS linked_issuer"
    " FROM imaging_study s LEFT JOIN imaging_patient p ON p.id = s.linked_patient_id"
)
VARIANTS: Final = (
    "SELECT study_id, digest, number_of_instances FROM imaging_patientvariant"
)


def check_rebuild(connection: psycopg.Connection) -> Iterator[str]:
    """Yield each value that a rebuild from the held instances would not give."""
    cursor = connection.cursor(row_factory=dict_row)
    held = cursor.execute(HELD).fetchall()
    for row in held:
        row["model"] = load_model(row["metadata"])
        yield from _differences("instance", row, asdict(instance_index(row["model"])))
    for row in cursor.execute(SERIES).fetchall():
        own = [each for each in held if each["series_id"] == row["id"]]
        yield from _differences("series", row, _series(own))
    for row in cursor.execute(STUDIES).fetchall():
        own = [each for each in held if each["study_id"] == row["id"]]
        yield from _differences("study", row, _study(own))
    counts = Counter(
        (row["study_id"], patient_index(row["model"]).digest, row["digest"])
        for row in held
    )
    kept = {
        (row["study_id"], row["digest"], row["digest"]): row["number_of_instances"]
        for row in cursor.execute(VARIANTS).fetchall()
    }
    if kept != counts:
        yield f"spellings of patients: {kept.items() ^ counts.items()}"


def _series(own: Sequence[Row]) -> Row:
    """Return what a series of these instances, oldest first, must say."""
    if not own:
        return {"number_of_instances": "some"}
    return {
        **asdict(series_index(own[-1]["model"])),
        "number_of_instances": len(own),
        "newest_version_id": own[-1]["version_id"],
    }


def _study(own: Sequence[Row]) -> Row:
    """Return what a study of these instances, oldest first, must say."""
    if not own:
        return {"number_of_instances": "some"}
    model = own[-1]["model"]
    for each in reversed(own):
        model = with_patient_id(model, each["model"])
    newest_of_series = {each["series_id"]: each["model"] for each in own}
    modalities = {text(newest, "Modality") for newest in newest_of_series.values()}
    return {
        **asdict(study_index(model)),
        **_linked(model),
        "number_of_instances": len(own),
        "number_of_series": len(newest_of_series),
        "number_of_patient_variants": len({each["digest"] for each in own}),
        "modalities_in_study": sorted(modalities - {""}),
        "sop_classes_in_study": sorted({each["sop_class_uid"] for each in own}),
        "newest_version_id": own[-1]["version_id"],
    }


def _linked(model: Model) -> Row:
    patient_id = text(model, "PatientID")
    issuer = text(model, "IssuerOfPatientID")
    return {
        "linked_id": patient_id or None,
        "linked_issuer": issuer if patient_id else None,
    }


def _differences(what: str, row: Row, expected: Row) -> Iterator[str]:
    for name, value in expected.items():
        if row[name] != value:
            yield f"{what} {row['id']}: {name} is {row[name]!r}, anew {value!r}"
