"""What was planted: the demo's truth, known without making a single pixel.

Tests and demonstrations compare what the portal says with this file.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from portal.demo import modules, phantom, ultrasound
from portal.demo.protocols import Contrast, SeriesPlan
from portal.demo.stories import REFERENCE_DATE, Lesion, Patient, Study


def write_truth(patients: Iterable[Patient], path: Path) -> None:
    """Write ``truth.json``, one patient after the other, so that size is no matter."""
    with path.open("w", encoding="utf-8") as file:
        file.write(f'{{"reference_date": "{REFERENCE_DATE}", "patients": [\n')
        for text in _separated(patients):
            file.write(text)
        file.write("\n]}\n")


def _separated(patients: Iterable[Patient]) -> Iterator[str]:
    for number, patient in enumerate(patients):
        yield ",\n" if number else ""
        yield json.dumps(_patient(patient), ensure_ascii=False, indent=1)


def _patient(patient: Patient) -> dict[str, Any]:
    diagnosis = patient.diagnosis
    return {
        "patient_id": patient.patient_id,
        "name": patient.name,
        "sex": patient.sex,
        "birth_date": patient.birth_date.isoformat(),
        "death_date": patient.death_date and patient.death_date.isoformat(),
        "diagnosis": {
            "code": diagnosis.disease.value,
            "display": diagnosis.disease.meaning,
            "icd10": diagnosis.icd10,
            "course": diagnosis.course.value,
            "date": diagnosis.on.isoformat(),
        },
        "number_of_studies": len(patient.studies),
        "studies": [study_truth(patient, study) for study in patient.studies],
    }


def study_truth(patient: Patient, study: Study) -> dict[str, Any]:
    """Return what is true of one study: its series, its counts, its lesion."""
    plans = study.protocol.series
    return {
        "study_instance_uid": study.study_instance_uid,
        "accession_number": study.accession_number,
        "at": study.at.isoformat(),
        "description": study.protocol.description,
        "modalities": [plan.modality for plan in plans],
        "number_of_instances": sum(plan.number_of_instances for plan in plans),
        "series": [
            {
                "series_instance_uid": modules.series_uid(patient, study, plan),
                "modality": plan.modality,
                "description": plan.description,
                "number_of_instances": plan.number_of_instances,
            }
            for plan in plans
        ],
        "lesion": study.lesion and _lesion(patient, study, study.lesion),
    }


def _lesion(patient: Patient, study: Study, lesion: Lesion) -> dict[str, Any]:
    """Return the lesion and how to read it, in each series that shows it.

    `threshold` parts lesion and surroundings in the unit of the values (HU, SUV,
    signal, grey level). A radiograph shows a sum, so it has no threshold: there the
    edge is where the profile across the lesion is steepest.
    """
    found: dict[str, Any] = {
        "site": lesion.site.value,
        "diameter_mm": lesion.diameter_mm,
        "readings": [
            _reading(patient, study, lesion, plan)
            for plan in study.protocol.series
            if plan.contrast is not Contrast.SEGMENT
            and phantom.is_readable(lesion, plan.contrast)
        ],
    }
    if study.protocol.modality != "US":
        found["centre_mm"] = list(lesion.centre_mm)
    return found


def _reading(
    patient: Patient, study: Study, lesion: Lesion, plan: SeriesPlan
) -> dict[str, Any]:
    uid = modules.series_uid(patient, study, plan)
    if plan.contrast is Contrast.CINE:
        place = ultrasound.lay_grid(plan).voxel(ultrasound.LESION_CENTRE)
        reading = ultrasound.READING
    else:
        place = phantom.lay_grid(study, plan).voxel(lesion.centre_mm)
        reading = phantom.reading(lesion, plan.contrast)
    entry = {"series_instance_uid": uid, "row": place[1], "column": place[2]}
    if plan.contrast is Contrast.RADIOGRAPH:
        return entry
    numbered = "frame" if plan.contrast is Contrast.CINE else "instance_number"
    return entry | {
        numbered: round(place[0]) + 1,
        "threshold": reading.threshold,
        "brighter": reading.brighter,
    }
