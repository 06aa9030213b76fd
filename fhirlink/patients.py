"""Finding patients of the record by what people know of them.

A search of FHIR (`fhirlink.search`) underneath: names are found by the beginnings of
their words, without regard to case and accents.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from core.access import Actor
from core.errors import Invalid
from fhirlink.definitions.parameters import parameters_of
from fhirlink.search.asked import Asked, SortKey, Total
from fhirlink.search.find import search
from fhirlink.search.order import Cursor, written
from fhirlink.search.parse import Budget, condition_of
from fhirlink.search.rows import Found
from fhirlink.search.terms import Condition

PATIENT: Final = "Patient"
MAXIMUM_WORDS: Final = 10
MAXIMUM_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of patients that are looked for; all of it has to be so.

    Attributes
    ----------
    text
        Words of a name, or an identifier.
    name
        Words of a name.
    identifier
        A value, with or without its system before it: ``system|value``.
    birth_date
        A day, a month or a year.
    """

    text: str = ""
    name: str = ""
    identifier: str = ""
    birth_date: str = ""
    sex: str = ""


class Patients(NamedTuple):
    """A page of patients, each with the cursor that a page may begin after."""

    rows: Sequence[tuple[str, Found]]
    has_more: bool


def find_patients(
    *, actor: Actor, partition: str, known: Known, limit: int, after: str | None
) -> Patients:
    """Return a page of the patients that the actor sees, those written last first.

    Raises
    ------
    Forbidden, NotFound
        The actor may not see who patients are here.
    Invalid
        What is known has no meaning; `path` is what of it.
    """
    asked = _asked(known, limit, after)
    words = " ".join(f"{name}={text}" for pairs in _ways(known) for name, text in pairs)
    page = search(actor=actor, partition=partition, asked=asked, query=words)
    rows = [
        (written(Cursor(each.key, (each.at,), None), asked), each)
        for each in page.matches
    ]
    return Patients(rows, page.cursor is not None)


def count_patients(*, actor: Actor, partition: str, known: Known) -> int:
    """Return how many patients are so."""
    asked = _asked(known, 0, None)
    page = search(actor=actor, partition=partition, asked=asked, query="number")
    return page.total or 0


def _asked(known: Known, limit: int, after: str | None) -> Asked:
    """Return the search: each way in which the text may be meant is a type of its."""
    ways = list(_ways(known))
    return Asked(
        types=tuple(PATIENT for _ in ways),
        conditions=tuple(tuple(_conditions(pairs)) for pairs in ways),
        sort=(SortKey(parameters_of(PATIENT)["_lastUpdated"], is_descending=True),),
        count=limit,
        total=Total.NONE,
        cursor=after,
        pairs=tuple(pair for pairs in ways for pair in pairs),
    )


def _ways(known: Known) -> Iterator[Sequence[tuple[str, str]]]:
    both = [
        *_of_name(known.name, "name"),
        *([("identifier", known.identifier)] if known.identifier else []),
        *([("birthdate", known.birth_date)] if known.birth_date else []),
        *([("gender", known.sex)] if known.sex else []),
    ]
    yield [*both, *_of_name(known.text, "text")]
    if text := known.text.strip():
        yield [*both, ("identifier", _escaped(text))]


def _of_name(text: str, path: str) -> list[tuple[str, str]]:
    words = text.replace(",", " ").replace("^", " ").split()
    if len(words) > MAXIMUM_WORDS or len(text) > MAXIMUM_CHARACTERS:
        message = f"A name is looked for by at most {MAXIMUM_WORDS} words."
        raise Invalid(message, path=path)
    return [("name", _escaped(word)) for word in words]


def _escaped(text: str) -> str:
    for character in "\\,$|":
        text = text.replace(character, f"\\{character}")
    return text


def _conditions(pairs: Sequence[tuple[str, str]]) -> Iterator[Condition]:
    budget = Budget()
    for name, text in pairs:
        yield condition_of(PATIENT, name, text, budget)
