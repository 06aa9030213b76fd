"""What a search asks of resources, as plain data: the tests of values.

References
----------
FHIR R4 3.1.1.4 and 3.1.1.5.
"""

from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from fhirlink.definitions.parameters import Parameter
from fhirlink.search.moments import Interval


class Prefix(StrEnum):
    """How an ordered value compares with what is asked for (FHIR R4 3.1.1.4.2)."""

    EQUAL = "eq"
    UNEQUAL = "ne"
    GREATER = "gt"
    LESS = "lt"
    AT_LEAST = "ge"
    AT_MOST = "le"
    AFTER = "sa"
    BEFORE = "eb"
    NEARLY = "ap"


class IsToken(NamedTuple):
    """A code, in a system (None: whichever; empty: in none), any code for None."""

    system: str | None
    code: str | None


class Related(NamedTuple):
    """A code, or one of those below it, or above it."""

    system: str
    code: str
    is_above: bool


class OfType(NamedTuple):
    """An identifier of a type, with a value."""

    system: str
    code: str
    value: str


class Begins(NamedTuple):
    """A text that begins so, folded."""

    text: str


class Contains(NamedTuple):
    """A text with this in it, folded."""

    text: str


class Exactly(NamedTuple):
    """A text, or an address, that is this."""

    text: str


class Said(NamedTuple):
    """Words that are said of a code begin so, folded."""

    text: str


class Refers(NamedTuple):
    """A reference to a resource here, of any type for none; or to an address."""

    type: str
    fhir_id: str
    url: str = ""


class Identified(NamedTuple):
    """A reference that names an identifier."""

    token: IsToken


class Dated(NamedTuple):
    """A moment or period that compares so with an interval."""

    prefix: Prefix
    interval: Interval


class Measured(NamedTuple):
    """A number that compares so with one; its precision is that of its digits.

    Attributes
    ----------
    low, high
        What still rounds to the number.
    system, code
        Of the unit; code alone is that of any system, or how it is written.
    """

    prefix: Prefix
    number: Decimal
    low: Decimal
    high: Decimal
    system: str | None = None
    code: str = ""


class Below(NamedTuple):
    """An address that begins so."""

    url: str


class Above(NamedTuple):
    """An address that this one begins with, up to a slash."""

    url: str


class Missing(NamedTuple):
    """There is no value, or there is one."""

    is_missing: bool


class Together(NamedTuple):
    """The parts of a composite, at one place."""

    parts: tuple["Test", ...]


Test = (
    IsToken
    | Related
    | OfType
    | Begins
    | Contains
    | Exactly
    | Said
    | Refers
    | Identified
    | Dated
    | Measured
    | Below
    | Above
    | Missing
    | Together
)


class Criterion(NamedTuple):
    """A parameter of which one value passes one of the tests; with `negated` none."""

    parameter: Parameter
    any_of: tuple[Test, ...]
    negated: bool = False


class Chained(NamedTuple):
    """A reference to a resource that fulfils a condition of its type.

    Attributes
    ----------
    steps
        Types, and what is asked of a resource of each.
    """

    parameter: Parameter
    steps: tuple[tuple[str, "Condition"], ...]


class Having(NamedTuple):
    """A resource of a type that refers here and fulfils a condition (``_has``)."""

    type: str
    parameter: Parameter
    condition: "Condition"


Condition = Criterion | Chained | Having
