"""A reader that follows the change feed while everything around it is killed."""

from threading import Event
from typing import Any, Final, NamedTuple

import httpx

PAUSE_S: Final = 0.05
TIMEOUT_S: Final = 60.0


class Entry(NamedTuple):
    """What never changes of an entry."""

    sequence: int
    action: str
    study: str
    series: str
    instance: str
    timestamp: str


class FeedReader:
    """Reads on from the last number that it has seen; checks each page.

    Parameters
    ----------
    limit
        How many entries it asks for at once.
    """

    def __init__(self, limit: int) -> None:
        self.seen: list[Entry] = []
        self.problems: list[str] = []
        self._limit = limit

    def work(self, base_url: str, token: str, stop: Event) -> None:
        """Follow the feed until told to stop."""
        with _client(base_url, token) as client:
            while not stop.is_set():
                if not self._read_on(client):
                    stop.wait(PAUSE_S)

    def catch_up(self, base_url: str, token: str) -> None:
        """Read to the end of the feed."""
        with _client(base_url, token) as client:
            while self._read_on(client):
                pass

    def _read_on(self, client: httpx.Client) -> bool:
        """Read the next page; return whether there was one."""
        after = self.seen[-1].sequence if self.seen else 0
        query = f"after={after}&limit={self._limit}&includeMetadata=false"
        try:
            answer = client.get(f"/changefeed?{query}")
        except httpx.TimeoutException:
            self.problems.append(f"the feed had no answer for {TIMEOUT_S:.0f} s")
            return False
        except httpx.TransportError:
            return False
        if answer.status_code != 200:
            if answer.status_code != 503:
                self.problems.append(f"feed: {answer.status_code} {answer.text[:500]}")
            return False
        return self._take([_entry(row) for row in answer.json()], after)

    def _take(self, page: list[Entry], after: int) -> bool:
        found = [entry.sequence for entry in page]
        # What is between them tells of the record, which this view of the feed lacks.
        if found != sorted(set(found)) or (found and found[0] <= after):
            self.problems.append(f"feed: after {after} came {found[:20]}")
        if sorted(page, key=lambda entry: entry.timestamp) != page:
            self.problems.append(f"feed: times go back after {after}")
        self.seen += page
        return bool(page)


def _client(base_url: str, token: str) -> httpx.Client:
    return httpx.Client(
        base_url=f"{base_url}/dicomweb",
        headers={"Authorization": f"Bearer {token}"},
        timeout=TIMEOUT_S,
    )


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(
        row["sequence"],
        row["action"],
        row["studyInstanceUid"],
        row["seriesInstanceUid"],
        row["sopInstanceUid"],
        row["timestamp"],
    )
