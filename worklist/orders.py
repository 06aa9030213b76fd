"""What lists of workitems are ordered by, and how a page goes on in them."""

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from core.errors import Invalid
from imaging.query.conditions import Condition

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND: Final = dt.timedelta(microseconds=1)


class Order(StrEnum):
    """What lists are ordered by."""

    URGENCY = "urgency"
    """By priority, what has ended last; then by start."""
    START = "start"
    DUE = "due"
    """By when it is expected to be done; what is not, last."""
    CHANGED = "changed"
    """What was changed last, first."""


class Place(NamedTuple):
    """Where a workitem stands in a list: by rank, then by a moment.

    In lists of urgency the moment is its start. In those of another `Order` it is what
    they are ordered by, and the rank is 0, or 1 of what has no such moment.
    """

    rank: int
    at: dt.datetime
    key: int

    def __str__(self) -> str:
        """Return it as a cursor."""
        return f"{self.rank}.{(self.at - _EPOCH) // _MICROSECOND}.{self.key}"

    @classmethod
    def read(cls, cursor: str) -> "Place":
        """Return the place that a cursor names.

        Raises
        ------
        Invalid
            It is none of ours.
        """
        try:
            if not cursor.isascii() or len(cursor) > 64:
                raise ValueError  # noqa: TRY301 told like any other that is none
            rank, micros, key = map(int, cursor.split("."))
            if rank not in range(10) or not 0 <= key < 2**63:
                raise ValueError  # noqa: TRY301
            return cls(rank, _EPOCH + micros * _MICROSECOND, key)
        except (ValueError, OverflowError) as error:
            message = "The cursor is none of this search: begin anew."
            raise Invalid(message, path="cursor") from error


BY: Final[Mapping[Order, str]] = {
    Order.URGENCY: "w.rank, w.start_at, w.id",
    Order.START: "w.start_at, w.id",
    Order.DUE: "w.due_at, w.id",  # PostgreSQL has NULL last
    Order.CHANGED: "w.modified_at DESC, w.id DESC",
}
"""The columns of a row ``w``: what ``ORDER BY`` says."""


def after(place: Place, row: str = "w", key: str = "id") -> Condition:
    """Return what is true of the rows after a place in a list of urgency."""
    order = f"({row}.rank, {row}.start_at, {row}.{key})"
    return f"{order} > (%s::smallint, %s::timestamptz, %s::bigint)", list(place)


def after_in(order: Order, place: Place) -> Condition:
    """Return what is true of the rows ``w`` after a place in a list of any order."""
    rank, at, key = place
    match order:
        case Order.URGENCY:
            return after(place)
        case Order.START:
            return "(w.start_at, w.id) > (%s::timestamptz, %s::bigint)", [at, key]
        case Order.CHANGED:
            return "(w.modified_at, w.id) < (%s::timestamptz, %s::bigint)", [at, key]
        case Order.DUE if rank:
            return "w.due_at IS NULL AND w.id > %s::bigint", [key]
        case Order.DUE:
            later = "(w.due_at, w.id) > (%s::timestamptz, %s::bigint)"
            return f"({later} OR w.due_at IS NULL)", [at, key]


def place_in(
    order: Order,
    *,
    rank: int,
    start_at: dt.datetime,
    due_at: dt.datetime | None,
    modified_at: dt.datetime,
    key: int,
) -> Place:
    """Return where a workitem stands in a list of an order."""
    match order:
        case Order.URGENCY:
            return Place(rank, start_at, key)
        case Order.START:
            return Place(0, start_at, key)
        case Order.CHANGED:
            return Place(0, modified_at, key)
        case Order.DUE if due_at is None:
            return Place(1, _EPOCH, key)
        case Order.DUE:
            return Place(0, due_at, key)
