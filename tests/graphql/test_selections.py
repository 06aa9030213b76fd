"""What is dear is made where it is asked for alone: how that is known."""

import pytest
import strawberry

from core.graphql.context import Info
from core.graphql.selections import is_selected


@strawberry.type
class Row:
    """A row of which one member is dear."""

    name: str
    dear: str


@strawberry.type
class Page:
    """Rows, and whether the dear member was asked for."""

    rows: list[Row]
    is_dear: bool


@strawberry.type
class Query:
    """A page."""

    @strawberry.field
    def page(self, info: Info) -> Page:
        """Return no rows."""
        return Page(rows=[], is_dear=is_selected(info, "rows", "dear"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ page { isDear rows { name } } }", False),
        ("{ page { isDear rows { dear } } }", True),
        ("{ page { isDear rows { another: dear } } }", True),
        ("{ page { isDear rows { name } rows { dear } } }", True),
        ("{ page { isDear ... on Page { rows { ... on Row { dear } } } } }", True),
        ("{ page { isDear rows { ...R } } } fragment R on Row { dear }", True),
        ("{ page { isDear ...P } } fragment P on Page { rows { name } }", False),
        ("{ page { isDear } page { rows { dear } } }", True),
    ],
)
def test_members_are_seen_through_names_and_fragments(
    query: str, expected: bool
) -> None:
    answer = strawberry.Schema(Query).execute_sync(query)
    assert answer.errors is None
    assert answer.data is not None
    assert answer.data["page"]["isDear"] is expected
