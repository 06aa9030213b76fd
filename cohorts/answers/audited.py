"""Telling the audit log what was asked, and whose data the answers have given."""

from collections.abc import Sequence
from typing import Final

import orjson

from cohorts.answers.reading import Reading
from cohorts.answers.small_cells import Cell
from cohorts.criteria import dumped
from cohorts.execution.asking import Asked
from core import audit
from core.access import Actor
from fhirlink.persons import patients_of_images

_LONGEST: Final = 2_000  # characters of a question


def record_question(actor: Actor, asked: Asked, number: Cell) -> None:
    """Record that somebody has counted patients, and how many it was told."""
    record_asked(actor, asked, f"{number.text} patients counted")


def record_asked(actor: Actor, asked: Asked, detail: str) -> None:
    """Record what somebody has asked, and what it was told of the answer."""
    event = audit.Event(
        actor,
        audit.Action.SEARCH,
        partition_id=asked.partition_id,
        detail=f"{detail}{_of_project(asked)}",
        query=orjson.dumps(dumped(asked.query)).decode()[:_LONGEST],
    )
    audit.record_soon(event)


def record(reading: Reading, patients: Sequence[int], detail: str) -> None:
    """Record that rows of a run were given, with the patients of the images of them."""
    event = audit.Event(
        reading.actor,
        audit.Action.RETRIEVE if patients else audit.Action.SEARCH,
        partition_id=reading.run.partition_id,
        detail=f"{detail}{_of_project(reading.asked)}",
        query=f"cohort {reading.run.pk}",
    )
    keys = patients_of_images(sorted(set(patients))) if patients else []
    audit.record_answer(event, patients=keys)


def _of_project(asked: Asked) -> str:
    if asked.within is None:
        return ""
    how = "rows without names" if asked.is_deidentified else "rows with names"
    return f", {how} of project {asked.within.name}"
