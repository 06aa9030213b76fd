"""A portal with its built pages, and studies to show; who is on it, in Chromium."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    StorageState,
    expect,
)
from pydicom.dataset import Dataset

from tests.browser.chromium import Visit, new_context, visiting_in
from tests.frontend.built import built_frontend
from tests.stack import Stack
from tests.synthetic import add_pixels, encode, instance, multipart, new_uid

EVIL: Final = '<img src=x onerror="alert(1)">'
MANY: Final = 230  # more than two pages of the list
SLICES: Final = 5
SIGN_IN: Final = "/sign-in/"

_kept: Final[dict[tuple[str, ...], StorageState]] = {}
_left: Final[dict[tuple[Browser, tuple[str, ...]], BrowserContext]] = {}


@contextmanager
def portal_with_pages(data: Path) -> Iterator[Stack]:
    """Run a portal whose pages are built."""
    stack = Stack(data)
    stack.settings = {
        "PORTAL_FRONTEND": str(built_frontend()),
        "PORTAL_VIEWER": str(data / "no-viewer"),
        "PORTAL_WEB_WORKERS": "1",
    }
    try:
        stack.start()
        yield stack
    finally:
        stack.kill()


def store(stack: Stack, *datasets: Dataset, partition: str | None = None) -> None:
    """Store instances as an administrator's program does."""
    within = f"/partitions/{partition}" if partition else ""
    body, headers = multipart(*map(encode, datasets))
    headers["Authorization"] = f"Bearer {stack.token}"
    url = f"{stack.base_url}/dicomweb{within}/studies"
    answer = httpx.post(url, content=body, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text


def series_of_slices(study: str, **attributes: str) -> list[Dataset]:
    """Return a CT series with grey levels in each image."""
    series = new_uid()
    slices = [
        instance(
            StudyInstanceUID=study,
            SeriesInstanceUID=series,
            InstanceNumber=at + 1,
            ImagePositionPatient=[0, 0, at],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            PixelSpacing=[1, 1],
            RescaleSlope=1,
            RescaleIntercept=0,
            WindowCenter=2048,
            WindowWidth=4096,
            **attributes,
        )
        for at in range(SLICES)
    ]
    for each in slices:
        add_pixels(each, rows=64, columns=64)
    return slices


def many_studies() -> list[Dataset]:
    """Return studies of a patient each, more than a page of the list."""
    return [
        instance(
            PatientID=f"M-{number:04}",
            PatientName=f"Many^Number{number:04}",
            AccessionNumber=f"X{number:04}",
            StudyDescription=f"Many {number:04}",
            StudyDate="20210101",
            Modality="MR" if number % 2 else "US",
        )
        for number in range(MANY)
    ]


@contextmanager
def signed_in(
    browser: Browser, stack: Stack, who: Sequence[str], path: str = "/"
) -> Iterator[Visit]:
    """Open a browser whose person, a name and a password, has signed in."""
    with visiting_as(browser, stack, who) as visit:
        visit.open(path)
        come_in(visit, stack, who, f"**{path}")
        yield visit


@contextmanager
def visiting_as(browser: Browser, stack: Stack, who: Sequence[str]) -> Iterator[Visit]:
    """Open the browser that a person has used before, if there is one.

    It has kept its cookies and files of the portal, which take long to be read anew;
    pages find nothing else that they have kept. Who visits twice at once has two.
    """
    person = (stack.base_url, *who)
    context = _left.pop((browser, person), None) or new_context(
        browser, stack.base_url, _kept.get(person)
    )
    try:
        with visiting_in(context, stack.base_url) as visit:
            _forget(visit, stack)
            yield visit
    except BaseException:
        context.close()
        raise
    _left[browser, person] = context


def _forget(visit: Visit, stack: Stack) -> None:
    """Take from a browser what its pages have kept, and what they were allowed."""
    visit.context.clear_permissions()
    devtools = visit.context.new_cdp_session(visit.page)
    of_pages = "local_storage,indexeddb,cache_storage,service_workers"
    origin = {"origin": stack.base_url, "storageTypes": of_pages}
    devtools.send("Storage.clearDataForOrigin", origin)
    devtools.detach()


def come_in(visit: Visit, stack: Stack, who: Sequence[str], address: str) -> None:
    """Sign in where the portal asks for it, and wait for the page behind."""
    if urlsplit(visit.page.url).path == SIGN_IN:
        visit.sign_in(*who)
        visit.page.wait_for_url(address)
        cookies = visit.context.storage_state()["cookies"]
        _kept[(stack.base_url, *who)] = {"cookies": cookies, "origins": []}


def heading(page: Page, name: str) -> None:
    """Wait for a page by its heading."""
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
