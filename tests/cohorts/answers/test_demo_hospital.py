"""The mission's sentence on the demo hospital, and the truth that was planted there."""

import json
from pathlib import Path
from typing import Any

import pytest

from cohorts.answers.as_json import answer
from cohorts.answers.running import run_cohort
from core.access import system
from portal.demo import truth
from portal.demo.record.house import shared_resources
from tests.fhirlink.events.record import follow, put
from tests.portal.demo.record.reading import charts

ACTOR = system("test")
NOW = "2026-01-01"
TRUTH = json.loads((Path(truth.__file__).parent / "truth.json").read_text())
SENTENCE = {
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


def identifiers(names: list[str]) -> set[str]:
    """Return the business identifiers of resources of the demo's record."""
    held = {f"{r['resourceType']}/{r['id']}": r for chart in charts() for r in chart}
    return {held[name]["identifier"][0]["value"] for name in names}


def told(rows: list[dict[str, Any]]) -> set[str]:
    return {row["identifiers"][0]["value"] for row in rows}


@pytest.mark.django_db(transaction=True)
def test_the_sentence_of_the_mission_gives_what_was_planted() -> None:
    put(*shared_resources())
    for chart in charts():
        put(*chart)
    follow()
    day = __import__("datetime").date.fromisoformat(NOW)
    run = run_cohort(actor=ACTOR, partition="default", criteria=SENTENCE, now=day)
    found = json.loads(b"".join(answer(ACTOR, run)))
    planted = TRUTH["answer"]

    def of(name: str) -> list[str]:
        return [each for row in planted for each in row[name]]

    assert {
        i["value"] for row in found["patients"] for i in row["identifiers"]
    } >= {row["patient_id"] for row in planted}
    assert len(found["patients"]) == len(planted)
    outputs = found["outputs"]
    studies = [row["study_instance_uid"] for row in outputs["imaging"]]
    assert sorted(studies) == sorted(of("imaging"))
    for what, name in (
        ("medication", "medications"),
        ("report", "reports"),
        ("document", "documents"),
    ):
        assert told(outputs[what]) == identifiers(of(name))
        assert len(outputs[what]) == len(of(name))
