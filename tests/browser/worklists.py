"""Work for the pages of a portal: put on a worklist, shared, looked at."""

from dataclasses import dataclass
from typing import Any, Final

import httpx
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import Visit
from tests.browser.house import House
from tests.browser.people import graph, somebody
from tests.stack import Stack
from tests.synthetic import new_uid
from tests.worklist.steps import SENT, step

_GRANT: Final = """mutation ($label: String!, $account: String!) {
  grant(on: {worklist: $label}, account: $account, level: IDENTIFY, reason: "test") {
    ... on Fault { message }
  }
}"""


@dataclass(frozen=True)
class Room:
    """A reading room of its own: a worklist that no other test puts anything on."""

    house: House
    label: str

    @property
    def path(self) -> str:
        """Return the address of its list."""
        return f"/worklist?label={self.label}"

    def put(self, to_do: str, **more: Any) -> str:
        """Put work on the list; return its UID."""
        return put_on(self.house.stack, self.label, to_do, **more)

    def reader(self, name: str) -> tuple[str, str]:
        """Let a radiologist in who sees this list; return name and password."""
        who = somebody(self.house.stack, name, "Radiologist")
        answer = graph(self.house.stack, _GRANT, label=self.label, account=who[0])
        assert answer["grant"] == {}, answer
        return who


def room_in(house: House) -> Room:
    """Return a reading room that nobody has been in."""
    return Room(house, f"Room {new_uid()[-8:]}")


def put_on(stack: Stack, label: str, to_do: str, **more: Any) -> str:
    """Put work on a worklist as another system does, by UPS-RS; return its UID."""
    uid = new_uid()
    model = step(label=label, **more)
    model["00741204"]["Value"] = [to_do]
    answer = httpx.post(
        f"{stack.base_url}/dicomweb/workitems?{uid}",
        json=[model],
        headers={**SENT, "Authorization": f"Bearer {stack.token}"},
        timeout=60,
    )
    assert answer.status_code == 201, answer.text
    return uid


def open_list(visit: Visit, room: Room, more: str = "") -> Page:
    """Open the list of a room, and wait until it is there."""
    visit.open(f"{room.path}{more}")
    page = visit.page
    expect(page.get_by_role("heading", level=1, name="Worklist")).to_be_visible()
    expect(
        page.get_by_role("main").locator("[role=status][aria-busy=true]")
    ).to_have_count(0)
    return page


def grid_of(page: Page) -> Locator:
    return page.get_by_role("grid", name="Worklist")


def row_of(page: Page, to_do: str) -> Locator:
    """Return the row of what is to be done."""
    return grid_of(page).get_by_role("row").filter(has_text=to_do)


def panel_of(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Workitem")


def number_in(page: Page, state: str) -> Locator:
    """Return the button of a state, which says how many there are."""
    return page.get_by_role("group", name="State").get_by_role("button", name=state)
