"""The planted answer to the sentence that the portal is there to answer.

Who answers it and which studies, the stories say; which drugs and reports go with
them, the record. How the sentence is read: age in full years on the day of asking; the
two years before it are about the diagnosis, both ends included; refuted, provisional
and wrongly entered diagnoses do not count, nor do drugs and reports that were
cancelled, drafted, forbidden or entered in error. A patient without CT, or without
drugs, is listed all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from portal.demo.record.chart import Resource
from portal.demo.record.diseases_table import OSTEOSARCOMA
from portal.demo.record.events import event_of
from portal.demo.record.lives import Certainty, Life
from portal.demo.record.studies import imaging_study, modalities

QUESTION: Final = (
    "Give me all the medications prescribed with all the CT scan documents and their "
    "associated radiology reports for any patient older than 45 that has a diagnosis "
    "of osteosarcoma over the last two years."
)
OUT: Final = {"entered-in-error", "cancelled", "draft", "do-not-perform"}
_AGE: Final = 45
_YEARS: Final = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of one patient; `imaging` are Study Instance UIDs, others references."""

    patient: str
    patient_id: str
    medications: tuple[str, ...]
    imaging: tuple[str, ...]
    documents: tuple[str, ...]
    reports: tuple[str, ...]


def answer(life: Life, resources: Sequence[Resource], *, now: date) -> Answer | None:
    """Return the rows of a patient on a day, None where the sentence means others."""
    if life.age(now) <= _AGE or not any(
        problem.disease is OSTEOSARCOMA
        and problem.certainty is Certainty.CONFIRMED
        and years_before(now, _YEARS) <= problem.on <= now
        for problem in life.problems
    ):
        return None
    scans = [s for s in (*life.studies, *life.outside) if "CT" in modalities(s)]
    images = [imaging_study(study) for study in scans]
    counted = [
        (event, resource)
        for resource in resources
        if (event := event_of(resource)) and event.status not in OUT
    ]
    about = [event for event, resource in counted if _about(resource, images)]
    return Answer(
        f"Patient/{life.key}",
        life.patient_id,
        tuple(e.resource for e, _ in counted if e.kind == "medication"),
        tuple(study.study_instance_uid for study in scans),
        tuple(e.resource for e in about if e.kind == "document"),
        tuple(e.resource for e in about if e.kind == "report"),
    )


def years_before(day: date, years: int) -> date:
    """Return the same day some years before; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _about(resource: Resource, images: list[dict[str, Any]]) -> bool:
    related = resource.get("context", {}).get("related", [])
    named = resource.get("imagingStudy", related)
    return any(image in named for image in images)
