"""Rows of resources with their current content, as searches read them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from core.database import raw_connection
from fhirlink.document import whole
from fhirlink.json_text import Resource, parse

COLUMNS: Final = "r.id, r.type, r.fhir_id, r.number, r.updated_at, r.version_id"
"""What a page selects of the row ``r`` of each resource."""


class Found(NamedTuple):
    """A resource that a search has found.

    Attributes
    ----------
    number, at
        ``meta.versionId`` and ``meta.lastUpdated``.
    body
        Its JSON as `fhirlink.document` keeps it.
    """

    key: int
    type: str
    fhir_id: str
    number: int
    at: datetime
    body: bytes

    @property
    def address(self) -> tuple[str, str]:
        """Return type and id."""
        return self.type, self.fhir_id

    def json(self) -> bytes:
        """Return it as clients get it."""
        return whole(self.type, self.fhir_id, self.number, self.at, self.body)

    def parsed(self) -> Resource:
        """Return its JSON, read."""
        return parse(self.json())


class Statement(NamedTuple):
    """SQL of rows of resources, with `COLUMNS`, and its values.

    Attributes
    ----------
    names
        The columns that they are sorted by.
    order
        What to order by.
    """

    text: str
    values: Sequence[Any]
    names: Sequence[str] = ()
    order: str = "id"

    @property
    def whole(self) -> str:
        """Return the statement of the same rows with their content."""
        more = "".join(f", page.{name}" for name in self.names)
        return (
            "SELECT page.id, page.type, page.fhir_id, page.number, page.updated_at,"  # noqa: S608 own names
            f" v.body{more} FROM ({self.text}) page"
            " JOIN fhirlink_resourceversion v ON v.id = page.version_id"
            f" ORDER BY {self.order}"
        )


def found_by(statement: Statement) -> list[tuple[Found, tuple[Any, ...]]]:
    """Return resources in an order, with what they are sorted by."""
    cursor = raw_connection().cursor(binary=True)
    # Planned for its values: a frequent code wants another plan than a rare one.
    rows = cursor.execute(statement.whole, list(statement.values), prepare=False)
    return [(Found(*row[:6]), row[6:]) for row in rows]
