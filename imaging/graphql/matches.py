"""What may be asked of an attribute, by how its values are compared."""

from typing import Any

import strawberry

from core.errors import Invalid
from imaging.graphql.scalars import DA, TM
from imaging.query import Asked

EMPTY = '""'


def _asked(values: list[Any], *, empty: bool, **how: bool) -> Asked:
    given = [str(value) for value in values] + [EMPTY] * empty
    if not given:
        message = "A match must ask for something: give values, or leave it out."
        raise Invalid(message, path="filter")
    return Asked("\\".join(given), **how)


@strawberry.input(
    description="Text, without regard to case; '*' stands for any characters, '?' for"
    " one."
)
class TextMatch:
    """Of LO, SH and the like."""

    any_of: list[str] = strawberry.field(
        description="The value is one of these.", default_factory=list
    )
    empty: bool = strawberry.field(
        description="There is no value; with anyOf: or there is none.", default=False
    )

    def asked(self) -> Asked:
        """Return it in the form of a query."""
        return _asked(self.any_of, empty=self.empty)


@strawberry.input(
    description="Codes, in capitals; '*' stands for any characters, '?' for one."
)
class CodeMatch:
    """Of CS, with one value or several."""

    any_of: list[str] = strawberry.field(
        description="One of the values is one of these.", default_factory=list
    )
    all_of: list[str] = strawberry.field(
        description="Each of these is among the values, where there can be several.",
        default_factory=list,
    )
    empty: bool = strawberry.field(
        description="There is no value; with anyOf: or there is none.", default=False
    )

    def asked(self) -> Asked:
        """Return it in the form of a query."""
        if not self.all_of:
            return _asked(self.any_of, empty=self.empty)
        if self.any_of or self.empty:
            message = "allOf goes alone."
            raise Invalid(message, path="filter")
        return _asked(self.all_of, empty=False, every=True)


@strawberry.input(
    description="A person's name, without regard to case and accents, in any component"
    " group; '*' stands for any characters, '?' for one."
)
class NameMatch:
    """Of PN."""

    any_of: list[str] = strawberry.field(
        description="The name is one of these, components separated by '^'.",
        default_factory=list,
    )
    fuzzy: bool = strawberry.field(
        description="Words of the name begin with those given, in their order.",
        default=False,
    )
    empty: bool = strawberry.field(
        description="There is no name; with anyOf: or there is none.", default=False
    )

    def asked(self) -> Asked:
        """Return it in the form of a query."""
        return _asked(self.any_of, empty=self.empty, fuzzy=self.fuzzy)


@strawberry.input(description="Dates: some, or from one until another.")
class DateMatch:
    """Of DA."""

    any_of: list[DA] = strawberry.field(
        description="The date is one of these.", default_factory=list
    )
    from_: DA | None = strawberry.field(
        name="from", description="The first date.", default=None
    )
    until: DA | None = strawberry.field(description="The last date.", default=None)
    empty: bool = strawberry.field(
        description="There is no date; with others: or there is none.", default=False
    )

    def asked(self) -> Asked:
        """Return it in the form of a query."""
        ranges = _range(self.from_, self.until)
        return _asked([*self.any_of, *ranges], empty=self.empty)


@strawberry.input(
    description="Times of day. With dates from and until, and times from and until,"
    " they are the ends of one range."
)
class TimeMatch:
    """Of TM."""

    any_of: list[TM] = strawberry.field(
        description="The time lies in one of these hours, minutes or seconds.",
        default_factory=list,
    )
    from_: TM | None = strawberry.field(
        name="from", description="The first time.", default=None
    )
    until: TM | None = strawberry.field(description="The last time.", default=None)
    empty: bool = strawberry.field(
        description="There is no time; with others: or there is none.", default=False
    )

    def asked(self) -> Asked:
        """Return it in the form of a query."""
        ranges = _range(self.from_, self.until)
        return _asked([*self.any_of, *ranges], empty=self.empty)


@strawberry.input(
    description="What is asked of an extended query tag, in the form of QIDO: of text"
    " with '*' and '?', of dates, times and numbers ranges such as 20200101-, 1.5-3."
)
class QueryTagMatch:
    """Of any attribute that has a query tag."""

    tag: str = strawberry.field(
        description="A keyword or eight hexadecimal digits; inside of sequences several"
        " of these, with dots between."
    )
    any_of: list[str] = strawberry.field(
        description="One of the values is one of these.", default_factory=list
    )
    all_of: list[str] = strawberry.field(
        description="Each of these is among the values.", default_factory=list
    )
    fuzzy: bool = strawberry.field(
        description="Words of a name begin with those given, in their order.",
        default=False,
    )
    empty: bool = strawberry.field(
        description="There is no value; with anyOf: or there is none.", default=False
    )

    def asked(self) -> Asked:
        """Return it in the form of a query."""
        if not self.all_of:
            return _asked(self.any_of, empty=self.empty, fuzzy=self.fuzzy)
        if self.any_of or self.empty:
            message = "allOf goes alone."
            raise Invalid(message, path="filter")
        return _asked(self.all_of, empty=False, fuzzy=self.fuzzy, every=True)


def _range(first: str | None, last: str | None) -> list[str]:
    return [f"{first or ''}-{last or ''}"] if first or last else []
