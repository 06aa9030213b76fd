"""A portal with its viewer and studies of the demo hospital; who looks, in Chromium."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
from imagecodecs import png_decode
from playwright.sync_api import Browser, FloatRect, FrameLocator, Locator

from portal.demo.load import batches
from portal.demo.objects import DemoObject, part10, study_datasets
from portal.demo.posting import Outcome
from portal.demo.stories import Patient, Study, hospital
from portal.demo.stow import StowClient
from tests.browser.chromium import GREY_LEVELS, Visit
from tests.browser.pages import come_in, visiting_as
from tests.browser.waiting import box_of, wait_for
from tests.frontend.built import built_frontend
from tests.frontend.built_viewer import built_viewer
from tests.stack import Stack

SEEN: Final = 12  # grey levels: a black image, or words on it, has fewer
# What OHIF itself says on its console, of its dialogs and of answers that are right.
USUAL: Final = (
    "console: Warning: Missing `Description`",
    "console: Truncating value",  # of a length, as DICOM asks
    "console: some resources already existed",  # its reading of 202
    "console: empty response for request",  # its reading of 204
    "console: Study not found",
    "console: \n",  # which series its layouts do not find
    "console: addSegmentationRepresentation",  # of a layout with a segmentation
    "console: Image not found for imageId",  # of slices that nothing is drawn on
    # Of a slide, whose data set its library writes out.
    "console: Unknown name in dataset",
    "console: ICC Profile was not found",
)
_LEVELS_OF_EACH: Final = f"canvases => canvases.map({GREY_LEVELS})"
# What a canvas shows, roughly: it changes where the picture does.
_PICTURE: Final = """canvas => {
    const small = document.createElement("canvas");
    small.width = small.height = 32;
    const pen = small.getContext("2d");
    pen.drawImage(canvas, 0, 0, 32, 32);
    return pen.getImageData(0, 0, 32, 32).data.join();
}"""


# How many points of a canvas are red: images are grey, segments are not.
_REDS: Final = """canvas => {
    const copy = document.createElement("canvas");
    [copy.width, copy.height] = [canvas.width, canvas.height];
    const pen = copy.getContext("2d");
    pen.drawImage(canvas, 0, 0);
    const { data } = pen.getImageData(0, 0, copy.width, copy.height);
    return data.filter((v, at) => at % 4 === 0 && v - data[at + 1] > 50).length;
}"""


@contextmanager
def portal_with_viewer(data: Path, *, pages: bool = False) -> Iterator[Stack]:
    """Run a portal whose viewer, and perhaps whose pages, are built."""
    stack = Stack(data)
    stack.settings = {
        "PORTAL_FRONTEND": str(built_frontend() if pages else data / "no-pages"),
        "PORTAL_VIEWER": str(built_viewer()),
        "PORTAL_WEB_WORKERS": "1",
    }
    try:
        stack.start()
        yield stack
    finally:
        stack.kill()


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


class Looking:
    """Somebody who looks at images in the viewer.

    Attributes
    ----------
    asked
        The addresses that the viewer has asked DICOMweb for, in their order.
    """

    def __init__(self, visit: Visit, frame: FrameLocator | None = None) -> None:
        """`frame` is where the viewer is, if it is not all of the page."""
        self.visit = visit
        self.page = visit.page
        self._place = frame or visit.page
        self.asked: list[str] = []
        self.page.on("request", lambda request: self._note(request.url))

    def open(self, *studies: str, more: str = "", mode: str = "viewer") -> None:
        """Open studies by a link, and wait until the first picture is there."""
        address = f"/viewer/{mode}?StudyInstanceUIDs={','.join(studies)}{more}"
        self.visit.open(address)

    @property
    def images(self) -> Locator:
        """Return the pictures."""
        return self._place.locator("canvas.cornerstone-canvas")

    @property
    def words(self) -> Locator:
        """Return what is written over the (first) picture."""
        return self.by("viewport-pane").first

    def by(self, name: str) -> Locator:
        """Return a part of the viewer by the name that it has for tests."""
        return self._place.locator(f"[data-cy='{name}']")

    def see(self, *, number: int = 1, others: bool = False) -> None:
        """Wait until so many pictures are there, with grey levels in each.

        `others` may be there beside them.
        """

        def is_there() -> bool:
            # In one step: while it makes its layout, canvases come and go.
            levels: list[int] = self.images.evaluate_all(_LEVELS_OF_EACH)
            if len(levels) < number or (len(levels) > number and not others):
                return False
            return min(levels[:number]) >= SEEN

        wait_for(is_there)

    def shown(self) -> str:
        """Return what the first picture shows, to be compared."""
        return str(self.images.first.evaluate(_PICTURE))

    def reds(self) -> int:
        """Return how many points of the first picture are red, as segments are."""
        return int(self.images.first.evaluate(_REDS))

    def colours(self) -> int:
        """Return how many colours there are about the middle of the viewport."""
        box = box_of(self.by("viewport-grid"))
        across, along = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        clip = FloatRect(x=across - 100, y=along - 100, width=200, height=200)
        points = png_decode(self.page.screenshot(clip=clip)).reshape(40_000, -1)
        return len(np.unique(points, axis=0))

    def point(self, *, right: float = 0, down: float = 0) -> tuple[float, float]:
        """Return a point so far from the middle of the first picture."""
        box = box_of(self.images.first)
        across, along = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        return across + right, along + down

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Draw a line with the first button of the mouse."""
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move(*end, steps=6)
        self.page.mouse.up()

    def _note(self, url: str) -> None:
        # The pages around it look whether anything has changed.
        if "/dicomweb" in url and "/changefeed" not in url:
            self.asked.append(url)


@contextmanager
def looking(
    browser: Browser,
    stack: Stack,
    who: tuple[str, str],
    *studies: str,
    more: str = "",
    mode: str = "viewer",
) -> Iterator[Looking]:
    """Follow a link to studies as somebody who signs in then, if not before."""
    with visiting_as(browser, stack, who) as visit:
        viewer = Looking(visit)
        viewer.open(*studies, more=more, mode=mode)
        come_in(visit, stack, who, f"**/viewer/{mode}?*")
        yield viewer
        visit.faults[:] = [each for each in visit.faults if not each.startswith(USUAL)]
