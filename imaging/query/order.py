"""In which order results come, and where a page begins.

A page ends at a row, and the cursor of the next names that row by its key only:
addresses stand in logs, where no value of a patient has any business. What the row is
sorted by is looked up again, and a signature over it tells whether it is still the
same; so no row is repeated or lost, whatever is stored in between.
"""

import base64
import binascii
import struct
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import orjson
from django.utils.crypto import constant_time_compare, salted_hmac

from core.errors import Invalid
from imaging.levels import Level
from imaging.query.attributes import Attribute

MAXIMUM_SORT_KEYS: Final = 8

_SALT: Final = "imaging.query.order"
_KEY: Final = struct.Struct(">q")
_SIGNATURE_BYTES: Final = 12


class SortKey(NamedTuple):
    """An attribute that results are sorted by; what has no value counts as least."""

    attribute: Attribute
    descending: bool

    def __str__(self) -> str:
        """Return it as a query string names it."""
        return "-" * self.descending + self.attribute.keyword


class Cursor(NamedTuple):
    """The row that a page ended with: its key, and a signature over its values."""

    key: int
    signature: bytes


def parse_sort(text: str, find: Callable[[str], Attribute]) -> tuple[SortKey, ...]:
    """Return what ``sort`` asks for: attributes with a minus for descending order.

    Parameters
    ----------
    find
        Returns the attribute of a name that can be searched for, or refuses it.

    Raises
    ------
    Invalid
        Results cannot be sorted by an attribute, or it is named twice.
    """
    keys = []
    for name in filter(None, (part.strip() for part in text.split(","))):
        attribute = find(name.lstrip("+-"))
        if not attribute.sortable:
            message = f"Results cannot be sorted by {attribute.keyword}."
            raise Invalid(message, path="sort")
        keys.append(SortKey(attribute, name.startswith("-")))
    named = {key.attribute.tag for key in keys}
    if len(named) < len(keys) or len(keys) > MAXIMUM_SORT_KEYS:
        message = f"sort names up to {MAXIMUM_SORT_KEYS} attributes, each once."
        raise Invalid(message, path="sort")
    return tuple(keys)


def parse_cursor(text: str) -> Cursor:
    """Return what a cursor says; whether it is ours shows its signature.

    Raises
    ------
    Invalid
        It cannot be one.
    """
    try:
        decoded = base64.b64decode(text, altchars=b"-_", validate=True)
        (key,) = _KEY.unpack(decoded[: _KEY.size])
    except (ValueError, binascii.Error, struct.error) as error:
        raise _none() from error
    return Cursor(key, decoded[_KEY.size :])


def make_cursor(
    level: Level, sort: Sequence[SortKey], key: int, values: Sequence[Any]
) -> str:
    """Return the cursor after a row.

    Parameters
    ----------
    key, values
        The row's own, and what it is sorted by.
    """
    decoded = _KEY.pack(key) + _signature(level, sort, key, values)
    return base64.urlsafe_b64encode(decoded).decode()


def check_cursor(
    cursor: Cursor, level: Level, sort: Sequence[SortKey], values: Sequence[Any]
) -> None:
    """Refuse a cursor that was not made for a row with these values.

    Raises
    ------
    Invalid
        It is forged, of another order, or of a row that has changed.
    """
    signature = _signature(level, sort, cursor.key, values)
    if not constant_time_compare(cursor.signature, signature):
        raise _none()


def _signature(
    level: Level, sort: Sequence[SortKey], key: int, values: Sequence[Any]
) -> bytes:
    signed = orjson.dumps([level.name, *map(str, sort), key, *values])
    mac: bytes = salted_hmac(_SALT, signed, algorithm="sha256").digest()
    return mac[:_SIGNATURE_BYTES]


def _none() -> Invalid:
    message = (
        "The cursor is none of this search, or where it stood has changed: begin anew."
    )
    return Invalid(message, path="cursor")
