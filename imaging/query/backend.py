"""What can answer a search: the one interface, and what all who answer agree on.

`tests/imaging/query/test_backends.py` holds each to the same answers.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from imaging.query.area import Area
from imaging.query.facets import Counts, Facet
from imaging.query.parse import Query


class Wanted(NamedTuple):
    """The columns to read of each row that is found, and the values in them."""

    columns: Sequence[str]
    parameters: Sequence[Any] = ()


class Backend(Protocol):
    """Finds what matches inside an area, in the order of the query."""

    name: str

    def rows(self, query: Query, area: Area, wanted: Wanted) -> list[tuple[Any, ...]]:
        """Return the rows of a page, one more than it has where there are more."""

    def count(self, query: Query, area: Area) -> int:
        """Return how many match altogether."""

    def facets(self, query: Query, area: Area, facets: Sequence[Facet]) -> Counts:
        """Return what the studies that match have how often."""


class Unanswered(Exception):
    """A backend cannot answer this now; the database does.

    Parameters
    ----------
    reason
        A word for figures: ``behind``, ``away`` and the like.
    warning
        What the client is told, if it is to know.
    """

    def __init__(self, reason: str, warning: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.warning = warning
