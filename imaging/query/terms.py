"""What a search asks of attributes: plain data, which any search backend answers.

A `Criterion` names an attribute, or an extended query tag, with its level and how its
values compare, and tests of which a value has to pass one. A query is a list of these
that all have to hold (`imaging.query.parse.Query.criteria`): no SQL is in them. From
text to tests: `imaging.query.matching`; from tests to SQL: `imaging.query.conditions`
and `imaging.query.tag_conditions`.
"""

import re
from decimal import Decimal
from typing import Final, NamedTuple

from imaging.query.attributes import Attribute

ANY: Final = "\ufdd0"
"""Stands for ``*`` in a `Like`: a noncharacter, which folding leaves alone."""
ONE: Final = "\ufdd1"
"""Stands for ``?`` in a `Like`."""
# Before and after every stored date and time, but not before an empty one.
FIRST: Final = "0"
LAST: Final = "~"


class Exactly(NamedTuple):
    """The value is this one."""

    value: str | int | Decimal


class Like(NamedTuple):
    """The value fits a pattern with `ANY` and `ONE` (DICOM PS3.4 C.2.2.2.4)."""

    pattern: str

    @property
    def prefix(self) -> str:
        """Return what the value begins with."""
        return re.split(f"[{ANY}{ONE}]", self.pattern, maxsplit=1)[0]


class Within(NamedTuple):
    """The value sorts between the bounds, both included, and is not empty."""

    lower: str
    upper: str


class Between(NamedTuple):
    """The number lies between the bounds, both included; None is no bound."""

    lower: Decimal | None
    upper: Decimal | None


class Zoned(NamedTuple):
    """The moment lies in a range that was asked for in a time zone.

    Attributes
    ----------
    utc
        For a value whose time zone is known, in universal time.
    local
        For any other, as it stands.
    """

    utc: Within
    local: Within


class Words(NamedTuple):
    """Consecutive words of a name begin with these."""

    words: tuple[str, ...]


class Empty(NamedTuple):
    """There is no value (DICOM PS3.4 C.2.2.2.7 empty value matching)."""


class InGroups(NamedTuple):
    """Component groups of a name each pass their test; None passes all."""

    groups: tuple["Exactly | Like | None", ...]


Test = Exactly | Like | Within | Between | Zoned | Words | InGroups | Empty


class Criterion(NamedTuple):
    """An attribute and the tests of which a value has to pass one.

    Of a name any component group may pass.
    """

    attribute: Attribute
    any_of: tuple[Test, ...]
