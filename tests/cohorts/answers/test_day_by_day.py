"""An attack on shifted days: the same question, its window moved by a day each time.

Who sees rows without names knows the shifted day of an event. Were it told on which
day a window begins to have it, the difference would be the shift of all of its days.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

import pytest

from cohorts.answers.event_rows import page_of_events
from cohorts.answers.patient_rows import page_of_patients
from cohorts.answers.reading import reading_of
from cohorts.answers.running import answer_cohort
from core.access import Actor
from core.accounts.grants import Level
from core.errors import Forbidden
from tests.cohorts.answers.projects import granted, project_of
from tests.fhirlink.events.record import follow, put, resource
from tests.fhirlink.linkage.world import AUTHORITY, World

EVENT: Final = date(2019, 7, 13)
DEATH: Final = date(2021, 3, 9)
MONTH: Final = [EVENT + timedelta(days=each) for each in (-12, -1, 0, 1, 18)]
"""Its first day, those around the event, and its last day."""

Question = Callable[[date], tuple[dict[str, Any], date | None]]
"""The criteria, and what counts as now, by which a day is asked of."""


@pytest.fixture
def world(settings: Any, committing: None) -> World:
    settings.LINK_QUIET_S = 0
    world = World()
    world.patient(
        "P1",
        "p",
        name=[{"family": "Wolf", "given": ["Ada"]}],
        birthDate="1960-07-13",
        deceasedDateTime=str(DEATH),
    )
    world.study(
        StudyInstanceUID="1.2.840.1",
        PatientID="P1",
        IssuerOfPatientID=AUTHORITY,
        PatientName="Wolf^Ada",
        PatientBirthDate="19600713",
        StudyDate="20190713",
        Modality="CT",
    )
    put(
        resource("Condition", "c", code={"text": "flu"}, onsetDateTime=str(EVENT)),
        partition=world.name,
    )
    world.link()
    follow()
    return world


def flu(**when: Any) -> dict[str, Any]:
    return {"event": {"type": "condition", "when": when}}


def from_day(day: date) -> tuple[dict[str, Any], None]:
    return flu(**{"from": str(day)}), None


def to_day(day: date) -> tuple[dict[str, Any], None]:
    return flu(to=str(day)), None


def not_to_day(day: date) -> tuple[dict[str, Any], None]:
    return {"not": flu(to=str(day))}, None


def last_year_of_day(day: date) -> tuple[dict[str, Any], date]:
    return flu(last="P1Y"), day


def days_before_now(day: date) -> tuple[dict[str, Any], date]:
    now = date(2020, 1, 1)
    return flu(**{"from": f"-P{(now - day).days}D"}), now


def dead_by_day(day: date) -> tuple[dict[str, Any], None]:
    died = day + (DEATH - EVENT)
    return {"patient": {"deceased": {"when": {"to": str(died)}}}}, None


def old_on_day(day: date) -> tuple[dict[str, Any], date]:
    return {"patient": {"age": {"gte": 59}}}, day


ATTACKS: Final = (
    from_day,
    to_day,
    not_to_day,
    last_year_of_day,
    days_before_now,
    dead_by_day,
    old_on_day,
)


def is_found(actor: Actor, world: World, where: dict[str, Any], now: Any) -> bool:
    criteria = {"v": 1, "where": where}
    run = answer_cohort(
        actor=actor, partition=world.name, criteria=criteria, now=now
    ).run
    return bool(page_of_patients(reading_of(actor, run.pk), limit=1).rows)


@pytest.mark.parametrize("attack", ATTACKS)
def test_windows_moved_by_a_day_find_no_day(attack: Question, world: World) -> None:
    days = MONTH
    if attack is dead_by_day:  # all in the month of the death
        days = [EVENT + timedelta(days=each) for each in (-8, -1, 0, 1, 22)]
    project = project_of(world.name, ("P1", AUTHORITY), name="Flu")
    unnamed = granted("unnamed", "Researcher", project)
    named = granted("named", "Researcher", project, Level.IDENTIFY)

    def told(actor: Actor) -> set[bool]:
        return {is_found(actor, world, *attack(day)) for day in days}

    assert len(told(unnamed)) == 1
    assert told(named) == {True, False}  # so it is an attack


def test_what_is_listed_is_listed_by_whole_months(world: World) -> None:
    project = project_of(world.name, ("P1", AUTHORITY), name="Flu")
    unnamed = granted("unnamed", "Researcher", project)

    def listed(actor: Actor, day: date) -> int:
        wanted = {"what": "condition", "when": {"from": str(day)}}
        criteria = {"v": 1, "where": {"event": {"type": "imaging"}}, "output": [wanted]}
        run = answer_cohort(actor=actor, partition=world.name, criteria=criteria).run
        return len(page_of_events(reading_of(actor, run.pk), output=0, limit=2).rows)

    assert [listed(unnamed, day) for day in MONTH] == [1] * len(MONTH)
    assert listed(unnamed, date(2019, 8, 1)) == 0
    named = granted("named", "Researcher", project, Level.IDENTIFY)
    assert [listed(named, day) for day in MONTH] == [1, 1, 1, 0, 0]


def test_days_of_images_are_no_attributes_to_ask_by(world: World) -> None:
    project = project_of(world.name, ("P1", AUTHORITY), name="Flu")
    unnamed = granted("unnamed", "Researcher", project)
    for keyword in ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate"):
        tag = {"tag": keyword, "eq": "20190713"}
        where = {"event": {"type": "imaging", "tags": [tag]}}
        with pytest.raises(Forbidden):
            is_found(unnamed, world, where, None)
