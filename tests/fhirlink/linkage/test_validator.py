"""HAPI's validator takes every resource that is made of images."""

from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import pydicom
import pytest
from pydicom.dataset import Dataset

from fhirlink.linkage.codes import DCM
from fhirlink.linkage.contents import (
    provenance_of,
    shared_by,
    study_content,
    subject_reference,
)
from fhirlink.linkage.facts import Facts, facts_of
from fhirlink.linkage.held_rows import Read
from fhirlink.linkage.imaging_study import cancelled, order_reference
from fhirlink.linkage.measurements import observations_of
from fhirlink.linkage.patient import patient_of
from fhirlink.linkage.report_tree import About
from tests.fhirlink.hapi.validator import errors
from tests.fhirlink.linkage import reports
from tests.fhirlink.linkage.models import SOURCE, held_study, model_of
from tests.synthetic import instance, new_uid

SAMPLES: Final = Path(__file__).parents[4] / "shared" / "data" / "dicom"
LARGEST_BYTES: Final = 4 << 20
Json = dict[str, Any]

pytestmark = pytest.mark.peer("hapi")


def made_of(datasets: list[Dataset]) -> list[Json]:
    """Return all resources that are made of a study."""
    held = held_study(*datasets)
    facts = facts_of(Read(held, 1, None, 1, ()), SOURCE)
    patient = "" if not facts.term else SOURCE.id_of("Patient", facts.term)
    orders = [order_reference(each) for each in facts.accessions if each.system]
    study = {
        "id": facts.fhir_id,
        **study_content(facts, patient, orders, SOURCE),
    }
    shared = shared_by([facts], SOURCE)
    return [
        study,
        {"id": facts.fhir_id, **cancelled(study)},
        *shared,
        *_patients(facts, patient),
        *_observations(facts, datasets, patient),
    ]


def _patients(facts: Facts, patient: str) -> list[Json]:
    if not patient:
        return []
    made = patient_of([facts.patient], dict(facts.told))
    return [{**made, "id": patient}]


def _observations(facts: Facts, datasets: list[Dataset], patient: str) -> list[Json]:
    subject = subject_reference(facts, patient)
    return [
        made
        for each in datasets
        for made in observations_of(
            model_of(each),
            About(each.SOPInstanceUID, facts.fhir_id, subject, SOURCE),
        )
    ]


def wrong(resources: list[Json]) -> list[str]:
    """Return what the validator has against resources.

    It knows the DICOM terms of some years ago: later modalities it does not know.
    """
    found = errors(resources)
    return [
        f"{resource['resourceType']} {each}"
        for resource, issues in zip(resources, found, strict=True)
        for each in issues
        if not each.words.startswith(f"Unknown code '{DCM}#")
    ]


def test_what_is_made_of_images_and_reports_is_valid() -> None:
    diameter = reports.number(reports.DIAMETER, "10.5", "mm")
    study = new_uid()
    made = made_of(
        [
            instance(StudyInstanceUID=study, DeviceSerialNumber="7", Laterality="R"),
            reports.measurements("1.2.9", diameter, StudyInstanceUID=study),
            reports.ct_dose("1.2.77", StudyInstanceUID=study),
        ]
    )
    made.append(provenance_of("study", "before", datetime(2026, 1, 1, tzinfo=UTC)))
    assert {each["resourceType"] for each in made} == {
        *("ImagingStudy", "Endpoint", "Device", "Patient", "Observation"),
        "Provenance",
    }
    assert wrong(made) == []


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not here")
@pytest.mark.filterwarnings("ignore::UserWarning")  # of pydicom, of bad values
def test_what_is_made_of_the_samples_is_valid() -> None:
    read = sorted(_samples(), key=lambda each: str(each.StudyInstanceUID))
    made = [
        resource
        for _, found in groupby(read, lambda each: str(each.StudyInstanceUID))
        for resource in made_of(list(found))
    ]
    assert sum(each["resourceType"] == "Observation" for each in made) > 5
    assert wrong(made) == []


def _samples() -> list[Dataset]:
    found: list[Dataset] = []
    for path in sorted(SAMPLES.rglob("*.dcm")):
        if path.stat().st_size > LARGEST_BYTES:
            continue
        try:
            dataset = pydicom.dcmread(path, stop_before_pixels=True)
            model_of(dataset)
        except Exception:  # noqa: BLE001 some are broken on purpose
            continue
        names = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")
        if all(dataset.get(each) for each in (*names, "SOPClassUID")):
            found.append(dataset)
    return found
