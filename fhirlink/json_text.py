"""JSON of resources, in and out, so that nothing of it is lost: pure.

A decimal keeps its digits (FHIR R4 2.24.0.1: 1.0 is another statement than 1.00) and
members keep their order. What a reader might take otherwise than its writer meant, or
the database could not hold, is refused. How large a body may be, its edge decides.

References
----------
FHIR R4 2.6.2 JSON; RFC 8259.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Self

import orjson

from core.errors import Invalid

Json = Any
Resource = dict[str, Json]

MAX_DEPTH: Final = 100  # objects and lists in one another
MAX_DIGITS: Final = 100  # of a number, all characters counted
_PLAIN_DIGITS: Final = 18  # an integer that any reader holds exactly
_BOM: Final = b"\xef\xbb\xbf"
_STRING: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')
_OTHERS: Final = bytes(each for each in range(256) if each not in b"[]{}")
_BRACES: Final = bytes.maketrans(b"{}", b"[]")


class Number(float):
    """A number that remembers how it was written.

    Attributes
    ----------
    text
        Its characters, as ``1.50``. What it equals is its value: 1.50 is 1.5.
    """

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """Read what JSON has as a number."""
        self = float.__new__(cls, text)
        self.text = text
        return self

    def __str__(self) -> str:
        return self.text

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[type["Number"], tuple[str]]:
        return Number, (self.text,)


def parse(body: bytes) -> Resource:
    """Return what a body says; its decimals are of `Number`.

    Raises
    ------
    Invalid
        It is no object of JSON in UTF-8; or it says a thing twice, is too deep, has
        numbers that few readers could hold, or characters that no database takes.
        `path` is the place, as FHIRPath, or as a line and column.
    """
    found = parse_any(body)
    if not isinstance(found, dict):
        message = "A resource is an object of JSON: it begins with '{'."
        raise Invalid(message)
    return found


def parse_any(body: bytes) -> Json:
    """Return what a body says, which may be a list or a single value.

    Raises
    ------
    Invalid
        As `parse` does.
    """
    _be_well_formed(body)
    try:
        found = _DECODER.decode(body.decode())
    except _Twice as error:
        path, name = _first_twice(body)
        message = f"{name!r} is given more than once in one object."
        raise Invalid(message, path=path) from error
    if b"\\u0000" in body:
        _refuse_nul(found)
    return found


def dump(resource: Mapping[str, Json], *, indented: bool = False) -> bytes:
    """Return a resource's JSON: members in their order, decimals with their digits."""
    option = orjson.OPT_INDENT_2 if indented else None
    return orjson.dumps(resource, default=_as_written, option=option)


def _as_written(value: object) -> orjson.Fragment:
    if isinstance(value, Number):
        return orjson.Fragment(value.text)
    message = f"{type(value).__name__} has no form in JSON"
    raise TypeError(message)


def _be_well_formed(body: bytes) -> None:
    """Refuse what no strict reader takes, before one that calls itself reads it."""
    if body.startswith(_BOM):
        message = "The JSON begins with a byte order mark: leave it out."
        raise Invalid(message)
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        what, _, place = str(error).rpartition(": ")
        message = f"This cannot be read as JSON in UTF-8: {what}, {place}."
        raise Invalid(message, path=place) from error
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _is_deep(body):
        message = f"The JSON is nested deeper than {MAX_DEPTH} levels."
        raise Invalid(message)


def _is_deep(body: bytes) -> bool:
    left = _STRING.sub(b"", body).translate(_BRACES, _OTHERS)
    for _ in range(MAX_DEPTH):
        if not left:
            return False
        left = left.replace(b"[]", b"")
    return bool(left)


class _Twice(Exception):
    pass


def _object(pairs: list[tuple[str, Json]]) -> Resource:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Twice
    return found


def _integer(text: str) -> int | Number:
    is_plain = len(text) <= _PLAIN_DIGITS and text != "-0"
    return int(text) if is_plain else _number(text)


def _number(text: str) -> Number:
    if len(text) > MAX_DIGITS:
        message = f"The number {text[:20]}… has more than {MAX_DIGITS} characters."
        raise Invalid(message)
    return Number(text)


_DECODER: Final = json.JSONDecoder(
    parse_float=_number, parse_int=_integer, object_pairs_hook=_object
)


def _refuse_nul(found: Json) -> None:
    for path, value in walk(found):
        names = value if isinstance(value, dict) else ()
        if any("\0" in name for name in names):
            message = "The name of a member has the character NUL."
            raise Invalid(message, path=path)
        if isinstance(value, str) and "\0" in value:
            message = "A text has the character NUL, which cannot be kept."
            raise Invalid(message, path=path)


def walk(whole: Json) -> Iterator[tuple[str, Json]]:
    """Yield each value in a resource with its place as FHIRPath, itself first.

    A value stands before those in it. Depth costs no stack.
    """
    start = whole.get("resourceType", "") if isinstance(whole, Mapping) else ""
    waiting: list[tuple[str, Json]] = [(str(start), whole)]
    while waiting:
        path, value = waiting.pop()
        yield path, value
        if isinstance(value, dict):
            dot = "." if path else ""
            inner = [(f"{path}{dot}{name}", each) for name, each in value.items()]
            waiting += reversed(inner)
        elif isinstance(value, list):
            inner = [(f"{path}[{at}]", each) for at, each in enumerate(value)]
            waiting += reversed(inner)


class _Pairs(list[tuple[str, Json]]):
    """An object with all that it says, also what it says twice."""


def _first_twice(body: bytes) -> tuple[str, str]:
    """Return the place of the first object that says a thing twice, and what."""
    whole = json.loads(body, object_pairs_hook=_Pairs, parse_int=str, parse_float=str)
    waiting: list[tuple[str, Json]] = [("", whole)]
    while waiting:
        path, value = waiting.pop()
        inner: list[tuple[str, Json]] = []
        if isinstance(value, _Pairs):
            known: set[str] = set()
            for name, each in value:
                at = f"{path}.{name}" if path else name
                if name in known:
                    return at, name
                known.add(name)
                inner.append((at, each))
        elif isinstance(value, list):
            inner = [(f"{path}[{at}]", each) for at, each in enumerate(value)]
        waiting += reversed(inner)
    return "", ""
