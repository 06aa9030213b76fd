"""Codes: what a CodeableConcept, a Coding or words say, pure."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from fhirlink.events.read import at, clean, text

Json = Any

# Characters; what is longer is cut. An entry of an index has its limit in bytes.
_LONGEST: Final = 500
_LONGEST_SYSTEM: Final = 300
_LONGEST_CODE: Final = 200


class Coding(NamedTuple):
    """A code of a system with its words; words alone are a CodeableConcept.text."""

    system: str
    code: str
    display: str


Codes = tuple[Coding, ...]
"""All codings and words of one thing, in their order, without repetition."""


def codes_of(*items: Json) -> Codes:
    """Return what CodeableConcepts, Codings and texts say together."""
    return tuple(dict.fromkeys(_all(items)))


def _all(items: tuple[Json, ...]) -> Iterator[Coding]:
    for item in items:
        if isinstance(item, str):
            yield from _words(item)
        elif isinstance(item, dict):
            if "coding" in item:
                for coding in at(item, "coding"):
                    yield from _coding(coding)
            if "text" in item:
                yield from _words(text(item, "text"))
            yield from _coding(item)


def _coding(item: Json) -> Iterator[Coding]:
    if isinstance(item, dict) and ("code" in item or "display" in item):
        coding = Coding(
            text(item, "system")[:_LONGEST_SYSTEM],
            text(item, "code")[:_LONGEST_CODE],
            text(item, "display")[:_LONGEST],
        )
        if coding.code or coding.display:
            yield coding


def _words(words: str) -> Iterator[Coding]:
    if words := clean(words).strip()[:_LONGEST]:
        yield Coding("", "", words)
