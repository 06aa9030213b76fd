"""The demo hospital in a partition of its own: its record, and an instance a series."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Final

from portal.demo import truth
from tests.fhirlink.events.record import follow, put
from tests.fhirlink.linkage.world import World
from tests.portal.demo.record.reading import all_resources, charts
from tests.synthetic import instance

NOW: Final = date(2026, 1, 1)
TRUTH: Final = json.loads((Path(truth.__file__).parent / "truth.json").read_text())
PLANTED: Final[list[dict[str, Any]]] = TRUTH["answer"]
SENTENCE: Final = {
    "v": 1,
    "find": "patients",
    "where": {
        "all": [
            {"patient": {"age": {"gt": 45, "at": "now"}}},
            {
                "event": {
                    "type": "condition",
                    "code": {"text": "osteosarcoma"},
                    "when": {"last": "P2Y"},
                    "as": "dx",
                }
            },
        ]
    },
    "output": [
        {"what": "medication"},
        {"what": "imaging", "modality": ["CT"]},
        {"what": "report", "of": "imaging"},
        {"what": "document", "of": "imaging"},
    ],
}
"""The question p01, and the documents of the studies as well."""


def open_hospital() -> World:
    """Return a partition that holds the hospital, linked and derived from."""
    world = World()
    put(*all_resources(), partition=world.name)
    for patient in TRUTH["patients"]:
        for study in patient["studies"]:
            world.store(*instances_of(patient, study))
    world.link()
    follow()
    return world


def instances_of(patient: dict[str, Any], study: dict[str, Any]) -> Iterable[Any]:
    """Yield an instance of each series of a study of the truth."""
    for series in study["series"]:
        yield instance(
            PatientID=patient["patient_id"],
            IssuerOfPatientID=patient["issuer"],
            PatientName=patient["name"],
            PatientBirthDate=patient["birth_date"].replace("-", ""),
            PatientSex=patient["sex"],
            StudyInstanceUID=study["study_instance_uid"],
            StudyDate=study["at"][:10].replace("-", ""),
            StudyTime=study["at"][11:19].replace(":", ""),
            AccessionNumber=study["accession_number"],
            SeriesInstanceUID=series["series_instance_uid"],
            Modality=series["modality"],
        )


def planted(name: str) -> list[str]:
    """Return what all who answer have of something: imaging, medications, ..."""
    return [each for row in PLANTED for each in row[name]]


def values_of(names: list[str]) -> set[str]:
    """Return the business identifiers of resources of the demo's record."""
    held = {f"{r['resourceType']}/{r['id']}": r for chart in charts() for r in chart}
    return {held[name]["identifier"][0]["value"] for name in names}
