"""``truth.json``: complete, and the same as the stories."""

import json
from pathlib import Path

from portal.demo.stories import hospital
from portal.demo.truth import write_truth


def test_file_tells_every_patient_study_and_lesion(tmp_path: Path) -> None:
    patients = list(hospital(patients=14, seed=1))
    write_truth(patients, tmp_path / "truth.json")
    truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert truth["reference_date"] == "2026-01-01"
    assert [p["name"] for p in truth["patients"]] == [p.name for p in patients]
    for told, patient in zip(truth["patients"], patients, strict=True):
        assert told["number_of_studies"] == len(patient.studies)
        counts = [study["number_of_instances"] for study in told["studies"]]
        assert sum(counts) == patient.number_of_instances
        for study, true in zip(told["studies"], patient.studies, strict=True):
            assert study["accession_number"] == true.accession_number
            lesion = true.lesion and true.lesion.diameter_mm
            assert (study["lesion"] or {}).get("diameter_mm") == lesion


def test_default_hospital_has_the_planned_size() -> None:
    patients = list(hospital(patients=12, seed=1))
    assert sum(len(patient.studies) for patient in patients) == 37
    assert sum(patient.number_of_instances for patient in patients) == 1738


def test_lesion_of_every_study_can_be_read_somewhere(tmp_path: Path) -> None:
    write_truth(hospital(patients=12, seed=1), tmp_path / "truth.json")
    truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    studies = [study for patient in truth["patients"] for study in patient["studies"]]
    lesions = [study["lesion"] for study in studies if study["lesion"]]
    assert len(lesions) == 31
    assert all(lesion["readings"] for lesion in lesions)
