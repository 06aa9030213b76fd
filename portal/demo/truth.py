"""What was planted: the demo's truth, known without making a single pixel.

Tests and demonstrations compare what the portal says with this file. That of the
default hospital lies beside this module, as ``truth.json``: for each patient the
studies and every event of the record, and who answers the question on the demo's day.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any, Final

from portal.demo import modules, phantom, ultrasound
from portal.demo.protocols import Contrast, SeriesPlan
from portal.demo.record.answer import QUESTION, answer
from portal.demo.record.chart import Resource
from portal.demo.record.events import Event, event_of
from portal.demo.record.lives import Life, life_of
from portal.demo.record.record import record_of
from portal.demo.stories import ISSUER, REFERENCE_DATE, Lesion, Patient, Study

_SUMMED: Final = {"observation", "specimen", "appointment", "task"}


def write_truth(
    patients: Iterable[Patient], path: Path, *, now: date = REFERENCE_DATE
) -> None:
    """Write ``truth.json``, one patient after the other, so that size is no matter.

    The events are the same whenever one asks; the answer is that of the day `now`.
    """
    with path.open("w", encoding="utf-8") as file:
        file.writelines(_lines(patients, now))


def _lines(patients: Iterable[Patient], now: date) -> Iterator[str]:
    yield f'{{"reference_date": "{REFERENCE_DATE}",\n'
    yield f'"event_columns": {json.dumps(Event._fields)},\n"patients": [\n'
    rows = []
    for number, patient in enumerate(patients):
        life = life_of(patient)
        resources = record_of(life)
        yield ",\n" if number else ""
        yield _patient_text(patient, life, resources)
        found = answer(life, resources, now=now)
        rows += [json.dumps(asdict(found), indent=1)] if found else []
    yield f'\n],\n"question": {json.dumps(QUESTION)},\n"now": "{now}",\n"answer": [\n'
    yield ",\n".join(rows)
    yield "\n]}\n"


def _patient_text(patient: Patient, life: Life, resources: list[Resource]) -> str:
    """Return a patient as JSON: an event a line, observations as their dates."""
    told = json.dumps(_patient(patient, life), ensure_ascii=False, indent=1)
    events = [event for each in resources if (event := event_of(each))]
    lines = [json.dumps(event) for event in events if event.kind not in _SUMMED]
    dates: defaultdict[str, list[str]] = defaultdict(list)
    for event in events:
        if event.kind == "observation":
            dates[event.what].append(event.date[:10])
    summed = [f"{json.dumps(what)}: {json.dumps(days)}" for what, days in dates.items()]
    listed, observed = ",\n  ".join(lines), ",\n  ".join(summed)
    return (
        f'{told[:-2]},\n "events": [\n  {listed}\n ],\n'
        f' "observations": {{\n  {observed}\n }}\n}}'
    )


def _patient(patient: Patient, life: Life) -> dict[str, Any]:
    diagnosis = patient.diagnosis
    return {
        "patient_id": patient.patient_id,
        "issuer": ISSUER,
        "resource": f"Patient/{life.key}",
        "trap": life.trap.value,
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
