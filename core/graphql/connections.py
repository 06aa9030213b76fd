"""Lists a page at a time, as Relay's connections: forward, by cursors, with a ceiling.

How many there are altogether costs as much as there is, and is looked up where it is
asked for; what would take too long is not counted (`Uncounted`).
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Final, Generic, TypeVar

import strawberry

from core.errors import Invalid

T = TypeVar("T")

DEFAULT_PAGE: Final = 10
MAXIMUM_PAGE: Final = 200

First = Annotated[
    int,
    strawberry.argument(description=f"How many at most: from 0 to {MAXIMUM_PAGE}."),
]
After = Annotated[
    str | None,
    strawberry.argument(
        description="The cursor after which the page begins: endCursor of the one"
        " before it."
    ),
]


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    """Relay's own description of a page."""

    has_next_page: bool = strawberry.field(description="Whether more follow.")
    has_previous_page: bool = strawberry.field(
        description="Whether the page began after a cursor."
    )
    start_cursor: str | None = strawberry.field(
        description="The cursor of the first edge; null where there is none."
    )
    end_cursor: str | None = strawberry.field(
        description="The cursor of the last edge: the next page begins after it."
    )


@strawberry.type(description="A place in a list, and what is there.")
class Edge(Generic[T]):
    """One of a page."""

    node: T = strawberry.field(description="What is at this place.")
    cursor: str = strawberry.field(description="A page may begin after it.")


@strawberry.type(name="Connection", description="A page of a list that nobody counts.")
class Uncounted(Generic[T]):
    """A page, and how to go on."""

    page_info: PageInfo = strawberry.field(
        description="Where the page lies, and whether more follow."
    )
    edges: list[Edge[T]] = strawberry.field(
        description="What is on the page, in order."
    )


@strawberry.type(description="A page of a list.")
class Connection(Uncounted[T]):
    """A page of a list that can be counted."""

    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(
        description="How many there are altogether. Costs as much as there is: ask"
        " for it once, not with each page."
    )
    async def total_count(self) -> int:
        """Count."""
        return await self.count()


def checked_page(first: int) -> int:
    """Return how many a page has.

    Raises
    ------
    Invalid
        More than a page may have, or less than none.
    """
    if not 0 <= first <= MAXIMUM_PAGE:
        message = f"first must be a whole number from 0 to {MAXIMUM_PAGE}."
        raise Invalid(message, path="first")
    return first


def connect(
    nodes: Sequence[tuple[str, T]],
    *,
    has_more: bool,
    after: str | None,
    count: Callable[[], Awaitable[int]],
) -> Connection[T]:
    """Return a page of nodes, each with its cursor."""
    return Connection(
        page_info=_page_info(nodes, has_more, after), edges=_edges(nodes), count=count
    )


def connect_uncounted(
    nodes: Sequence[tuple[str, T]], *, has_more: bool, after: str | None
) -> Uncounted[T]:
    """Return a page of nodes, each with its cursor, of a list that nobody counts."""
    return Uncounted(page_info=_page_info(nodes, has_more, after), edges=_edges(nodes))


def connect_all(
    nodes: Sequence[tuple[str, T]], *, first: int, after: str | None
) -> Connection[T]:
    """Return a page of a list that is held as a whole, because it is short.

    Raises
    ------
    Invalid
        The page would be too large, or the cursor is none of the list.
    """
    begin = 0
    if after is not None:
        cursors = [cursor for cursor, _ in nodes]
        if after not in cursors:
            raise no_such_cursor()
        begin = cursors.index(after) + 1
    end = begin + checked_page(first)

    async def count() -> int:
        return len(nodes)

    return connect(
        nodes[begin:end], has_more=end < len(nodes), after=after, count=count
    )


def no_such_cursor() -> Invalid:
    """Return the refusal of a cursor."""
    return Invalid("The cursor is none of this list: begin anew.", path="after")


def _page_info(
    nodes: Sequence[tuple[str, T]], has_more: bool, after: str | None
) -> PageInfo:
    return PageInfo(
        has_next_page=has_more,
        has_previous_page=after is not None,
        start_cursor=nodes[0][0] if nodes else None,
        end_cursor=nodes[-1][0] if nodes else None,
    )


def _edges(nodes: Sequence[tuple[str, T]]) -> list[Edge[T]]:
    return [Edge(node=node, cursor=cursor) for cursor, node in nodes]
