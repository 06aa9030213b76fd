"""Where a page of rows ends, and in which order they come.

A place tells a day and keys; who may not see these has a cursor that only the portal
reads.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final, NamedTuple

from core.errors import Gone, Invalid
from core.kept_secrets import hidden, shown
from fhirlink.events.days import ALWAYS

_NONE: Final = "The cursor is none of this list: begin anew."
_OF: Final = "places of cohorts"
_LARGEST: Final = 2**63
_LARGEST_KEY: Final = 2**31 - 1
_DAY: Final = "(l.day - DATE '0001-01-01')"
_UNDATED: Final = f"(l.day = DATE '{ALWAYS}')::int"


class Order(NamedTuple):
    """An order of rows.

    Attributes
    ----------
    columns
        Whole numbers of a row of ``l`` by which it is found again.
    is_by_patient
        Whether all rows of a patient come together, in the order of patients.
    """

    columns: tuple[str, str, str, str]
    is_by_patient: bool

    @property
    def sql(self) -> str:
        """Return the columns."""
        return ", ".join(self.columns)


ORDERS: Final = {
    None: Order(("l.patient", _DAY, "l.second", "l.id"), is_by_patient=True),
    "date": Order((_DAY, "l.second", "l.id", "l.id"), is_by_patient=False),
    "-date": Order((_UNDATED, f"-{_DAY}", "-l.second", "-l.id"), is_by_patient=False),
}
"""By what `cohorts.criteria.Query.sort` says; what has no date comes last."""

Place = tuple[int, int, int, int]


def written(place: Place) -> str:
    """Return the cursor of a place."""
    return urlsafe_b64encode(".".join(map(str, place)).encode()).decode()


def read(cursor: str) -> Place:
    """Return the place of a cursor.

    Raises
    ------
    Invalid
        It is none.
    """
    try:
        text = urlsafe_b64decode(cursor.encode()).decode()
        first, second, third, fourth = map(int, text.split("."))
    except ValueError as error:  # of base64, of UTF-8, of numbers and how many
        raise _no_cursor() from error
    place = (first, second, third, fourth)
    if any(not -_LARGEST <= each < _LARGEST for each in place):
        raise _no_cursor()
    return place


def sealed(place: Place) -> str:
    """Return a cursor of a place that tells nothing."""
    return hidden(written(place), of=_OF)


def opened(cursor: str) -> Place:
    """Return the place of a cursor that was sealed.

    Raises
    ------
    Invalid
        It is none.
    """
    try:
        return read(shown(cursor, of=_OF, otherwise=_NONE))
    except Gone as error:
        raise _no_cursor() from error


def key(number: int) -> int:
    """Return a number as a key of a patient can be: a cursor may have been made up."""
    return max(-1, min(number, _LARGEST_KEY))


def _no_cursor() -> Invalid:
    return Invalid(_NONE, path="after")
