"""Scalars that GraphQL does not bring."""

from datetime import datetime
from typing import Any, NewType
from uuid import UUID

import strawberry
from strawberry.types.scalar import ScalarDefinition

from core.errors import Invalid

BigInt = NewType("BigInt", int)
Json = NewType("Json", object)


def _whole_number(value: Any) -> BigInt:
    if isinstance(value, bool) or not isinstance(value, int | str):
        message = "A BigInt is a whole number."
        raise Invalid(message)
    text = str(value)
    if not (text.isascii() and text.removeprefix("-").isdecimal() and len(text) < 20):
        message = "A BigInt is a whole number of at most 19 digits."
        raise Invalid(message)
    return BigInt(int(value))


def aware(moment: datetime | None, path: str) -> datetime | None:
    """Return a moment that an argument gives.

    Raises
    ------
    Invalid
        Its time zone is missing, so it may be any of a day's.
    """
    if moment is not None and moment.tzinfo is None:
        message = f"{path} must name its time zone, such as 2027-01-31T12:00:00Z."
        raise Invalid(message, path=path)
    return moment


def _uuid(value: Any) -> UUID:
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError) as error:
        message = "This must be a UUID."
        raise Invalid(message) from error


def _refused(_value: Any) -> Any:
    message = "JSON is answered, and not taken."
    raise Invalid(message)


SCALARS: dict[object, ScalarDefinition] = {
    BigInt: strawberry.scalar(
        name="BigInt",
        description="A whole number of up to 64 bits, as a JSON number.",
        serialize=int,
        parse_value=_whole_number,
    ),
    UUID: strawberry.scalar(
        name="UUID",
        description="A UUID, as RFC 9562 writes it.",
        serialize=str,
        parse_value=_uuid,
    ),
    Json: strawberry.scalar(
        name="JSON",
        description="Any JSON value.",
        serialize=lambda value: value,
        parse_value=_refused,
    ),
}
