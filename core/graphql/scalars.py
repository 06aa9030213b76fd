"""Scalars that GraphQL does not bring."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NewType
from uuid import UUID

import strawberry
from strawberry.types.scalar import ScalarDefinition

from core.access import Verb
from core.errors import Invalid

BigInt = NewType("BigInt", int)
Json = NewType("Json", object)
Password = NewType("Password", str)


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


def verbs_in(names: Sequence[str] | None) -> Sequence[Verb] | None:
    """Return the verbs that an argument names.

    Raises
    ------
    Invalid
        There is no such verb.
    """
    try:
        return None if names is None else [Verb(name) for name in names]
    except ValueError as error:
        message = f"The verbs are: {', '.join(Verb)}."
        raise Invalid(message, path="verbs") from error


def _password(value: Any) -> Password:
    # graphql-core quotes what a scalar refuses: the rules of passwords refuse this.
    return Password(value if isinstance(value, str) else "")


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
    Password: strawberry.scalar(
        name="Password",
        description="The text of a password: no message and no log ever quotes it.",
        serialize=str,
        parse_value=_password,
    ),
    Json: strawberry.scalar(
        name="JSON",
        description="Any JSON value.",
        serialize=lambda value: value,
        parse_value=_refused,
    ),
}
