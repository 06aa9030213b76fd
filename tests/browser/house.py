"""A portal with many studies, and people who see all of them, none, or no data."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from playwright.sync_api import Page, expect

from tests.browser.chromium import Visit
from tests.browser.pages import (
    EVIL,
    MANY,
    many_studies,
    portal_with_pages,
    series_of_slices,
    store,
)
from tests.browser.people import graph, person
from tests.browser.record import record_of, write_record
from tests.browser.waiting import wait_for
from tests.installed import copy_furnished
from tests.stack import Stack
from tests.synthetic import new_uid

ALL: Final = MANY + 2
WOLF: Final = "wolf"
"""The id of the patient of the chest study, in the record."""
HAPPENED: Final = 7  # to that patient: what the record and the images tell
_ASKED: Final = f'patient(fhirId: "{WOLF}") {{ timeline {{ numberOfEvents }} }}'


@dataclass(frozen=True)
class Furniture:
    """Who is there, by name and password, and two studies by their UIDs."""

    ada: tuple[str, str]
    newcomer: tuple[str, str]
    auditor: tuple[str, str]
    chest: str
    evil: str


@dataclass(frozen=True)
class House(Furniture):
    """The portal, and what is in it."""

    stack: Stack


@contextmanager
def furnished_house(data: Path) -> Iterator[House]:
    """Run a portal with many studies: on a copy of a folder, once that is furnished."""
    told: dict[str, Any] = {}
    if not settings.STORAGE_URL:  # a bucket is not copied with the folder
        told = json.loads(copy_furnished(data, "house", _furnished))
    with portal_with_pages(data) as stack:
        told = told or asdict(furnish(stack))
        people = {name: tuple(told[name]) for name in ("ada", "newcomer", "auditor")}
        yield House(**told | people, stack=stack)


def furnish(stack: Stack) -> Furniture:
    """Store the studies, write the record, let people in."""
    chest, evil = new_uid(), new_uid()
    store(stack, *many_studies())
    of_evil = {"StudyDescription": EVIL, "PatientName": f"{EVIL}^x"}
    store(stack, *series_of_slices(evil, PatientID="EVIL", **of_evil))
    of_chest = {"StudyDescription": "Chest", "SeriesDescription": "Thin slices"}
    store(stack, *series_of_slices(chest, PatientName="Wolf^Ada", **of_chest))
    write_record(stack, record_of(WOLF, "Wolf", "Ada", {chest: "2022-05-01"}))
    return Furniture(
        person(stack, "ada", "Administrator"),
        person(stack, "newcomer", "Radiologist"),
        person(stack, "auditor", "Auditor"),
        chest,
        evil,
    )


def rows(page: Page) -> list[str]:
    """Return the texts of the rows that are drawn."""
    grid = page.get_by_role("grid", name="Studies")
    expect(grid).to_have_attribute("aria-busy", "false")
    return grid.get_by_role("row").all_inner_texts()[1:]


def make_project(visit: Visit, name: str, study: str) -> None:
    """Make a project with a study in it."""
    made = changed(
        visit,
        f'createProject(name: "{name}")'
        " { ... on ChangedProject { project { id } } }",
    )
    key = made["createProject"]["project"]["id"]
    changed(
        visit,
        f'addStudiesToProject(id: "{key}", studies: ["{study}"])'
        " { ... on ChangedContents { number } }",
    )


def changed(visit: Visit, mutation: str) -> Any:
    """Return what a mutation answers, asked for by the page that is open."""
    answer = visit.page.evaluate(
        """async query => (await (await fetch("/graphql", {
            method: "POST",
            headers: {"content-type": "application/json"},
            body: JSON.stringify({query}),
        })).json())""",
        f"mutation {{ {mutation} }}",
    )
    return answer["data"]


def open_to(visit: Visit, name: str, study: str) -> None:
    """Let an account see a study, and who its patient is."""
    granted = changed(
        visit,
        f'grant(on: {{studyInstanceUid: "{study}"}}, level: IDENTIFY,'
        f' account: "{name}") {{ ... on Granted {{ grant {{ id }} }} }}',
    )
    assert granted["grant"]["grant"]["id"]


def _furnished(data: Path) -> str:
    """Furnish a data folder; return what is in it."""
    with portal_with_pages(data) as stack:
        furniture = furnish(stack)
        wait_for(lambda: _number_of_events(stack) >= HAPPENED)
        assert stack.stop() == 0
    return json.dumps(asdict(furniture))


def _number_of_events(stack: Stack) -> int:
    """Return how many events are derived of the patient of the chest study."""
    found = graph(stack, f"{{ {_ASKED} }}")["patient"]
    return int(found["timeline"]["numberOfEvents"])
