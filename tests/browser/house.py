"""A portal with many studies, and people who see all of them, none, or no data."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

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
from tests.browser.people import person
from tests.browser.record import record_of, write_record
from tests.stack import Stack
from tests.synthetic import new_uid

ALL: Final = MANY + 2
WOLF: Final = "wolf"
"""The id of the patient of the chest study, in the record."""


@dataclass(frozen=True)
class House:
    """The portal, who is there, and two studies by their UIDs."""

    stack: Stack
    ada: tuple[str, str]
    newcomer: tuple[str, str]
    auditor: tuple[str, str]
    chest: str
    evil: str


@contextmanager
def furnished_house(data: Path) -> Iterator[House]:
    """Run a portal with many studies."""
    with portal_with_pages(data) as stack:
        chest, evil = new_uid(), new_uid()
        store(stack, *many_studies())
        of_evil = {"StudyDescription": EVIL, "PatientName": f"{EVIL}^x"}
        store(stack, *series_of_slices(evil, PatientID="EVIL", **of_evil))
        of_chest = {"StudyDescription": "Chest", "SeriesDescription": "Thin slices"}
        store(stack, *series_of_slices(chest, PatientName="Wolf^Ada", **of_chest))
        write_record(stack, record_of(WOLF, "Wolf", "Ada", {chest: "2022-05-01"}))

        yield House(
            stack,
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
