"""An index at one point in time: whatever is asked of it, nothing changes meanwhile."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from elasticsearch import Elasticsearch

from imaging.query.elastic.client import check_status

PAGE: Final = 2000
KEPT: Final = "2m"  # between two pages

Call = Callable[[Callable[[Elasticsearch], Any]], Any]
"""`Connection.tell`, or `Connection.ask` with its time."""


class Point:
    """What can be asked of it.

    Parameters
    ----------
    sort
        The field whose order everything comes in; no two documents have the same.
    """

    def __init__(self, call: Call, key: str, sort: str) -> None:
        self._call = call
        self._key = key
        self._sort = sort

    def has_any(self, query: Mapping[str, Any]) -> bool:
        """Return whether a document matches."""
        asked = {"query": query, "size": 0, "terminate_after": 1}
        return bool(self._search(asked | {"track_total_hits": 1})["total"]["value"])

    def walk(
        self,
        query: Mapping[str, Any],
        *,
        source: bool | Sequence[str] = False,
        page: int = PAGE,
    ) -> Iterator[dict[str, Any]]:
        """Yield all documents that match, a page of them at a time."""
        asked = {
            "query": query,
            "_source": source,
            "size": page,
            "sort": [{self._sort: "asc"}],
            "track_total_hits": False,
        }
        while True:
            hits = self._search(asked)["hits"]
            yield from hits
            if len(hits) < page:
                return
            asked["search_after"] = hits[-1]["sort"]

    def _search(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        body = {**asked, "pit": {"id": self._key, "keep_alive": KEPT}}
        answer = self._call(
            lambda client: (
                client.search(body=body, allow_partial_search_results=False).body
            )
        )
        check_status(answer)
        hits: dict[str, Any] = answer["hits"]
        return hits


@contextmanager
def point_in_time(call: Call, index: str, sort: str) -> Iterator[Point]:
    """Have an index as it is now.

    Raises
    ------
    Away, Refused
        As `Connection.tell`.
    """
    opened = call(
        lambda client: client.open_point_in_time(index=index, keep_alive=KEPT).body
    )
    try:
        yield Point(call, opened["id"], sort)
    finally:
        call(lambda client: client.close_point_in_time(id=opened["id"]))
