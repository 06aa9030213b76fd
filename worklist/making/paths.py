"""Paths into what a workitem is made of: pure.

Into the DICOM JSON of a study an attribute is named as searches name it, by keyword or
digits, with dots between (DICOM PS3.18 8.3.4.1)::

    ReferencedRequestSequence.AccessionNumber

Into the JSON of a resource a path is a part of FHIRPath: names of elements (of a choice
without its type), ``[0]``, ``first()``, ``last()``, ``where(path = 'text')`` and
``resolve()``, which follows a reference::

    subject.resolve().name.where(use = 'official').family

Names that begin with ``%`` are what `worklist.making.subjects` adds to a resource.

A path gives all values that stand there, lists taken apart.

References
----------
HL7 FHIRPath 2.0, 3 and 5; FHIR R4 2.9.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from core.errors import Invalid
from imaging.query.attributes import resolve

Json = Any

MAXIMUM_PATH: Final = 500  # characters
MAXIMUM_VALUES: Final = 1_000  # of one path
_GROUPS: Final = frozenset({"Alphabetic", "Ideographic", "Phonetic"})
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<name>%?[A-Za-z_][A-Za-z0-9_]*|[0-9A-Fa-f]{8}(?![A-Za-z0-9]))"
    r"|(?P<number>[0-9]{1,4})|(?P<text>'[^']*')|(?P<mark>[.()\[\]=]))"
)
_REFERENCE: Final = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64})(?:/.*)?")


class Member(NamedTuple):
    """An element or an attribute of each value."""

    name: str


class At(NamedTuple):
    """One of all values: counted from 0, or from -1 backwards."""

    place: int


class Where(NamedTuple):
    """Those values that have something at a path: this text, if one is given."""

    path: "Path"
    text: str | None


class Resolved(NamedTuple):
    """What references lead to."""


Step = Member | At | Where | Resolved


class Path(NamedTuple):
    """A path, step by step."""

    steps: tuple[Step, ...]
    is_dicom: bool


class Related:
    """Resources that paths have come to, and those that are still to be read.

    Attributes
    ----------
    held
        By reference, ``Patient/1``; None where there is none.
    missing
        References that were asked for and are not held.
    """

    def __init__(self) -> None:
        self.held: dict[str, Json] = {}
        self.missing: set[str] = set()

    def find(self, reference: str) -> Json:
        """Return a resource, or note that it is to be read; None for none."""
        found = _REFERENCE.fullmatch(reference)
        if found is None:
            return None
        if found[1] not in self.held:
            self.missing.add(found[1])
            return None
        return self.held[found[1]]


def parse(text: str, *, is_dicom: bool) -> Path:
    """Return the path that a text is.

    Raises
    ------
    Invalid
        It is none; the message says where it ends to be one.
    """
    if len(text) > MAXIMUM_PATH:
        message = f"A path has at most {MAXIMUM_PATH} characters."
        raise Invalid(message)
    reading = _Reading(text, is_dicom=is_dicom)
    path = reading.path()
    reading.must_be_at_end()
    return path


def values_at(path: Path, item: Json, related: Related) -> list[Json]:
    """Return the values that stand at a path; none where nothing does."""
    found: list[Json] = [item]
    member = _attribute if path.is_dicom else _element
    for step in path.steps:
        found = _step(step, found, member, related)[:MAXIMUM_VALUES]
    return found


def _step(
    step: Step,
    found: Sequence[Json],
    member: Callable[[Json, str], Sequence[Json]],
    related: Related,
) -> list[Json]:
    match step:
        case Member(name):
            return [value for each in found for value in member(each, name)]
        case At(place):
            return list(found[place:][:1]) if place >= 0 else list(found[place:])
        case Where(path, text):
            return [each for each in found if _holds(path, text, each, related)]
        case Resolved():
            targets = (related.find(each) for each in map(_reference, found) if each)
            return [each for each in targets if each is not None]


def _holds(path: Path, text: str | None, item: Json, related: Related) -> bool:
    values = values_at(path, item, related)
    if text is None:
        return bool(values)
    return any(written(each) == text for each in values)


def written(value: Json) -> str:
    """Return a value of a simple type as text, as FHIR writes it; else nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else ""


def _reference(item: Json) -> str:
    text = item.get("reference") if isinstance(item, Mapping) else item
    return text if isinstance(text, str) else ""


def _attribute(item: Json, name: str) -> Sequence[Json]:
    found = item.get(name) if isinstance(item, dict) else None
    if isinstance(found, dict):
        return [each for each in found.get("Value", ()) if each is not None]
    return [found] if isinstance(found, str) and found else []


def _element(item: Json, name: str) -> Sequence[Json]:
    if not isinstance(item, Mapping):
        return []
    found = item.get(name)
    if found is None:
        found = next(_choices(item, name), None)
    if isinstance(found, list):
        return [each for each in found if each is not None]
    return [] if found is None else [found]


def _choices(item: Mapping[str, Json], name: str) -> Iterator[Json]:
    """Yield what a choice of types has (FHIR R4 2.6.1.5): ``occurrenceDateTime``."""
    for key, value in item.items():
        if key.startswith(name) and key[len(name) : len(name) + 1].isupper():
            yield value


class _Reading:
    """A text while it is read as a path."""

    def __init__(self, text: str, *, is_dicom: bool) -> None:
        self.text = text
        self.is_dicom = is_dicom
        self.at = 0

    def path(self) -> Path:
        steps = [self._segment()]
        while True:
            if self._takes("."):
                steps.append(self._segment())
            elif self._takes("["):
                steps.append(At(int(self._needs("number", "a number"))))
                self._must_take("]")
            else:
                return Path(tuple(steps), self.is_dicom)

    def must_be_at_end(self) -> None:
        if self.text[self.at :].strip():
            self._fail("the end, or a dot")

    def _segment(self) -> Step:
        name = self._needs("name", "a name")
        if not self._takes("("):
            return Member(self._member(name))
        step = self._function(name)
        self._must_take(")")
        return step

    def _function(self, name: str) -> Step:
        match name:
            case "first":
                return At(0)
            case "last":
                return At(-1)
            case "where":
                return self._where()
            case "resolve" if not self.is_dicom:
                return Resolved()
        known = "first, last and where" if self.is_dicom else "also resolve"
        message = f"There is no function {name}() here; there are {known}."
        raise Invalid(message)

    def _where(self) -> Where:
        path = self.path()
        if not self._takes("="):
            return Where(path, None)
        return Where(path, self._needs("text", "a text in '…'")[1:-1])

    def _member(self, name: str) -> str:
        if not self.is_dicom or name in _GROUPS:
            return name
        tag = resolve(name)
        if tag is None:
            message = f"{name[:64]} is no attribute: write a keyword or 8 digits."
            raise Invalid(message)
        return tag

    def _token(self) -> re.Match[str] | None:
        return _TOKEN.match(self.text, self.at)

    def _takes(self, mark: str) -> bool:
        found = self._token()
        if found is None or found["mark"] != mark:
            return False
        self.at = found.end()
        return True

    def _must_take(self, mark: str) -> None:
        if not self._takes(mark):
            self._fail(repr(mark))

    def _needs(self, kind: str, words: str) -> str:
        found = self._token()
        text = found[kind] if found else None
        if found is None or text is None:
            self._fail(words)
        assert found is not None and text is not None  # noqa: S101, PT018 failed before
        self.at = found.end()
        return text

    def _fail(self, wanted: str) -> None:
        shown = self.text.strip()[:100]
        message = f"In the path {shown!r} {wanted} is missing at {self.at + 1}."
        raise Invalid(message)
