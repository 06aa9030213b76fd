"""Rows to search among, made from DICOM JSON models as a store makes them."""

import hashlib
import zlib
from dataclasses import asdict
from typing import Any

import orjson
from pydicom.datadict import dictionary_VR, tag_for_keyword

from core.models import Partition
from imaging.index import (
    Model,
    instance_index,
    patient_index,
    series_index,
    study_index,
    tag_of,
)
from imaging.models import Instance, InstanceVersion, PatientVariant, Series, Study
from tests.imaging.query import oracle

BODY_PARTS = oracle.BODY_PARTS
NAME_GROUPS = ("Alphabetic", "Ideographic", "Phonetic")


def model(**values: Any) -> dict[str, dict[str, Any]]:
    """Return a data set: keywords to a value, or a list of them, as DICOM JSON."""
    made = {}
    for keyword, value in values.items():
        vr = dictionary_VR(tag_for_keyword(keyword) or 0)
        given = value if isinstance(value, list) else [value]
        if vr == "PN":
            given = [_name(text) for text in given]
        made[tag_of(keyword)] = {"vr": vr, "Value": given}
    return dict(sorted(made.items()))


def hold(partition: Partition, data_set: Model) -> Instance:
    """Add the rows of an instance; those above it follow the newest."""
    instance = _add(partition, data_set)
    _describe(instance.series, data_set, instance.version)
    _describe(instance.study, data_set, instance.version)
    return instance


def _add(partition: Partition, data_set: Model) -> Instance:
    version = _version(data_set)
    study, _ = Study.objects.get_or_create(
        partition=partition, study_instance_uid=_text(data_set, "StudyInstanceUID")
    )
    series, _ = Series.objects.get_or_create(
        study=study, series_instance_uid=_text(data_set, "SeriesInstanceUID")
    )
    patient = asdict(patient_index(data_set))
    variant, _ = PatientVariant.objects.get_or_create(
        study=study,
        digest=patient.pop("digest"),
        defaults={**patient, "number_of_instances": 1},
    )
    return Instance.objects.create(
        study=study,
        series=series,
        version=version,
        patient_variant=variant,
        **asdict(instance_index(data_set)),
    )


def hold_study(partition: Partition, number: int, study: oracle.Study) -> None:
    """Hold a study; its number is its UID."""
    for nth, series in enumerate(study.series, 1):
        for each, instance in enumerate(series.instances, 1):
            data_set = _data_set(study, series, (number, nth, each), instance)
            newest = _add(partition, data_set)
        _describe(newest.series, data_set, newest.version)
    _describe(newest.study, data_set, newest.version)


def _data_set(
    study: oracle.Study,
    series: oracle.Series,
    numbers: tuple[int, int, int],
    instance_number: int,
) -> Model:
    number, nth, each = numbers
    values: dict[str, Any] = {
        "SOPClassUID": "1.2",
        "SOPInstanceUID": f"{number}.{nth}.{each}",
        "StudyInstanceUID": str(number),
        "SeriesInstanceUID": f"{number}.{nth}",
        "PatientName": study.name,
        "PatientID": study.patient_id,
        "StudyDescription": study.description,
        "SeriesDescription": series.description,
        "StudyDate": study.date,
        "StudyTime": study.time,
        "TimezoneOffsetFromUTC": study.offset,
        "Modality": series.modality,
        "BodyPartExamined": BODY_PARTS.get(series.modality, ""),
        "ManufacturerModelName": f"Model {series.modality}",
        "InstanceNumber": instance_number,
        "RequestAttributesSequence": [
            model(ScheduledProcedureStepID=step, RequestedProcedureID=procedure)
            for step, procedure in series.requests
        ],
    }
    if series.number is not None:
        values["SeriesNumber"] = series.number
    return model(**values)


def _version(data_set: Model) -> InstanceVersion:
    stored = orjson.dumps(data_set)
    return InstanceVersion.objects.create(
        study_instance_uid=_text(data_set, "StudyInstanceUID"),
        blob_key=_text(data_set, "SOPInstanceUID"),
        size_bytes=1,
        sha256=hashlib.sha256(stored).digest(),
        metadata=zlib.compress(stored),
        layout=b"{}",
    )


def _describe(row: Study | Series, newest: Model, version: InstanceVersion) -> None:
    below = Instance.objects.filter(**{row._meta.model_name or "": row})
    row.number_of_instances = below.count()
    row.newest_version_id = version.pk
    if isinstance(row, Study):
        series = Series.objects.filter(study=row)
        row.number_of_series = series.count()
        row.modalities_in_study = _distinct(series.values_list("modality", flat=True))
        row.sop_classes_in_study = _distinct(
            below.values_list("sop_class_uid", flat=True)
        )
    index = study_index(newest) if isinstance(row, Study) else series_index(newest)
    for name, value in asdict(index).items():
        setattr(row, name, value)
    row.save()


def _distinct(values: Any) -> list[str]:
    return sorted({value for value in values if value})


def _text(data_set: Model, keyword: str) -> str:
    return str(data_set[tag_of(keyword)]["Value"][0])


def _name(text: str) -> dict[str, str]:
    groups = zip(NAME_GROUPS, text.split("="), strict=False)
    return {group: value for group, value in groups if value}
