"""The keys by which values are found: 64 bit hashes of what they are of, and are.

A term stands for a parameter with a value, in `Resource.terms`; a slot for what the
rows of a table of values have in common. Both are made here alone, so that what is
written and what is searched for cannot differ. The SQL function ``fhirlink_term`` makes
the same of a text: by it resources are found that refer to those of a subquery.
"""

from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from typing import Final, NamedTuple

from fhirlink.search.values import Link, Token

SEPARATOR: Final = "\x1f"  # in no text that FHIR allows

PRESENT: Final = "present"
CODE: Final = "code"  # in whichever system
TOKEN: Final = "token"  # noqa: S105 no secret: a system with a code
SYSTEM: Final = "system"
SAID: Final = "said"
TYPED: Final = "typed"
TO: Final = "to"
URL: Final = "url"
EXACT: Final = "exact"
MOMENT: Final = "moment"  # a date of a day at most
PERIOD: Final = "period"
POINT: Final = "point"  # one number
RANGE: Final = "range"
CONVERTED: Final = "converted"  # in another unit than it is written in
TEXT: Final = "text"

Key = tuple[str, ...]


class Owner(NamedTuple):
    """Whose values they are: a parameter of a type, in a partition."""

    partition_id: int
    type: str
    parameter: str


@lru_cache(maxsize=1 << 16)
def term(owner: Owner, *key: str) -> int:
    """Return the hash of a value, or of a place for values, of a parameter."""
    return hashed(SEPARATOR.join((prefix(owner), *key)))


@lru_cache(maxsize=1 << 12)
def prefix(owner: Owner) -> str:
    """Return what the text of an owner's terms begins with."""
    return SEPARATOR.join(map(str, owner))


def hashed(text: str) -> int:
    """Return the hash of a text, as ``fhirlink_term`` does in the database."""
    digest = sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def compartment(partition_id: int, patient_id: str) -> int:
    """Return the term of all that lies in the compartment of a patient."""
    return hashed(compartment_prefix(partition_id) + patient_id)


def compartment_prefix(partition_id: int) -> str:
    """Return what the text of a compartment's term begins with, before the id."""
    return SEPARATOR.join((str(partition_id), "", "compartment", "Patient", ""))


def keys_of(value: Token | Link | str) -> Iterator[Key]:
    """Yield by what a code, a reference or an address is found."""
    if isinstance(value, Token):
        yield from _keys_of_token(value)
    elif isinstance(value, str):
        yield URL, value
    elif value.url:
        yield URL, value.url
    elif value.fhir_id:
        yield TO, value.type, value.fhir_id
    if isinstance(value, Link) and value.identifier is not None:
        for key in _keys_of_token(value.identifier):
            yield "identifier", *key


def _keys_of_token(token: Token) -> Iterator[Key]:
    if token.code:
        yield CODE, token.code
        yield TOKEN, token.system, token.code
        for system, code in token.types:
            yield TYPED, system, code, token.code
    if token.system:
        yield SYSTEM, token.system
