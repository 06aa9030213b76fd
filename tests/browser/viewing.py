"""A portal with its viewer and studies of the demo hospital; who looks, in Chromium."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
from playwright.sync_api import Browser, Locator

from portal.demo.load import batches
from portal.demo.objects import DemoObject, part10, study_datasets
from portal.demo.stories import Patient, Study, hospital
from portal.demo.stow import Outcome, StowClient
from tests.browser.chromium import GREY_LEVELS, Visit, visiting
from tests.frontend.built_viewer import built_viewer
from tests.stack import Stack

SEEN: Final = 12  # grey levels: a black image, or words on it, has fewer
PATIENCE_S: Final = 45.0
# What OHIF itself says on its console, of its dialogs and of answers that are right.
USUAL: Final = (
    "console: Warning: Missing `Description`",
    "console: Truncating value",  # of a length, as DICOM asks
    "console: some resources already existed",  # its reading of 202
    "console: empty response for request",  # its reading of 204
    "console: Study not found",
)
_CREATE: Final = """mutation ($name: String!, $role: String!) {
  createAccount(name: $name, roles: [$role]) {
    ... on CreatedAccount { password }
  }
}"""
_GRANT: Final = """mutation ($account: String!, $study: UI!) {
  grant(on: {studyInstanceUid: $study}, account: $account, level: SEE, reason: "test") {
    ... on Fault { message }
  }
}"""
_LEVELS_OF_EACH: Final = f"canvases => canvases.map({GREY_LEVELS})"
# What a canvas shows, roughly: it changes where the picture does.
_PICTURE: Final = """canvas => {
    const small = document.createElement("canvas");
    small.width = small.height = 32;
    const pen = small.getContext("2d");
    pen.drawImage(canvas, 0, 0, 32, 32);
    return pen.getImageData(0, 0, 32, 32).data.join();
}"""


@contextmanager
def portal_with_viewer(data: Path) -> Iterator[Stack]:
    """Run a portal whose viewer is built."""
    stack = Stack(data)
    stack.settings = {
        "PORTAL_VIEWER": str(built_viewer()),
        "PORTAL_WEB_WORKERS": "1",
    }
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


def demo_study(description: str) -> tuple[Patient, Study]:
    """Return the first study of the demo hospital that is called so."""
    return next(
        (patient, study)
        for patient in hospital(patients=12, seed=1)
        for study in patient.studies
        if study.protocol.description == description
    )


def store_demo(stack: Stack, description: str, path: str = "/dicomweb") -> str:
    """Store a study of the demo hospital, and return its UID.

    Parameters
    ----------
    path
        Of the DICOMweb service, of another partition for example.
    """
    datasets = list(study_datasets(*demo_study(description)))
    objects = [DemoObject(str(at), part10(each)) for at, each in enumerate(datasets)]
    client = StowClient(f"{stack.base_url}{path}", stack.token)
    outcome = Outcome()
    for batch in batches(objects):
        outcome.add(client.store(batch))
    client.close()
    assert outcome.stored == len(objects), outcome.failures
    return str(datasets[0].StudyInstanceUID)


def person(stack: Stack, name: str, role: str, *studies: str) -> tuple[str, str]:
    """Make an account that sees some studies; return its name and password."""
    made = graph(stack, _CREATE, name=name, role=role)
    for study in studies:
        answer = graph(stack, _GRANT, account=name, study=study)
        assert answer["grant"] == {}, answer
    return name, made["createAccount"]["password"]


def graph(stack: Stack, query: str, **variables: Any) -> dict[str, Any]:
    """Return what GraphQL gives to the administrator."""
    answer = httpx.post(
        f"{stack.base_url}/graphql",
        json={"query": query, "variables": variables},
        headers={"Authorization": f"Bearer {stack.token}"},
        timeout=60,
    ).json()
    assert "errors" not in answer, answer
    return dict(answer["data"])


class Looking:
    """Somebody who looks at images in the viewer.

    Attributes
    ----------
    asked
        The addresses that the viewer has asked DICOMweb for, in their order.
    """

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.page = visit.page
        self.asked: list[str] = []
        self.page.on("request", lambda request: self._note(request.url))

    def open(self, *studies: str, more: str = "", mode: str = "viewer") -> None:
        """Open studies by a link, and wait until the first picture is there."""
        address = f"/viewer/{mode}?StudyInstanceUIDs={','.join(studies)}{more}"
        self.visit.open(address)

    @property
    def images(self) -> Locator:
        """Return the pictures."""
        return self.page.locator("canvas.cornerstone-canvas")

    @property
    def words(self) -> Locator:
        """Return what is written over the (first) picture."""
        return self.by("viewport-pane").first

    def by(self, name: str) -> Locator:
        """Return a part of the viewer by the name that it has for tests."""
        return self.page.locator(f"[data-cy='{name}']")

    def see(self, *, number: int = 1) -> None:
        """Wait until so many pictures are there, with grey levels in each."""

        def is_there() -> bool:
            # In one step: while it makes its layout, canvases come and go.
            levels = self.images.evaluate_all(_LEVELS_OF_EACH)
            return len(levels) == number and min(levels) >= SEEN

        wait_for(is_there)

    def shown(self) -> str:
        """Return what the first picture shows, to be compared."""
        return str(self.images.first.evaluate(_PICTURE))

    def point(self, *, right: float = 0, down: float = 0) -> tuple[float, float]:
        """Return a point so far from the middle of the first picture."""
        box = self.images.first.bounding_box()
        assert box is not None
        across, along = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        return across + right, along + down

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Draw a line with the first button of the mouse."""
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move(*end, steps=6)
        self.page.mouse.up()

    def _note(self, url: str) -> None:
        if "/dicomweb" in url:
            self.asked.append(url)


@contextmanager
def looking(
    browser: Browser, stack: Stack, who: tuple[str, str], *studies: str, more: str = ""
) -> Iterator[Looking]:
    """Follow a link to studies as somebody who then signs in."""
    with visiting(browser, stack.base_url) as visit:
        viewer = Looking(visit)
        viewer.open(*studies, more=more)
        visit.sign_in(*who)
        visit.page.wait_for_url("**/viewer/viewer?*")
        yield viewer
        visit.faults[:] = [each for each in visit.faults if not each.startswith(USUAL)]


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
