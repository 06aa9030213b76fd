"""Reading criteria, and what their types cannot say: which names are bound where."""

import re
from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any, Final

from pydantic import ValidationError

from cohorts.criteria.model import (
    AllOf,
    AnyOf,
    AtLeast,
    Event,
    Node,
    NotThis,
    OfCohort,
    OfEvent,
    OfPatient,
    Query,
)
from cohorts.criteria.values import During, Near, Part
from core.errors import Invalid

MOST_LEAVES: Final = 100
MOST_DEPTH: Final = 12
_TYPES: Final = r"(?!(?:int|float|bool|str)$)"  # pydantic's, of a union
_MEMBER: Final = re.compile(_TYPES + r"[a-z][A-Za-z]*").fullmatch
_UNSTORABLE: Final = re.compile("[\0\ud800-\udfff]")
_OF_IMAGES: Final = ("modality", "body", "instances", "tags", "series", "report")
_OF_REPORTS: Final = ("report", "imaging")


def parse_criteria(data: object) -> Query:
    """Return criteria that are read from their JSON.

    Raises
    ------
    Invalid
        They break a rule of the language; ``path`` names the member.
    """
    _require_shallow(data)
    try:
        query = Query.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        path = _path(first["loc"])
        message = f"{path or 'The whole'}: {_reason(first)}."
        raise Invalid(message, path=path) from error
    _require_few(query)
    bound = _Names().enter(query.where, "where")
    for at, output in enumerate(query.output):
        _require_bound(output.when, bound, f"output.{at}.when")
    return query


def leaves(node: Node) -> Iterator[OfEvent | OfPatient]:
    """Yield the leaves of criteria, in their order."""
    for each in parts_of(node):
        yield from leaves(each)
    if isinstance(node, OfEvent | OfPatient):
        yield node


def said_leaves(said: Node, meant: Node) -> Iterator[int]:
    """Yield for each leaf of criteria its place among those that were asked.

    Parameters
    ----------
    said
        As it was asked: a cohort that was saved is one leaf.
    meant
        The same, with what it names written in its place.
    """
    places = count()
    yield from _said_leaves(said, meant, places)


def _said_leaves(said: Node, meant: Node, places: Iterator[int]) -> Iterator[int]:
    if isinstance(said, OfCohort):
        place = next(places)
        yield from (place for _ in leaves(meant))
    elif isinstance(said, OfEvent | OfPatient):
        yield next(places)
    else:
        for one, other in zip(parts_of(said), parts_of(meant), strict=True):
            yield from _said_leaves(one, other, places)


def parts_of(node: Node) -> tuple[Node, ...]:
    """Return what a node is made of."""
    match node:
        case AllOf():
            return node.all
        case AnyOf():
            return node.any
        case NotThis():
            return (node.not_,)
        case AtLeast():
            return node.atleast.of
        case _:
            return ()


class _Names:
    """Walks criteria in order; knows which names are bound where."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def enter(
        self, node: Node, path: str, bound: frozenset[str] = frozenset()
    ) -> frozenset[str]:
        """Return the names that are bound after a node, for what comes next."""
        match node:
            case AllOf():
                for at, each in enumerate(node.all):
                    bound = self.enter(each, f"{path}.all.{at}", bound)
                return bound
            case OfEvent():
                return self._event(node.event, f"{path}.event", bound)
            case OfPatient():
                patient = node.patient
                if patient.deceased is not None and not isinstance(
                    patient.deceased, bool
                ):
                    when = patient.deceased.when
                    _require_bound(when, bound, f"{path}.patient.deceased.when")
                at_ = patient.age.at if patient.age else ""
                _require_age(at_, bound, f"{path}.patient.age.at")
                return bound
            case _:
                # What is bound in here is known in here only.
                for at, each in enumerate(parts_of(node)):
                    self.enter(each, f"{path}.{_member(node)}.{at}", bound)
                return bound

    def _event(self, event: Event, path: str, bound: frozenset[str]) -> frozenset[str]:
        if event.type != "imaging":
            found = [e for e in _OF_IMAGES if getattr(event, e) is not None]
            if found:
                message = f"{path}: only an event of type imaging has {found[0]}."
                raise Invalid(message, path=f"{path}.{found[0]}")
        if event.text is not None and event.type not in _OF_REPORTS:
            message = f"{path}: only a report has text; an observation has a value."
            raise Invalid(message, path=f"{path}.text")
        _require_bound(event.when, bound, f"{path}.when")
        if event.age is not None and event.age.at != "now":
            message = f"{path}: the age of an event is that at its date."
            raise Invalid(message, path=f"{path}.age.at")
        if event.same is not None and not bound:
            message = f"{path}: the same {event.same} as which? Name an event before."
            raise Invalid(message, path=f"{path}.same")
        if event.as_ is None:
            return bound
        if event.as_ in self._taken:
            message = f"{path}: the name {event.as_} is taken."
            raise Invalid(message, path=f"{path}.as")
        self._taken.add(event.as_)
        return bound | {event.as_}


def _member(node: Part) -> str:
    field = next(iter(type(node).model_fields.items()))
    return field[1].alias or field[0]


def _require_bound(when: Part | None, bound: frozenset[str], path: str) -> None:
    name = ""
    if isinstance(when, Near):
        name = when.near.removesuffix(".end")
    elif isinstance(when, During):
        name = when.during
    if name and name not in bound:
        message = (
            f"{path}: {name} is not the name of an event before, outside of not, any"
            " and atleast."
        )
        raise Invalid(message, path=path)


def _require_age(at: str, bound: frozenset[str], path: str) -> None:
    if at.startswith("@") and at[1:] not in bound:
        message = f"{path}: {at[1:]} is not the name of an event before."
        raise Invalid(message, path=path)


def _require_shallow(data: object, depth: int = 0) -> None:
    if depth > MOST_DEPTH * 2:
        message = f"Criteria are at most {MOST_DEPTH} groups deep."
        raise Invalid(message, path="where")
    if isinstance(data, Mapping):
        for each in data.values():
            _require_shallow(each, depth + 1)
    elif isinstance(data, list):
        for each in data:
            _require_shallow(each, depth + 1)
    elif isinstance(data, str) and _UNSTORABLE.search(data):
        message = "Criteria have text without NUL and without halves of characters."
        raise Invalid(message, path="where")


def _require_few(query: Query) -> None:
    number = sum(1 for _ in leaves(query.where))
    if number > MOST_LEAVES:
        message = f"Criteria have at most {MOST_LEAVES} leaves; these have {number}."
        raise Invalid(message, path="where")


def _path(location: tuple[int | str, ...]) -> str:
    """Return where it is, without the types that pydantic names on its way."""
    return ".".join(str(e) for e in location if isinstance(e, int) or _MEMBER(e))


def _reason(error: Mapping[str, Any]) -> str:
    text = str(error["msg"]).removeprefix("Value error, ")
    return text[:1].lower() + text[1:].rstrip(".")
