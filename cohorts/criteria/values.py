"""What criteria compare with: numbers, days, spans of time, concepts, words, tags."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    model_validator,
)
from pydantic import Tag as Tagged

from cohorts.criteria.durations import Duration, parse_duration

MOST_VALUES: Final = 200
"""Members of any list at most."""

MOST_CHARACTERS: Final = 300
_DAY: Final = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_SPARSE: Final = "Nothing is asked for: give at least one member."


class Part(BaseModel):
    """A part of criteria: unknown members are refused, nothing is changed later."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False
    )


def _day(text: str) -> str:
    """Return a date as FHIR writes it, which may be a year or a month."""
    if not _DAY.fullmatch(text):
        message = "is a date: 2024-05-31, 2024-05 or 2024"
        raise ValueError(message)
    date.fromisoformat(text + "-01-01"[len(text) - 10 :] if len(text) < 10 else text)
    return text


def _duration(text: str) -> str:
    parse_duration(text)
    return text


def _moment(text: str) -> str:
    """Return a date, or a duration before or after now."""
    return _duration(text) if text.lstrip("+-").startswith("P") else _day(text)


def _span(text: str) -> str:
    found: Duration = parse_duration(text)
    if found.sign < 0:
        message = "is a duration without a sign: P2Y, P18M, P30D"
        raise ValueError(message)
    return text


def _words(text: str) -> str:
    if not text.strip():
        message = "has no words"
        raise ValueError(message)
    return text


Words = Annotated[str, Field(max_length=MOST_CHARACTERS), AfterValidator(_words)]
Day = Annotated[str, Field(max_length=10), AfterValidator(_day)]
Span = Annotated[str, Field(max_length=40), AfterValidator(_span)]
Offset = Annotated[str, Field(max_length=40), AfterValidator(_duration)]
Moment = Annotated[str, Field(max_length=40), AfterValidator(_moment)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]
Anchor = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}(\.end)?$")]
Number = Annotated[int, Field(strict=True)] | Annotated[float, Field(strict=True)]
Count = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]


SOME: Final = Field(min_length=1, max_length=MOST_VALUES)
"""Of a list that is neither empty nor endless."""


def by_member(**types: str) -> Discriminator:
    """Tell the types of a union apart by the first of their members that is there.

    Parameters
    ----------
    types
        The tag of the type that each member shows; in the order that they are looked
        for.
    """

    def tag_of(value: Any) -> str | None:
        if isinstance(value, Part):
            return type(value).__name__
        if not isinstance(value, Mapping):
            return None
        return next((tag for name, tag in types.items() if name in value), None)

    return Discriminator(
        tag_of,
        custom_error_type="member",
        custom_error_message="has one of these members: " + ", ".join(types),
    )


class _Bounds(Part):
    """Bounds of which at least one is given."""

    @model_validator(mode="after")
    def _is_bounded(self) -> "_Bounds":
        if not any(
            getattr(self, each, None) is not None
            for each in ("gt", "gte", "lt", "lte", "eq")
        ):
            raise ValueError(_SPARSE)
        return self


class NumberRange(_Bounds):
    """Numbers between bounds."""

    gt: Number | None = None
    gte: Number | None = None
    lt: Number | None = None
    lte: Number | None = None
    eq: Number | None = None


class CountRange(_Bounds):
    """How many there are."""

    gt: Count | None = None
    gte: Count | None = None
    lt: Count | None = None
    lte: Count | None = None
    eq: Count | None = None


class DayRange(_Bounds):
    """Days between bounds; a partial date is all of its days."""

    gt: Day | None = None
    gte: Day | None = None
    lt: Day | None = None
    lte: Day | None = None
    eq: Day | None = None


class Age(NumberRange):
    """Full years, now, at death, on a day, or when a named event was (``@name``)."""

    at: (
        Literal["now", "death"]
        | Day
        | Annotated[str, Field(pattern=r"^@[A-Za-z]\w{0,39}$")]
    ) = "now"


class Quantity(NumberRange):
    """A number in a unit of UCUM; without one in the unit that stands there."""

    unit: Annotated[str, Field(min_length=1, max_length=40)] | None = None


class WordsOfValue(Part):
    """A value by its words."""

    text: Words


Value = Annotated[
    Annotated[WordsOfValue, Tagged("WordsOfValue")]
    | Annotated[Quantity, Tagged("Quantity")],
    by_member(
        text="WordsOfValue",
        **dict.fromkeys(("gt", "gte", "lt", "lte", "eq", "unit"), "Quantity"),
    ),
]


class CodeOf(Part):
    """A code of a system; with all that lie below it, if wanted."""

    system: Annotated[str, Field(max_length=MOST_CHARACTERS)]
    code: Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS)]
    descendants: bool = False


class ConceptText(Part):
    """What is called so, by whole words in sequence."""

    text: Words


class ConceptCodes(Part):
    """Any of some codes."""

    codes: Annotated[tuple[CodeOf, ...], SOME]


class ConceptSet(Part):
    """A set of concepts that was saved."""

    set: Annotated[str, Field(min_length=1, max_length=MOST_CHARACTERS)]


class ConceptGroup(Part):
    """Any of some concepts, but for others."""

    any_of: "Annotated[tuple[Concept, ...], SOME]" = Field(alias="anyOf")
    not_: "tuple[Concept, ...]" = Field(default=(), alias="not", max_length=MOST_VALUES)


Concept = Annotated[
    Annotated[ConceptText, Tagged("ConceptText")]
    | Annotated[ConceptCodes, Tagged("ConceptCodes")]
    | Annotated[ConceptSet, Tagged("ConceptSet")]
    | Annotated[ConceptGroup, Tagged("ConceptGroup")],
    by_member(
        text="ConceptText", codes="ConceptCodes", set="ConceptSet", anyOf="ConceptGroup"
    ),
]


class Between(Part):
    """From a day to another, both included; open where one is null."""

    from_: Moment | None = Field(default=None, alias="from")
    to: Moment | None = None

    @model_validator(mode="after")
    def _is_bounded(self) -> "Between":
        if self.from_ is None and self.to is None:
            raise ValueError(_SPARSE)
        return self


class Last(Part):
    """From so long ago until now."""

    last: Span


class Near(Part):
    """Around the start of a named event, or its end (``name.end``)."""

    near: Anchor
    from_: Offset | None = Field(default=None, alias="from")
    to: Offset | None = None


class During(Part):
    """While a named event runs."""

    during: Name


When = Annotated[
    Annotated[Near, Tagged("Near")]
    | Annotated[Last, Tagged("Last")]
    | Annotated[During, Tagged("During")]
    | Annotated[Between, Tagged("Between")],
    by_member(
        near="Near", last="Last", during="During", to="Between", **{"from": "Between"}
    ),
]


class Phrase(Part):
    """Words in sequence, anywhere in a text."""

    phrase: Words


class Terms(Part):
    """Words that a text has, and that it must not affirm."""

    all: tuple[Words, ...] = Field(default=(), max_length=MOST_VALUES)
    any: tuple[Words, ...] = Field(default=(), max_length=MOST_VALUES)
    none: tuple[Words, ...] = Field(default=(), max_length=MOST_VALUES)

    @model_validator(mode="after")
    def _asks(self) -> "Terms":
        if not (self.all or self.any or self.none):
            raise ValueError(_SPARSE)
        return self


Text = Annotated[
    Annotated[Phrase, Tagged("Phrase")] | Annotated[Terms, Tagged("Terms")],
    by_member(phrase="Phrase", all="Terms", any="Terms", none="Terms"),
]

TagValue = Number | Annotated[str, Field(max_length=MOST_CHARACTERS)]


class Tag(Part):
    """An attribute of images: by keyword, by number, or private with its creator."""

    tag: Annotated[str, Field(pattern=r"^([A-Za-z][A-Za-z0-9]*|[0-9A-Fa-fxX]{8})$")]
    creator: Words | None = None
    eq: TagValue | None = None
    in_: Annotated[
        tuple[TagValue, ...] | None, Field(alias="in", max_length=MOST_VALUES)
    ] = None
    gt: TagValue | None = None
    gte: TagValue | None = None
    lt: TagValue | None = None
    lte: TagValue | None = None
    contains: Words | None = None
    exists: bool | None = None
    unit: Annotated[str, Field(min_length=1, max_length=40)] | None = None

    @model_validator(mode="after")
    def _asks(self) -> "Tag":
        asked = (self.eq, self.in_, self.gt, self.gte, self.lt, self.lte)
        if all(e is None for e in (*asked, self.contains, self.exists)):
            raise ValueError(_SPARSE)
        return self
