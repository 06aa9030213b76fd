"""``truth.json``: complete, and the same as the stories."""

import json
from datetime import date
from pathlib import Path

from portal.demo import truth
from portal.demo.stories import EVERYONE, hospital
from portal.demo.truth import write_truth
from tests.portal.demo.record.reading import charts, of_type


def test_file_tells_every_patient_study_and_lesion(tmp_path: Path) -> None:
    patients = list(hospital(patients=14, seed=1))
    write_truth(patients, tmp_path / "truth.json")
    told_file = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert told_file["reference_date"] == "2026-01-01"
    assert [p["name"] for p in told_file["patients"]] == [p.name for p in patients]
    for told, patient in zip(told_file["patients"], patients, strict=True):
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
    told_file = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    studies = [
        study for patient in told_file["patients"] for study in patient["studies"]
    ]
    lesions = [study["lesion"] for study in studies if study["lesion"]]
    assert len(lesions) == 31
    assert all(lesion["readings"] for lesion in lesions)


def test_file_beside_the_module_is_the_truth_of_the_default_hospital(
    tmp_path: Path,
) -> None:
    """After a change of the demo: ``manage.py demo_record --truth FILE`` makes it."""
    write_truth(hospital(patients=len(EVERYONE), seed=1), tmp_path / "truth.json")
    kept = Path(truth.__file__).with_name("truth.json")
    assert kept.read_bytes() == (tmp_path / "truth.json").read_bytes()


def test_file_tells_every_event_of_the_record() -> None:
    kept = Path(truth.__file__).with_name("truth.json")
    told = json.loads(kept.read_text(encoding="utf-8"))
    for patient, chart in zip(told["patients"], charts(), strict=True):
        assert patient["resource"] == f"Patient/{chart[0]['id']}"
        listed = {event[4] for event in patient["events"]}
        conditions = {f"Condition/{c['id']}" for c in of_type(chart, "Condition")}
        assert conditions <= listed
        days = sum(len(dates) for dates in patient["observations"].values())
        assert days == len(of_type(chart, "Observation"))


def test_answer_is_that_of_the_day_of_asking(tmp_path: Path) -> None:
    answers = []
    for now in (date(2026, 1, 1), date(2029, 1, 1)):
        write_truth(hospital(patients=14, seed=1), tmp_path / "truth.json", now=now)
        told = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
        assert told["now"] == now.isoformat()
        answers.append([row["patient_id"] for row in told["answer"]])
    assert answers == [["D1-000001", "D1-000011", "D1-000013"], []]
